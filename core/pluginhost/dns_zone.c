/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/dns_zone.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void clear_servers(struct ac_dns_zone *zone)
{
    for (size_t i = 0; i < zone->server_count; i++)
        free(zone->servers[i].name);
    free(AC_TAKE(zone->servers));
    zone->server_count = 0;
    zone->is_fetched = false;
}

void ac_dns_zones_done(struct ac_dns_zones *zones)
{
    for (size_t i = 0; i < zones->count; i++) {
        clear_servers(&zones->items[i]);
        free(zones->items[i].name);
    }
    free(zones->items);
    *zones = (struct ac_dns_zones){ 0 };
}

enum ac_code ac_dns_zones_index(struct ac_dns_zones *zones, const char *name,
                                size_t *ret_index, struct ac_error *err)
{
    size_t index = 0;

    while (index < zones->count && strcmp(zones->items[index].name, name) != 0)
        index++;
    if (index == zones->count) {
        AC_TRY(ac_memory_grow(&zones->items, &zones->capacity, zones->count + 1,
                              sizeof *zones->items, err));
        struct ac_dns_zone *zone = &zones->items[index];
        *zone = (struct ac_dns_zone){ 0 };
        AC_TRY(ac_memory_copy_text(name, &zone->name, err));
        zones->count++;
    }
    *ret_index = index;
    return AC_OK;
}

size_t ac_dns_zone_address_count(const struct ac_dns_zone *zone)
{
    size_t count = 0;

    for (size_t i = 0; i < zone->server_count; i++)
        count += zone->servers[i].address_count;
    return count;
}

/* ---- asking ------------------------------------------------------------- */

/* Questions that grow one by one, and what each is about. */
struct asking {
    const struct ac_dns_resolvers *resolvers;
    struct ac_dns_query *queries;
    struct ac_dns_zone **zones; /* of each query */
    size_t *servers;            /* of each query: its index in the zone */
    size_t count, query_capacity, zone_capacity, server_capacity;
};

static void asking_done(struct asking *asking)
{
    ac_dns_queries_done(asking->queries, asking->count);
    free(asking->queries);
    free((void *)asking->zones);
    free(asking->servers);
}
#define AUTO_ASKING __attribute__((cleanup(asking_done))) struct asking

static enum ac_code add_query(struct asking *asking, struct ac_dns_zone *zone,
                              size_t server, enum ac_dns_type type,
                              struct ac_error *err)
{
    size_t needed = asking->count + 1;
    const char *name = type == AC_DNS_NS ? zone->name : zone->servers[server].name;

    AC_TRY(ac_memory_grow(&asking->queries, &asking->query_capacity, needed,
                          sizeof *asking->queries, err));
    AC_TRY(ac_memory_grow(&asking->zones, &asking->zone_capacity, needed,
                          sizeof(struct ac_dns_zone *), err));
    AC_TRY(ac_memory_grow(&asking->servers, &asking->server_capacity, needed,
                          sizeof *asking->servers, err));
    asking->queries[asking->count] =
        (struct ac_dns_query){ .name = name,
                               .type = (int)type,
                               .is_recursive = true,
                               .servers = asking->resolvers->items,
                               .server_count = asking->resolvers->count };
    asking->zones[asking->count] = zone;
    asking->servers[asking->count] = server;
    asking->count++;
    return AC_OK;
}

static void fail_zone(struct ac_dns_zone *zone, const struct ac_dns_query *query)
{
    const char *what = ac_dns_outcome_text(query);

    if (query->outcome == AC_DNS_ANSWERED && query->answer.rcode == AC_DNS_NOERROR)
        what = "there are none";
    (void)snprintf(zone->trouble, sizeof zone->trouble,
                   "the name servers of %s cannot be found: %s", zone->name, what);
}

static enum ac_code take_servers(struct ac_dns_zone *zone,
                                 const struct ac_dns_query *query, struct ac_error *err)
{
    const struct ac_dns_answer *answer = &query->answer;

    AC_TRY(
        ac_memory_new(AC_DNS_SERVERS_MAX, sizeof *zone->servers, &zone->servers, err));
    for (size_t i = 0; i < answer->count; i++) {
        const struct ac_dns_record *record = &answer->records[i];
        /* Of a server that refers to its child zone, they come as authority. */
        if (record->type != AC_DNS_NS || strcmp(record->owner, zone->name) != 0
            || zone->server_count == AC_DNS_SERVERS_MAX)
            continue;
        AC_TRY(ac_memory_copy_text(record->name,
                                   &zone->servers[zone->server_count].name, err));
        zone->server_count++;
    }
    zone->named_at_ms = ac_clock_now_ms();
    if (zone->server_count == 0)
        fail_zone(zone, query);
    return AC_OK;
}

/* With a slow resolver one call learns the names, and the next one the addresses. */
static bool is_known(const struct ac_dns_zone *zone)
{
    int64_t known_at_ms = zone->is_fetched ? zone->fetched_at_ms : zone->named_at_ms;

    return zone->server_count > 0
           && ac_clock_now_ms() < known_at_ms + AC_DNS_ZONE_FRESH_MS;
}

static enum ac_code ask_servers(struct ac_dns_zones *zones,
                                const struct ac_dns_resolvers *resolvers,
                                int64_t deadline_ms, struct ac_error *err)
{
    AUTO_ASKING asking = { .resolvers = resolvers };

    for (size_t i = 0; i < zones->count; i++) {
        struct ac_dns_zone *zone = &zones->items[i];
        if (is_known(zone))
            continue;
        clear_servers(zone);
        *zone->trouble = '\0';
        AC_TRY(add_query(&asking, zone, 0, AC_DNS_NS, err));
    }
    AC_TRY(ac_dns_ask(asking.queries, asking.count, deadline_ms, err));
    for (size_t i = 0; i < asking.count; i++)
        AC_TRY(take_servers(asking.zones[i], &asking.queries[i], err));
    return AC_OK;
}

/* Whatever the answer calls them: a server's name may be an alias, against the rules.
 */
static void take_addresses(struct ac_dns_server *server,
                           const struct ac_dns_answer *answer, uint16_t port)
{
    for (size_t i = 0; i < answer->count; i++) {
        if (server->address_count == AC_DNS_ADDRESSES_MAX)
            return;
        if (!answer->records[i].is_authority
            && ac_dns_address_of(&answer->records[i], port,
                                 &server->addresses[server->address_count]))
            server->address_count++;
    }
}

static void settle_zone(struct ac_dns_zone *zone)
{
    zone->fetched_at_ms = ac_clock_now_ms();
    zone->is_fetched = ac_dns_zone_address_count(zone) > 0;
    *zone->trouble = '\0';
    if (!zone->is_fetched) {
        (void)snprintf(zone->trouble, sizeof zone->trouble,
                       "none of the name servers of %s has an address", zone->name);
    }
}

static enum ac_code add_addresses(struct asking *asking, struct ac_dns_zone *zone,
                                  struct ac_error *err)
{
    for (size_t i = 0; i < zone->server_count && !zone->is_fetched; i++) {
        AC_TRY(add_query(asking, zone, i, AC_DNS_A, err));
        AC_TRY(add_query(asking, zone, i, AC_DNS_AAAA, err));
    }
    return AC_OK;
}

static enum ac_code ask_addresses(struct ac_dns_zones *zones,
                                  const struct ac_dns_resolvers *resolvers,
                                  uint16_t port, int64_t deadline_ms,
                                  struct ac_error *err)
{
    AUTO_ASKING asking = { .resolvers = resolvers };

    for (size_t i = 0; i < zones->count; i++)
        AC_TRY(add_addresses(&asking, &zones->items[i], err));
    AC_TRY(ac_dns_ask(asking.queries, asking.count, deadline_ms, err));
    for (size_t i = 0; i < asking.count; i++) {
        take_addresses(&asking.zones[i]->servers[asking.servers[i]],
                       &asking.queries[i].answer, port);
    }
    for (size_t i = 0; i < zones->count; i++) {
        if (!zones->items[i].is_fetched && zones->items[i].server_count > 0)
            settle_zone(&zones->items[i]);
    }
    return AC_OK;
}

enum ac_code ac_dns_zones_fetch(struct ac_dns_zones *zones,
                                const struct ac_dns_resolvers *resolvers, uint16_t port,
                                int64_t deadline_ms, struct ac_error *err)
{
    AC_TRY(ask_servers(zones, resolvers, deadline_ms, err));
    return ask_addresses(zones, resolvers, port, deadline_ms, err);
}
