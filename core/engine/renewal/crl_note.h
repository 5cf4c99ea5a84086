/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of one revocation list, by its URL and the key that signs it:
 * STATE/crls/DIGEST/list.json, and list.der beside it. It says when the list is to be
 * fetched again, once for all certificates that are in its care: thousands of them cost
 * one request a day.
 */
#ifndef AC_ENGINE_CRL_NOTE_H
#define AC_ENGINE_CRL_NOTE_H

#include "store/store.h"

/* Under a day, so that a daily timer does not come a moment too early. */
#define AC_CRL_FETCH_MAX_S  ((int64_t)20 * 3600)
#define AC_CRL_FETCH_MIN_S  ((int64_t)15 * 60)
#define AC_CRL_WARN_AFTER_S ((int64_t)3 * 86400)  /* of failing; then once a day */
#define AC_CRL_FORGET_S     ((int64_t)30 * 86400) /* one that nobody needs any more */

struct ac_crl_note {
    char *url, *issuer;               /* issuer: SHA-256 of its public key */
    char *etag, *last_modified;       /* for a conditional GET; or NULL */
    int64_t this_update, next_update; /* of the list; 0: none is held */
    int64_t fetched_at;               /* or found to be the same */
    int64_t next_fetch_at;
    int64_t failures, failing_since, failed_at; /* in a row; 0: none */
    int64_t warned_at;
    char *message; /* of the last failure; or NULL */
};

/* The name of its folder in the group AC_STORE_CRLS. */
void ac_crl_note_name(const char *url, const char *issuer, char ret_name[65]);
/* One that is not there, or damaged, knows nothing but what it is of. */
AC_MUST enum ac_code ac_crl_note_load(const struct ac_store *store, const char *url,
                                      const char *issuer, struct ac_crl_note *ret_note,
                                      struct ac_error *err);
AC_MUST enum ac_code ac_crl_note_save(struct ac_crl_note *note, struct ac_store *store,
                                      struct ac_error *err);
void ac_crl_note_done(struct ac_crl_note *note);
AC_DEFINE_DROP_VALUE(ac_crl_note, ac_crl_note_done)

bool ac_crl_note_is_due(const struct ac_crl_note *note, int64_t utc);
/* A list of these times was read: it is fetched again after half of its time, within
 * the limits above. */
void ac_crl_note_succeed(struct ac_crl_note *note, int64_t this_update,
                         int64_t next_update, int64_t utc);
/* It was not: 15 minutes, an hour, four, then 16 and daily. */
AC_MUST enum ac_code ac_crl_note_fail(struct ac_crl_note *note, const char *message,
                                      int64_t utc, struct ac_error *err);
/* Should a person know of it now? Once a day after three; noted as told. */
bool ac_crl_note_takes_warning(struct ac_crl_note *note, int64_t utc);
/* Removes those that were neither fetched nor failed for long. */
AC_MUST enum ac_code ac_crl_note_forget_old(struct ac_store *store, int64_t utc,
                                            struct ac_error *err);

#endif
