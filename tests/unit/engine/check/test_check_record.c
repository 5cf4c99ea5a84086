/* SPDX-License-Identifier: Apache-2.0 */
/* A real record is written and looked for in tests/e2e/test_kit.py. */
#include "engine/check/check_parts.h"

#include "check.h"

#include <string.h>

AC_TEST(without_a_domain_or_dns_nothing_is_written)
{
    struct ac_error err = { 0 };
    struct ac_plugin_check_settings settings = { .domain = NULL };
    struct ac_check_work dns = { .settings = &settings, .type = "dns-01" };
    struct ac_check_work http = { .settings = &settings, .type = "http-01" };

    AC_REQUIRE_OK(ac_check_record(&dns, &err));
    AC_REQUIRE_OK(ac_check_record(&http, &err));

    CU_ASSERT_EQUAL(dns.verdict, AC_VERDICT_SKIPPED);
    CU_ASSERT_PTR_NOT_NULL(strstr(dns.reason, "no domain was given"));
    CU_ASSERT_EQUAL(http.verdict, AC_VERDICT_SKIPPED);
}

AC_SUITE("engine/check/check_record",
         AC_CASE(without_a_domain_or_dns_nothing_is_written))
