/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_caa.h"
#include "stage.h"

#define FINDING "the CAA records of a.test do not let this CA issue"

static bool script(const struct fake_request *request, struct fake_rule *answer)
{
    if (strcmp(request->url, FAKE_DIRECTORY) != 0)
        return stage_script(request, answer);
    answer->body = "{\"newNonce\":\"" FAKE_NONCE_URL "\",\"newAccount\":"
                   "\"https://ca.test/new-account\",\"newOrder\":\"" FAKE_ORDER_URL
                   "\",\"meta\":{\"caaIdentities\":[\"ca.test\"]}}";
    return true;
}

/* A run at a CA that says how CAA records call it. */
static enum ac_code run(const struct stage_ca *ca, size_t steps, struct ac_error *err)
{
    stage_begin(ca);
    memset(&fake_caa, 0, sizeof fake_caa);
    fake_caa.findings[0] = FINDING;
    fake_caa.steps = steps;
    fake_ca.script = script;
    return stage_run("dns", err);
}

AC_TEST(finding_is_a_warning_and_the_ca_is_asked_all_the_same)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(
        run(&(struct stage_ca){ .name_count = 1, .offers_dns_only = true }, 3, &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.warnings, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.warning, "a.test: " FINDING));
    CU_ASSERT_EQUAL(fake_caa.begun, 1);
    CU_ASSERT_EQUAL(fake_caa.freed, 1);
}

static size_t tells_before_the_end;

static void look(const char *phase)
{
    (void)phase;
    if (fake_caa.caa.steps < fake_caa.steps)
        tells_before_the_end = stage.tells;
}

AC_TEST(ca_is_told_after_the_answer)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1, .offers_dns_only = true });
    memset(&fake_caa, 0, sizeof fake_caa);
    fake_caa.steps = 200;
    fake_ca.script = script;
    stage.hook = look;
    AC_REQUIRE_OK(stage_run("dns", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(tells_before_the_end, 0);
    CU_ASSERT_EQUAL(stage.tells, 1);
}

AC_TEST(order_that_needs_no_proof_is_warned_of_too)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(run(
        &(struct stage_ca){ .name_count = 1, .valid_names = 1, .new_status = "ready" },
        5, &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.warnings, 1);
}

AC_TEST(preflight_that_cannot_be_had_changes_nothing)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1, .offers_dns_only = true });
    memset(&fake_caa, 0, sizeof fake_caa);
    fake_caa.cannot_begin = true;
    fake_ca.script = script;
    AC_REQUIRE_OK(stage_run("dns", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.warnings, 0);
}

AC_TEST(signal_waits_for_no_answer)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1, .offers_dns_only = true });
    memset(&fake_caa, 0, sizeof fake_caa);
    fake_caa.steps = SIZE_MAX;
    fake_ca.script = script;
    stage.cancel_in = "respond";
    AC_REQUIRE_OK(stage_run("dns", &err));
    ac_clock_cancel(0);

    CU_ASSERT_EQUAL(stage.code, AC_E_CANCELLED);
    CU_ASSERT_EQUAL(stage.tells, 0);
    CU_ASSERT_EQUAL(fake_caa.freed, 1);
    CU_ASSERT_EQUAL(fake_solvers_did("cleanup a.test"), 1);
}

AC_SUITE("engine/issue_preflight",
         AC_CASE(finding_is_a_warning_and_the_ca_is_asked_all_the_same),
         AC_CASE(ca_is_told_after_the_answer),
         AC_CASE(order_that_needs_no_proof_is_warned_of_too),
         AC_CASE(preflight_that_cannot_be_had_changes_nothing),
         AC_CASE(signal_waits_for_no_answer))
