/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which certificate each virtual host is to have. Pure, but for what it logs.
 *
 * A name is set where it is served over TLS; where it is served without only, a TLS
 * host comes beside. A virtual host has one certificate: the one that matches best,
 * then the one that is there, then the one that has its ServerName, then the first. So
 * nothing flips to and fro between two runs.
 */
#ifndef APACHE_CLAIM_H
#define APACHE_CLAIM_H

#include "record.h"
#include "site.h"

struct apache_batch {
    const struct acmecore_host *host;
    const struct apache_dump *dump;
    const struct apache_record *record;
    struct apache_sites *sites;
    const struct acmecore_certificate *const *certificates;
    size_t count;
    int *results;    /* of each certificate: those not OK take no part */
    bool can_create; /* TLS hosts beside those without */
};

/*
 * Fills in the claim of each site. A certificate that is served nowhere fails in its
 * result, recorded; names that are not served are logged as a warning.
 * ACMECORE_E_SYSTEM: no memory.
 */
int apache_claim_all(const struct apache_batch *batch);

/* A name of the host that none of the identifiers is for; NULL: there is none. */
const char *apache_claim_uncovered(const struct apache_host *host,
                                   const char *const *identifiers);

#endif
