/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

#include "crypto/digest.h"
#include "store/migrate.h"
#include "store/store_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_MARKS    "._:@-" /* besides letters and digits */
#define CA_HOST_MAX   100     /* of the host and port in a CA's folder name */
#define CA_DIGEST_HEX 12
#define FOLDER_MODE   0700
#define FILE_MODE     0600

struct ac_store {
    char *folder;
    const char *held_group; /* NULL: none is; lent */
    int held_fd;
};

/* Only of what is ours may somebody be told to change the mode. An empty one may be. */
static bool is_store(const char *folder)
{
    static const char *const groups[] = { AC_STORE_ACCOUNTS, AC_STORE_CERTIFICATES };
    AC_AUTO(ac_words) names = { 0 };
    struct ac_error ignored;

    if (ac_file_list(folder, &names, &ignored) != AC_OK)
        return false;
    for (size_t i = 0; i < AC_COUNT(groups); i++) {
        if (ac_words_has(&names, groups[i]))
            return true;
    }
    return names.count == 0;
}

/* Private keys lie below: nobody else may look in, or put links there. */
static enum ac_code check_folder(const char *folder, struct ac_error *err)
{
    struct stat st;
    int result = stat(folder, &st);

    if (result != 0 && errno == ENOENT)
        return AC_OK;
    if (result != 0) {
        return ac_fail_errno(err, AC_E_STORE, errno,
                             "the state folder %s cannot be used", folder);
    }
    if (!S_ISDIR(st.st_mode)) {
        return ac_fail(err, AC_E_STORE,
                       "%s is not a folder; give another one with --state-dir", folder);
    }
    if (st.st_uid != geteuid()) {
        return ac_fail(
            err, AC_E_STORE,
            "the state folder %s belongs to another user (uid %u, we are %u); "
            "run as its owner or give another one with --state-dir",
            folder, (unsigned)st.st_uid, (unsigned)geteuid());
    }
    if (st.st_mode & (S_IRWXG | S_IRWXO) && !is_store(folder)) {
        return ac_fail(err, AC_E_STORE,
                       "%s is a folder of something else (mode %04o, and nothing of "
                       "ours in it); give another one with --state-dir",
                       folder, (unsigned)(st.st_mode & 07777));
    }
    if (st.st_mode & (S_IRWXG | S_IRWXO)) {
        return ac_fail(
            err, AC_E_STORE,
            "the state folder %s is open to others (mode %04o); it will hold "
            "private keys: chmod 700 %s",
            folder, (unsigned)(st.st_mode & 07777), folder);
    }
    return AC_OK;
}

enum ac_code ac_store_open(const char *folder, struct ac_store **ret_store,
                           struct ac_error *err)
{
    AC_AUTO(ac_store) *store = NULL;

    if (folder[0] == '\0') {
        return ac_fail(
            err, AC_E_USAGE,
            "the name of the state folder is empty; give one with --state-dir");
    }
    AC_TRY(check_folder(folder, err));
    AC_TRY(ac_memory_new(1, sizeof *store, &store, err));
    AC_TRY(ac_memory_copy_text(folder, &store->folder, err));
    store->held_fd = -1;
    *ret_store = AC_TAKE(store);
    return AC_OK;
}

void ac_store_free(struct ac_store *store)
{
    if (!store)
        return;
    ac_store_let_go(store);
    free(store->folder);
    free(store);
}

const char *ac_store_folder(const struct ac_store *store)
{
    return store->folder;
}

static bool is_of_names(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z')
           || (byte >= '0' && byte <= '9') || (byte && strchr(NAME_MARKS, byte));
}

/* By hand: strspn makes a table of its alphabet each time, and a look at 10,000
 * certificates asks this 60,000 times. */
static bool is_name(const char *name)
{
    size_t size = 0;

    while (size <= AC_STORE_NAME_MAX && is_of_names(name[size]))
        size++;
    return size > 0 && size <= AC_STORE_NAME_MAX && name[size] == '\0';
}

enum ac_code ac_store_check_name(const char *name, struct ac_error *err)
{
    if (name[0] == '.')
        return ac_fail(err, AC_E_USAGE, "the name \"%s\" begins with \".\"", name);
    if (!is_name(name)) {
        return ac_fail(
            err, AC_E_USAGE,
            "the name \"%s\" cannot be a folder's: 1 to %d letters, digits and "
            "\".\", \"-\", \"_\", \":\", \"@\" are allowed",
            name, AC_STORE_NAME_MAX);
    }
    return AC_OK;
}

enum ac_code ac_store_ca_name(const char *directory_url, char **ret_name,
                              struct ac_error *err)
{
    const char *host = strstr(directory_url, "://");
    char digest[AC_SHA256_HEX_SIZE];
    char safe[CA_HOST_MAX + 1] = "";
    size_t size = 0;

    host = host ? host + strlen("://") : directory_url;
    for (; size < CA_HOST_MAX && host[size] && host[size] != '/'; size++) {
        safe[size] = host[size];
        if (!is_of_names(host[size]))
            safe[size] = '_';
    }
    if (safe[0] == '.')
        safe[0] = '_';
    ac_sha256_hex(directory_url, strlen(directory_url), digest);
    return ac_memory_format(ret_name, err, "%s-%.*s", safe, CA_DIGEST_HEX, digest);
}

/* With "/" between them. By hand: a look at 10,000 certificates joins 80,000 paths. */
static enum ac_code join(const char *const *parts, size_t count, char **ret_path,
                         struct ac_error *err)
{
    size_t size = 0;
    char *path = NULL;
    char *end = NULL;

    for (size_t i = 0; i < count; i++)
        size += strlen(parts[i]) + 1;
    AC_TRY(ac_memory_new(size, 1, &path, err));
    end = stpcpy(path, parts[0]);
    for (size_t i = 1; i < count; i++) {
        *end++ = '/';
        end = stpcpy(end, parts[i]);
    }
    *ret_path = path;
    return AC_OK;
}

enum ac_code ac_store_path(const struct ac_store *store, const char *group,
                           const char *name, const char *item, char **ret_path,
                           struct ac_error *err)
{
    const char *const parts[] = { store->folder, group, name, item };
    size_t count = item ? AC_COUNT(parts) : AC_COUNT(parts) - 1;

    AC_TRY(ac_store_check_name(name, err));
    return join(parts, count, ret_path, err);
}

/* Whatever is wrong with a file of ours is wrong with the store. */
static enum ac_code fail_to_read(struct ac_error *err, enum ac_code code,
                                 const struct ac_error *why)
{
    if (code != AC_E_NOTFOUND && code != AC_E_NOMEM)
        code = AC_E_STORE;
    return ac_fail(err, code, "%s", why->detail);
}

void ac_store_hold(struct ac_store *store, const char *group)
{
    AC_AUTO_TEXT char *path = NULL;
    const char *const parts[] = { store->folder, group };
    struct ac_error ignored;

    ac_store_let_go(store);
    if (join(parts, AC_COUNT(parts), &path, &ignored) != AC_OK)
        return;
    store->held_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    store->held_group = store->held_fd < 0 ? NULL : group;
}

void ac_store_let_go(struct ac_store *store)
{
    ac_memory_drop_fd(&store->held_fd);
    store->held_fd = -1;
    store->held_group = NULL;
}

struct ac_file_at ac_store_at(const struct ac_store *store, const char *group,
                              const char *path)
{
    struct ac_file_at file = ac_file_at(path);

    if (store->held_group && strcmp(store->held_group, group) == 0) {
        file.folder_fd = store->held_fd;
        file.name += strlen(store->folder) + strlen(group) + strlen("//");
    }
    return file;
}

int64_t ac_store_size(const struct ac_store *store, const char *group, const char *name,
                      const char *item)
{
    AC_AUTO_TEXT char *path = NULL;
    struct ac_error ignored;

    if (ac_store_path(store, group, name, item, &path, &ignored) != AC_OK)
        return -1;
    const struct ac_file_at file = ac_store_at(store, group, path);
    return ac_file_size_at(&file);
}

bool ac_store_has(const struct ac_store *store, const char *group, const char *name,
                  const char *item)
{
    return ac_store_size(store, group, name, item) >= 0;
}

static enum ac_code read_item(const struct ac_store *store, const char *group,
                              const char *path, size_t limit, struct ac_text *ret_bytes,
                              struct ac_error *err)
{
    const struct ac_file_at file = ac_store_at(store, group, path);
    struct ac_error why = { 0 };
    enum ac_code code = ac_file_read_at(&file, limit, ret_bytes, &why);

    return code == AC_OK ? AC_OK : fail_to_read(err, code, &why);
}

enum ac_code ac_store_read(const struct ac_store *store, const char *group,
                           const char *name, const char *item,
                           struct ac_text *ret_bytes, struct ac_error *err)
{
    AC_AUTO_TEXT char *path = NULL;

    AC_TRY(ac_store_path(store, group, name, item, &path, err));
    return read_item(store, group, path, AC_STORE_DOCUMENT_MAX, ret_bytes, err);
}

enum ac_code ac_store_read_long(const struct ac_store *store, const char *group,
                                const char *name, const char *item,
                                struct ac_text *ret_bytes, struct ac_error *err)
{
    AC_AUTO_TEXT char *path = NULL;

    AC_TRY(ac_store_path(store, group, name, item, &path, err));
    return read_item(store, group, path, AC_STORE_LONG_MAX, ret_bytes, err);
}

/* A document of the right kind and age? */
static enum ac_code check_document(const struct ac_json *document, const char *path,
                                   struct ac_error *err)
{
    int64_t schema = ac_json_number_or(document, "schema", 0);

    if (!ac_json_is_object(document) || schema < 1) {
        return ac_fail(
            err, AC_E_STORE,
            "%s is damaged: it has no \"schema\" number; set it aside or restore "
            "it from a backup",
            path);
    }
    if (schema > AC_STORE_SCHEMA) {
        return ac_fail(err, AC_E_STORE,
                       "%s was written by a newer acmecore (schema %" PRId64
                       ", this one knows %d); use that version",
                       path, schema, AC_STORE_SCHEMA);
    }
    return AC_OK;
}

enum ac_code ac_store_load(const struct ac_store *store, const char *group,
                           const char *name, const char *item,
                           struct ac_json **ret_document, struct ac_error *err)
{
    AC_AUTO_TEXT char *path = NULL;
    AC_AUTO(ac_text) bytes = { 0 };
    AC_AUTO(ac_json) *document = NULL;
    struct ac_error why = { 0 };

    AC_TRY(ac_store_path(store, group, name, item, &path, err));
    AC_TRY(read_item(store, group, path, AC_STORE_DOCUMENT_MAX, &bytes, err));
    enum ac_code code = ac_json_parse(ac_text_get(&bytes), bytes.size, &document, &why);
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    if (code != AC_OK) {
        return ac_fail(err, AC_E_STORE,
                       "%s is damaged: %s; set it aside or restore it from a backup",
                       path, why.detail);
    }
    AC_TRY(check_document(document, path, err));
    AC_TRY(ac_migrate(&ac_store_migrations, item, document, err));
    *ret_document = AC_TAKE(document);
    return AC_OK;
}

enum ac_code ac_store_make_folders(const struct ac_store *store, const char *path,
                                   struct ac_error *err)
{
    AC_TRY(ac_file_make_folders(path, FOLDER_MODE, err));
    /* Somebody else may have made STATE after it was looked at. */
    return check_folder(store->folder, err);
}

static enum ac_code make_folders(const struct ac_store *store, const char *group,
                                 const char *name, struct ac_error *err)
{
    AC_AUTO_TEXT char *path = NULL;

    AC_TRY(ac_store_path(store, group, name, NULL, &path, err));
    return ac_store_make_folders(store, path, err);
}

enum ac_code ac_store_save(struct ac_store *store, const char *group, const char *name,
                           const char *item, struct ac_json *document,
                           struct ac_error *err)
{
    AC_AUTO_TEXT char *path = NULL;
    AC_AUTO_TEXT char *text = NULL;

    AC_TRY(ac_json_set_number(document, "schema", AC_STORE_SCHEMA, err));
    AC_TRY(ac_json_write_pretty(document, &text, err));
    AC_TRY(ac_store_path(store, group, name, item, &path, err));
    AC_TRY(make_folders(store, group, name, err));
    return ac_file_replace(path, FILE_MODE, text, strlen(text), err);
}

enum ac_code ac_store_write(struct ac_store *store, const char *group, const char *name,
                            const char *item, const struct ac_text *bytes,
                            struct ac_error *err)
{
    AC_AUTO_TEXT char *path = NULL;

    AC_TRY(ac_store_path(store, group, name, item, &path, err));
    AC_TRY(make_folders(store, group, name, err));
    return ac_file_replace(path, FILE_MODE, ac_text_get(bytes), bytes->size, err);
}

enum ac_code ac_store_check_room(struct ac_store *store, const char *group,
                                 const char *name, const char *item, size_t size,
                                 struct ac_error *err)
{
    AC_AUTO_TEXT char *path = NULL;

    AC_TRY(ac_store_path(store, group, name, item, &path, err));
    AC_TRY(make_folders(store, group, name, err));
    return ac_file_check_room(path, size, err);
}

enum ac_code ac_store_remove(struct ac_store *store, const char *group,
                             const char *name, const char *item, struct ac_error *err)
{
    AC_AUTO_TEXT char *path = NULL;

    AC_TRY(ac_store_path(store, group, name, item, &path, err));
    return ac_file_remove(path, err);
}

enum ac_code ac_store_load_key(const struct ac_store *store, const char *group,
                               const char *name, const char *item,
                               struct ac_secret *ret_pem, struct ac_error *err)
{
    AC_AUTO_TEXT char *path = NULL;
    struct ac_error why = { 0 };

    AC_TRY(ac_store_path(store, group, name, item, &path, err));
    enum ac_code code = ac_file_read_secret(path, AC_STORE_KEY_MAX, ret_pem, &why);
    return code == AC_OK ? AC_OK : fail_to_read(err, code, &why);
}

enum ac_code ac_store_create_key(struct ac_store *store, const char *group,
                                 const char *name, const char *item,
                                 const struct ac_secret *pem, struct ac_error *err)
{
    AC_AUTO_TEXT char *path = NULL;

    AC_TRY(ac_store_path(store, group, name, item, &path, err));
    AC_TRY(make_folders(store, group, name, err));
    return ac_file_create(path, FILE_MODE, pem->bytes, pem->size, err);
}
