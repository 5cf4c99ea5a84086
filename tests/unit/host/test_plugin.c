/* SPDX-License-Identifier: Apache-2.0 */
#include "host/plugin.h"

#include "base/clock.h"
#include "check.h"

#include <string.h>

#define LIMIT_MS 20000

static enum ac_code start_with(const char *name, const char *plugin, uint32_t kind,
                               const struct ac_section *section,
                               struct ac_plugin *ret_plugin, struct ac_error *err)
{
    AC_AUTO(ac_words) folders = { 0 };

    AC_TRY(ac_words_add(&folders, AC_TEST_PLUGINS, err));
    const struct ac_plugin_settings settings = {
        .name = name,
        .plugin = plugin,
        .section = section,
        .plugin_folders = &folders,
        .host_path = AC_TEST_PLUGIN_HOST,
        .state_folder = ac_test_folder(),
    };
    return ac_plugin_start(ret_plugin, kind, &settings, err);
}

static enum ac_code start(const char *name, const char *plugin, uint32_t kind,
                          struct ac_plugin *ret_plugin, struct ac_error *err)
{
    static const struct ac_section none;

    return start_with(name, plugin, kind, &none, ret_plugin, err);
}

/* Until it is open, or has failed. */
static enum ac_code open_it(struct ac_plugin *plugin, struct ac_error *err)
{
    int64_t until_ms = ac_clock_after_ms(LIMIT_MS);

    while (plugin->state != AC_PLUGIN_OPEN && ac_clock_now_ms() < until_ms) {
        struct pollfd fds[AC_PROCESS_FDS];
        size_t count = ac_plugin_fds(plugin, fds);

        ac_process_step(plugin->process);
        AC_TRY(ac_plugin_advance(plugin, err));
        ac_process_send(plugin->process);
        if (!ac_plugin_has_answer(plugin) && plugin->state != AC_PLUGIN_OPEN)
            (void)poll(fds, (nfds_t)count, 100);
    }
    return AC_OK;
}

AC_TEST(plugin_is_loaded_opened_and_started_again)
{
    struct ac_error err = { 0 };
    struct ac_error why = { 0 };
    AC_AUTO(ac_plugin) plugin = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(start("ns1", "good", ACMECORE_SOLVER, &plugin, &err));
    AC_REQUIRE_OK(open_it(&plugin, &err));
    CU_ASSERT_EQUAL(plugin.state, AC_PLUGIN_OPEN);
    CU_ASSERT_STRING_EQUAL(plugin.title, "ns1 (good)");
    AC_REQUIRE_OK(ac_plugin_check_alive(&plugin, &err));
    (void)ac_fail(&why, AC_E_PLUGIN, "enough");
    ac_plugin_fail(&plugin, &why);

    CU_ASSERT_EQUAL(plugin.state, AC_PLUGIN_FAILED);
    CU_ASSERT_EQUAL(ac_plugin_fds(&plugin, NULL), 0);
    AC_REQUIRE_OK(ac_plugin_restart(&plugin, &err));
    AC_REQUIRE_OK(open_it(&plugin, &err));
    CU_ASSERT_EQUAL(plugin.state, AC_PLUGIN_OPEN);
}

AC_TEST(plugin_of_the_other_kind_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_plugin) plugin = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(start("good", "good", ACMECORE_INSTALLER, &plugin, &err));
    AC_REQUIRE_CODE(open_it(&plugin, &err), AC_E_USAGE);

    CU_ASSERT_STRING_EQUAL(err.detail, "plugin good is no installer");
}

AC_TEST(setting_that_a_plugin_blames_is_told_with_its_place)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_section) section = { 0 };
    AC_AUTO(ac_plugin) plugin = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(ac_section_add(&section, "word", "good", "a.conf:3", &err));
    AC_REQUIRE_OK(ac_section_add(&section, "word", "bad", "a.conf:4", &err));
    AC_REQUIRE_OK(start_with("open-choosy", "open-choosy", ACMECORE_SOLVER, &section,
                             &plugin, &err));
    AC_REQUIRE_CODE(open_it(&plugin, &err), AC_E_USAGE);

    CU_ASSERT_STRING_EQUAL(err.detail,
                           "a.conf:4: plugin open-choosy could not be opened: option "
                           "word: \"bad\": it is a bad one");
}

AC_TEST(what_is_no_setting_s_fault_has_no_place)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_section) section = { 0 };
    AC_AUTO(ac_plugin) plugin = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(ac_section_add(&section, "word", "good", "a.conf:3", &err));
    AC_REQUIRE_OK(start_with("open-badly", "open-badly", ACMECORE_SOLVER, &section,
                             &plugin, &err));
    AC_REQUIRE_CODE(open_it(&plugin, &err), AC_E_USAGE);

    CU_ASSERT_STRING_EQUAL(err.detail,
                           "plugin open-badly could not be opened: port 80 is in use");
}

AC_TEST(an_installer_reads_the_certificates_that_it_is_to_install)
{
    static const struct ac_section none;
    char first[] = "a.test";
    char second[] = "b.test";
    char *items[] = { first, second, NULL };
    const struct ac_words names = { .items = items, .count = 2 };
    const struct ac_words folders = { 0 };
    const struct ac_plugin_settings settings = { .name = "x",
                                                 .plugin = "no-such-plugin",
                                                 .section = &none,
                                                 .plugin_folders = &folders,
                                                 .host_path = AC_TEST_PLUGIN_HOST,
                                                 .state_folder = "/state",
                                                 .certificates = &names };
    struct ac_error err = { 0 };
    AC_AUTO(ac_plugin) installer = { 0 };
    AC_AUTO(ac_plugin) solver = { 0 };

    AC_REQUIRE_CODE(ac_plugin_start(&installer, ACMECORE_INSTALLER, &settings, &err),
                    AC_E_USAGE);
    AC_REQUIRE_CODE(ac_plugin_start(&solver, ACMECORE_SOLVER, &settings, &err),
                    AC_E_USAGE);

    AC_REQUIRE(installer.read.count == 2);
    CU_ASSERT_STRING_EQUAL(installer.read.items[1], "/state/certs/b.test");
    CU_ASSERT_STRING_EQUAL(installer.closed, "/state");
    CU_ASSERT_EQUAL(solver.read.count, 0);
}

AC_TEST(name_that_could_be_a_path_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_plugin) solver = { 0 };
    AC_AUTO(ac_plugin) installer = { 0 };

    AC_REQUIRE_CODE(start("../x", "good", ACMECORE_SOLVER, &solver, &err), AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "no name for a solver"));
    AC_REQUIRE_CODE(start(".x", "good", ACMECORE_INSTALLER, &installer, &err),
                    AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "no name for an installer"));
}

AC_TEST(no_two_plugins_share_a_private_folder)
{
    struct ac_error err = { 0 };
    AC_AUTO_TEXT char *usual = NULL;
    AC_AUTO_TEXT char *solver = NULL;
    AC_AUTO_TEXT char *installer = NULL;
    AC_AUTO_TEXT char *dry = NULL;

    AC_REQUIRE_OK(ac_plugin_folder("/s", "good", "good", false, &usual, &err));
    AC_REQUIRE_OK(ac_plugin_folder("/s", "web", "good", false, &solver, &err));
    AC_REQUIRE_OK(ac_plugin_folder("/s", "web", "other", false, &installer, &err));
    AC_REQUIRE_OK(ac_plugin_folder("/s", "good", "good", true, &dry, &err));

    CU_ASSERT_STRING_EQUAL(usual, "/s/plugins/good");
    CU_ASSERT_STRING_EQUAL(solver, "/s/plugins/web@good");
    CU_ASSERT_STRING_EQUAL(installer, "/s/plugins/web@other");
    CU_ASSERT_STRING_EQUAL(dry, "/s/plugins/good@good@dry");
}

AC_SUITE("host/plugin", AC_CASE(plugin_is_loaded_opened_and_started_again),
         AC_CASE(plugin_of_the_other_kind_is_refused),
         AC_CASE(setting_that_a_plugin_blames_is_told_with_its_place),
         AC_CASE(what_is_no_setting_s_fault_has_no_place),
         AC_CASE(an_installer_reads_the_certificates_that_it_is_to_install),
         AC_CASE(name_that_could_be_a_path_is_refused),
         AC_CASE(no_two_plugins_share_a_private_folder))
