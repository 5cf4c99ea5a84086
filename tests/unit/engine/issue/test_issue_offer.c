/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include "engine/issue/issue_steps.h"

#define DIRECTORY(members)                                                             \
    "{\"newNonce\":\"" FAKE_NONCE_URL                                                  \
    "\",\"newAccount\":\"https://ca.test/new-account\",\"newOrder\":\"" FAKE_ORDER_URL \
    "\"" members "}"
#define RENEWAL  ",\"renewalInfo\":\"https://ca.test/renewal\""
#define PROFILES ",\"meta\":{\"profiles\":{\"classic\":\"c\",\"short\":\"s\"}}"
#define PROBLEM(type, status)                                                          \
    "{\"type\":\"" STAGE_ACME type "\",\"detail\":\"so not\",\"status\":" #status "}"

static void begin(const char *directory)
{
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    fake_ca_rule(
        (struct fake_rule){ .url = FAKE_DIRECTORY, .times = 99, .body = directory });
}

/* What a run asks for whose wish has these profiles. */
static enum ac_code run(const char *profile, const char *required, struct ac_error *err)
{
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_TRY(stage_want("http", &wanted, err));
    if (profile)
        AC_TRY(ac_memory_copy_text(profile, &wanted.profile, err));
    if (required)
        AC_TRY(ac_memory_copy_text(required, &wanted.required_profile, err));
    stage.error = (struct ac_error){ 0 };
    stage.warning[0] = '\0';
    return stage_run_with(&wanted, err);
}

/* One that a signal ends. */
static enum ac_code run_until(const char *phase, const char *profile,
                              struct ac_error *err)
{
    stage.cancel_in = phase;
    enum ac_code code = run(profile, NULL, err);
    stage.cancel_in = NULL;
    ac_clock_cancel(0);
    return code;
}

/* The payload of the last newOrder; "" when none was sent. */
static const char *order_payload(void)
{
    for (size_t i = fake_ca.request_count; i > 0; i--) {
        if (strcmp(fake_ca.requests[i - 1].url, FAKE_ORDER_URL) == 0)
            return fake_ca.requests[i - 1].payload;
    }
    return "";
}

AC_TEST(profile_is_asked_for_where_it_is_offered)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    begin(DIRECTORY(PROFILES));
    AC_REQUIRE_OK(run("short", NULL, &err));
    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_PTR_NOT_NULL(strstr(order_payload(), "\"profile\":\"short\""));

    AC_REQUIRE_OK(run(NULL, "classic", &err));
    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_PTR_NOT_NULL(strstr(order_payload(), "\"profile\":\"classic\""));
}

AC_TEST(profile_that_is_only_preferred_is_left_out_with_a_warning)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    begin(DIRECTORY(""));
    AC_REQUIRE_OK(run("short", NULL, &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_PTR_NULL(strstr(order_payload(), "profile"));
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.warning, "does not offer the profile"));
}

AC_TEST(profile_that_is_required_and_not_offered_ends_the_run_before_the_order)
{
    static const struct {
        const char *directory, *part;
    } cases[] = {
        { DIRECTORY(PROFILES), "it offers classic, short" },
        { DIRECTORY(""), "has no profiles" },
    };

    AC_REQUIRE(!ac_check_is_torture());
    for (size_t i = 0; i < AC_COUNT(cases); i++) {
        struct ac_error err = { 0 };

        begin(cases[i].directory);
        AC_REQUIRE_OK(run(NULL, "long", &err));
        CU_ASSERT_EQUAL(stage.code, AC_E_USAGE);
        CU_ASSERT_PTR_NOT_NULL(strstr(stage.error.detail, cases[i].part));
        CU_ASSERT_EQUAL(stage_requests("/new-order"), 0);
        CU_ASSERT_FALSE(stage_has_file("order.json"));
    }
}

AC_TEST(profile_that_the_ca_refuses_is_dropped_when_it_is_only_preferred)
{
    struct ac_error err = { 0 };
    const struct fake_rule refusal = { .url = "/new-order",
                                       .times = 1,
                                       .status = 400,
                                       .body = PROBLEM("invalidProfile", 400) };

    AC_REQUIRE(!ac_check_is_torture());
    begin(DIRECTORY(PROFILES));
    fake_ca_rule(refusal);
    AC_REQUIRE_OK(run("short", NULL, &err));
    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage_requests("/new-order"), 2);
    CU_ASSERT_PTR_NULL(strstr(order_payload(), "profile"));

    begin(DIRECTORY(PROFILES));
    fake_ca_rule(refusal);
    AC_REQUIRE_OK(run(NULL, "short", &err));
    CU_ASSERT_EQUAL(stage.code, AC_E_PROBLEM);
    CU_ASSERT_STRING_EQUAL(stage.error.problem, "invalidProfile");
    CU_ASSERT_EQUAL(stage_requests("/new-order"), 1);
}

/* The CA would make no better one the next time. */
AC_TEST(order_whose_profile_was_refused_is_continued)
{
    static const char *const phases[] = { "validate", "issue" };
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    for (size_t i = 0; i < AC_COUNT(phases); i++) {
        begin(DIRECTORY(PROFILES));
        stage.ca.issue_reads = 100000;
        fake_ca_rule((struct fake_rule){ .url = FAKE_ORDER_URL,
                                         .times = 1,
                                         .status = 400,
                                         .body = PROBLEM("invalidProfile", 400) });
        AC_REQUIRE_OK(run_until(phases[i], "short", &err));
        stage.ca.issue_reads = 0;
        AC_REQUIRE_OK(run("short", NULL, &err));

        CU_ASSERT_EQUAL(stage.code, AC_OK);
        CU_ASSERT(stage.is_resumed);
        CU_ASSERT_EQUAL(stage.orders, 1);
    }
}

AC_TEST(order_for_another_profile_is_continued_once_it_may_be_issued)
{
    static const struct {
        const char *phase, *profile, *required;
        bool is_forced;
        size_t orders;
    } cases[] = {
        { "validate", "short", NULL, false, 2 }, { "issue", "short", NULL, false, 1 },
        { "issue", NULL, "short", false, 2 },    { "issue", "short", NULL, true, 2 },
        { "issue", "classic", NULL, true, 1 },
    };
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    for (size_t i = 0; i < AC_COUNT(cases); i++) {
        begin(DIRECTORY(PROFILES));
        stage.ca.issue_reads = 100000;
        AC_REQUIRE_OK(run_until(cases[i].phase, "classic", &err));
        stage.ca.issue_reads = 0;
        stage.begins_anew = cases[i].is_forced;
        AC_REQUIRE_OK(run(cases[i].profile, cases[i].required, &err));

        CU_ASSERT_EQUAL(stage.code, AC_OK);
        CU_ASSERT_EQUAL(stage.orders, cases[i].orders);
    }
}

#define ORDER_OF(profile)                                                              \
    "{\"status\":\"pending\",\"profile\":\"" profile "\",\"identifiers\":["            \
    "{\"type\":\"dns\",\"value\":\"a.test\"}],\"authorizations\":["                    \
    "\"https://ca.test/authorization/0-0\"],\"finalize\":"                             \
    "\"https://ca.test/finalize/0\"}"

AC_TEST(order_of_another_profile_is_not_continued_once_one_is_required)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    begin(DIRECTORY(PROFILES));
    AC_REQUIRE_OK(run_until("validate", "short", &err));
    fake_ca_rule((struct fake_rule){
        .url = "/order/", .times = 1, .body = ORDER_OF("classic") });
    AC_REQUIRE_OK(run(NULL, "short", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.orders, 2);
}

AC_TEST(order_of_another_profile_is_told_or_refused)
{
    struct ac_error err = { 0 };
    const struct fake_rule other = { .url = "/new-order",
                                     .times = 1,
                                     .status = 201,
                                     .headers = "Location: https://ca.test/order/0\n",
                                     .body = ORDER_OF("classic") };

    AC_REQUIRE(!ac_check_is_torture());
    begin(DIRECTORY(PROFILES));
    fake_ca_rule(other);
    AC_REQUIRE_OK(run("short", NULL, &err));
    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.warning, "\"classic\" in place of \"short\""));

    begin(DIRECTORY(PROFILES));
    fake_ca_rule(other);
    AC_REQUIRE_OK(run(NULL, "short", &err));
    CU_ASSERT_EQUAL(stage.code, AC_E_PROTOCOL);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.error.detail, "\"short\" is required"));
}

/* AR-10. */
AC_TEST(predecessor_is_named_to_the_ca_that_issued_it)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_state) state = { 0 };
    char member[256];

    AC_REQUIRE(!ac_check_is_torture());
    begin(DIRECTORY(RENEWAL));
    AC_REQUIRE_OK(run(NULL, NULL, &err));
    CU_ASSERT_PTR_NULL(strstr(order_payload(), "replaces"));
    AC_REQUIRE_OK(ac_store_open(ac_test_path("state"), &store, &err));
    AC_REQUIRE_OK(ac_state_load(store, STAGE_CERT, &state, &err));
    AC_REQUIRE_OK(run(NULL, NULL, &err));

    AC_REQUIRE(state.origin.renewal_id != NULL);
    (void)snprintf(member, sizeof member, "\"replaces\":\"%s\"",
                   state.origin.renewal_id);
    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_PTR_NOT_NULL(strstr(order_payload(), member));
}

AC_TEST(ca_without_renewal_information_is_told_of_no_predecessor)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    begin(DIRECTORY(""));
    AC_REQUIRE_OK(run(NULL, NULL, &err));
    AC_REQUIRE_OK(run(NULL, NULL, &err));

    CU_ASSERT_EQUAL(stage.version, 2);
    CU_ASSERT_PTR_NULL(strstr(order_payload(), "replaces"));
}

/* What is noted of the version that is held is of somebody else. */
static enum ac_code change_origin(const char *account, const char *directory,
                                  struct ac_error *err)
{
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_state) state = { 0 };

    AC_TRY(ac_store_open(ac_test_path("state"), &store, err));
    AC_TRY(ac_state_load(store, STAGE_CERT, &state, err));
    free(state.origin.account_url);
    free(state.origin.directory_url);
    state.origin.account_url = state.origin.directory_url = NULL;
    AC_TRY(ac_memory_copy_text(account, &state.origin.account_url, err));
    AC_TRY(ac_memory_copy_text(directory, &state.origin.directory_url, err));
    return ac_state_save(&state, store, STAGE_CERT, err);
}

AC_TEST(predecessor_of_another_account_or_ca_is_not_named)
{
    static const struct {
        const char *account, *directory;
    } cases[] = {
        { "https://ca.test/account/2", FAKE_DIRECTORY },
        { FAKE_KID, "https://other.test/dir" },
    };

    AC_REQUIRE(!ac_check_is_torture());
    for (size_t i = 0; i < AC_COUNT(cases); i++) {
        struct ac_error err = { 0 };

        begin(DIRECTORY(RENEWAL));
        AC_REQUIRE_OK(run(NULL, NULL, &err));
        AC_REQUIRE_OK(change_origin(cases[i].account, cases[i].directory, &err));
        AC_REQUIRE_OK(run(NULL, NULL, &err));
        CU_ASSERT_EQUAL(stage.code, AC_OK);
        CU_ASSERT_PTR_NULL(strstr(order_payload(), "replaces"));
    }
}

/* AR-11, AR-12. */
AC_TEST(refused_replacement_is_ordered_once_more_as_any_other)
{
    static const struct fake_rule refusals[] = {
        { .status = 409, .body = PROBLEM("alreadyReplaced", 409) },
        { .status = 400, .body = PROBLEM("malformed", 400) },
        { .status = 401, .body = PROBLEM("unauthorized", 401) },
        { .status = 403, .body = PROBLEM("unauthorized", 403) },
        { .status = 404, .body = PROBLEM("malformed", 404) },
        { .status = 500, .body = PROBLEM("serverInternal", 500) },
    };

    AC_REQUIRE(!ac_check_is_torture());
    for (size_t i = 0; i < AC_COUNT(refusals); i++) {
        struct ac_error err = { 0 };
        struct fake_rule rule = refusals[i];

        begin(DIRECTORY(RENEWAL));
        AC_REQUIRE_OK(run(NULL, NULL, &err));
        rule.url = "/new-order";
        rule.times = 1;
        fake_ca_rule(rule);
        AC_REQUIRE_OK(run(NULL, NULL, &err));

        CU_ASSERT_EQUAL(stage.code, AC_OK);
        CU_ASSERT_EQUAL(stage_requests("/new-order"), 3);
        CU_ASSERT_PTR_NULL(strstr(order_payload(), "replaces"));
        CU_ASSERT_EQUAL(stage.problem[0], '\0');
    }
}

AC_TEST(refusal_for_another_reason_is_not_asked_for_again)
{
    static const struct fake_rule refusals[] = {
        { .status = 403, .body = PROBLEM("userActionRequired", 403) },
        { .status = 400, .body = PROBLEM("rejectedIdentifier", 400) },
        { .status = 502, .body = "<html>" },
        { .status = 429, .body = PROBLEM("rateLimited", 429) },
    };

    AC_REQUIRE(!ac_check_is_torture());
    for (size_t i = 0; i < AC_COUNT(refusals); i++) {
        struct ac_error err = { 0 };
        struct fake_rule rule = refusals[i];

        begin(DIRECTORY(RENEWAL));
        AC_REQUIRE_OK(run(NULL, NULL, &err));
        rule.url = "/new-order";
        rule.times = 9;
        fake_ca_rule(rule);
        AC_REQUIRE_OK(run(NULL, NULL, &err));

        CU_ASSERT_NOT_EQUAL(stage.code, AC_OK);
        CU_ASSERT_EQUAL(stage_requests("/new-order"), 2);
    }
}

AC_TEST(replacement_that_is_refused_twice_is_a_refusal)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    begin(DIRECTORY(RENEWAL));
    AC_REQUIRE_OK(run(NULL, NULL, &err));
    fake_ca_rule((struct fake_rule){ .url = "/new-order",
                                     .times = 99,
                                     .status = 403,
                                     .body = PROBLEM("unauthorized", 403) });
    AC_REQUIRE_OK(run(NULL, NULL, &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_PROBLEM);
    CU_ASSERT_EQUAL(stage_requests("/new-order"), 3);
}

AC_SUITE(
    "engine/issue_offer", AC_CASE(profile_is_asked_for_where_it_is_offered),
    AC_CASE(profile_that_is_only_preferred_is_left_out_with_a_warning),
    AC_CASE(profile_that_is_required_and_not_offered_ends_the_run_before_the_order),
    AC_CASE(profile_that_the_ca_refuses_is_dropped_when_it_is_only_preferred),
    AC_CASE(order_whose_profile_was_refused_is_continued),
    AC_CASE(order_for_another_profile_is_continued_once_it_may_be_issued),
    AC_CASE(order_of_another_profile_is_not_continued_once_one_is_required),
    AC_CASE(order_of_another_profile_is_told_or_refused),
    AC_CASE(predecessor_is_named_to_the_ca_that_issued_it),
    AC_CASE(ca_without_renewal_information_is_told_of_no_predecessor),
    AC_CASE(predecessor_of_another_account_or_ca_is_not_named),
    AC_CASE(refused_replacement_is_ordered_once_more_as_any_other),
    AC_CASE(refusal_for_another_reason_is_not_asked_for_again),
    AC_CASE(replacement_that_is_refused_twice_is_a_refusal))
