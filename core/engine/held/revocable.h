/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What somebody wants revoked: a certificate that is held (or a set of them), by its
 * name, or one from a file; and what is known of the CA that issued it. Asks nobody.
 */
#ifndef AC_ENGINE_REVOCABLE_H
#define AC_ENGINE_REVOCABLE_H

#include "crypto/chain.h"
#include "engine/wanted/wanted.h"

struct ac_revocable {
    struct ac_chain *chains[AC_WANTED_KEYS_MAX]; /* more than one: a set */
    size_t count;
    char *name;              /* by which it is held; NULL: it is not */
    bool is_current;         /* it is of the version in use */
    struct ac_wanted wanted; /* of that name; its name is NULL when there is none */
    char *issuer_url;        /* directory of the CA that issued it; NULL: not known */
};

/* The current version. AC_E_NOTFOUND: there is none of that name, or it was never
 * issued. */
AC_MUST enum ac_code ac_revocable_find(const struct ac_store *store, const char *name,
                                       struct ac_revocable *ret_revocable,
                                       struct ac_error *err);
/* The first certificate of a file, PEM or DER; held or not. AC_E_USAGE: there is none
 * in it. */
AC_MUST enum ac_code ac_revocable_read(const struct ac_store *store, const char *path,
                                       struct ac_revocable *ret_revocable,
                                       struct ac_error *err);
void ac_revocable_done(struct ac_revocable *revocable);
AC_DEFINE_DROP_VALUE(ac_revocable, ac_revocable_done)

/* Leaves those out that have another key. AC_E_USAGE: all have. */
AC_MUST enum ac_code ac_revocable_keep_key(struct ac_revocable *revocable,
                                           const struct ac_key *key,
                                           struct ac_error *err);
/* {"name","identifiers","serial","issuer","not_after","sha256"} for --json; of a
 * set the first, with the others as a list "further". */
AC_MUST enum ac_code ac_revocable_to_json(const struct ac_revocable *revocable,
                                          struct ac_json **ret_json,
                                          struct ac_error *err);

#endif
