/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dns01-exec: DNS records made by a program of yours, or by a hook that was written for
 * another client.
 */
#include "exec.h"

#define NAME "dns01-exec"

static int open_dns01(const struct acmecore_host *host, void **ret_self);

static const struct acmecore_solver solver = {
    .struct_size = sizeof solver,
    .max_batch = EXEC_BATCH_MAX,
    .types =
        (const char *const[]){ "dns-01", "dns-account-01", "dns-persist-01", NULL },
    .present = exec_present,
    .cleanup = exec_cleanup,
    .probe = exec_probe,
};

const struct acmecore_plugin acmecore_plugin = {
    ACMECORE_PLUGIN_HEADER(ACMECORE_SOLVER, NAME, "1.0", 0),
    .flags = ACMECORE_USES_NETWORK | ACMECORE_USES_COMMANDS,
    .options = exec_options,
    .option_count = EXEC_OPTION_COUNT,
    .open = open_dns01,
    .close = exec_close,
    .ops.solver = &solver,
};

static int open_dns01(const struct acmecore_host *host, void **ret_self)
{
    return exec_open(host, NAME, false, ret_self);
}
