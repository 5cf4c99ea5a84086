/* SPDX-License-Identifier: Apache-2.0 */
#include "store/version.h"

#include "store/deployed.h"
#include "store/store_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VERSIONS      AC_STORE_VERSIONS "/"
#define NUMBER_TEXT   AC_STORE_NUMBER_TEXT
#define NUMBER_SIZE   16
#define LINK_MAX_SIZE 64

static enum ac_code versions_path(const struct ac_store *store, const char *name,
                                  char **ret_path, struct ac_error *err)
{
    return ac_store_path(store, AC_STORE_CERTIFICATES, name, AC_STORE_VERSIONS,
                         ret_path, err);
}

static enum ac_code fail_not_issued(const struct ac_store *store, const char *name,
                                    struct ac_error *err)
{
    if (ac_store_has(store, AC_STORE_CERTIFICATES, name, NULL)) {
        return ac_fail(err, AC_E_NOTFOUND, "certificate %s has not been issued yet",
                       name);
    }
    return ac_fail(err, AC_E_NOTFOUND, "there is no certificate \"%s\" in %s", name,
                   ac_store_folder(store));
}

bool ac_store_parse_number(const char *text, unsigned *ret_number)
{
    char again[NUMBER_SIZE];
    int64_t number;
    struct ac_error ignored;

    if (ac_text_parse_number(text, 1, AC_VERSION_NUMBER_MAX, &number, &ignored)
        != AC_OK)
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
    AC_TRY(ac_memory_new(names.count + 1, sizeof *numbers, &numbers, err));
    for (size_t i = 0; i < names.count; i++)
        count += ac_store_parse_number(names.items[i], &numbers[count]);
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
    unsigned number;

    AC_TRY(ac_store_path(store, AC_STORE_CERTIFICATES, name, "current", &path, err));
    const struct ac_file_at link = ac_store_at(store, AC_STORE_CERTIFICATES, path);
    ssize_t size = readlinkat(link.folder_fd, link.name, target, sizeof target - 1);
    if (size < 0 && (errno == ENOENT || errno == ENOTDIR))
        return fail_not_issued(store, name, err);
    if (size < 0 && errno == EINVAL) {
        return ac_fail(err, AC_E_STORE,
                       "%s is not a link; move it away and link it to one of " VERSIONS
                       " again",
                       path);
    }
    if (size < 0)
        return ac_fail_errno(err, AC_E_STORE, errno, "cannot read %s", path);
    target[size] = '\0';
    if (strncmp(target, VERSIONS, strlen(VERSIONS)) != 0
        || !ac_store_parse_number(target + strlen(VERSIONS), &number)) {
        return ac_fail(
            err, AC_E_STORE,
            "%s leads to \"%s\", which is no version; link it to one of " VERSIONS
            " again",
            path, target);
    }
    *ret_number = number;
    return AC_OK;
}

enum ac_code ac_version_switch(struct ac_store *store, const char *name,
                               unsigned number, struct ac_error *err)
{
    AC_AUTO_TEXT char *path = NULL;
    char target[LINK_MAX_SIZE];

    (void)snprintf(target, sizeof target, VERSIONS NUMBER_TEXT, number);
    AC_TRY(ac_store_path(store, AC_STORE_CERTIFICATES, name, "current", &path, err));
    return ac_file_replace_link(path, target, err);
}

enum ac_code ac_version_path(const struct ac_store *store, const char *name,
                             unsigned number, char **ret_path, struct ac_error *err)
{
    char item[LINK_MAX_SIZE];

    (void)snprintf(item, sizeof item, VERSIONS NUMBER_TEXT, number);
    return ac_store_path(store, AC_STORE_CERTIFICATES, name, item, ret_path, err);
}

bool ac_version_holds(const struct ac_store *store, const char *name, unsigned number,
                      const char *const *files, size_t count)
{
    AC_AUTO_TEXT char *path = NULL;
    struct ac_error ignored;

    if (ac_version_path(store, name, number, &path, &ignored) != AC_OK)
        return false;
    const struct ac_file_at folder = ac_store_at(store, AC_STORE_CERTIFICATES, path);
    return ac_file_holds_at(&folder, files, count);
}

enum ac_code ac_version_load(const struct ac_store *store, const char *name,
                             const char *item, struct ac_text *ret_pem,
                             struct ac_error *err)
{
    AC_AUTO_TEXT char *below = NULL;
    struct ac_error why = { 0 };
    unsigned number;

    AC_TRY(ac_version_current(store, name, &number, err));
    AC_TRY(ac_memory_format(&below, err, VERSIONS NUMBER_TEXT "/%s", number, item));
    enum ac_code code =
        ac_store_read(store, AC_STORE_CERTIFICATES, name, below, ret_pem, &why);
    if (code == AC_E_NOTFOUND) {
        return ac_fail(err, AC_E_STORE,
                       "%s/" AC_STORE_CERTIFICATES
                       "/%s/%s is missing although this is the "
                       "current version; issue the certificate again with --force",
                       ac_store_folder(store), name, below);
    }
    return code == AC_OK ? AC_OK : ac_fail(err, code, "%s", why.detail);
}

void ac_version_done(struct ac_version *version)
{
    for (size_t i = 0; i < version->count; i++) {
        free(version->files[i].name);
        ac_secret_wipe(&version->files[i].bytes);
    }
    free(version->files);
    *version = (struct ac_version){ 0 };
}

enum ac_code ac_version_put(struct ac_version *version, const char *name,
                            bool is_secret, const void *bytes, size_t size,
                            struct ac_error *err)
{
    AC_TRY(ac_memory_grow(&version->files, &version->capacity, version->count + 1,
                          sizeof *version->files, err));
    struct ac_version_file *file = &version->files[version->count++];
    file->is_secret = is_secret;
    AC_TRY(ac_memory_copy_text(name, &file->name, err));
    return ac_secret_copy(bytes, size, &file->bytes, err);
}

static enum ac_code write_draft(const char *folder, const struct ac_version *version,
                                struct ac_error *err)
{
    struct ac_file_part *parts = NULL;

    AC_TRY(ac_file_remove_tree(folder, err));
    AC_TRY(ac_memory_new(version->count + 1, sizeof *parts, (void *)&parts, err));
    for (size_t i = 0; i < version->count; i++) {
        const struct ac_version_file *file = &version->files[i];

        parts[i] = (struct ac_file_part){ file->name, file->is_secret ? 0600 : 0644,
                                          file->bytes.bytes, file->bytes.size };
    }
    enum ac_code code = ac_file_draft_folder(folder, parts, version->count, err);
    free(parts);
    return code;
}

static enum ac_code next_number(const struct ac_store *store, const char *name,
                                unsigned *ret_number, struct ac_error *err)
{
    unsigned *numbers = NULL;
    size_t count = 0;

    AC_TRY(ac_version_list(store, name, &numbers, &count, err));
    *ret_number = count > 0 ? numbers[count - 1] + 1 : 1;
    free(numbers);
    if (*ret_number > AC_VERSION_NUMBER_MAX) {
        return ac_fail(err, AC_E_STORE, "certificate %s has no version numbers left",
                       name);
    }
    return AC_OK;
}

/* By another name first: nobody takes what is half removed for a version. */
static enum ac_code remove_version(const char *folder, const char *retired,
                                   unsigned number, struct ac_error *err)
{
    AC_AUTO_TEXT char *path = NULL;

    AC_TRY(ac_memory_format(&path, err, "%s/" NUMBER_TEXT, folder, number));
    AC_TRY(ac_file_remove_tree(retired, err));
    AC_TRY(ac_file_rename(path, retired, err));
    return ac_file_remove_tree(retired, err);
}

/* Does a server's configuration lead to it? One that cannot be looked at may. */
static bool is_deployed(const struct ac_store *store, const char *name, unsigned number)
{
    AC_AUTO(ac_words) installers = { 0 };
    struct ac_error ignored;

    if (ac_deployed_list(store, name, &installers, &ignored) != AC_OK)
        return true;
    for (size_t i = 0; i < installers.count; i++) {
        unsigned deployed = number;
        enum ac_code code =
            ac_deployed_version(store, name, installers.items[i], &deployed, &ignored);
        if (code != AC_E_NOTFOUND && deployed == number)
            return true;
    }
    return false;
}

/* The new version is safe by now: what cannot be tidied up is left for the next time.
 */
static void remove_old(const struct ac_store *store, const char *name,
                       const char *folder, unsigned current)
{
    AC_AUTO_TEXT char *retired = NULL;
    unsigned *numbers = NULL;
    size_t count = 0;
    struct ac_error ignored;

    if (ac_store_path(store, AC_STORE_CERTIFICATES, name, AC_STORE_RETIRED, &retired,
                      &ignored)
            != AC_OK
        || ac_version_list(store, name, &numbers, &count, &ignored) != AC_OK)
        return;
    for (size_t i = 0; i + AC_VERSIONS_KEPT < count; i++) {
        if (numbers[i] != current && !is_deployed(store, name, numbers[i]))
            (void)!remove_version(folder, retired, numbers[i], &ignored);
    }
    free(numbers);
}

static enum ac_code write_version(const char *draft, const char *final,
                                  const struct ac_version *version,
                                  struct ac_error *err)
{
    struct ac_error ignored;
    enum ac_code code = write_draft(draft, version, err);

    if (code == AC_OK)
        code = ac_file_rename(draft, final, err);
    if (code != AC_OK) /* there is a key in it */
        (void)!ac_file_remove_tree(draft, &ignored);
    return code;
}

static enum ac_code add_version(struct ac_store *store, const char *name,
                                const char *folder, const struct ac_version *version,
                                unsigned *ret_number, struct ac_error *err)
{
    AC_AUTO_TEXT char *draft = NULL;
    AC_AUTO_TEXT char *final = NULL;
    unsigned number;

    AC_TRY(next_number(store, name, &number, err));
    AC_TRY(
        ac_store_path(store, AC_STORE_CERTIFICATES, name, AC_STORE_DRAFT, &draft, err));
    AC_TRY(ac_memory_format(&final, err, "%s/" NUMBER_TEXT, folder, number));
    AC_TRY(write_version(draft, final, version, err));
    AC_TRY(ac_version_switch(store, name, number, err));
    remove_old(store, name, folder, number);
    *ret_number = number;
    return AC_OK;
}

enum ac_code ac_version_add(struct ac_store *store, const char *name,
                            const struct ac_version *version, unsigned *ret_number,
                            struct ac_error *err)
{
    AC_AUTO_TEXT char *folder = NULL;

    AC_TRY(versions_path(store, name, &folder, err));
    AC_TRY(ac_store_make_folders(store, folder, err));
    enum ac_code code = add_version(store, name, folder, version, ret_number, err);
    if (code != AC_OK)
        (void)rmdir(folder); /* a failed first one leaves nothing; others keep it */
    return code;
}
