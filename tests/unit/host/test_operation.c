/* SPDX-License-Identifier: Apache-2.0 */
#include "host/operation.h"

#include "dns_server.h"
#include "drive.h"
#include "host/call.h"

#define SPAN_MS 10000
#define NAME    "_acme-challenge.example.org"

static enum ac_code make(enum ac_solver_op op, size_t count,
                         struct ac_solver_call **ret_call, struct ac_error *err)
{
    static const struct acmecore_challenge challenge = { .type = "http-01",
                                                         .identifier = "example.org",
                                                         .token = "t",
                                                         .key_authorization = "t.p" };
    AC_AUTO(ac_batch) batch = { 0 };

    for (size_t i = 0; i < count; i++)
        AC_TRY(ac_batch_add(&batch, &challenge, err));
    return ac_operation_new(op, "sample", &batch, 1000, ret_call, err);
}

AC_TEST(operation_on_nothing_is_done)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_solver_call) *call = NULL;

    AC_REQUIRE_OK(make(AC_SOLVER_PRESENT, 0, &call, &err));

    CU_ASSERT(ac_solver_call_is_done(call));
    CU_ASSERT_EQUAL(ac_solver_call_result(call, &err), AC_OK);
}

AC_TEST(failure_of_the_whole_is_that_of_each)
{
    struct ac_error err = { 0 };
    struct ac_error crash = { 0 };
    AC_AUTO(ac_solver_call) *call = NULL;

    AC_REQUIRE_OK(make(AC_SOLVER_CLEANUP, 2, &call, &err));
    CU_ASSERT_FALSE(ac_solver_call_is_done(call));
    (void)ac_fail(&crash, AC_E_PLUGIN, "it crashed");
    ac_operation_fail(call, &crash);

    CU_ASSERT(ac_solver_call_is_done(call));
    CU_ASSERT_EQUAL(ac_solver_call_status(call, 1), ACMECORE_E_SYSTEM);
    CU_ASSERT_STRING_EQUAL(ac_solver_call_detail(call, 1), "it crashed");
    CU_ASSERT_EQUAL(ac_solver_call_result(call, &err), AC_E_PLUGIN);
}

AC_TEST(every_status_has_words)
{
    for (int status = ACMECORE_E_UNSUPPORTED; status < ACMECORE_OK; status++)
        CU_ASSERT_STRING_NOT_EQUAL(ac_operation_status_text(status),
                                   ac_operation_status_text(ACMECORE_OK));
    CU_ASSERT_STRING_EQUAL(ac_operation_status_text(INT64_MIN), "it gave no reason");
    CU_ASSERT_STRING_EQUAL(ac_operation_status_text(77), "it gave no reason");
}

/* What the plugin host answered to one challenge. */
static enum ac_code answer(const char *results, struct ac_solver_call **ret_call,
                           struct ac_error *err)
{
    AC_AUTO(ac_call) *part = NULL;

    AC_TRY(make(AC_SOLVER_LOCATE, 1, ret_call, err));
    AC_TRY(ac_memory_new(1, sizeof *part, &part, err));
    part->is_done = true;
    AC_TRY(ac_json_parse(results, strlen(results), &part->reply, err));
    (*ret_call)->part = AC_TAKE(part);
    (*ret_call)->part_size = 1;
    return ac_operation_end_part(*ret_call, err);
}

AC_TEST(settings_alone_that_are_wrong_are_for_a_person_to_mend)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_solver_call) *wrong = NULL;
    AC_AUTO(ac_solver_call) *refused = NULL;

    AC_REQUIRE_OK(
        answer("{\"results\":[{\"status\":-2,\"detail\":\"no root\"}]}", &wrong, &err));
    AC_REQUIRE_OK(answer("{\"results\":[{\"status\":-3}]}", &refused, &err));
    AC_REQUIRE_CODE(ac_solver_call_result(refused, &err), AC_E_PLUGIN);
    AC_REQUIRE_CODE(ac_solver_call_result(wrong, &err), AC_E_USAGE);

    CU_ASSERT_STRING_EQUAL(
        err.detail, "plugin sample could not find the zone of example.org: no root");
}

AC_TEST(settings_do_not_excuse_what_failed_beside_them)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_solver_call) *call = NULL;

    AC_REQUIRE_OK(make(AC_SOLVER_PRESENT, 2, &call, &err));
    call->results[0] = ACMECORE_E_CONFIG;
    call->results[1] = ACMECORE_E_SYSTEM;
    call->done = 2;
    AC_REQUIRE_CODE(ac_solver_call_result(call, &err), AC_E_PLUGIN);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "(and 1 more)"));
}

AC_TEST(place_is_name_and_zone)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_solver_call) *call = NULL;

    AC_REQUIRE_OK(answer("{\"results\":[{\"status\":0,\"name\":\"_a.b.test\","
                         "\"zone\":\"b.test\"}]}",
                         &call, &err));

    CU_ASSERT_STRING_EQUAL(ac_solver_call_record_name(call, 0), "_a.b.test");
    CU_ASSERT_STRING_EQUAL(ac_solver_call_record_zone(call, 0), "b.test");
}

AC_TEST(place_may_lack_its_zone_or_all)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_solver_call) *named = NULL;
    AC_AUTO(ac_solver_call) *empty = NULL;

    AC_REQUIRE_OK(
        answer("{\"results\":[{\"status\":0,\"name\":\"_a\"}]}", &named, &err));
    AC_REQUIRE_OK(answer("{\"results\":[{\"status\":0}]}", &empty, &err));

    CU_ASSERT_STRING_EQUAL(ac_solver_call_record_name(named, 0), "_a");
    CU_ASSERT_PTR_NULL(ac_solver_call_record_zone(named, 0));
    CU_ASSERT_PTR_NULL(ac_solver_call_record_name(empty, 0));
}

AC_TEST(place_outside_its_grammar_is_nonsense)
{
    static const char *const places[] = {
        "\"zone\":\"b.test\"",
        "\"name\":\"\"",
        "\"name\":\"A.test\"",
        "\"name\":\"a..test\"",
        "\"name\":\".test\"",
        "\"name\":\"a.test.\"",
        "\"name\":\"a.test/../x\"",
        "\"name\":\"ab.test\",\"zone\":\"b.test\"",
        "\"name\":\"test\",\"zone\":\"b.test\"",
        "\"name\":\"a.test\",\"zone\":\"\"",
    };
    char text[256];

    for (size_t i = 0; i < AC_COUNT(places); i++) {
        struct ac_error err = { 0 };
        AC_AUTO(ac_solver_call) *call = NULL;
        (void)snprintf(text, sizeof text, "{\"results\":[{\"status\":0,%s}]}",
                       places[i]);
        AC_REQUIRE_CODE(answer(text, &call, &err), AC_E_PLUGIN);
        CU_ASSERT_PTR_NULL(ac_solver_call_record_zone(call, 0));
    }
}

AC_TEST(records_that_are_there_are_known_or_not)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_solver_call) *known = NULL;
    AC_AUTO(ac_solver_call) *empty = NULL;
    AC_AUTO(ac_solver_call) *unknown = NULL;

    AC_REQUIRE_OK(answer("{\"results\":[{\"status\":0,\"name\":\"_a\","
                         "\"values\":[\"a; b=c\",\"d\"]}]}",
                         &known, &err));
    AC_REQUIRE_OK(answer("{\"results\":[{\"status\":0,\"values\":[]}]}", &empty, &err));
    AC_REQUIRE_OK(answer("{\"results\":[{\"status\":0}]}", &unknown, &err));

    const struct ac_words *values = ac_solver_call_record_values(known, 0);
    AC_REQUIRE(values && values->count == 2);
    CU_ASSERT_STRING_EQUAL(values->items[0], "a; b=c");
    CU_ASSERT_PTR_NOT_NULL(ac_solver_call_record_values(empty, 0));
    CU_ASSERT_PTR_NULL(ac_solver_call_record_values(unknown, 0));
}

AC_TEST(records_outside_their_limits_are_nonsense)
{
    static const char *const values[] = {
        "\"a\"", "{}", "[7]", "[\"\"]", "[\"a\\u001b[31m\"]", "[\"\\u00e9\"]"
    };
    char text[256];

    for (size_t i = 0; i < AC_COUNT(values); i++) {
        struct ac_error err = { 0 };
        AC_AUTO(ac_solver_call) *call = NULL;
        (void)snprintf(text, sizeof text,
                       "{\"results\":[{\"status\":0,\"values\":%s}]}", values[i]);
        AC_REQUIRE_CODE(answer(text, &call, &err), AC_E_PLUGIN);
        CU_ASSERT_PTR_NULL(ac_solver_call_record_values(call, 0));
    }
}

static void server_stop(const bool *is_up)
{
    if (*is_up)
        ac_dns_server_stop();
}

AC_TEST(plugin_host_locates_and_looks_for_records)
{
    static const struct ac_dns_rule rules[] = {
        { AC_DNS_ANY, NAME, "SOA", 0, 3, 0, NAME " 60 CNAME x.other.test",
          "other.test 60 SOA ns.other.test 60" },
        { AC_DNS_ANY, "x.other.test", "TXT", 0, 0, 0, "x.other.test 60 TXT value",
          NULL },
    };
    struct acmecore_challenge challenge = { .type = "dns-01",
                                            .identifier = "example.org",
                                            .token = "t",
                                            .key_authorization = "t.p",
                                            .record_name = NAME,
                                            .record_value = "value" };
    struct ac_error err = { 0 };
    AC_AUTO(ac_section) section = { 0 };
    AC_AUTO(ac_solver) *solver = NULL;
    AC_AUTO(ac_batch) batch = { 0 };
    AC_AUTO(ac_batch) located = { 0 };
    AC_AUTO(ac_solver_call) *locate = NULL;
    AC_AUTO(ac_solver_call) *probe = NULL;
    int64_t deadline_ms = ac_clock_after_ms(SPAN_MS);

    AC_REQUIRE(!ac_check_is_torture());
    __attribute__((cleanup(server_stop))) bool is_up =
        ac_dns_server_start(rules, AC_COUNT(rules));
    AC_REQUIRE(is_up);
    AC_REQUIRE_OK(
        ac_section_add(&section, "resolver", ac_dns_server_address(0), "test", &err));
    AC_REQUIRE_OK(ac_section_add(&section, "visibility", "resolver", "test", &err));
    AC_REQUIRE_OK(drive_start("good", &section, NULL, &solver, &err));
    AC_REQUIRE_OK(ac_batch_add(&batch, &challenge, &err));
    AC_REQUIRE_OK(
        ac_solver_begin(solver, AC_SOLVER_LOCATE, &batch, deadline_ms, &locate, &err));
    AC_REQUIRE(drive_call(solver, locate));
    AC_REQUIRE_OK(ac_solver_call_result(locate, &err));
    challenge.record_name = ac_solver_call_record_name(locate, 0);
    challenge.record_zone = ac_solver_call_record_zone(locate, 0);
    AC_REQUIRE_OK(ac_batch_add(&located, &challenge, &err));
    AC_REQUIRE_OK(
        ac_solver_begin(solver, AC_SOLVER_PROBE, &located, deadline_ms, &probe, &err));
    AC_REQUIRE(drive_call(solver, probe));

    CU_ASSERT_STRING_EQUAL(challenge.record_name, "x.other.test");
    CU_ASSERT_STRING_EQUAL(challenge.record_zone, "other.test");
    CU_ASSERT_EQUAL(ac_solver_call_status(probe, 0), ACMECORE_OK);
    CU_ASSERT_EQUAL(ac_dns_server_count(0, "x.other.test", "TXT"), 1);
}

AC_TEST(instance_is_named_beside_its_plugin)
{
    static const struct ac_section none;
    struct ac_error err = { 0 };
    AC_AUTO(ac_words) folders = { 0 };
    AC_AUTO(ac_solver) *solver = NULL;
    AC_AUTO(ac_solver_call) *call = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(ac_words_add(&folders, AC_TEST_PLUGINS, &err));
    struct ac_plugin_settings settings = {
        .name = "ns1",
        .plugin = "refuse",
        .section = &none,
        .plugin_folders = &folders,
        .host_path = AC_TEST_PLUGIN_HOST,
    };
    AC_REQUIRE_OK(ac_solver_start(&settings, &solver, &err));
    AC_REQUIRE_CODE(drive(solver, AC_SOLVER_PRESENT, 1, SPAN_MS, &call, &err),
                    AC_E_PLUGIN);

    CU_ASSERT_STRING_EQUAL(ac_solver_title(solver), "ns1 (refuse)");
    CU_ASSERT_PTR_NOT_NULL(
        strstr(err.detail, "plugin ns1 (refuse) could not present 0.example.org"));
}

AC_TEST(wrong_dns_option_is_a_wrong_setting)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_section) section = { 0 };
    AC_AUTO(ac_solver) *solver = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(ac_section_add(&section, "quorum", "most", "test", &err));
    AC_REQUIRE_OK(drive_start("good", &section, NULL, &solver, &err));
    AC_REQUIRE(drive_open(solver));

    CU_ASSERT_EQUAL(ac_solver_state(solver, &err), AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "\"quorum\" is \"most\""));
}

AC_SUITE("host/operation", AC_CASE(operation_on_nothing_is_done),
         AC_CASE(failure_of_the_whole_is_that_of_each), AC_CASE(every_status_has_words),
         AC_CASE(settings_alone_that_are_wrong_are_for_a_person_to_mend),
         AC_CASE(settings_do_not_excuse_what_failed_beside_them),
         AC_CASE(place_is_name_and_zone), AC_CASE(place_may_lack_its_zone_or_all),
         AC_CASE(place_outside_its_grammar_is_nonsense),
         AC_CASE(records_that_are_there_are_known_or_not),
         AC_CASE(records_outside_their_limits_are_nonsense),
         AC_CASE(plugin_host_locates_and_looks_for_records),
         AC_CASE(instance_is_named_beside_its_plugin),
         AC_CASE(wrong_dns_option_is_a_wrong_setting))
