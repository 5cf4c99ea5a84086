/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dialects: how one operation on challenges becomes a command line, an environment and
 * a stdin, as the hooks of other clients expect them. Pure: a dialect looks at nothing
 * but its job, so each is tested by vector.
 */
#ifndef EXEC_DIALECT_H
#define EXEC_DIALECT_H

#include "process.h"

#include <stdint.h>

#define EXEC_NAMES                                                                     \
    "native, certbot, dehydrated, dehydrated-chain, lego, lego-raw, "                  \
    "uacme, mod_md, mod_md-2, lexicon, acme.sh"
#define EXEC_PRESENTED "presented"

enum exec_operation {
    EXEC_PRESENT,
    EXEC_CLEANUP,
    EXEC_PROBE
};

/* What a command is to do. All is lent. */
struct exec_job {
    enum exec_operation operation;
    const char *plugin;               /* our name */
    const struct exec_words *command; /* program and its first arguments */
    const char *provider;             /* or "" */
    const char *script;               /* acme.sh: the provider's script; or "" */
    const char *folder;               /* where a command may keep things; or "" */
    int64_t remaining_ms;             /* until the command has to be done */
    const struct acmecore_challenge *const *challenges; /* all of the batch */
    size_t count;
    size_t index;             /* the one it is about, where one is called at a time */
    const char *const *notes; /* for each: what present() noted; or NULL */
};

typedef void exec_write(const struct exec_job *job, struct exec_child *child);

#define EXEC_WHOLE 1u /* one call for the batch, not one for each challenge */
#define EXEC_HTTP  2u /* has http-01 too */
#define EXEC_BUILDS_NAME                                                               \
    4u                     /* the hook itself puts "_acme-challenge." before the name */
#define EXEC_OUTPUT   8u   /* what present printed goes to cleanup */
#define EXEC_JSON     16u  /* answers with JSON, and can be probed */
#define EXEC_PROVIDER 32u  /* needs the option provider */
#define EXEC_FOLDER   64u  /* its command is a folder of scripts */
#define EXEC_DECLINES 128u /* a hook that says no to present gets no cleanup */
#define EXEC_ANY_TEXT 256u /* its contract has records of any name and text */

struct exec_dialect {
    const char *name;
    uint32_t flags;
    const char *verbs[3]; /* of each operation, for messages */
    exec_write *write;
};

/* NULL: there is none of that name. */
const struct exec_dialect *exec_dialect_find(const char *name);

/* The whole child: what all dialects get, then what this one adds. The caller looks at
 * `wrong` of both lists. `extra` is what the environment file says. */
void exec_dialect_write(const struct exec_dialect *dialect, const struct exec_job *job,
                        const struct exec_words *extra, struct exec_child *child);

/* ---- for the dialects -------------------------------------------------- */

const struct acmecore_challenge *exec_job_challenge(const struct exec_job *job);
const char *exec_job_note(const struct exec_job *job); /* "" if there is none */
/* What answers the challenge: the value of the record, or the key authorization. */
const char *exec_answer_of(const struct acmecore_challenge *challenge);
/* KEY=all identifiers of the batch, in order, with `separator` between them. */
void exec_set_identifiers(const struct exec_job *job, struct exec_child *child,
                          const char *key, char separator);

exec_write exec_write_native;
exec_write exec_write_certbot;
exec_write exec_write_dehydrated;
exec_write exec_write_dehydrated_chain;
exec_write exec_write_lego;
exec_write exec_write_lego_raw;
exec_write exec_write_uacme;
exec_write exec_write_mod_md;
exec_write exec_write_mod_md_2;
exec_write exec_write_lexicon;
exec_write exec_write_acme_sh;

#endif
