/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/accounts/account_import.h"

#include "base/text.h"
#include "check.h"
#include "keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REGISTRATION "{\"body\":{},\"uri\":\"https://ca.test/account/1\"}"

static const char *write_as(const char *name, const char *text)
{
    const char *path = ac_test_path(name);

    if (!ac_test_write_file(path, text, strlen(text)) || chmod(path, 0600) != 0)
        return "";
    return path;
}

static enum ac_code read_text(const char *text, struct ac_imported_key *ret_imported,
                              struct ac_error *err)
{
    return ac_account_import_read(write_as("given", text), ret_imported, err);
}

/* The key of these bytes has the thumbprint of this JWK. */
static void same_key(const char *text, const char *jwk)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_imported_key) imported = { 0 };
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO_TEXT char *theirs = NULL;
    AC_AUTO_TEXT char *ours = NULL;

    AC_REQUIRE_OK(read_text(text, &imported, &err));
    AC_REQUIRE_OK(ac_keys_of_jwk(jwk, &key, &err));
    AC_REQUIRE_OK(ac_key_thumbprint(imported.key, &theirs, &err));
    AC_REQUIRE_OK(ac_key_thumbprint(key, &ours, &err));
    CU_ASSERT_STRING_EQUAL(theirs, ours);
    CU_ASSERT_PTR_NULL(imported.url);
}

AC_TEST(jwk_of_each_family_is_read)
{
    same_key(AC_KEYS_EC, AC_KEYS_EC);
    same_key("\n\t " AC_KEYS_RSA "\n", AC_KEYS_RSA);
    same_key(AC_KEYS_ED, AC_KEYS_ED);
}

AC_TEST(pem_is_read)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_secret) pem = { 0 };

    AC_REQUIRE_OK(ac_keys_of_jwk(AC_KEYS_EC, &key, &err));
    AC_REQUIRE_OK(ac_key_export(key, &pem, &err));
    same_key((const char *)pem.bytes, AC_KEYS_EC);
}

AC_TEST(url_beside_certbots_key_is_read)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_imported_key) imported = { 0 };

    AC_REQUIRE(*write_as("regr.json", REGISTRATION));
    AC_REQUIRE_OK(ac_account_import_read(write_as("private_key.json", AC_KEYS_EC),
                                         &imported, &err));

    AC_REQUIRE(imported.url != NULL);
    CU_ASSERT_STRING_EQUAL(imported.url, "https://ca.test/account/1");
}

AC_TEST(what_lies_beside_and_cannot_be_read_is_not_there)
{
    static const char *const files[] = { "", "[]", "{\"uri\":7}", "{\"uri\"", "{}" };
    struct ac_error err = { 0 };

    for (size_t i = 0; i < AC_COUNT(files); i++) {
        AC_AUTO(ac_imported_key) imported = { 0 };

        AC_REQUIRE(*write_as("regr.json", files[i]));
        AC_REQUIRE_OK(ac_account_import_read(write_as("private_key.json", AC_KEYS_EC),
                                             &imported, &err));
        CU_ASSERT_PTR_NULL(imported.url);
    }
}

AC_TEST(what_is_no_key_is_refused_and_not_shown)
{
    static const char *const files[] = {
        "",
        "SECRET",
        "{\"kty\":\"SECRET\"}",
        "{SECRET",
        "{\"kty\":\"oct\",\"k\":\"SECRET\"}",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":7,\"y\":[],\"d\":{}}",
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\",\"d\":\"AA\"}",
        "{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\",\"d\":\"AQAB\"}",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN PRIVATE KEY-----\nU0VDUkVU\n-----END PRIVATE KEY-----\n",
    };

    for (size_t i = 0; i < AC_COUNT(files); i++) {
        struct ac_error err = { 0 };
        AC_AUTO(ac_imported_key) imported = { 0 };

        AC_REQUIRE_CODE(read_text(files[i], &imported, &err), AC_E_USAGE);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "given"));
        CU_ASSERT_PTR_NULL(imported.key);
    }
}

AC_TEST(encrypted_key_says_how_to_decrypt_it)
{
    static const char *const files[] = {
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE "
        "KEY-----\n",
        "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: "
        "AES-128-CBC,00\n\nAAAA\n-----END EC PRIVATE KEY-----\n",
    };

    for (size_t i = 0; i < AC_COUNT(files); i++) {
        struct ac_error err = { 0 };
        AC_AUTO(ac_imported_key) imported = { 0 };

        AC_REQUIRE_CODE(read_text(files[i], &imported, &err), AC_E_USAGE);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "openssl pkey"));
    }
}

AC_TEST(files_that_cannot_be_trusted_or_read_are_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_imported_key) imported = { 0 };
    const char *path = write_as("given", AC_KEYS_EC);

    AC_REQUIRE_CODE(ac_account_import_read(ac_test_path("none"), &imported, &err),
                    AC_E_NOTFOUND);
    AC_REQUIRE_CODE(ac_account_import_read(ac_test_folder(), &imported, &err),
                    AC_E_USAGE);
    AC_REQUIRE(chmod(path, 0644) == 0);
    AC_REQUIRE_CODE(ac_account_import_read(path, &imported, &err), AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "chmod 600"));
    AC_REQUIRE(mkfifo(ac_test_path("pipe"), 0600) == 0);
    AC_REQUIRE_CODE(ac_account_import_read(ac_test_path("pipe"), &imported, &err),
                    AC_E_USAGE);
}

AC_TEST(file_that_is_too_long_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_imported_key) imported = { 0 };
    const char *path = write_as("given", AC_KEYS_EC);

    AC_REQUIRE(truncate(path, AC_IMPORT_FILE_MAX + 1) == 0);
    AC_REQUIRE_CODE(ac_account_import_read(path, &imported, &err), AC_E_USAGE);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "longer than"));
}

AC_SUITE("engine/account_import", AC_CASE(jwk_of_each_family_is_read),
         AC_CASE(pem_is_read), AC_CASE(url_beside_certbots_key_is_read),
         AC_CASE(what_lies_beside_and_cannot_be_read_is_not_there),
         AC_CASE(what_is_no_key_is_refused_and_not_shown),
         AC_CASE(encrypted_key_says_how_to_decrypt_it),
         AC_CASE(files_that_cannot_be_trusted_or_read_are_refused),
         AC_CASE(file_that_is_too_long_is_refused))
