/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/session_install.h"

#include "host/message_install.h"
#include "pluginhost/loader_describe.h"
#include "pluginhost/served.h"
#include "pluginhost/session_results.h"

#include <stdlib.h>
#include <string.h>

#define PROBE_TIMEOUT_MAX_S 3600
#define OPTION_STARTTLS     "probe-starttls"

/* What the core reads of every installer's section (engine/deploy/deploy_look). */
static const struct acmecore_option options[] = {
    { .name = "probe",
      .type = ACMECORE_OPTION_ADDRESS,
      .flags = ACMECORE_LIST,
      .help = "host:port where the certificate must be served after the reload; "
              "repeated: at each of them" },
    { .name = "probe-name",
      .type = ACMECORE_OPTION_TEXT,
      .flags = ACMECORE_LIST,
      .help = "ask for this name there; default: each name of the certificate" },
    { .name = OPTION_STARTTLS,
      .type = ACMECORE_OPTION_TEXT,
      .help = AC_SERVED_WORDS
      ": the protocol in which TLS is begun; default: TLS from the beginning" },
    { .name = "probe-timeout",
      .type = ACMECORE_OPTION_NUMBER,
      .minimum = 1,
      .maximum = PROBE_TIMEOUT_MAX_S,
      .fallback = "30",
      .help = "seconds until it must be served, else it is rolled back" },
};

void ac_install_answer_done(struct ac_install_answer *answer)
{
    ac_json_free(AC_TAKE(answer->results));
}

/* ---- what it is --------------------------------------------------------- */

enum ac_code ac_session_describe_installer(const struct ac_session *session,
                                           struct ac_json *plugin, struct ac_error *err)
{
    bool is_ours = !ac_loader_declares(&session->loaded, options[0].name);

    AC_TRY(ac_loader_add_options(plugin, options, AC_COUNT(options), err));
    return ac_json_set_bool(plugin, "has_probe", is_ours, err);
}

enum ac_code ac_session_check_installer(const struct ac_session *session,
                                        struct ac_error *err)
{
    const struct acmecore_host *host = &session->services.host;
    const char *word = host->option(host->ctx, OPTION_STARTTLS, 0);

    if (session->loaded.plugin.kind != ACMECORE_INSTALLER || !word
        || ac_loader_declares(&session->loaded, OPTION_STARTTLS)
        || ac_served_is_protocol(word))
        return AC_OK;
    return ac_fail(err, AC_E_USAGE,
                   "option " OPTION_STARTTLS
                   ": \"%s\": in no such protocol is TLS begun; there are %s",
                   word, AC_SERVED_WORDS);
}

/* ---- what it does ------------------------------------------------------- */

static acmecore_install *find_batch_operation(const struct ac_session *session,
                                              const char *op)
{
    if (!strcmp(op, "stage"))
        return session->loaded.installer.stage;
    return !strcmp(op, "probe") ? session->loaded.installer.probe : NULL;
}

typedef int plain_operation(void *self);

static plain_operation *find_plain_operation(const struct ac_session *session,
                                             const char *op)
{
    const struct acmecore_installer *installer = &session->loaded.installer;

    if (!strcmp(op, "commit"))
        return installer->commit;
    if (!strcmp(op, "rollback"))
        return installer->rollback;
    return !strcmp(op, "finish") ? installer->finish : NULL;
}

bool ac_session_installs(const struct ac_session *session, const char *op)
{
    if (!session->is_open || session->loaded.plugin.kind != ACMECORE_INSTALLER)
        return false;
    return find_batch_operation(session, op) || find_plain_operation(session, op);
}

/* What the plugin said of each certificate. */
struct said {
    const int *items;
    size_t count;
    size_t unexplained; /* not OK, and without a reason of their own */
    bool is_probe;
};

static enum ac_code describe(const struct ac_session *session, const struct said *said,
                             struct ac_json **ret_array, struct ac_error *err)
{
    AC_AUTO(ac_json) *array = NULL;
    size_t nth = 0;

    AC_TRY(ac_json_new(&array, err, "[]"));
    for (size_t i = 0; i < said->count; i++) {
        AC_AUTO(ac_json) *entry = NULL;
        const char *reason = "";
        if (said->items[i] != ACMECORE_OK) {
            reason =
                ac_services_reason_at(&session->services, i, &nth, said->unexplained);
        }
        AC_TRY(ac_result_describe(said->items[i], reason, said->is_probe, &entry, err));
        AC_TRY(ac_json_append(array, &entry, err));
    }
    *ret_array = AC_TAKE(array);
    return AC_OK;
}

static enum ac_code run_batch(struct ac_session *session, const char *op,
                              const struct ac_json *json, int64_t deadline_ms,
                              struct ac_json **ret_results, struct ac_error *err)
{
    AC_AUTO(ac_install_batch) batch = { 0 };
    int *items = NULL;

    AC_TRY(ac_install_batch_from_json(ac_json_get(json, "certificates"), &batch, err));
    AC_TRY(ac_memory_new(batch.count + 1, sizeof *items, &items, err));
    ac_services_begin(&session->services, deadline_ms);
    ac_services_expect(&session->services, 0, batch.count);
    int returned = find_batch_operation(session, op)(session->self, batch.pointers,
                                                     batch.count, items);
    ac_services_end(&session->services);
    ac_results_settle(items, batch.count, returned);
    const struct said said = { .items = items,
                               .count = batch.count,
                               .unexplained = ac_services_unexplained(
                                   &session->services, items, 0, batch.count),
                               .is_probe = !strcmp(op, "probe") };
    enum ac_code code = describe(session, &said, ret_results, err);
    free(items);
    return code;
}

static enum ac_code run_plain(struct ac_session *session, const char *op,
                              int64_t deadline_ms, struct ac_install_answer *answer,
                              struct ac_error *err)
{
    ac_services_begin(&session->services, deadline_ms);
    int status = find_plain_operation(session, op)(session->self);
    ac_services_end(&session->services);
    if (status != ACMECORE_OK && !ac_result_is_error(status)) {
        return ac_fail(err, AC_E_PLUGIN, "%s returned %d, which is no result", op,
                       status);
    }
    const char *reason = ac_services_reason(&session->services, 0, 1);
    answer->status = status;
    if (status != ACMECORE_OK) {
        (void)ac_text_clean(answer->detail, sizeof answer->detail, reason,
                            strlen(reason));
    }
    return AC_OK;
}

enum ac_code ac_session_install(struct ac_session *session, const char *op,
                                const struct ac_json *json, int64_t deadline_ms,
                                struct ac_install_answer *ret_answer,
                                struct ac_error *err)
{
    if (find_plain_operation(session, op))
        return run_plain(session, op, deadline_ms, ret_answer, err);
    return run_batch(session, op, json, deadline_ms, &ret_answer->results, err);
}
