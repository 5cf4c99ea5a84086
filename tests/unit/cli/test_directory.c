/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "command_line.h"
#include "fake_run.h"

static void have_directory(void)
{
    fake_reset();
    fake.directory = (struct ac_directory){
        .url = (char *)CA_URL,
        .new_nonce = (char *)"https://ca.example/nonce",
        .new_account = (char *)"https://ca.example/account",
        .new_order = (char *)"https://ca.example/order",
        .terms_of_service = (char *)"data:,\x1B]0;terms\x07",
    };
}

AC_TEST(a_person_sees_what_is_offered_and_what_is_not)
{
    have_directory();
    CU_ASSERT_EQUAL(run_program(IN_STATE("directory", "--server", CA_URL)), 0);

    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), CA_URL "\n"));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(),
                                  "  orders               https://ca.example/order\n"));
    CU_ASSERT_TRUE(
        ac_capture_has(ac_capture_out(), "  renewal info (ARI)   not offered\n"));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "  profiles             none\n"));
    CU_ASSERT_TRUE(ac_capture_has(ac_capture_out(), "data:,\\x1B]0;terms\\x07\n"));
}

AC_TEST(a_script_gets_the_members_of_the_rfc)
{
    struct ac_error err = { 0 };

    have_directory();
    fake.directory.needs_eab = true;
    AC_REQUIRE_OK(ac_words_add(&fake.directory.profiles, "short", &err));
    enum ac_code code =
        ac_words_add(&fake.directory.profile_descriptions, "six days", &err);
    int exit_code = code == AC_OK ? run_program(IN_STATE("directory", "--json")) : 0;
    ac_words_done(&fake.directory.profiles);
    ac_words_done(&fake.directory.profile_descriptions);
    AC_REQUIRE_OK(code);
    AC_AUTO(ac_json) *document = printed();
    AC_REQUIRE(document != NULL);

    CU_ASSERT_EQUAL(exit_code, 0);
    CU_ASSERT_STRING_EQUAL(text_of(document, "newOrder"), "https://ca.example/order");
    CU_ASSERT_PTR_NULL(ac_json_get(document, "renewalInfo"));
    CU_ASSERT_TRUE(ac_json_bool_or(document, "externalAccountRequired", false));
    CU_ASSERT_STRING_EQUAL(text_of(ac_json_get(document, "profiles"), "short"),
                           "six days");
}

AC_TEST(a_ca_that_cannot_be_reached_is_exit_5)
{
    have_directory();
    fake_fail(AC_E_NETWORK, "cannot connect");
    CU_ASSERT_EQUAL(run_program(IN_STATE("directory", "--json")), 5);
    AC_AUTO(ac_json) *document = printed();
    AC_REQUIRE(document != NULL);

    CU_ASSERT_STRING_EQUAL(text_of(ac_json_get(document, "error"), "hint"),
                           "ca-unreachable");
}

AC_SUITE("cli/directory", AC_CASE(a_person_sees_what_is_offered_and_what_is_not),
         AC_CASE(a_script_gets_the_members_of_the_rfc),
         AC_CASE(a_ca_that_cannot_be_reached_is_exit_5))
