/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"

#include "command_line.h"

/* ---- what is understood */

AC_TEST(bare_options_mean_issue)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_options) options = { 0 };

    AC_REQUIRE_OK(parse(&options,
                        WORDS("-d", "a.example", "-d", "b.example,c.example",
                              "--solver", "http01-standalone", "--agree-tos"),
                        &err));

    CU_ASSERT_EQUAL(options.command, AC_COMMAND_ISSUE);
    CU_ASSERT_EQUAL(options.domains.count, 2);
    CU_ASSERT_STRING_EQUAL(options.domains.items[1], "b.example,c.example");
    CU_ASSERT_STRING_EQUAL(options.solvers.items[0], "http01-standalone");
    CU_ASSERT_TRUE(options.agrees_to_terms);
    CU_ASSERT_EQUAL(options.timeout_s, AC_TIMEOUT_DEFAULT_S);
}

AC_TEST(the_two_words_of_a_command_may_stand_among_options)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_options) options = { 0 };

    AC_REQUIRE_OK(
        parse(&options, WORDS("--json", "plugin", "-vv", "show", "webroot"), &err));

    CU_ASSERT_EQUAL(options.command, AC_COMMAND_PLUGIN_SHOW);
    CU_ASSERT_STRING_EQUAL(ac_command_name(options.command), "plugin show");
    CU_ASSERT_EQUAL(options.arguments.count, 1);
    CU_ASSERT_STRING_EQUAL(options.arguments.items[0], "webroot");
    CU_ASSERT_EQUAL(options.verbosity, 2);
    CU_ASSERT_TRUE(options.is_json);
}

AC_TEST(options_follow_arguments_also_where_the_environment_wants_posix)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_options) options = { 0 };

    (void)setenv("POSIXLY_CORRECT", "1", 1);
    enum ac_code code = parse(&options, WORDS("show", "www", "--json"), &err);
    (void)unsetenv("POSIXLY_CORRECT");
    AC_REQUIRE_OK(code);

    CU_ASSERT_TRUE(options.is_json);
    CU_ASSERT_EQUAL(options.arguments.count, 1);
}

AC_TEST(after_two_dashes_everything_is_an_argument)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_options) options = { 0 };

    AC_REQUIRE_OK(parse(&options, WORDS("show", "--", "--json"), &err));

    CU_ASSERT_FALSE(options.is_json);
    CU_ASSERT_STRING_EQUAL(options.arguments.items[0], "--json");
}

AC_TEST(values_stand_behind_an_equals_sign_or_a_letter_too)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_options) options = { 0 };

    AC_REQUIRE_OK(parse(&options,
                        WORDS("-da.example", "--name=www", "--timeout=86400", "--set",
                              "web.path==x", "-qv"),
                        &err));

    CU_ASSERT_STRING_EQUAL(options.domains.items[0], "a.example");
    CU_ASSERT_STRING_EQUAL(options.name, "www");
    CU_ASSERT_EQUAL(options.timeout_s, AC_TIMEOUT_MAX_S);
    CU_ASSERT_STRING_EQUAL(options.sets.items[0], "web.path==x");
    CU_ASSERT_TRUE(options.is_quiet);
}

AC_TEST(letters_may_be_grouped_behind_any_option)
{
    static const char *const befores[] = { "--force", "--json", "--no-color",
                                           "--agree-tos", "-q" };

    for (size_t i = 0; i < AC_COUNT(befores); i++) {
        struct ac_error err = { 0 };
        AC_AUTO(ac_options) options = { 0 };

        AC_REQUIRE_OK(
            parse(&options, WORDS("-d", "a.example", befores[i], "-vvq", "-vv"), &err));
        CU_ASSERT_EQUAL(options.verbosity, 4);
        CU_ASSERT_TRUE(options.is_quiet);
    }
}

AC_TEST(a_group_of_commands_has_a_help_of_its_own)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_options) account = { 0 };
    AC_AUTO(ac_options) plugin = { 0 };

    AC_REQUIRE_OK(parse(&account, WORDS("account", "--help"), &err));
    AC_REQUIRE_OK(parse(&plugin, WORDS("-h", "plugin"), &err));

    AC_REQUIRE(account.group && plugin.group);
    CU_ASSERT_STRING_EQUAL(account.group, "account");
    CU_ASSERT_STRING_EQUAL(plugin.group, "plugin");
}

AC_TEST(help_and_version_need_nothing_else)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_options) options = { 0 };
    AC_AUTO(ac_options) general = { 0 };
    AC_AUTO(ac_options) version = { 0 };

    AC_REQUIRE_OK(parse(&options, WORDS("show", "--help", "--force"), &err));
    AC_REQUIRE_OK(parse(&general, WORDS("-h"), &err));
    AC_REQUIRE_OK(parse(&version, WORDS("nonsense", "--version"), &err));

    CU_ASSERT_TRUE(options.wants_help && !options.is_general_help);
    CU_ASSERT_EQUAL(options.command, AC_COMMAND_SHOW);
    CU_ASSERT_TRUE(general.wants_help && general.is_general_help);
    CU_ASSERT_TRUE(version.wants_version);
}

AC_TEST(a_wish_for_json_is_seen_in_what_cannot_be_parsed)
{
    char *wrong[] = { (char *)"acmecore", (char *)"--nonsense", (char *)"--json",
                      NULL };
    char *other[] = { (char *)"acmecore", (char *)"--", (char *)"--json", NULL };

    CU_ASSERT_TRUE(ac_options_want_json(3, wrong));
    CU_ASSERT_FALSE(ac_options_want_json(3, other));
}

/* ---- what is refused, and what the message says */

static void refuse(const char *const *words, const char *message)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_options) options = { 0 };

    AC_REQUIRE_CODE(parse(&options, words, &err), AC_E_USAGE);
    CU_ASSERT_STRING_EQUAL(err.detail, message);
    CU_ASSERT_PTR_NULL(options.arguments.items);
}

AC_TEST(an_unknown_option_is_refused_with_the_nearest_one)
{
    refuse(WORDS("--nmae", "x"), "unknown option --nmae; did you mean --name?");
    refuse(WORDS("--sover=x"), "unknown option --sover=x; did you mean --solver?");
    refuse(WORDS("--qwertyuiop"), "unknown option --qwertyuiop; see acmecore --help");
    refuse(WORDS("-x"), "unknown option -x; see acmecore --help");
    refuse(WORDS("--force", "-vx"), "unknown option -x; see acmecore --help");
    refuse(WORDS("--email=a@b"), "unknown option --email: here it is --contact");
    refuse(WORDS("-vw", "/srv"),
           "unknown option -w: here it is --set http01-webroot.path=FOLDER");
    refuse(WORDS("-qx"), "unknown option -x; see acmecore --help");
    refuse(WORDS("-\xC3\xA9"), "unknown option -\\xC3; see acmecore --help");
}

AC_TEST(the_beginning_of_an_option_is_not_the_option)
{
    refuse(WORDS("list", "--js"), "unknown option --js; see acmecore --help");
    refuse(WORDS("--doma", "a.example"), "unknown option --doma; see acmecore --help");
    refuse(WORDS("--domai=a.example"),
           "unknown option --domai=a.example; did you mean --domain?");
}

AC_TEST(a_missing_empty_repeated_or_needless_value_is_refused)
{
    refuse(WORDS("--name"), "--name wants a value: NAME");
    refuse(WORDS("-d"), "--domain wants a value: NAME");
    refuse(WORDS("--name", ""), "--name wants a value, not an empty text: NAME");
    refuse(WORDS("-d", ""), "--domain wants a value, not an empty text: NAME");
    refuse(WORDS("--name", "a", "--name", "b"), "--name was given twice");
    refuse(WORDS("--json=1", "list"), "--json takes no value");
}

AC_TEST(a_wrong_number_names_the_option_and_its_range)
{
    refuse(WORDS("--timeout", "0"), "--timeout: \"0\" is not a number from 1 to 86400");
    refuse(WORDS("--timeout", "86401"),
           "--timeout: \"86401\" is not a number from 1 to 86400");
    refuse(WORDS("--timeout=1m"), "--timeout: \"1m\" is not a number from 1 to 86400");
}

AC_TEST(an_unknown_command_is_refused_with_the_nearest_one)
{
    refuse(WORDS("lst"), "there is no command \"lst\"; did you mean \"list\"?");
    refuse(WORDS("frobnicate"),
           "there is no command \"frobnicate\"; see acmecore --help");
    refuse(WORDS("plugin", "sho"),
           "there is no command \"plugin sho\"; did you mean \"plugin show\"?");
    refuse(WORDS("certificates"),
           "there is no command \"certificates\": here it is acmecore list");
    refuse(WORDS("doctor"), "there is no command \"doctor\": it is not built yet");
    refuse(WORDS("www.example.org"),
           "there is no command \"www.example.org\"; a name is given by -d");
    refuse(WORDS(""), "there is no command \"\"; see acmecore --help");
    refuse(WORDS("account"),
           "\"account\" is not whole: account register, show, list, update, rollover, "
           "deactivate or import?");
}

AC_TEST(an_option_that_the_command_does_not_have_is_refused)
{
    refuse(WORDS("list", "-d", "a.example"), "\"list\" has no option --domain");
    refuse(WORDS("account", "show", "--force"),
           "\"account show\" has no option --force");
}

AC_TEST(a_wrong_count_of_arguments_is_refused)
{
    refuse(WORDS("show"), "\"show\" wants an argument: NAME");
    refuse(WORDS("show", "a", "b"), "\"show\" does not take the argument \"b\"");
    refuse(WORDS("issue", "a.example"),
           "\"issue\" does not take the argument \"a.example\"; a name is given by -d");
    refuse(WORDS("directory", "letsencrypt"),
           "\"directory\" does not take the argument \"letsencrypt\"; a CA is given by "
           "--server");
    refuse(WORDS("list", "x"), "\"list\" does not take the argument \"x\"");
}

AC_SUITE("cli/options", AC_CASE(bare_options_mean_issue),
         AC_CASE(the_two_words_of_a_command_may_stand_among_options),
         AC_CASE(options_follow_arguments_also_where_the_environment_wants_posix),
         AC_CASE(after_two_dashes_everything_is_an_argument),
         AC_CASE(values_stand_behind_an_equals_sign_or_a_letter_too),
         AC_CASE(letters_may_be_grouped_behind_any_option),
         AC_CASE(a_group_of_commands_has_a_help_of_its_own),
         AC_CASE(help_and_version_need_nothing_else),
         AC_CASE(a_wish_for_json_is_seen_in_what_cannot_be_parsed),
         AC_CASE(an_unknown_option_is_refused_with_the_nearest_one),
         AC_CASE(the_beginning_of_an_option_is_not_the_option),
         AC_CASE(a_missing_empty_repeated_or_needless_value_is_refused),
         AC_CASE(a_wrong_number_names_the_option_and_its_range),
         AC_CASE(an_unknown_command_is_refused_with_the_nearest_one),
         AC_CASE(an_option_that_the_command_does_not_have_is_refused),
         AC_CASE(a_wrong_count_of_arguments_is_refused))
