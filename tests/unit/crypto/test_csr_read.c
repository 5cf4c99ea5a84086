/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "crypto/csr.h"
#include "crypto/handle.h"
#include "keys.h"
#include "request.h"

#include <string.h>

#define KEYS AC_TEST_DATA "/keys/"

static const char *const names[] = { "example.org", "*.EXAMPLE.org", NULL };

static enum ac_code make(struct ac_request_options options, const char *key_path,
                         struct ac_text *der, struct ac_error *err)
{
    AC_AUTO(ac_key) *key = NULL;

    AC_TRY(ac_keys_load(key_path, &key, err));
    options.key = key;
    return ac_request_new(&options, der, err);
}

static enum ac_code parse(struct ac_request_options options, struct ac_csr *ret_csr,
                          struct ac_error *err)
{
    AC_AUTO(ac_text) der = { 0 };

    AC_TRY(make(options, KEYS "p256.pem", &der, err));
    return ac_csr_parse(der.bytes, der.size, ret_csr, err);
}

static void check_names(const struct ac_csr *csr, const char *wanted)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_identifiers) identifiers = { 0 };

    AC_REQUIRE_OK(ac_identifiers_parse(wanted, &identifiers, &err));
    CU_ASSERT_TRUE(ac_identifiers_is_same_set(&csr->identifiers, &identifiers));
}

AC_TEST(names_are_those_of_subject_alt_name_in_canonical_form)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_csr) csr = { 0 };

    AC_REQUIRE_OK(parse(
        (struct ac_request_options){ .names = names, .address = "\xc0\x00\x02\x01" },
        &csr, &err));

    check_names(&csr, "example.org,*.example.org,192.0.2.1");
    CU_ASSERT_FALSE(csr.must_staple);
}

AC_TEST(the_common_name_is_a_name_too)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_csr) alone = { 0 };
    AC_AUTO(ac_csr) same = { 0 };
    AC_AUTO(ac_csr) more = { 0 };

    AC_REQUIRE_OK(
        parse((struct ac_request_options){ .common_name = "a.test" }, &alone, &err));
    AC_REQUIRE_OK(parse(
        (struct ac_request_options){ .names = names, .common_name = "Example.org" },
        &same, &err));
    AC_REQUIRE_OK(
        parse((struct ac_request_options){ .names = names, .common_name = "a.test" },
              &more, &err));

    check_names(&alone, "a.test");
    check_names(&same, "example.org,*.example.org");
    check_names(&more, "example.org,*.example.org,a.test");
}

AC_TEST(the_key_is_that_of_the_request_and_its_bytes_stay)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) der = { 0 };
    AC_AUTO(ac_csr) csr = { 0 };
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_text) signature = { 0 };
    bool is_same = false;

    AC_REQUIRE_OK(make((struct ac_request_options){ .names = names },
                       KEYS "rsa-2048.pem", &der, &err));
    AC_REQUIRE_OK(ac_csr_parse(der.bytes, der.size, &csr, &err));
    AC_REQUIRE_OK(ac_keys_load(KEYS "rsa-2048.pem", &key, &err));
    AC_REQUIRE_OK(ac_key_is_same(key, csr.key, &is_same, &err));

    CU_ASSERT_TRUE(is_same);
    CU_ASSERT_EQUAL(ac_key_type_of(csr.key), AC_KEY_RSA_2048);
    CU_ASSERT_FALSE(ac_key_can_export(csr.key));
    CU_ASSERT_EQUAL(csr.der.size, der.size);
    CU_ASSERT_EQUAL(memcmp(csr.der.bytes, der.bytes, der.size), 0);
    AC_REQUIRE_CODE(ac_key_sign(csr.key, "a", 1, &signature, &err), AC_E_INVALID);
}

AC_TEST(pem_is_read_with_either_label_and_text_around_it)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) der = { 0 };
    AC_AUTO(ac_text) pem = { 0 };
    AC_AUTO(ac_text) around = { 0 };
    AC_AUTO(ac_csr) csr = { 0 };

    AC_REQUIRE_OK(make((struct ac_request_options){ .names = names }, KEYS "p384.pem",
                       &der, &err));
    AC_REQUIRE_OK(ac_csr_pem(&der, &pem, &err));
    AC_REQUIRE_OK(
        ac_text_addf(&around, &err, "Certificate Request:\n%s\n", ac_text_get(&pem)));
    AC_REQUIRE_OK(ac_csr_parse(around.bytes, around.size, &csr, &err));

    CU_ASSERT_EQUAL(csr.der.size, der.size);
    CU_ASSERT_PTR_NOT_NULL(strstr(pem.bytes, "-----BEGIN CERTIFICATE REQUEST-----"));
}

AC_TEST(what_it_asks_for_besides_is_passed_through)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_csr) csr = { 0 };

    AC_REQUIRE_OK(parse((struct ac_request_options){ .names = names,
                                                     .must_staple = true,
                                                     .other_extension = "1.2.3.4.5" },
                        &csr, &err));

    CU_ASSERT_TRUE(csr.must_staple);
    CU_ASSERT_PTR_NOT_NULL(
        memmem(csr.der.bytes, csr.der.size, "\x06\x04\x2a\x03\x04\x05", 6));
}

static void refuse(struct ac_request_options options, const char *part)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_csr) csr = { 0 };

    AC_REQUIRE_CODE(parse(options, &csr, &err), AC_E_INVALID);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, part));
    CU_ASSERT_PTR_NULL(csr.key);
}

AC_TEST(requests_that_no_ca_takes_are_refused)
{
    refuse((struct ac_request_options){ .names = names, .has_broken_signature = true },
           "signature");
    refuse((struct ac_request_options){ .names = names, .is_sha1 = true }, "SHA1");
    refuse((struct ac_request_options){ .names = names, .email = "a@example.org" },
           "e-mail");
    refuse((struct ac_request_options){ 0 }, "no names");
    refuse((struct ac_request_options){ .names = names, .common_name = "Example Inc" },
           "Example Inc");
}

AC_TEST(a_weak_key_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_csr) csr = { 0 };
    AC_AUTO(gnutls_privkey_st) *weak = NULL;
    AC_AUTO(ac_text) der = { 0 };
    AC_AUTO(ac_key) *whole = NULL;
    struct ac_request_options options = { .names = names };

    AC_REQUIRE_OK(ac_keys_load(KEYS "p256.pem", &whole, &err));
    AC_REQUIRE(gnutls_privkey_init(&weak) >= 0);
    AC_REQUIRE(gnutls_privkey_generate(weak, GNUTLS_PK_RSA, 1024, 0) >= 0);
    gnutls_privkey_deinit(whole->private_key);
    whole->private_key = AC_TAKE(weak);
    AC_REQUIRE(gnutls_pubkey_import_privkey(whole->public_key, whole->private_key, 0, 0)
               >= 0);
    options.key = whole;
    AC_REQUIRE_OK(ac_request_new(&options, &der, &err));

    AC_REQUIRE_CODE(ac_csr_parse(der.bytes, der.size, &csr, &err), AC_E_INVALID);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "2048"));
}

static void refuse_bytes(const void *bytes, size_t size)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_csr) csr = { 0 };

    AC_REQUIRE_CODE(ac_csr_parse(bytes, size, &csr, &err), AC_E_INVALID);

    CU_ASSERT_PTR_NULL(csr.der.bytes);
}

AC_TEST(what_is_no_request_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) der = { 0 };

    refuse_bytes("", 0);
    refuse_bytes("hello", 5);
    refuse_bytes("\x30\x00", 2);
    refuse_bytes("-----BEGIN CERTIFICATE REQUEST-----\n!\n"
                 "-----END CERTIFICATE REQUEST-----\n",
                 72);
    AC_REQUIRE_OK(make((struct ac_request_options){ .names = names }, KEYS "p256.pem",
                       &der, &err));
    AC_REQUIRE_OK(ac_text_add(&der, "x", 1, &err));
    refuse_bytes(der.bytes, der.size);
    refuse_bytes(der.bytes, der.size - 2);
    refuse_bytes(der.bytes, AC_CSR_BYTES_MAX + 1u);
}

AC_SUITE("crypto/csr_read",
         AC_CASE(names_are_those_of_subject_alt_name_in_canonical_form),
         AC_CASE(the_common_name_is_a_name_too),
         AC_CASE(the_key_is_that_of_the_request_and_its_bytes_stay),
         AC_CASE(pem_is_read_with_either_label_and_text_around_it),
         AC_CASE(what_it_asks_for_besides_is_passed_through),
         AC_CASE(requests_that_no_ca_takes_are_refused), AC_CASE(a_weak_key_is_refused),
         AC_CASE(what_is_no_request_is_refused))
