/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "crypto/handle.h"
#include "crypto/pkcs12.h"
#include "keys.h"
#include "pki.h"

#include <string.h>

#define KEYS     AC_TEST_DATA "/keys/"
#define PASSWORD "caf\xc3\xa9 1"

static const char *const names[] = { "example.org", NULL };

static enum ac_code make(const char *password, struct ac_secret *ret_der,
                         struct ac_error *err)
{
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_text) pem = { 0 };
    AC_AUTO(ac_chain) *chain = NULL;
    AC_AUTO(ac_secret) secret = { 0 };
    struct ac_pki_options options = { .names = names, .more_count = 1 };

    AC_TRY(ac_keys_load(KEYS "p256.pem", &key, err));
    options.key = key;
    AC_TRY(ac_pki_chain(&options, &pem, err));
    AC_TRY(ac_chain_parse(pem.bytes, pem.size, &chain, err));
    AC_TRY(ac_secret_copy(password, strlen(password), &secret, err));
    return ac_pkcs12_new(chain, key, "www", &secret, ret_der, err);
}

/* What GnuTLS finds in it. */
struct contents {
    struct gnutls_x509_privkey_int *key;
    gnutls_x509_crt_t *chain;
    unsigned int chain_count;
};

static void contents_done(struct contents *contents)
{
    for (unsigned int i = 0; i < contents->chain_count; i++)
        gnutls_x509_crt_deinit(contents->chain[i]);
    gnutls_free(contents->chain);
    gnutls_x509_privkey_deinit(contents->key);
}
AC_DEFINE_DROP_VALUE(contents, contents_done)

static int read_contents(const struct ac_secret *der, const char *password,
                         struct contents *contents)
{
    AC_AUTO(gnutls_pkcs12_int) *file = NULL;
    gnutls_datum_t bytes = { der->bytes, (unsigned int)der->size };
    int status = gnutls_pkcs12_init(&file);

    if (status >= 0)
        status = gnutls_pkcs12_import(file, &bytes, GNUTLS_X509_FMT_DER, 0);
    if (status >= 0)
        status = gnutls_pkcs12_verify_mac(file, password);
    if (status >= 0) {
        status =
            gnutls_pkcs12_simple_parse(file, password, &contents->key, &contents->chain,
                                       &contents->chain_count, NULL, NULL, NULL, 0);
    }
    return status;
}

AC_TEST(key_and_chain_are_found_in_it_with_the_password)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_secret) der = { 0 };
    AC_AUTO(contents) contents = { 0 };

    AC_REQUIRE_OK(make(PASSWORD, &der, &err));
    AC_REQUIRE(read_contents(&der, PASSWORD, &contents) >= 0);

    CU_ASSERT_PTR_NOT_NULL(contents.key);
    CU_ASSERT_EQUAL(contents.chain_count, 3);
}

AC_TEST(another_password_opens_nothing)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_secret) der = { 0 };
    AC_AUTO(contents) contents = { 0 };

    AC_REQUIRE_OK(make(PASSWORD, &der, &err));

    CU_ASSERT_TRUE(read_contents(&der, "guess", &contents) < 0);
}

AC_TEST(the_key_is_not_readable_in_it)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_secret) der = { 0 };

    AC_REQUIRE_OK(make(PASSWORD, &der, &err));

    CU_ASSERT_PTR_NULL(memmem(der.bytes, der.size, "\x02\x01\x01\x04\x20", 5));
    CU_ASSERT_PTR_NULL(memmem(der.bytes, der.size, "example", 7));
}

AC_TEST(an_empty_password_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_secret) der = { 0 };

    AC_REQUIRE_CODE(make("", &der, &err), AC_E_INVALID);

    CU_ASSERT_STRING_EQUAL(err.detail, "the password is empty, or has a NUL in it");
}

AC_SUITE("crypto/pkcs12", AC_CASE(key_and_chain_are_found_in_it_with_the_password),
         AC_CASE(another_password_opens_nothing),
         AC_CASE(the_key_is_not_readable_in_it), AC_CASE(an_empty_password_is_refused))
