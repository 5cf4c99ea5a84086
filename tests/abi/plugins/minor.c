/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A solver, or with INSTALLER an installer, that says in its log what it sees of the
 * other side. Compiled with the header of today and with its derived next minor
 * (../derive.py), and loaded by the plugin host of each: ../minors.c.
 */
#include <acmecore/plugin.h>

#include <stdlib.h>

#ifndef NEEDS
#define NEEDS 0
#endif

struct minor {
    const struct acmecore_host *host;
};

#define SAY(host_, ...) (host_)->log((host_)->ctx, ACMECORE_INFO, __VA_ARGS__)

/* A struct that is longer than an older host knows is no fault of ours. */
static int ask(const struct acmecore_host *host)
{
    const struct acmecore_request request = {
        .struct_size = sizeof request,
        .timeout_ms = 500, /* so there is one try, and no wait for a second one */
        .method = "GET",
        .url = "http://127.0.0.1:1/",
    };

    return host->http(host->ctx, &request, NULL, NULL, NULL);
}

static int run(const struct acmecore_host *host)
{
    static const char *const argv[] = { "/bin/sh", "-c", "exit 7", NULL };
    const struct acmecore_command command = { .struct_size = sizeof command,
                                              .argv = argv };
    int exit_code = -1;
    int status = host->run(host->ctx, &command, &exit_code, NULL, NULL);

    return status == ACMECORE_OK ? exit_code : status;
}

static int open_minor(const struct acmecore_host *host, void **ret_self)
{
    struct minor *minor = calloc(1, sizeof *minor);

    if (!minor)
        return ACMECORE_E_SYSTEM;
    minor->host = host;
    SAY(host, "plugin 1.%d on host 1.%d", ACMECORE_ABI_MINOR, host->abi_minor);
    SAY(host, "options %s %s", host->option(host->ctx, "first", 0),
        host->option(host->ctx, "second", 0));
    SAY(host, "request %d command %d", ask(host), run(host));
#if ACMECORE_ABI_MINOR >= 1
    SAY(host, "run_id %s",
        ACMECORE_HAS(host, run_id) ? host->run_id(host->ctx) : "absent");
#endif
    *ret_self = minor;
    return ACMECORE_OK;
}

#ifdef INSTALLER

static int stage(void *self, const struct acmecore_certificate *const *certificates,
                 size_t count, int *results)
{
    const struct minor *minor = self;

    for (size_t i = 0; i < count; i++) {
        SAY(minor->host, "stage %s of %zu bytes %s", certificates[i]->name,
            (size_t)certificates[i]->struct_size, certificates[i]->fingerprint);
#if ACMECORE_ABI_MINOR >= 1
        SAY(minor->host, "note %s",
            ACMECORE_HAS(certificates[i], note) ? certificates[i]->note : "absent");
#endif
        results[i] = ACMECORE_OK;
    }
    return ACMECORE_OK;
}

static int nothing(void *self)
{
    (void)self;
    return ACMECORE_OK;
}

static const struct acmecore_installer installer = { .struct_size = sizeof installer,
                                                     .stage = stage,
                                                     .commit = nothing,
                                                     .rollback = nothing };

#else

static int answer(void *self, const struct acmecore_challenge *const *challenges,
                  size_t count, int *results)
{
    const struct minor *minor = self;

    for (size_t i = 0; i < count; i++) {
        SAY(minor->host, "answer %s", challenges[i]->identifier);
#if ACMECORE_ABI_MINOR >= 1
        SAY(minor->host, "profile %s",
            ACMECORE_HAS(challenges[i], profile) ? challenges[i]->profile : "absent");
#endif
        results[i] = ACMECORE_OK;
    }
    return ACMECORE_OK;
}

#if ACMECORE_ABI_MINOR >= 1
static int recall(void *self, const struct acmecore_challenge *const *challenges,
                  size_t count, int *results)
{
    const struct minor *minor = self;

    (void)challenges, (void)results;
    SAY(minor->host, "recall of %zu", count);
    return ACMECORE_OK;
}
#endif

static const char *const types[] = { "http-01", NULL };

static const struct acmecore_solver solver = {
    .struct_size = sizeof solver,
    .types = types,
    .present = answer,
    .cleanup = answer,
#if ACMECORE_ABI_MINOR >= 1
    .recall = recall,
#endif
};

#endif

/* The second one is read right by a host with another stride only. */
static const struct acmecore_option options[] = {
    { .name = "first", .type = ACMECORE_OPTION_TEXT, .fallback = "one" },
    { .name = "second", .type = ACMECORE_OPTION_TEXT, .fallback = "two" },
};

ACMECORE_EXPORT const struct acmecore_plugin acmecore_plugin = {
#ifdef INSTALLER
    ACMECORE_PLUGIN_HEADER(ACMECORE_INSTALLER, NAME, "1.0", NEEDS),
    .ops.installer = &installer,
#else
    ACMECORE_PLUGIN_HEADER(ACMECORE_SOLVER, NAME, "1.0", NEEDS),
    .ops.solver = &solver,
#endif
    .option_count = sizeof options / sizeof *options,
    .flags = ACMECORE_USES_NETWORK | ACMECORE_USES_COMMANDS,
    .options = options,
    .open = open_minor,
    .close = free,
};
