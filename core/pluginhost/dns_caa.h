/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CAA (RFC 8659, RFC 8657): would the CA find that it may not issue for a name? Asked
 * before the CA is, so that a refusal costs no rate limit. What is found is a warning:
 * the CA decides.
 */
#ifndef AC_PLUGINHOST_DNS_CAA_H
#define AC_PLUGINHOST_DNS_CAA_H

#include "pluginhost/dns_resolvers.h"

#define AC_DNS_CAA_QUERIES_MAX 128 /* labels of one name at most */
#define AC_DNS_CAA_RECORDS_MAX 64  /* looked at in one set */

/* What the CA is and what it is about to be asked. All lent. */
struct ac_dns_caa_request {
    const struct ac_words *identities; /* caaIdentities of its directory */
    const char *account_url;           /* or NULL: not known yet */
};

struct ac_dns_caa_name {
    const char *name;   /* without "*."; lent */
    const char *method; /* "dns-01", or NULL: not known yet; lent */
    bool is_wildcard;
    /* Set by ac_dns_caa_check: */
    char *finding;     /* a sentence; NULL: nothing stands in the way */
    const char *asked; /* inside */
    size_t queries;
    bool is_done;
    bool is_unanswered; /* the finding is that CAA cannot be looked up */
};
/* Frees the findings. */
void ac_dns_caa_names_done(struct ac_dns_caa_name *names, size_t count);

/* Climbs for all names at once. Fails only for lack of memory or of libldns. */
AC_MUST enum ac_code ac_dns_caa_check(const struct ac_dns_resolvers *resolvers,
                                      const struct ac_dns_caa_request *request,
                                      struct ac_dns_caa_name *names, size_t count,
                                      int64_t deadline_ms, struct ac_error *err);
/*
 * What a relevant set says. Pure; declared for tests.
 *
 * ret_finding  NULL when the CA may issue; else free with free()
 */
AC_MUST enum ac_code ac_dns_caa_judge(const struct ac_dns_caa_request *request,
                                      const struct ac_dns_caa_name *name,
                                      const struct ac_dns_answer *answer,
                                      char **ret_finding, struct ac_error *err);

#endif
