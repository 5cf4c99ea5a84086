/* SPDX-License-Identifier: Apache-2.0 */
#include "config/source.h"

#include "check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define LIMIT 64

static bool holds(const struct ac_secret *secret, const char *text)
{
    return secret->size == strlen(text)
           && memcmp(secret->bytes, text, secret->size) == 0;
}

AC_TEST(forms_are_path_file_environment_and_credential)
{
    struct ac_error err = { 0 };

    CU_ASSERT_EQUAL(ac_source_check("/etc/key", &err), AC_OK);
    CU_ASSERT_EQUAL(ac_source_check("file:/etc/key", &err), AC_OK);
    CU_ASSERT_EQUAL(ac_source_check("env:TSIG_KEY", &err), AC_OK);
    CU_ASSERT_EQUAL(ac_source_check("credential:tsig.key", &err), AC_OK);
}

AC_TEST(what_may_be_the_secret_itself_is_not_repeated)
{
    struct ac_error err = { 0 };

    CU_ASSERT_EQUAL(ac_source_check("c2VjcmV0", &err), AC_E_USAGE);
    CU_ASSERT_PTR_NULL(strstr(err.detail, "c2VjcmV0"));
    CU_ASSERT_STRING_EQUAL(err.detail,
                           "where the secret is, is an absolute path, file:PATH, "
                           "env:NAME or credential:NAME; the secret itself is not "
                           "written here");
}

AC_TEST(names_that_lead_elsewhere_are_refused)
{
    struct ac_error err = { 0 };

    CU_ASSERT_EQUAL(ac_source_check("file:key", &err), AC_E_USAGE);
    CU_ASSERT_EQUAL(ac_source_check("env:", &err), AC_E_USAGE);
    CU_ASSERT_EQUAL(ac_source_check("env:A-B", &err), AC_E_USAGE);
    CU_ASSERT_EQUAL(ac_source_check("credential:../key", &err), AC_E_USAGE);
    CU_ASSERT_EQUAL(ac_source_check("credential:..", &err), AC_E_USAGE);
}

AC_TEST(file_is_read_and_must_be_ours_alone)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_secret) secret = { 0 };
    AC_AUTO(ac_secret) other = { 0 };
    char source[512];
    const char *path = ac_test_path("key");

    AC_REQUIRE(ac_test_write_file(path, "s3cret", 6));
    (void)snprintf(source, sizeof source, "file:%s", path);
    AC_REQUIRE_OK(ac_source_read(source, LIMIT, &secret, &err));
    CU_ASSERT(holds(&secret, "s3cret"));
    AC_REQUIRE(chmod(path, 0644) == 0);
    AC_REQUIRE_CODE(ac_source_read(source, LIMIT, &other, &err), AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "chmod 600"));
}

AC_TEST(variable_is_read_and_must_be_set)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_secret) secret = { 0 };
    AC_AUTO(ac_secret) none = { 0 };

    AC_REQUIRE(setenv("AC_TEST_SECRET", "s3cret", 1) == 0);
    AC_REQUIRE_OK(ac_source_read("env:AC_TEST_SECRET", LIMIT, &secret, &err));
    CU_ASSERT(holds(&secret, "s3cret"));
    AC_REQUIRE_CODE(ac_source_read("env:AC_TEST_SECRET", 3, &none, &err), AC_E_INVALID);
    AC_REQUIRE(unsetenv("AC_TEST_SECRET") == 0);
    AC_REQUIRE_CODE(ac_source_read("env:AC_TEST_SECRET", LIMIT, &none, &err),
                    AC_E_USAGE);
    CU_ASSERT_STRING_EQUAL(err.detail,
                           "env:AC_TEST_SECRET: the variable is not set, or is empty");
}

AC_TEST(credential_comes_from_the_folder_of_systemd_whatever_its_mode)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_secret) secret = { 0 };
    AC_AUTO(ac_secret) none = { 0 };
    const char *path = ac_test_path("tsig");

    AC_REQUIRE(ac_test_write_file(path, "s3cret", 6) && chmod(path, 0440) == 0);
    AC_REQUIRE(setenv("CREDENTIALS_DIRECTORY", ac_test_folder(), 1) == 0);
    AC_REQUIRE_OK(ac_source_read("credential:tsig", LIMIT, &secret, &err));
    CU_ASSERT(holds(&secret, "s3cret"));
    AC_REQUIRE(unsetenv("CREDENTIALS_DIRECTORY") == 0);
    AC_REQUIRE_CODE(ac_source_read("credential:tsig", LIMIT, &none, &err), AC_E_USAGE);
    CU_ASSERT_STRING_EQUAL(err.detail,
                           "credential:tsig: there are no credentials here "
                           "(CREDENTIALS_DIRECTORY is not set; a service gets them by "
                           "LoadCredential=)");
}

AC_SUITE("config/source", AC_CASE(forms_are_path_file_environment_and_credential),
         AC_CASE(what_may_be_the_secret_itself_is_not_repeated),
         AC_CASE(names_that_lead_elsewhere_are_refused),
         AC_CASE(file_is_read_and_must_be_ours_alone),
         AC_CASE(variable_is_read_and_must_be_set),
         AC_CASE(credential_comes_from_the_folder_of_systemd_whatever_its_mode))
