/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "command_line.h"
#include "fake_run.h"

#include <acmecore/plugin.h>

static char *choices[] = { (char *)"on", (char *)"off", NULL };

static struct ac_option options[] = {
    { .name = (char *)"port",
      .type = ACMECORE_OPTION_NUMBER,
      .minimum = 1,
      .maximum = 65535,
      .fallback = (char *)"80",
      .help = (char *)"where to listen" },
    { .name = (char *)"path",
      .type = ACMECORE_OPTION_PATH,
      .flags = ACMECORE_LIST | ACMECORE_REQUIRED,
      .help = (char *)"a \x1B[1mbold\x1B[m claim" },
    { .name = (char *)"mood",
      .type = ACMECORE_OPTION_TEXT,
      .fallback = (char *)"off",
      .help = (char *)"",
      .choices = { .items = choices, .count = 2 } },
};

static enum ac_code have_plugin(struct ac_error *err)
{
    fake_reset();
    fake.descriptor = (struct ac_descriptor){
        .name = (char *)"web",
        .version = (char *)"1.2",
        .path = (char *)"/plugins/web.so",
        .kind = ACMECORE_SOLVER,
        .abi_major = 1,
        .needs_minor = 0,
        .options = options,
        .option_count = AC_COUNT(options),
    };
    return ac_words_add(&fake.descriptor.types, "http-01", err);
}

static int run_with_plugin(const char *const *words)
{
    int exit_code = run_program(words);

    ac_words_done(&fake.descriptor.types);
    return exit_code;
}

AC_TEST(show_names_every_option_with_its_limits)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(have_plugin(&err));
    CU_ASSERT_EQUAL(run_with_plugin(IN_STATE("plugin", "show", "web")), 0);

    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "web 1.2\n  kind     solver\n"));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "  answers  http-01\n"));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "number 1 to 65535, default 80\n"));
    CU_ASSERT_TRUE(
        ac_capture_has(ac_capture_out(), "path, may be repeated, required\n"));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "text: on | off, default off\n"));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "a \\x1B[1mbold\\x1B[m claim\n"));
}

AC_TEST(show_has_an_example_for_the_configuration)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(have_plugin(&err));
    CU_ASSERT_EQUAL(run_with_plugin(IN_STATE("plugin", "show", "web")), 0);

    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "    solver \"web\" {\n"));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "        # port = 80\n"));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "          path = \"/…\"\n"));
}

AC_TEST(a_file_is_shown_by_its_name_from_its_own_folder)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(have_plugin(&err));
    CU_ASSERT_EQUAL(run_with_plugin(IN_STATE("plugin", "show", "./web.so")), 0);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "web 1.2\n"));

    AC_REQUIRE_OK(have_plugin(&err));
    CU_ASSERT_EQUAL(run_with_plugin(IN_STATE("plugin", "show", "./web")), 2);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "the file of a plugin is NAME.so"));
}

AC_TEST(show_as_json_has_words_in_the_place_of_numbers)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(have_plugin(&err));
    CU_ASSERT_EQUAL(run_with_plugin(IN_STATE("plugin", "show", "web", "--json")), 0);
    AC_AUTO(ac_json) *document = printed();
    AC_REQUIRE(document != NULL);
    const struct ac_json *plugin = ac_json_get(document, "plugin");
    const struct ac_json *all = ac_json_get(plugin, "options");

    CU_ASSERT_STRING_EQUAL(text_of(plugin, "kind"), "solver");
    CU_ASSERT_EQUAL(ac_json_count(all), 3);
    CU_ASSERT_STRING_EQUAL(text_of(ac_json_at(all, 0), "type"), "number");
    CU_ASSERT_EQUAL(ac_json_number_or(ac_json_at(all, 0), "maximum", 0), 65535);
    CU_ASSERT_STRING_EQUAL(text_of(ac_json_at(all, 0), "default"), "80");
    CU_ASSERT_TRUE(ac_json_bool_or(ac_json_at(all, 1), "required", false));
    CU_ASSERT_TRUE(ac_json_bool_or(ac_json_at(all, 1), "list", false));
    CU_ASSERT_PTR_NULL(ac_json_get(ac_json_at(all, 1), "default"));
    CU_ASSERT_PTR_NULL(ac_json_get(ac_json_at(all, 1), "minimum"));
}

AC_TEST(show_of_one_that_is_refused_is_exit_6)
{
    fake_reset();
    fake.refused = "web";
    CU_ASSERT_EQUAL(run_program(IN_STATE("plugin", "show", "web")), 6);

    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "web is writable by others"));
}

AC_TEST(list_says_that_there_are_none)
{
    fake_reset();
    CU_ASSERT_EQUAL(run_program(IN_STATE("plugin", "list")), 0);

    CU_ASSERT_STRING_EQUAL(ac_capture_out(), "No plugins are installed.\n");
}

AC_TEST(one_that_is_refused_hides_no_other_and_is_no_failure)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(have_plugin(&err));
    fake.plugins[0] = "bad";
    fake.plugins[1] = "web";
    fake.refused = "bad";
    CU_ASSERT_EQUAL(run_program(IN_STATE("plugin", "list", "-v")), 0);
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "refused: bad is writable"));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "  /plugins/web.so\n"));
    CU_ASSERT_EQUAL(run_with_plugin(IN_STATE("plugin", "list", "--json")), 0);
    AC_AUTO(ac_json) *document = printed();
    AC_REQUIRE(document != NULL);
    const struct ac_json *plugins = ac_json_get(document, "plugins");

    CU_ASSERT_EQUAL(ac_json_count(plugins), 2);
    CU_ASSERT_STRING_EQUAL(text_of(ac_json_at(plugins, 0), "code"), "plugin");
    CU_ASSERT_STRING_EQUAL(text_of(ac_json_at(plugins, 1), "version"), "1.2");
}

AC_TEST(what_is_refused_is_said_once)
{
    fake_reset();
    fake.plugins[0] = "bad";
    fake_fail(AC_E_PLUGIN, "plugin bad is refused: it is no ELF file");
    CU_ASSERT_EQUAL(run_program(IN_STATE("plugin", "list")), 0);

    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), " refused: it is no ELF file\n"));
}

AC_TEST(a_signal_or_the_deadline_ends_the_listing)
{
    fake_reset();
    fake.plugins[0] = "web";
    fake_fail(AC_E_TIMEOUT, "not done in time");
    CU_ASSERT_EQUAL(run_program(IN_STATE("plugin", "list")), 5);

    CU_ASSERT_TRUE(ac_capture_has(ac_capture_err(), "not done in time"));
}

AC_SUITE("cli/plugin", AC_CASE(show_names_every_option_with_its_limits),
         AC_CASE(show_has_an_example_for_the_configuration),
         AC_CASE(a_file_is_shown_by_its_name_from_its_own_folder),
         AC_CASE(show_as_json_has_words_in_the_place_of_numbers),
         AC_CASE(show_of_one_that_is_refused_is_exit_6),
         AC_CASE(list_says_that_there_are_none),
         AC_CASE(one_that_is_refused_hides_no_other_and_is_no_failure),
         AC_CASE(what_is_refused_is_said_once),
         AC_CASE(a_signal_or_the_deadline_ends_the_listing))
