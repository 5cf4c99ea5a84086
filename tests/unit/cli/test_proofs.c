/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/proofs.h"

#include "command_line.h"

static enum ac_code read_proofs(const struct ac_wanted *remembered,
                                const char *const *words, struct ac_wanted *wanted,
                                struct ac_error *err)
{
    AC_AUTO(ac_options) options = { 0 };

    AC_TRY(parse(&options, words, err));
    return ac_proofs_read(&options, remembered, wanted, err);
}

static void refuse(const char *const *words, const char *message)
{
    struct ac_wanted none = { 0 };
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_CODE(read_proofs(&none, words, &wanted, &err), AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, message));
}

static enum ac_code remember(struct ac_wanted *wanted, struct ac_error *err)
{
    AC_TRY(ac_words_add(&wanted->challenges, "dns-persist-01", err));
    AC_TRY(ac_words_add(&wanted->experimental, "dns-persist-01", err));
    return ac_memory_copy_text("off", &wanted->caa_check, err);
}

AC_TEST(types_come_in_order_and_once)
{
    struct ac_wanted none = { 0 };
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(read_proofs(&none,
                              WORDS("--challenge", "dns-account-01,dns-01",
                                    "--challenge", "dns-01", "--challenge", "http-01"),
                              &wanted, &err));

    AC_REQUIRE(wanted.challenges.count == 3);
    CU_ASSERT_STRING_EQUAL(wanted.challenges.items[0], "dns-account-01");
    CU_ASSERT_STRING_EQUAL(wanted.challenges.items[2], "http-01");
    CU_ASSERT_PTR_NULL(wanted.caa_check);
}

AC_TEST(what_is_not_given_is_as_it_was)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) remembered = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(remember(&remembered, &err));
    AC_REQUIRE_OK(read_proofs(&remembered, WORDS("-d", "a.example"), &wanted, &err));

    AC_REQUIRE(wanted.challenges.count == 1 && wanted.experimental.count == 1);
    CU_ASSERT_STRING_EQUAL(wanted.challenges.items[0], "dns-persist-01");
    CU_ASSERT_STRING_EQUAL(wanted.caa_check, "off");
}

AC_TEST(defaults_take_the_place_of_what_was_and_are_not_written_down)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) remembered = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(remember(&remembered, &err));
    AC_REQUIRE_OK(read_proofs(&remembered,
                              WORDS("--challenge", "any", "--caa-check", "auto"),
                              &wanted, &err));

    CU_ASSERT_EQUAL(wanted.challenges.count, 0);
    CU_ASSERT_PTR_NULL(wanted.caa_check);
}

AC_TEST(words_that_mean_nothing_are_refused)
{
    refuse(WORDS("--challenge", "dns-02"),
           "\"dns-02\" is no challenge type; there are");
    refuse(WORDS("--challenge", "dns-01,"), "--challenge \"\" is no challenge type");
    refuse(WORDS("--challenge", "dns-01", "--challenge", "any"), "\"any\" is no");
    refuse(WORDS("--caa-check", "on"), "--caa-check is auto, warn or off");
    refuse(WORDS("--experimental", "dns-01"), "nothing of that name is experimental");
    refuse(WORDS("--challenge", "dns-persist-01"),
           "--challenge dns-persist-01 is experimental: it takes --experimental");
}

AC_SUITE("cli/proofs", AC_CASE(types_come_in_order_and_once),
         AC_CASE(what_is_not_given_is_as_it_was),
         AC_CASE(defaults_take_the_place_of_what_was_and_are_not_written_down),
         AC_CASE(words_that_mean_nothing_are_refused))
