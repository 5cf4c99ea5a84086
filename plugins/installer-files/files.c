/* SPDX-License-Identifier: Apache-2.0 */
/*
 * installer-files: copies of key and certificate where a server wants them, and the
 * command that makes it read them. Stage writes the new files beside the old ones,
 * commit renames them and reloads, rollback puts the old ones back.
 */
#include <acmecore/plugin.h>

#include "content.h"
#include "pattern.h"
#include "reload.h"
#include "set.h"
#include "settings.h"

#include <stdlib.h>

struct files {
    const struct acmecore_host *host;
    struct settings settings;
};

/* What tells whether a file is in place. */
struct comparison {
    const struct acmecore_host *host;
    enum settings_kind kind;
    const struct files_blob *fresh;
};

static int files_open(const struct acmecore_host *host, void **ret_self);
static int stage(void *self, const struct acmecore_certificate *const *certificates,
                 size_t count, int *results);
static int plan(const struct files *self, struct files_set *set,
                const struct acmecore_certificate *certificate, size_t tag);
static int plan_file(const struct files *self, struct files_set *set,
                     const struct acmecore_certificate *certificate,
                     enum settings_kind kind, size_t tag);
static bool is_same(void *arg, const struct files_blob *there);
static int commit(void *self);
static int rollback(void *self);
static int tell_back(const struct files *self, bool was_good);
static int forget(const struct files *self, struct files_set *set);
static int finish(void *self);

static const struct acmecore_installer installer = {
    .struct_size = sizeof installer,
    .stage = stage,
    .commit = commit,
    .rollback = rollback,
    .finish = finish,
};

const struct acmecore_plugin acmecore_plugin = {
    ACMECORE_PLUGIN_HEADER(ACMECORE_INSTALLER, "installer-files", "1.0", 0),
    .flags = ACMECORE_USES_FILES | ACMECORE_USES_COMMANDS,
    .options = settings_options,
    .option_count = SETTINGS_OPTION_COUNT,
    .open = files_open,
    .close = free,
    .ops.installer = &installer,
};

static int files_open(const struct acmecore_host *host, void **ret_self)
{
    struct files *self = calloc(1, sizeof *self);
    int status = ACMECORE_OK;

    if (!self)
        return host->fail(host->ctx, ACMECORE_E_SYSTEM, FILES_NO_MEMORY);
    self->host = host;
    status = settings_read(host, &self->settings);
    if (status == ACMECORE_OK)
        status = reload_check(host);
    if (status != ACMECORE_OK) {
        free(self);
        return status;
    }
    *ret_self = self;
    return ACMECORE_OK;
}

static int stage(void *self, const struct acmecore_certificate *const *certificates,
                 size_t count, int *results)
{
    const struct files *files = self;
    FILES_AUTO_SET set = { 0 };
    int status = files_set_open(files->host, &set);
    int staged = ACMECORE_OK;

    if (status != ACMECORE_OK)
        return status;
    for (size_t i = 0; i < count; i++) {
        results[i] = plan(files, &set, certificates[i], i);
        if (results[i] == ACMECORE_OK)
            continue;
        files_set_unplan(&set, i);
        status = results[i];
    }
    staged = files_set_stage(&set, results);
    /* A commit will find nothing to do. */
    if (staged == ACMECORE_OK && set.is_dry_run && set.record.count > 0)
        staged = reload_run(files->host);
    return staged == ACMECORE_OK ? status : staged;
}

static int plan(const struct files *self, struct files_set *set,
                const struct acmecore_certificate *certificate, size_t tag)
{
    int status = ACMECORE_OK;

    for (int i = 0; status == ACMECORE_OK && i < SETTINGS_KINDS; i++) {
        if (self->settings.paths[i])
            status = plan_file(self, set, certificate, (enum settings_kind)i, tag);
    }
    return status;
}

static int plan_file(const struct files *self, struct files_set *set,
                     const struct acmecore_certificate *certificate,
                     enum settings_kind kind, size_t tag)
{
    FILES_AUTO_BLOB fresh = { 0 };
    const struct acmecore_host *host = self->host;
    const char *pattern = self->settings.paths[kind];
    char path[PATH_MAX] = "";
    const char *why = pattern_expand(pattern, certificate->name, path);
    struct comparison comparison = { host, kind, &fresh };
    struct files_wanted wanted = { .path = path,
                                   .access = settings_access_of(&self->settings, kind),
                                   .tag = tag,
                                   .is_same = is_same,
                                   .arg = &comparison };
    int status = ACMECORE_OK;

    if (why) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG, "option %s: \"%s\" for %s: %s",
                          settings_name_of(kind), pattern, certificate->name, why);
    }
    status = content_make(host, kind, certificate, &fresh);
    return status == ACMECORE_OK ? files_set_plan(set, &wanted, &fresh) : status;
}

static bool is_same(void *arg, const struct files_blob *there)
{
    const struct comparison *comparison = arg;

    return content_is_same(comparison->host, comparison->kind, there,
                           comparison->fresh);
}

static int commit(void *self)
{
    const struct files *files = self;
    FILES_AUTO_SET set = { 0 };
    bool has_changed = false;
    int status = files_set_open(files->host, &set);

    if (status == ACMECORE_OK)
        status = files_set_commit(&set, &has_changed);
    if (status != ACMECORE_OK || !has_changed)
        return status;
    status = reload_run(files->host);
    return status == ACMECORE_OK ? files_set_done(&set) : status;
}

static int rollback(void *self)
{
    const struct files *files = self;
    FILES_AUTO_SET set = { 0 };
    bool was_told = false;
    int status = files_set_open(files->host, &set);

    if (status == ACMECORE_OK)
        status = files_set_undo(&set, &was_told);
    if (status == ACMECORE_OK && was_told)
        status = tell_back(files, set.record.is_done);
    return status == ACMECORE_OK ? forget(files, &set) : status;
}

/* One that has never told anybody of the new files has nothing to tell back: a setting
 * that is wrong must not keep the installer amid this for ever. */
static int tell_back(const struct files *self, bool was_good)
{
    const struct acmecore_host *host = self->host;
    bool was_taken = false;
    int status = reload_back(host, &was_taken);

    if (status == ACMECORE_OK || was_good || was_taken)
        return status;
    host->log(host->ctx, ACMECORE_ERROR,
              "the files are as they were before; the reload failed, with them as with "
              "the new ones: see to the option reload, or to what it reloads");
    return ACMECORE_OK;
}

static int finish(void *self)
{
    const struct files *files = self;
    FILES_AUTO_SET set = { 0 };
    int status = files_set_open(files->host, &set);

    return status == ACMECORE_OK ? forget(files, &set) : status;
}

/* The record first: with it goes what would be undone. */
static int forget(const struct files *self, struct files_set *set)
{
    int status = files_set_forget(set);

    return status == ACMECORE_OK ? reload_forget(self->host) : status;
}
