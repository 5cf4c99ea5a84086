/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/dns_values.h"

#include "pluginhost/dns_zone.h"

#include <stdlib.h>
#include <string.h>

#define NO_ZONE SIZE_MAX

/* The servers of one name, as a question takes them. */
struct servers {
    struct ac_dns_address items[AC_DNS_VALUES_SERVERS];
    size_t count;
};

/* One call. All arrays have an item for each name. */
struct fetching {
    const struct ac_dns_visible_settings *settings;
    const struct ac_dns_place *places;
    struct ac_dns_values *values;
    size_t count;
    int64_t deadline_ms;
    struct ac_dns_zones zones;
    size_t *zone_of;         /* owned; NO_ZONE: it is not asked of its zone's servers */
    struct servers *servers; /* owned */
    struct ac_dns_query *queries; /* owned; only `used` of them */
    size_t used;
};

void ac_dns_values_free(struct ac_dns_values *values, size_t count)
{
    for (size_t i = 0; values && i < count; i++)
        ac_words_done(&values[i].texts);
    free(values);
}

static void fetching_done(struct fetching *fetching)
{
    if (fetching->queries)
        ac_dns_queries_done(fetching->queries, fetching->used);
    ac_dns_zones_done(&fetching->zones);
    free(fetching->zone_of);
    free(fetching->servers);
    free(fetching->queries);
}
AC_DEFINE_DROP_VALUE(fetching, fetching_done)

static bool is_asked(const struct fetching *fetching, size_t index)
{
    return fetching->values[index].is_wanted
           && fetching->places[index].status == ACMECORE_OK
           && *fetching->places[index].name;
}

/* Like the look at what was presented: at the zone's servers, unless that is not
 * wanted. */
static enum ac_code find_zone(struct fetching *fetching, size_t index,
                              struct ac_error *err)
{
    fetching->zone_of[index] = NO_ZONE;
    if (fetching->settings->mode != AC_DNS_AUTHORITATIVE || !is_asked(fetching, index)
        || !*fetching->places[index].zone)
        return AC_OK;
    return ac_dns_zones_index(&fetching->zones, fetching->places[index].zone,
                              &fetching->zone_of[index], err);
}

static enum ac_code find_zones(struct fetching *fetching, struct ac_error *err)
{
    const struct ac_dns_visible_settings *settings = fetching->settings;

    for (size_t i = 0; i < fetching->count; i++)
        AC_TRY(find_zone(fetching, i, err));
    return ac_dns_zones_fetch(&fetching->zones, &settings->resolvers, settings->port,
                              fetching->deadline_ms, err);
}

/* First one address of each server, for servers fail as a whole. */
static void gather_servers(const struct ac_dns_zone *zone, struct servers *servers)
{
    for (size_t nth = 0; nth < AC_DNS_ADDRESSES_MAX; nth++) {
        for (size_t i = 0; i < zone->server_count; i++) {
            if (nth < zone->servers[i].address_count
                && servers->count < AC_DNS_VALUES_SERVERS)
                servers->items[servers->count++] = zone->servers[i].addresses[nth];
        }
    }
}

static struct ac_dns_query question(struct fetching *fetching, size_t index)
{
    const struct ac_dns_resolvers *resolvers = &fetching->settings->resolvers;
    struct servers *servers = &fetching->servers[index];
    struct ac_dns_query query = { .name = fetching->places[index].name,
                                  .type = AC_DNS_TXT };

    if (fetching->zone_of[index] != NO_ZONE)
        gather_servers(&fetching->zones.items[fetching->zone_of[index]], servers);
    query.is_recursive = fetching->zone_of[index] == NO_ZONE;
    query.servers = query.is_recursive ? resolvers->items : servers->items;
    query.server_count = query.is_recursive ? resolvers->count : servers->count;
    return query;
}

static bool is_readable(const struct ac_dns_record *record)
{
    for (size_t i = 0; i < record->data_size; i++) {
        if (record->data[i] < ' ' || record->data[i] > '~')
            return false;
    }
    return record->data_size > 0 && record->data_size <= AC_DNS_VALUE_SIZE;
}

static enum ac_code keep(const struct ac_dns_answer *answer, struct ac_words *texts,
                         size_t *bytes, struct ac_error *err)
{
    for (size_t i = 0; i < answer->count && texts->count < AC_DNS_VALUES_KEPT; i++) {
        const struct ac_dns_record *record = &answer->records[i];
        if (record->is_authority || record->type != AC_DNS_TXT || !is_readable(record))
            continue;
        AC_TRY(ac_words_add(texts, record->data, err));
        *bytes += record->data_size;
    }
    return AC_OK;
}

static bool is_answer(const struct ac_dns_query *query)
{
    int rcode = query->answer.rcode;

    return query->outcome == AC_DNS_ANSWERED
           && (rcode == AC_DNS_NOERROR || rcode == AC_DNS_NXDOMAIN)
           && (query->is_recursive || query->answer.is_authoritative);
}

static enum ac_code take_all(struct fetching *fetching, struct ac_error *err)
{
    size_t bytes = 0;
    size_t at = 0;

    for (size_t i = 0; i < fetching->count; i++) {
        if (!is_asked(fetching, i))
            continue;
        const struct ac_dns_query *query = &fetching->queries[at++];
        struct ac_dns_values *values = &fetching->values[i];
        values->is_known = is_answer(query) && bytes < AC_DNS_VALUES_BYTES_MAX;
        if (values->is_known)
            AC_TRY(keep(&query->answer, &values->texts, &bytes, err));
    }
    return AC_OK;
}

enum ac_code ac_dns_values_fetch(const struct ac_dns_visible_settings *settings,
                                 const struct ac_dns_place *places,
                                 struct ac_dns_values *values, size_t count,
                                 int64_t deadline_ms, struct ac_error *err)
{
    AC_AUTO(fetching) fetching = { .settings = settings,
                                   .places = places,
                                   .values = values,
                                   .count = count,
                                   .deadline_ms = deadline_ms };

    AC_TRY(ac_memory_new(count, sizeof *fetching.zone_of, &fetching.zone_of, err));
    AC_TRY(ac_memory_new(count, sizeof *fetching.servers, &fetching.servers, err));
    AC_TRY(ac_memory_new(count, sizeof *fetching.queries, &fetching.queries, err));
    AC_TRY(find_zones(&fetching, err));
    for (size_t i = 0; i < count; i++) {
        if (is_asked(&fetching, i))
            fetching.queries[fetching.used++] = question(&fetching, i);
    }
    AC_TRY(ac_dns_ask(fetching.queries, fetching.used, deadline_ms, err));
    return take_all(&fetching, err);
}
