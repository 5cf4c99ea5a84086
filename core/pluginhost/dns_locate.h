/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a challenge's record really lies: the name after all CNAMEs and DNAMEs, and the
 * apex of the zone that serves it. A whole batch in as many rounds as the longest
 * chain.
 */
#ifndef AC_PLUGINHOST_DNS_LOCATE_H
#define AC_PLUGINHOST_DNS_LOCATE_H

#include "pluginhost/dns_resolvers.h"

#include <acmecore/plugin.h>

#define AC_DNS_HOPS_MAX    10 /* aliases followed from one name; also ends a loop */
#define AC_DNS_QUERIES_MAX 64 /* asked for one name in all */
#define AC_DNS_REASON_SIZE 320

struct ac_dns_place {
    char name[AC_DNS_NAME_SIZE];     /* in: what is looked for; out: where it lies */
    char zone[AC_DNS_NAME_SIZE];     /* out: the apex */
    int status;                      /* ACMECORE_OK, or why there is no zone */
    char reason[AC_DNS_REASON_SIZE]; /* a sentence */
    bool is_nowhere;                 /* that is: nobody here knows of such a domain */
    /* Inside: */
    char asked[AC_DNS_NAME_SIZE];  /* name, or above it while the apex is looked for */
    char failed[AC_DNS_NAME_SIZE]; /* the highest name that was SERVFAIL; or "" */
    size_t hops, queries;
    bool is_chasing; /* asked for an alias alone: one without end is SERVFAIL to some */
    bool is_done;
};
/* False: the name is too long. */
bool ac_dns_place_init(struct ac_dns_place *place, const char *name);

/*
 * Fills each place. ACMECORE_E_CONFIG: there is no such domain, or a chain of aliases
 * without end. ACMECORE_E_NETWORK: the resolvers do not answer.
 * ACMECORE_E_REFUSED: they refuse, or the domain's own servers fail. Fails itself only
 * for lack of memory or of libldns.
 */
AC_MUST enum ac_code ac_dns_locate(const struct ac_dns_resolvers *resolvers,
                                   struct ac_dns_place *places, size_t count,
                                   int64_t deadline_ms, struct ac_error *err);

#endif
