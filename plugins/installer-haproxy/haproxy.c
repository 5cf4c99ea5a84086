/* SPDX-License-Identifier: Apache-2.0 */
/*
 * installer-haproxy: the file with key and chain that HAProxy reads at its next start,
 * and the same through its runtime socket for the one that runs, without a reload.
 */
#include <acmecore/plugin.h>

#include "list.h"
#include "pattern.h"
#include "set.h"
#include "settings.h"

#include <stdlib.h>
#include <string.h>

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
static int tell(const struct haproxy *self, const struct files_set *set, bool is_back);
static int collect(const struct haproxy *self, const struct files_set *set,
                   bool is_back, struct items *ret_items);
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
    .flags = ACMECORE_USES_NETWORK | ACMECORE_USES_FILES,
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
    status = tell(haproxy, &set, false);
    return status == ACMECORE_OK ? files_set_done(&set) : status;
}

static int rollback(void *self)
{
    const struct haproxy *haproxy = self;
    FILES_AUTO_SET set = { 0 };
    bool was_told = false;
    int status = files_set_open(haproxy->host, &set);

    if (status == ACMECORE_OK)
        status = files_set_undo(&set, &was_told);
    if (status == ACMECORE_OK && was_told)
        status = tell(haproxy, &set, true);
    return status == ACMECORE_OK ? files_set_forget(&set) : status;
}

static int finish(void *self)
{
    const struct haproxy *haproxy = self;
    FILES_AUTO_SET set = { 0 };
    int status = files_set_open(haproxy->host, &set);

    return status == ACMECORE_OK ? files_set_forget(&set) : status;
}

/* The files are in place; the running server gets what is in them now. */
static int tell(const struct haproxy *self, const struct files_set *set, bool is_back)
{
    const struct acmecore_host *host = self->host;
    __attribute__((cleanup(items_drop))) struct items items = { 0 };
    bool is_running = false;
    int status = ACMECORE_OK;

    if (!self->settings.has_socket)
        return ACMECORE_OK;
    status = collect(self, set, is_back, &items);
    if (status == ACMECORE_OK) {
        status = runtime_replace(&self->settings.runtime, items.items, items.count,
                                 &is_running);
    }
    if (status != ACMECORE_OK || items.count == 0)
        return status;
    if (is_running) {
        host->log(host->ctx, ACMECORE_INFO, "HAProxy has %zu certificate(s) anew",
                  items.count);
    } else {
        host->log(
            host->ctx, ACMECORE_WARN,
            "nobody listens at HAProxy's socket: it gets the certificate from its "
            "file when it starts");
    }
    return ACMECORE_OK;
}

static int collect(const struct haproxy *self, const struct files_set *set,
                   bool is_back, struct items *ret_items)
{
    const struct files_record *record = &set->record;
    int status = ACMECORE_OK;

    ret_items->items = calloc(record->count + 1, sizeof *ret_items->items);
    if (!ret_items->items)
        return self->host->fail(self->host->ctx, ACMECORE_E_SYSTEM, FILES_NO_MEMORY);
    for (size_t i = 0; status == ACMECORE_OK && i < record->count; i++) {
        const struct files_entry *entry = &record->entries[i];
        struct runtime_item *item = &ret_items->items[ret_items->count];

        if (is_list(self, entry))
            continue;
        if (is_back && !entry->old.is_there) {
            runtime_remove(&self->settings.runtime, entry->path);
            continue;
        }
        item->path = entry->path;
        ret_items->count++;
        status = files_blob_load(self->host, entry->path, &item->pem);
    }
    return status;
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
