/* SPDX-License-Identifier: Apache-2.0 */
#include "tell.h"

#include "list.h"
#include "made.h"
#include "note.h"
#include "pattern.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* In the private folder, while the running HAProxy may have another certificate than
 * before. */
#define SENT_FILE "sent"
#define SENT_MODE 0600

/* What HAProxy is to be told of. */
struct items {
    const struct settings *settings;
    struct runtime_item *items;
    size_t count;
};

static int replace(struct items *items, struct runtime_outcome *outcome);
static void say(const struct items *items, const struct runtime_outcome *outcome);
static int take_out(const struct settings *settings, const struct files_set *set);
static void tell_left(const struct settings *settings, const char *path);
static int collect(struct items *items, const struct files_set *set,
                   const struct files_blob *staged);
static int collect_staged(struct items *items, const struct files_blob *staged);
static int add_staged(struct items *items, const char *name, size_t size);
static bool has_item(const struct items *items, const char *path);
static int collect_back(struct items *items, const struct files_set *set);
static int add_item(struct items *items, const char *path);
static bool has_sent(const struct acmecore_host *host, char path[PATH_MAX]);
static int items_make(struct items *items, size_t count);
static void items_drop(struct items *items);
static size_t count_lines(const struct files_blob *text);
static bool is_list(const struct settings *settings, const char *path);
static const struct acmecore_host *host_of(const struct settings *settings);

int tell(const struct settings *settings, const struct files_set *set)
{
    const struct runtime *runtime = &settings->runtime;
    __attribute__((cleanup(items_drop))) struct items items = { .settings = settings };
    FILES_AUTO_BLOB staged = { 0 };
    struct runtime_outcome outcome = { 0 };
    int status = note_load(set->host, NOTE_STAGED, &staged);

    if (status == ACMECORE_OK)
        status = items_make(&items, set->record.count + count_lines(&staged));
    if (status == ACMECORE_OK)
        status = collect(&items, set, &staged);
    if (status == ACMECORE_OK)
        status = runtime_look(runtime, items.items, items.count, &outcome);
    if (status == ACMECORE_OK && outcome.is_running)
        status = replace(&items, &outcome);
    if (status == ACMECORE_OK)
        say(&items, &outcome);
    return status;
}

int tell_back(const struct settings *settings, const struct files_set *set)
{
    const struct runtime *runtime = &settings->runtime;
    __attribute__((cleanup(items_drop))) struct items items = { .settings = settings };
    struct runtime_outcome outcome = { 0 };
    char sent[PATH_MAX];
    int status = take_out(settings, set);

    if (status != ACMECORE_OK || !has_sent(set->host, sent))
        return status;
    status = items_make(&items, set->record.count);
    if (status == ACMECORE_OK)
        status = collect_back(&items, set);
    if (status == ACMECORE_OK)
        status = runtime_look(runtime, items.items, items.count, &outcome);
    if (status == ACMECORE_OK && outcome.is_running)
        status = runtime_bring_back(runtime, items.items, items.count, &outcome);
    if (status == ACMECORE_OK)
        say(&items, &outcome);
    return status;
}

int tell_forget(const struct acmecore_host *host)
{
    char path[PATH_MAX];
    int status =
        has_sent(host, path) ? host->remove_file(host->ctx, path) : ACMECORE_OK;

    return status == ACMECORE_OK ? made_forget(host) : status;
}

/* Without a list nothing is made. */
static int replace(struct items *items, struct runtime_outcome *outcome)
{
    const struct runtime *runtime = &items->settings->runtime;
    const struct acmecore_host *host = host_of(items->settings);
    char sent[PATH_MAX];
    bool was_sent = has_sent(host, sent);
    int status =
        runtime->list ? made_note(host, items->items, items->count) : ACMECORE_OK;

    if (status == ACMECORE_OK && !was_sent)
        status = host->write_file(host->ctx, sent, SENT_MODE, "", 0);
    if (status != ACMECORE_OK)
        return status;
    status = runtime_replace(runtime, items->items, items->count, outcome);
    if (!outcome->has_begun && !was_sent)
        (void)host->remove_file(host->ctx, sent); /* one too many is harmless */
    return status;
}

static void say(const struct items *items, const struct runtime_outcome *outcome)
{
    const struct acmecore_host *host = host_of(items->settings);

    if (items->count == 0)
        return;
    if (outcome->is_running) {
        host->log(host->ctx, ACMECORE_INFO, "HAProxy has %zu certificate(s) anew",
                  items->count);
        return;
    }
    host->log(host->ctx, ACMECORE_WARN,
              "nobody listens at HAProxy's socket: it gets the certificate from its "
              "file when it starts");
}

/* What HAProxy served before we came stays, even where its file is gone. */
static int take_out(const struct settings *settings, const struct files_set *set)
{
    FILES_AUTO_BLOB made = { 0 };
    const struct files_record *record = &set->record;
    int status = made_load(set->host, &made);

    for (size_t i = 0; status == ACMECORE_OK && i < record->count; i++) {
        const char *path = record->entries[i].path;

        if (is_list(settings, path) || access(path, F_OK) == 0)
            continue;
        if (list_has(&made, path)) {
            status = runtime_remove(&settings->runtime, path);
        } else {
            tell_left(settings, path);
        }
    }
    return status;
}

static void tell_left(const struct settings *settings, const char *path)
{
    const struct acmecore_host *host = host_of(settings);
    char sent[PATH_MAX];

    if (has_sent(host, sent)) {
        host->log(host->ctx, ACMECORE_ERROR,
                  "HAProxy may serve %s as it was sent until its next start: what it "
                  "served before was in no file",
                  path);
    }
}

/* ---- of what it is told */

static int collect(struct items *items, const struct files_set *set,
                   const struct files_blob *staged)
{
    const struct files_record *record = &set->record;
    int status = ACMECORE_OK;

    for (size_t i = 0; status == ACMECORE_OK && i < record->count; i++)
        status = add_item(items, record->entries[i].path);
    return status == ACMECORE_OK ? collect_staged(items, staged) : status;
}

/* Lines NAME FINGERPRINT. */
static int collect_staged(struct items *items, const struct files_blob *staged)
{
    const char *line = staged->bytes;
    int status = ACMECORE_OK;

    while (status == ACMECORE_OK && line && *line) {
        status = add_staged(items, line, strcspn(line, " \n"));
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    return status;
}

static int add_staged(struct items *items, const char *name, size_t size)
{
    const struct acmecore_host *host = host_of(items->settings);
    char copy[NAME_MAX + 1];
    char path[PATH_MAX] = "";
    char *kept = NULL;

    (void)snprintf(copy, sizeof copy, "%.*s", (int)(size < NAME_MAX ? size : NAME_MAX),
                   name);
    /* One that cannot be expanded was not staged. */
    if (pattern_expand(items->settings->file, copy, path) || has_item(items, path)
        || is_list(items->settings, path))
        return ACMECORE_OK;
    kept = strdup(path);
    if (!kept)
        return host->fail(host->ctx, ACMECORE_E_SYSTEM, FILES_NO_MEMORY);
    items->items[items->count].own_path = kept;
    return add_item(items, kept);
}

static bool has_item(const struct items *items, const char *path)
{
    for (size_t i = 0; i < items->count; i++) {
        if (strcmp(items->items[i].path, path) == 0)
            return true;
    }
    return false;
}

/* Of what there was no file before there is nothing to bring back. */
static int collect_back(struct items *items, const struct files_set *set)
{
    const struct files_record *record = &set->record;
    int status = ACMECORE_OK;

    for (size_t i = 0; status == ACMECORE_OK && i < record->count; i++) {
        if (access(record->entries[i].path, F_OK) == 0)
            status = add_item(items, record->entries[i].path);
    }
    return status;
}

static int add_item(struct items *items, const char *path)
{
    struct runtime_item *item = &items->items[items->count];

    if (is_list(items->settings, path))
        return ACMECORE_OK;
    item->path = path;
    items->count++;
    return files_blob_load(host_of(items->settings), path, &item->pem);
}

static bool has_sent(const struct acmecore_host *host, char path[PATH_MAX])
{
    (void)snprintf(path, PATH_MAX, "%s/" SENT_FILE, host->folder);
    return access(path, F_OK) == 0;
}

/* Room for so many. */
static int items_make(struct items *items, size_t count)
{
    const struct acmecore_host *host = host_of(items->settings);

    items->items = calloc(count + 1, sizeof *items->items);
    if (items->items)
        return ACMECORE_OK;
    return host->fail(host->ctx, ACMECORE_E_SYSTEM, FILES_NO_MEMORY);
}

static void items_drop(struct items *items)
{
    for (size_t i = 0; i < items->count; i++) {
        files_blob_drop(&items->items[i].pem);
        free(items->items[i].own_path);
    }
    free(items->items);
}

static size_t count_lines(const struct files_blob *text)
{
    size_t count = 0;

    for (size_t i = 0; i < text->size; i++)
        count += text->bytes[i] == '\n';
    return count;
}

static bool is_list(const struct settings *settings, const char *path)
{
    return settings->list && strcmp(settings->list, path) == 0;
}

static const struct acmecore_host *host_of(const struct settings *settings)
{
    return settings->runtime.talk.host;
}
