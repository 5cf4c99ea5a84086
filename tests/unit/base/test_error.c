/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include <errno.h>
#include <string.h>

#include "check.h"

static enum ac_code pass_on(enum ac_code code, int *reached)
{
    AC_TRY(code);
    *reached = 1;
    return AC_OK;
}

AC_TEST(failing_returns_the_code_and_fills_the_error)
{
    struct ac_error err = { 0 };

    enum ac_code code = ac_fail(&err, AC_E_PROTOCOL, "order has no %s URL", "finalize");

    CU_ASSERT_EQUAL(code, AC_E_PROTOCOL);
    CU_ASSERT_EQUAL(err.code, AC_E_PROTOCOL);
    CU_ASSERT_STRING_EQUAL(err.detail, "order has no finalize URL");
}

AC_TEST(where_names_the_file_and_line_of_the_failure)
{
    struct ac_error err = { 0 };

    (void)ac_fail(&err, AC_E_STORE, "no");
    const char *here = __FILE__ ":" AC_STRINGIFY(__LINE__);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.where, "test_error.c:"));
    CU_ASSERT_EQUAL(strlen(err.where), strlen(here));
}

AC_TEST(failing_clears_what_an_earlier_failure_left)
{
    struct ac_error err = { .http_status = 429,
                            .retry_after = 60,
                            .problem = "rateLimited",
                            .detail = "a much longer sentence than the next one" };

    (void)ac_fail(&err, AC_E_NETWORK, "reset");

    CU_ASSERT_EQUAL(err.http_status, 0);
    CU_ASSERT_EQUAL(err.retry_after, 0);
    CU_ASSERT_STRING_EQUAL(err.problem, "");
    CU_ASSERT_STRING_EQUAL(err.detail, "reset");
}

AC_TEST(failing_without_an_error_to_fill_still_gives_the_code)
{
    CU_ASSERT_EQUAL(ac_fail(NULL, AC_E_TIMEOUT, "late"), AC_E_TIMEOUT);
    CU_ASSERT_EQUAL(ac_fail_errno(NULL, AC_E_STORE, EIO, "read"), AC_E_STORE);
    ac_error_about(NULL, "certificate www");
}

AC_TEST(detail_never_holds_control_characters_or_broken_utf8)
{
    struct ac_error err = { 0 };

    (void)ac_fail(&err, AC_E_PROBLEM, "%s", "a\x1b[2Jb\nc\xC3(\xE2\x80\xAE");

    CU_ASSERT_STRING_EQUAL(err.detail, "a\\x1B[2Jb\\x0Ac\\xC3(\\u{202E}");
}

AC_TEST(long_detail_is_cut_visibly)
{
    struct ac_error err = { 0 };

    (void)ac_fail(&err, AC_E_PROBLEM, "%2000d", 1);

    CU_ASSERT_EQUAL(strlen(err.detail), AC_ERROR_DETAIL_SIZE - 1);
    CU_ASSERT_STRING_EQUAL(err.detail + AC_ERROR_DETAIL_SIZE - 4, "...");
}

AC_TEST(long_detail_is_never_cut_within_a_character)
{
    struct ac_error err = { 0 };
    char text[2000];

    for (size_t i = 0; i + 4 < sizeof text; i += 4)
        memcpy(text + i, "\xF0\x9F\x94\x91", 5);
    (void)ac_fail(&err, AC_E_PROBLEM, "%s", text);

    CU_ASSERT_PTR_NULL(strchr(err.detail, '\\'));
    CU_ASSERT_STRING_EQUAL(err.detail + strlen(err.detail) - 3, "...");
}

AC_TEST(detail_that_just_fits_is_whole)
{
    struct ac_error err = { 0 };

    (void)ac_fail(&err, AC_E_PROBLEM, "%0*d", AC_ERROR_DETAIL_SIZE - 1, 7);

    CU_ASSERT_EQUAL(strlen(err.detail), AC_ERROR_DETAIL_SIZE - 1);
    CU_ASSERT_STRING_EQUAL(err.detail + AC_ERROR_DETAIL_SIZE - 4, "007");
}

AC_TEST(detail_may_quote_the_detail_that_it_replaces)
{
    struct ac_error err = { 0 };

    (void)ac_fail(&err, AC_E_NETWORK, "connection refused");
    (void)ac_fail(&err, AC_E_PLUGIN, "present: %s", err.detail);

    CU_ASSERT_STRING_EQUAL(err.detail, "present: connection refused");
}

AC_TEST(errno_is_explained_at_the_end)
{
    struct ac_error err = { 0 };

    enum ac_code code =
        ac_fail_errno(&err, AC_E_STORE, ENOSPC, "cannot write %s", "cert.pem");

    CU_ASSERT_EQUAL(code, AC_E_STORE);
    CU_ASSERT_EQUAL(err.code, AC_E_STORE);
    CU_ASSERT_STRING_EQUAL(err.detail,
                           "cannot write cert.pem: No space left on device");
}

AC_TEST(unknown_errno_is_a_number)
{
    struct ac_error err = { 0 };

    (void)ac_fail_errno(&err, AC_E_SYSTEM, -12345, "read");

    CU_ASSERT_STRING_EQUAL(err.detail, "read: error -12345");
}

AC_TEST(subject_goes_before_the_detail)
{
    struct ac_error err = { 0 };

    (void)ac_fail(&err, AC_E_CHALLENGE, "no answer");
    const char *where = err.where;
    ac_error_about(&err, "certificate %s", "www");

    CU_ASSERT_STRING_EQUAL(err.detail, "certificate www: no answer");
    CU_ASSERT_EQUAL(err.code, AC_E_CHALLENGE);
    CU_ASSERT_PTR_EQUAL(err.where, where);
}

AC_TEST(same_subject_is_said_once)
{
    struct ac_error err = { 0 };

    (void)ac_fail(&err, AC_E_CHALLENGE, "no answer");
    ac_error_about(&err, "certificate www");
    ac_error_about(&err, "certificate www");

    CU_ASSERT_STRING_EQUAL(err.detail, "certificate www: no answer");
}

AC_TEST(subject_that_is_only_the_start_of_a_word_is_said)
{
    struct ac_error err = { 0 };

    (void)ac_fail(&err, AC_E_CHALLENGE, "www2: no answer");
    ac_error_about(&err, "www");

    CU_ASSERT_STRING_EQUAL(err.detail, "www: www2: no answer");
}

AC_TEST(subject_keeps_the_problem_and_the_status)
{
    struct ac_error err = { .code = AC_E_RATE_LIMITED,
                            .http_status = 429,
                            .retry_after = 60,
                            .problem = "rateLimited",
                            .detail = "too many" };

    ac_error_about(&err, "order");

    CU_ASSERT_EQUAL(err.http_status, 429);
    CU_ASSERT_EQUAL(err.retry_after, 60);
    CU_ASSERT_STRING_EQUAL(err.problem, "rateLimited");
    CU_ASSERT_STRING_EQUAL(err.detail, "order: too many");
}

AC_TEST(hostile_subject_is_cleaned_and_still_said_once)
{
    struct ac_error err = { 0 };

    (void)ac_fail(&err, AC_E_INVALID, "no name");
    ac_error_about(&err, "a\tb");
    ac_error_about(&err, "a\tb");

    CU_ASSERT_STRING_EQUAL(err.detail, "a\\x09b: no name");
}

AC_TEST(long_subject_and_detail_are_cut_visibly)
{
    struct ac_error err = { 0 };

    (void)ac_fail(&err, AC_E_INVALID, "%700d", 1);
    ac_error_about(&err, "%700d", 2);

    CU_ASSERT_EQUAL(strlen(err.detail), AC_ERROR_DETAIL_SIZE - 1);
    CU_ASSERT_STRING_EQUAL(err.detail + AC_ERROR_DETAIL_SIZE - 4, "...");
}

AC_TEST(try_returns_early_on_failure_only)
{
    int reached = 0;

    CU_ASSERT_EQUAL(pass_on(AC_E_LOCKED, &reached), AC_E_LOCKED);
    CU_ASSERT_EQUAL(reached, 0);
    CU_ASSERT_EQUAL(pass_on(AC_OK, &reached), AC_OK);
    CU_ASSERT_EQUAL(reached, 1);
}

AC_TEST(every_code_has_a_name_of_its_own)
{
    for (int i = 0; i < AC_CODE_COUNT; i++) {
        const char *name = ac_code_name((enum ac_code)i);
        AC_REQUIRE(name != NULL);
        CU_ASSERT_TRUE(strlen(name) > 1);
        for (int j = 0; j < i; j++)
            CU_ASSERT_STRING_NOT_EQUAL(name, ac_code_name((enum ac_code)j));
    }
}

AC_TEST(names_of_codes_are_stable_words)
{
    CU_ASSERT_STRING_EQUAL(ac_code_name(AC_OK), "ok");
    CU_ASSERT_STRING_EQUAL(ac_code_name(AC_E_NETWORK), "network");
    CU_ASSERT_STRING_EQUAL(ac_code_name(AC_E_RATE_LIMITED), "rate-limited");
    CU_ASSERT_STRING_EQUAL(ac_code_name(AC_E_SYSTEM), "system");
}

AC_TEST(code_out_of_range_has_a_name_too)
{
    CU_ASSERT_STRING_EQUAL(ac_code_name(AC_CODE_COUNT), "unknown");
    CU_ASSERT_STRING_EQUAL(ac_code_name((enum ac_code)77), "unknown");
}

AC_SUITE("base/error", AC_CASE(failing_returns_the_code_and_fills_the_error),
         AC_CASE(where_names_the_file_and_line_of_the_failure),
         AC_CASE(failing_clears_what_an_earlier_failure_left),
         AC_CASE(failing_without_an_error_to_fill_still_gives_the_code),
         AC_CASE(detail_never_holds_control_characters_or_broken_utf8),
         AC_CASE(long_detail_is_cut_visibly),
         AC_CASE(long_detail_is_never_cut_within_a_character),
         AC_CASE(detail_that_just_fits_is_whole),
         AC_CASE(detail_may_quote_the_detail_that_it_replaces),
         AC_CASE(errno_is_explained_at_the_end), AC_CASE(unknown_errno_is_a_number),
         AC_CASE(subject_goes_before_the_detail), AC_CASE(same_subject_is_said_once),
         AC_CASE(subject_that_is_only_the_start_of_a_word_is_said),
         AC_CASE(subject_keeps_the_problem_and_the_status),
         AC_CASE(hostile_subject_is_cleaned_and_still_said_once),
         AC_CASE(long_subject_and_detail_are_cut_visibly),
         AC_CASE(try_returns_early_on_failure_only),
         AC_CASE(every_code_has_a_name_of_its_own),
         AC_CASE(names_of_codes_are_stable_words),
         AC_CASE(code_out_of_range_has_a_name_too))
