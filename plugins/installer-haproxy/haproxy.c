/* SPDX-License-Identifier: Apache-2.0 */
/*
 * installer-haproxy: the file with key and chain that HAProxy reads at its next start,
 * and the same through its runtime socket for the one that runs, without a reload.
 */
#include <acmecore/plugin.h>

#include "line.h"
#include "list.h"
#include "made.h"
#include "pattern.h"
#include "set.h"
#include "settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* In the private folder, while the running HAProxy may have another certificate than
 * before. */
#define SENT_FILE "sent"
#define SENT_MODE 0600

struct haproxy {
    const struct acmecore_host *host;
    struct settings settings;
};

/* What HAProxy is to be told of. */
struct items {
    struct runtime_item *items;
    size_t count;
};

static int haproxy_open(const struct acmecore_host *host, void **ret_self);
static int stage(void *self, const struct acmecore_certificate *const *certificates,
                 size_t count, int *results);
static int stage_all(const struct haproxy *self,
                     const struct acmecore_certificate *const *certificates,
                     size_t count, int *results);
static int plan(const struct haproxy *self, struct files_set *set,
                const struct acmecore_certificate *certificate, size_t tag,
                struct files_blob *list);
static int make(const struct haproxy *self,
                const struct acmecore_certificate *certificate,
                struct files_blob *ret_blob);
static int load_list(const struct haproxy *self, struct files_blob *list);
static int plan_list(const struct haproxy *self, struct files_set *set, size_t tag,
                     struct files_blob *list);
static int commit(void *self);
static int rollback(void *self);
static int finish(void *self);
static int forget(const struct haproxy *self, struct files_set *set);
static int tell(const struct haproxy *self, const struct files_set *set);
static int replace(const struct haproxy *self, const struct items *items,
                   struct runtime_outcome *outcome);
static int tell_back(const struct haproxy *self, const struct files_set *set);
static void say(const struct haproxy *self, const struct items *items,
                const struct runtime_outcome *outcome);
static int take_out(const struct haproxy *self, const struct files_set *set);
static void tell_left(const struct haproxy *self, const char *path);
static int collect(const struct haproxy *self, const struct files_set *set,
                   struct items *ret_items);
static int collect_back(const struct haproxy *self, const struct files_set *set,
                        struct items *ret_items);
static int add_item(const struct haproxy *self, const struct files_entry *entry,
                    struct items *items);
static bool has_sent(const struct haproxy *self, char path[PATH_MAX]);
static int items_make(const struct haproxy *self, const struct files_set *set,
                      struct items *ret_items);
static void items_drop(struct items *items);
static bool is_list(const struct haproxy *self, const struct files_entry *entry);

static const struct acmecore_installer installer = {
    .struct_size = sizeof installer,
    .stage = stage,
    .commit = commit,
    .rollback = rollback,
    .finish = finish,
};

const struct acmecore_plugin acmecore_plugin = {
    ACMECORE_PLUGIN_HEADER(ACMECORE_INSTALLER, "installer-haproxy", "1.0", 0),
    .flags = ACMECORE_USES_NETWORK | ACMECORE_USES_FILES | ACMECORE_USES_SOCKETS,
    .options = settings_options,
    .option_count = SETTINGS_OPTION_COUNT,
    .open = haproxy_open,
    .close = free,
    .ops.installer = &installer,
};

static int haproxy_open(const struct acmecore_host *host, void **ret_self)
{
    struct haproxy *self = calloc(1, sizeof *self);
    int status = ACMECORE_OK;

    if (!self)
        return host->fail(host->ctx, ACMECORE_E_SYSTEM, FILES_NO_MEMORY);
    self->host = host;
    status = settings_read(host, &self->settings);
    if (status != ACMECORE_OK) {
        free(self);
        return status;
    }
    *ret_self = self;
    return ACMECORE_OK;
}

/* One result more than there are certificates: that of the crt-list, which is for all.
 */
static int stage(void *self, const struct acmecore_certificate *const *certificates,
                 size_t count, int *results)
{
    const struct haproxy *haproxy = self;
    int *all = calloc(count + 1, sizeof *all);
    int status = ACMECORE_OK;

    if (!all) {
        return haproxy->host->fail(haproxy->host->ctx, ACMECORE_E_SYSTEM,
                                   FILES_NO_MEMORY);
    }
    status = stage_all(haproxy, certificates, count, all);
    for (size_t i = 0; i < count; i++)
        results[i] = all[count] == ACMECORE_OK ? all[i] : all[count];
    free(all);
    return status;
}

static int stage_all(const struct haproxy *self,
                     const struct acmecore_certificate *const *certificates,
                     size_t count, int *results)
{
    FILES_AUTO_SET set = { 0 };
    FILES_AUTO_BLOB list = { 0 };
    int staged = ACMECORE_OK;
    int status = files_set_open(self->host, &set);

    if (status == ACMECORE_OK)
        status = load_list(self, &list);
    if (status != ACMECORE_OK)
        return status;
    for (size_t i = 0; i < count; i++) {
        results[i] = plan(self, &set, certificates[i], i, &list);
        if (results[i] != ACMECORE_OK) {
            files_set_unplan(&set, i);
            status = results[i];
        }
    }
    results[count] = plan_list(self, &set, count, &list);
    if (results[count] != ACMECORE_OK)
        return results[count];
    staged = files_set_stage(&set, results);
    return staged == ACMECORE_OK ? status : staged;
}

static int plan(const struct haproxy *self, struct files_set *set,
                const struct acmecore_certificate *certificate, size_t tag,
                struct files_blob *list)
{
    FILES_AUTO_BLOB fresh = { 0 };
    const struct acmecore_host *host = self->host;
    char path[PATH_MAX] = "";
    const char *why = pattern_expand(self->settings.file, certificate->name, path);
    struct files_wanted wanted = { .path = path,
                                   .access = self->settings.access,
                                   .tag = tag };
    int status = ACMECORE_OK;

    if (!why)
        why = runtime_check_path(path);
    if (why) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "option file: \"%s\" for %s: %s", self->settings.file,
                          certificate->name, why);
    }
    status = make(self, certificate, &fresh);
    if (status == ACMECORE_OK)
        status = files_set_plan(set, &wanted, &fresh);
    if (status == ACMECORE_OK && self->settings.list && !list_has(list, path)
        && !list_add(list, path))
        return host->fail(host->ctx, ACMECORE_E_SYSTEM, FILES_NO_MEMORY);
    return status;
}

static int make(const struct haproxy *self,
                const struct acmecore_certificate *certificate,
                struct files_blob *ret_blob)
{
    const struct acmecore_host *host = self->host;
    int status = ACMECORE_OK;

    if (!certificate->key_path) {
        return host->fail(
            host->ctx, ACMECORE_E_CONFIG,
            "the key of %s is in a token, which it does not leave: HAProxy "
            "cannot be given it",
            certificate->name);
    }
    status = files_blob_load(host, certificate->key_path, ret_blob);
    return status == ACMECORE_OK
               ? files_blob_load(host, certificate->fullchain_path, ret_blob)
               : status;
}

static int load_list(const struct haproxy *self, struct files_blob *list)
{
    return self->settings.list ? files_blob_load(self->host, self->settings.list, list)
                               : ACMECORE_OK;
}

static int plan_list(const struct haproxy *self, struct files_set *set, size_t tag,
                     struct files_blob *list)
{
    struct files_wanted wanted = {
        .path = self->settings.list,
        .access = { (uid_t)-1, (gid_t)-1, FILES_MODE_AS_IS },
        .tag = tag,
    };

    return self->settings.list ? files_set_plan(set, &wanted, list) : ACMECORE_OK;
}

static int commit(void *self)
{
    const struct haproxy *haproxy = self;
    FILES_AUTO_SET set = { 0 };
    bool has_changed = false;
    int status = files_set_open(haproxy->host, &set);

    if (status == ACMECORE_OK)
        status = files_set_commit(&set, &has_changed);
    if (status != ACMECORE_OK || !has_changed)
        return status;
    status = tell(haproxy, &set);
    return status == ACMECORE_OK ? files_set_done(&set) : status;
}

static int rollback(void *self)
{
    const struct haproxy *haproxy = self;
    FILES_AUTO_SET set = { 0 };
    bool was_told = false;
    int status = files_set_open(haproxy->host, &set);

    if (status == ACMECORE_OK && haproxy->settings.list)
        status = line_take_out(haproxy->settings.list, &set);
    if (status == ACMECORE_OK)
        status = files_set_undo(&set, &was_told);
    if (status == ACMECORE_OK && was_told)
        status = tell_back(haproxy, &set);
    return status == ACMECORE_OK ? forget(haproxy, &set) : status;
}

static int finish(void *self)
{
    const struct haproxy *haproxy = self;
    FILES_AUTO_SET set = { 0 };
    int status = files_set_open(haproxy->host, &set);

    return status == ACMECORE_OK ? forget(haproxy, &set) : status;
}

static int forget(const struct haproxy *self, struct files_set *set)
{
    const struct acmecore_host *host = self->host;
    char path[PATH_MAX];
    int status =
        has_sent(self, path) ? host->remove_file(host->ctx, path) : ACMECORE_OK;

    if (status == ACMECORE_OK)
        status = made_forget(host);
    return status == ACMECORE_OK ? files_set_forget(set) : status;
}

/* The files are in place; the running server gets what is in them now. */
static int tell(const struct haproxy *self, const struct files_set *set)
{
    const struct runtime *runtime = &self->settings.runtime;
    __attribute__((cleanup(items_drop))) struct items items = { 0 };
    struct runtime_outcome outcome = { 0 };
    int status = ACMECORE_OK;

    if (!self->settings.has_socket)
        return ACMECORE_OK;
    status = items_make(self, set, &items);
    if (status == ACMECORE_OK)
        status = collect(self, set, &items);
    if (status == ACMECORE_OK)
        status = runtime_look(runtime, items.items, items.count, &outcome);
    if (status == ACMECORE_OK && outcome.is_running)
        status = replace(self, &items, &outcome);
    if (status == ACMECORE_OK)
        say(self, &items, &outcome);
    return status;
}

/* Without a list nothing is made. */
static int replace(const struct haproxy *self, const struct items *items,
                   struct runtime_outcome *outcome)
{
    const struct acmecore_host *host = self->host;
    const struct runtime *runtime = &self->settings.runtime;
    char sent[PATH_MAX];
    bool was_sent = has_sent(self, sent);
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

/* Where it had not come so far as to change something there is nothing to bring back.
 */
static int tell_back(const struct haproxy *self, const struct files_set *set)
{
    const struct runtime *runtime = &self->settings.runtime;
    __attribute__((cleanup(items_drop))) struct items items = { 0 };
    struct runtime_outcome outcome = { 0 };
    char sent[PATH_MAX];
    int status = ACMECORE_OK;

    if (!self->settings.has_socket)
        return ACMECORE_OK;
    status = take_out(self, set);
    if (status != ACMECORE_OK || !has_sent(self, sent))
        return status;
    status = items_make(self, set, &items);
    if (status == ACMECORE_OK)
        status = collect_back(self, set, &items);
    if (status == ACMECORE_OK)
        status = runtime_look(runtime, items.items, items.count, &outcome);
    if (status == ACMECORE_OK && outcome.is_running)
        status = runtime_bring_back(runtime, items.items, items.count, &outcome);
    if (status == ACMECORE_OK)
        say(self, &items, &outcome);
    return status;
}

static void say(const struct haproxy *self, const struct items *items,
                const struct runtime_outcome *outcome)
{
    const struct acmecore_host *host = self->host;

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
static int take_out(const struct haproxy *self, const struct files_set *set)
{
    FILES_AUTO_BLOB made = { 0 };
    const struct files_record *record = &set->record;
    int status = made_load(self->host, &made);

    for (size_t i = 0; status == ACMECORE_OK && i < record->count; i++) {
        const char *path = record->entries[i].path;

        if (is_list(self, &record->entries[i]) || access(path, F_OK) == 0)
            continue;
        if (list_has(&made, path)) {
            status = runtime_remove(&self->settings.runtime, path);
        } else {
            tell_left(self, path);
        }
    }
    return status;
}

static void tell_left(const struct haproxy *self, const char *path)
{
    const struct acmecore_host *host = self->host;
    char sent[PATH_MAX];

    if (has_sent(self, sent)) {
        host->log(host->ctx, ACMECORE_ERROR,
                  "HAProxy may serve %s as it was sent until its next start: what it "
                  "served before was in no file",
                  path);
    }
}

static int collect(const struct haproxy *self, const struct files_set *set,
                   struct items *ret_items)
{
    const struct files_record *record = &set->record;
    int status = ACMECORE_OK;

    for (size_t i = 0; status == ACMECORE_OK && i < record->count; i++)
        status = add_item(self, &record->entries[i], ret_items);
    return status;
}

/* Of what there was no file before there is nothing to bring back. */
static int collect_back(const struct haproxy *self, const struct files_set *set,
                        struct items *ret_items)
{
    const struct files_record *record = &set->record;
    int status = ACMECORE_OK;

    for (size_t i = 0; status == ACMECORE_OK && i < record->count; i++) {
        if (access(record->entries[i].path, F_OK) == 0)
            status = add_item(self, &record->entries[i], ret_items);
    }
    return status;
}

static int add_item(const struct haproxy *self, const struct files_entry *entry,
                    struct items *items)
{
    struct runtime_item *item = &items->items[items->count];

    if (is_list(self, entry))
        return ACMECORE_OK;
    item->path = entry->path;
    items->count++;
    return files_blob_load(self->host, entry->path, &item->pem);
}

static bool has_sent(const struct haproxy *self, char path[PATH_MAX])
{
    (void)snprintf(path, PATH_MAX, "%s/" SENT_FILE, self->host->folder);
    return access(path, F_OK) == 0;
}

/* Room for all that was replaced. */
static int items_make(const struct haproxy *self, const struct files_set *set,
                      struct items *ret_items)
{
    ret_items->items = calloc(set->record.count + 1, sizeof *ret_items->items);
    if (ret_items->items)
        return ACMECORE_OK;
    return self->host->fail(self->host->ctx, ACMECORE_E_SYSTEM, FILES_NO_MEMORY);
}

static void items_drop(struct items *items)
{
    for (size_t i = 0; i < items->count; i++)
        files_blob_drop(&items->items[i].pem);
    free(items->items);
}

static bool is_list(const struct haproxy *self, const struct files_entry *entry)
{
    return self->settings.list && strcmp(self->settings.list, entry->path) == 0;
}
