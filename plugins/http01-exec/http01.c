/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http01-exec: http-01 answers put in place by a program of yours, or by a hook that
 * was written for another client. All but this file is that of dns01-exec.
 */
#include "exec.h"

#define NAME "http01-exec"

static int open_http01(const struct acmecore_host *host, void **ret_self);

static const struct acmecore_solver solver = {
    .struct_size = sizeof solver,
    .max_batch = EXEC_BATCH_MAX,
    .types = (const char *const[]){ "http-01", NULL },
    .present = exec_present,
    .cleanup = exec_cleanup,
    .probe = exec_probe,
};

const struct acmecore_plugin acmecore_plugin = {
    ACMECORE_PLUGIN_HEADER(ACMECORE_SOLVER, NAME, "1.0", 0),
    .flags = ACMECORE_USES_COMMANDS,
    .options = exec_options,
    .option_count = EXEC_OPTION_COUNT,
    .open = open_http01,
    .close = exec_close,
    .ops.solver = &solver,
};

static int open_http01(const struct acmecore_host *host, void **ret_self)
{
    return exec_open(host, NAME, true, ret_self);
}
