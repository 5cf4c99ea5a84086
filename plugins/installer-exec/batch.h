/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The certificates of a deployment as commands get them, kept in the host's folder: the
 * host names them to stage() and probe() alone, and later phases may be in a process of
 * their own.
 */
#ifndef BATCH_H
#define BATCH_H

#include "words.h"

#include <acmecore/plugin.h>

#include <jansson.h>

#define BATCH_FILE "batch.json"
/* A member of a certificate that commands are not shown. */
#define BATCH_LEFT_OUT "is_left_out"

struct batch {
    json_t *certificates; /* an array; NULL: none */
    bool is_told;         /* a commit has begun */
};

#define AUTO_BATCH __attribute__((cleanup(batch_drop))) struct batch

void batch_drop(struct batch *batch);

/* False: out of memory, or a text in it is not UTF-8. */
bool batch_describe(struct batch *batch,
                    const struct acmecore_certificate *const *certificates,
                    size_t count);

/* Marks those whose result is not OK: they stay, because what a stage that failed did
 * begin is to be undone, too. False: out of memory. */
bool batch_leave_out(struct batch *batch, const int *results);

/* Those that were left out, or the others; ret_some may be the batch itself. False: out
 * of memory. */
bool batch_pick(const struct batch *batch, bool is_left_out, struct batch *ret_some);

/* For a commit once more of what was there before: without those that are new, and
 * without what is known of the new versions only. False: out of memory. */
bool batch_turn_back(struct batch *batch);

/* Empty where there is no file. */
int batch_load(const struct acmecore_host *host, struct batch *batch);
/* An empty one is removed. */
int batch_save(const struct acmecore_host *host, const struct batch *batch);

/* A member of a certificate, lent; "" where it has none. */
const char *batch_text(const json_t *certificate, const char *member);
/* Its first identifier; "" where it has none. */
const char *batch_first_name(const json_t *certificate);
/* KEY=all its identifiers, in order, with `separator` between them. */
void batch_set_names(const json_t *certificate, struct exec_words *env, const char *key,
                     char separator);

#endif
