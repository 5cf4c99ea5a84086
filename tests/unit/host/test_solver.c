/* SPDX-License-Identifier: Apache-2.0 */
#include "drive.h"

#define SPAN_MS 10000

/*
 * Each run starts processes, so a few tests stand for all when every allocation fails
 * in turn: they come by all the code that the others do.
 */

/* The whole of a misbehaving present: what the engine is told about it. */
static void present_with(const char *plugin, int64_t span_ms,
                         struct ac_error *ret_error)
{
    AC_AUTO(ac_solver) *solver = NULL;
    AC_AUTO(ac_solver_call) *call = NULL;

    if (drive_start(plugin, NULL, NULL, &solver, ret_error) != AC_OK)
        return;
    if (drive(solver, AC_SOLVER_PRESENT, 1, span_ms, &call, ret_error) != AC_OK)
        return;
    (void)ac_fail(ret_error, AC_OK, "%s", "");
}

/* What the engine is told about a plugin that does not open. */
static void open_with(const char *plugin, struct ac_error *ret_error)
{
    AC_AUTO(ac_solver) *solver = NULL;

    if (drive_start(plugin, NULL, NULL, &solver, ret_error) != AC_OK)
        return;
    (void)drive_open(solver);
    if (ac_solver_state(solver, ret_error) == AC_OK)
        (void)ac_fail(ret_error, AC_OK, "%s", "");
}

AC_TEST(good_plugin_presents_probes_and_cleans_up)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_solver) *solver = NULL;
    AC_AUTO(ac_solver_call) *present = NULL;
    AC_AUTO(ac_solver_call) *probe = NULL;
    AC_AUTO(ac_solver_call) *cleanup = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(drive_start("good", NULL, NULL, &solver, &err));
    AC_REQUIRE_OK(drive(solver, AC_SOLVER_PRESENT, 3, SPAN_MS, &present, &err));
    AC_REQUIRE_OK(drive(solver, AC_SOLVER_PROBE, 3, SPAN_MS, &probe, &err));
    AC_REQUIRE_OK(drive(solver, AC_SOLVER_CLEANUP, 3, SPAN_MS, &cleanup, &err));

    CU_ASSERT_EQUAL(ac_solver_call_status(present, 2), ACMECORE_OK);
    CU_ASSERT_STRING_EQUAL(ac_solver_call_detail(present, 2), "");
    CU_ASSERT_EQUAL(drive_log_count("batch of 3: 1.example.org"), 3);
    CU_ASSERT_EQUAL(ac_solver_state(solver, &err), AC_OK);
}

AC_TEST(descriptor_is_known_once_it_is_loaded)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_solver) *solver = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(drive_start("good", NULL, NULL, &solver, &err));
    AC_REQUIRE(drive_open(solver));
    AC_REQUIRE_OK(ac_solver_state(solver, &err));

    const struct ac_descriptor *descriptor = ac_solver_descriptor(solver);
    AC_REQUIRE(descriptor != NULL);
    CU_ASSERT_STRING_EQUAL(descriptor->name, "good");
    CU_ASSERT(ac_words_has(&descriptor->types, "dns-01"));
    CU_ASSERT(descriptor->has_probe);
    CU_ASSERT_FALSE(descriptor->has_watch);
    CU_ASSERT_EQUAL(descriptor->option_count, 3 + 4); /* of every dns solver */
}

AC_TEST(empty_batch_is_done_at_once)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_solver) *solver = NULL;
    AC_AUTO(ac_solver_call) *call = NULL;
    struct ac_batch batch = { 0 };

    AC_REQUIRE_OK(drive_start("good", NULL, NULL, &solver, &err));
    AC_REQUIRE_OK(ac_solver_begin(solver, AC_SOLVER_PRESENT, &batch, 0, &call, &err));

    CU_ASSERT(ac_solver_call_is_done(call));
    CU_ASSERT_EQUAL(ac_solver_call_result(call, &err), AC_OK);
}

AC_TEST(batches_are_split_by_the_plugins_limit)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_solver) *solver = NULL;
    AC_AUTO(ac_solver_call) *call = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(drive_start("small-batches", NULL, NULL, &solver, &err));
    AC_REQUIRE_OK(drive(solver, AC_SOLVER_PRESENT, 5, SPAN_MS, &call, &err));

    CU_ASSERT_EQUAL(drive_log_count("batch of 2"), 4);
    CU_ASSERT_EQUAL(drive_log_count("batch of 1: 4.example.org"), 1);
}

AC_TEST(a_thousand_challenges_go_in_one_batch)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_solver) *solver = NULL;
    AC_AUTO(ac_solver_call) *call = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(drive_start("good", NULL, NULL, &solver, &err));
    AC_REQUIRE_OK(
        drive(solver, AC_SOLVER_PRESENT, AC_MESSAGE_BATCH_MAX, SPAN_MS, &call, &err));

    CU_ASSERT_EQUAL(drive_log_count("batch of 1000"), 1000);
}

AC_TEST(calls_begun_together_end_in_their_order)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_solver) *solver = NULL;
    AC_AUTO(ac_solver_call) *first = NULL;
    AC_AUTO(ac_solver_call) *second = NULL;
    AC_AUTO(ac_batch) batch = { 0 };
    int64_t deadline_ms = ac_clock_after_ms(SPAN_MS);

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(drive_batch(1, &batch, &err));
    AC_REQUIRE_OK(drive_start("good", NULL, NULL, &solver, &err));
    AC_REQUIRE_OK(
        ac_solver_begin(solver, AC_SOLVER_PRESENT, &batch, deadline_ms, &first, &err));
    AC_REQUIRE_OK(
        ac_solver_begin(solver, AC_SOLVER_CLEANUP, &batch, deadline_ms, &second, &err));
    AC_REQUIRE(drive_call(solver, second));

    CU_ASSERT(ac_solver_call_is_done(first));
    CU_ASSERT_EQUAL(ac_solver_call_result(first, &err), AC_OK);
    CU_ASSERT_EQUAL(ac_solver_call_result(second, &err), AC_OK);
}

AC_TEST(dropped_call_goes_on)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_solver) *solver = NULL;
    AC_AUTO(ac_solver_call) *later = NULL;
    AC_AUTO(ac_batch) batch = { 0 };
    struct ac_solver_call *dropped = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(drive_batch(1, &batch, &err));
    AC_REQUIRE_OK(drive_start("good", NULL, NULL, &solver, &err));
    AC_REQUIRE_OK(ac_solver_begin(solver, AC_SOLVER_PRESENT, &batch,
                                  ac_clock_after_ms(SPAN_MS), &dropped, &err));
    ac_solver_call_free(dropped);
    AC_REQUIRE_OK(drive(solver, AC_SOLVER_CLEANUP, 1, SPAN_MS, &later, &err));

    CU_ASSERT_EQUAL(drive_log_count("batch of 1"), 2);
}

AC_TEST(call_outlives_its_solver)
{
    struct ac_error err = { 0 };
    struct ac_solver *solver = NULL;
    AC_AUTO(ac_solver_call) *call = NULL;
    AC_AUTO(ac_batch) batch = { 0 };

    AC_REQUIRE_OK(drive_batch(1, &batch, &err));
    AC_REQUIRE_OK(drive_start("good", NULL, NULL, &solver, &err));
    enum ac_code code = ac_solver_begin(solver, AC_SOLVER_PRESENT, &batch,
                                        ac_clock_after_ms(SPAN_MS), &call, &err);
    ac_solver_free(solver);
    AC_REQUIRE_OK(code);

    AC_REQUIRE_CODE(ac_solver_call_result(call, &err), AC_E_PLUGIN);
    CU_ASSERT_STRING_EQUAL(err.detail, "plugin good was stopped");
}

AC_TEST(refusal_carries_the_plugins_clean_words)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    present_with("refuse", SPAN_MS, &err);

    AC_REQUIRE_CODE(err.code, AC_E_PLUGIN);
    CU_ASSERT_STRING_EQUAL(err.detail, "plugin refuse could not present 0.example.org: "
                                       "not on my \\x1B[1mwatch");
}

AC_TEST(each_challenge_has_its_own_reason)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_solver) *solver = NULL;
    AC_AUTO(ac_solver_call) *call = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(drive_start("refuse-each", NULL, NULL, &solver, &err));
    AC_REQUIRE_CODE(drive(solver, AC_SOLVER_PRESENT, 3, SPAN_MS, &call, &err),
                    AC_E_PLUGIN);

    CU_ASSERT_STRING_EQUAL(ac_solver_call_detail(call, 1), "no 1.example.org here");
    CU_ASSERT_STRING_EQUAL(ac_solver_call_detail(call, 2), "no 2.example.org here");
    CU_ASSERT_EQUAL(ac_solver_call_status(call, 2), ACMECORE_E_REFUSED);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "(and 2 more)"));
}

AC_TEST(failure_of_one_challenge_is_its_own)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_solver) *solver = NULL;
    AC_AUTO(ac_solver_call) *call = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(drive_start("refuse-second", NULL, NULL, &solver, &err));
    AC_REQUIRE_CODE(drive(solver, AC_SOLVER_PRESENT, 2, SPAN_MS, &call, &err),
                    AC_E_PLUGIN);

    CU_ASSERT_EQUAL(ac_solver_call_status(call, 0), ACMECORE_OK);
    CU_ASSERT_EQUAL(ac_solver_call_status(call, 1), ACMECORE_E_NETWORK);
    CU_ASSERT_STRING_EQUAL(ac_solver_call_detail(call, 1),
                           "there was no usable answer");
}

AC_TEST(results_out_of_range_are_errors_of_the_plugin)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_solver) *solver = NULL;
    AC_AUTO(ac_solver_call) *present = NULL;
    AC_AUTO(ac_solver_call) *cleanup = NULL;
    AC_AUTO(ac_solver_call) *probe = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(drive_start("invent", NULL, NULL, &solver, &err));
    AC_REQUIRE_CODE(drive(solver, AC_SOLVER_PRESENT, 1, SPAN_MS, &present, &err),
                    AC_E_PLUGIN);
    AC_REQUIRE_CODE(drive(solver, AC_SOLVER_CLEANUP, 1, SPAN_MS, &cleanup, &err),
                    AC_E_PLUGIN);
    AC_REQUIRE_OK(drive(solver, AC_SOLVER_PROBE, 1, SPAN_MS, &probe, &err));

    CU_ASSERT_EQUAL(ac_solver_call_status(present, 0), ACMECORE_E_INVALID);
    CU_ASSERT_STRING_EQUAL(ac_solver_call_detail(present, 0),
                           "it returned 77, which is no result");
    CU_ASSERT_STRING_EQUAL(ac_solver_call_detail(cleanup, 0),
                           "it returned -4242, which is no result");
    CU_ASSERT_EQUAL(ac_solver_call_status(probe, 0), ACMECORE_PENDING);
}

AC_TEST(pending_is_no_answer_to_present)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    present_with("pending-present", SPAN_MS, &err);

    AC_REQUIRE_CODE(err.code, AC_E_PLUGIN);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "it returned 1, which is no result"));
}

AC_TEST(crashed_plugin_is_started_once_more_for_cleanup)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_solver) *solver = NULL;
    AC_AUTO(ac_solver_call) *present = NULL;
    AC_AUTO(ac_solver_call) *cleanup = NULL;
    AC_AUTO(ac_solver_call) *again = NULL;

    AC_REQUIRE_OK(drive_start("crash-present", NULL, NULL, &solver, &err));
    AC_REQUIRE_CODE(drive(solver, AC_SOLVER_PRESENT, 2, SPAN_MS, &present, &err),
                    AC_E_PLUGIN);
    AC_REQUIRE_OK(drive(solver, AC_SOLVER_CLEANUP, 2, SPAN_MS, &cleanup, &err));
    AC_REQUIRE_CODE(drive(solver, AC_SOLVER_PRESENT, 2, SPAN_MS, &again, &err),
                    AC_E_PLUGIN);

    CU_ASSERT_EQUAL(drive_log_count("batch of 2"), 2);
    CU_ASSERT_STRING_EQUAL(err.detail,
                           "plugin crash-present crashed in present (SIGSEGV)");
}

AC_TEST(cleanup_waiting_behind_a_crash_is_still_done)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_solver) *solver = NULL;
    AC_AUTO(ac_solver_call) *present = NULL;
    AC_AUTO(ac_solver_call) *cleanup = NULL;
    AC_AUTO(ac_batch) batch = { 0 };
    int64_t deadline_ms = ac_clock_after_ms(SPAN_MS);

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(drive_batch(1, &batch, &err));
    AC_REQUIRE_OK(drive_start("crash-present", NULL, NULL, &solver, &err));
    AC_REQUIRE_OK(ac_solver_begin(solver, AC_SOLVER_PRESENT, &batch, deadline_ms,
                                  &present, &err));
    AC_REQUIRE_OK(ac_solver_begin(solver, AC_SOLVER_CLEANUP, &batch, deadline_ms,
                                  &cleanup, &err));
    AC_REQUIRE(drive_call(solver, cleanup));

    CU_ASSERT_EQUAL(ac_solver_call_result(present, &err), AC_E_PLUGIN);
    AC_REQUIRE_OK(ac_solver_call_result(cleanup, &err));
}

AC_TEST(crash_in_cleanup_is_not_repeated_for_ever)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_solver) *solver = NULL;
    AC_AUTO(ac_solver_call) *first = NULL;
    AC_AUTO(ac_solver_call) *second = NULL;
    AC_AUTO(ac_solver_call) *third = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(drive_start("crash-cleanup", NULL, NULL, &solver, &err));
    AC_REQUIRE_CODE(drive(solver, AC_SOLVER_CLEANUP, 1, SPAN_MS, &first, &err),
                    AC_E_PLUGIN);
    AC_REQUIRE_CODE(drive(solver, AC_SOLVER_CLEANUP, 1, SPAN_MS, &second, &err),
                    AC_E_PLUGIN);
    AC_REQUIRE_CODE(drive(solver, AC_SOLVER_CLEANUP, 1, SPAN_MS, &third, &err),
                    AC_E_PLUGIN);

    CU_ASSERT_STRING_EQUAL(err.detail,
                           "plugin crash-cleanup crashed in cleanup (SIGSEGV)");
    CU_ASSERT_PTR_NULL(third);
}

AC_TEST(failed_open_says_why_and_is_a_setting)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    open_with("open-badly", &err);

    AC_REQUIRE_CODE(err.code, AC_E_USAGE);
    CU_ASSERT_STRING_EQUAL(err.detail,
                           "plugin open-badly could not be opened: port 80 is in use");
}

AC_TEST(exit_in_open_names_the_operation)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    open_with("open-and-exit", &err);

    AC_REQUIRE_CODE(err.code, AC_E_PLUGIN);
    CU_ASSERT_STRING_EQUAL(err.detail,
                           "plugin open-and-exit ended in open with exit code 3");
}

AC_TEST(wrong_setting_is_refused_before_open)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_solver) *solver = NULL;
    AC_AUTO(ac_section) section = { 0 };

    AC_REQUIRE_OK(ac_section_add(&section, "wrod", "x", "--set", &err));
    AC_REQUIRE_OK(drive_start("good", &section, NULL, &solver, &err));
    AC_REQUIRE(drive_open(solver));

    AC_REQUIRE_CODE(ac_solver_state(solver, &err), AC_E_USAGE);
    CU_ASSERT_STRING_EQUAL(
        err.detail,
        "--set: option \"wrod\" of good is unknown; did you mean \"word\"?");
}

AC_TEST(options_and_secrets_reach_the_plugin)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_solver) *solver = NULL;
    AC_AUTO(ac_solver_call) *call = NULL;
    AC_AUTO(ac_section) section = { 0 };
    const char *path = ac_test_path("key");

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE(ac_test_write_file(path, "hush", 4));
    AC_REQUIRE_OK(ac_section_add(&section, "word", "one", "--set", &err));
    AC_REQUIRE_OK(ac_section_add(&section, "word", "two", "--set", &err));
    AC_REQUIRE_OK(ac_section_add(&section, "secret", path, "--set", &err));
    AC_REQUIRE_OK(drive_start("tell-options", &section, NULL, &solver, &err));
    AC_REQUIRE_OK(drive(solver, AC_SOLVER_PRESENT, 1, SPAN_MS, &call, &err));

    CU_ASSERT_EQUAL(drive_log_count("word one"), 1);
    CU_ASSERT_EQUAL(drive_log_count("word two"), 1);
    CU_ASSERT_EQUAL(drive_log_count("secret hush"), 1);
}

AC_TEST(every_refusal_has_its_own_sentence)
{
    static const struct {
        const char *plugin;
        const char *sentence;
    } refusals[] = {
        { "major", "it is built for plugin ABI 2.0, this acmecore has 1.0" },
        { "misnamed", "it calls itself \"another\", which is not its file name" },
        { "needs-newer",
          "it needs a newer acmecore (plugin ABI 1.99, this one has 1.0)" },
        { "no-symbol", "it does not export acmecore_plugin" },
        { "no-cleanup", "it has no cleanup operation, which is required" },
        { "no-open", "it has no open operation, which is required" },
        { "odd-kind", "its kind 9 is unknown to this acmecore" },
        { "store-kind", "it is a store, which no acmecore loads yet" },
        { "no-types", "its list of challenge types has no entries" },
        { "odd-types", "its challenge type \"HTTP 01\" is none" },
        { "many-options", "it says it has 4000000000 options (at most 128)" },
        { "small-options", "it says an option has 8 bytes" },
        { "short-struct", "its descriptor says it has 16 bytes" },
        { "long-struct", "its descriptor says it has 65536 bytes" },
        { "not-elf", "it is no ELF file" },
        { "empty", "the file is empty" },
        { "truncated", "the file is truncated" },
        { "needs-own-1",
          "it needs a newer acmecore (plugin ABI 1.1, this one has 1.0)" },
    };

    AC_REQUIRE(!ac_check_is_torture());
    for (size_t i = 0; i < AC_COUNT(refusals); i++) {
        struct ac_error err = { 0 };
        char start[128];
        (void)snprintf(start, sizeof start,
                       "plugin %s is refused: ", refusals[i].plugin);
        open_with(refusals[i].plugin, &err);
        AC_REQUIRE_CODE(err.code, AC_E_USAGE);
        AC_REQUIRE(!strncmp(err.detail, start, strlen(start)));
        CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, refusals[i].sentence));
    }
}

AC_TEST(minors_of_host_and_plugin_may_differ)
{
    static const struct {
        const char *host;
        const char *plugin;
    } pairs[] = {
        { AC_TEST_PLUGIN_HOST, "tolerant-0" },
        { AC_TEST_PLUGIN_HOST, "tolerant-1" },
        { AC_TEST_PLUGIN_HOST, "needs-own-0" },
        { AC_TEST_PLUGIN_HOST_NEXT, "tolerant-0" },
        { AC_TEST_PLUGIN_HOST_NEXT, "tolerant-1" },
        { AC_TEST_PLUGIN_HOST_NEXT, "needs-own-0" },
        { AC_TEST_PLUGIN_HOST_NEXT, "needs-own-1" },
    };

    AC_REQUIRE(!ac_check_is_torture());
    for (size_t i = 0; i < AC_COUNT(pairs); i++) {
        struct ac_error err = { 0 };
        AC_AUTO(ac_solver) *solver = NULL;
        AC_AUTO(ac_solver_call) *call = NULL;
        AC_REQUIRE_OK(drive_start(pairs[i].plugin, NULL, pairs[i].host, &solver, &err));
        AC_REQUIRE_OK(drive(solver, AC_SOLVER_PRESENT, 3, SPAN_MS, &call, &err));
        CU_ASSERT_EQUAL(drive_log_count("batch of 3"), 3);
    }
}

AC_TEST(plugin_that_does_not_exist_is_a_wrong_setting)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_solver) *solver = NULL;

    AC_REQUIRE_CODE(drive_start("goood", NULL, NULL, &solver, &err), AC_E_USAGE);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "did you mean good?"));
}

AC_TEST(installer_is_no_solver)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    open_with("installer-kind", &err);

    CU_ASSERT_NOT_EQUAL(err.code, AC_OK);
}

AC_SUITE("host/solver", AC_CASE(good_plugin_presents_probes_and_cleans_up),
         AC_CASE(descriptor_is_known_once_it_is_loaded),
         AC_CASE(empty_batch_is_done_at_once),
         AC_CASE(batches_are_split_by_the_plugins_limit),
         AC_CASE(a_thousand_challenges_go_in_one_batch),
         AC_CASE(calls_begun_together_end_in_their_order),
         AC_CASE(dropped_call_goes_on), AC_CASE(call_outlives_its_solver),
         AC_CASE(refusal_carries_the_plugins_clean_words),
         AC_CASE(each_challenge_has_its_own_reason),
         AC_CASE(failure_of_one_challenge_is_its_own),
         AC_CASE(results_out_of_range_are_errors_of_the_plugin),
         AC_CASE(pending_is_no_answer_to_present),
         AC_CASE(crashed_plugin_is_started_once_more_for_cleanup),
         AC_CASE(cleanup_waiting_behind_a_crash_is_still_done),
         AC_CASE(crash_in_cleanup_is_not_repeated_for_ever),
         AC_CASE(failed_open_says_why_and_is_a_setting),
         AC_CASE(exit_in_open_names_the_operation),
         AC_CASE(wrong_setting_is_refused_before_open),
         AC_CASE(options_and_secrets_reach_the_plugin),
         AC_CASE(every_refusal_has_its_own_sentence),
         AC_CASE(minors_of_host_and_plugin_may_differ),
         AC_CASE(plugin_that_does_not_exist_is_a_wrong_setting),
         AC_CASE(installer_is_no_solver))
