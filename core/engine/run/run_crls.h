/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to run_crls.c and run_crl_fetch.c: the revocation lists that a run looks
 * into, and how one of them comes.
 */
#ifndef AC_ENGINE_RUN_CRLS_H
#define AC_ENGINE_RUN_CRLS_H

#include "crypto/crl.h"
#include "engine/renewal/crl_note.h"
#include "engine/run/run.h"

#define MEMBERS_TRIED 3 /* certificates of a list, to find a chain that can be read */

/* A list that is fetched, or found to be the same as the one that is held. */
struct ac_crl_fetch {
    struct ac_crl_note note;
    int64_t limit_ms;             /* that it may take */
    struct ac_lock *lock;         /* of the list, while it is worked on */
    struct ac_chain *chain;       /* of a certificate in its care */
    struct ac_crl *held;          /* the one in the store; or NULL */
    struct ac_exchange *exchange; /* under way, or done */
    struct ac_crl *crl;           /* what is to be looked into; NULL: it did not come */
};

struct ac_crl_member {
    const char *name; /* of the certificate; lent */
    char *serial;
    bool is_on_hold; /* as it was known before */
    bool is_listed;
};

struct ac_crl_list {
    struct ac_crl_fetch fetch;
    struct ac_crl_member *members; /* sorted by serial */
    size_t count, capacity;
    bool is_begun, is_done;
    bool was_in_use; /* something could not be noted now */
};

struct ac_crl_lists {
    struct ac_run *run;
    int64_t limit_ms; /* for each */
    struct ac_crl_list *items;
    size_t count, capacity;
    struct ac_words *revoked; /* borrowed */
    bool is_partial;
};

/* Asks for it, for the certificate of this name and serial number. AC_E_LOCKED:
 * another run does; anything else: with that certificate it cannot be done. */
AC_MUST enum ac_code ac_crl_fetch_begin(struct ac_crl_fetch *fetch, struct ac_run *run,
                                        const char *name, const char *serial,
                                        struct ac_error *err);
bool ac_crl_fetch_is_done(const struct ac_crl_fetch *fetch);
/* Reads what came, keeps it, and notes how it went. Only a lack of memory fails. */
AC_MUST enum ac_code ac_crl_fetch_finish(struct ac_crl_fetch *fetch, struct ac_run *run,
                                         struct ac_error *err);
/* On disk: when it is to be asked for again. */
AC_MUST enum ac_code ac_crl_fetch_keep_note(struct ac_crl_fetch *fetch,
                                            struct ac_store *store,
                                            struct ac_error *err);
/* All but the note, which ac_crl_fetch_done releases, too. */
void ac_crl_fetch_end(struct ac_crl_fetch *fetch);
void ac_crl_fetch_done(struct ac_crl_fetch *fetch);

#endif
