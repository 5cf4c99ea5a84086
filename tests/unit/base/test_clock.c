/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <limits.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "check.h"

/* 2026-11-22T03:48:30Z */
#define NOW_UTC 1795319310

static int64_t fake_ms;
static int64_t fake_seconds;

static int64_t read_fake_ms(void)
{
    return fake_ms;
}

static int64_t read_fake_utc(void)
{
    return fake_seconds;
}

static void set_clock(int64_t ms, int64_t utc)
{
    fake_ms = ms;
    fake_seconds = utc;
    ac_clock_fake(read_fake_ms, read_fake_utc);
}

struct vector {
    const char *text;
    int64_t utc;
};

AC_TEST(real_clocks_run_forward_and_agree_with_the_system)
{
    ac_clock_fake(NULL, NULL);

    int64_t first_ms = ac_clock_now_ms();
    int64_t before = (int64_t)time(NULL);
    int64_t utc = ac_clock_utc();
    int64_t second_ms = ac_clock_now_ms();

    CU_ASSERT_TRUE(second_ms >= first_ms);
    /* time() may be a tick behind clock_gettime(), never a second. */
    CU_ASSERT_TRUE(utc >= before && utc <= before + 5);
}

AC_TEST(faked_clocks_are_used_until_given_back)
{
    set_clock(1234, NOW_UTC);
    CU_ASSERT_EQUAL(ac_clock_now_ms(), 1234);
    CU_ASSERT_EQUAL(ac_clock_utc(), NOW_UTC);

    ac_clock_fake(NULL, NULL);

    CU_ASSERT_TRUE(ac_clock_utc() != NOW_UTC);
}

AC_TEST(deadline_is_now_and_the_time_given)
{
    set_clock(1000, 0);

    CU_ASSERT_EQUAL(ac_clock_after_ms(0), 1000);
    CU_ASSERT_EQUAL(ac_clock_after_ms(250), 1250);
    CU_ASSERT_EQUAL(ac_clock_after_ms(-2000), -1000);
}

AC_TEST(deadline_beyond_all_time_is_never)
{
    set_clock(1000, 0);

    CU_ASSERT_EQUAL(ac_clock_after_ms(AC_CLOCK_NEVER), AC_CLOCK_NEVER);
    CU_ASSERT_EQUAL(ac_clock_after_ms(AC_CLOCK_NEVER - 999), AC_CLOCK_NEVER);
    CU_ASSERT_EQUAL(ac_clock_after_ms(AC_CLOCK_NEVER - 1001), AC_CLOCK_NEVER - 1);
}

AC_TEST(time_left_is_never_negative_and_fits_poll)
{
    set_clock(1000, 0);

    CU_ASSERT_EQUAL(ac_clock_left_ms(1500), 500);
    CU_ASSERT_EQUAL(ac_clock_left_ms(1000), 0);
    CU_ASSERT_EQUAL(ac_clock_left_ms(INT64_MIN), 0);
    CU_ASSERT_EQUAL(ac_clock_left_ms(1000 + (int64_t)INT_MAX), INT_MAX);
    CU_ASSERT_EQUAL(ac_clock_left_ms(1001 + (int64_t)INT_MAX), INT_MAX);
    CU_ASSERT_EQUAL(ac_clock_left_ms(AC_CLOCK_NEVER), INT_MAX);
}

AC_TEST(time_left_before_the_clock_began_does_not_overflow)
{
    set_clock(INT64_MIN + 1, 0);

    CU_ASSERT_EQUAL(ac_clock_left_ms(AC_CLOCK_NEVER), INT_MAX);
    CU_ASSERT_EQUAL(ac_clock_left_ms(INT64_MIN), 0);
}

/* Computed by another program's calendar. */
static const struct vector calendar[] = {
    { "0001-01-01T00:00:00Z", -62135596800 }, { "1582-10-15T00:00:00Z", -12219292800 },
    { "1899-12-31T23:59:59Z", -2208988801 },  { "1900-03-01T00:00:00Z", -2203891200 },
    { "1969-12-31T23:59:59Z", -1 },           { "1970-01-01T00:00:00Z", 0 },
    { "2000-02-29T00:00:00Z", 951782400 },    { "2024-02-29T23:59:59Z", 1709251199 },
    { "2026-11-22T03:48:30Z", NOW_UTC },      { "2038-01-19T03:14:08Z", 2147483648 },
    { "2100-02-28T23:59:59Z", 4107542399 },   { "2100-03-01T00:00:00Z", 4107542400 },
    { "2400-02-29T00:00:00Z", 13574563200 },  { "9999-12-31T23:59:59Z", 253402300799 },
};

AC_TEST(formatting_follows_the_calendar)
{
    char buffer[AC_CLOCK_TEXT_SIZE];

    for (size_t i = 0; i < AC_COUNT(calendar); i++)
        CU_ASSERT_STRING_EQUAL(ac_clock_format(calendar[i].utc, buffer),
                               calendar[i].text);
}

AC_TEST(formatting_any_number_stays_within_the_buffer)
{
    char buffer[AC_CLOCK_TEXT_SIZE];

    CU_ASSERT_STRING_EQUAL(ac_clock_format(INT64_MAX, buffer),
                           "292277026596-12-04T15:30:07Z");
    CU_ASSERT_STRING_EQUAL(ac_clock_format(INT64_MIN, buffer),
                           "-292277022657-01-27T08:29:52Z");
}

AC_TEST(parsing_follows_the_calendar)
{
    for (size_t i = 0; i < AC_COUNT(calendar); i++) {
        int64_t utc = 0;
        AC_REQUIRE_OK(ac_clock_parse(calendar[i].text, &utc, NULL));
        CU_ASSERT_EQUAL(utc, calendar[i].utc);
    }
}

AC_TEST(parsing_undoes_formatting_on_every_day_of_four_centuries)
{
    char buffer[AC_CLOCK_TEXT_SIZE];
    size_t wrong = 0;

    for (int64_t day = 0; day < 146097; day++) {
        int64_t utc = day * 86400 + day % 86400;
        int64_t parsed = -1;
        enum ac_code code = ac_clock_parse(ac_clock_format(utc, buffer), &parsed, NULL);
        wrong += code != AC_OK || parsed != utc;
    }

    CU_ASSERT_EQUAL(wrong, 0);
}

AC_TEST(rfc3339_forms_are_understood)
{
    static const struct vector forms[] = {
        /* RFC 3339 section 5.8 */
        { "1985-04-12T23:20:50.52Z", 482196050 },
        { "1996-12-19T16:39:57-08:00", 851042397 },
        { "1990-12-31T23:59:60Z", 662687999 },
        { "1990-12-31T15:59:60-08:00", 662687999 },
        { "1937-01-01T12:00:27.87+00:20", -1041337173 },
        /* lower case (section 5.6), many digits, unknown local offset (4.3) */
        { "2026-11-22t03:48:30z", NOW_UTC },
        { "2026-11-22T03:48:30.123456789012345678901234567890Z", NOW_UTC },
        { "2026-11-22T03:48:30-00:00", NOW_UTC },
        { "2026-11-22T03:48:30+00:00", NOW_UTC },
        { "2026-11-23T03:47:30+23:59", NOW_UTC },
        { "2026-11-21T03:49:30-23:59", NOW_UTC },
        { "0001-01-01T00:00:00+23:59", -62135596800 - 86340 },
        { "9999-12-31T23:59:59-23:59", 253402300799 + 86340 },
    };

    for (size_t i = 0; i < AC_COUNT(forms); i++) {
        int64_t utc = 0;
        AC_REQUIRE_OK(ac_clock_parse(forms[i].text, &utc, NULL));
        CU_ASSERT_EQUAL(utc, forms[i].utc);
    }
}

AC_TEST(what_is_not_rfc3339_is_refused)
{
    static const char *const wrong[] = {
        "",
        "2026",
        "2026-11-22",
        "2026-11-22T03:48:30",
        "2026-11-22T03:48Z",
        "2026-11-22 03:48:30Z",
        " 2026-11-22T03:48:30Z",
        "2026-11-22T03:48:30Z ",
        "2026-11-22T03:48:30ZZ",
        "2026-11-22T03:48:30.Z",
        "2026-11-22T03:48:30.5",
        "2026-11-22T03:48:30,5Z",
        "2026-11-22T03:48:30+0100",
        "2026-11-22T03:48:30+01",
        "2026-11-22T03:48:30+24:00",
        "2026-11-22T03:48:30+01:60",
        "2026-11-22T03:48:30+01:00Z",
        "2026-11-22T03:48:30~01:00",
        "2026-11-22T24:00:00Z",
        "2026-11-22T23:60:00Z",
        "2026-11-22T23:59:61Z",
        "2026-00-22T03:48:30Z",
        "2026-13-22T03:48:30Z",
        "2026-11-00T03:48:30Z",
        "2026-11-31T03:48:30Z",
        "2026-02-29T03:48:30Z",
        "2100-02-29T03:48:30Z",
        "2024-02-30T03:48:30Z",
        "0000-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "-001-01-01T00:00:00Z",
        "+026-11-22T03:48:30Z",
        "2026-1-22T03:48:30Z",
        "2026-11-22T3:48:30Z",
        "2026-11-22T03:48:3 Z",
        "2026-11-22T03:48:-3Z",
        "20261122T034830Z",
        "Sun, 22 Nov 2026 03:48:30 GMT",
        "\xD9\xA2\xD9\xA0\xD9\xA2\xD9\xA6-11-22T03:48:30Z"
    };

    for (size_t i = 0; i < AC_COUNT(wrong); i++) {
        struct ac_error err = { 0 };
        int64_t utc = 77;
        CU_ASSERT_EQUAL(ac_clock_parse(wrong[i], &utc, &err), AC_E_INVALID);
        CU_ASSERT_EQUAL(err.code, AC_E_INVALID);
        CU_ASSERT_EQUAL(utc, 77);
    }
}

AC_TEST(refused_time_is_quoted_clean_and_short)
{
    struct ac_error err = { 0 };
    char text[1000];
    int64_t utc = 0;

    memset(text, 'x', sizeof text);
    text[0] = '\x1b';
    text[sizeof text - 1] = '\0';
    CU_ASSERT_EQUAL(ac_clock_parse(text, &utc, &err), AC_E_INVALID);
    CU_ASSERT_STRING_EQUAL(err.detail,
                           "\"\\x1Bxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\" "
                           "is not an RFC 3339 time");

    CU_ASSERT_EQUAL(ac_clock_parse(NULL, &utc, &err), AC_E_INVALID);
    CU_ASSERT_STRING_EQUAL(err.detail, "\"\" is not an RFC 3339 time");
}

AC_TEST(all_three_http_dates_are_understood)
{
    static const struct vector forms[] = {
        /* RFC 9110 section 5.6.7 */
        { "Sun, 06 Nov 1994 08:49:37 GMT", 784111777 },
        { "Sunday, 06-Nov-94 08:49:37 GMT", 784111777 },
        { "Sun Nov  6 08:49:37 1994", 784111777 },
        { "Sun Nov 22 03:48:30 2026", NOW_UTC },
        { "Sun, 22 Nov 2026 03:48:30 GMT", NOW_UTC },
        { "Fri, 31 Dec 9999 23:59:59 GMT", 253402300799 },
        { "Thu, 29 Feb 2024 23:59:60 GMT", 1709251199 },
        { "Wednesday, 01-Jan-70 00:00:00 GMT", 3155760000 },
    };
    set_clock(0, NOW_UTC);

    for (size_t i = 0; i < AC_COUNT(forms); i++) {
        int64_t utc = 0;
        AC_REQUIRE_OK(ac_clock_parse_http(forms[i].text, &utc, NULL));
        CU_ASSERT_EQUAL(utc, forms[i].utc);
    }
}

/* RFC 9110 section 5.6.7: not more than 50 years ahead. */
AC_TEST(year_of_two_digits_is_the_nearest_that_is_allowed)
{
    int64_t utc = 0;
    char text[AC_CLOCK_TEXT_SIZE];

    set_clock(0, NOW_UTC); /* 2026 */
    AC_REQUIRE_OK(ac_clock_parse_http("Monday, 01-Jan-76 00:00:00 GMT", &utc, NULL));
    CU_ASSERT_STRING_EQUAL(ac_clock_format(utc, text), "2076-01-01T00:00:00Z");
    AC_REQUIRE_OK(ac_clock_parse_http("Monday, 01-Jan-77 00:00:00 GMT", &utc, NULL));
    CU_ASSERT_STRING_EQUAL(ac_clock_format(utc, text), "1977-01-01T00:00:00Z");

    set_clock(0, 4102358400); /* 2099-12-31 */
    AC_REQUIRE_OK(ac_clock_parse_http("Friday, 01-Jan-00 00:00:00 GMT", &utc, NULL));
    CU_ASSERT_STRING_EQUAL(ac_clock_format(utc, text), "2100-01-01T00:00:00Z");
    AC_REQUIRE_OK(ac_clock_parse_http("Friday, 01-Jan-99 00:00:00 GMT", &utc, NULL));
    CU_ASSERT_STRING_EQUAL(ac_clock_format(utc, text), "2099-01-01T00:00:00Z");
}

AC_TEST(what_is_no_http_date_is_refused)
{
    static const char *const wrong[] = { "",
                                         "Sun",
                                         "soon",
                                         "2026-11-22T03:48:30Z",
                                         "Sun, 06 Nov 1994 08:49:37",
                                         "Sun, 06 Nov 1994 08:49:37 CET",
                                         "Sun, 06 Nov 1994 08:49:37 GMT+1",
                                         "Sun, 06 Nov 1994 08:49:37 gmt",
                                         "Sun, 6 Nov 1994 08:49:37 GMT",
                                         "Sun, 06 nov 1994 08:49:37 GMT",
                                         "Sun, 06 Nox 1994 08:49:37 GMT",
                                         "Sun, 00 Nov 1994 08:49:37 GMT",
                                         "Sun, 31 Nov 1994 08:49:37 GMT",
                                         "Sun, 06 Nov 94 08:49:37 GMT",
                                         "Sun, 06 Nov 0000 08:49:37 GMT",
                                         "Sun, 06 Nov 1994 24:49:37 GMT",
                                         "Sun, 06 Nov 1994 08:60:37 GMT",
                                         "Sun, 06 Nov 1994 08:49:61 GMT",
                                         "Xyz, 06 Nov 1994 08:49:37 GMT",
                                         "Sunday, 06-Nov-1994 08:49:37 GMT",
                                         "Sunday, 06 Nov 94 08:49:37 GMT",
                                         "Sun Nov 6 08:49:37 1994",
                                         "Sun Nov   08:49:37 1994",
                                         "Sun Nov  6 08:49:37 94",
                                         "Sun Nov  6 08:49:37 1994 GMT",
                                         " Sun Nov  6 08:49:37 1994" };

    for (size_t i = 0; i < AC_COUNT(wrong); i++) {
        struct ac_error err = { 0 };
        int64_t utc = 77;
        CU_ASSERT_EQUAL(ac_clock_parse_http(wrong[i], &utc, &err), AC_E_INVALID);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "is not an HTTP date"));
        CU_ASSERT_EQUAL(utc, 77);
    }
    CU_ASSERT_EQUAL(ac_clock_parse_http(NULL, &(int64_t){ 0 }, NULL), AC_E_INVALID);
}

AC_TEST(retry_after_in_seconds_is_taken_as_it_is)
{
    CU_ASSERT_EQUAL(ac_clock_retry_after("0", NULL), 0);
    CU_ASSERT_EQUAL(ac_clock_retry_after("120", NULL), 120);
    CU_ASSERT_EQUAL(ac_clock_retry_after("007", NULL), 7);
    CU_ASSERT_EQUAL(ac_clock_retry_after("3978938", "Sun, 22 Nov 2026 03:48:30 GMT"),
                    3978938);
}

AC_TEST(retry_after_that_is_absurdly_long_is_capped)
{
    set_clock(0, NOW_UTC);

    CU_ASSERT_EQUAL(ac_clock_retry_after("4294967295", NULL), UINT32_MAX);
    CU_ASSERT_EQUAL(ac_clock_retry_after("4294967296", NULL), UINT32_MAX);
    CU_ASSERT_EQUAL(ac_clock_retry_after("99999999999999999999999999999999", NULL),
                    UINT32_MAX);
    CU_ASSERT_EQUAL(ac_clock_retry_after("Fri, 31 Dec 9999 23:59:59 GMT", NULL),
                    UINT32_MAX);
}

AC_TEST(retry_after_garbage_is_no_answer)
{
    static const char *const garbage[] = {
        "",
        " ",
        "-1",
        "-120",
        "+5",
        "1.5",
        "5s",
        " 5",
        "5 ",
        "0x10",
        "soon",
        "1e3",
        "5, 10",
        "NULL",
        "\x1b[m",
        "\xFF",
        "2026-11-22T03:48:30Z",
    };

    CU_ASSERT_EQUAL(ac_clock_retry_after(NULL, NULL), -1);
    CU_ASSERT_EQUAL(ac_clock_retry_after(NULL, "Sun, 22 Nov 2026 03:48:30 GMT"), -1);
    for (size_t i = 0; i < AC_COUNT(garbage); i++)
        CU_ASSERT_EQUAL(ac_clock_retry_after(garbage[i], NULL), -1);
}

AC_TEST(retry_after_as_a_date_counts_from_the_answers_own_date)
{
    /* Our clock is a day wrong: it does not matter. */
    set_clock(0, NOW_UTC + 86400);

    CU_ASSERT_EQUAL(ac_clock_retry_after("Sun, 22 Nov 2026 03:50:00 GMT",
                                         "Sun, 22 Nov 2026 03:48:30 GMT"),
                    90);
    CU_ASSERT_EQUAL(ac_clock_retry_after("Sunday, 22-Nov-26 03:50:00 GMT",
                                         "Sun Nov 22 03:48:30 2026"),
                    90);
    CU_ASSERT_EQUAL(ac_clock_retry_after("Sun Nov 22 03:50:00 2026",
                                         "Sunday, 22-Nov-26 03:48:30 GMT"),
                    90);
}

AC_TEST(retry_after_as_a_date_counts_from_our_clock_where_there_is_no_other)
{
    set_clock(0, NOW_UTC);

    CU_ASSERT_EQUAL(ac_clock_retry_after("Sun, 22 Nov 2026 03:50:00 GMT", NULL), 90);
    CU_ASSERT_EQUAL(ac_clock_retry_after("Sun, 22 Nov 2026 03:50:00 GMT", "yesterday"),
                    90);
}

AC_TEST(retry_after_in_the_past_is_now)
{
    set_clock(0, NOW_UTC);

    CU_ASSERT_EQUAL(ac_clock_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", NULL), 0);
    CU_ASSERT_EQUAL(ac_clock_retry_after("Sun, 22 Nov 2026 03:48:30 GMT", NULL), 0);
    CU_ASSERT_EQUAL(ac_clock_retry_after("Sun, 22 Nov 2026 03:48:29 GMT",
                                         "Sun, 22 Nov 2026 03:48:30 GMT"),
                    0);
}

AC_TEST(dates_do_not_follow_locale_or_time_zone)
{
    int64_t utc = 0;
    int64_t http = 0;

    CU_ASSERT_EQUAL(setenv("TZ", "XXX-11:30", 1), 0);
    tzset();
    (void)setlocale(LC_ALL, "");
    AC_REQUIRE_OK(ac_clock_parse("2026-11-22T03:48:30Z", &utc, NULL));
    AC_REQUIRE_OK(ac_clock_parse_http("Sun, 22 Nov 2026 03:48:30 GMT", &http, NULL));
    (void)setlocale(LC_ALL, "C");
    CU_ASSERT_EQUAL(unsetenv("TZ"), 0);

    CU_ASSERT_EQUAL(utc, NOW_UTC);
    CU_ASSERT_EQUAL(http, NOW_UTC);
}

AC_TEST(jitter_stays_below_its_bound)
{
    for (int i = 0; i < 1000; i++)
        CU_ASSERT_TRUE(ac_clock_jitter(10) < 10);
    CU_ASSERT_EQUAL(ac_clock_jitter(0), 0);
    CU_ASSERT_EQUAL(ac_clock_jitter(1), 0);
}

AC_TEST(jitter_reaches_every_number)
{
    size_t seen[4] = { 0 };

    /* That one of four is missed 1000 times has a chance of about 10^-124. */
    for (int i = 0; i < 1000; i++)
        seen[ac_clock_jitter(4)]++;

    for (size_t i = 0; i < AC_COUNT(seen); i++)
        CU_ASSERT_TRUE(seen[i] > 0);
}

static void on_signal(int signal_number)
{
    ac_clock_cancel(signal_number);
}

AC_TEST(cancel_flag_keeps_the_signal_until_it_is_cleared)
{
    CU_ASSERT_EQUAL(ac_clock_cancelled(), 0);

    struct sigaction action = { .sa_handler = on_signal };
    CU_ASSERT_EQUAL(sigaction(SIGUSR1, &action, NULL), 0);
    CU_ASSERT_EQUAL(raise(SIGUSR1), 0);
    CU_ASSERT_EQUAL(ac_clock_cancelled(), SIGUSR1);

    ac_clock_cancel(0);
    CU_ASSERT_EQUAL(ac_clock_cancelled(), 0);
}

AC_SUITE("base/clock", AC_CASE(real_clocks_run_forward_and_agree_with_the_system),
         AC_CASE(faked_clocks_are_used_until_given_back),
         AC_CASE(deadline_is_now_and_the_time_given),
         AC_CASE(deadline_beyond_all_time_is_never),
         AC_CASE(time_left_is_never_negative_and_fits_poll),
         AC_CASE(time_left_before_the_clock_began_does_not_overflow),
         AC_CASE(formatting_follows_the_calendar),
         AC_CASE(formatting_any_number_stays_within_the_buffer),
         AC_CASE(parsing_follows_the_calendar),
         AC_CASE(parsing_undoes_formatting_on_every_day_of_four_centuries),
         AC_CASE(rfc3339_forms_are_understood), AC_CASE(what_is_not_rfc3339_is_refused),
         AC_CASE(refused_time_is_quoted_clean_and_short),
         AC_CASE(all_three_http_dates_are_understood),
         AC_CASE(year_of_two_digits_is_the_nearest_that_is_allowed),
         AC_CASE(what_is_no_http_date_is_refused),
         AC_CASE(retry_after_in_seconds_is_taken_as_it_is),
         AC_CASE(retry_after_that_is_absurdly_long_is_capped),
         AC_CASE(retry_after_garbage_is_no_answer),
         AC_CASE(retry_after_as_a_date_counts_from_the_answers_own_date),
         AC_CASE(retry_after_as_a_date_counts_from_our_clock_where_there_is_no_other),
         AC_CASE(retry_after_in_the_past_is_now),
         AC_CASE(dates_do_not_follow_locale_or_time_zone),
         AC_CASE(jitter_stays_below_its_bound), AC_CASE(jitter_reaches_every_number),
         AC_CASE(cancel_flag_keeps_the_signal_until_it_is_cleared))
