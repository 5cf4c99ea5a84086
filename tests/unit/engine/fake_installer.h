/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An installer in place of host/installer: the functions of host/installer.h without a
 * process. Included by one source of a test program.
 *
 * What was called is written to fake_installer.log, "stage www mail\ncommit\n".
 */
#ifndef AC_TESTS_UNIT_ENGINE_FAKE_INSTALLER_H
#define AC_TESTS_UNIT_ENGINE_FAKE_INSTALLER_H

#include "base/clock.h"
#include "host/installer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAKE_BATCH 16

/* What the test wants, and what has happened. */
static struct {
    char log[8192];
    char started[512]; /* "fake port=443\n" for each that was started */
    bool refuses_start, refuses_open;
    bool never_opens;
    const char *missing; /* a plugin that is not installed */
    const char
        *deaf; /* a value of a setting it can neither roll back nor finish with */
    int fails_finish;                    /* so many of them fail */
    bool dies_of_finish;                 /* … and the process with them */
    int64_t deadline_ms;                 /* of what was begun last */
    bool fails[AC_INSTALLER_FINISH + 1]; /* the whole operation */
    const char *bad_at_stage;            /* a certificate that is refused */
    const char *bad_at_probe;
    const char *bad_at_commit;             /* one that lets the whole commit fail */
    int pending;                           /* so many probes say PENDING */
    int signal_at;                         /* op + 1 amid which SIGTERM comes */
    int hangs_at;                          /* op + 1 that never ends */
    void (*amid)(enum ac_installer_op op); /* called as it begins; or NULL */
} fake_installer;

struct ac_installer {
    bool is_deaf, is_dead;
    enum ac_installer_op op;
    struct ac_error error;
    int results[FAKE_BATCH];
    bool staged_bad;
};

static void fake_installer_reset(void)
{
    memset(&fake_installer, 0, sizeof fake_installer);
}

static void fake_note_start(const struct ac_plugin_settings *settings)
{
    size_t used = strlen(fake_installer.started);
    char *end = fake_installer.started + used;
    size_t room = sizeof fake_installer.started - used;
    int size = snprintf(end, room, "%s", settings->plugin);

    for (size_t i = 0; i < settings->section->count && (size_t)size < room; i++) {
        const struct ac_setting *setting = &settings->section->items[i];

        size += snprintf(end + size, room - (size_t)size, " %s=%s", setting->name,
                         setting->value);
    }
    if ((size_t)size + 1 < room)
        (void)snprintf(end + size, room - (size_t)size, "\n");
}

static void fake_note(const char *word, const char *end)
{
    strncat(fake_installer.log, word,
            sizeof fake_installer.log - strlen(fake_installer.log) - 1);
    strncat(fake_installer.log, end,
            sizeof fake_installer.log - strlen(fake_installer.log) - 1);
}

static bool fake_is_deaf(const struct ac_section *section)
{
    bool is_deaf = false;

    for (size_t i = 0; fake_installer.deaf && i < section->count; i++)
        is_deaf |= strcmp(section->items[i].value, fake_installer.deaf) == 0;
    return is_deaf;
}

static bool fake_fails(const struct ac_installer *installer)
{
    switch (installer->op) {
    case AC_INSTALLER_COMMIT:
        return installer->staged_bad;
    case AC_INSTALLER_ROLLBACK:
        return installer->is_deaf;
    case AC_INSTALLER_FINISH:
        return installer->is_deaf
               || (fake_installer.fails_finish > 0
                   && fake_installer.fails_finish-- > 0);
    default:
        return false;
    }
}

/* As core/host: for these a process that died is started once more. */
static bool fake_can_restart(enum ac_installer_op op)
{
    return op == AC_INSTALLER_ROLLBACK || op == AC_INSTALLER_FINISH;
}

enum ac_code ac_installer_start(const struct ac_plugin_settings *settings,
                                struct ac_installer **ret_installer,
                                struct ac_error *err)
{
    if (fake_installer.refuses_start
        || (fake_installer.missing
            && strcmp(settings->plugin, fake_installer.missing) == 0)) {
        return ac_fail(err, AC_E_NOTFOUND, "there is no plugin %s", settings->plugin);
    }
    fake_note_start(settings);
    AC_TRY(ac_memory_new(1, sizeof **ret_installer, ret_installer, err));
    (*ret_installer)->is_deaf = fake_is_deaf(settings->section);
    return AC_OK;
}

void ac_installer_free(struct ac_installer *installer)
{
    free(installer);
}

const char *ac_installer_title(const struct ac_installer *installer)
{
    (void)installer;
    return "fake";
}

size_t ac_installer_fds(const struct ac_installer *installer, struct pollfd *fds)
{
    (void)installer, (void)fds;
    return 0;
}

int64_t ac_installer_wake_at_ms(const struct ac_installer *installer)
{
    (void)installer;
    return AC_CLOCK_NEVER;
}

void ac_installer_step(struct ac_installer *installer)
{
    (void)installer;
}

bool ac_installer_is_open(const struct ac_installer *installer)
{
    (void)installer;
    return !fake_installer.never_opens;
}

const struct ac_descriptor *ac_installer_descriptor(
    const struct ac_installer *installer)
{
    static const struct ac_descriptor descriptor = { .has_probe = true };

    (void)installer;
    return &descriptor;
}

enum ac_code ac_installer_state(const struct ac_installer *installer,
                                struct ac_error *err)
{
    if (fake_installer.refuses_open)
        return ac_fail(err, AC_E_USAGE, "plugin fake could not be opened");
    if (installer->is_dead)
        return ac_fail(err, AC_E_PLUGIN, "plugin fake died");
    return AC_OK;
}

const char *ac_installer_op_name(enum ac_installer_op op)
{
    static const char *const names[] = { "stage", "commit", "rollback", "probe",
                                         "finish" };

    return names[op];
}

static bool fake_is(const char *name, const char *bad)
{
    return bad && strcmp(name, bad) == 0;
}

static void fake_take(struct ac_installer *installer,
                      const struct ac_install_batch *batch)
{
    for (size_t i = 0; batch && i < batch->count && i < FAKE_BATCH; i++) {
        const char *name = batch->items[i].name;
        bool is_stage = installer->op == AC_INSTALLER_STAGE;

        fake_note(" ", name);
        installer->results[i] = ACMECORE_OK;
        if (fake_is(name, is_stage ? fake_installer.bad_at_stage
                                   : fake_installer.bad_at_probe))
            installer->results[i] = ACMECORE_E_REFUSED;
        else if (!is_stage && fake_installer.pending > 0)
            installer->results[i] = ACMECORE_PENDING;
        installer->staged_bad |=
            is_stage && fake_is(name, fake_installer.bad_at_commit);
    }
    fake_note("\n", "");
}

enum ac_code ac_installer_begin(struct ac_installer *installer, enum ac_installer_op op,
                                const struct ac_install_batch *batch,
                                int64_t deadline_ms, struct ac_error *err)
{
    if (installer->is_dead && !fake_can_restart(op))
        return ac_fail(err, AC_E_PLUGIN, "plugin fake died");
    fake_installer.deadline_ms = deadline_ms;
    installer->is_dead = false;
    installer->op = op;
    installer->error = (struct ac_error){ 0 };
    if (op == AC_INSTALLER_STAGE)
        installer->staged_bad = false;
    fake_note(ac_installer_op_name(op), "");
    fake_take(installer, batch);
    if (op == AC_INSTALLER_PROBE && fake_installer.pending > 0)
        fake_installer.pending--;
    if (fake_fails(installer) || fake_installer.fails[op]) {
        (void)ac_fail(&installer->error, AC_E_PLUGIN, "plugin fake could not %s",
                      ac_installer_op_name(op));
        installer->is_dead = op == AC_INSTALLER_FINISH && fake_installer.dies_of_finish;
    }
    if (fake_installer.amid)
        fake_installer.amid(op);
    if (fake_installer.signal_at == (int)op + 1)
        ac_clock_cancel(15);
    return AC_OK;
}

/* Amid an operation for which a signal comes it is not. */
bool ac_installer_is_done(const struct ac_installer *installer)
{
    return fake_installer.signal_at != (int)installer->op + 1
           && fake_installer.hangs_at != (int)installer->op + 1;
}

enum ac_code ac_installer_result(const struct ac_installer *installer,
                                 struct ac_error *err)
{
    if (installer->error.code != AC_OK)
        *err = installer->error;
    return installer->error.code;
}

int ac_installer_status(const struct ac_installer *installer, size_t index)
{
    return installer->results[index];
}

const char *ac_installer_detail(const struct ac_installer *installer, size_t index)
{
    (void)installer, (void)index;
    return "not this one";
}

const struct ac_words *ac_installer_changes(const struct ac_installer *installer)
{
    static const struct ac_words none;

    (void)installer;
    return &none;
}

void ac_installer_stop(struct ac_installer *installer, const struct ac_error *why)
{
    (void)installer, (void)why;
    fake_note("stop", "\n");
}

#endif
