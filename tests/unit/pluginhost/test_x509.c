/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/x509.h"

#include "base/file.h"
#include "check.h"

#include <string.h>

AC_TEST(certificate_is_told_apart_and_described)
{
    struct ac_error err = { 0 };
    struct ac_x509_facts facts = { 0 };
    AC_AUTO(ac_text) pem = { 0 };

    AC_REQUIRE_OK(
        ac_file_read(AC_TEST_DATA "/net/server.pem", AC_X509_PEM_MAX, &pem, &err));
    AC_REQUIRE_OK(ac_x509_read(ac_text_get(&pem), &facts, &err));

    CU_ASSERT_EQUAL(strlen(facts.fingerprint), AC_X509_FINGERPRINT_SIZE - 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(facts.names, "127.0.0.1"));
    CU_ASSERT_STRING_NOT_EQUAL(facts.issuer, "");
    CU_ASSERT(facts.not_after > 0);
}

AC_TEST(what_is_no_certificate_is_refused)
{
    static const char *const texts[] = {
        "", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "x"
    };

    for (size_t i = 0; i < AC_COUNT(texts); i++) {
        struct ac_error err = { 0 };
        struct ac_x509_facts facts = { 0 };

        AC_REQUIRE_CODE(ac_x509_read(texts[i], &facts, &err), AC_E_INVALID);
    }
}

AC_SUITE("pluginhost/x509", AC_CASE(certificate_is_told_apart_and_described),
         AC_CASE(what_is_no_certificate_is_refused))
