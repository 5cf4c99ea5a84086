/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "some_status.h"

#include <string.h>

AC_TEST(each_family_has_its_help_type_and_values)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) text = { 0 };

    AC_REQUIRE_OK(ac_status_prometheus(&some_status, 0, &text, &err));

    CU_ASSERT_PTR_NOT_NULL(
        strstr(ac_text_get(&text),
               "# HELP acmecore_certificate_not_after_timestamp_seconds When the "
               "certificate that is held expires.\n"
               "# TYPE acmecore_certificate_not_after_timestamp_seconds gauge\n"
               "acmecore_certificate_not_after_timestamp_seconds{name=\"gone.test\"} "
               "1799989200\n"
               "acmecore_certificate_not_after_timestamp_seconds{name=\"late.test\"} "
               "1802332800\n"
               "acmecore_certificate_not_after_timestamp_seconds{name=\"www.test\"} "
               "1805184000\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(ac_text_get(&text),
                                  "acmecore_certificate_failures{name=\"gone.test\"} "
                                  "2\n"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(ac_text_get(&text),
               "acmecore_certificate_level{name=\"late.test\",level=\"failing\"} 1\n"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(ac_text_get(&text), "acmecore_certificates{level=\"expired\"} 1\n"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(ac_text_get(&text), "acmecore_status_timestamp_seconds 1800000000\n"));
}

AC_TEST(label_is_escaped)
{
    struct ac_status_item item = { .name = "a\"b\\c\nd" };
    const struct ac_status status = { .items = &item, .count = 1, .utc = NOW };
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) text = { 0 };

    AC_REQUIRE_OK(ac_status_prometheus(&status, 0, &text, &err));

    CU_ASSERT_PTR_NOT_NULL(
        strstr(ac_text_get(&text), "{name=\"a\\\"b\\\\c\\nd\"} 0\n"));
}

AC_TEST(faults_of_the_configuration_are_counted)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) text = { 0 };

    AC_REQUIRE_OK(ac_status_prometheus(&some_status, 3, &text, &err));

    CU_ASSERT_PTR_NOT_NULL(
        strstr(ac_text_get(&text), "\nacmecore_configuration_faults 3\n"));
}

AC_TEST(what_was_asked_for_in_vain_has_no_next_attempt)
{
    struct ac_status_item item = { .name = "x",
                                   .is_unissued = true,
                                   .plan = { AC_PLAN_MISSING, NOW, NOW } };
    const struct ac_status status = { .items = &item, .count = 1, .utc = NOW };
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) text = { 0 };

    AC_REQUIRE_OK(ac_status_prometheus(&status, 0, &text, &err));

    CU_ASSERT_PTR_NULL(strstr(ac_text_get(&text),
                              "acmecore_certificate_next_attempt_timestamp_seconds{"));
}

AC_SUITE("cli/status_prometheus", AC_CASE(each_family_has_its_help_type_and_values),
         AC_CASE(label_is_escaped), AC_CASE(faults_of_the_configuration_are_counted),
         AC_CASE(what_was_asked_for_in_vain_has_no_next_attempt))
