/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an account has used up of its CA's limits, and until when the CA wants to be
 * left alone: limits.json beside account.json.
 *
 * The CA counts, we only keep out of its way: several processes that write at once may
 * lose a count, never the file. All times are UTC seconds.
 */
#ifndef AC_ENGINE_LIMITS_H
#define AC_ENGINE_LIMITS_H

#include "config/ca.h"
#include "store/store.h"

#define AC_LIMITS_ENTRIES_MAX 500 /* names, and certificates, that are kept */
/* After a refusal that does not say how long; for all after those of a few. */
#define AC_LIMITS_PAUSE_S    3600
#define AC_LIMITS_WAIT_MAX_S ((int64_t)31 * 86400) /* a longer one is cut */

struct ac_limits;

/* The store is borrowed, the folder's name copied. One that is damaged begins anew: it
 * only saves requests. Reads nothing yet. */
AC_MUST enum ac_code ac_limits_new(struct ac_store *store, const char *folder,
                                   const struct ac_ca_limits *limits,
                                   struct ac_limits **ret_limits, struct ac_error *err);
void ac_limits_free(struct ac_limits *limits);
AC_DEFINE_DROP(ac_limits, ac_limits_free)

/* Until when nothing is to be asked of the CA for this certificate; certificate NULL:
 * for any. 0: it may be asked. What the CA said counts for patience_s at most. *ret_why
 * is lent, and "" when not known. */
int64_t ac_limits_until(struct ac_limits *limits, const char *certificate,
                        int64_t patience_s, int64_t utc, const char **ret_why);
/* The CA said not now: for all of the account's certificates (certificate NULL), or for
 * this one, and when it is not the first one in a row for AC_LIMITS_PAUSE_S for all of
 * them. wait_s 0: it did not say for how long. */
AC_MUST enum ac_code ac_limits_note_refusal(struct ac_limits *limits,
                                            const char *certificate, int64_t wait_s,
                                            const char *why, int64_t utc,
                                            struct ac_error *err);
/* When the next order may be made; not after `utc`: now. */
int64_t ac_limits_order_at(struct ac_limits *limits, int64_t utc);
/* An order was made: for this certificate nothing is refused any more. */
AC_MUST enum ac_code ac_limits_note_order(struct ac_limits *limits,
                                          const char *certificate, int64_t utc,
                                          struct ac_error *err);
/* The same for failed validations of one name. */
int64_t ac_limits_name_at(struct ac_limits *limits, const char *name, int64_t utc);
AC_MUST enum ac_code ac_limits_note_failure(struct ac_limits *limits, const char *name,
                                            int64_t utc, struct ac_error *err);

#endif
