/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The CAA preflight (RFC 8659, RFC 8657) as the engine sees it: begun now, finished
 * later. The records are asked for and judged in a plugin host without a plugin,
 * because the process that holds keys parses no DNS. What is found is a warning: the CA
 * decides.
 */
#ifndef AC_HOST_CAA_H
#define AC_HOST_CAA_H

#include "host/caa_pool.h"

#define AC_CAA_TEXT_MAX 1024 /* bytes of one finding; longer ones are cut */

struct ac_caa_name {
    const char *name;   /* lower case, A-labels, without "*." */
    const char *method; /* "dns-01", ...; or NULL: not known yet */
    bool is_wildcard;
};

struct ac_caa_settings {
    struct ac_caa_pool *pool;          /* lent, and outlives the question */
    const struct ac_words *identities; /* the CA's caaIdentities */
    const struct ac_words *resolvers;  /* "host:port"; NULL or none: the system's */
    const char *account_url;           /* or NULL: not known yet */
    const struct ac_caa_name *names;   /* at most AC_MESSAGE_BATCH_MAX */
    size_t name_count;
    int64_t deadline_ms;
};

struct ac_caa;

/* Asks a plugin host of the pool. Everything else is copied. */
AC_MUST enum ac_code ac_caa_begin(const struct ac_caa_settings *settings,
                                  struct ac_caa **ret_caa, struct ac_error *err);
void ac_caa_free(struct ac_caa *caa);
AC_DEFINE_DROP(ac_caa, ac_caa_free)

/* For the loop; as in process.h. */
size_t ac_caa_fds(const struct ac_caa *caa, struct pollfd *fds);
int64_t ac_caa_wake_at_ms(const struct ac_caa *caa);
void ac_caa_step(struct ac_caa *caa);
bool ac_caa_is_done(const struct ac_caa *caa);

/*
 * AC_OK: the question was answered; ac_caa_finding says what was found. AC_E_PLUGIN: it
 * could not be answered, which is no reason to stop.
 */
AC_MUST enum ac_code ac_caa_result(const struct ac_caa *caa, struct ac_error *err);
/* The sentence for name `index`, clean, or NULL: nothing stands in the way. Lent. */
const char *ac_caa_finding(const struct ac_caa *caa, size_t index);

#endif
