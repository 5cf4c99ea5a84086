/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/members.h"

#include "command_line.h"
#include "engine/wanted/wanted_further.h"

#define CA_URL "https://ca.example/dir"

static enum ac_code read_members(const struct ac_wanted *remembered,
                                 const char *const *words, struct ac_wanted *wanted,
                                 struct ac_error *err)
{
    AC_AUTO(ac_options) options = { 0 };

    AC_TRY(parse(&options, words, err));
    AC_TRY(ac_memory_copy_text(CA_URL, &wanted->directory_url, err));
    return ac_members_read(&options, remembered, wanted, err);
}

static void refuse(const char *const *words, const char *message)
{
    struct ac_wanted none = { 0 };
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_CODE(read_members(&none, words, &wanted, &err), AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, message));
}

static enum ac_code remember(struct ac_wanted *wanted, struct ac_error *err)
{
    AC_TRY(ac_memory_copy_text(CA_URL, &wanted->directory_url, err));
    AC_TRY(ac_words_add(&wanted->challenges, "dns-persist-01", err));
    AC_TRY(ac_words_add(&wanted->experimental, "dns-persist-01", err));
    return ac_memory_copy_text("off", &wanted->caa_check, err);
}

AC_TEST(types_come_in_order_and_once)
{
    struct ac_wanted none = { 0 };
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(read_members(&none,
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
    AC_REQUIRE_OK(read_members(&remembered, WORDS("-d", "a.example"), &wanted, &err));

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
    AC_REQUIRE_OK(read_members(&remembered,
                               WORDS("--challenge", "any", "--caa-check", "auto"),
                               &wanted, &err));

    CU_ASSERT_EQUAL(wanted.challenges.count, 0);
    CU_ASSERT_PTR_NULL(wanted.caa_check);
}

AC_TEST(what_is_forgotten_goes_back_to_its_default)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) remembered = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(remember(&remembered, &err));
    AC_REQUIRE_OK(
        read_members(&remembered, WORDS("--forget", "challenge"), &wanted, &err));

    CU_ASSERT_EQUAL(wanted.challenges.count, 0);
    AC_REQUIRE(wanted.caa_check != NULL);
    CU_ASSERT_STRING_EQUAL(wanted.caa_check, "off");
}

/* As it was asked for where the configuration had two CAs for it. */
AC_TEST(what_is_forgotten_is_so_for_all_cas)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) remembered = { 0 };
    AC_AUTO(ac_wanted) own = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(remember(&remembered, &err));
    AC_REQUIRE_OK(ac_memory_copy_text("gold", &own.profile, &err));
    AC_REQUIRE_OK(ac_memory_copy_text("ops", &own.account, &err));
    AC_REQUIRE_OK(
        ac_wanted_add_further(&wanted, "https://other.example/dir", &own, &err));
    AC_REQUIRE_OK(
        read_members(&remembered, WORDS("--forget", "profile"), &wanted, &err));

    AC_REQUIRE(wanted.further_own_count == 1);
    CU_ASSERT_PTR_NULL(wanted.further_own[0].profile);
    CU_ASSERT_STRING_EQUAL(wanted.further_own[0].account, "ops");
}

AC_TEST(words_that_mean_nothing_are_refused)
{
    refuse(WORDS("--challenge", "dns-02"),
           "\"dns-02\" is no challenge type; there are");
    refuse(WORDS("--challenge", "dns-01,"), "--challenge: \"\" is no challenge type");
    refuse(WORDS("--challenge", "dns-01", "--challenge", "any"), "\"any\" is no");
    refuse(WORDS("--caa-check", "on"),
           "--caa-check: \"on\" is none of auto, warn and off");
    refuse(WORDS("--experimental", "dns-01"),
           "--experimental: nothing is experimental that has the name \"dns-01\"");
    refuse(WORDS("--forget", "server"), "--forget server: no option of that name");
}

AC_SUITE("cli/members", AC_CASE(types_come_in_order_and_once),
         AC_CASE(what_is_not_given_is_as_it_was),
         AC_CASE(defaults_take_the_place_of_what_was_and_are_not_written_down),
         AC_CASE(what_is_forgotten_goes_back_to_its_default),
         AC_CASE(what_is_forgotten_is_so_for_all_cas),
         AC_CASE(words_that_mean_nothing_are_refused))
