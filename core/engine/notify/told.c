/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/notify/told.h"

#include "base/clock.h"
#include "engine/held/aside.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define DOCUMENT "told.json"
#define TOLD     "told"
#define NOTIFIER "notifier"

#define AT(member) offsetof(struct ac_told, member)
static const struct member {
    const char *name;
    bool is_time; /* RFC 3339 in the document */
    size_t offset;
} members[] = {
    { "version", false, AT(version) },
    { "failed_at", true, AT(failed_at) },
    { "failures", false, AT(failures) },
    { "expiring_at", true, AT(expiring_at) },
    { "revoked_at", true, AT(revoked_at) },
    { "deployed_at", true, AT(deployed_at) },
    { "undeployed_at", true, AT(undeployed_at) },
};

void ac_told_list_done(struct ac_told_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].notifier);
    free(list->items);
    *list = (struct ac_told_list){ 0 };
}

static void forget_first(struct ac_told_list *list)
{
    free(list->items[0].notifier);
    list->count--;
    memmove(list->items, list->items + 1, list->count * sizeof *list->items);
}

enum ac_code ac_told_get(struct ac_told_list *list, const char *notifier,
                         struct ac_told **ret_told, struct ac_error *err)
{
    AC_AUTO_TEXT char *copy = NULL;

    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i].notifier, notifier) == 0) {
            *ret_told = &list->items[i];
            return AC_OK;
        }
    }
    AC_TRY(ac_memory_copy_text(notifier, &copy, err));
    AC_TRY(ac_memory_grow(&list->items, &list->capacity, list->count + 1,
                          sizeof *list->items, err));
    if (list->count == AC_TOLD_MAX)
        forget_first(list);
    *ret_told = &list->items[list->count++];
    **ret_told = (struct ac_told){ .notifier = AC_TAKE(copy) };
    return AC_OK;
}

/* ---- reading: what is odd was not told */

static int64_t read_time(const struct ac_json *json, const char *name)
{
    const char *text = ac_json_text_or(json, name, NULL);
    struct ac_error ignored = { 0 };
    int64_t utc = 0;

    if (!text || ac_clock_parse(text, &utc, &ignored) != AC_OK || utc < 0)
        return 0;
    return utc;
}

static enum ac_code read_one(const struct ac_json *json, struct ac_told_list *list,
                             struct ac_error *err)
{
    const char *notifier = ac_json_text_or(json, NOTIFIER, NULL);
    struct ac_told *told;

    if (!notifier)
        return AC_OK;
    AC_TRY(ac_told_get(list, notifier, &told, err));
    for (size_t i = 0; i < AC_COUNT(members); i++) {
        const struct member *member = &members[i];
        int64_t value = member->is_time ? read_time(json, member->name)
                                        : ac_json_number_or(json, member->name, 0);

        *(int64_t *)(void *)((char *)told + member->offset) = value > 0 ? value : 0;
    }
    return AC_OK;
}

enum ac_code ac_told_load(const struct ac_store *store, const char *name,
                          struct ac_told_list *ret_list, struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;
    AC_AUTO(ac_told_list) list = { 0 };
    struct ac_error why = { 0 };
    enum ac_code code =
        ac_store_load(store, AC_STORE_CERTIFICATES, name, DOCUMENT, &document, &why);

    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    const struct ac_json *items = ac_json_get(document, TOLD);
    for (size_t i = 0; ac_json_is_array(items) && i < ac_json_count(items); i++)
        AC_TRY(read_one(ac_json_at(items, i), &list, err));
    *ret_list = list;
    list = (struct ac_told_list){ 0 };
    return AC_OK;
}

/* ---- writing */

static enum ac_code write_member(const struct ac_told *told,
                                 const struct member *member, struct ac_json *json,
                                 struct ac_error *err)
{
    int64_t value =
        *(const int64_t *)(const void *)((const char *)told + member->offset);

    if (value <= 0)
        return AC_OK;
    if (!member->is_time)
        return ac_json_set_number(json, member->name, value, err);
    return ac_json_set_time(json, member->name, value, err);
}

static enum ac_code write_one(const struct ac_told *told, struct ac_json **ret_json,
                              struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;

    AC_TRY(ac_json_new(&json, err, "{s:s}", NOTIFIER, told->notifier));
    for (size_t i = 0; i < AC_COUNT(members); i++)
        AC_TRY(write_member(told, &members[i], json, err));
    *ret_json = AC_TAKE(json);
    return AC_OK;
}

enum ac_code ac_told_save(const struct ac_told_list *list, struct ac_store *store,
                          const char *name, struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;
    AC_AUTO(ac_json) *items = NULL;
    bool ignored;

    AC_TRY(ac_json_new(&items, err, "[]"));
    for (size_t i = 0; i < list->count; i++) {
        AC_AUTO(ac_json) *one = NULL;

        AC_TRY(write_one(&list->items[i], &one, err));
        AC_TRY(ac_json_append(items, &one, err));
    }
    AC_TRY(ac_json_new(&document, err, "{}"));
    AC_TRY(ac_json_set(document, TOLD, &items, err));
    AC_TRY(ac_aside_make_way(store, name, DOCUMENT, &ignored, err));
    return ac_store_save(store, AC_STORE_CERTIFICATES, name, DOCUMENT, document, err);
}
