/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The option `settle-seconds`: the time that other clients sleep after a hook, before
 * they let the CA look. A plugin never sleeps, so probe() says PENDING for so long.
 */
#ifndef EXEC_SETTLE_H
#define EXEC_SETTLE_H

#include <acmecore/plugin.h>

#include <stdbool.h>

struct exec_settle {
    int64_t span_ms;     /* 0: no waiting */
    bool is_begun;       /* by this process */
    int64_t begun_at_ms; /* on a clock that nobody sets */
};

/* Now was the last present. Kept in the host's folder for a later process. */
void exec_settle_begin(const struct acmecore_host *host, struct exec_settle *settle);

/* Milliseconds until it is over; 0 when it is. */
int64_t exec_settle_left_ms(const struct acmecore_host *host,
                            const struct exec_settle *settle);

#endif
