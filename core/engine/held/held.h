/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A certificate as it is held: what the current version says, read from its files, and
 * what is known of it.
 */
#ifndef AC_ENGINE_HELD_H
#define AC_ENGINE_HELD_H

#include "base/json.h"
#include "engine/held/state.h"
#include "engine/wanted/wanted.h"

struct ac_held {
    char *name;
    unsigned version;
    struct ac_identifiers identifiers;
    int64_t not_before, not_after, renew_at; /* UTC seconds */
    char *serial;
    char *issuer;
    char *key_type;
    char *fingerprint;     /* SHA-256 of the leaf */
    char *folder;          /* STATE/certs/<name>/current */
    char *renewal_id;      /* its name in RFC 9773; NULL: it has none */
    struct ac_state state; /* empty when it cannot be read */
    const struct ac_state_revoked *revoked; /* lent by state; NULL: it is not */
    struct ac_words files;                  /* the names of those in it, sorted */
};

/* Reads the chain of the current version. AC_E_NOTFOUND: never issued. AC_E_STORE: it
 * is missing or damaged, or `current` is gone though there are versions. */
AC_MUST enum ac_code ac_held_load(const struct ac_store *store, const char *name,
                                  struct ac_held *ret_held, struct ac_error *err);
/* Are all its files there? For thousands: nothing is read. AC_E_STORE names the one
 * that is missing. */
AC_MUST enum ac_code ac_held_check_files(const struct ac_held *held,
                                         struct ac_error *err);
/* The same of a name whose current version this is, of which nothing is loaded. Of a
 * set only its first certificate is looked for. AC_E_SYSTEM: nobody can look (too many
 * open files, a disk that fails), which says nothing of the files. */
AC_MUST enum ac_code ac_held_look(const struct ac_store *store, const char *name,
                                  unsigned version, struct ac_error *err);
/*
 * Do its files belong together, for each certificate of a set: one chain in cert.pem,
 * chain.pem and fullchain.pem, each link signed by the next, and the key of its leaf
 * where that is here? AC_E_STORE names the first that does not; issuing again mends it.
 * AC_E_USAGE: all is well, but the key is open to others.
 */
AC_MUST enum ac_code ac_held_check(const struct ac_store *store,
                                   const struct ac_held *held, struct ac_error *err);
void ac_held_done(struct ac_held *held);
AC_DEFINE_DROP_VALUE(ac_held, ac_held_done)

/* Is it the certificate that is wanted: identifiers, key type, CA, profile and chain as
 * they were wanted when it was issued? How it is obtained does not matter. */
bool ac_held_is_as_wanted(const struct ac_held *held, const struct ac_wanted *wanted,
                          const struct ac_wanted *remembered);
/* Is it what is wanted, and not due at `utc`? Then nothing needs to be done. */
bool ac_held_is_fresh(const struct ac_held *held, const struct ac_wanted *wanted,
                      const struct ac_wanted *remembered, int64_t utc);
/* The members of a certificate in a --json document (docs/json.md). */
AC_MUST enum ac_code ac_held_to_json(const struct ac_held *held,
                                     struct ac_json **ret_json, struct ac_error *err);
/* Is an order in flight, or something presented or a key, from a run that was cut
 * short? */
bool ac_held_has_journal(const struct ac_store *store, const char *name);
/* Is an order in flight that can be continued at `utc`? */
bool ac_held_is_in_flight(const struct ac_store *store, const char *name, int64_t utc);
/* Is an order in flight? *ret_expires: until when it can be continued; 0: unknown. */
bool ac_held_has_order(const struct ac_store *store, const char *name,
                       int64_t *ret_expires);
/* The name of the certificate that has exactly these identifiers, or AC_E_NOTFOUND. */
AC_MUST enum ac_code ac_held_find(const struct ac_store *store,
                                  const struct ac_identifiers *identifiers,
                                  char **ret_name, struct ac_error *err);

#endif
