/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Time: monotonic deadlines, UTC seconds, RFC 3339 and HTTP dates, and the one flag
 * that says that a signal asked us to end. Tests may replace the clock.
 */
#ifndef AC_BASE_CLOCK_H
#define AC_BASE_CLOCK_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

#define AC_CLOCK_NEVER INT64_MAX

/* Milliseconds of CLOCK_MONOTONIC. */
int64_t ac_clock_now_ms(void);
/* Seconds since 1970, UTC, as corrected. */
int64_t ac_clock_utc(void);
/* The machine's clock is wrong by so much: that is added to ac_clock_utc from now on.
 * 0: it is right. */
void ac_clock_correct(int64_t offset_s);
int64_t ac_clock_correction(void);
/* Before it no clock of this program is right: it was never set. 2025-01-01. */
#define AC_CLOCK_FLOOR INT64_C(1735689600)

/* now + ms, saturating at AC_CLOCK_NEVER. */
int64_t ac_clock_after_ms(int64_t ms);
/* Milliseconds until the deadline, 0 when it has passed, capped at INT_MAX for poll. */
int ac_clock_left_ms(int64_t deadline_ms);

/* Replaces both clocks; NULL gives the real ones back. For tests. */
void ac_clock_fake(int64_t (*now_ms)(void), int64_t (*utc)(void));

#define AC_CLOCK_TEXT_SIZE 32
/* "2026-11-22T03:48:30Z". Returns buffer. */
char *ac_clock_format(int64_t utc, char buffer[AC_CLOCK_TEXT_SIZE]);

/*
 * RFC 3339 with "Z" or an offset, fractions ignored, years 0001-9999, leap second 60
 * taken as 59. AC_E_INVALID otherwise.
 */
AC_MUST enum ac_code ac_clock_parse(const char *text, int64_t *ret_utc,
                                    struct ac_error *err);

/*
 * HTTP-date in the three forms of RFC 9110 5.6.7 (IMF-fixdate, RFC 850, asctime).
 */
AC_MUST enum ac_code ac_clock_parse_http(const char *text, int64_t *ret_utc,
                                         struct ac_error *err);

/*
 * Retry-After (RFC 9110 10.2.3): seconds, or an HTTP-date taken relative to `date` (the
 * answer's Date header; NULL or garbage: our own clock). Garbage, negative and absent
 * (NULL) give -1; otherwise seconds from now, at least 0, at most UINT32_MAX.
 */
int64_t ac_clock_retry_after(const char *retry_after, const char *date);

/* A number in [0, below), from the system's random source; 0 when below is 0. */
uint32_t ac_clock_jitter(uint32_t below);

/* The cancel flag: set by the loop when a signal arrives; 0 or the signal's number. */
void ac_clock_cancel(int signal_number);
int ac_clock_cancelled(void);

#endif
