/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/session.h"

#include "base/clock.h"
#include "pluginhost/loader_describe.h"
#include "pluginhost/profile.h"
#include "pluginhost/services_check.h"
#include "pluginhost/session_dns.h"
#include "pluginhost/session_hook.h"
#include "pluginhost/session_inspect.h"
#include "pluginhost/session_install.h"
#include "pluginhost/session_results.h"
#include "pluginhost/session_served.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Who has neither could do nothing with a socket that others connect to. */
#define TAKES_SOCKETS (ACMECORE_USES_NETWORK | ACMECORE_USES_COMMANDS)

/* A reply in the making: status and detail, and what the operation adds. */
struct answer {
    int64_t status;
    char detail[AC_MESSAGE_DETAIL_MAX];
    const char *name; /* of the member below; NULL: none */
    struct ac_json *member;
    const struct ac_words *changes; /* of a dry run; lent; or NULL */
};

static void answer_done(struct answer *answer)
{
    ac_json_free(answer->member);
}

static void refuse(struct answer *answer, int64_t status, const char *why)
{
    answer->status = status;
    (void)ac_text_clean(answer->detail, sizeof answer->detail, why, strlen(why));
}

/* ---- load, open, close -------------------------------------------------- */

/* Once, and for ever: by what the plugin's file says, before it is mapped. */
static enum ac_code confine(struct ac_session *session, const struct ac_json *load,
                            uint32_t uses, struct ac_error *err)
{
    AC_AUTO(ac_words) named = { 0 };
    AC_AUTO(ac_words) read = { 0 };
    const struct ac_profile profile = { .uses = uses,
                                        .plugin_path =
                                            ac_json_text_or(load, "path", NULL),
                                        .folder = ac_json_text_or(load, "folder", NULL),
                                        .closed = ac_json_text_or(load, "closed", NULL),
                                        .has_own_user =
                                            ac_json_bool_or(load, "own_user", false),
                                        .named = &named,
                                        .read = &read };

    if (!session->is_confined || session->has_entered)
        return AC_OK;
    if (ac_json_get(load, "named"))
        AC_TRY(ac_json_get_words(load, "named", &named, err));
    if (ac_json_get(load, "read"))
        AC_TRY(ac_json_get_words(load, "read", &read, err));
    session->has_entered = true;
    session->services.uses = uses;
    return ac_profile_enter(&profile, err);
}

/* The host's own look at name servers is made from the same process. */
static enum ac_code check_uses(const struct ac_session *session, uint32_t uses,
                               struct ac_error *err)
{
    uint32_t its = session->loaded.plugin.flags;

    if (its != uses) {
        return ac_fail(err, AC_E_PLUGIN,
                       "what it says it uses is not what its file says");
    }
    if (!ac_dns_is_for(&session->loaded)
        || (its & (ACMECORE_USES_NETWORK | ACMECORE_USES_COMMANDS)))
        return AC_OK;
    return ac_fail(err, AC_E_PLUGIN,
                   "it answers challenges in the DNS and does not say that it uses the "
                   "network (ACMECORE_USES_NETWORK), so that no name server could be "
                   "asked; tell its author");
}

static void close_sockets(struct ac_session *session)
{
    for (int i = 0; i < session->socket_count; i++)
        (void)close(session->first_socket + i);
    session->socket_count = 0;
    (void)unsetenv("LISTEN_FDS");
    (void)unsetenv("LISTEN_PID");
}

static enum ac_code load(struct ac_session *session, const struct ac_json *json,
                         struct answer *answer, struct ac_error *err)
{
    const char *path = NULL;
    const char *name = NULL;
    bool is_described = ac_json_bool_or(json, "describe", false);
    uint32_t uses = 0;

    if (session->is_loaded)
        return ac_fail(err, AC_E_PROTOCOL, "a plugin is loaded already");
    AC_TRY(ac_json_get_text(json, "path", &path, err));
    AC_TRY(ac_json_get_text(json, "name", &name, err));
    AC_TRY(ac_services_init(&session->services, session->channel,
                            ac_json_text_or(json, "folder", NULL), err));
    if (ac_json_bool_or(json, "dry_run", false))
        ac_services_dry(&session->services);
    ac_services_limit(&session->services, ac_json_text_or(json, "services", ""));
    AC_TRY(ac_loader_uses(path, &uses, err));
    if (session->is_confined && (is_described || !(uses & TAKES_SOCKETS)))
        close_sockets(session);
    /* Who only asks what it is, has not chosen it. */
    AC_TRY(confine(session, json, is_described ? 0 : uses, err));
    AC_TRY(ac_loader_load(path, name, &session->loaded, err));
    AC_TRY(check_uses(session, uses, err));
    session->is_loaded = true;
    if (!session->loaded.has_watch)
        close_sockets(session);
    answer->name = "plugin";
    AC_TRY(ac_loader_describe(&session->loaded, path, &answer->member, err));
    if (ac_dns_is_for(&session->loaded))
        AC_TRY(ac_dns_describe(answer->member, err));
    if (session->loaded.plugin.kind == ACMECORE_INSTALLER)
        AC_TRY(ac_session_describe_installer(session, answer->member, err));
    return AC_OK;
}

/* Before the plugin's own: what is wrong with an option is said once. */
static enum ac_code open_dns(struct ac_session *session, struct ac_error *err)
{
    if (!ac_dns_is_for(&session->loaded) || session->dns)
        return AC_OK;
    return ac_dns_new(&session->services.host, &session->loaded, AC_DNS_PORT,
                      &session->dns, err);
}

static enum ac_code open_instance(struct ac_session *session,
                                  struct ac_message *message, int64_t deadline_ms,
                                  struct answer *answer, struct ac_error *err)
{
    if (!session->is_loaded || session->is_open)
        return ac_fail(err, AC_E_PROTOCOL, "open comes once, after load");
    AC_TRY(ac_services_configure(&session->services, message, err));
    AC_TRY(open_dns(session, err));
    AC_TRY(ac_session_check_installer(session, err));
    ac_services_begin(&session->services, deadline_ms);
    int status = session->loaded.plugin.open(&session->services.host, &session->self);
    ac_services_end(&session->services);
    if (status == ACMECORE_OK) {
        session->is_open = true;
        return AC_OK;
    }
    if (!ac_result_is_error(status)) {
        return ac_fail(err, AC_E_PLUGIN, "open returned %d, which is no result",
                       status);
    }
    refuse(answer, status, ac_services_reason(&session->services, 0, 1));
    return AC_OK;
}

static void close_instance(struct ac_session *session)
{
    if (!session->is_open)
        return;
    session->is_open = false;
    ac_services_begin(&session->services, AC_CLOCK_NEVER);
    session->loaded.plugin.close(session->self);
    ac_services_end(&session->services);
}

/* ---- operations on a batch ---------------------------------------------- */

struct results {
    int *items; /* owned */
    size_t count;
    size_t unexplained;              /* not OK, and without a reason of their own */
    struct ac_dns_verdict *verdicts; /* of a probe; or NULL; owned */
};

static void results_done(struct results *results)
{
    ac_dns_verdicts_free(results->verdicts, results->count);
    free(results->items);
}

static acmecore_batch *find_operation(const struct ac_session *session, const char *op)
{
    const struct acmecore_solver *solver = &session->loaded.solver;

    if (!session->is_open || session->loaded.plugin.kind != ACMECORE_SOLVER)
        return NULL;
    if (!strcmp(op, "present"))
        return solver->present;
    if (!strcmp(op, "cleanup"))
        return solver->cleanup;
    return !strcmp(op, "probe") ? solver->probe : NULL;
}

/* The core cuts batches to the plugin's size, but for the probe of a dns solver: we
 * look at all names at once, so the plugin's part is cut here. */
static void call_plugin(struct ac_session *session, acmecore_batch *operation,
                        const struct ac_batch *batch, struct results *results)
{
    size_t step = session->loaded.solver.max_batch;
    size_t size = 0;

    /* An empty batch is one call too. */
    for (size_t at = 0; at == 0 || at < batch->count; at += size) {
        size = batch->count - at;
        if (step > 0 && size > step)
            size = step;
        ac_services_expect(&session->services, at, size);
        int returned =
            operation(session->self, batch->pointers + at, size, results->items + at);
        ac_results_settle(results->items + at, size, returned);
        results->unexplained +=
            ac_services_unexplained(&session->services, results->items, at, size);
        if (size == 0)
            return;
    }
}

static enum ac_code describe_results(const struct ac_session *session,
                                     const struct results *results, bool is_probe,
                                     struct ac_json **ret_array, struct ac_error *err)
{
    AC_AUTO(ac_json) *array = NULL;
    char buffer[AC_MESSAGE_DETAIL_MAX];
    size_t nth = 0;

    AC_TRY(ac_json_new(&array, err, "[]"));
    for (size_t i = 0; i < results->count; i++) {
        AC_AUTO(ac_json) *entry = NULL;
        int status = results->items[i];
        const char *reason = "";
        if (results->verdicts && results->verdicts[i].is_ours) {
            reason = ac_dns_reason(session->dns, &results->verdicts[i], buffer);
        } else if (status != ACMECORE_OK) {
            reason = ac_services_reason_at(&session->services, i, &nth,
                                           results->unexplained);
        }
        AC_TRY(ac_result_describe(status, reason, is_probe, &entry, err));
        AC_TRY(ac_json_append(array, &entry, err));
    }
    *ret_array = AC_TAKE(array);
    return AC_OK;
}

static enum ac_code operate(struct ac_session *session, const char *op,
                            const struct ac_json *json, int64_t deadline_ms,
                            struct answer *answer, struct ac_error *err)
{
    AC_AUTO(ac_batch) batch = { 0 };
    __attribute__((cleanup(results_done))) struct results results = { 0 };
    acmecore_batch *operation = find_operation(session, op);

    if (!operation)
        return ac_fail(err, AC_E_PROTOCOL, "no operation \"%s\" now", op);
    AC_TRY(ac_batch_from_json(ac_json_get(json, "challenges"), &batch, err));
    AC_TRY(ac_memory_new(batch.count, sizeof *results.items, &results.items, err));
    results.count = batch.count;
    ac_services_begin(&session->services, deadline_ms);
    call_plugin(session, operation, &batch, &results);
    ac_services_end(&session->services);
    if (session->dns && operation == session->loaded.solver.probe) {
        AC_TRY(ac_session_look(session, &batch, results.items, deadline_ms,
                               &results.verdicts, err));
    }
    answer->name = "results";
    return describe_results(session, &results, !strcmp(op, "probe"), &answer->member,
                            err);
}

static enum ac_code install(struct ac_session *session, const char *op,
                            const struct ac_json *json, int64_t deadline_ms,
                            struct answer *answer, struct ac_error *err)
{
    AC_AUTO(ac_install_answer) found = { 0 };

    AC_TRY(ac_session_install(session, op, json, deadline_ms, &found, err));
    answer->changes = &session->services.changes;
    if (found.status != ACMECORE_OK)
        refuse(answer, found.status, found.detail);
    answer->name = "results";
    answer->member = AC_TAKE(found.results);
    return AC_OK;
}

/* ---- messages ----------------------------------------------------------- */

static enum ac_code dispatch(struct ac_session *session, struct ac_message *message,
                             int64_t deadline_ms, struct answer *answer,
                             struct ac_error *err)
{
    const char *op = NULL;

    AC_TRY(ac_json_get_text(message->json, "op", &op, err));
    if (!strcmp(op, "load"))
        return load(session, message->json, answer, err);
    /* Without a plugin it asks name servers and looks at what is served. */
    AC_TRY(confine(session, message->json, ACMECORE_USES_NETWORK, err));
    if (!strcmp(op, "open"))
        return open_instance(session, message, deadline_ms, answer, err);
    if (!strcmp(op, "locate")) {
        answer->name = "results";
        return ac_session_locate(session, message->json, deadline_ms, &answer->member,
                                 err);
    }
    if (!strcmp(op, "caa")) {
        answer->name = "findings";
        return ac_session_caa(message->json, deadline_ms, &answer->member, err);
    }
    if (!strcmp(op, "served")) {
        answer->name = "results";
        return ac_session_served(message->json, deadline_ms, &answer->member, err);
    }
    if (!strcmp(op, "hook")) {
        answer->name = "result";
        return ac_session_hook(session, message->json, deadline_ms, &answer->member,
                               err);
    }
    if (!strcmp(op, "inspect")) {
        answer->name = "state";
        return ac_session_inspect(&session->services, &answer->member, err);
    }
    if (ac_session_installs(session, op))
        return install(session, op, message->json, deadline_ms, answer, err);
    if (strcmp(op, "close") != 0)
        return operate(session, op, message->json, deadline_ms, answer, err);
    close_instance(session);
    session->is_closed = true;
    return AC_OK;
}

static enum ac_code reply(struct ac_session *session, int64_t id, int64_t elapsed_ms,
                          struct answer *answer, struct ac_error *err)
{
    AC_AUTO(ac_message) message = { 0 };

    AC_TRY(ac_json_new(&message.json, err, "{s:I, s:I, s:s, s:I}", "reply", id,
                       "status", answer->status, "detail", answer->detail, "elapsed_ms",
                       elapsed_ms));
    if (answer->name && answer->member)
        AC_TRY(ac_json_set(message.json, answer->name, &answer->member, err));
    if (answer->changes && answer->changes->count > 0)
        AC_TRY(ac_json_set_words(message.json, "changes", answer->changes, err));
    return ac_channel_put(session->channel, &message, err);
}

enum ac_code ac_session_handle(struct ac_session *session, struct ac_message *message,
                               struct ac_error *err)
{
    __attribute__((cleanup(answer_done))) struct answer answer = { 0 };
    struct ac_error why = { 0 };
    int64_t id = 0;
    int64_t began_ms = ac_clock_now_ms();

    /* A stop that came after the end of the call it was for. */
    if (ac_json_get(message->json, "event"))
        return AC_OK;
    AC_TRY(ac_json_get_number(message->json, "id", &id, err));
    int64_t left_ms = ac_json_number_or(message->json, "remaining_ms", -1);
    int64_t deadline_ms = left_ms < 0 ? AC_CLOCK_NEVER : ac_clock_after_ms(left_ms);
    if (ac_json_bool_or(message->json, "spent", false))
        deadline_ms = began_ms;
    enum ac_code code = dispatch(session, message, deadline_ms, &answer, &why);
    if (code != AC_OK) {
        refuse(&answer, code == AC_E_USAGE ? ACMECORE_E_CONFIG : ACMECORE_E_INVALID,
               why.detail);
    }
    return reply(session, id, ac_clock_now_ms() - began_ms, &answer, err);
}

void ac_session_done(struct ac_session *session)
{
    close_instance(session);
    ac_dns_free(AC_TAKE(session->dns));
    ac_services_done(&session->services);
}
