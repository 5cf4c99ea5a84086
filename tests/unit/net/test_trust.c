/* SPDX-License-Identifier: Apache-2.0 */
#include "net/trust.h"

#include "check.h"

#include <string.h>

static const char *write(const char *text)
{
    const char *path = ac_test_path("ca.pem");

    return ac_test_write_file(path, text, strlen(text)) ? path : NULL;
}

AC_TEST(file_with_a_certificate_is_taken)
{
    struct ac_error err = { 0 };

    enum ac_code code = ac_trust_check_file(AC_TEST_DATA "/net/ca.pem", &err);

    AC_REQUIRE_OK(code);
}

AC_TEST(certificate_behind_other_text_is_found)
{
    struct ac_error err = { 0 };
    const char *path = write("subject: a root\n-----BEGIN CERTIFICATE-----\nno\n"
                             "-----BEGIN CERTIFICATE-----\r\nMIIBbjCC\r\nARSg==\r\n"
                             "-----END CERTIFICATE-----\r\n");

    AC_REQUIRE_OK(ac_trust_check_file(path, &err));

    CU_ASSERT_EQUAL(err.code, AC_OK);
}

AC_TEST(missing_file_is_named)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_CODE(ac_trust_check_file(ac_test_path("none.pem"), &err), AC_E_USAGE);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "none.pem"));
}

AC_TEST(folder_is_refused)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_CODE(ac_trust_check_file(ac_test_folder(), &err), AC_E_USAGE);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "CA file"));
}

static void expect_no_certificate(const char *text)
{
    struct ac_error err = { 0 };
    const char *path = write(text);

    AC_REQUIRE_CODE(ac_trust_check_file(path, &err), AC_E_USAGE);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "holds no certificate"));
}

AC_TEST(file_without_a_certificate_is_refused)
{
    expect_no_certificate("");
    expect_no_certificate("0\202\001");
    expect_no_certificate(
        "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n");
    expect_no_certificate("-----BEGIN CERTIFICATE-----\nMIIB");
    expect_no_certificate(
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    expect_no_certificate(
        "-----BEGIN CERTIFICATE-----\nMI!B\n-----END CERTIFICATE-----\n");
}

AC_TEST(anchors_are_tried_in_order_and_once)
{
    const bool offered[AC_TRUST_COUNT] = {
        [AC_TRUST_FILE] = true, [AC_TRUST_SYSTEM] = true
    };
    bool tried[AC_TRUST_COUNT] = { false };
    enum ac_trust trust = AC_TRUST_NOBODY;

    CU_ASSERT_TRUE(ac_trust_find(offered, tried, &trust));
    CU_ASSERT_EQUAL(trust, AC_TRUST_FILE);
    tried[trust] = true;
    CU_ASSERT_TRUE(ac_trust_find(offered, tried, &trust));
    CU_ASSERT_EQUAL(trust, AC_TRUST_SYSTEM);
    tried[trust] = true;
    CU_ASSERT_FALSE(ac_trust_find(offered, tried, &trust));
}

AC_TEST(bundle_is_a_file_that_can_be_used)
{
    struct ac_error err = { 0 };
    const char *bundle = ac_trust_find_bundle();

    /* A machine without any store has no bundle either. */
    AC_REQUIRE_OK(bundle == NULL ? AC_OK : ac_trust_check_file(bundle, &err));
}

AC_SUITE("net/trust", AC_CASE(file_with_a_certificate_is_taken),
         AC_CASE(certificate_behind_other_text_is_found),
         AC_CASE(missing_file_is_named), AC_CASE(folder_is_refused),
         AC_CASE(file_without_a_certificate_is_refused),
         AC_CASE(anchors_are_tried_in_order_and_once),
         AC_CASE(bundle_is_a_file_that_can_be_used))
