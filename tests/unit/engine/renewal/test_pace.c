/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/renewal/pace.h"

#include "check.h"

#include <string.h>

#define HOUR  INT64_C(3600)
#define DAY   (24 * HOUR)
#define START INT64_C(1800000000)

/* What syncing is good for shows in base; here it would only take time. */
int fsync(int fd);
int fsync(int fd)
{
    (void)fd;
    return 0;
}

static enum ac_code open_store(struct ac_store **ret_store, struct ac_error *err)
{
    return ac_store_open(ac_test_path("state"), ret_store, err);
}

/* As runs at these days (and hours) would, one after the other. */
static enum ac_code look(struct ac_store *store, const int64_t *hours, size_t count,
                         struct ac_error *err)
{
    for (size_t i = 0; i < count; i++) {
        struct ac_pace pace = { 0 };

        AC_TRY(ac_pace_load(store, &pace, err));
        AC_TRY(ac_pace_note(&pace, START + hours[i] * HOUR, store, err));
    }
    return AC_OK;
}

/* Hours from one look to the next, 0: not known. */
static enum ac_code find_gap(const struct ac_store *store, int64_t *ret_hours,
                             struct ac_error *err)
{
    struct ac_pace pace = { 0 };

    AC_TRY(ac_pace_load(store, &pace, err));
    int64_t utc = pace.count > 0 ? pace.looks[0] + 60 : START;
    int64_t next_at = ac_pace_next_at(&pace, utc);
    *ret_hours = next_at ? (next_at - utc) / HOUR : 0;
    return AC_OK;
}

#define LOOK(store, ...)                                                               \
    look(store, (const int64_t[]){ __VA_ARGS__ },                                      \
         sizeof((const int64_t[]){ __VA_ARGS__ }) / sizeof(int64_t), &err)

AC_TEST(nothing_is_known_before_two_gaps_were_seen)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    int64_t at_first = -1;
    int64_t after_one = -1;
    int64_t after_two = -1;

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(find_gap(store, &at_first, &err));
    AC_REQUIRE_OK(LOOK(store, 0, 24));
    AC_REQUIRE_OK(find_gap(store, &after_one, &err));
    AC_REQUIRE_OK(LOOK(store, 48));
    AC_REQUIRE_OK(find_gap(store, &after_two, &err));

    CU_ASSERT_EQUAL(at_first, 0);
    CU_ASSERT_EQUAL(after_one, 0);
    CU_ASSERT_EQUAL(after_two, 24);
}

AC_TEST(machine_that_was_off_for_weeks_keeps_its_rhythm)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    int64_t hours = -1;

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(LOOK(store, 0, 12, 24, 36, 36 + 700, 36 + 712));
    AC_REQUIRE_OK(find_gap(store, &hours, &err));

    CU_ASSERT_EQUAL(hours, 12);
}

AC_TEST(new_rhythm_is_known_after_a_few_looks)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    int64_t hours = -1;

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(LOOK(store, 0, 24, 48, 72, 96, 97, 98, 99, 100));
    AC_REQUIRE_OK(find_gap(store, &hours, &err));

    CU_ASSERT_EQUAL(hours, 1);
}

AC_TEST(looks_by_hand_soon_after_another_do_not_count)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    struct ac_pace pace = { 0 };
    int64_t hours = -1;

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(LOOK(store, 0, 24, 48));
    AC_REQUIRE_OK(ac_pace_load(store, &pace, &err));
    for (int64_t s = 60; s < AC_PACE_LEAST_S; s += 60)
        AC_REQUIRE_OK(ac_pace_note(&pace, START + 48 * HOUR + s, store, &err));
    AC_REQUIRE_OK(find_gap(store, &hours, &err));

    CU_ASSERT_EQUAL(hours, 24);
    CU_ASSERT_EQUAL(pace.count, 3);
}

AC_TEST(clock_that_was_set_back_begins_anew)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    struct ac_pace pace = { 0 };
    int64_t hours = -1;

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(LOOK(store, 1000, 1024, 1048));
    AC_REQUIRE_OK(ac_pace_load(store, &pace, &err));
    int64_t next_at = ac_pace_next_at(&pace, START);
    AC_REQUIRE_OK(LOOK(store, 0));
    AC_REQUIRE_OK(find_gap(store, &hours, &err));

    CU_ASSERT_EQUAL(next_at, 0);
    CU_ASSERT_EQUAL(hours, 0);
}

AC_TEST(what_a_killed_run_was_writing_is_swept)
{
    static const char draft[] = "state/runs/renew/.acmecore-0123456789abcdef.tmp";
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(LOOK(store, 0));
    AC_REQUIRE(ac_test_write_file(ac_test_path(draft), "{", 1));
    AC_REQUIRE_OK(LOOK(store, 24));

    CU_ASSERT_FALSE(ac_file_exists(ac_test_path(draft)));
}

static enum ac_code keep(struct ac_store *store, const char *text, struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;

    AC_TRY(ac_json_parse(text, strlen(text), &document, err));
    return ac_store_save(store, "runs", "renew", "pace.json", document, err);
}

AC_TEST(nonsense_in_the_file_is_passed_over)
{
    static const char *const texts[] = {
        "{}",
        "{\"looks\":7}",
        "{\"looks\":[7]}",
        "{\"looks\":[\"soon\"]}",
        /* not the newest first */
        ("{\"looks\":[\"2027-01-01T00:00:00Z\",\"2027-01-02T00:00:00Z\","
         "\"2027-01-03T00:00:00Z\"]}"),
    };
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;

    AC_REQUIRE_OK(open_store(&store, &err));
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        int64_t hours = -1;

        AC_REQUIRE_OK(keep(store, texts[i], &err));
        AC_REQUIRE_OK(find_gap(store, &hours, &err));
        CU_ASSERT_EQUAL(hours, 0);
    }
}

/* Of what is kept. */
static enum ac_code find_expected(const struct ac_store *store, int64_t *ret_hours,
                                  struct ac_error *err)
{
    struct ac_pace pace = { 0 };

    AC_TRY(ac_pace_load(store, &pace, err));
    int64_t expected_at = ac_pace_expected_at(&pace);
    *ret_hours = expected_at ? (expected_at - START) / HOUR : 0;
    return AC_OK;
}

static enum ac_code watch(struct ac_store *store, int64_t hour, struct ac_error *err)
{
    struct ac_pace pace = { 0 };

    AC_TRY(ac_pace_load(store, &pace, err));
    return ac_pace_note_watch(&pace, START + hour * HOUR, store, err);
}

AC_TEST(next_look_is_expected_of_whoever_looked_last)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    int64_t hours[5] = { -1, -1, -1, -1, -1 };

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(find_expected(store, &hours[0], &err));
    AC_REQUIRE_OK(LOOK(store, 0, 24, 48));
    AC_REQUIRE_OK(find_expected(store, &hours[1], &err));
    AC_REQUIRE_OK(watch(store, 50, &err));
    AC_REQUIRE_OK(find_expected(store, &hours[2], &err));
    AC_REQUIRE_OK(LOOK(store, 72));
    AC_REQUIRE_OK(find_expected(store, &hours[3], &err));
    AC_REQUIRE_OK(LOOK(store, 10));
    AC_REQUIRE_OK(find_expected(store, &hours[4], &err));

    CU_ASSERT_EQUAL(hours[0], 0);
    CU_ASSERT_EQUAL(hours[1], 72);
    CU_ASSERT_EQUAL(hours[2], 56);
    CU_ASSERT_EQUAL(hours[3], 96);
    CU_ASSERT_EQUAL(hours[4], 0); /* a clock that went back begins anew */
}

AC_SUITE("engine/pace", AC_CASE(nothing_is_known_before_two_gaps_were_seen),
         AC_CASE(machine_that_was_off_for_weeks_keeps_its_rhythm),
         AC_CASE(new_rhythm_is_known_after_a_few_looks),
         AC_CASE(looks_by_hand_soon_after_another_do_not_count),
         AC_CASE(clock_that_was_set_back_begins_anew),
         AC_CASE(what_a_killed_run_was_writing_is_swept),
         AC_CASE(nonsense_in_the_file_is_passed_over),
         AC_CASE(next_look_is_expected_of_whoever_looked_last))
