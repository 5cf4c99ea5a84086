/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/session_served.h"

#include "base/clock.h"
#include "pluginhost/served.h"

#include <stdlib.h>

#define ADDRESS_MAX   255
#define NAME_MAX_SIZE 253
#define ALPHABET      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:"

static enum ac_code read_target(const struct ac_json *json, struct ac_served *item,
                                struct ac_error *err)
{
    AC_TRY(ac_json_get_text(json, "address", &item->address, err));
    AC_TRY(ac_json_get_text(json, "name", &item->name, err));
    item->starttls = ac_json_text_or(json, "starttls", NULL);
    if (!ac_text_is_made_of(item->address, ALPHABET "[]", 1, ADDRESS_MAX))
        return ac_fail(err, AC_E_INVALID, "\"%s\" is no address", item->address);
    if (!ac_text_is_made_of(item->name, ALPHABET, 1, NAME_MAX_SIZE))
        return ac_fail(err, AC_E_INVALID, "\"%s\" is no name", item->name);
    if (item->starttls && !ac_served_is_protocol(item->starttls)) {
        return ac_fail(
            err, AC_E_USAGE,
            "\"%s\" is no protocol in which TLS is begun; there are " AC_SERVED_WORDS,
            item->starttls);
    }
    return AC_OK;
}

static enum ac_code describe_one(const struct ac_served *item,
                                 struct ac_json **ret_json, struct ac_error *err)
{
    char until[AC_CLOCK_TEXT_SIZE];

    if (!item->is_seen)
        return ac_json_new(ret_json, err, "{s:s}", "text", item->reason);
    return ac_json_new(ret_json, err, "{s:s, s:s, s:s, s:s}", "sha256",
                       item->facts.fingerprint, "names", item->facts.names, "issuer",
                       item->facts.issuer, "not_after",
                       ac_clock_format(item->facts.not_after, until));
}

static enum ac_code describe(const struct ac_served *items, size_t count,
                             struct ac_json **ret_array, struct ac_error *err)
{
    AC_AUTO(ac_json) *array = NULL;

    AC_TRY(ac_json_new(&array, err, "[]"));
    for (size_t i = 0; i < count; i++) {
        AC_AUTO(ac_json) *entry = NULL;

        AC_TRY(describe_one(&items[i], &entry, err));
        AC_TRY(ac_json_append(array, &entry, err));
    }
    *ret_array = AC_TAKE(array);
    return AC_OK;
}

static enum ac_code look(const struct ac_json *array, struct ac_served *items,
                         int64_t deadline_ms, struct ac_json **ret_results,
                         struct ac_error *err)
{
    size_t count = ac_json_count(array);

    for (size_t i = 0; i < count; i++)
        AC_TRY(read_target(ac_json_at(array, i), &items[i], err));
    AC_TRY(ac_served_look(items, count, deadline_ms, err));
    return describe(items, count, ret_results, err);
}

enum ac_code ac_session_served(const struct ac_json *json, int64_t deadline_ms,
                               struct ac_json **ret_results, struct ac_error *err)
{
    const struct ac_json *array = NULL;
    struct ac_served *items = NULL;

    AC_TRY(ac_json_get_array(json, "targets", &array, err));
    if (ac_json_count(array) > AC_MESSAGE_BATCH_MAX)
        return ac_fail(err, AC_E_INVALID, "over %d targets", AC_MESSAGE_BATCH_MAX);
    AC_TRY(ac_memory_new(ac_json_count(array) + 1, sizeof *items, &items, err));
    enum ac_code code = look(array, items, deadline_ms, ret_results, err);
    free(items);
    return code;
}
