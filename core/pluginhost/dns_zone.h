/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The servers of zones: every name in the NS set, with every A and AAAA address of it,
 * as the resolvers know them.
 */
#ifndef AC_PLUGINHOST_DNS_ZONE_H
#define AC_PLUGINHOST_DNS_ZONE_H

#include "pluginhost/dns_resolvers.h"

#define AC_DNS_SERVERS_MAX   16 /* of one zone; more are not looked at */
#define AC_DNS_ADDRESSES_MAX 8  /* of one server, IPv4 and IPv6 */
#define AC_DNS_ZONE_FRESH_MS 300000
#define AC_DNS_TROUBLE_SIZE  320

struct ac_dns_server {
    char *name;
    struct ac_dns_address addresses[AC_DNS_ADDRESSES_MAX];
    size_t address_count;
};

struct ac_dns_zone {
    char *name;
    struct ac_dns_server *servers; /* owned */
    size_t server_count;
    int64_t named_at_ms; /* when the servers' names were learned */
    int64_t fetched_at_ms;
    bool is_fetched;
    char trouble[AC_DNS_TROUBLE_SIZE]; /* why it could not be fetched; "" */
};

struct ac_dns_zones {
    struct ac_dns_zone *items;
    size_t count, capacity;
};
void ac_dns_zones_done(struct ac_dns_zones *zones);
AC_DEFINE_DROP_VALUE(ac_dns_zones, ac_dns_zones_done)

/* The index of this zone, which is added when it is new. */
AC_MUST enum ac_code ac_dns_zones_index(struct ac_dns_zones *zones, const char *name,
                                        size_t *ret_index, struct ac_error *err);
/*
 * Asks for all zones that are not known yet. One whose servers cannot be found is left
 * with its trouble, for another try.
 *
 * port  of the zones' servers
 */
AC_MUST enum ac_code ac_dns_zones_fetch(struct ac_dns_zones *zones,
                                        const struct ac_dns_resolvers *resolvers,
                                        uint16_t port, int64_t deadline_ms,
                                        struct ac_error *err);
/* Addresses of all servers of the zone, in order of the servers. */
size_t ac_dns_zone_address_count(const struct ac_dns_zone *zone);

#endif
