/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/notify/unnoted.h"

#include "check.h"

static struct ac_told told_by(const char *notifier, int64_t failed_at)
{
    return (struct ac_told){ .notifier = (char *)notifier,
                             .version = 3,
                             .failed_at = failed_at };
}

AC_TEST(what_is_kept_is_recalled_for_its_certificate_and_notifier)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_unnoted) unnoted = { 0 };
    const struct ac_told kept = told_by("ops", 7);
    struct ac_told same = told_by("ops", 1);
    struct ac_told other = told_by("boss", 1);
    struct ac_told elsewhere = told_by("ops", 1);

    AC_REQUIRE_OK(ac_unnoted_keep(&unnoted, "www", &kept, &err));
    ac_unnoted_recall(&unnoted, "www", &same);
    ac_unnoted_recall(&unnoted, "www", &other);
    ac_unnoted_recall(&unnoted, "api", &elsewhere);

    CU_ASSERT_EQUAL(same.failed_at, 7);
    CU_ASSERT_EQUAL(other.failed_at, 1);
    CU_ASSERT_EQUAL(elsewhere.failed_at, 1);
}

AC_TEST(newest_is_kept)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_unnoted) unnoted = { 0 };
    const struct ac_told first = told_by("ops", 7);
    const struct ac_told second = told_by("ops", 9);
    struct ac_told told = told_by("ops", 1);

    AC_REQUIRE_OK(ac_unnoted_keep(&unnoted, "www", &first, &err));
    AC_REQUIRE_OK(ac_unnoted_keep(&unnoted, "www", &second, &err));
    ac_unnoted_recall(&unnoted, "www", &told);

    CU_ASSERT_EQUAL(told.failed_at, 9);
    CU_ASSERT_EQUAL(unnoted.count, 1);
}

AC_TEST(what_was_noted_after_all_is_forgotten)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_unnoted) unnoted = { 0 };
    const struct ac_told ops = told_by("ops", 7);
    const struct ac_told boss = told_by("boss", 8);
    struct ac_told first = told_by("ops", 1);
    struct ac_told second = told_by("boss", 1);

    AC_REQUIRE_OK(ac_unnoted_keep(&unnoted, "www", &ops, &err));
    AC_REQUIRE_OK(ac_unnoted_keep(&unnoted, "www", &boss, &err));
    ac_unnoted_forget(&unnoted, "www", "ops");
    ac_unnoted_forget(&unnoted, "www", "nobody");
    ac_unnoted_recall(&unnoted, "www", &first);
    ac_unnoted_recall(&unnoted, "www", &second);

    CU_ASSERT_EQUAL(first.failed_at, 1);
    CU_ASSERT_EQUAL(second.failed_at, 8);
}

AC_TEST(what_another_run_noted_of_a_newer_version_counts)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_unnoted) unnoted = { 0 };
    const struct ac_told kept = told_by("ops", 7);
    struct ac_told told = { .notifier = (char *)"ops", .version = 4 };

    AC_REQUIRE_OK(ac_unnoted_keep(&unnoted, "www", &kept, &err));
    ac_unnoted_recall(&unnoted, "www", &told);

    CU_ASSERT_EQUAL(told.failed_at, 0);
    CU_ASSERT_EQUAL(told.version, 4);
}

AC_SUITE("engine/unnoted",
         AC_CASE(what_is_kept_is_recalled_for_its_certificate_and_notifier),
         AC_CASE(newest_is_kept), AC_CASE(what_was_noted_after_all_is_forgotten),
         AC_CASE(what_another_run_noted_of_a_newer_version_counts))
