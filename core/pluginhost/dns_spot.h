/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names that are looked at, what was found at each, and what the next round asks.
 * Inside of dns_visible.c, apart for its size.
 */
#ifndef AC_PLUGINHOST_DNS_SPOT_H
#define AC_PLUGINHOST_DNS_SPOT_H

#include "pluginhost/dns_quorum.h"

#include <acmecore/plugin.h>

#define AC_DNS_NO_ZONE SIZE_MAX

/* What one address has said of one name. */
struct ac_dns_look {
    struct ac_words values; /* of the TXT records */
    const char *text;       /* static; NULL: not asked yet */
    bool is_answer;         /* one that counts */
};

/* One name. Base and wildcard have two values there, and share its questions. */
struct ac_dns_spot {
    char *name;                 /* record_name of the challenges */
    char *target;               /* where it lies */
    size_t zone;                /* its index, or AC_DNS_NO_ZONE */
    int64_t zone_fetched_at_ms; /* the servers that `looks` is about */
    struct ac_dns_look
        *looks; /* one for each address of the zone, or for the resolver */
    size_t look_count;
    int64_t began_ms;                  /* the first look */
    int64_t called_at_ms;              /* the last one */
    int64_t ask_at_ms;                 /* resolver: not before */
    char trouble[AC_DNS_TROUBLE_SIZE]; /* why nothing can be asked; "" */
    bool is_needed;                    /* in this call: some challenge waits for it */
};

struct ac_dns_spots {
    struct ac_dns_spot *items;
    size_t count, capacity;
};
void ac_dns_spots_done(struct ac_dns_spots *spots);

/* The index of the spot of this challenge; a new one begins now. */
AC_MUST enum ac_code ac_dns_spots_index(struct ac_dns_spots *spots,
                                        const struct acmecore_challenge *challenge,
                                        int64_t stale_ms, size_t *ret_index,
                                        struct ac_error *err);
/* Drops all that is not needed any more. */
void ac_dns_spots_forget(struct ac_dns_spots *spots);
/* Makes room for this many looks, all of them fresh. */
AC_MUST enum ac_code ac_dns_spot_reset(struct ac_dns_spot *spot, size_t look_count,
                                       struct ac_error *err);
/* Takes an answer for look `index`; a question that was not asked changes nothing. */
AC_MUST enum ac_code ac_dns_spot_take(struct ac_dns_spot *spot, size_t index,
                                      const struct ac_dns_query *query,
                                      struct ac_error *err);
bool ac_dns_look_has(const struct ac_dns_look *look, const char *value);
/* What look `index` says about one value. */
struct ac_dns_sight ac_dns_spot_sight(const struct ac_dns_spot *spot, size_t index,
                                      const char *value);

#endif
