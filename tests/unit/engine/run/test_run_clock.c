/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/run/run_parts.h"

#include "base/log.h"

#include "run_stage.h"

#define MINUTE INT64_C(60)
#define DAY    (1440 * MINUTE)
#define NOON   INT64_C(1830340800) /* 2028-01-01T12:00:00Z, by the CA */
#define DATE   "Date: Sat, 01 Jan 2028 12:00:00 GMT\n"

static char told[512]; /* the last that was said */
static size_t told_count;

static void hear(void *arg, enum ac_log_level level, const char *line)
{
    (void)arg, (void)level;
    (void)snprintf(told, sizeof told, "%s", line);
    told_count++;
}

#define OTHER "https://other.test/dir"

/* For something else than its time. */
static enum ac_code visit(struct ac_run *run, const struct ac_wanted *wanted,
                          struct ac_error *err)
{
    const struct ac_authority_place place =
        ac_authority_place_of(wanted, wanted->directory_url);
    struct ac_authority *authority;

    AC_TRY(ac_authorities_get(run->authorities, &place, &authority, err));
    ac_client_open(ac_authority_client(authority));
    while (!ac_client_is_open(ac_authority_client(authority)))
        AC_TRY(ac_run_turn(run, run->settings.deadline_ms, err));
    return AC_OK;
}

/* Asks both CAs, the other one where it has headers. */
static enum ac_code ask(struct ac_run *run, const char *other, struct ac_error *err)
{
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_TRY(stage_want("http", &wanted, err));
    AC_TRY(ac_run_learn_clock(run, &wanted, err));
    if (other) {
        free(AC_TAKE(wanted.directory_url));
        AC_TRY(ac_memory_copy_text(OTHER, &wanted.directory_url, err));
        AC_TRY(ac_run_learn_clock(run, &wanted, err));
    }
    ac_run_settle_clock(run);
    return other ? visit(run, &wanted, err) : AC_OK;
}

/* What a run makes of CAs that answer with these headers, by a clock that is so far
 * ahead of the first: by how much it is corrected. other: NULL: there is one alone. */
static enum ac_code learn_of(const char *headers, const char *other, int64_t ahead_s,
                             bool follows, int64_t *ret_corrected_s,
                             struct ac_error *err)
{
    struct ac_run_settings settings = {
        .place = { .directory_url = FAKE_DIRECTORY },
        .deadline_ms = ac_clock_after_ms((int64_t)STAGE_SECONDS * 1000),
        .follows_clock = follows,
    };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_run) *run = NULL;

    stage_begin(&(struct stage_ca){ 0 });
    fake_ca_rule((struct fake_rule){ .url = FAKE_DIRECTORY,
                                     .times = 99,
                                     .body = WITH_KEY_CHANGE,
                                     .headers = headers });
    fake_ca_rule((struct fake_rule){
        .url = OTHER, .times = 99, .body = WITH_KEY_CHANGE, .headers = other });
    AC_TRY(ac_store_open(ac_test_path("state"), &store, err));
    settings.store = store;
    AC_TRY(ac_run_new(&settings, &run, err));
    told[0] = '\0';
    told_count = 0;
    ac_log_to(hear, NULL, AC_LOG_WARN);
    ac_clock_correct(0);
    int64_t before_s = NOON + ahead_s - ac_clock_utc();
    ac_clock_correct(before_s);
    enum ac_code code = ask(run, other, err);
    *ret_corrected_s = ac_clock_correction() - before_s;
    ac_clock_correct(0);
    ac_log_to(NULL, NULL, AC_LOG_ERROR);
    return code;
}

static enum ac_code learn(const char *headers, int64_t ahead_s, bool follows,
                          int64_t *ret_corrected_s, struct ac_error *err)
{
    return learn_of(headers, NULL, ahead_s, follows, ret_corrected_s, err);
}

static bool is_about(int64_t seconds, int64_t expected)
{
    return seconds >= expected - 5 && seconds <= expected + 5;
}

AC_TEST(clock_that_is_far_ahead_is_corrected_and_told)
{
    struct ac_error err = { 0 };
    int64_t corrected_s = 0;

    AC_REQUIRE_OK(learn(DATE, 61 * DAY, true, &corrected_s, &err));

    CU_ASSERT_TRUE(is_about(corrected_s, -61 * DAY));
    CU_ASSERT_PTR_NOT_NULL(strstr(told, "(2028-03-02T12:00:0"));
    CU_ASSERT_PTR_NOT_NULL(strstr(told, "ahead of that of " FAKE_DIRECTORY));
    CU_ASSERT_PTR_NOT_NULL(strstr(told, "--trust-clock"));
}

AC_TEST(clock_that_is_behind_is_corrected_and_told)
{
    struct ac_error err = { 0 };
    int64_t corrected_s = 0;

    AC_REQUIRE_OK(learn(DATE, -5 * 60 * MINUTE, true, &corrected_s, &err));

    CU_ASSERT_TRUE(is_about(corrected_s, 5 * 60 * MINUTE));
    CU_ASSERT_PTR_NOT_NULL(strstr(told, "is 5 hours behind that of"));
}

AC_TEST(half_an_hour_is_no_matter)
{
    struct ac_error err = { 0 };
    int64_t corrected_s = 0;

    AC_REQUIRE_OK(learn(DATE, 29 * MINUTE, true, &corrected_s, &err));
    CU_ASSERT_EQUAL(corrected_s, 0);
    AC_REQUIRE_OK(learn(DATE, -29 * MINUTE, true, &corrected_s, &err));
    CU_ASSERT_EQUAL(corrected_s, 0);
    CU_ASSERT_STRING_EQUAL(told, "");

    AC_REQUIRE_OK(learn(DATE, 40 * MINUTE, true, &corrected_s, &err));
    CU_ASSERT_TRUE(is_about(corrected_s, -40 * MINUTE));
    CU_ASSERT_PTR_NOT_NULL(strstr(told, " minutes ahead of"));
}

AC_TEST(what_is_no_time_of_a_ca_changes_nothing)
{
    static const char *const headers[] = {
        "",
        "Date: soon\n",
        "Date: Thu, 01 Jan 1970 00:00:10 GMT\n",
        "Date: Fri, 31 Dec 9999 23:59:59 GMT\n",
        DATE "Age: 99999999\n",
    };
    struct ac_error err = { 0 };
    int64_t corrected_s = -1;

    for (size_t i = 0; i < AC_COUNT(headers); i++) {
        AC_REQUIRE_OK(learn(headers[i], 61 * DAY, true, &corrected_s, &err));
        CU_ASSERT_EQUAL(corrected_s, 0);
    }
}

AC_TEST(answer_from_a_cache_is_as_old_as_it_says)
{
    struct ac_error err = { 0 };
    int64_t corrected_s = 0;

    AC_REQUIRE_OK(learn(DATE "Age: 7200\n", 120 * MINUTE, true, &corrected_s, &err));

    CU_ASSERT_EQUAL(corrected_s, 0);
}

AC_TEST(clock_that_is_trusted_is_left_alone)
{
    struct ac_error err = { 0 };
    int64_t corrected_s = 0;

    AC_REQUIRE_OK(learn(DATE, 61 * DAY, false, &corrected_s, &err));

    CU_ASSERT_EQUAL(corrected_s, 0);
    CU_ASSERT_STRING_EQUAL(told, "");
}

#define LATER "Date: Fri, 11 Feb 2028 12:00:00 GMT\n" /* 41 days */

/* By the first one nothing of the other would be due before it has expired. */
AC_TEST(ca_that_is_alone_with_its_time_is_told_and_left)
{
    struct ac_error err = { 0 };
    int64_t corrected_s = -1;

    AC_REQUIRE_OK(learn_of(DATE, LATER, 41 * DAY, true, &corrected_s, &err));

    CU_ASSERT_EQUAL(corrected_s, 0);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(told, "the clock of " FAKE_DIRECTORY " is 41 days behind"));
    CU_ASSERT_PTR_NOT_NULL(strstr(told, "which " OTHER " says, too"));
}

AC_TEST(ca_that_is_alone_with_its_time_and_late_is_told_once)
{
    struct ac_error err = { 0 };
    int64_t corrected_s = -1;

    AC_REQUIRE_OK(learn_of(LATER, DATE, 41 * DAY, true, &corrected_s, &err));

    CU_ASSERT_EQUAL(corrected_s, 0);
    CU_ASSERT_EQUAL(told_count, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(told, "the clock of " OTHER " is 41 days behind"));
    CU_ASSERT_PTR_NOT_NULL(strstr(told, "which " FAKE_DIRECTORY " says, too"));
}

AC_TEST(clock_that_no_ca_has_is_corrected)
{
    struct ac_error err = { 0 };
    int64_t corrected_s = 0;

    AC_REQUIRE_OK(learn_of(DATE, LATER, 100 * DAY, true, &corrected_s, &err));

    CU_ASSERT_TRUE(is_about(corrected_s, -59 * DAY));
    CU_ASSERT_EQUAL(told_count, 1);
}

AC_SUITE("engine/run_clock", AC_CASE(clock_that_is_far_ahead_is_corrected_and_told),
         AC_CASE(clock_that_is_behind_is_corrected_and_told),
         AC_CASE(half_an_hour_is_no_matter),
         AC_CASE(what_is_no_time_of_a_ca_changes_nothing),
         AC_CASE(answer_from_a_cache_is_as_old_as_it_says),
         AC_CASE(clock_that_is_trusted_is_left_alone),
         AC_CASE(ca_that_is_alone_with_its_time_is_told_and_left),
         AC_CASE(ca_that_is_alone_with_its_time_and_late_is_told_once),
         AC_CASE(clock_that_no_ca_has_is_corrected))
