/* SPDX-License-Identifier: Apache-2.0 */
#include "base/rate.h"

#include "check.h"

/* Let's Encrypt's new-nonce: 20 a second, 10 at once. */
#define PER_SECOND 20
#define BURST      10
#define START_MS   5000000

static unsigned take_all(struct ac_rate *rate, int64_t now_ms)
{
    unsigned taken = 0;

    while (taken < 1000 && ac_rate_take(rate, now_ms))
        taken++;
    return taken;
}

AC_TEST(full_bucket_gives_its_burst_and_no_more)
{
    struct ac_rate rate;

    ac_rate_init(&rate, PER_SECOND, BURST);

    CU_ASSERT_EQUAL(take_all(&rate, START_MS), BURST);
    CU_ASSERT_FALSE(ac_rate_take(&rate, START_MS));
}

AC_TEST(bucket_is_full_whatever_the_clock_starts_at)
{
    struct ac_rate early;
    struct ac_rate late;

    ac_rate_init(&early, PER_SECOND, BURST);
    ac_rate_init(&late, PER_SECOND, BURST);

    CU_ASSERT_EQUAL(take_all(&early, 0), BURST);
    CU_ASSERT_EQUAL(take_all(&late, INT64_MAX - 1), BURST);
}

AC_TEST(many_are_taken_together_or_none)
{
    struct ac_rate rate;

    ac_rate_init(&rate, PER_SECOND, BURST);

    CU_ASSERT_FALSE(ac_rate_take_many(&rate, BURST + 1, START_MS));
    CU_ASSERT_TRUE(ac_rate_take_many(&rate, BURST - 1, START_MS));
    CU_ASSERT_FALSE(ac_rate_take_many(&rate, 2, START_MS));
    CU_ASSERT_TRUE(ac_rate_take_many(&rate, 1, START_MS));
    CU_ASSERT_FALSE(ac_rate_take_many(&rate, UINT32_MAX, START_MS));
}

AC_TEST(empty_bucket_fills_at_its_rate)
{
    struct ac_rate rate;

    ac_rate_init(&rate, PER_SECOND, BURST);
    (void)take_all(&rate, START_MS);

    CU_ASSERT_FALSE(ac_rate_take(&rate, START_MS + 49));
    CU_ASSERT_TRUE(ac_rate_take(&rate, START_MS + 50));
    CU_ASSERT_FALSE(ac_rate_take(&rate, START_MS + 50));
}

AC_TEST(long_rest_gives_no_more_than_the_burst)
{
    struct ac_rate rate;

    ac_rate_init(&rate, PER_SECOND, BURST);
    (void)take_all(&rate, START_MS);

    CU_ASSERT_EQUAL(take_all(&rate, START_MS + 86400000), BURST);
}

AC_TEST(long_run_is_never_above_the_rate)
{
    struct ac_rate rate;
    unsigned taken = 0;

    ac_rate_init(&rate, PER_SECOND, BURST);
    for (int64_t ms = 0; ms < 60000; ms++)
        taken += take_all(&rate, START_MS + ms);

    CU_ASSERT_TRUE(taken <= BURST + 60 * PER_SECOND);
    CU_ASSERT_TRUE(taken >= BURST + 60 * PER_SECOND - 1);
}

AC_TEST(refused_asking_costs_nothing)
{
    struct ac_rate rate;

    ac_rate_init(&rate, PER_SECOND, BURST);
    (void)take_all(&rate, START_MS);
    for (int64_t ms = 0; ms < 50; ms++)
        CU_ASSERT_FALSE(ac_rate_take(&rate, START_MS + ms));

    CU_ASSERT_TRUE(ac_rate_take(&rate, START_MS + 50));
}

AC_TEST(ready_now_when_there_is_a_token)
{
    struct ac_rate rate;

    ac_rate_init(&rate, PER_SECOND, BURST);

    CU_ASSERT_EQUAL(ac_rate_ready_at_ms(&rate, START_MS), START_MS);
}

AC_TEST(taking_succeeds_at_the_instant_that_was_foretold_and_not_before)
{
    static const uint32_t rates[] = { 1, 3, 7, 20, 250, 999, 1000, 1001, 4000000000 };

    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        struct ac_rate rate;
        ac_rate_init(&rate, rates[i], 1);
        CU_ASSERT_TRUE(ac_rate_take(&rate, START_MS));
        int64_t ready_ms = ac_rate_ready_at_ms(&rate, START_MS);
        CU_ASSERT_TRUE(ready_ms > START_MS);
        CU_ASSERT_FALSE(ac_rate_take(&rate, ready_ms - 1));
        CU_ASSERT_EQUAL(ac_rate_ready_at_ms(&rate, ready_ms), ready_ms);
        CU_ASSERT_TRUE(ac_rate_take(&rate, ready_ms));
    }
}

AC_TEST(rate_of_zero_is_no_limit)
{
    struct ac_rate rate;

    ac_rate_init(&rate, 0, 0);

    CU_ASSERT_EQUAL(take_all(&rate, START_MS), 1000);
    CU_ASSERT_EQUAL(ac_rate_ready_at_ms(&rate, START_MS), START_MS);
}

AC_TEST(burst_of_zero_still_gives_one_at_a_time)
{
    struct ac_rate rate;

    ac_rate_init(&rate, 1, 0);

    CU_ASSERT_TRUE(ac_rate_take(&rate, START_MS));
    CU_ASSERT_FALSE(ac_rate_take(&rate, START_MS));
    CU_ASSERT_TRUE(ac_rate_take(&rate, START_MS + 1000));
}

AC_TEST(clock_that_goes_back_gives_nothing_twice)
{
    struct ac_rate rate;

    ac_rate_init(&rate, PER_SECOND, BURST);
    (void)take_all(&rate, START_MS);

    CU_ASSERT_FALSE(ac_rate_take(&rate, START_MS - 1000));
    CU_ASSERT_FALSE(ac_rate_take(&rate, START_MS));
}

AC_TEST(largest_numbers_do_not_overflow)
{
    struct ac_rate rate;

    ac_rate_init(&rate, UINT32_MAX, UINT32_MAX);
    CU_ASSERT_TRUE(ac_rate_take(&rate, 0));

    CU_ASSERT_TRUE(ac_rate_take(&rate, INT64_MAX));
    CU_ASSERT_EQUAL(rate.milli_tokens, ((int64_t)UINT32_MAX - 1) * 1000);
}

AC_SUITE("base/rate", AC_CASE(full_bucket_gives_its_burst_and_no_more),
         AC_CASE(bucket_is_full_whatever_the_clock_starts_at),
         AC_CASE(many_are_taken_together_or_none),
         AC_CASE(empty_bucket_fills_at_its_rate),
         AC_CASE(long_rest_gives_no_more_than_the_burst),
         AC_CASE(long_run_is_never_above_the_rate),
         AC_CASE(refused_asking_costs_nothing),
         AC_CASE(ready_now_when_there_is_a_token),
         AC_CASE(taking_succeeds_at_the_instant_that_was_foretold_and_not_before),
         AC_CASE(rate_of_zero_is_no_limit),
         AC_CASE(burst_of_zero_still_gives_one_at_a_time),
         AC_CASE(clock_that_goes_back_gives_nothing_twice),
         AC_CASE(largest_numbers_do_not_overflow))
