/* SPDX-License-Identifier: Apache-2.0 */
#include "config/documents.h"

#include "base/file.h"

#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct ac_documents_item {
    struct ac_document *document;
    dev_t device;
    ino_t inode;
    unsigned depth; /* 0: nobody included it */
};

struct loading {
    struct ac_documents documents;
    struct ac_faults *faults; /* borrowed */
};

static void loading_drop(struct loading *loading)
{
    ac_documents_done(&loading->documents);
}

static void glob_drop(glob_t *found)
{
    globfree(found);
}

/* A folder that is not there has no files. */
static int is_trouble(const char *path, int errno_value)
{
    (void)path;
    return errno_value != ENOENT;
}

static const struct ac_documents_item *find(const struct ac_documents *documents,
                                            const struct stat *status)
{
    for (size_t i = 0; i < documents->count; i++) {
        const struct ac_documents_item *item = &documents->items[i];

        if (item->inode == status->st_ino && item->device == status->st_dev)
            return item;
    }
    return NULL;
}

static enum ac_code read_document(struct loading *loading, const char *path,
                                  struct ac_documents_item *item, struct ac_error *err)
{
    AC_AUTO(ac_text) text = { 0 };

    AC_TRY(ac_file_read(path, AC_CONFIG_SIZE_MAX, &text, err));
    return ac_document_parse(path, ac_text_get(&text), text.size, loading->faults,
                             &item->document, err);
}

static enum ac_code add(struct loading *loading, const char *path, unsigned depth,
                        struct ac_error *err)
{
    struct ac_documents *documents = &loading->documents;
    struct stat status;

    AC_TRY(ac_file_check_trust(path, err));
    if (stat(path, &status) != 0)
        return ac_fail_errno(err, AC_E_STORE, errno, "cannot look at %s", path);
    const struct ac_documents_item *before = find(documents, &status);
    if (before) {
        return ac_fail(err, AC_E_USAGE,
                       "%s is read already, as %s: a file is included once, and never "
                       "by itself",
                       path, before->document->path);
    }
    if (documents->count >= AC_CONFIG_FILES_MAX) {
        return ac_fail(err, AC_E_USAGE, "%s is one file too many: %d can be read", path,
                       AC_CONFIG_FILES_MAX);
    }
    AC_TRY(ac_memory_grow(&documents->items, &documents->capacity, documents->count + 1,
                          sizeof *documents->items, err));
    struct ac_documents_item *item = &documents->items[documents->count];
    *item = (struct ac_documents_item){ .device = status.st_dev,
                                        .inode = status.st_ino,
                                        .depth = depth };
    AC_TRY(read_document(loading, path, item, err));
    documents->count++;
    return AC_OK;
}

/* The pattern as glob wants it: what stands before it has no special characters. */
static enum ac_code make_pattern(const char *includer, const char *given,
                                 struct ac_text *pattern, struct ac_error *err)
{
    const char *slash = strrchr(includer, '/');
    size_t size = slash ? (size_t)(slash - includer) + 1 : 0;

    for (size_t i = 0; given[0] != '/' && i < size; i++) {
        if (strchr("*?[\\", includer[i]))
            AC_TRY(ac_text_add(pattern, "\\", 1, err));
        AC_TRY(ac_text_add(pattern, &includer[i], 1, err));
    }
    return ac_text_add(pattern, given, strlen(given), err);
}

static enum ac_code take_found(struct loading *loading, const glob_t *found,
                               struct ac_place place, unsigned depth,
                               struct ac_error *err)
{
    for (size_t i = 0; i < found->gl_pathc; i++) {
        struct ac_error why = { 0 };
        enum ac_code code = add(loading, found->gl_pathv[i], depth, &why);

        AC_TRY(ac_faults_take(loading->faults, place, &why, code, err));
        if (loading->documents.count >= AC_CONFIG_FILES_MAX)
            return AC_OK;
    }
    return AC_OK;
}

static enum ac_code include(struct loading *loading, size_t index,
                            const struct ac_value *value, struct ac_error *err)
{
    /* Its place must stay when the items grow. */
    const struct ac_documents_item item = loading->documents.items[index];
    struct ac_place place = { .path = item.document->path, .line = value->line };
    AC_AUTO(ac_text) pattern = { 0 };
    __attribute__((cleanup(glob_drop))) glob_t found = { 0 };

    if (item.depth >= AC_CONFIG_DEPTH_MAX) {
        return ac_faults_add(
            loading->faults, place, err,
            "%d files include one another on the way here: no more can",
            AC_CONFIG_DEPTH_MAX);
    }
    AC_TRY(make_pattern(place.path, value->text, &pattern, err));
    const char *text = ac_text_get(&pattern);
    switch (glob(text, 0, is_trouble, &found)) {
    case 0:
        return take_found(loading, &found, place, item.depth + 1, err);
    case GLOB_NOMATCH: /* an empty folder is fine, a file that is missing is not */
        if (strpbrk(value->text, "*?["))
            return AC_OK;
        return ac_faults_add(loading->faults, place, err, "%s is not there", text);
    case GLOB_NOSPACE:
        return ac_fail(err, AC_E_NOMEM, "no memory for the files of %s", text);
    default:
        return ac_faults_add(loading->faults, place, err, "%s cannot be looked up: %s",
                             text, strerror(errno));
    }
}

static enum ac_code follow_includes(struct loading *loading, size_t index,
                                    struct ac_error *err)
{
    const struct ac_document *document = loading->documents.items[index].document;

    for (size_t i = 0; i < document->entry_count; i = document->entries[i].end) {
        const struct ac_entry *entry = &document->entries[i];

        if (entry->is_section || strcmp(entry->name, AC_CONFIG_INCLUDE) != 0)
            continue;
        for (size_t at = 0; at < entry->value_count; at++)
            AC_TRY(include(loading, index, &document->values[entry->first + at], err));
    }
    return AC_OK;
}

enum ac_code ac_documents_load(const char *path, struct ac_faults *faults,
                               struct ac_documents *ret_documents, struct ac_error *err)
{
    __attribute__((cleanup(loading_drop))) struct loading loading = { .faults =
                                                                          faults };

    AC_TRY(add(&loading, path, 0, err));
    for (size_t i = 0; i < loading.documents.count; i++)
        AC_TRY(follow_includes(&loading, i, err));
    *ret_documents = loading.documents;
    loading.documents = (struct ac_documents){ 0 };
    return AC_OK;
}

const struct ac_document *ac_documents_at(const struct ac_documents *documents,
                                          size_t index)
{
    return documents->items[index].document;
}

void ac_documents_done(struct ac_documents *documents)
{
    for (size_t i = 0; i < documents->count; i++)
        ac_document_free(documents->items[i].document);
    free(documents->items);
    *documents = (struct ac_documents){ 0 };
}
