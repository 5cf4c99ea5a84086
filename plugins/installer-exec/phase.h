/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One phase of a deployment: the command is run for the batch, or for each certificate,
 * and what came of it.
 */
#ifndef PHASE_H
#define PHASE_H

#include "settings.h"

/* EX_USAGE: "this phase is none of mine". */
#define PHASE_EXIT_NONE 64
/* EX_TEMPFAIL, from a probe: ask again. */
#define PHASE_EXIT_PENDING 75

struct phase_call {
    const struct acmecore_host *host;
    const struct settings *settings;
    struct exec_process process; /* large */
    bool is_none;                /* the command does not do the last phase */
    char lineage[PATH_MAX]; /* of the present certificate, where the dialect has it */
};

/* results: one for each of the batch. Returns OK when all are, else any of the others.
 * Harmless for a phase that the dialect does not have. */
int phase_run(struct phase_call *call, enum phase phase, const struct batch *batch,
              int *results);

#endif
