/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was seen at each address of each server of a zone, and whether that is enough.
 * Pure.
 */
#ifndef AC_PLUGINHOST_DNS_QUORUM_H
#define AC_PLUGINHOST_DNS_QUORUM_H

#include "base/text.h"
#include "pluginhost/dns_zone.h"

enum ac_dns_seen {
    AC_DNS_SEEN_NOTHING, /* no answer (yet), or none that counts */
    AC_DNS_SEEN_MISSING, /* an authoritative answer without the value */
    AC_DNS_SEEN_VALUE
};

struct ac_dns_sight {
    enum ac_dns_seen seen;
    const char *text; /* "no answer"; static */
};

enum ac_dns_quorum_rule {
    AC_DNS_QUORUM_ANSWERING, /* all that answer, and more than half do */
    AC_DNS_QUORUM_ALL,
    AC_DNS_QUORUM_MAJORITY, /* more than half have it */
    AC_DNS_QUORUM_NUMBER    /* so many have it */
};

struct ac_dns_quorum {
    enum ac_dns_quorum_rule rule;
    size_t number;
};

/* "all", "majority" or a number from 1. NULL: ANSWERING. False: none of these. */
bool ac_dns_quorum_parse(const char *text, struct ac_dns_quorum *ret_quorum);

/*
 * An IPv6 address without an answer does not count when another of the same server
 * answered: this host may have no IPv6.
 *
 * sights      one for each address of the zone's servers, in their order
 * is_patient  who has not answered may yet; false: they count as dead
 */
bool ac_dns_quorum_is_met(const struct ac_dns_quorum *quorum,
                          const struct ac_dns_zone *zone,
                          const struct ac_dns_sight *sights, bool is_patient);

/* A line for each address, those without the value first. */
AC_MUST enum ac_code ac_dns_quorum_report(const struct ac_dns_zone *zone,
                                          const struct ac_dns_sight *sights,
                                          struct ac_words *lines, struct ac_error *err);

#endif
