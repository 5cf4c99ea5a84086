/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every pairing of plugin host and plugin, each of ABI 1.0 and of its derived next
 * minor: built plugins (plugins/minor.c), our plugin host, and that of derive.py.
 */
#include "drive.h"

#include "host/installer.h"

#define SPAN_MS 10000

struct pairing {
    const char *host;
    const char *plugin;
    const char *lines[8]; /* of its log, each once for one challenge */
    const char *absent;   /* what is in none of them; or NULL */
};

/* An old plugin reads of a new host what it knows, a new plugin of an old host what is
 * there. */
static const struct pairing solvers[] = {
    { AC_TEST_PLUGIN_HOST,
      "minor-0",
      { "plugin 1.0 on host 1.0", "options one two", "request -4 command 7",
        "answer 0.example.org" },
      "recall" },
    { AC_TEST_PLUGIN_HOST,
      "minor-1",
      { "plugin 1.1 on host 1.0", "options one two", "request -4 command 7",
        "answer 0.example.org", "run_id absent", "profile absent" },
      "recall" },
    { AC_TEST_PLUGIN_HOST_NEXT,
      "minor-0",
      { "plugin 1.0 on host 1.1", "options one two", "request -4 command 7",
        "answer 0.example.org" },
      "recall" },
    { AC_TEST_PLUGIN_HOST_NEXT,
      "minor-1",
      { "plugin 1.1 on host 1.1", "options one two", "request -4 command 7",
        "answer 0.example.org", "run_id run-42", "profile shortlived", "recall of 1" },
      "absent" },
    { AC_TEST_PLUGIN_HOST,
      "minor-needs-0",
      { "plugin 1.0 on host 1.0", "answer 0.example.org" },
      "recall" },
    { AC_TEST_PLUGIN_HOST_NEXT,
      "minor-needs-0",
      { "plugin 1.0 on host 1.1", "answer 0.example.org" },
      "recall" },
    { AC_TEST_PLUGIN_HOST_NEXT,
      "minor-needs-1",
      { "plugin 1.1 on host 1.1", "answer 0.example.org", "recall of 1" },
      "absent" },
};

static void check_lines(const struct pairing *pairing)
{
    for (size_t i = 0; i < AC_COUNT(pairing->lines) && pairing->lines[i]; i++)
        CU_ASSERT_EQUAL(drive_log_count(pairing->lines[i]), 1);
    if (pairing->absent)
        CU_ASSERT_EQUAL(drive_log_count(pairing->absent), 0);
}

AC_TEST(solvers_of_each_minor_work_in_a_host_of_each)
{
    AC_REQUIRE(!ac_check_is_torture());
    for (size_t i = 0; i < AC_COUNT(solvers); i++) {
        struct ac_error err = { 0 };
        AC_AUTO(ac_solver) *solver = NULL;
        AC_AUTO(ac_solver_call) *call = NULL;

        AC_REQUIRE_OK(
            drive_start(solvers[i].plugin, NULL, solvers[i].host, &solver, &err));
        AC_REQUIRE_OK(drive(solver, AC_SOLVER_PRESENT, 1, SPAN_MS, &call, &err));
        check_lines(&solvers[i]);
    }
}

AC_TEST(a_plugin_that_needs_a_later_minor_is_refused_by_an_older_host)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_solver) *solver = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(
        drive_start("minor-needs-1", NULL, AC_TEST_PLUGIN_HOST, &solver, &err));
    (void)drive_open(solver);

    AC_REQUIRE(ac_solver_state(solver, &err) != AC_OK);
    CU_ASSERT_PTR_NOT_NULL(strstr(
        err.detail, "needs a newer acmecore (plugin ABI 1.1, this one has 1.0)"));
    CU_ASSERT_EQUAL(drive_log_count("plugin 1.1"), 0);
}

static const struct pairing installers[] = {
    { AC_TEST_PLUGIN_HOST,
      "minor-installer-0",
      { "plugin 1.0 on host 1.0", "options one two", "stage www of 96 bytes 0123" },
      NULL },
    { AC_TEST_PLUGIN_HOST,
      "minor-installer-1",
      { "plugin 1.1 on host 1.0", "options one two", "stage www of 96 bytes 0123",
        "note absent" },
      NULL },
    { AC_TEST_PLUGIN_HOST_NEXT,
      "minor-installer-0",
      { "plugin 1.0 on host 1.1", "options one two", "stage www of 104 bytes 0123" },
      NULL },
    { AC_TEST_PLUGIN_HOST_NEXT,
      "minor-installer-1",
      { "plugin 1.1 on host 1.1", "options one two", "stage www of 104 bytes 0123",
        "note absent" },
      NULL },
};

static enum ac_code start_installer(const struct pairing *pairing,
                                    struct ac_installer **ret_installer,
                                    struct ac_error *err)
{
    static const struct ac_section none;
    AC_AUTO(ac_words) folders = { 0 };

    drive_log_start();
    AC_TRY(ac_words_add(&folders, AC_TEST_PLUGINS, err));
    const struct ac_plugin_settings settings = {
        .name = pairing->plugin,
        .plugin = pairing->plugin,
        .section = &none,
        .plugin_folders = &folders,
        .host_path = pairing->host,
        .state_folder = ac_test_folder(),
    };
    return ac_installer_start(&settings, ret_installer, err);
}

static enum ac_code stage_one(struct ac_installer *installer, struct ac_error *err)
{
    static const char *const identifiers[] = { "a.example", NULL };
    const struct acmecore_certificate certificate = {
        .struct_size = sizeof certificate,
        .name = "www",
        .identifiers = identifiers,
        .fullchain_path = "/dev/null",
        .cert_path = "/dev/null",
        .chain_path = "/dev/null",
        .folder_path = "/dev",
        .fingerprint =
            "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    };
    AC_AUTO(ac_install_batch) batch = { 0 };
    int64_t until_ms = ac_clock_after_ms(SPAN_MS);

    AC_TRY(ac_install_batch_add(&batch, &certificate, err));
    AC_TRY(ac_installer_begin(installer, AC_INSTALLER_STAGE, &batch, until_ms, err));
    while (!ac_installer_is_done(installer) && ac_clock_now_ms() < until_ms) {
        struct pollfd fds[AC_PROCESS_FDS];
        size_t count = ac_installer_fds(installer, fds);

        (void)poll(fds, (nfds_t)count,
                   ac_clock_left_ms(ac_installer_wake_at_ms(installer)));
        ac_installer_step(installer);
    }
    return ac_installer_result(installer, err);
}

AC_TEST(installers_of_each_minor_work_in_a_host_of_each)
{
    AC_REQUIRE(!ac_check_is_torture());
    for (size_t i = 0; i < AC_COUNT(installers); i++) {
        struct ac_error err = { 0 };
        AC_AUTO(ac_installer) *installer = NULL;

        AC_REQUIRE_OK(start_installer(&installers[i], &installer, &err));
        AC_REQUIRE_OK(stage_one(installer, &err));
        check_lines(&installers[i]);
    }
}

AC_SUITE("abi/minors", AC_CASE(solvers_of_each_minor_work_in_a_host_of_each),
         AC_CASE(a_plugin_that_needs_a_later_minor_is_refused_by_an_older_host),
         AC_CASE(installers_of_each_minor_work_in_a_host_of_each))
