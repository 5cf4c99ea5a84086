/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Retry-After, a newline, Date: whatever an answer's headers say, the wait is within
 * its range, and a time that can be read is one that can be written.
 */
#include "base/clock.h"

#include <string.h>

#define INPUT_MAX 256
#define NOW_UTC   1795319310

/* NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int64_t fixed_utc(void)
{
    return NOW_UTC;
}

static void require(int condition)
{
    if (!condition)
        __builtin_trap();
}

static void check_retry_after(const char *retry_after, const char *date)
{
    int64_t wait_s = ac_clock_retry_after(retry_after, date);

    require(wait_s >= -1 && wait_s <= UINT32_MAX);
    /* What is no answer with a Date is none without, and the other way round. */
    require((wait_s == -1) == (ac_clock_retry_after(retry_after, NULL) == -1));
}

static void check_rfc3339(const char *text)
{
    char formatted[AC_CLOCK_TEXT_SIZE];
    int64_t utc = 0;
    int64_t again = 0;

    if (ac_clock_parse(text, &utc, NULL) != AC_OK)
        return;
    /* An offset may lead out of the years 0001-9999, which parse refuses. */
    if (utc < -62135596800 || utc > 253402300799)
        return;
    require(ac_clock_parse(ac_clock_format(utc, formatted), &again, NULL) == AC_OK);
    require(utc == again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[INPUT_MAX] = "";

    if (size >= sizeof text)
        return 0;
    if (size)
        memcpy(text, data, size);
    ac_clock_fake(NULL, fixed_utc);

    check_rfc3339(text);
    char *newline = strchr(text, '\n');
    if (newline)
        *newline = '\0';
    check_retry_after(text, newline ? newline + 1 : NULL);
    return 0;
}
