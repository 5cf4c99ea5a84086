/* SPDX-License-Identifier: Apache-2.0 */
#include "host/options.h"

#include "check.h"

#include <string.h>
#include <sys/stat.h>

static char name_word[] = "word", name_path[] = "path", name_key[] = "key",
            name_port[] = "port", name_server[] = "server", name_old[] = "old",
            plugin_name[] = "sample", name_mood[] = "mood", choice_on[] = "on",
            choice_off[] = "off", help[] = "what it is", fallback[] = "80";

static char *choices[] = { choice_on, choice_off, NULL };

static struct ac_option known[] = {
    { .name = name_word, .type = ACMECORE_OPTION_TEXT, .flags = ACMECORE_LIST },
    { .name = name_path, .type = ACMECORE_OPTION_PATH, .help = help },
    { .name = name_key, .type = ACMECORE_OPTION_SECRET, .flags = ACMECORE_LIST },
    { .name = name_port,
      .type = ACMECORE_OPTION_NUMBER,
      .minimum = 1,
      .maximum = 65535,
      .fallback = fallback },
    { .name = name_server, .type = ACMECORE_OPTION_ADDRESS },
    { .name = name_old, .type = ACMECORE_OPTION_NUMBER, .minimum = -5, .maximum = 5 },
    { .name = name_mood,
      .type = ACMECORE_OPTION_TEXT,
      .choices = { .items = choices, .count = 2 } },
};
static const struct ac_descriptor descriptor = { .name = plugin_name,
                                                 .options = known,
                                                 .option_count = AC_COUNT(known) };

static enum ac_code check_one(const char *name, const char *value, struct ac_error *err)
{
    AC_AUTO(ac_section) section = { 0 };
    AC_AUTO(ac_message) open = { 0 };

    AC_TRY(ac_section_add(&section, name, value, "acmecore.conf:12", err));
    return ac_options_check(&descriptor, &section, &open, err);
}

AC_TEST(a_text_with_choices_is_one_of_them)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(check_one("mood", "off", &err));
    AC_REQUIRE_CODE(check_one("mood", "Off", &err), AC_E_USAGE);

    CU_ASSERT_STRING_EQUAL(err.detail, "acmecore.conf:12: option \"mood\" of sample is "
                                       "\"Off\", which is none of: on, off");
}

AC_TEST(values_and_fallbacks_make_the_open_message)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_section) section = { 0 };
    AC_AUTO(ac_message) open = { 0 };
    AC_AUTO_TEXT char *text = NULL;

    AC_REQUIRE_OK(ac_section_add(&section, "word", "a", "--set", &err));
    AC_REQUIRE_OK(ac_section_add(&section, "word", "b", "--set", &err));
    AC_REQUIRE_OK(ac_options_check(&descriptor, &section, &open, &err));
    AC_REQUIRE_OK(ac_json_write(open.json, &text, &err));

    CU_ASSERT_STRING_EQUAL(text, "{\"op\":\"open\",\"options\":{\"port\":[\"80\"],"
                                 "\"word\":[\"a\",\"b\"]},\"secrets\":[]}");
}

AC_TEST(secrets_travel_in_the_blob_only)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_section) section = { 0 };
    AC_AUTO(ac_message) open = { 0 };
    AC_AUTO_TEXT char *text = NULL;

    AC_REQUIRE(ac_test_write_file(ac_test_path("one"), "first", 5));
    AC_REQUIRE(ac_test_write_file(ac_test_path("two"), "second", 6));
    AC_REQUIRE_OK(ac_section_add(&section, "key", ac_test_path("one"), "--set", &err));
    AC_REQUIRE_OK(ac_section_add(&section, "key", ac_test_path("two"), "--set", &err));
    AC_REQUIRE_OK(ac_options_check(&descriptor, &section, &open, &err));
    AC_REQUIRE_OK(ac_json_write(open.json, &text, &err));

    AC_REQUIRE(open.blob.size == 11);
    CU_ASSERT_EQUAL(memcmp(open.blob.bytes, "firstsecond", 11), 0);
    CU_ASSERT_PTR_NULL(strstr(text, "first"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "{\"name\":\"key\",\"size\":6}"));
}

AC_TEST(wrong_values_name_origin_option_and_what_is_allowed)
{
    static const struct {
        const char *name, *value, *detail;
    } wrong[] = {
        { "wrod", "x", "option \"wrod\" of sample is unknown; did you mean \"word\"?" },
        { "zzzzzzzz", "x", "is unknown; it has word, path, key, port, server, old" },
        { "word", "a\nb", "must be one line of at most 4096 bytes" },
        { "path", "srv", "option \"path\" of sample is \"srv\", not an absolute path" },
        { "path", "", "is \"\", not an absolute path" },
        { "key", "hush",
          "option \"key\" of sample: where the secret is, is an absolute" },
        { "key", "/nonexistent/key", "option \"key\" of sample: " },
        { "port", "0", "is \"0\", not a number from 1 to 65535" },
        { "port", "65536", "not a number from 1 to 65535" },
        { "port", "-1", "not a number from 1 to 65535" },
        { "port", "8o", "not a number from 1 to 65535" },
        { "port", "", "not a number from 1 to 65535" },
        { "port", "99999999999999999999", "not a number from 1 to 65535" },
        { "old", "-6", "not a number from -5 to 5" },
        { "server", "a b", "is \"a b\", not a host or host:port" },
        { "server", "host:0", "not a host or host:port" },
        { "server", ":53", "not a host or host:port" },
        { "server", "[::1", "not a host or host:port" },
        { "server", "[::1]x", "not a host or host:port" },
        { "server", "", "not a host or host:port" },
    };

    for (size_t i = 0; i < AC_COUNT(wrong); i++) {
        struct ac_error err = { 0 };
        AC_REQUIRE_CODE(check_one(wrong[i].name, wrong[i].value, &err), AC_E_USAGE);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, wrong[i].detail));
        CU_ASSERT_PTR_EQUAL(strstr(err.detail, "acmecore.conf:12: "), err.detail);
    }
}

AC_TEST(right_values_are_taken)
{
    static const struct {
        const char *name, *value;
    } right[] = {
        { "word", "" },
        { "word", "ä = \"b\"" },
        { "path", "/" },
        { "port", "1" },
        { "port", "65535" },
        { "old", "-5" },
        { "server", "ns1" },
        { "server", "ns1.example.com:53" },
        { "server", "192.0.2.1" },
        { "server", "[2001:db8::1]:53" },
        { "server", "2001:db8::1" },
        { "server", "[::1]" },
    };

    for (size_t i = 0; i < AC_COUNT(right); i++) {
        struct ac_error err = { 0 };
        AC_REQUIRE_OK(check_one(right[i].name, right[i].value, &err));
        CU_ASSERT_EQUAL(err.code, AC_OK);
    }
}

AC_TEST(second_value_without_list_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_section) section = { 0 };
    AC_AUTO(ac_message) open = { 0 };

    AC_REQUIRE_OK(ac_section_add(&section, "port", "80", "a.conf:1", &err));
    AC_REQUIRE_OK(ac_section_add(&section, "port", "81", "a.conf:2", &err));

    AC_REQUIRE_CODE(ac_options_check(&descriptor, &section, &open, &err), AC_E_USAGE);
    CU_ASSERT_STRING_EQUAL(err.detail, "a.conf:2: option \"port\" of sample is given "
                                       "twice, and takes one value");
}

AC_TEST(required_option_is_asked_for)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_section) section = { 0 };
    AC_AUTO(ac_message) open = { 0 };
    struct ac_option path = known[1];
    path.flags = ACMECORE_REQUIRED;
    struct ac_descriptor strict = { .name = plugin_name,
                                    .options = &path,
                                    .option_count = 1 };

    AC_REQUIRE_CODE(ac_options_check(&strict, &section, &open, &err), AC_E_USAGE);
    CU_ASSERT_STRING_EQUAL(err.detail, "plugin sample needs the option \"path\" (what "
                                       "it is): --set sample.path=VALUE");
}

AC_TEST(secret_that_others_can_read_is_refused)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(ac_test_write_file(ac_test_path("key"), "hush", 4));
    AC_REQUIRE(chmod(ac_test_path("key"), 0644) == 0);

    AC_REQUIRE_CODE(check_one("key", ac_test_path("key"), &err), AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "chmod"));
}

AC_TEST(plugin_without_options_says_so)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_section) section = { 0 };
    AC_AUTO(ac_message) open = { 0 };
    struct ac_descriptor bare = { .name = plugin_name };

    AC_REQUIRE_OK(ac_section_add(&section, "x", "y", "--set", &err));

    AC_REQUIRE_CODE(ac_options_check(&bare, &section, &open, &err), AC_E_USAGE);
    CU_ASSERT_STRING_EQUAL(
        err.detail, "--set: option \"x\" of sample is unknown; it has no options");
}

AC_SUITE("host/options", AC_CASE(a_text_with_choices_is_one_of_them),
         AC_CASE(values_and_fallbacks_make_the_open_message),
         AC_CASE(secrets_travel_in_the_blob_only),
         AC_CASE(wrong_values_name_origin_option_and_what_is_allowed),
         AC_CASE(right_values_are_taken), AC_CASE(second_value_without_list_is_refused),
         AC_CASE(required_option_is_asked_for),
         AC_CASE(secret_that_others_can_read_is_refused),
         AC_CASE(plugin_without_options_says_so))
