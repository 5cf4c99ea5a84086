/* SPDX-License-Identifier: Apache-2.0 */
#include "host/catalogue.h"

#include "base/file.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX      ".so"
#define SUFFIX_SIZE (sizeof SUFFIX - 1)
#define NAME_ALPHABET                                                                  \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."

static bool is_name(const char *name)
{
    return ac_text_is_made_of(name, NAME_ALPHABET, 1, AC_PLUGIN_NAME_MAX)
           && name[0] != '.';
}

/* "standalone" is http01-standalone. */
static const char *find_by_end(const struct ac_words *known, const char *name)
{
    size_t size = strlen(name);

    for (size_t i = 0; known->items && i < known->count; i++) {
        const char *one = known->items[i];
        size_t one_size = strlen(one);

        if (one_size > size && one[one_size - size - 1] == '-'
            && strcmp(one + one_size - size, name) == 0)
            return one;
    }
    return NULL;
}

static enum ac_code fail_not_found(const struct ac_words *folders, const char *name,
                                   struct ac_error *err)
{
    static const char *const none[] = { NULL };
    AC_AUTO(ac_words) known = { 0 };
    AC_AUTO(ac_text) places = { 0 };

    AC_TRY(ac_catalogue_list(folders, &known, err));
    AC_TRY(ac_words_join(folders, ", ", &places, err));
    const char *nearest =
        ac_text_nearest(name, known.items ? (const char *const *)known.items : none);
    if (!nearest)
        nearest = find_by_end(&known, name);
    if (nearest) {
        return ac_fail(err, AC_E_USAGE, "there is no plugin %s in %s; did you mean %s?",
                       name, ac_text_get(&places), nearest);
    }
    return ac_fail(err, AC_E_USAGE, "there is no plugin %s in %s", name,
                   folders->count > 0 ? ac_text_get(&places) : "any folder");
}

/* The plugin host works in "/", so the path has to be whole. */
static enum ac_code make_path(const char *folder, const char *name, char **ret_path,
                              struct ac_error *err)
{
    char here[PATH_MAX] = "";

    if (folder[0] != '/' && !getcwd(here, sizeof here))
        return ac_fail_errno(err, AC_E_USAGE, errno, "plugin folder %s", folder);
    return ac_memory_format(ret_path, err, "%s%s%s/%s" SUFFIX, here,
                            folder[0] == '/' ? "" : "/", folder, name);
}

/* It is there, so that it is not missing, whatever is wrong with it. */
static enum ac_code check_file(const char *name, const char *path, struct ac_error *err)
{
    struct ac_error why = { 0 };
    struct stat status;

    if (stat(path, &status) != 0) {
        return ac_fail_errno(err, AC_E_USAGE, errno,
                             "plugin %s: %s cannot be used (install it again)", name,
                             path);
    }
    enum ac_code code = ac_file_check_trust(path, &why);
    if (code == AC_OK)
        return AC_OK;
    return ac_fail(err, code, "plugin %s: %s", name, why.detail);
}

enum ac_code ac_catalogue_find(const struct ac_words *folders, const char *name,
                               char **ret_path, struct ac_error *err)
{
    if (!is_name(name)) {
        return ac_fail(err, AC_E_USAGE,
                       "\"%.*s\" is no plugin name: letters, digits, \"-\", \"_\" and "
                       "\".\" (not first), at most %d",
                       AC_PLUGIN_NAME_MAX, name, AC_PLUGIN_NAME_MAX);
    }
    for (size_t i = 0; i < folders->count; i++) {
        AC_AUTO_TEXT char *path = NULL;
        struct stat status;

        AC_TRY(make_path(folders->items[i], name, &path, err));
        if (lstat(path, &status) != 0 && (errno == ENOENT || errno == ENOTDIR))
            continue;
        AC_TRY(check_file(name, path, err));
        *ret_path = AC_TAKE(path);
        return AC_OK;
    }
    return fail_not_found(folders, name, err);
}

/* Adds <name> of <name>.so, unless it is there already. */
static enum ac_code add_name(const char *file, struct ac_words *names,
                             struct ac_error *err)
{
    AC_AUTO_TEXT char *name = NULL;
    size_t size = strlen(file);

    if (size <= SUFFIX_SIZE || strcmp(file + size - SUFFIX_SIZE, SUFFIX) != 0)
        return AC_OK;
    AC_TRY(ac_memory_copy_bytes(file, size - SUFFIX_SIZE, &name, err));
    if (!is_name(name) || ac_words_has(names, name))
        return AC_OK;
    return ac_words_add(names, name, err);
}

enum ac_code ac_catalogue_list(const struct ac_words *folders,
                               struct ac_words *ret_names, struct ac_error *err)
{
    AC_AUTO(ac_words) names = { 0 };

    for (size_t i = 0; i < folders->count; i++) {
        AC_AUTO(ac_words) files = { 0 };
        AC_TRY(ac_file_list(folders->items[i], &files, err));
        for (size_t j = 0; j < files.count; j++)
            AC_TRY(add_name(files.items[j], &names, err));
    }
    ac_words_sort(&names);
    *ret_names = names;
    names = (struct ac_words){ 0 };
    return AC_OK;
}
