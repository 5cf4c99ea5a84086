/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

#include <errno.h>
#include <unistd.h>

enum ac_code ac_store_move_item(struct ac_store *store, const char *group,
                                const char *name, const char *from, const char *to,
                                struct ac_error *err)
{
    AC_AUTO_TEXT char *old_path = NULL;
    AC_AUTO_TEXT char *new_path = NULL;

    AC_TRY(ac_store_path(store, group, name, from, &old_path, err));
    AC_TRY(ac_store_path(store, group, name, to, &new_path, err));
    return ac_file_rename(old_path, new_path, err);
}

enum ac_code ac_store_set_aside(struct ac_store *store, const char *group,
                                const char *name, const char *new_name,
                                struct ac_error *err)
{
    AC_AUTO_TEXT char *old_path = NULL;
    AC_AUTO_TEXT char *new_path = NULL;

    AC_TRY(ac_store_path(store, group, name, NULL, &old_path, err));
    AC_TRY(ac_store_path(store, group, new_name, NULL, &new_path, err));
    return ac_file_rename(old_path, new_path, err);
}

enum ac_code ac_store_list(const struct ac_store *store, const char *group,
                           struct ac_words *ret_names, struct ac_error *err)
{
    AC_AUTO_TEXT char *path = NULL;
    AC_AUTO(ac_words) entries = { 0 };
    AC_AUTO(ac_words) names = { 0 };

    AC_TRY(ac_memory_format(&path, err, "%s/%s", ac_store_folder(store), group));
    AC_TRY(ac_file_list(path, &entries, err));
    for (size_t i = 0; i < entries.count; i++) {
        struct ac_error ignored;

        if (ac_store_check_name(entries.items[i], &ignored) == AC_OK)
            AC_TRY(ac_words_add(&names, entries.items[i], err));
    }
    *ret_names = names;
    names = (struct ac_words){ 0 };
    return AC_OK;
}

enum ac_code ac_store_forget_empty(struct ac_store *store, const char *group,
                                   const char *name, struct ac_error *err)
{
    AC_AUTO_TEXT char *path = NULL;

    AC_TRY(ac_store_path(store, group, name, NULL, &path, err));
    if (rmdir(path) == 0 || errno == ENOENT || errno == ENOTEMPTY || errno == EEXIST)
        return AC_OK;
    return ac_fail_errno(err, AC_E_STORE, errno,
                         "the empty folder %s cannot be removed", path);
}
