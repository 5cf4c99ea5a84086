/* SPDX-License-Identifier: Apache-2.0 */
/*
 * installer-nginx: the server blocks that serve the names of a certificate get it, by
 * ssl_certificate and ssl_certificate_key, and nginx is reloaded when it takes that.
 */
#include <acmecore/plugin.h>

#include "change.h"
#include "control.h"
#include "note.h"
#include "reload.h"
#include "running.h"
#include "set.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define SECONDS_MAX 3600

struct nginx {
    const struct acmecore_host *host;
    struct control control;
};

static int nginx_open(const struct acmecore_host *host, void **ret_self);
static int stage(void *self, const struct acmecore_certificate *const *certificates,
                 size_t count, int *results);
static int fail_all(int *results, size_t count, int status);
static int plan(const struct nginx *self,
                const struct acmecore_certificate *const *certificates, size_t count,
                int *results);
static int stage_files(const struct nginx *self, const struct config *config,
                       const struct edits *edits);
static int plan_file(struct files_set *set, const struct config *config,
                     const struct edits *edits, size_t file);
static int commit(void *self);
static int check_running(const struct nginx *self);
static int take_back(struct files_set *set, int status);
static int rollback(void *self);
static int tell_back(const struct nginx *self);
static int reload_old(const struct nginx *self);
static int finish(void *self);

static const struct acmecore_installer installer = {
    .struct_size = sizeof installer,
    .stage = stage,
    .commit = commit,
    .rollback = rollback,
    .finish = finish,
};

static const struct acmecore_option options[] = {
    { .name = "config",
      .type = ACMECORE_OPTION_PATH,
      .fallback = CONTROL_CONFIG,
      .help = "nginx's main configuration file" },
    { .name = "control",
      .type = ACMECORE_OPTION_PATH,
      .fallback = CONTROL_PROGRAM,
      .help = "the program nginx" },
    { .name = "prefix",
      .type = ACMECORE_OPTION_PATH,
      .help = "nginx's prefix, where it is not the one it was built with (nginx -p)" },
    { .name = "reload",
      .type = ACMECORE_OPTION_TEXT,
      .flags = ACMECORE_LIST,
      .help = "another reload than `nginx -s reload`: a command, or nginx.service" },
    { .name = "timeout",
      .type = ACMECORE_OPTION_NUMBER,
      .minimum = 1,
      .maximum = SECONDS_MAX,
      .fallback = "60",
      .help =
          "seconds that nginx may take to test, and to be told to reload (all: 600)" },
};

const struct acmecore_plugin acmecore_plugin = {
    ACMECORE_PLUGIN_HEADER(ACMECORE_INSTALLER, "installer-nginx", "1.0", 0),
    .flags = ACMECORE_USES_FILES | ACMECORE_USES_COMMANDS,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .open = nginx_open,
    .close = free,
    .ops.installer = &installer,
};

static int nginx_open(const struct acmecore_host *host, void **ret_self)
{
    struct nginx *self = calloc(1, sizeof *self);
    int status = ACMECORE_OK;

    if (!self)
        return host->fail(host->ctx, ACMECORE_E_SYSTEM, FILES_NO_MEMORY);
    self->host = host;
    status = control_open(host, &self->control);
    if (status != ACMECORE_OK) {
        free(self);
        return status;
    }
    *ret_self = self;
    return ACMECORE_OK;
}

/* What is wrong already is the user's: it is said, and nothing is touched. */
static int stage(void *self, const struct acmecore_certificate *const *certificates,
                 size_t count, int *results)
{
    const struct nginx *nginx = self;
    int status = control_test(&nginx->control);
    int noted = ACMECORE_OK;

    if (status != ACMECORE_OK)
        return status;
    status = plan(nginx, certificates, count, results);
    noted = note_stage(nginx->host, certificates, count, results);
    return noted == ACMECORE_OK ? status : fail_all(results, count, noted);
}

/* One that another's failure hides would be taken for staged. */
static int fail_all(int *results, size_t count, int status)
{
    for (size_t i = 0; i < count; i++) {
        if (results[i] == ACMECORE_OK)
            results[i] = status;
    }
    return status;
}

/* A failure that is not of one certificate is of all. */
static int plan(const struct nginx *self,
                const struct acmecore_certificate *const *certificates, size_t count,
                int *results)
{
    AUTO_CONFIG config = { 0 };
    AUTO_SERVERS servers = { 0 };
    AUTO_EDITS edits = { 0 };
    const struct acmecore_host *host = self->host;
    int status = config_load(host, self->control.config, &config);
    int planned = ACMECORE_OK;

    if (status == ACMECORE_OK && !servers_find(&config, certificates, count, &servers))
        status = host->fail(host->ctx, ACMECORE_E_SYSTEM, FILES_NO_MEMORY);
    if (status == ACMECORE_OK)
        planned = change_plan(&config, &servers, certificates, count, results, &edits);
    if (status == ACMECORE_OK)
        status = stage_files(self, &config, &edits);
    for (size_t i = 0; status != ACMECORE_OK && i < count; i++)
        results[i] = status;
    return status == ACMECORE_OK ? planned : status;
}

static int stage_files(const struct nginx *self, const struct config *config,
                       const struct edits *edits)
{
    FILES_AUTO_SET set = { 0 };
    int result = ACMECORE_OK;
    int status = files_set_open(self->host, &set);

    for (size_t i = 0; status == ACMECORE_OK && i < config->file_count; i++) {
        if (edits_has(edits, i))
            status = plan_file(&set, config, edits, i);
    }
    return status == ACMECORE_OK ? files_set_stage(&set, &result) : status;
}

static int plan_file(struct files_set *set, const struct config *config,
                     const struct edits *edits, size_t file)
{
    FILES_AUTO_BLOB text = { 0 };
    const struct acmecore_host *host = set->host;
    const char *named = config->files[file].path;
    char path[PATH_MAX];
    struct files_wanted wanted = {
        .path = path,
        .access = { (uid_t)-1, (gid_t)-1, FILES_MODE_AS_IS },
    };

    /* It may have gone since it was read. */
    if (!realpath(named, path)) {
        return host->fail(host->ctx, ACMECORE_E_SYSTEM,
                          "%s: cannot find where it really lies: %s", named,
                          strerror(errno));
    }
    if (!edits_apply(edits, file, &config->files[file].text, &text))
        return host->fail(host->ctx, ACMECORE_E_SYSTEM, FILES_NO_MEMORY);
    return files_set_plan(set, &wanted, &text);
}

static int commit(void *self)
{
    const struct nginx *nginx = self;
    FILES_AUTO_SET set = { 0 };
    bool has_changed = false;
    int status = files_set_open(nginx->host, &set);

    /* How it was before cannot be read: what cannot be undone is not thrown away. */
    if (status != ACMECORE_OK)
        return status;
    status = files_set_commit(&set, &has_changed);
    if (status == ACMECORE_OK && !has_changed && !note_is(nginx->host, NOTE_STAGED)
        && !note_is(nginx->host, NOTE_TOLD))
        return ACMECORE_OK;
    if (status == ACMECORE_OK)
        status = control_test(&nginx->control);
    if (status == ACMECORE_OK)
        status = check_running(nginx);
    if (status != ACMECORE_OK)
        return take_back(&set, status);
    status = note_move(nginx->host, NOTE_STAGED, NOTE_TOLD);
    if (status == ACMECORE_OK)
        status = control_reload(&nginx->control);
    if (status == ACMECORE_OK)
        status = note_mark(nginx->host, NOTE_TAKEN);
    return status == ACMECORE_OK ? files_set_done(&set) : status;
}

/* One that is not running is not started: whoever stopped it had a reason. */
static int check_running(const struct nginx *self)
{
    const struct acmecore_host *host = self->host;
    char path[PATH_MAX];

    if (running_is_likely(&self->control, path))
        return ACMECORE_OK;
    return host->fail(host->ctx, ACMECORE_E_REFUSED,
                      "nginx is not running (its pid file %s names no process): start "
                      "it, and the next run deploys",
                      path);
}

/* At once, and not only at the rollback: somebody might start nginx meanwhile. */
static int take_back(struct files_set *set, int status)
{
    bool was_told = false;
    int undone = files_set_undo(set, &was_told);

    if (undone == ACMECORE_OK)
        undone = files_set_forget(set);
    return undone == ACMECORE_OK ? status : undone;
}

static int rollback(void *self)
{
    const struct nginx *nginx = self;
    FILES_AUTO_SET set = { 0 };
    bool was_told = false;
    int status = files_set_open(nginx->host, &set);

    if (status == ACMECORE_OK)
        status = files_set_undo(&set, &was_told);
    if (status == ACMECORE_OK && (was_told || note_is(nginx->host, NOTE_TOLD)))
        status = tell_back(nginx);
    if (status == ACMECORE_OK)
        status = note_remove(nginx->host, NOTE_STAGED);
    if (status == ACMECORE_OK)
        status = note_remove(nginx->host, NOTE_TOLD);
    if (status == ACMECORE_OK)
        status = note_remove(nginx->host, NOTE_TAKEN);
    if (status == ACMECORE_OK)
        status = reload_forget(nginx->host);
    return status == ACMECORE_OK ? files_set_forget(&set) : status;
}

/* The files are as they were: one that has ended finds them at its start. */
static int tell_back(const struct nginx *self)
{
    const struct acmecore_host *host = self->host;
    char path[PATH_MAX];

    if (running_is_likely(&self->control, path))
        return reload_old(self);
    host->log(host->ctx, ACMECORE_ERROR,
              "nginx does not run any more (its pid file %s names no process): start "
              "it, its configuration is as it was before the certificate came",
              path);
    return ACMECORE_OK;
}

/* A reload that has never ended well told nginx of nothing: a setting that is wrong
 * must not keep the installer amid this for ever. */
static int reload_old(const struct nginx *self)
{
    const struct acmecore_host *host = self->host;
    bool was_taken = false;
    int status = control_reload_back(&self->control, &was_taken);

    if (status == ACMECORE_OK || was_taken || note_is(host, NOTE_TAKEN))
        return status;
    host->log(host->ctx, ACMECORE_ERROR,
              "nginx's configuration is as it was before; the reload failed again, as "
              "it did with the new one: see to the options reload, control and config, "
              "and to nginx itself");
    return ACMECORE_OK;
}

/* The record first: with it goes what a rollback would undo, whatever fails then. */
static int finish(void *self)
{
    const struct nginx *nginx = self;
    FILES_AUTO_SET set = { 0 };
    int status = files_set_open(nginx->host, &set);

    if (status == ACMECORE_OK)
        status = files_set_forget(&set);
    if (status == ACMECORE_OK)
        status = note_move(nginx->host, NOTE_TOLD, NOTE_LIVE);
    if (status == ACMECORE_OK)
        status = note_remove(nginx->host, NOTE_TAKEN);
    return status == ACMECORE_OK ? reload_forget(nginx->host) : status;
}
