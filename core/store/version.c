/* SPDX-License-Identifier: Apache-2.0 */
#include "store/version.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VERSIONS    "versions"
#define NUMBER_TEXT "%04u"
#define NUMBER_SIZE 16
#define LINK_MAX_SIZE 64
#define DRAFT       ".new" /* a version being written; left over only by a killed run */


static enum ac_code versions_path(const struct ac_store *store, const char *name,
                                  char **ret_path, struct ac_error *err)
{
    return ac_store_path(store, AC_STORE_CERTIFICATES, name, VERSIONS, ret_path, err);
}

/* "0007" or "12345": digits that print back to themselves. */
static bool parse_number(const char *text, unsigned *ret_number)
{
    char again[NUMBER_SIZE];
    int64_t number;
    struct ac_error ignored;

    if (ac_text_parse_number(text, 1, AC_VERSION_NUMBER_MAX, &number, &ignored) != AC_OK)
        return false;
    (void)snprintf(again, sizeof again, NUMBER_TEXT, (unsigned)number);
    *ret_number = (unsigned)number;
    return strcmp(again, text) == 0;
}

static int by_number(const void *a, const void *b)
{
    unsigned left = *(const unsigned *)a;
    unsigned right = *(const unsigned *)b;

    return (left > right) - (left < right);
}

enum ac_code ac_version_list(const struct ac_store *store, const char *name,
                             unsigned **ret_numbers, size_t *ret_count,
                             struct ac_error *err)
{
    AC_AUTO_TEXT char *path = NULL;
    AC_AUTO(ac_words) names = { 0 };
    unsigned *numbers = NULL;
    size_t count = 0;

    AC_TRY(versions_path(store, name, &path, err));
    AC_TRY(ac_file_list(path, &names, err));
    AC_TRY(ac_memory_new(names.count + 1, sizeof *numbers, (void *)&numbers, err));
    for (size_t i = 0; i < names.count; i++)
        count += parse_number(names.items[i], &numbers[count]);
    qsort(numbers, count, sizeof *numbers, by_number);
    *ret_numbers = numbers;
    *ret_count = count;
    return AC_OK;
}

enum ac_code ac_version_current(const struct ac_store *store, const char *name,
                                unsigned *ret_number, struct ac_error *err)
{
    AC_AUTO_TEXT char *path = NULL;
    char target[LINK_MAX_SIZE] = "";

    AC_TRY(ac_store_path(store, AC_STORE_CERTIFICATES, name, "current", &path, err));
    ssize_t size = readlink(path, target, sizeof target - 1);
    if (size < 0 && (errno == ENOENT || errno == ENOTDIR))
        return ac_fail(err, AC_E_NOTFOUND, "certificate %s has not been issued yet", name);
    if (size < 0)
        return ac_fail_errno(err, AC_E_STORE, errno, "%s cannot be read", path);
    target[size] = '\0';
    if (strncmp(target, VERSIONS "/", strlen(VERSIONS "/")) != 0
        || !parse_number(target + strlen(VERSIONS "/"), ret_number))
        return ac_fail(err, AC_E_STORE,
                       "%s leads to \"%s\", which is no version; point it at one of "
                       "versions/ again",
                       path, target);
    return AC_OK;
}

enum ac_code ac_version_load(const struct ac_store *store, const char *name,
                             const char *item, struct ac_text *ret_pem,
                             struct ac_error *err)
{
    AC_AUTO_TEXT char *path = NULL;
    AC_AUTO_TEXT char *below = NULL;
    unsigned number;

    AC_TRY(ac_version_current(store, name, &number, err));
    AC_TRY(ac_memory_format(&below, err, VERSIONS "/" NUMBER_TEXT "/%s", number, item));
    AC_TRY(ac_store_path(store, AC_STORE_CERTIFICATES, name, below, &path, err));
    enum ac_code code = ac_file_read(path, AC_STORE_DOCUMENT_MAX, ret_pem, err);
    if (code == AC_E_NOTFOUND)
        return ac_fail(err, AC_E_STORE, "%s is missing although it is the current version",
                       path);
    return code;
}

static enum ac_code write_one(const char *folder, const char *item, mode_t mode,
                              const void *bytes, size_t size, struct ac_error *err)
{
    AC_AUTO_TEXT char *path = NULL;

    AC_TRY(ac_memory_format(&path, err, "%s/%s", folder, item));
    return ac_file_create(path, mode, bytes, size, err);
}

static enum ac_code write_draft(const char *folder, const struct ac_version *version,
                                struct ac_error *err)
{
    AC_TRY(ac_file_remove_tree(folder, err));
    AC_TRY(ac_file_make_folder(folder, 0700, err));
    AC_TRY(write_one(folder, "privkey.pem", 0600, version->key_pem->bytes,
                     version->key_pem->size, err));
    AC_TRY(write_one(folder, "cert.pem", 0644, version->leaf_pem,
                     strlen(version->leaf_pem), err));
    AC_TRY(write_one(folder, "chain.pem", 0644, version->rest_pem,
                     strlen(version->rest_pem), err));
    return write_one(folder, "fullchain.pem", 0644, version->full_pem,
                     strlen(version->full_pem), err);
}

static enum ac_code next_number(const struct ac_store *store, const char *name,
                                unsigned *ret_number, struct ac_error *err)
{
    unsigned *numbers = NULL;
    size_t count = 0;

    AC_TRY(ac_version_list(store, name, &numbers, &count, err));
    *ret_number = count > 0 ? numbers[count - 1] + 1 : 1;
    free(numbers);
    if (*ret_number > AC_VERSION_NUMBER_MAX)
        return ac_fail(err, AC_E_STORE, "certificate %s has no version numbers left", name);
    return AC_OK;
}

/* The new version is safe by now: what cannot be tidied up is left for the next time. */
static void remove_old(struct ac_store *store, const char *name, unsigned current)
{
    AC_AUTO_TEXT char *path = NULL;
    unsigned *numbers = NULL;
    size_t count = 0;
    struct ac_error ignored;

    if (versions_path(store, name, &path, &ignored) != AC_OK
        || ac_version_list(store, name, &numbers, &count, &ignored) != AC_OK)
        return;
    for (size_t i = 0; i + AC_VERSIONS_KEPT < count; i++) {
        AC_AUTO_TEXT char *old = NULL;
        if (numbers[i] != current
            && ac_memory_format(&old, &ignored, "%s/" NUMBER_TEXT, path, numbers[i])
                   == AC_OK)
            (void)!ac_file_remove_tree(old, &ignored);
    }
    free(numbers);
}

/* One rename makes it the one that is served. */
static enum ac_code make_current(struct ac_store *store, const char *name,
                                 unsigned number, struct ac_error *err)
{
    AC_AUTO_TEXT char *path = NULL;
    char target[LINK_MAX_SIZE];

    (void)snprintf(target, sizeof target, VERSIONS "/" NUMBER_TEXT, number);
    AC_TRY(ac_store_path(store, AC_STORE_CERTIFICATES, name, "current", &path, err));
    return ac_file_replace_link(path, target, err);
}

enum ac_code ac_version_add(struct ac_store *store, const char *name,
                            const struct ac_version *version, unsigned *ret_number,
                            struct ac_error *err)
{
    AC_AUTO_TEXT char *folder = NULL;
    AC_AUTO_TEXT char *draft = NULL;
    AC_AUTO_TEXT char *final = NULL;
    unsigned number;

    AC_TRY(versions_path(store, name, &folder, err));
    AC_TRY(ac_file_make_folders(folder, 0700, err));
    AC_TRY(next_number(store, name, &number, err));
    AC_TRY(ac_memory_format(&draft, err, "%s/" DRAFT, folder));
    AC_TRY(ac_memory_format(&final, err, "%s/" NUMBER_TEXT, folder, number));
    AC_TRY(write_draft(draft, version, err));
    AC_TRY(ac_file_rename(draft, final, err));
    AC_TRY(make_current(store, name, number, err));
    remove_old(store, name, number);
    *ret_number = number;
    return AC_OK;
}
