/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime.h"

#include "speaker.h"

static char pem[] = "-----BEGIN-----\r\nYQ==\n\n\n-----END-----\n";

static int replace(struct fake_host *fake, const char *list, size_t count,
                   struct runtime_outcome *outcome)
{
    struct runtime_item items[] = {
        { .path = "/a.pem", .pem = { pem, sizeof(pem) - 1, 0 } },
        { .path = "/b.pem", .pem = { pem, sizeof(pem) - 1, 0 } },
    };
    struct runtime runtime;
    int status = ACMECORE_E_INVALID;

    if (speaker_runtime(fake, list, &runtime))
        status = runtime_look(&runtime, items, count, outcome);
    return status == ACMECORE_OK && outcome->is_running
               ? runtime_replace(&runtime, items, count, outcome)
               : status;
}

#define PAYLOAD " <<\n-----BEGIN-----\nYQ==\n-----END-----\n\n"

AC_TEST(certificate_is_set_and_committed)
{
    struct fake_host fake;
    struct runtime_outcome outcome = { 0 };
    SPEAKER(SPEAKER_FOUND, SPEAKER_CALM, SPEAKER_SET, SPEAKER_DONE);

    AC_REQUIRE(replace(&fake, NULL, 1, &outcome) == ACMECORE_OK);

    CU_ASSERT_TRUE(outcome.is_running);
    CU_ASSERT_STRING_EQUAL(speaker_record(),
                           "show ssl cert /a.pem\nabort ssl cert /a.pem\n"
                           "set ssl cert /a.pem" PAYLOAD "commit ssl cert /a.pem\n");
}

AC_TEST(each_is_committed_before_the_next_is_set)
{
    struct fake_host fake;
    struct runtime_outcome outcome = { 0 };
    SPEAKER(SPEAKER_FOUND, SPEAKER_FOUND_B, SPEAKER_CALM, SPEAKER_SET, SPEAKER_DONE,
            SPEAKER_CALM, SPEAKER_SET_B, SPEAKER_DONE);

    AC_REQUIRE(replace(&fake, NULL, 2, &outcome) == ACMECORE_OK);

    const char *committed = strstr(speaker_record(), "commit ssl cert /a.pem\n");
    CU_ASSERT(ac_check_is_torture()
              || (committed && strstr(committed, "set ssl cert /b.pem")));
    CU_ASSERT_TRUE(outcome.has_begun);
}

AC_TEST(what_is_refused_is_aborted)
{
    struct fake_host fake;
    struct runtime_outcome outcome = { 0 };
    SPEAKER(SPEAKER_FOUND, SPEAKER_CALM, "Can't load the payload\n\n", SPEAKER_ABORTED);

    AC_REQUIRE(replace(&fake, NULL, 1, &outcome) == ACMECORE_E_REFUSED);

    CU_ASSERT_TRUE(fake_host_failed_with(
        &fake, "HAProxy refused \"set ssl cert /a.pem\": Can't load the payload"));
    CU_ASSERT_PTR_NULL(strstr(speaker_record(), "commit"));
}

AC_TEST(open_transaction_of_somebody_else_is_left)
{
    struct fake_host fake;
    struct runtime_outcome outcome = { 0 };
    SPEAKER(SPEAKER_FOUND, "The ongoing transaction is about '/x.pem'\n\n");

    AC_REQUIRE(replace(&fake, NULL, 1, &outcome) == ACMECORE_E_REFUSED);

    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "is about '/x.pem'"));
    CU_ASSERT_FALSE(outcome.has_begun);
    CU_ASSERT_PTR_NULL(strstr(speaker_record(), "set ssl"));
}

AC_TEST(transaction_that_took_ours_for_its_own_is_not_committed)
{
    struct fake_host fake;
    struct runtime_outcome outcome = { 0 };
    SPEAKER(SPEAKER_FOUND, SPEAKER_CALM, SPEAKER_SET_B, SPEAKER_ABORTED);

    AC_REQUIRE(replace(&fake, NULL, 1, &outcome) == ACMECORE_E_REFUSED);

    CU_ASSERT_PTR_NULL(strstr(speaker_record(), "commit"));
}

AC_TEST(one_that_a_killed_run_left_idle_is_added_to_the_list)
{
    struct fake_host fake;
    struct runtime_outcome outcome = { 0 };
    SPEAKER(SPEAKER_IDLE, SPEAKER_ABORTED, SPEAKER_SET, SPEAKER_DONE, "Success!\n\n");

    AC_REQUIRE(replace(&fake, "/list", 1, &outcome) == ACMECORE_OK);

    CU_ASSERT_PTR_NULL(strstr(speaker_record(), "new ssl cert"));
    CU_ASSERT(ac_check_is_torture()
              || strstr(speaker_record(), "add ssl crt-list /list /a.pem\n"));
}

AC_TEST(what_was_not_served_is_not_brought_back)
{
    struct fake_host fake;
    struct runtime runtime;
    struct runtime_item items[] = {
        { .path = "/a.pem", .pem = { pem, sizeof(pem) - 1, 0 } },
        { .path = "/b.pem", .pem = { pem, sizeof(pem) - 1, 0 } }
    };
    struct runtime_outcome outcome = { 0 };
    SPEAKER(SPEAKER_UNKNOWN, SPEAKER_FOUND_B, SPEAKER_CALM, SPEAKER_SET_B,
            SPEAKER_DONE);

    AC_REQUIRE(speaker_runtime(&fake, NULL, &runtime));
    AC_REQUIRE(runtime_look(&runtime, items, 2, &outcome) == ACMECORE_OK
               && runtime_bring_back(&runtime, items, 2, &outcome) == ACMECORE_OK);

    CU_ASSERT_PTR_NULL(strstr(speaker_record(), "set ssl cert /a.pem"));
    CU_ASSERT_TRUE(outcome.is_running);
}

AC_TEST(new_one_is_added_to_the_list)
{
    struct fake_host fake;
    struct runtime_outcome outcome = { 0 };
    SPEAKER(SPEAKER_UNKNOWN, "New empty certificate store '/a.pem'!\n\n", SPEAKER_CALM,
            SPEAKER_SET, SPEAKER_DONE, "Success!\n\n");

    AC_REQUIRE(replace(&fake, "/list", 1, &outcome) == ACMECORE_OK);

    CU_ASSERT_PTR_NOT_NULL(strstr(speaker_record(), "new ssl cert /a.pem\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(speaker_record(), "add ssl crt-list /list /a.pem\n"));
}

AC_TEST(new_one_without_a_list_is_a_setting)
{
    struct fake_host fake;
    struct runtime_outcome outcome = { 0 };
    SPEAKER(SPEAKER_UNKNOWN);

    AC_REQUIRE(replace(&fake, NULL, 1, &outcome) == ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "does not have /a.pem"));
}

AC_TEST(server_that_does_not_run_is_no_failure)
{
    struct fake_host fake;
    struct runtime_outcome outcome = { .is_running = true };

    AC_REQUIRE(replace(&fake, NULL, 1, &outcome) == ACMECORE_OK);
    CU_ASSERT_FALSE(outcome.is_running);
}

AC_TEST(server_that_goes_away_is_one)
{
    struct fake_host fake;
    struct runtime_outcome outcome = { 0 };
    SPEAKER(SPEAKER_FOUND);

    AC_REQUIRE(replace(&fake, NULL, 1, &outcome) == ACMECORE_E_NETWORK);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "HAProxy"));
}

AC_TEST(socket_without_the_right_to_change_is_told)
{
    struct fake_host fake;
    struct runtime_outcome outcome = { 0 };
    SPEAKER("Permission denied\n\n");

    AC_REQUIRE(replace(&fake, NULL, 1, &outcome) == ACMECORE_E_REFUSED);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "Permission denied"));
}

AC_TEST(certificate_is_taken_out_as_far_as_it_goes)
{
    struct fake_host fake;
    struct runtime runtime;
    SPEAKER(SPEAKER_CALM, "Entry '/a.pem' deleted in crtlist '/list'!\n\n",
            "in use\n\n", SPEAKER_FOUND);

    AC_REQUIRE(speaker_runtime(&fake, "/list", &runtime));
    AC_REQUIRE(runtime_remove(&runtime, "/a.pem") == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(speaker_record(),
                           "abort ssl cert /a.pem\ndel ssl crt-list /list /a.pem\n"
                           "del ssl cert /a.pem\nshow ssl cert /a.pem\n");
    CU_ASSERT_TRUE(fake_host_logged(&fake, "keeps /a.pem in memory"));
}

AC_TEST(what_was_not_there_to_be_taken_out_is_not_said_to_be_kept)
{
    struct fake_host fake;
    struct runtime runtime;
    SPEAKER(SPEAKER_CALM, "Can't remove: certificate doesn't exist\n\n",
            SPEAKER_UNKNOWN);

    AC_REQUIRE(speaker_runtime(&fake, NULL, &runtime));
    AC_REQUIRE(runtime_remove(&runtime, "/a.pem") == ACMECORE_OK);

    CU_ASSERT_FALSE(fake_host_logged(&fake, "in memory"));
}

AC_TEST(what_nobody_answers_is_not_taken_out)
{
    struct fake_host fake;
    struct runtime runtime;
    SPEAKER(SPEAKER_CALM, SPEAKER_HANGS);

    AC_REQUIRE(speaker_runtime(&fake, NULL, &runtime));
    runtime.talk.timeout_ms = 50;

    AC_REQUIRE(runtime_remove(&runtime, "/a.pem") == ACMECORE_E_TIMEOUT);
}

AC_TEST(server_that_has_ended_needs_nothing_taken_out)
{
    struct fake_host fake;
    struct runtime runtime;

    AC_REQUIRE(speaker_runtime(&fake, "/list", &runtime));
    AC_REQUIRE(runtime_remove(&runtime, "/a.pem") == ACMECORE_OK);
}

AC_TEST(path_that_could_be_a_command_is_refused)
{
    CU_ASSERT_PTR_NULL(runtime_check_path("/etc/haproxy/_.example.com.pem"));
    CU_ASSERT_PTR_NOT_NULL(runtime_check_path("/a;shutdown sessions"));
    CU_ASSERT_PTR_NOT_NULL(runtime_check_path("/a b"));
    CU_ASSERT_PTR_NOT_NULL(runtime_check_path("/a\nb"));
    CU_ASSERT_PTR_NOT_NULL(runtime_check_path("/a\\b"));
}

AC_SUITE("installer-haproxy/runtime", AC_CASE(certificate_is_set_and_committed),
         AC_CASE(each_is_committed_before_the_next_is_set),
         AC_CASE(what_is_refused_is_aborted),
         AC_CASE(open_transaction_of_somebody_else_is_left),
         AC_CASE(transaction_that_took_ours_for_its_own_is_not_committed),
         AC_CASE(one_that_a_killed_run_left_idle_is_added_to_the_list),
         AC_CASE(what_was_not_served_is_not_brought_back),
         AC_CASE(new_one_is_added_to_the_list),
         AC_CASE(new_one_without_a_list_is_a_setting),
         AC_CASE(server_that_does_not_run_is_no_failure),
         AC_CASE(server_that_goes_away_is_one),
         AC_CASE(socket_without_the_right_to_change_is_told),
         AC_CASE(certificate_is_taken_out_as_far_as_it_goes),
         AC_CASE(what_was_not_there_to_be_taken_out_is_not_said_to_be_kept),
         AC_CASE(what_nobody_answers_is_not_taken_out),
         AC_CASE(server_that_has_ended_needs_nothing_taken_out),
         AC_CASE(path_that_could_be_a_command_is_refused))
