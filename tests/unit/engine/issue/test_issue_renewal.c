/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include "engine/issue/issue_steps.h"

#define DIRECTORY                                                                      \
    "{\"newNonce\":\"" FAKE_NONCE_URL                                                  \
    "\",\"newAccount\":\"https://ca.test/new-account\",\"newOrder\":\"" FAKE_ORDER_URL \
    "\",\"renewalInfo\":\"https://ca.test/renewal\"}"
/* The stage's clock begins at 2023-11-14T22:30:00Z. */
#define WINDOW                                                                         \
    "{\"suggestedWindow\":{\"start\":\"2023-12-01T00:00:00Z\","                        \
    "\"end\":\"2023-12-02T00:00:00Z\"},\"explanationURL\":\"https://ca.test/why\"}"
#define WINDOW_START 1701388800
#define WINDOW_END   1701475200

/* A run at a CA with renewal information; rule: of that. */
static enum ac_code run(struct fake_rule rule, struct ac_error *err)
{
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    fake_ca_rule(
        (struct fake_rule){ .url = FAKE_DIRECTORY, .times = 9, .body = DIRECTORY });
    rule.url = "/renewal";
    fake_ca_rule(rule);
    return stage_run("http", err);
}

static enum ac_code load(struct ac_state *state, struct ac_error *err)
{
    AC_AUTO(ac_store) *store = NULL;

    AC_TRY(ac_store_open(ac_test_path("state"), &store, err));
    return ac_state_load(store, STAGE_CERT, state, err);
}

AC_TEST(window_of_the_new_certificate_is_noted)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_state) state = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(run((struct fake_rule){ .times = 1,
                                          .body = WINDOW,
                                          .headers = "Retry-After: 7200\n" },
                      &err));
    AC_REQUIRE_OK(load(&state, &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage_requests("/renewal/"), 1);
    CU_ASSERT_EQUAL(state.renewal.start, WINDOW_START);
    CU_ASSERT_EQUAL(state.renewal.end, WINDOW_END);
    CU_ASSERT(state.renewal.selected_at >= WINDOW_START);
    CU_ASSERT(state.renewal.selected_at <= WINDOW_END);
    CU_ASSERT_EQUAL(state.renewal.next_check_at - state.renewal.checked_at, 7200);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.warning, "https://ca.test/why"));
    AC_REQUIRE(state.origin.renewal_id != NULL);
    CU_ASSERT_PTR_NOT_NULL(strchr(state.origin.renewal_id, '.'));
    CU_ASSERT_STRING_EQUAL(state.origin.account_url, FAKE_KID);
    CU_ASSERT(state.origin.not_after > fake_utc());
}

/* RFC 9773 4.3.3: nothing about renewal information may cost a certificate. */
AC_TEST(trouble_with_it_is_no_failure_of_the_issue)
{
    static const struct fake_rule rules[] = {
        { .times = 9, .status = 404, .body = "" },
        { .times = 9, .status = 500, .body = "<html>" },
        { .times = 9, .status = 302, .body = "", .headers = "Location: http://x/\n" },
        { .times = 9, .body = "garbage" },
        { .times = 9, .failure = AC_E_NETWORK },
        { .times = 9, .is_silent = true },
    };

    AC_REQUIRE(!ac_check_is_torture());
    for (size_t i = 0; i < AC_COUNT(rules); i++) {
        struct ac_error err = { 0 };
        AC_AUTO(ac_state) state = { 0 };

        AC_REQUIRE_OK(run(rules[i], &err));
        AC_REQUIRE_OK(load(&state, &err));

        CU_ASSERT_EQUAL(stage.code, AC_OK);
        CU_ASSERT_EQUAL(stage.version, i + 1);
        CU_ASSERT_EQUAL(state.renewal.selected_at, 0);
        CU_ASSERT(stage_elapsed_ms() < 5000 + AC_ISSUE_RENEWAL_MS);
    }
}

AC_TEST(ca_without_renewal_information_is_not_asked)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_state) state = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(stage_run("http", &err));
    AC_REQUIRE_OK(load(&state, &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(fake_ca.gets, 1);
    CU_ASSERT_EQUAL(state.renewal.next_check_at, 0);
}

static void interrupt(const char *phase)
{
    if (strcmp(phase, "cleanup") == 0)
        ac_clock_cancel(SIGINT);
}

AC_TEST(signal_does_not_wait_for_it)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    fake_ca_rule(
        (struct fake_rule){ .url = FAKE_DIRECTORY, .times = 9, .body = DIRECTORY });
    fake_ca_rule(
        (struct fake_rule){ .url = "/renewal", .times = 9, .is_silent = true });
    stage.hook = interrupt;
    AC_REQUIRE_OK(stage_run("http", &err));
    ac_clock_cancel(0);

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.version, 1);
    CU_ASSERT(stage_elapsed_ms() < AC_ISSUE_RENEWAL_MS);
}

AC_TEST(damaged_knowledge_is_written_anew)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_state) state = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(stage_run("http", &err));
    AC_REQUIRE(ac_test_write_file(ac_test_path("state/certs/site/state.json"), "{", 1));
    AC_REQUIRE_OK(stage_run("http", &err));
    AC_REQUIRE_OK(load(&state, &err));

    CU_ASSERT_EQUAL(stage.version, 2);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.warning, "written anew"));
    CU_ASSERT_PTR_NOT_NULL(state.origin.serial);
}

AC_SUITE("engine/issue_renewal", AC_CASE(window_of_the_new_certificate_is_noted),
         AC_CASE(trouble_with_it_is_no_failure_of_the_issue),
         AC_CASE(ca_without_renewal_information_is_not_asked),
         AC_CASE(signal_does_not_wait_for_it),
         AC_CASE(damaged_knowledge_is_written_anew))
