/* SPDX-License-Identifier: Apache-2.0 */
#include "reload.h"

#include "control.h"
#include "server.h"
#include "undo.h"

#define REFUSED_NOW                                                                    \
    "Apache does not accept its configuration; it was not told to reload"
#define REFUSED_BACK                                                                   \
    "all is as it was before the certificate came, but Apache does not accept that"

static int find_server(const struct acmecore_host *host,
                       const struct apache_control *control, const char *words,
                       struct apache_server *ret_server)
{
    APACHE_AUTO_DUMP dump = { 0 };
    int status = apache_control_dump(control, NULL, words, &dump);

    if (status != ACMECORE_OK)
        return status;
    if (!dump.pid_file) {
        return host->fail(host->ctx, ACMECORE_E_UNSUPPORTED,
                          "Apache does not tell its PidFile: version 2.4 is needed");
    }
    return apache_server_find(host, dump.pid_file, ret_server);
}

int apache_commit(const struct acmecore_host *host)
{
    APACHE_AUTO_CHANGES changes = { 0 };
    struct apache_control control;
    struct apache_server server = { 0 };
    int status = apache_undo_load(host, &changes);

    if (status == ACMECORE_E_NOTFOUND)
        return ACMECORE_OK; /* nothing was staged, or --dry-run */
    if (status == ACMECORE_OK && apache_undo_is_refused(host)) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "Apache does not accept what is changed for these "
                          "certificates together; all is as it was before");
    }
    if (status == ACMECORE_OK)
        status = apache_control_find(host, &control);
    if (status == ACMECORE_OK)
        status = apache_control_test(&control, REFUSED_NOW);
    if (status == ACMECORE_OK)
        status = find_server(host, &control, REFUSED_NOW, &server);
    if (status == ACMECORE_OK)
        status = apache_server_remember(host, &server);
    return status == ACMECORE_OK ? apache_control_graceful(&control) : status;
}

/* systemd may say that it has started a service before that has its PidFile: another
 * server beside it would take its ports. */
static int see_to_service(const struct acmecore_host *host,
                          const struct apache_control *control, const char *unit)
{
    struct apache_server running = { 0 };

    if (find_server(host, control, REFUSED_BACK, &running) == ACMECORE_OK)
        return ACMECORE_OK;
    if (apache_control_look(control, unit) == APACHE_INACTIVE)
        return apache_control_start(control, "");
    host->log(host->ctx, ACMECORE_WARN,
              "%s is active by now, and Apache has no PidFile yet: see that it runs",
              unit);
    return ACMECORE_OK;
}

/* A service that is active although Apache has ended is not Apache's alone: that of a
 * supervisor, of an old init script, or of whoever started it by hand. To start it
 * would start nothing. */
static int start_again(const struct acmecore_host *host,
                       const struct apache_control *control, const char *unit)
{
    int status = ACMECORE_OK;

    if (unit[0] == '\0' || apache_control_look(control, unit) == APACHE_ACTIVE)
        return apache_control_start(control, "");
    status = apache_control_start(control, unit);
    return status == ACMECORE_OK ? see_to_service(host, control, unit) : status;
}

/* It was told of the new configuration: now of the old one, also when that ended it. */
static int tell_back(const struct acmecore_host *host, const struct apache_server *told)
{
    struct apache_control control;
    struct apache_server running = { 0 };
    int status = apache_control_find(host, &control);

    if (status == ACMECORE_OK)
        status = apache_control_test(&control, REFUSED_BACK);
    if (status != ACMECORE_OK)
        return status;
    if (apache_server_is_alive(told)
        || find_server(host, &control, REFUSED_BACK, &running) == ACMECORE_OK)
        return apache_control_graceful(&control);
    if (apache_server_is_of_other_boot(told)) {
        host->log(host->ctx, ACMECORE_WARN,
                  "Apache does not run, and the machine was started anew since it was "
                  "told to reload: it is not started; its configuration is what it was "
                  "before");
        return ACMECORE_OK;
    }
    host->log(host->ctx, ACMECORE_WARN,
              "Apache ended when it was told to reload; it is started with the "
              "configuration that it had before");
    return start_again(host, &control, told->unit);
}

/* What a finish() that failed left is finished. */
int apache_rollback(const struct acmecore_host *host)
{
    APACHE_AUTO_CHANGES changes = { 0 };
    struct apache_server told = { 0 };
    int status = ACMECORE_OK;

    if (apache_undo_is_proven(host))
        return apache_finish(host);
    status = apache_undo_load(host, &changes);
    if (status == ACMECORE_E_NOTFOUND)
        return apache_server_forget(host);
    if (status == ACMECORE_OK)
        status = apache_changes_revert(host, &changes);
    if (status != ACMECORE_OK)
        return status;
    status = apache_server_recall(host, &told);
    if (status == ACMECORE_OK)
        status = tell_back(host, &told);
    if (status != ACMECORE_OK && status != ACMECORE_E_NOTFOUND)
        return status;
    status = apache_server_forget(host);
    return status == ACMECORE_OK ? apache_undo_forget(host) : status;
}

int apache_probe(const struct acmecore_host *host, size_t count, int *results)
{
    struct apache_server server = { 0 };
    int status = apache_server_recall(host, &server);

    if (status == ACMECORE_E_NOTFOUND)
        return ACMECORE_OK;
    if (status == ACMECORE_OK && !apache_server_is_alive(&server)) {
        status =
            host->fail(host->ctx, ACMECORE_E_REFUSED,
                       "Apache ended when it was told to reload (process %ld): its "
                       "error log says why",
                       (long)server.pid);
    } else if (status == ACMECORE_OK && !apache_server_has_reloaded(&server)) {
        status = ACMECORE_PENDING;
    }
    for (size_t i = 0; i < count; i++)
        results[i] = status;
    return status;
}

int apache_finish(const struct acmecore_host *host)
{
    int status = apache_undo_prove(host);

    if (status == ACMECORE_OK)
        status = apache_undo_forget(host);
    if (status == ACMECORE_OK)
        status = apache_server_forget(host);
    return status == ACMECORE_OK ? apache_undo_unprove(host) : status;
}
