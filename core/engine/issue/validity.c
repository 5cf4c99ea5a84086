/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/issue/validity.h"

#include "base/clock.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static enum ac_code fail(const char *text, struct ac_error *err)
{
    return ac_fail(
        err, AC_E_USAGE,
        "\"%s\" is no moment: give 2027-01-31T12:00:00Z, or from now on +30d "
        "(s, m, h, d or w)",
        text);
}

static int64_t unit_s(char unit)
{
    static const struct {
        char letter;
        int64_t seconds;
    } units[] = {
        { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 7 * 86400 }
    };

    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (units[i].letter == unit)
            return units[i].seconds;
    }
    return 0;
}

/* "30d" */
static bool read_span(const char *text, int64_t *ret_seconds)
{
    size_t digits = strspn(text, "0123456789");
    int64_t count = 0;

    if (digits == 0 || digits > 10 || text[digits] == '\0' || text[digits + 1] != '\0')
        return false;
    for (size_t i = 0; i < digits; i++)
        count = count * 10 + (text[i] - '0');
    *ret_seconds = count * unit_s(text[digits]);
    return *ret_seconds > 0 && *ret_seconds <= AC_VALIDITY_AHEAD_MAX_S;
}

enum ac_code ac_validity_parse(const char *text, int64_t utc, int64_t *ret_at,
                               struct ac_error *err)
{
    struct ac_error ignored = { 0 };
    int64_t seconds = 0;

    if (text[0] == '+') {
        if (!read_span(text + 1, &seconds))
            return fail(text, err);
        *ret_at = utc + seconds;
        return AC_OK;
    }
    if (ac_clock_parse(text, ret_at, &ignored) != AC_OK)
        return fail(text, err);
    return AC_OK;
}

enum ac_code ac_validity_check(const char *text, struct ac_error *err)
{
    int64_t ignored;

    return ac_validity_parse(text, ac_clock_utc(), &ignored, err);
}
