/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime.h"

#include "speaker.h"

static char pem[] = "-----BEGIN-----\r\nYQ==\n\n\n-----END-----\n";

static int replace(struct fake_host *fake, const char *list, size_t count,
                   bool *ret_running)
{
    struct runtime_item items[] = {
        { "/a.pem", { pem, sizeof(pem) - 1, 0 }, false },
        { "/b.pem", { pem, sizeof(pem) - 1, 0 }, false },
    };
    struct runtime runtime;

    if (!speaker_runtime(fake, list, &runtime))
        return ACMECORE_E_INVALID;
    return runtime_replace(&runtime, items, count, ret_running);
}

#define PAYLOAD " <<\n-----BEGIN-----\nYQ==\n-----END-----\n\n"

AC_TEST(certificate_is_set_and_committed)
{
    struct fake_host fake;
    bool is_running = false;
    SPEAKER(SPEAKER_FOUND, SPEAKER_SET, SPEAKER_DONE);

    AC_REQUIRE(replace(&fake, NULL, 1, &is_running) == ACMECORE_OK);

    CU_ASSERT_TRUE(is_running);
    CU_ASSERT_STRING_EQUAL(speaker_record(),
                           "show ssl cert /a.pem\nset ssl cert /a.pem" PAYLOAD
                           "commit ssl cert /a.pem\n");
}

AC_TEST(nothing_is_committed_when_one_cannot_be_set)
{
    struct fake_host fake;
    bool is_running = false;
    SPEAKER(SPEAKER_FOUND, SPEAKER_FOUND, SPEAKER_SET, "Can't load the payload\n\n",
            SPEAKER_ABORTED);

    AC_REQUIRE(replace(&fake, NULL, 2, &is_running) == ACMECORE_E_REFUSED);

    CU_ASSERT_TRUE(fake_host_failed_with(
        &fake, "HAProxy refused \"set ssl cert /b.pem\": Can't load the payload"));
    CU_ASSERT_PTR_NOT_NULL(strstr(speaker_record(), "abort ssl cert /a.pem\n"));
    CU_ASSERT_PTR_NULL(strstr(speaker_record(), "commit"));
}

AC_TEST(new_one_is_added_to_the_list)
{
    struct fake_host fake;
    bool is_running = false;
    SPEAKER(SPEAKER_UNKNOWN, "New empty certificate store '/a.pem'!\n\n", SPEAKER_SET,
            SPEAKER_DONE, "Success!\n\n");

    AC_REQUIRE(replace(&fake, "/list", 1, &is_running) == ACMECORE_OK);

    CU_ASSERT_PTR_NOT_NULL(strstr(speaker_record(), "new ssl cert /a.pem\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(speaker_record(), "add ssl crt-list /list /a.pem\n"));
}

AC_TEST(new_one_without_a_list_is_a_setting)
{
    struct fake_host fake;
    bool is_running = false;
    SPEAKER(SPEAKER_UNKNOWN);

    AC_REQUIRE(replace(&fake, NULL, 1, &is_running) == ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "does not have /a.pem"));
}

AC_TEST(server_that_does_not_run_is_no_failure)
{
    struct fake_host fake;
    bool is_running = true;

    AC_REQUIRE(replace(&fake, NULL, 1, &is_running) == ACMECORE_OK);
    CU_ASSERT_FALSE(is_running);
}

AC_TEST(server_that_goes_away_is_one)
{
    struct fake_host fake;
    bool is_running = false;
    SPEAKER(SPEAKER_FOUND);

    AC_REQUIRE(replace(&fake, NULL, 1, &is_running) == ACMECORE_E_NETWORK);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "HAProxy"));
}

AC_TEST(socket_without_the_right_to_change_is_told)
{
    struct fake_host fake;
    bool is_running = false;
    SPEAKER("Permission denied\n\n");

    AC_REQUIRE(replace(&fake, NULL, 1, &is_running) == ACMECORE_E_REFUSED);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "Permission denied"));
}

AC_TEST(certificate_is_taken_out_as_far_as_it_goes)
{
    struct fake_host fake;
    struct runtime runtime;
    SPEAKER("Entry '/a.pem' deleted in crtlist '/list'!\n\n", "in use\n\n");

    AC_REQUIRE(speaker_runtime(&fake, "/list", &runtime));
    runtime_remove(&runtime, "/a.pem");

    CU_ASSERT_STRING_EQUAL(speaker_record(),
                           "del ssl crt-list /list /a.pem\ndel ssl cert /a.pem\n");
    CU_ASSERT(fake_host_logged(&fake, "keeps /a.pem in memory")
              || ac_check_is_torture());
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
         AC_CASE(nothing_is_committed_when_one_cannot_be_set),
         AC_CASE(new_one_is_added_to_the_list),
         AC_CASE(new_one_without_a_list_is_a_setting),
         AC_CASE(server_that_does_not_run_is_no_failure),
         AC_CASE(server_that_goes_away_is_one),
         AC_CASE(socket_without_the_right_to_change_is_told),
         AC_CASE(certificate_is_taken_out_as_far_as_it_goes),
         AC_CASE(path_that_could_be_a_command_is_refused))
