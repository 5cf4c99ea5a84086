/* SPDX-License-Identifier: Apache-2.0 */
#include "store/deployed.h"
#include "store/store_parts.h"

#include <sys/stat.h>

/* A link may lead to where our lock says nothing. */
static bool is_real_folder(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static enum ac_code sweep(const struct ac_store *store, const char *group,
                          const char *name, struct ac_error *err)
{
    static const char *const trees[] = { AC_STORE_DRAFT, AC_STORE_RETIRED };
    AC_AUTO_TEXT char *folder = NULL;
    AC_AUTO_TEXT char *versions = NULL;
    AC_AUTO_TEXT char *deployed = NULL;

    AC_TRY(ac_store_path(store, group, name, NULL, &folder, err));
    AC_TRY(ac_store_path(store, group, name, AC_STORE_DEPLOYED, &deployed, err));
    AC_TRY(ac_store_path(store, group, name, AC_STORE_VERSIONS, &versions, err));
    AC_TRY(ac_file_sweep(folder, 0, err));
    if (is_real_folder(folder) && is_real_folder(deployed))
        AC_TRY(ac_file_sweep(deployed, 0, err));
    if (!is_real_folder(folder) || !is_real_folder(versions))
        return AC_OK;
    for (size_t i = 0; i < AC_COUNT(trees); i++) {
        AC_AUTO_TEXT char *tree = NULL;

        AC_TRY(ac_store_path(store, group, name, trees[i], &tree, err));
        AC_TRY(ac_file_remove_tree(tree, err));
    }
    return AC_OK;
}

/* STATE/locks/<group>-<name>.<kind>; the folder is made. */
static enum ac_code lock_path(const struct ac_store *store, const char *group,
                              const char *name, const char *kind, char **ret_path,
                              struct ac_error *err)
{
    AC_AUTO_TEXT char *folder = NULL;

    AC_TRY(ac_store_check_name(name, err));
    AC_TRY(ac_memory_format(&folder, err, "%s/locks", ac_store_folder(store)));
    AC_TRY(ac_store_make_folders(store, folder, err));
    return ac_memory_format(ret_path, err, "%s/%s-%s.%s", folder, group, name, kind);
}

enum ac_code ac_store_lock(struct ac_store *store, const char *group, const char *name,
                           struct ac_lock **ret_lock, struct ac_error *err)
{
    AC_AUTO_TEXT char *path = NULL;
    AC_AUTO(ac_lock) *lock = NULL;
    struct ac_error why = { 0 };

    AC_TRY(lock_path(store, group, name, "lock", &path, err));
    AC_TRY(ac_lock_take(path, &lock, err));
    /* What cannot be swept is in nobody's way: the next run tries again. */
    if (sweep(store, group, name, &why) == AC_E_NOMEM)
        return ac_fail(err, AC_E_NOMEM, "%s", why.detail);
    *ret_lock = AC_TAKE(lock);
    return AC_OK;
}

enum ac_code ac_store_use(struct ac_store *store, const char *group, const char *name,
                          struct ac_lock **ret_lock, struct ac_error *err)
{
    AC_AUTO_TEXT char *path = NULL;

    AC_TRY(lock_path(store, group, name, "use", &path, err));
    return ac_lock_share(path, ret_lock, err);
}

enum ac_code ac_store_claim(struct ac_store *store, const char *group, const char *name,
                            struct ac_lock **ret_lock, struct ac_error *err)
{
    AC_AUTO_TEXT char *path = NULL;

    AC_TRY(lock_path(store, group, name, "use", &path, err));
    return ac_lock_take(path, ret_lock, err);
}
