/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/held/removal.h"

#include "store/deployed.h"

#include <stdlib.h>

#define ARCHIVED_MAX 1000 /* of one name */

enum ac_code ac_removal_check(const struct ac_store *store, const char *name,
                              struct ac_error *err)
{
    AC_AUTO_TEXT char *path = NULL;

    AC_TRY(ac_store_path(store, AC_STORE_CERTIFICATES, name, NULL, &path, err));
    if (ac_file_exists(path))
        return AC_OK;
    return ac_fail(
        err, AC_E_NOTFOUND,
        "there is no certificate \"%s\" in %s; acmecore list shows what there "
        "is",
        name, ac_store_folder(store));
}

enum ac_code ac_removal_check_servers(const struct ac_store *store, const char *name,
                                      struct ac_error *err)
{
    AC_AUTO(ac_words) installers = { 0 };
    AC_AUTO(ac_text) list = { 0 };

    AC_TRY(ac_deployed_list(store, name, &installers, err));
    if (installers.count == 0)
        return AC_OK;
    AC_TRY(ac_words_join(&installers, ", ", &list, err));
    return ac_fail(err, AC_E_USAGE,
                   "%s is deployed by %s: the server's configuration names its files "
                   "below %s/" AC_STORE_CERTIFICATES "/%s/" AC_STORE_DEPLOYED
                   ", and would not start without them; take it out there first",
                   name, ac_text_get(&list), ac_store_folder(store), name);
}

/* STATE/GROUP, made when it is not there. */
static enum ac_code make_group(struct ac_store *store, const char *group,
                               struct ac_error *err)
{
    AC_AUTO_TEXT char *path = NULL;

    AC_TRY(ac_memory_format(&path, err, "%s/%s", ac_store_folder(store), group));
    return ac_file_make_folder(path, 0700, err);
}

/* Takes the lock of one that is there. */
static enum ac_code begin(struct ac_store *store, const char *name, char **ret_path,
                          struct ac_lock **ret_lock, struct ac_error *err)
{
    AC_TRY(ac_removal_check(store, name, err));
    AC_TRY(ac_store_path(store, AC_STORE_CERTIFICATES, name, NULL, ret_path, err));
    return ac_store_lock(store, AC_STORE_CERTIFICATES, name, ret_lock, err);
}

enum ac_code ac_removal_delete(struct ac_store *store, const char *name,
                               struct ac_error *err)
{
    AC_AUTO_TEXT char *path = NULL;
    AC_AUTO_TEXT char *away = NULL;
    AC_AUTO(ac_lock) *lock = NULL;

    AC_TRY(begin(store, name, &path, &lock, err));
    AC_TRY(make_group(store, AC_STORE_DELETED, err));
    AC_TRY(ac_store_path(store, AC_STORE_DELETED, name, NULL, &away, err));
    AC_TRY(ac_file_remove_tree(away, err)); /* of a run that was killed */
    AC_TRY(ac_file_rename(path, away, err));
    return ac_file_remove_tree(away, err);
}

static enum ac_code sweep_one(struct ac_store *store, const char *name,
                              struct ac_error *err)
{
    AC_AUTO_TEXT char *away = NULL;
    AC_AUTO(ac_lock) *lock = NULL;
    struct ac_error why = { 0 };
    enum ac_code code = ac_store_lock(store, AC_STORE_CERTIFICATES, name, &lock, &why);

    if (code == AC_E_LOCKED)
        return AC_OK;
    if (code != AC_OK)
        return ac_fail(err, code, "%s", why.detail);
    AC_TRY(ac_store_path(store, AC_STORE_DELETED, name, NULL, &away, err));
    return ac_file_remove_tree(away, err);
}

enum ac_code ac_removal_sweep(struct ac_store *store, struct ac_error *err)
{
    AC_AUTO(ac_words) names = { 0 };

    AC_TRY(ac_store_list(store, AC_STORE_DELETED, &names, err));
    for (size_t i = 0; i < names.count; i++)
        AC_TRY(sweep_one(store, names.items[i], err));
    return AC_OK;
}

static enum ac_code find_place(const struct ac_store *store, const char *name,
                               char **ret_path, struct ac_error *err)
{
    AC_TRY(ac_store_path(store, AC_STORE_ARCHIVE, name, NULL, ret_path, err));
    for (int number = 2; ac_file_exists(*ret_path); number++) {
        free(AC_TAKE(*ret_path));
        if (number > ARCHIVED_MAX) {
            return ac_fail(err, AC_E_STORE,
                           "there are %d of %s in %s/" AC_STORE_ARCHIVE
                           ": remove what is not needed any more",
                           ARCHIVED_MAX, name, ac_store_folder(store));
        }
        AC_TRY(ac_memory_format(ret_path, err, "%s/" AC_STORE_ARCHIVE "/%s:%d",
                                ac_store_folder(store), name, number));
    }
    return AC_OK;
}

enum ac_code ac_removal_archive(struct ac_store *store, const char *name,
                                char **ret_path, struct ac_error *err)
{
    AC_AUTO_TEXT char *path = NULL;
    AC_AUTO_TEXT char *place = NULL;
    AC_AUTO(ac_lock) *lock = NULL;

    AC_TRY(begin(store, name, &path, &lock, err));
    AC_TRY(make_group(store, AC_STORE_ARCHIVE, err));
    AC_TRY(find_place(store, name, &place, err));
    AC_TRY(ac_file_rename(path, place, err));
    *ret_path = AC_TAKE(place);
    return AC_OK;
}
