/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

#include "base/clock.h"

#include <string.h>

#define STAMP_SIZE 32

/* "20261122T081500Z": no colons, which some tools take for something else. */
static void make_stamp(char stamp[STAMP_SIZE])
{
    char time[AC_CLOCK_TEXT_SIZE];
    size_t size = 0;

    ac_clock_format(ac_clock_utc(), time);
    for (const char *at = time; *at && size < STAMP_SIZE - 1; at++) {
        if (*at != '-' && *at != ':')
            stamp[size++] = *at;
    }
    stamp[size] = '\0';
}

enum ac_code ac_store_keep_damaged(struct ac_store *store, const char *group,
                                   const char *name, const char *item, char **ret_path,
                                   struct ac_error *err)
{
    AC_AUTO_TEXT char *path = NULL;
    AC_AUTO_TEXT char *aside = NULL;
    char stamp[STAMP_SIZE];

    *ret_path = NULL;
    AC_TRY(ac_store_path(store, group, name, item, &path, err));
    if (!ac_file_exists(path))
        return AC_OK;
    make_stamp(stamp);
    AC_TRY(ac_memory_format(&aside, err, "%s.damaged-%s", path, stamp));
    AC_TRY(ac_file_rename(path, aside, err));
    *ret_path = AC_TAKE(aside);
    return AC_OK;
}

/* Can its bytes be read, and are no document of ours of any schema? */
static enum ac_code look_for_damage(const struct ac_store *store, const char *group,
                                    const char *name, const char *item,
                                    bool *ret_is_damaged, struct ac_error *err)
{
    AC_AUTO(ac_text) bytes = { 0 };
    AC_AUTO(ac_json) *document = NULL;
    struct ac_error why = { 0 };

    *ret_is_damaged = false;
    enum ac_code code = ac_store_read(store, group, name, item, &bytes, &why);
    if (code == AC_OK) {
        code = ac_json_parse(ac_text_get(&bytes), bytes.size, &document, &why);
        *ret_is_damaged = code != AC_OK || !ac_json_is_object(document)
                          || ac_json_number_or(document, "schema", 0) < 1;
    }
    return code == AC_E_NOMEM ? ac_fail(err, code, "%s", why.detail) : AC_OK;
}

enum ac_code ac_store_make_way(struct ac_store *store, const char *group,
                               const char *name, const char *item, char **ret_path,
                               struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;
    struct ac_error why = { 0 };
    bool is_damaged = false;

    *ret_path = NULL;
    enum ac_code code = ac_store_load(store, group, name, item, &document, &why);

    if (code == AC_OK || code == AC_E_NOTFOUND)
        return AC_OK;
    if (code == AC_E_STORE)
        AC_TRY(look_for_damage(store, group, name, item, &is_damaged, err));
    if (is_damaged)
        return ac_store_keep_damaged(store, group, name, item, ret_path, err);
    *err = why;
    return code;
}
