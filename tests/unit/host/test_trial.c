/* SPDX-License-Identifier: Apache-2.0 */
/* What a trial is for is in tests/unit/engine/check. */
#include "host/trial.h"

#include "base/clock.h"
#include "check.h"

#define SPAN_MS 20000

static bool drive(struct ac_trial *trial, bool (*is_done)(const struct ac_trial *))
{
    int64_t end_ms = ac_clock_after_ms(SPAN_MS);

    while (!is_done(trial) && ac_clock_now_ms() < end_ms) {
        struct pollfd fds[AC_PROCESS_FDS];
        size_t count = ac_trial_fds(trial, fds);
        (void)poll(fds, (nfds_t)count, 50);
        ac_trial_step(trial);
    }
    return is_done(trial);
}

static enum ac_code start(const char *name, struct ac_trial **ret_trial,
                          struct ac_error *err)
{
    AC_AUTO(ac_words) folders = { 0 };
    struct ac_section none = { 0 };

    AC_TRY(ac_words_add(&folders, AC_TEST_PLUGINS, err));
    struct ac_plugin_settings settings = { .name = name,
                                           .plugin = name,
                                           .section = &none,
                                           .plugin_folders = &folders,
                                           .host_path = AC_TEST_PLUGIN_HOST };
    return ac_trial_start(&settings, ACMECORE_SOLVER, ret_trial, err);
}

AC_TEST(its_process_can_be_looked_into)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_trial) *trial = NULL;
    const struct ac_json *reply = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(start("good", &trial, &err));
    AC_REQUIRE(drive(trial, ac_trial_is_open));
    AC_REQUIRE_OK(ac_trial_state(trial, &err));
    AC_REQUIRE_OK(ac_trial_begin(trial, "inspect", NULL, false,
                                 ac_clock_after_ms(SPAN_MS), &err));
    AC_REQUIRE(drive(trial, ac_trial_is_done));
    AC_REQUIRE_OK(ac_trial_reply(trial, &reply, &err));

    const struct ac_json *state = ac_json_get(reply, "state");
    CU_ASSERT_EQUAL(ac_json_number_or(state, "threads", 0), 1);
    CU_ASSERT(ac_json_number_or(state, "descriptors", 0) > 0);
    CU_ASSERT_STRING_EQUAL(ac_trial_descriptor(trial)->name, "good");
}

AC_TEST(a_death_is_the_result_of_the_operation)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_trial) *trial = NULL;
    AC_AUTO(ac_batch) none = { 0 };
    const struct ac_json *reply = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(start("crash-present", &trial, &err));
    AC_REQUIRE(drive(trial, ac_trial_is_open));
    AC_REQUIRE_OK(ac_trial_begin(trial, "present", &none, false,
                                 ac_clock_after_ms(SPAN_MS), &err));
    AC_REQUIRE(drive(trial, ac_trial_is_done));

    AC_REQUIRE_CODE(ac_trial_reply(trial, &reply, &err), AC_E_PLUGIN);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "SIGSEGV"));
}

AC_TEST(what_does_not_load_is_open_in_the_end_and_failed)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_trial) *trial = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(start("not-elf", &trial, &err));
    AC_REQUIRE(drive(trial, ac_trial_is_open));

    AC_REQUIRE_CODE(ac_trial_state(trial, &err), AC_E_USAGE);
    CU_ASSERT_PTR_NULL(ac_trial_descriptor(trial));
}

AC_TEST(what_is_printed_is_counted)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_trial) *trial = NULL;
    AC_AUTO(ac_batch) none = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(start("print", &trial, &err));
    AC_REQUIRE(drive(trial, ac_trial_is_open));
    AC_REQUIRE_OK(ac_trial_begin(trial, "present", &none, false,
                                 ac_clock_after_ms(SPAN_MS), &err));
    AC_REQUIRE(drive(trial, ac_trial_is_done));

    CU_ASSERT(ac_trial_printed(trial) > 0);
}

AC_SUITE("host/trial", AC_CASE(its_process_can_be_looked_into),
         AC_CASE(a_death_is_the_result_of_the_operation),
         AC_CASE(what_does_not_load_is_open_in_the_end_and_failed),
         AC_CASE(what_is_printed_is_counted))
