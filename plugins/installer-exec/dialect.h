/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dialects: how one phase of a deployment becomes a command line, an environment and a
 * stdin, as the deploy hooks of other clients expect them. Pure: a dialect looks at
 * nothing but its job, so each is tested by vector.
 */
#ifndef DIALECT_H
#define DIALECT_H

#include "batch.h"
#include "process.h"

#include <stdint.h>

#define DIALECT_NAMES                                                                  \
    "native, certbot, dehydrated, lego, acme.sh (a deploy script), acme.sh-reload"

enum phase {
    PHASE_STAGE,
    PHASE_COMMIT,
    PHASE_ROLLBACK,
    PHASE_PROBE,
    PHASE_FINISH,
    PHASE_COUNT
};

/* What a command is to do. All is lent. */
struct job {
    enum phase phase;
    const char *verb;                 /* what the dialect calls it */
    const struct exec_words *command; /* program and its first arguments */
    const char *provider;             /* acme.sh: its deploy script; or "" */
    const char *script;               /* acme.sh: the path of that; or "" */
    const char *folder;               /* the host's: where a command may keep things */
    const char *lineage; /* certbot, dehydrated: the folder called as the certificate */
    int64_t remaining_ms; /* until the command has to be done */
    int64_t now_s;
    const json_t *certificates; /* all of the batch */
    size_t index;               /* the one it is about, where one is called at a time */
};

typedef void dialect_write(const struct job *job, struct exec_child *child);

#define DIALECT_WHOLE   1u /* one call for the batch, and all phases */
#define DIALECT_HOOKS   2u /* its command may be a folder of commands */
#define DIALECT_SCRIPT  4u /* its command is a folder, and provider a script in it */
#define DIALECT_LINEAGE 8u
#define DIALECT_DOMAIN  16u /* a lineage called as the first name, too */

struct dialect {
    const char *name;
    uint32_t flags;
    const char *verbs[PHASE_COUNT]; /* NULL: its contract has no such phase */
    dialect_write *write;
};

/* NULL: there is none of that name. */
const struct dialect *dialect_find(const char *name);

/* The whole child: what all dialects get, then what this one adds. The caller looks at
 * `wrong` of both lists. `extra` is what the environment file says. */
void dialect_compose(const struct dialect *dialect, const struct job *job,
                     const struct exec_words *extra, struct exec_child *child);

/* ---- for the dialects -------------------------------------------------- */

const json_t *job_certificate(const struct job *job);

dialect_write dialect_write_native;
dialect_write dialect_write_certbot;
dialect_write dialect_write_dehydrated;
dialect_write dialect_write_lego;
dialect_write dialect_write_acme_sh;
dialect_write dialect_write_acme_sh_reload;

#endif
