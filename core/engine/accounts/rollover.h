/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gives an account another key (RFC 8555 7.3.5), so that at any moment the key that the
 * CA knows is on disk.
 *
 * The new key is written beside the old one before the CA hears of it. The CA's answer
 * alone decides nothing: the new key takes the place of the old one after the CA has
 * answered to it, and goes when the CA knows the old one still and said no. A run that
 * was cut short in between is finished by the next one that uses the account, which
 * asks the CA first which of the two keys it knows. The loop steps it.
 */
#ifndef AC_ENGINE_ROLLOVER_H
#define AC_ENGINE_ROLLOVER_H

#include "acme/account.h"
#include "store/store.h"

#define AC_ROLLOVER_LOCK_MS   30000 /* for the run that is at it, when that may be */
#define AC_ROLLOVER_SENDS_MAX 3     /* of keyChange, when its answers are lost */
#define AC_ROLLOVER_LOOKS_MAX 4     /* for a key that the CA said it took */
#define AC_ROLLOVER_LOOK_MS   1000  /* before the second look; doubles */

struct ac_rollover;

struct ac_rollover_settings {
    struct ac_store *store; /* borrowed, as are all */
    struct ac_client *client;
    const char *directory_url;
    const char *account;       /* its name among those of the CA, or NULL */
    bool keeps_type;           /* the new key is of the type of the old one */
    enum ac_key_type key_type; /* else: of this one */
    /* No new change: what an earlier run began is finished, or given up when the CA
     * says no to it. Another run that is at it is waited for. */
    bool only_finishes;
};

enum ac_rollover_outcome {
    AC_ROLLOVER_CHANGED,  /* the new key is in place */
    AC_ROLLOVER_FINISHED, /* the same, of a change that an earlier run began */
    AC_ROLLOVER_GIVEN_UP, /* only_finishes: the CA did not take it; the old one stays */
    AC_ROLLOVER_NOTHING   /* only_finishes: there was nothing to do any more */
};

AC_MUST enum ac_code ac_rollover_new(const struct ac_rollover_settings *settings,
                                     struct ac_rollover **ret_rollover,
                                     struct ac_error *err);
/* The locks are released. */
void ac_rollover_free(struct ac_rollover *rollover);
AC_DEFINE_DROP(ac_rollover, ac_rollover_free)

/* As far as it goes without waiting. */
void ac_rollover_step(struct ac_rollover *rollover);
int64_t ac_rollover_wake_at_ms(const struct ac_rollover *rollover);
bool ac_rollover_is_done(const struct ac_rollover *rollover);
/*
 * AC_OK: the client has the key that counts, and the account's URL.
 *
 * AC_E_LOCKED   another run uses the account
 * AC_E_PROBLEM  the CA refused; the old key stays
 * AC_E_NETWORK  (and AC_E_TIMEOUT …) nobody knows; both keys are kept for the next run
 */
AC_MUST enum ac_code ac_rollover_result(const struct ac_rollover *rollover,
                                        enum ac_rollover_outcome *ret_outcome,
                                        struct ac_error *err);

#endif
