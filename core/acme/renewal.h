/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When the CA would like a certificate to be renewed (ARI, RFC 9773): one bounded GET
 * without a signature. Knows the wire form; what follows from it is the engine's.
 *
 * A query is a value to come. Its owner steps it after each turn of the loop; several
 * may be under way at once.
 */
#ifndef AC_ACME_RENEWAL_H
#define AC_ACME_RENEWAL_H

#include "acme/client.h"

#define AC_RENEWAL_BODY_MAX    (64u * 1024u)
#define AC_RENEWAL_QUERY_MS    10000 /* all tries of one query together */
#define AC_RENEWAL_CHECK_MIN_S 60    /* 4.3.2: Retry-After is obeyed … */
#define AC_RENEWAL_CHECK_MAX_S 86400 /* … within these */
#define AC_RENEWAL_CHECK_S     (INT64_C(6) * 3600) /* 4.3.3: when the CA does not say */

struct ac_renewal {
    int64_t start, end;    /* UTC seconds; 0 <= start < end */
    char *explanation_url; /* to show, never to fetch; or NULL */
};

/*
 * Reads a RenewalInfo object (4.2). AC_E_PROTOCOL: no object, no window, no dates, or
 * one that does not end after it begins; all of that means: no answer.
 */
AC_MUST enum ac_code ac_renewal_parse(const char *body, size_t size,
                                      struct ac_renewal *ret_renewal,
                                      struct ac_error *err);
void ac_renewal_done(struct ac_renewal *renewal);
AC_DEFINE_DROP_VALUE(ac_renewal, ac_renewal_done)

struct ac_renewal_query;

/*
 * Begins to ask. The client's directory must have been read, and the client outlives
 * the query. certificate_id: ac_chain_renewal_id. AC_E_NOTFOUND: this CA has no
 * renewalInfo.
 */
AC_MUST enum ac_code ac_renewal_ask(struct ac_client *client,
                                    const char *certificate_id,
                                    struct ac_renewal_query **ret_query,
                                    struct ac_error *err);
/* Goes as far as it can without waiting. */
void ac_renewal_query_step(struct ac_renewal_query *query);
bool ac_renewal_query_is_done(const struct ac_renewal_query *query);
int64_t ac_renewal_query_wake_at_ms(const struct ac_renewal_query *query);
/*
 * Once done: what the CA said (lent), or why that is no answer (AC_E_NETWORK,
 * AC_E_PROTOCOL, AC_E_PROBLEM, AC_E_TIMEOUT …), which must never keep a renewal from
 * being done.
 */
AC_MUST enum ac_code ac_renewal_query_result(const struct ac_renewal_query *query,
                                             const struct ac_renewal **ret_renewal,
                                             struct ac_error *err);
/* Once done, well or not: in how many seconds to ask again (4.3.2, 4.3.3). */
int64_t ac_renewal_query_check_after_s(const struct ac_renewal_query *query);
/* Takes NULL; one that is under way is cancelled. */
void ac_renewal_query_free(struct ac_renewal_query *query);
AC_DEFINE_DROP(ac_renewal_query, ac_renewal_query_free)

#endif
