/* SPDX-License-Identifier: Apache-2.0 */
#include "host/installer.h"

#include "base/clock.h"
#include "base/log.h"
#include "host/operation.h"

#include <stdlib.h>
#include <string.h>

#define DETAIL_CLEAN_SIZE 640
#define CHANGES_MAX       2100 /* lines of one operation */
#define CHANGE_MAX        4096 /* bytes of one line */

static const struct operation {
    const char *name;
    bool has_batch;
    bool can_restart; /* it may follow a death */
} operations[] = {
    [AC_INSTALLER_STAGE] = { "stage", true, false },
    [AC_INSTALLER_COMMIT] = { "commit", false, false },
    [AC_INSTALLER_ROLLBACK] = { "rollback", false, true },
    [AC_INSTALLER_PROBE] = { "probe", true, false },
    [AC_INSTALLER_FINISH] = { "finish", false, true },
};

struct ac_installer {
    struct ac_plugin plugin;
    enum ac_installer_op op;
    bool is_busy;              /* an operation is under way */
    struct ac_message message; /* of the operation, until it is sent */
    int64_t deadline_ms;
    struct ac_call *call; /* the operation once it is sent */
    struct ac_error error;
    size_t count; /* certificates of the operation */
    int *results;
    char **details;
    struct ac_words changes; /* of a dry run */
};

const char *ac_installer_op_name(enum ac_installer_op op)
{
    return operations[op].name;
}

/* ---- results ------------------------------------------------------------ */

static void forget_results(struct ac_installer *installer)
{
    ac_words_done(&installer->changes);
    for (size_t i = 0; i < installer->count; i++)
        free(installer->details[i]);
    free(AC_TAKE(installer->results));
    free((void *)AC_TAKE(installer->details));
    installer->count = 0;
}

static enum ac_code make_results(struct ac_installer *installer, size_t count,
                                 struct ac_error *err)
{
    forget_results(installer);
    AC_TRY(
        ac_memory_new(count + 1, sizeof *installer->results, &installer->results, err));
    AC_TRY(ac_memory_new(count + 1, sizeof(char *), (void *)&installer->details, err));
    installer->count = count;
    for (size_t i = 0; i < count; i++)
        installer->results[i] = ACMECORE_E_SYSTEM;
    return AC_OK;
}

static enum ac_code fail_nonsense(const struct ac_installer *installer,
                                  struct ac_error *err)
{
    return ac_fail(err, AC_E_PLUGIN, "plugin %s answered %s with nonsense",
                   installer->plugin.title, operations[installer->op].name);
}

static enum ac_code take_result(struct ac_installer *installer, size_t index,
                                const struct ac_json *json, struct ac_error *err)
{
    int64_t status = ac_json_number_or(json, "status", INT64_MIN);
    const char *detail = ac_json_text_or(json, "detail", "");
    bool is_pending = status == ACMECORE_PENDING && installer->op == AC_INSTALLER_PROBE;
    char clean[DETAIL_CLEAN_SIZE];

    if (!is_pending && (status > ACMECORE_OK || status < ACMECORE_E_UNSUPPORTED))
        return fail_nonsense(installer, err);
    if (!detail[0] && status < 0)
        detail = ac_operation_status_text(status);
    (void)ac_text_clean(clean, sizeof clean, detail,
                        strnlen(detail, AC_MESSAGE_DETAIL_MAX));
    installer->results[index] = (int)status;
    return ac_memory_copy_text(clean, &installer->details[index], err);
}

static enum ac_code take_results(struct ac_installer *installer,
                                 const struct ac_json *reply, struct ac_error *err)
{
    const struct ac_json *results = ac_json_get(reply, "results");

    if (!operations[installer->op].has_batch)
        return AC_OK;
    if (!ac_json_is_array(results) || ac_json_count(results) != installer->count)
        return fail_nonsense(installer, err);
    for (size_t i = 0; i < installer->count; i++)
        AC_TRY(take_result(installer, i, ac_json_at(results, i), err));
    return AC_OK;
}

static enum ac_code take_changes(struct ac_installer *installer,
                                 const struct ac_json *reply, struct ac_error *err)
{
    const struct ac_json *changes = ac_json_get(reply, "changes");
    size_t count = ac_json_is_array(changes) ? ac_json_count(changes) : 0;

    for (size_t i = 0; i < count && i < CHANGES_MAX; i++) {
        const char *line = ac_json_as_text(ac_json_at(changes, i));
        char clean[CHANGE_MAX];

        if (!line)
            return fail_nonsense(installer, err);
        (void)ac_text_clean(clean, sizeof clean, line, strnlen(line, CHANGE_MAX));
        AC_TRY(ac_words_add(&installer->changes, clean, err));
    }
    return AC_OK;
}

static enum ac_code take_reply(struct ac_installer *installer, struct ac_error *err)
{
    AC_AUTO(ac_call) *call = AC_TAKE(installer->call);
    const struct ac_json *reply = NULL;
    char clean[DETAIL_CLEAN_SIZE];

    AC_TRY(ac_call_result(call, &reply, err));
    AC_TRY(take_changes(installer, reply, err));
    int64_t status = ac_json_number_or(reply, "status", ACMECORE_E_INVALID);
    if (status == ACMECORE_OK)
        return take_results(installer, reply, err);
    const char *detail = ac_json_text_or(reply, "detail", "");
    if (!detail[0])
        detail = ac_operation_status_text(status);
    (void)ac_text_clean(clean, sizeof clean, detail,
                        strnlen(detail, AC_MESSAGE_DETAIL_MAX));
    return ac_fail(err, status == ACMECORE_E_CONFIG ? AC_E_USAGE : AC_E_PLUGIN,
                   "plugin %s could not %s: %s", installer->plugin.title,
                   operations[installer->op].name, clean);
}

/* ---- steps -------------------------------------------------------------- */

static void end(struct ac_installer *installer, const struct ac_error *why)
{
    if (!installer->is_busy)
        return;
    installer->is_busy = false;
    ac_message_done(&installer->message);
    ac_call_free(AC_TAKE(installer->call));
    installer->error = *why;
}

void ac_installer_stop(struct ac_installer *installer, const struct ac_error *why)
{
    end(installer, why);
    ac_plugin_fail(&installer->plugin, why);
}

static enum ac_code advance_open(struct ac_installer *installer, struct ac_error *err)
{
    struct ac_error why = { 0 };

    if (installer->call && ac_call_is_done(installer->call)) {
        (void)take_reply(installer, &why); /* its code is kept there */
        end(installer, &why);
    }
    AC_TRY(ac_plugin_check_alive(&installer->plugin, err));
    if (!installer->is_busy || installer->call)
        return AC_OK;
    return ac_process_call(installer->plugin.process, operations[installer->op].name,
                           &installer->message, installer->deadline_ms,
                           &installer->call, err);
}

static bool has_answer(const struct ac_installer *installer)
{
    if (installer->plugin.state != AC_PLUGIN_OPEN)
        return ac_plugin_has_answer(&installer->plugin);
    return installer->is_busy && (!installer->call || ac_call_is_done(installer->call));
}

static void step_once(struct ac_installer *installer)
{
    struct ac_plugin *plugin = &installer->plugin;
    struct ac_error err = { 0 };

    if (!plugin->process)
        return;
    ac_process_step(plugin->process);
    enum ac_code code = plugin->state == AC_PLUGIN_OPEN
                            ? advance_open(installer, &err)
                            : ac_plugin_advance(plugin, &err);
    if (code != AC_OK) {
        ac_installer_stop(installer, &err);
        return;
    }
    ac_process_send(plugin->process); /* what was just begun */
}

void ac_installer_step(struct ac_installer *installer)
{
    enum ac_plugin_state before;

    do {
        before = installer->plugin.state;
        step_once(installer);
    } while (installer->plugin.state != before || has_answer(installer));
}

/* ---- for the engine ----------------------------------------------------- */

enum ac_code ac_installer_start(const struct ac_plugin_settings *settings,
                                struct ac_installer **ret_installer,
                                struct ac_error *err)
{
    AC_AUTO(ac_installer) *installer = NULL;

    AC_TRY(ac_memory_new(1, sizeof *installer, &installer, err));
    AC_TRY(ac_plugin_start(&installer->plugin, ACMECORE_INSTALLER, settings, err));
    *ret_installer = AC_TAKE(installer);
    return AC_OK;
}

void ac_installer_free(struct ac_installer *installer)
{
    if (!installer)
        return;
    ac_message_done(&installer->message);
    ac_call_free(installer->call);
    forget_results(installer);
    ac_plugin_done(&installer->plugin);
    free(installer);
}

const char *ac_installer_title(const struct ac_installer *installer)
{
    return installer->plugin.title;
}

size_t ac_installer_fds(const struct ac_installer *installer, struct pollfd *fds)
{
    return ac_plugin_fds(&installer->plugin, fds);
}

int64_t ac_installer_wake_at_ms(const struct ac_installer *installer)
{
    if (!installer->plugin.process)
        return AC_CLOCK_NEVER;
    return has_answer(installer) ? ac_clock_now_ms()
                                 : ac_process_wake_at_ms(installer->plugin.process);
}

bool ac_installer_is_open(const struct ac_installer *installer)
{
    return installer->plugin.state == AC_PLUGIN_OPEN
           || installer->plugin.state == AC_PLUGIN_FAILED;
}

enum ac_code ac_installer_state(const struct ac_installer *installer,
                                struct ac_error *err)
{
    if (installer->plugin.state != AC_PLUGIN_FAILED)
        return AC_OK;
    *err = installer->plugin.error;
    return err->code;
}

const struct ac_descriptor *ac_installer_descriptor(
    const struct ac_installer *installer)
{
    return installer->plugin.has_descriptor ? &installer->plugin.descriptor : NULL;
}

/* A process for it, where the one there was has died. */
static enum ac_code have_process(struct ac_installer *installer,
                                 enum ac_installer_op op, struct ac_error *err)
{
    struct ac_plugin *plugin = &installer->plugin;

    if (plugin->state != AC_PLUGIN_FAILED)
        return AC_OK;
    if (!plugin->was_open || !operations[op].can_restart) {
        *err = plugin->error;
        return err->code;
    }
    ac_log(AC_LOG_DEBUG, "plugin.restart", "plugin", plugin->title, "for",
           operations[op].name, NULL);
    return ac_plugin_restart(plugin, err);
}

static enum ac_code make_message(enum ac_installer_op op,
                                 const struct ac_install_batch *batch,
                                 struct ac_message *message, struct ac_error *err)
{
    AC_AUTO(ac_json) *certificates = NULL;

    AC_TRY(ac_json_new(&message->json, err, "{s:s}", "op", operations[op].name));
    if (!operations[op].has_batch)
        return AC_OK;
    AC_TRY(ac_install_batch_to_json(batch, &certificates, err));
    return ac_json_set(message->json, "certificates", &certificates, err);
}

enum ac_code ac_installer_begin(struct ac_installer *installer, enum ac_installer_op op,
                                const struct ac_install_batch *batch,
                                int64_t deadline_ms, struct ac_error *err)
{
    AC_AUTO(ac_message) message = { 0 };

    if (installer->is_busy)
        return ac_fail(err, AC_E_PLUGIN, "plugin %s is busy", installer->plugin.title);
    AC_TRY(make_message(op, batch, &message, err));
    AC_TRY(make_results(installer, operations[op].has_batch ? batch->count : 0, err));
    AC_TRY(have_process(installer, op, err));
    installer->op = op;
    installer->deadline_ms = deadline_ms;
    installer->error = (struct ac_error){ 0 };
    installer->message = message;
    message = (struct ac_message){ 0 };
    installer->is_busy = true;
    return AC_OK;
}

bool ac_installer_is_done(const struct ac_installer *installer)
{
    return !installer->is_busy;
}

enum ac_code ac_installer_result(const struct ac_installer *installer,
                                 struct ac_error *err)
{
    if (installer->is_busy) {
        return ac_fail(err, AC_E_PLUGIN, "%s has not ended yet",
                       operations[installer->op].name);
    }
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
    return installer->details[index] ? installer->details[index] : "";
}

const struct ac_words *ac_installer_changes(const struct ac_installer *installer)
{
    return &installer->changes;
}
