/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define DAY_S      86400
#define SHOWN_SIZE 40 /* bytes of a wrong date that an error repeats */

/*
 * The Gregorian calendar in eras of 400 years that begin on 1 March, so that the leap
 * day is the last day of a year.
 */
#define ERA_YEARS     400
#define ERA_DAYS      146097
#define DAYS_TO_EPOCH 719468 /* from 0000-03-01 to 1970-01-01 */

struct civil {
    int64_t year;
    int month; /* 1-12 */
    int day;   /* 1-31 */
    int hour;
    int minute;
    int second;
};

static int64_t (*fake_now_ms)(void);
static int64_t (*fake_utc)(void);
static int64_t correction_s;
static volatile sig_atomic_t cancel_signal;

static const char *const month_names[] = { "Jan", "Feb", "Mar", "Apr", "May",
                                           "Jun", "Jul", "Aug", "Sep", "Oct",
                                           "Nov", "Dec", NULL };
static const char *const day_names[] = { "Mon", "Tue", "Wed", "Thu",
                                         "Fri", "Sat", "Sun", NULL };
static const char *const long_day_names[] = { "Monday",   "Tuesday", "Wednesday",
                                              "Thursday", "Friday",  "Saturday",
                                              "Sunday",   NULL };

static int64_t read_clock_ms(clockid_t id)
{
    struct timespec now = { 0 };

    (void)clock_gettime(id, &now); /* these two clocks always exist */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t ac_clock_now_ms(void)
{
    return fake_now_ms ? fake_now_ms() : read_clock_ms(CLOCK_MONOTONIC);
}

int64_t ac_clock_utc(void)
{
    return (fake_utc ? fake_utc() : read_clock_ms(CLOCK_REALTIME) / 1000)
           + correction_s;
}

void ac_clock_correct(int64_t offset_s)
{
    correction_s = offset_s;
}

int64_t ac_clock_correction(void)
{
    return correction_s;
}

int64_t ac_clock_after_ms(int64_t ms)
{
    int64_t deadline_ms = 0;

    if (__builtin_add_overflow(ac_clock_now_ms(), ms, &deadline_ms))
        return ms > 0 ? AC_CLOCK_NEVER : INT64_MIN;
    return deadline_ms;
}

int ac_clock_left_ms(int64_t deadline_ms)
{
    int64_t now_ms = ac_clock_now_ms();
    int64_t left_ms = 0;

    if (deadline_ms <= now_ms)
        return 0;
    if (__builtin_sub_overflow(deadline_ms, now_ms, &left_ms) || left_ms > INT_MAX)
        return INT_MAX;
    return (int)left_ms;
}

void ac_clock_fake(int64_t (*now_ms)(void), int64_t (*utc)(void))
{
    fake_now_ms = now_ms;
    fake_utc = utc;
}

static int64_t floor_divide(int64_t value, int64_t by)
{
    return value / by - (value % by < 0);
}

static int64_t days_from_civil(int64_t year, int month, int day)
{
    int64_t shifted = month <= 2 ? year - 1 : year;
    int64_t era = floor_divide(shifted, ERA_YEARS);
    int64_t year_of_era = shifted - era * ERA_YEARS;
    int64_t day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * ERA_DAYS + day_of_era - DAYS_TO_EPOCH;
}

static void civil_from_days(int64_t days, struct civil *civil)
{
    int64_t shifted = days + DAYS_TO_EPOCH;
    int64_t era = floor_divide(shifted, ERA_DAYS);
    int64_t day_of_era = shifted - era * ERA_DAYS;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524
                           - day_of_era / (ERA_DAYS - 1))
                          / 365;
    int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153; /* 0 is March */

    civil->day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
    civil->month = (int)(month < 10 ? month + 3 : month - 9);
    civil->year = year_of_era + era * ERA_YEARS + (civil->month <= 2);
}

static struct civil civil_from_utc(int64_t utc)
{
    int64_t days = floor_divide(utc, DAY_S);
    int seconds = (int)((utc % DAY_S + DAY_S) % DAY_S);
    struct civil civil = { .hour = seconds / 3600,
                           .minute = seconds / 60 % 60,
                           .second = seconds % 60 };

    civil_from_days(days, &civil);
    return civil;
}

static int64_t utc_from_civil(const struct civil *civil)
{
    /* POSIX time has no leap seconds: 23:59:60 is 23:59:59. */
    int second = civil->second == 60 ? 59 : civil->second;
    int time_of_day = (civil->hour * 60 + civil->minute) * 60 + second;

    return days_from_civil(civil->year, civil->month, civil->day) * DAY_S + time_of_day;
}

char *ac_clock_format(int64_t utc, char buffer[AC_CLOCK_TEXT_SIZE])
{
    struct civil civil = civil_from_utc(utc);

    (void)snprintf(buffer, AC_CLOCK_TEXT_SIZE,
                   "%04" PRId64 "-%02d-%02dT%02d:%02d:%02dZ", civil.year, civil.month,
                   civil.day, civil.hour, civil.minute, civil.second);
    return buffer;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_leap_year(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in_month(int64_t year, int month)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

    return days[month - 1] + (month == 2 && is_leap_year(year));
}

/* RFC 3339 section 5.7. */
static bool is_real(const struct civil *civil)
{
    return civil->year >= 1 && civil->year <= 9999 && civil->month >= 1
           && civil->month <= 12 && civil->day >= 1
           && civil->day <= days_in_month(civil->year, civil->month)
           && civil->hour <= 23 && civil->minute <= 59 && civil->second <= 60;
}

/* Exactly `width` digits; the width, or 0 when they are not there. */
static size_t scan_digits(const char *text, size_t width, int *ret_number)
{
    int number = 0;

    for (size_t i = 0; i < width; i++) {
        if (!is_digit(text[i]))
            return 0;
        number = number * 10 + (text[i] - '0');
    }
    *ret_number = number;
    return width;
}

/* Which of the names the text begins with; its length, or 0. */
static size_t scan_name(const char *text, const char *const *names, int *ret_index)
{
    for (int i = 0; names[i]; i++) {
        size_t length = strlen(names[i]);
        if (!strncmp(text, names[i], length)) {
            *ret_index = i;
            return length;
        }
    }
    return 0;
}

/* RFC 9110 section 5.6.7: never more than 50 years ahead of now. */
static int64_t whole_year(int year_of_century)
{
    int64_t now = civil_from_utc(ac_clock_utc()).year;
    int64_t year = now - now % 100 + 100 + year_of_century;

    while (year > now + 50)
        year -= 100;
    return year;
}

static size_t scan_year(const char *text, size_t width, struct civil *civil)
{
    int year = 0;
    size_t size = scan_digits(text, width, &year);

    civil->year = width == 2 ? whole_year(year) : year;
    return size;
}

static size_t scan_month_name(const char *text, struct civil *civil)
{
    int index = 0;
    size_t size = scan_name(text, month_names, &index);

    civil->month = index + 1;
    return size;
}

/* asctime: " 6" */
static size_t scan_padded_day(const char *text, struct civil *civil)
{
    if (*text != ' ')
        return scan_digits(text, 2, &civil->day);
    return scan_digits(text + 1, 1, &civil->day) ? 2 : 0;
}

/* One field, by its strptime letter where there is one; its length, or 0. */
static size_t scan_field(const char *text, char letter, struct civil *civil)
{
    int ignored = 0; /* a weekday says nothing that the date does not */

    switch (letter) {
    case 'Y':
        return scan_year(text, 4, civil);
    case 'y':
        return scan_year(text, 2, civil);
    case 'm':
        return scan_digits(text, 2, &civil->month);
    case 'b':
        return scan_month_name(text, civil);
    case 'd':
        return scan_digits(text, 2, &civil->day);
    case 'e':
        return scan_padded_day(text, civil);
    case 'H':
        return scan_digits(text, 2, &civil->hour);
    case 'M':
        return scan_digits(text, 2, &civil->minute);
    case 'S':
        return scan_digits(text, 2, &civil->second);
    case 'a':
        return scan_name(text, day_names, &ignored);
    case 'A':
        return scan_name(text, long_day_names, &ignored);
    default:
        return 0;
    }
}

/* Not strptime: that one follows the locale and takes spaces and signs. */
static bool scan(const char **text, const char *pattern, struct civil *civil)
{
    const char *at = *text;

    for (; *pattern; pattern++) {
        bool is_field = *pattern == '%' && *++pattern;
        size_t size =
            is_field ? scan_field(at, *pattern, civil) : (size_t)(*at == *pattern);
        if (size == 0)
            return false;
        at += size;
    }
    *text = at;
    return true;
}

/* "Z", or an offset in seconds (RFC 3339 section 5.6, time-offset). */
static bool scan_offset(const char **text, int *ret_offset_s)
{
    struct civil offset = { 0 };
    char sign = **text;

    ++*text;
    if (sign == 'Z' || sign == 'z') {
        *ret_offset_s = 0;
        return true;
    }
    if ((sign != '+' && sign != '-') || !scan(text, "%H:%M", &offset)
        || offset.hour > 23 || offset.minute > 59)
        return false;
    *ret_offset_s = (offset.hour * 60 + offset.minute) * 60 * (sign == '-' ? -1 : 1);
    return true;
}

static bool scan_fraction(const char **text)
{
    if (**text != '.')
        return true;
    ++*text;
    size_t digits = strspn(*text, "0123456789");
    *text += digits;
    return digits > 0;
}

static bool scan_rfc3339(const char *text, struct civil *civil, int *ret_offset_s)
{
    if (!scan(&text, "%Y-%m-%d", civil) || (*text != 'T' && *text != 't'))
        return false;
    text++;
    return scan(&text, "%H:%M:%S", civil) && is_real(civil) && scan_fraction(&text)
           && *text && scan_offset(&text, ret_offset_s) && *text == '\0';
}

static enum ac_code refuse(const char *text, const char *kind, struct ac_error *err)
{
    return ac_fail(err, AC_E_INVALID, "\"%.*s\" is not %s", SHOWN_SIZE, text, kind);
}

enum ac_code ac_clock_parse(const char *text, int64_t *ret_utc, struct ac_error *err)
{
    struct civil civil = { 0 };
    int offset_s = 0;

    if (!text || !scan_rfc3339(text, &civil, &offset_s))
        return refuse(text ? text : "", "an RFC 3339 time", err);
    *ret_utc = utc_from_civil(&civil) - offset_s;
    return AC_OK;
}

static bool scan_http(const char *text, int64_t *ret_utc)
{
    static const char *const forms[] = {
        "%a, %d %b %Y %H:%M:%S GMT", /* IMF-fixdate */
        "%A, %d-%b-%y %H:%M:%S GMT", /* RFC 850 */
        "%a %b %e %H:%M:%S %Y",      /* asctime */
    };

    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct civil civil = { 0 };
        const char *at = text;
        if (scan(&at, forms[i], &civil) && *at == '\0' && is_real(&civil)) {
            *ret_utc = utc_from_civil(&civil);
            return true;
        }
    }
    return false;
}

enum ac_code ac_clock_parse_http(const char *text, int64_t *ret_utc,
                                 struct ac_error *err)
{
    if (!text || !scan_http(text, ret_utc))
        return refuse(text ? text : "", "an HTTP date", err);
    return AC_OK;
}

/* delay-seconds of RFC 9110 section 10.2.3; larger than we can count is "very long". */
static bool scan_seconds(const char *text, int64_t *ret_seconds)
{
    int64_t seconds = 0;

    if (*text == '\0')
        return false;
    for (; *text; text++) {
        if (!is_digit(*text))
            return false;
        seconds = seconds * 10 + (*text - '0');
        if (seconds > UINT32_MAX)
            seconds = UINT32_MAX;
    }
    *ret_seconds = seconds;
    return true;
}

int64_t ac_clock_retry_after(const char *retry_after, const char *date)
{
    int64_t seconds = 0;
    int64_t until = 0;
    int64_t from = 0;

    if (!retry_after)
        return -1;
    if (scan_seconds(retry_after, &seconds))
        return seconds;
    if (!scan_http(retry_after, &until))
        return -1;
    /* The answer's own Date keeps a wrong clock, theirs or ours, out of it. */
    if (!date || !scan_http(date, &from))
        from = ac_clock_utc();
    if (until <= from)
        return 0;
    return until - from < UINT32_MAX ? until - from : UINT32_MAX;
}

uint32_t ac_clock_jitter(uint32_t below)
{
    uint64_t random = 0;
    ssize_t got = 0;

    if (below == 0)
        return 0;
    do {
        got = getrandom(&random, sizeof random, 0);
    } while (got < 0 && errno == EINTR);
    /* 64 bits for at most 32: the modulo's bias is below 2^-32. */
    return got == (ssize_t)sizeof random ? (uint32_t)(random % below) : 0;
}

void ac_clock_cancel(int signal_number)
{
    cancel_signal = signal_number;
}

int ac_clock_cancelled(void)
{
    return cancel_signal;
}
