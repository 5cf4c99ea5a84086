/* SPDX-License-Identifier: Apache-2.0 */
#include "drive.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#define SPAN_MS  10000
#define SHORT_MS 200

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

AC_TEST(crash_names_plugin_operation_and_signal)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    present_with("crash-present", SPAN_MS, &err);

    AC_REQUIRE_CODE(err.code, AC_E_PLUGIN);
    CU_ASSERT_STRING_EQUAL(err.detail,
                           "plugin crash-present crashed in present (SIGSEGV)");
}

/* A zombie of the session may be there until its new parent looks. */
static bool is_gone(pid_t pid)
{
    char path[64];
    char state[256] = "";

    (void)snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return true;
    size_t size = fread(state, 1, sizeof state - 1, file);
    (void)fclose(file);
    state[size] = '\0';
    return strstr(state, ") Z ") != NULL;
}

AC_TEST(what_a_killed_one_has_started_ends_with_it)
{
    struct ac_error err = { 0 };
    long child = 0;

    AC_REQUIRE(!ac_check_is_torture());
    present_with("hang-with-child", SHORT_MS, &err);

    AC_REQUIRE_CODE(err.code, AC_E_PLUGIN);
    const char *told = strstr(drive_log, "its stray is ");
    AC_REQUIRE(told != NULL);
    child = strtol(told + strlen("its stray is "), NULL, 10);
    AC_REQUIRE(child > 1);
    for (int i = 0; i < 200 && !is_gone((pid_t)child); i++)
        (void)poll(NULL, 0, 10);
    CU_ASSERT_TRUE(is_gone((pid_t)child));
}

AC_TEST(abort_is_told_from_a_crash)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    present_with("abort-present", SPAN_MS, &err);

    AC_REQUIRE_CODE(err.code, AC_E_PLUGIN);
    CU_ASSERT_STRING_EQUAL(err.detail,
                           "plugin abort-present crashed in present (SIGABRT)");
}

AC_TEST(exit_names_its_code)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    present_with("exit-present", SPAN_MS, &err);

    AC_REQUIRE_CODE(err.code, AC_E_PLUGIN);
    CU_ASSERT_STRING_EQUAL(err.detail,
                           "plugin exit-present ended in present with exit code 3");
}

AC_TEST(hang_ends_at_the_deadline)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_solver) *solver = NULL;
    AC_AUTO(ac_solver_call) *call = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(drive_start("hang-present", NULL, NULL, &solver, &err));
    AC_REQUIRE(drive_open(solver));
    AC_REQUIRE_CODE(drive(solver, AC_SOLVER_PRESENT, 1, SHORT_MS, &call, &err),
                    AC_E_PLUGIN);

    CU_ASSERT_PTR_NOT_NULL(
        strstr(err.detail, "plugin hang-present hung in present: no answer within "));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, " ms; it was killed"));
}

AC_TEST(call_without_time_is_not_begun)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_solver) *solver = NULL;
    AC_AUTO(ac_solver_call) *late = NULL;
    AC_AUTO(ac_solver_call) *next = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(drive_start("good", NULL, NULL, &solver, &err));
    AC_REQUIRE_CODE(drive(solver, AC_SOLVER_PRESENT, 1, 0, &late, &err), AC_E_PLUGIN);
    CU_ASSERT_STRING_EQUAL(err.detail, "plugin good had no time left for present");
    AC_REQUIRE_OK(drive(solver, AC_SOLVER_CLEANUP, 1, SPAN_MS, &next, &err));

    CU_ASSERT_EQUAL(drive_log_count("batch of 1"), 1);
}

AC_TEST(endless_log_is_a_flood)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    present_with("flood-log", SPAN_MS, &err);

    AC_REQUIRE_CODE(err.code, AC_E_PLUGIN);
    CU_ASSERT_STRING_EQUAL(err.detail, "plugin flood-log flooded its socket in present "
                                       "(too many log lines); it was killed");
}

AC_TEST(endless_output_is_a_flood_and_logged_within_bounds)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    present_with("flood-output", SPAN_MS, &err);

    AC_REQUIRE_CODE(err.code, AC_E_PLUGIN);
    CU_ASSERT_STRING_EQUAL(
        err.detail, "plugin flood-output flooded its output in present; it was killed");
    CU_ASSERT(drive_log_count("prints and prints") < 2500);
    CU_ASSERT_EQUAL(drive_log_count("printed too much"), 1);
}

AC_TEST(output_is_logged_a_clean_line_at_a_time)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    present_with("print", SPAN_MS, &err);

    AC_REQUIRE_CODE(err.code, AC_OK);
    CU_ASSERT_EQUAL(drive_log_count("plugin.output plugin=print text="), 2);
    CU_ASSERT_EQUAL(drive_log_count("\033"), 0);
    CU_ASSERT_EQUAL(drive_log_count("no newline"), 1);
}

AC_TEST(raw_bytes_in_the_socket_are_a_flood)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    present_with("garbage", SPAN_MS, &err);

    AC_REQUIRE_CODE(err.code, AC_E_PLUGIN);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(err.detail, "plugin garbage flooded its socket in present"));
}

AC_TEST(forged_reply_is_found_out)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    present_with("forge", SPAN_MS, &err);

    AC_REQUIRE_CODE(err.code, AC_E_PLUGIN);
    CU_ASSERT_STRING_EQUAL(err.detail, "plugin forge flooded its socket in present (a "
                                       "reply nobody asked for); it was killed");
}

AC_TEST(closed_socket_is_noticed)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    present_with("close-socket", SPAN_MS, &err);

    AC_REQUIRE_CODE(err.code, AC_E_PLUGIN);
    CU_ASSERT_STRING_EQUAL(
        err.detail, "plugin close-socket closed its socket in present; it was killed");
}

AC_TEST(end_is_noticed_though_a_grandchild_holds_the_socket)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    present_with("fork-away", SPAN_MS, &err);

    AC_REQUIRE_CODE(err.code, AC_E_PLUGIN);
    CU_ASSERT_STRING_EQUAL(err.detail,
                           "plugin fork-away was killed in present (SIGKILL)");
}

AC_TEST(descriptor_leak_hurts_nobody_else)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    present_with("leak", SPAN_MS, &err);

    CU_ASSERT_EQUAL(err.code, AC_OK);
}

AC_TEST(plugin_inherits_nothing)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_solver) *solver = NULL;
    AC_AUTO(ac_solver_call) *call = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE(setenv("LD_PRELOAD_SECRET", "x", 1) == 0);
    AC_REQUIRE_OK(drive_start("look-around", NULL, NULL, &solver, &err));
    AC_REQUIRE_OK(drive(solver, AC_SOLVER_PRESENT, 1, SPAN_MS, &call, &err));

    CU_ASSERT_EQUAL(drive_log_count("\"env "), 2);
    CU_ASSERT_EQUAL(drive_log_count("env PATH=/usr/sbin:/usr/bin:/sbin:/bin"), 1);
    CU_ASSERT_EQUAL(drive_log_count("\"descriptors 1\""), 1);
    CU_ASSERT_EQUAL(drive_log_count("\"cwd /\""), 1);
    CU_ASSERT_EQUAL(drive_log_count("session own"), 1);
    CU_ASSERT_EQUAL(drive_log_count("plugins/look-around"), 1);
}

AC_TEST(descriptors_are_served_between_calls)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_solver) *solver = NULL;
    AC_AUTO(ac_solver_call) *present = NULL;
    int64_t until_ms = ac_clock_after_ms(SPAN_MS);
    int status = ACMECORE_PENDING;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(drive_start("bell", NULL, NULL, &solver, &err));
    AC_REQUIRE_OK(drive(solver, AC_SOLVER_PRESENT, 1, SPAN_MS, &present, &err));
    while (status == ACMECORE_PENDING && ac_clock_now_ms() < until_ms) {
        AC_AUTO(ac_solver_call) *probe = NULL;
        AC_REQUIRE_OK(drive(solver, AC_SOLVER_PROBE, 1, SPAN_MS, &probe, &err));
        status = ac_solver_call_status(probe, 0);
    }

    CU_ASSERT_EQUAL(status, ACMECORE_OK);
}

AC_TEST(watching_too_many_descriptors_ends_the_plugin)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    present_with("watch-too-much", SPAN_MS, &err);

    AC_REQUIRE_CODE(err.code, AC_E_PLUGIN);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "with exit code 1"));
}

AC_TEST(process_that_cannot_be_executed_is_not_started)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_process) *process = NULL;
    struct ac_process_settings settings = { .host_path = ac_test_path("absent"),
                                            .plugin_path = "/absent.so",
                                            .name = "absent" };

    AC_REQUIRE_CODE(ac_process_start(&settings, &process, &err), AC_E_SYSTEM);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "cannot be executed"));
}

AC_TEST(process_that_never_answers_is_stopped_within_the_grace)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_process) *process = NULL;
    struct ac_process_settings settings = { .host_path = "/bin/cat",
                                            .plugin_path = "/absent.so",
                                            .name = "absent" };
    const struct ac_json *reply = NULL;

    AC_REQUIRE_OK(ac_process_start(&settings, &process, &err));
    for (int i = 0; i < 1000 && ac_process_is_alive(process); i++) {
        struct pollfd fds[AC_PROCESS_FDS];
        (void)poll(fds, (nfds_t)ac_process_fds(process, fds), 20);
        ac_process_step(process);
    }

    AC_REQUIRE(!ac_process_is_alive(process));
    AC_REQUIRE_CODE(ac_call_result(ac_process_loading(process), &reply, &err),
                    AC_E_PLUGIN);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "plugin absent ended in load"));
}

/* Says more than is taken in one step, its reply last, and stays. In few writes: of so
 * small ones a socket does not take so many. */
#define CHATTY_LINES 300
#define CHATTY_LINE  (8 + 36)
#define CHATTY_REPLY (8 + 11)
/* clang-format off */
static const char chatty[] =
    "#!/bin/sh\n"
    "printf '\\0\\0\\0\\044\\0\\0\\0\\0{\"event\":\"log\",\"level\":3,\"text\":\"x\"}%.0s'"
    " $(seq 300) >&3\n"
    "printf '\\0\\0\\0\\013\\0\\0\\0\\0{\"reply\":1}' >&3\n"
    "exec cat <&3 >/dev/null\n";
/* clang-format on */

/* Are so many bytes there to be read, in time? */
static bool comes(const struct ac_process *process, int size)
{
    int64_t until_ms = ac_clock_after_ms(DRIVE_LIMIT_MS);
    struct pollfd fds[AC_PROCESS_FDS];
    int there = 0;

    if (ac_process_fds(process, fds) == 0)
        return false;
    while (there < size && ac_clock_now_ms() < until_ms) {
        (void)poll(NULL, 0, 1);
        if (ioctl(fds[0].fd, FIONREAD, &there) != 0)
            return false;
    }
    return there == size;
}

/* No descriptor tells of it: it is not in the socket any more. */
AC_TEST(what_is_left_for_the_next_step_wakes_the_loop)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_process) *process = NULL;
    AC_AUTO(ac_call) *call = NULL;
    AC_AUTO(ac_message) message = { 0 };
    const char *path = ac_test_path("chatty");
    struct ac_process_settings settings = { .host_path = path, .name = "chatty" };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE(ac_test_write_file(path, chatty, strlen(chatty))
               && chmod(path, 0700) == 0);
    AC_REQUIRE_OK(ac_json_new(&message.json, &err, "{s:s}", "op", "say"));
    AC_REQUIRE_OK(ac_process_start(&settings, &process, &err));
    AC_REQUIRE_OK(ac_process_call(process, "say", &message, ac_clock_after_ms(SPAN_MS),
                                  &call, &err));
    ac_process_send(process);
    AC_REQUIRE(comes(process, CHATTY_LINES * CHATTY_LINE + CHATTY_REPLY));

    ac_process_step(process);
    bool was_done = ac_call_is_done(call);
    int64_t wake_at_ms = ac_process_wake_at_ms(process);
    ac_process_step(process);

    CU_ASSERT_FALSE(was_done);
    CU_ASSERT(wake_at_ms <= ac_clock_now_ms());
    CU_ASSERT_TRUE(ac_call_is_done(call));
    CU_ASSERT_EQUAL(ac_process_wake_at_ms(process), AC_CLOCK_NEVER);
}

AC_TEST(folder_of_the_plugin_is_private)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_process) *process = NULL;
    const char *folder = ac_test_path("plugins/good");
    struct ac_process_settings settings = { .host_path = AC_TEST_PLUGIN_HOST,
                                            .plugin_path = AC_TEST_PLUGINS "/good.so",
                                            .name = "good",
                                            .folder = folder };
    struct stat status = { 0 };

    AC_REQUIRE_OK(ac_process_start(&settings, &process, &err));

    CU_ASSERT_EQUAL(stat(folder, &status), 0);
    CU_ASSERT_EQUAL(status.st_mode & 07777, 0700);
}

AC_SUITE("host/process", AC_CASE(crash_names_plugin_operation_and_signal),
         AC_CASE(what_a_killed_one_has_started_ends_with_it),
         AC_CASE(abort_is_told_from_a_crash), AC_CASE(exit_names_its_code),
         AC_CASE(hang_ends_at_the_deadline), AC_CASE(call_without_time_is_not_begun),
         AC_CASE(endless_log_is_a_flood),
         AC_CASE(endless_output_is_a_flood_and_logged_within_bounds),
         AC_CASE(output_is_logged_a_clean_line_at_a_time),
         AC_CASE(raw_bytes_in_the_socket_are_a_flood),
         AC_CASE(forged_reply_is_found_out), AC_CASE(closed_socket_is_noticed),
         AC_CASE(end_is_noticed_though_a_grandchild_holds_the_socket),
         AC_CASE(descriptor_leak_hurts_nobody_else), AC_CASE(plugin_inherits_nothing),
         AC_CASE(descriptors_are_served_between_calls),
         AC_CASE(watching_too_many_descriptors_ends_the_plugin),
         AC_CASE(process_that_cannot_be_executed_is_not_started),
         AC_CASE(what_is_left_for_the_next_step_wakes_the_loop),
         AC_CASE(process_that_never_answers_is_stopped_within_the_grace),
         AC_CASE(folder_of_the_plugin_is_private))
