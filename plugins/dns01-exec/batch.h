/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The challenges of one operation that a command may see, and what was noted of each.
 */
#ifndef EXEC_BATCH_H
#define EXEC_BATCH_H

#include "settings.h"

struct exec_batch {
    const struct acmecore_challenge *const *all; /* lent */
    const char **refusals; /* for each of all: NULL, or why it must not be run */
    size_t total;
    const struct acmecore_challenge **items; /* the others */
    char **notes;                            /* for each item: its note, or NULL */
    size_t count;
};

#define EXEC_AUTO_BATCH __attribute__((cleanup(exec_batch_drop))) struct exec_batch

/* Sorts out what must not be run. False: no memory. */
bool exec_batch_sort(struct exec_batch *batch, const struct exec_dialect *dialect,
                     const struct acmecore_challenge *const *challenges, size_t count);
void exec_batch_load_notes(struct exec_batch *batch, const struct acmecore_host *host);
void exec_batch_drop(struct exec_batch *batch);

#endif
