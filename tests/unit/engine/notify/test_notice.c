/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/notify/notice.h"

#include "commanding.h"

#define NOW INT64_C(1735790400)

static struct ac_state state;
static struct ac_owed_facts facts;
static struct ac_told told;
static struct ac_identifiers names;
static struct ac_notice_subject subject;

static void names_drop(int *ignored)
{
    (void)ignored;
    ac_identifiers_done(&names);
}

/* "www", version 2, for a.example; ends in a day. */
static enum ac_code begin(struct ac_error *err)
{
    state = (struct ac_state){ .origin = { .version = 2,
                                           .serial = (char *)"00a1",
                                           .fingerprint = (char *)"ff",
                                           .directory_url = (char *)"https://ca" } };
    facts = (struct ac_owed_facts){
        .state = &state, .not_before = NOW - 100, .not_after = NOW + 86400, .utc = NOW
    };
    told = (struct ac_told){ .version = 1 };
    subject = (struct ac_notice_subject){ .name = "www",
                                          .identifiers = &names,
                                          .facts = &facts,
                                          .told = &told,
                                          .describe = describe_error };
    return ac_identifiers_parse("a.example,*.b.example", &names, err);
}

static const char *text(const struct ac_json *json, const char *name)
{
    return ac_json_text_or(json, name, "");
}

#define SCENE __attribute__((cleanup(names_drop))) int scene = 0

AC_TEST(renewal_says_what_is_held_now)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    SCENE;

    (void)scene;
    AC_REQUIRE_OK(begin(&err));
    AC_REQUIRE_OK(ac_notice_event(&subject, AC_EVENT_RENEWED, &json, &err));

    CU_ASSERT_STRING_EQUAL(text(json, "event"), "renewed");
    CU_ASSERT_STRING_EQUAL(text(json, "certificate"), "www");
    CU_ASSERT_STRING_EQUAL(text(json, "previous_state"), "fine");
    CU_ASSERT_STRING_EQUAL(text(json, "state"), "fine");
    CU_ASSERT_EQUAL(ac_json_count(ac_json_get(json, "identifiers")), 2);
    CU_ASSERT_EQUAL(ac_json_number_or(json, "version", 0), 2);
    CU_ASSERT_STRING_EQUAL(text(json, "serial"), "00a1");
    CU_ASSERT_STRING_EQUAL(text(json, "sha256"), "ff");
    CU_ASSERT_STRING_EQUAL(text(json, "not_after"), "2025-01-03T04:00:00Z");
    CU_ASSERT_EQUAL(ac_json_number_or(json, "expires_in_s", 0), 86400);
    CU_ASSERT_PTR_NULL(ac_json_get(json, "recovered"));
    CU_ASSERT_PTR_NULL(ac_json_get(json, "error"));
}

AC_TEST(recovery_says_from_how_many_failures)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    SCENE;

    (void)scene;
    AC_REQUIRE_OK(begin(&err));
    told.failed_at = NOW - 5;
    told.failures = 3;
    AC_REQUIRE_OK(ac_notice_event(&subject, AC_EVENT_RENEWED, &json, &err));

    CU_ASSERT_TRUE(ac_json_bool_or(json, "recovered", false));
    CU_ASSERT_EQUAL(ac_json_number_or(json, "recovered_after", 0), 3);
    CU_ASSERT_STRING_EQUAL(text(json, "previous_state"), "failing");
}

AC_TEST(failure_that_is_remembered_is_told_from_the_state)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    SCENE;

    (void)scene;
    AC_REQUIRE_OK(begin(&err));
    state.trouble = (struct ac_state_trouble){ .failures = 4,
                                               .failed_at = NOW - 60,
                                               .next_attempt_at = NOW + 60,
                                               .code = (char *)"problem",
                                               .problem = (char *)"caa",
                                               .message = (char *)"so not" };
    AC_REQUIRE_OK(ac_notice_event(&subject, AC_EVENT_FAILED, &json, &err));

    CU_ASSERT_EQUAL(ac_json_number_or(json, "failures", 0), 4);
    CU_ASSERT_STRING_EQUAL(text(json, "failed_at"), "2025-01-02T03:59:00Z");
    CU_ASSERT_STRING_EQUAL(text(json, "next_attempt_at"), "2025-01-02T04:01:00Z");
    const struct ac_json *error = ac_json_get(json, "error");
    CU_ASSERT_STRING_EQUAL(text(error, "code"), "problem");
    CU_ASSERT_STRING_EQUAL(text(error, "problem_type"), "caa");
    CU_ASSERT_STRING_EQUAL(text(error, "message"), "so not");
    CU_ASSERT_STRING_EQUAL(text(json, "state"), "failing");
}

AC_TEST(failure_of_this_run_has_the_words_of_the_ca)
{
    struct ac_error err = { 0 };
    struct ac_error why = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(ac_json) *problem = NULL;
    SCENE;

    (void)scene;
    AC_REQUIRE_OK(begin(&err));
    facts.not_after = 0;
    state.origin.version = 0;
    (void)ac_fail(&why, AC_E_CHALLENGE, "no answer");
    AC_REQUIRE_OK(ac_json_new(&problem, &err, "{s:s}", "detail", "connect"));
    const struct ac_notice_failure failure = { .why = &why, .problem = problem };
    subject.failure = &failure;
    AC_REQUIRE_OK(ac_notice_event(&subject, AC_EVENT_FAILED, &json, &err));

    const struct ac_json *error = ac_json_get(json, "error");
    CU_ASSERT_STRING_EQUAL(text(error, "message"), "no answer");
    CU_ASSERT_STRING_EQUAL(text(ac_json_get(error, "problem"), "detail"), "connect");
    CU_ASSERT_EQUAL(ac_json_number_or(json, "failures", 0), 1);
    CU_ASSERT_STRING_EQUAL(text(json, "failed_at"), "2025-01-02T04:00:00Z");
    CU_ASSERT_STRING_EQUAL(text(json, "previous_state"), "missing");
    CU_ASSERT_PTR_NULL(ac_json_get(json, "version"));
}

AC_TEST(flood_of_the_ca_is_left_out)
{
    struct ac_error err = { 0 };
    const struct ac_error why = { .code = AC_E_PROBLEM };
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(ac_json) *problem = NULL;
    static char flood[AC_NOTICE_DETAILS_MAX + 1];
    SCENE;

    (void)scene;
    AC_REQUIRE_OK(begin(&err));
    memset(flood, 'x', sizeof flood - 1);
    AC_REQUIRE_OK(ac_json_new(&problem, &err, "{s:s}", "detail", flood));
    const struct ac_notice_failure failure = { .why = &why, .problem = problem };
    subject.failure = &failure;
    AC_REQUIRE_OK(ac_notice_event(&subject, AC_EVENT_FAILED, &json, &err));

    CU_ASSERT_PTR_NULL(ac_json_get(ac_json_get(json, "error"), "problem"));
}

AC_TEST(end_that_is_near_says_why_it_is)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *quiet = NULL;
    AC_AUTO(ac_json) *json = NULL;
    SCENE;

    (void)scene;
    AC_REQUIRE_OK(begin(&err));
    AC_REQUIRE_OK(ac_notice_event(&subject, AC_EVENT_EXPIRING, &quiet, &err));
    CU_ASSERT_PTR_NULL(ac_json_get(quiet, "error"));
    state.trouble.failures = 2;
    told.expiring_at = NOW - 5;
    AC_REQUIRE_OK(ac_notice_event(&subject, AC_EVENT_EXPIRING, &json, &err));

    CU_ASSERT_PTR_NOT_NULL(ac_json_get(json, "error"));
    CU_ASSERT_STRING_EQUAL(text(json, "state"), "expiring");
    CU_ASSERT_STRING_EQUAL(text(json, "previous_state"), "expiring");
}

AC_TEST(revocation_says_which_and_why)
{
    struct ac_error err = { 0 };
    struct ac_state_revoked revoked = { .fingerprint = (char *)"ee",
                                        .reason = (char *)"keyCompromise",
                                        .version = 1,
                                        .revoked_at = NOW,
                                        .is_key_compromised = true };
    AC_AUTO(ac_json) *json = NULL;
    SCENE;

    (void)scene;
    AC_REQUIRE_OK(begin(&err));
    state.revoked = &revoked;
    state.revoked_count = 1;
    AC_REQUIRE_OK(ac_notice_event(&subject, AC_EVENT_REVOKED, &json, &err));

    const struct ac_json *one = ac_json_get(json, "revoked");
    CU_ASSERT_STRING_EQUAL(text(one, "reason"), "keyCompromise");
    CU_ASSERT_STRING_EQUAL(text(one, "sha256"), "ee");
    CU_ASSERT_EQUAL(ac_json_number_or(one, "version", 0), 1);
    CU_ASSERT_TRUE(ac_json_bool_or(one, "key_compromised", false));
    CU_ASSERT_STRING_EQUAL(text(json, "state"), "revoked");
}

AC_TEST(deployment_that_failed_says_where_and_why)
{
    struct ac_error err = { 0 };
    SCENE;
    AC_AUTO(ac_json) *json = NULL;
    struct ac_state_deployment deployment = { .installer = (char *)"web",
                                              .live_version = 1,
                                              .live_at = 1735790400,
                                              .failures = 2,
                                              .failed_at = 1735790400,
                                              .code = (char *)"plugin",
                                              .message = (char *)"not served" };
    (void)scene;
    AC_REQUIRE_OK(begin(&err));
    state.deployments = &deployment;
    state.deployment_count = 1;

    enum ac_code code = ac_notice_event(&subject, AC_EVENT_DEPLOY_FAILED, &json, &err);

    state.deployments = NULL;
    state.deployment_count = 0;
    AC_REQUIRE_OK(code);
    const struct ac_json *one = ac_json_at(ac_json_get(json, "deployments"), 0);
    CU_ASSERT_STRING_EQUAL(text(json, "event"), "deploy-failed");
    CU_ASSERT_STRING_EQUAL(text(json, "state"), "not-live");
    CU_ASSERT_STRING_EQUAL(text(one, "installer"), "web");
    CU_ASSERT_STRING_EQUAL(text(one, "message"), "not served");
    CU_ASSERT_EQUAL(ac_json_number_or(one, "failures", 0), 2);
}

AC_TEST(document_says_for_whom_it_is)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *events = NULL;
    AC_AUTO(ac_json) *json = NULL;

    AC_REQUIRE_OK(ac_json_new(&events, &err, "[{}]"));
    AC_REQUIRE_OK(ac_notice_document("ops", NOW, &events, &json, &err));

    CU_ASSERT_EQUAL(ac_json_number_or(json, "schema", 0), 1);
    CU_ASSERT_STRING_EQUAL(text(json, "notifier"), "ops");
    CU_ASSERT_STRING_EQUAL(text(json, "time"), "2025-01-02T04:00:00Z");
    CU_ASSERT_EQUAL(ac_json_count(ac_json_get(json, "events")), 1);
}

AC_SUITE("engine/notice", AC_CASE(renewal_says_what_is_held_now),
         AC_CASE(recovery_says_from_how_many_failures),
         AC_CASE(failure_that_is_remembered_is_told_from_the_state),
         AC_CASE(failure_of_this_run_has_the_words_of_the_ca),
         AC_CASE(flood_of_the_ca_is_left_out), AC_CASE(end_that_is_near_says_why_it_is),
         AC_CASE(revocation_says_which_and_why),
         AC_CASE(deployment_that_failed_says_where_and_why),
         AC_CASE(document_says_for_whom_it_is))
