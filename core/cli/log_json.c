/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/log_json.h"

#include "base/clock.h"
#include "cli/prose.h"

#include <string.h>

static enum ac_code add_pair(const struct ac_log_pair *pair, struct ac_json *json,
                             struct ac_error *err)
{
    char clean[AC_LOG_VALUE_SIZE];

    return ac_json_set_text(
        json, pair->key,
        ac_text_clean(clean, sizeof clean, pair->value, strlen(pair->value)), err);
}

enum ac_code ac_log_json_line(const struct ac_log_record *record, int64_t utc,
                              char **ret_line, struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;
    char sentence[AC_LOG_VALUE_SIZE];

    AC_TRY(ac_json_new(&json, err, "{}"));
    for (size_t i = 0; i < record->count; i++)
        AC_TRY(add_pair(&record->pairs[i], json, err));
    /* Last, so that no pair takes their names. */
    if (record->event)
        AC_TRY(ac_json_set_text(json, "event", record->event, err));
    AC_TRY(ac_json_set_text(json, "message",
                            ac_prose(record->line, sentence, sizeof sentence), err));
    AC_TRY(ac_json_set_text(json, "level", ac_log_level_name(record->level), err));
    AC_TRY(ac_json_set_time(json, "time", utc, err));
    return ac_json_write(json, ret_line, err);
}
