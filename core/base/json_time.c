/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include "base/clock.h"

enum ac_code ac_json_set_time(struct ac_json *object, const char *name, int64_t utc,
                              struct ac_error *err)
{
    char text[AC_CLOCK_TEXT_SIZE];

    if (utc <= 0 || utc == AC_CLOCK_NEVER)
        return AC_OK;
    return ac_json_set_text(object, name, ac_clock_format(utc, text), err);
}
