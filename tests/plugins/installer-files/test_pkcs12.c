/* SPDX-License-Identifier: Apache-2.0 */
#include "pkcs12.h"

#include <gnutls/pkcs12.h>

#include "material.h"

#define PASSWORD "correct horse"

static char key_text[] = MATERIAL_KEY;
static char chain_text[] = MATERIAL_CERT MATERIAL_CHAIN;
static char leaf_text[] = MATERIAL_CERT;

static const struct files_blob key = { key_text, sizeof(key_text) - 1, 0 };
static const struct files_blob chain = { chain_text, sizeof(chain_text) - 1, 0 };
static const struct files_blob leaf = { leaf_text, sizeof(leaf_text) - 1, 0 };

static bool start(struct fake_host *fake, const char *password)
{
    if (!fake_host_start(fake, &acmecore_plugin))
        return false;
    fake_host_set(fake, "pkcs12-password", password);
    return true;
}

static int verify(const struct files_blob *blob, const char *password)
{
    gnutls_datum_t data = { (unsigned char *)blob->bytes, (unsigned)blob->size };
    gnutls_pkcs12_t file = NULL;
    int code = gnutls_pkcs12_init(&file);

    if (code == 0)
        code = gnutls_pkcs12_import(file, &data, GNUTLS_X509_FMT_DER, 0);
    if (code == 0)
        code = gnutls_pkcs12_verify_mac(file, password);
    gnutls_pkcs12_deinit(file);
    return code;
}

AC_TEST(password_opens_the_file_and_no_other_does)
{
    struct fake_host fake;
    FILES_AUTO_BLOB made = { 0 };

    AC_REQUIRE(start(&fake, PASSWORD "\n"));
    AC_REQUIRE(pkcs12_make(&fake.host, "www", &key, &chain, &made) == ACMECORE_OK);

    CU_ASSERT_EQUAL(verify(&made, PASSWORD), 0);
    CU_ASSERT_NOT_EQUAL(verify(&made, "wrong"), 0);
}

AC_TEST(the_same_made_twice_is_the_same)
{
    struct fake_host fake;
    FILES_AUTO_BLOB one = { 0 };
    FILES_AUTO_BLOB other = { 0 };
    FILES_AUTO_BLOB shorter = { 0 };

    AC_REQUIRE(!ac_check_is_torture()); /* keys of passwords are slow */
    AC_REQUIRE(start(&fake, PASSWORD));
    AC_REQUIRE(pkcs12_make(&fake.host, "www", &key, &chain, &one) == ACMECORE_OK);
    AC_REQUIRE(pkcs12_make(&fake.host, "www", &key, &chain, &other) == ACMECORE_OK);
    AC_REQUIRE(pkcs12_make(&fake.host, "www", &key, &leaf, &shorter) == ACMECORE_OK);

    CU_ASSERT_FALSE(files_blob_is(&one, &other));
    CU_ASSERT_TRUE(pkcs12_is_same(&fake.host, &one, &other));
    CU_ASSERT_FALSE(pkcs12_is_same(&fake.host, &one, &shorter));
}

AC_TEST(another_password_or_rubbish_is_not_the_same)
{
    struct fake_host fake;
    FILES_AUTO_BLOB made = { 0 };

    AC_REQUIRE(!ac_check_is_torture()); /* keys of passwords are slow */
    AC_REQUIRE(start(&fake, PASSWORD));
    AC_REQUIRE(pkcs12_make(&fake.host, "www", &key, &chain, &made) == ACMECORE_OK);

    CU_ASSERT_FALSE(pkcs12_is_same(&fake.host, &leaf, &made));
    fake_host_unset(&fake, "pkcs12-password");
    fake_host_set(&fake, "pkcs12-password", "new");
    CU_ASSERT_FALSE(pkcs12_is_same(&fake.host, &made, &made));
}

AC_TEST(password_is_needed)
{
    struct fake_host fake;
    FILES_AUTO_BLOB made = { 0 };

    AC_REQUIRE(fake_host_start(&fake, &acmecore_plugin));

    CU_ASSERT_EQUAL(pkcs12_make(&fake.host, "www", &key, &chain, &made),
                    ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "set pkcs12-password"));
    fake_host_set(&fake, "pkcs12-password", "\n");
    CU_ASSERT_EQUAL(pkcs12_make(&fake.host, "www", &key, &chain, &made),
                    ACMECORE_E_CONFIG);
}

AC_TEST(key_that_cannot_be_read_is_told_without_its_bytes)
{
    struct fake_host fake;
    FILES_AUTO_BLOB made = { 0 };

    AC_REQUIRE(start(&fake, PASSWORD));

    CU_ASSERT_EQUAL(pkcs12_make(&fake.host, "www", &leaf, &chain, &made),
                    ACMECORE_E_SYSTEM);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "cannot make PKCS #12"));
    CU_ASSERT_FALSE(fake_host_failed_with(&fake, PASSWORD));
}

AC_SUITE("installer-files/pkcs12", AC_CASE(password_opens_the_file_and_no_other_does),
         AC_CASE(the_same_made_twice_is_the_same),
         AC_CASE(another_password_or_rubbish_is_not_the_same),
         AC_CASE(password_is_needed),
         AC_CASE(key_that_cannot_be_read_is_told_without_its_bytes))
