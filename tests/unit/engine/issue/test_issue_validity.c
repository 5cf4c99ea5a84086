/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

static enum ac_code run_for(const char *not_before, const char *not_after,
                            struct ac_error *err)
{
    AC_AUTO(ac_wanted) wanted = { 0 };

    stage.code = AC_OK;
    AC_TRY(stage_want("http", &wanted, err));
    if (not_before)
        AC_TRY(ac_memory_copy_text(not_before, &wanted.not_before, err));
    if (not_after)
        AC_TRY(ac_memory_copy_text(not_after, &wanted.not_after, err));
    AC_TRY(stage_run_with(&wanted, err));
    stage.store = NULL;
    if (stage.code == AC_E_NOMEM || stage.is_out_of_memory)
        return ac_fail(err, AC_E_NOMEM, "out of memory");
    return AC_OK;
}

static const char *order_payload(void)
{
    for (size_t i = 0; i < fake_ca.request_count; i++) {
        if (strcmp(fake_ca.requests[i].url, FAKE_ORDER_URL) == 0)
            return fake_ca.requests[i].payload;
    }
    return "";
}

/* The leaf of the stage begins a week ago and ends in 90 days. */
AC_TEST(dates_that_the_ca_keeps_are_no_warning)
{
    struct ac_error err = { 0 };

    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(run_for(NULL, "+90d", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.warnings, 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(order_payload(), "\"notAfter\":\"2024-02-"));
    CU_ASSERT_PTR_NULL(strstr(order_payload(), "notBefore"));
}

AC_TEST(dates_that_the_ca_does_not_take_up_are_told)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(run_for("+1h", "+30d", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.warnings, 2);
    CU_ASSERT_PTR_NOT_NULL(strstr(
        stage.warning, "the CA did not take up --not-after: asked for 2023-12-"));
}

AC_TEST(what_was_asked_for_later_may_begin_later)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1, .has_early_leaf = true });
    AC_REQUIRE_OK(run_for("+2d", NULL, &err));
    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.version, 1);

    stage_begin(&(struct stage_ca){ .name_count = 1, .has_early_leaf = true });
    stage.begins_anew = true;
    AC_REQUIRE_OK(run_for(NULL, NULL, &err));
    CU_ASSERT_NOT_EQUAL(stage.code, AC_OK);
}

AC_TEST(date_that_has_passed_is_not_asked_for)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(run_for(NULL, "2020-01-01T00:00:00Z", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.warning, "has passed"));
    CU_ASSERT_PTR_NULL(strstr(order_payload(), "notAfter"));
}

AC_TEST(end_before_the_beginning_is_a_wrong_setting)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(run_for("+2d", "+1d", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_USAGE);
    CU_ASSERT_EQUAL(stage.orders, 0);
}

AC_TEST(nothing_is_asked_for_unasked)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(run_for(NULL, NULL, &err));

    CU_ASSERT_PTR_NULL(strstr(order_payload(), "notBefore"));
    CU_ASSERT_PTR_NULL(strstr(order_payload(), "notAfter"));
}

AC_SUITE("engine/issue_validity", AC_CASE(what_was_asked_for_later_may_begin_later),
         AC_CASE(dates_that_the_ca_keeps_are_no_warning),
         AC_CASE(dates_that_the_ca_does_not_take_up_are_told),
         AC_CASE(date_that_has_passed_is_not_asked_for),
         AC_CASE(end_before_the_beginning_is_a_wrong_setting),
         AC_CASE(nothing_is_asked_for_unasked))
