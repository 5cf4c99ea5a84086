/* SPDX-License-Identifier: Apache-2.0 */
/*
 * installer-haproxy: the file with key and chain that HAProxy reads at its next start,
 * and the same through its runtime socket for the one that runs, without a reload.
 */
#include <acmecore/plugin.h>

#include "line.h"
#include "list.h"
#include "note.h"
#include "pattern.h"
#include "set.h"
#include "settings.h"
#include "tell.h"

#include <stdlib.h>

struct haproxy {
    const struct acmecore_host *host;
    struct settings settings;
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
    int noted = ACMECORE_OK;

    if (!all) {
        return haproxy->host->fail(haproxy->host->ctx, ACMECORE_E_SYSTEM,
                                   FILES_NO_MEMORY);
    }
    status = stage_all(haproxy, certificates, count, all);
    for (size_t i = 0; i < count; i++)
        results[i] = all[count] == ACMECORE_OK ? all[i] : all[count];
    free(all);
    noted = note_stage(haproxy->host, certificates, count, results);
    for (size_t i = 0; noted != ACMECORE_OK && i < count; i++) {
        if (results[i] == ACMECORE_OK)
            status = results[i] = noted;
    }
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

/* Files may be in place that the process was never told of: without `socket`, or by
 * somebody else's hand. */
static int commit(void *self)
{
    const struct haproxy *haproxy = self;
    const struct acmecore_host *host = haproxy->host;
    FILES_AUTO_SET set = { 0 };
    bool has_changed = false;
    int status = files_set_open(host, &set);

    if (status == ACMECORE_OK)
        status = files_set_commit(&set, &has_changed);
    if (status != ACMECORE_OK || set.is_dry_run
        || (!has_changed && !note_is(host, NOTE_STAGED)))
        return status;
    status = haproxy->settings.has_socket ? tell(&haproxy->settings, &set)
                                          : note_remove(host, NOTE_LIVE);
    if (status == ACMECORE_OK && haproxy->settings.has_socket)
        status = note_move(host, NOTE_STAGED, NOTE_TOLD);
    return status == ACMECORE_OK && has_changed ? files_set_done(&set) : status;
}

static int rollback(void *self)
{
    const struct haproxy *haproxy = self;
    FILES_AUTO_SET set = { 0 };
    bool was_told = false;
    int status = files_set_open(haproxy->host, &set);

    if (status != ACMECORE_OK)
        return status;
    /* A list that cannot be mended is no reason to leave the files. */
    int lines = haproxy->settings.list ? line_take_out(haproxy->settings.list, &set)
                                       : ACMECORE_OK;
    status = files_set_undo(&set, &was_told);
    if (status == ACMECORE_OK)
        status = lines;
    if (status == ACMECORE_OK && was_told && haproxy->settings.has_socket)
        status = tell_back(&haproxy->settings, &set);
    if (status == ACMECORE_OK)
        status = note_remove(haproxy->host, NOTE_TOLD);
    return status == ACMECORE_OK ? forget(haproxy, &set) : status;
}

static int finish(void *self)
{
    const struct haproxy *haproxy = self;
    FILES_AUTO_SET set = { 0 };
    int status = files_set_open(haproxy->host, &set);

    /* The record first: with it goes what a rollback would undo, whatever fails then.
     */
    if (status == ACMECORE_OK)
        status = files_set_forget(&set);
    if (status == ACMECORE_OK)
        status = note_move(haproxy->host, NOTE_TOLD, NOTE_LIVE);
    return status == ACMECORE_OK ? forget(haproxy, &set) : status;
}

static int forget(const struct haproxy *self, struct files_set *set)
{
    int status = tell_forget(self->host);

    if (status == ACMECORE_OK)
        status = note_remove(self->host, NOTE_STAGED);
    return status == ACMECORE_OK ? files_set_forget(set) : status;
}
