/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/context.h"

#include "command_line.h"
#include "fake_run.h"

static uid_t effective_user = 1000;

uid_t geteuid(void)
{
    return effective_user;
}

struct world {
    struct ac_options options;
    struct ac_context context;
};

static void world_done(struct world *world)
{
    ac_context_done(&world->context);
    ac_options_done(&world->options);
}
AC_DEFINE_DROP_VALUE(world, world_done)

static enum ac_code begin(struct world *world, const char *const *words,
                          struct ac_error *err)
{
    fake_reset();
    AC_TRY(parse(&world->options, words, err));
    ac_terminal_init(&world->context.terminal, false, false);
    return ac_context_init(&world->context, &world->options, err);
}

static enum ac_code begin_run(struct world *world, const char *const *words,
                              struct ac_error *err)
{
    AC_TRY(begin(world, words, err));
    return ac_context_run(&world->context, err);
}

/* ---- the state folder */

static void expect_state(const char *home, const char *state_home, const char *folder)
{
    struct ac_error err = { 0 };
    AC_AUTO(world) world = { 0 };

    (void)setenv("HOME", home, 1);
    (void)setenv("XDG_STATE_HOME", state_home, 1);
    AC_REQUIRE_OK(begin(&world, WORDS("list"), &err));
    CU_ASSERT_STRING_EQUAL(ac_store_folder(world.context.store), folder);
}

AC_TEST(a_user_has_the_state_where_xdg_says)
{
    expect_state("/home/u", "/data/state", "/data/state/acmecore");
    expect_state("/home/u", "relative/is/ignored", "/home/u/.local/state/acmecore");
    expect_state("/home/u", "", "/home/u/.local/state/acmecore");
}

AC_TEST(root_has_the_state_of_the_machine)
{
    effective_user = 0;
    expect_state("/root", "/data/state", "/var/lib/acmecore");
    effective_user = 1000;
}

AC_TEST(without_a_home_the_state_must_be_given)
{
    struct ac_error err = { 0 };
    AC_AUTO(world) world = { 0 };

    (void)setenv("HOME", "", 1);
    (void)unsetenv("XDG_STATE_HOME");
    AC_REQUIRE_CODE(begin(&world, WORDS("list"), &err), AC_E_USAGE);

    CU_ASSERT_TRUE(ac_capture_has(err.detail, "give --state-dir"));
}

AC_TEST(a_relative_folder_is_below_the_one_we_are_in)
{
    struct ac_error err = { 0 };
    AC_AUTO(world) world = { 0 };
    char here[512];
    char want[600];

    AC_REQUIRE(getcwd(here, sizeof here) != NULL);
    AC_REQUIRE_OK(begin(
        &world,
        WORDS("list", "--state-dir", "a", "--plugin-dir", ".", "--plugin-dir", "/tmp"),
        &err));

    (void)snprintf(want, sizeof want, "%s/a", here);
    CU_ASSERT_STRING_EQUAL(ac_store_folder(world.context.store), want);
    (void)snprintf(want, sizeof want, "%s/.", here);
    CU_ASSERT_STRING_EQUAL(world.context.plugin_folders.items[0], want);
    CU_ASSERT_STRING_EQUAL(world.context.plugin_folders.items[1], "/tmp");
}

AC_TEST(plugins_and_their_host_lie_beside_the_program)
{
    struct ac_error err = { 0 };
    AC_AUTO(world) world = { 0 };

    AC_REQUIRE_OK(begin(&world, IN_STATE("list"), &err));

    CU_ASSERT_EQUAL(world.context.plugin_folders.count, 1);
    CU_ASSERT_EQUAL(world.context.plugin_folders.items[0][0], '/');
    CU_ASSERT_TRUE(
        ac_capture_has(world.context.plugin_folders.items[0], "acmecore/plugins"));
    CU_ASSERT_TRUE(ac_capture_has(world.context.host_path, "/acmecore-plugin-host"));
}

AC_TEST(a_command_that_keeps_nothing_needs_no_state_folder)
{
    struct ac_error err = { 0 };
    AC_AUTO(world) plugins = { 0 };
    AC_AUTO(world) directory = { 0 };

    (void)setenv("HOME", "", 1);
    (void)unsetenv("XDG_STATE_HOME");
    AC_REQUIRE_OK(begin_run(&plugins, WORDS("plugin", "list"), &err));
    CU_ASSERT_PTR_NULL(fake.settings.store);
    AC_REQUIRE_OK(begin_run(&directory, WORDS("directory"), &err));

    CU_ASSERT_PTR_NULL(directory.context.store);
}

/* ---- what the run is given */

AC_TEST(an_alias_brings_its_url)
{
    struct ac_error err = { 0 };
    AC_AUTO(world) world = { 0 };

    AC_REQUIRE_OK(begin_run(&world, IN_STATE("directory"), &err));

    CU_ASSERT_STRING_EQUAL(fake.settings.place.directory_url,
                           "https://acme-v02.api.letsencrypt.org/directory");
    CU_ASSERT_PTR_NULL(fake.settings.registration.ask_terms); /* no terminal */
}

AC_TEST(options_reach_the_run)
{
    struct ac_error err = { 0 };
    AC_AUTO(world) world = { 0 };

    AC_REQUIRE_OK(begin_run(&world,
                            IN_STATE("--server", CA_URL, "--contact", "a@example.org",
                                     "--contact", "mailto:b@example.org", "--agree-tos",
                                     "--ca-file", "ca.pem", "--insecure-http"),
                            &err));

    CU_ASSERT_STRING_EQUAL(fake.settings.place.directory_url, CA_URL);
    CU_ASSERT_TRUE(fake.settings.registration.agrees_to_terms);
    CU_ASSERT_STRING_EQUAL(fake.settings.registration.contacts->items[0],
                           "mailto:a@example.org");
    CU_ASSERT_EQUAL(fake.settings.registration.contacts->count, 2);
    CU_ASSERT_STRING_EQUAL(fake.settings.place.ca_file, "ca.pem");
    CU_ASSERT_TRUE(fake.settings.place.can_use_plain_http);
}

AC_TEST(an_external_account_is_read_from_its_file)
{
    struct ac_error err = { 0 };
    AC_AUTO(world) world = { 0 };
    const char *path = ac_test_path("mac");

    AC_REQUIRE(ac_test_write_file(path, "AQID\n", 5));
    AC_REQUIRE_OK(
        begin_run(&world,
                  IN_STATE("account", "register", "--eab-kid", "id",
                           "--eab-hmac-key-file", path, "--eab-hmac-alg", "HS512"),
                  &err));

    CU_ASSERT_STRING_EQUAL(fake.settings.registration.eab_kid, "id");
    CU_ASSERT_EQUAL(fake.settings.registration.eab_algorithm, AC_HMAC_SHA512);
    CU_ASSERT_EQUAL(fake.settings.registration.eab_key->size, 3);
}

static void refuse(const char *const *words, const char *part)
{
    struct ac_error err = { 0 };
    AC_AUTO(world) world = { 0 };

    AC_REQUIRE_CODE(begin_run(&world, words, &err), AC_E_USAGE);
    CU_ASSERT_TRUE(ac_capture_has(err.detail, part));
}

AC_TEST(what_does_not_fit_together_is_refused)
{
    const char *path = ac_test_path("mac");

    AC_REQUIRE(ac_test_write_file(path, "AQID", 4));
    refuse(IN_STATE("--eab-kid", "id"), "belong together");
    refuse(IN_STATE("--eab-hmac-key-file", path), "belong together");
    refuse(IN_STATE("--eab-hmac-alg", "HS256"), "belong together");
    refuse(IN_STATE("--eab-kid", "id", "--eab-hmac-key-file", path, "--eab-hmac-alg",
                    "HS1"),
           "--eab-hmac-alg is HS256, HS384 or HS512, not \"HS1\"");
    refuse(IN_STATE("--contact", "a@b@c"), "contact");
    refuse(IN_STATE("--server", "http://ca.example/dir"),
           "--server http://ca.example/dir is not encrypted: give its https:// URL, or "
           "--insecure-http");
    refuse(IN_STATE("--server", "ftp://ca.example/dir"),
           "not \"ftp://ca.example/dir\"");
    refuse(IN_STATE("--server", "https://"), "\"https://\" is no URL");
    refuse(IN_STATE("--server", "https://ca.example/a b"), "is no URL");
    refuse(IN_STATE("--plugin-dir", "/nowhere/at/all"), "--plugin-dir /nowhere/at/all");
    refuse(IN_STATE("--plugin-dir", "/proc/self/exe"), "is not a folder");
#define THREE "--server", CA_URL, "--server", CA_URL, "--server", CA_URL
    refuse(IN_STATE(THREE, THREE, THREE), "--server was given 9 times; 8 at most");
    refuse(IN_STATE("directory", "--server", CA_URL, "--server", CA_URL),
           "directory asks one CA: give --server once, not 2 times");
    refuse(IN_STATE("--server", "letsencript"), "did you mean \"letsencrypt\"?");
}

/* ---- progress */

AC_TEST(progress_says_what_is_waited_for)
{
    struct ac_error err = { 0 };
    AC_AUTO(world) world = { 0 };
    struct ac_progress progress = { "www", "present", "the solvers", 1, 2 };

    AC_REQUIRE_OK(begin_run(&world, IN_STATE("-d", "a.example"), &err));
    ac_capture_start();
    world.context.terminal.is_plain = true;
    fake.settings.progress(fake.settings.progress_arg, &progress);
    progress.done = 2;
    fake.settings.progress(fake.settings.progress_arg, &progress);
    progress.certificate = "_.example.org";
    fake.settings.progress(fake.settings.progress_arg, &progress);
    ac_capture_stop();

    CU_ASSERT_STRING_EQUAL(ac_capture_err(),
                           "www: present, waiting for the solvers\n"
                           "*.example.org: present, waiting for the solvers\n");
}

AC_TEST(live_progress_counts_what_has_begun)
{
    struct ac_error err = { 0 };
    AC_AUTO(world) world = { 0 };
    struct ac_progress progress = { "www", "validate", "the CA", 0, 5 };

    AC_REQUIRE_OK(begin_run(&world, IN_STATE("-d", "a.example"), &err));
    ac_capture_start();
    world.context.terminal.is_live = true;
    fake.settings.progress(fake.settings.progress_arg, &progress);
    progress.done = 3;
    fake.settings.progress(fake.settings.progress_arg, &progress);
    ac_capture_stop();

    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "waiting for the CA (5 names)"));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "waiting for the CA (3 of 5)"));
}

AC_SUITE("cli/context", AC_CASE(a_user_has_the_state_where_xdg_says),
         AC_CASE(root_has_the_state_of_the_machine),
         AC_CASE(without_a_home_the_state_must_be_given),
         AC_CASE(a_relative_folder_is_below_the_one_we_are_in),
         AC_CASE(plugins_and_their_host_lie_beside_the_program),
         AC_CASE(a_command_that_keeps_nothing_needs_no_state_folder),
         AC_CASE(an_alias_brings_its_url), AC_CASE(options_reach_the_run),
         AC_CASE(an_external_account_is_read_from_its_file),
         AC_CASE(what_does_not_fit_together_is_refused),
         AC_CASE(progress_says_what_is_waited_for),
         AC_CASE(live_progress_counts_what_has_begun))
