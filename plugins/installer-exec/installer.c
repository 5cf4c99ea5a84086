/* SPDX-License-Identifier: Apache-2.0 */
/*
 * installer-exec: a command of the user's installs the certificates, or a hook that was
 * written for another client.
 */
#include <acmecore/plugin.h>

#include "phase.h"

#include <stdlib.h>

struct installer {
    const struct acmecore_host *host;
    struct settings settings;
    struct phase_call call;
};

static int installer_open(const struct acmecore_host *host, void **ret_self);
static void installer_close(void *self);
static int stage(void *self, const struct acmecore_certificate *const *certificates,
                 size_t count, int *results);
static int commit(void *self);
static int rollback(void *self);
static int probe(void *self, const struct acmecore_certificate *const *certificates,
                 size_t count, int *results);
static int finish(void *self);
static int run(struct installer *self, enum phase phase, const struct batch *batch);
static int settle(struct installer *self, struct batch *batch, bool is_left_out,
                  enum phase phase);
static int turn_back(struct installer *self, struct batch *batch);
static int no_memory(const struct installer *self);

static const struct acmecore_installer operations = {
    .struct_size = sizeof operations,
    .stage = stage,
    .commit = commit,
    .rollback = rollback,
    .probe = probe,
    .finish = finish,
};

const struct acmecore_plugin acmecore_plugin = {
    ACMECORE_PLUGIN_HEADER(ACMECORE_INSTALLER, "installer-exec", "1.0", 0),
    .flags = ACMECORE_USES_COMMANDS,
    .options = settings_options,
    .option_count = SETTINGS_OPTION_COUNT,
    .open = installer_open,
    .close = installer_close,
    .ops.installer = &operations,
};

static int installer_open(const struct acmecore_host *host, void **ret_self)
{
    struct installer *self = calloc(1, sizeof *self);
    int status = ACMECORE_OK;

    if (!self)
        return host->fail(host->ctx, ACMECORE_E_SYSTEM, EXEC_NO_MEMORY);
    self->host = host;
    self->call.host = host;
    self->call.settings = &self->settings;
    status = settings_read(host, &self->settings);
    if (status != ACMECORE_OK) {
        installer_close(self);
        return status;
    }
    *ret_self = self;
    return ACMECORE_OK;
}

static void installer_close(void *self)
{
    struct installer *installer = self;

    exec_process_reset(&installer->call.process);
    settings_drop(&installer->settings);
    free(installer);
}

static int stage(void *self, const struct acmecore_certificate *const *certificates,
                 size_t count, int *results)
{
    struct installer *installer = self;
    AUTO_BATCH batch = { 0 };
    int saved = ACMECORE_OK;
    int status = ACMECORE_OK;

    if (!batch_describe(&batch, certificates, count))
        return no_memory(installer);
    status = batch_save(installer->host, &batch);
    if (status != ACMECORE_OK)
        return status;
    status = phase_run(&installer->call, PHASE_STAGE, &batch, results);
    if (status == ACMECORE_OK)
        return ACMECORE_OK;
    if (!batch_leave_out(&batch, results))
        return no_memory(installer);
    saved = batch_save(installer->host, &batch);
    return saved == ACMECORE_OK ? status : saved;
}

static int commit(void *self)
{
    struct installer *installer = self;
    AUTO_BATCH batch = { 0 };
    AUTO_BATCH good = { 0 };
    int status = batch_load(installer->host, &batch);

    if (status != ACMECORE_OK || json_array_size(batch.certificates) == 0)
        return status;
    batch.is_told = true;
    status = batch_save(installer->host, &batch);
    if (status == ACMECORE_OK && !batch_pick(&batch, false, &good))
        return no_memory(installer);
    return status == ACMECORE_OK ? run(installer, PHASE_COMMIT, &good) : status;
}

static int rollback(void *self)
{
    struct installer *installer = self;
    AUTO_BATCH batch = { 0 };
    int status = batch_load(installer->host, &batch);

    if (status != ACMECORE_OK || json_array_size(batch.certificates) == 0)
        return status;
    status = run(installer, PHASE_ROLLBACK, &batch);
    if (status == ACMECORE_OK && installer->call.is_none && batch.is_told)
        status = turn_back(installer, &batch);
    if (status != ACMECORE_OK)
        return status;
    batch_drop(&batch);
    return batch_save(installer->host, &batch);
}

static int probe(void *self, const struct acmecore_certificate *const *certificates,
                 size_t count, int *results)
{
    struct installer *installer = self;
    AUTO_BATCH batch = { 0 };

    if (!batch_describe(&batch, certificates, count))
        return no_memory(installer);
    return phase_run(&installer->call, PHASE_PROBE, &batch, results);
}

static int finish(void *self)
{
    struct installer *installer = self;
    AUTO_BATCH batch = { 0 };
    int status = batch_load(installer->host, &batch);

    if (status != ACMECORE_OK || json_array_size(batch.certificates) == 0)
        return status;
    int left = settle(installer, &batch, true, PHASE_ROLLBACK);
    int good = settle(installer, &batch, false, PHASE_FINISH);
    return good != ACMECORE_OK ? good : left;
}

/* Those that are live are finished, the others undone alone, and neither waits for the
 * other: what could not be done stays in the batch. */
static int settle(struct installer *self, struct batch *batch, bool is_left_out,
                  enum phase phase)
{
    AUTO_BATCH meant = { 0 };
    int status = ACMECORE_OK;

    if (!batch_pick(batch, is_left_out, &meant))
        return no_memory(self);
    if (json_array_size(meant.certificates) == 0)
        return ACMECORE_OK;
    status = run(self, phase, &meant);
    if (status != ACMECORE_OK)
        return status;
    return batch_pick(batch, !is_left_out, batch) ? batch_save(self->host, batch)
                                                  : no_memory(self);
}

static int run(struct installer *self, enum phase phase, const struct batch *batch)
{
    int *results = calloc(json_array_size(batch->certificates) + 1, sizeof *results);
    int status = ACMECORE_OK;

    if (!results)
        return no_memory(self);
    status = phase_run(&self->call, phase, batch, results);
    free(results);
    return status;
}

/* A command that cannot undo installs what was there before: by now the paths lead to
 * that again. */
static int turn_back(struct installer *self, struct batch *batch)
{
    const struct acmecore_host *host = self->host;
    size_t count = 0;

    if (!batch_pick(batch, false, batch)) /* the command was not told of the others */
        return no_memory(self);
    count = json_array_size(batch->certificates);
    if (!batch_turn_back(batch))
        return no_memory(self);
    if (json_array_size(batch->certificates) < count) {
        host->log(host->ctx, ACMECORE_WARN,
                  "the command does not undo, and of %zu certificates no version was "
                  "deployed before: these stay as they are",
                  count - json_array_size(batch->certificates));
    }
    return run(self, PHASE_COMMIT, batch);
}

static int no_memory(const struct installer *self)
{
    return self->host->fail(self->host->ctx, ACMECORE_E_SYSTEM, EXEC_NO_MEMORY);
}
