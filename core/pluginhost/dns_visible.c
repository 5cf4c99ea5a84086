/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/dns_visible.h"

#include "base/clock.h"
#include "pluginhost/dns_locate.h"
#include "pluginhost/dns_spot.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NO_SPOT         SIZE_MAX
#define RESOLVER_MIN_MS 1000
#define RESOLVER_MAX_MS                                                                \
    30000 /* a TTL may be 2^31; another server may answer by then                      \
           */
#define LONG_ROUND_EVERY 4
#define NAMESPACE        "dns-" /* of the challenge types that have a record */
#define LOOKS_MAX        (AC_DNS_SERVERS_MAX * AC_DNS_ADDRESSES_MAX)

struct ac_dns_visible {
    struct ac_dns_visible_settings settings;
    struct ac_dns_spots spots;
    struct ac_dns_zones zones;
    size_t rounds;
};

/* One call. */
struct probe {
    struct ac_dns_visible *visible;
    const struct acmecore_challenge *const *challenges;
    size_t count;
    struct ac_dns_verdict *verdicts;
    size_t *spots; /* of each challenge: its spot, or NO_SPOT */
    int64_t deadline_ms;
    size_t query_count;
    struct ac_dns_query *queries; /* of one round */
    size_t *owners;               /* of each query: its spot */
    size_t *looks;                /* of each query: its look there */
};

enum ac_code ac_dns_visible_new(const struct ac_dns_visible_settings *settings,
                                struct ac_dns_visible **ret_visible,
                                struct ac_error *err)
{
    struct ac_dns_visible *visible = NULL;

    AC_TRY(ac_memory_new(1, sizeof *visible, &visible, err));
    visible->settings = *settings;
    *ret_visible = visible;
    return AC_OK;
}

void ac_dns_visible_free(struct ac_dns_visible *visible)
{
    if (!visible)
        return;
    ac_dns_spots_done(&visible->spots);
    ac_dns_zones_done(&visible->zones);
    free(visible);
}

void ac_dns_verdicts_free(struct ac_dns_verdict *verdicts, size_t count)
{
    for (size_t i = 0; verdicts && i < count; i++)
        ac_words_done(&verdicts[i].report);
    free(verdicts);
}

static void end_round(struct probe *probe)
{
    ac_dns_queries_done(probe->queries, probe->query_count);
    free(AC_TAKE(probe->queries));
    free(AC_TAKE(probe->owners));
    free(AC_TAKE(probe->looks));
    probe->query_count = 0;
}

static void probe_done(struct probe *probe)
{
    end_round(probe);
    free(probe->spots);
}

/* ---- before the first question ------------------------------------------ */

static bool has_record(const struct acmecore_challenge *challenge)
{
    return !strncmp(challenge->type, NAMESPACE, sizeof NAMESPACE - 1)
           && challenge->record_name && challenge->record_value;
}

/* A challenge that comes with its zone has its record_name in it already. */
static enum ac_code take_zone(struct probe *probe, size_t index,
                              const struct acmecore_challenge *challenge,
                              struct ac_error *err)
{
    struct ac_dns_visible *visible = probe->visible;
    struct ac_dns_spot *spot = &visible->spots.items[probe->spots[index]];

    if (!challenge->record_zone || spot->zone != AC_DNS_NO_ZONE)
        return AC_OK;
    return ac_dns_zones_index(&visible->zones, challenge->record_zone, &spot->zone,
                              err);
}

static enum ac_code find_spots(struct probe *probe, struct ac_error *err)
{
    struct ac_dns_spots *spots = &probe->visible->spots;

    for (size_t i = 0; i < spots->count; i++) {
        /* Those of other batches are kept until they are stale. */
        spots->items[i].is_needed =
            ac_clock_now_ms() - spots->items[i].called_at_ms <= AC_DNS_VISIBLE_STALE_MS;
    }
    AC_TRY(ac_memory_new(probe->count, sizeof *probe->spots, &probe->spots, err));
    for (size_t i = 0; i < probe->count; i++) {
        probe->spots[i] = NO_SPOT;
        if (probe->verdicts[i].status != ACMECORE_OK
            || !has_record(probe->challenges[i]))
            continue;
        AC_TRY(ac_dns_spots_index(spots, probe->challenges[i], AC_DNS_VISIBLE_STALE_MS,
                                  &probe->spots[i], err));
        AC_TRY(take_zone(probe, i, probe->challenges[i], err));
    }
    return AC_OK;
}

static bool needs_place(const struct ac_dns_spot *spot)
{
    return spot->is_needed && spot->zone == AC_DNS_NO_ZONE;
}

static enum ac_code take_place(struct ac_dns_visible *visible, struct ac_dns_spot *spot,
                               const struct ac_dns_place *place, struct ac_error *err)
{
    char *target = NULL;

    (void)snprintf(spot->trouble, sizeof spot->trouble, "%s", place->reason);
    if (place->status != ACMECORE_OK)
        return AC_OK;
    AC_TRY(ac_memory_copy_text(place->name, &target, err));
    free(spot->target);
    spot->target = target;
    return ac_dns_zones_index(&visible->zones, place->zone, &spot->zone, err);
}

/* Where the caller has not looked: the same as for "locate". */
static enum ac_code find_places(struct probe *probe, struct ac_error *err)
{
    struct ac_dns_visible *visible = probe->visible;
    struct ac_dns_spots *spots = &visible->spots;
    struct ac_dns_place *places = NULL;
    size_t used = 0;
    size_t at = 0;

    for (size_t i = 0; i < spots->count; i++)
        used += needs_place(&spots->items[i]);
    AC_TRY(ac_memory_new(used, sizeof *places, &places, err));
    for (size_t i = 0; i < spots->count; i++) {
        if (needs_place(&spots->items[i]))
            (void)ac_dns_place_init(&places[at++], spots->items[i].name);
    }
    enum ac_code code = ac_dns_locate(&visible->settings.resolvers, places, used,
                                      probe->deadline_ms, err);
    at = 0;
    for (size_t i = 0; i < spots->count && code == AC_OK; i++) {
        if (needs_place(&spots->items[i]))
            code = take_place(visible, &spots->items[i], &places[at++], err);
    }
    free(places);
    return code;
}

/* A place for what each address of the spot's zone will say, or the resolver. */
static enum ac_code make_looks(const struct ac_dns_visible *visible,
                               struct ac_dns_spot *spot, struct ac_error *err)
{
    if (visible->settings.mode == AC_DNS_RESOLVER)
        return spot->look_count > 0 ? AC_OK : ac_dns_spot_reset(spot, 1, err);
    if (spot->zone == AC_DNS_NO_ZONE)
        return AC_OK;
    const struct ac_dns_zone *zone = &visible->zones.items[spot->zone];
    (void)snprintf(spot->trouble, sizeof spot->trouble, "%s", zone->trouble);
    if (!zone->is_fetched || spot->zone_fetched_at_ms == zone->fetched_at_ms)
        return AC_OK;
    spot->zone_fetched_at_ms = zone->fetched_at_ms;
    return ac_dns_spot_reset(spot, ac_dns_zone_address_count(zone), err);
}

static enum ac_code prepare(struct probe *probe, struct ac_error *err)
{
    struct ac_dns_visible *visible = probe->visible;

    if (visible->settings.mode == AC_DNS_AUTHORITATIVE) {
        AC_TRY(find_places(probe, err));
        AC_TRY(ac_dns_zones_fetch(&visible->zones, &visible->settings.resolvers,
                                  visible->settings.port, probe->deadline_ms, err));
    }
    for (size_t i = 0; i < visible->spots.count; i++)
        AC_TRY(make_looks(visible, &visible->spots.items[i], err));
    return AC_OK;
}

/* ---- what is there already ---------------------------------------------- */

static bool is_old(const struct ac_dns_spot *spot, int64_t span_ms)
{
    return ac_clock_now_ms() - spot->began_ms >= span_ms;
}

static const struct ac_dns_zone *zone_of(const struct ac_dns_visible *visible,
                                         const struct ac_dns_spot *spot)
{
    return spot->zone == AC_DNS_NO_ZONE ? NULL : &visible->zones.items[spot->zone];
}

static void gather_sights(const struct ac_dns_spot *spot, const char *value,
                          struct ac_dns_sight sights[LOOKS_MAX])
{
    for (size_t i = 0; i < spot->look_count && i < LOOKS_MAX; i++)
        sights[i] = ac_dns_spot_sight(spot, i, value);
}

static bool is_visible(const struct ac_dns_visible *visible,
                       const struct ac_dns_spot *spot, const char *value)
{
    const struct ac_dns_visible_settings *settings = &visible->settings;
    struct ac_dns_sight sights[LOOKS_MAX] = { 0 };

    if (settings->mode == AC_DNS_WAIT)
        return is_old(spot, settings->wait_ms);
    if (spot->look_count == 0)
        return false;
    if (settings->mode == AC_DNS_RESOLVER)
        return ac_dns_look_has(&spot->looks[0], value);
    gather_sights(spot, value, sights);
    return ac_dns_quorum_is_met(&settings->quorum, zone_of(visible, spot), sights,
                                !is_old(spot, settings->dead_ms));
}

/* True when there is nothing left to look for. */
static bool settle(struct probe *probe)
{
    bool is_all = true;

    for (size_t i = 0; i < probe->count; i++) {
        struct ac_dns_verdict *verdict = &probe->verdicts[i];
        if (probe->spots[i] == NO_SPOT)
            continue;
        const struct ac_dns_spot *spot = &probe->visible->spots.items[probe->spots[i]];
        verdict->is_ours = true;
        verdict->status = ACMECORE_PENDING;
        if (is_visible(probe->visible, spot, probe->challenges[i]->record_value))
            verdict->status = ACMECORE_OK;
        is_all = is_all && verdict->status == ACMECORE_OK;
    }
    return is_all;
}

/* ---- rounds ------------------------------------------------------------- */

/* Is some value that a challenge waits for not seen there yet? */
static bool is_wanted(const struct probe *probe, size_t spot, size_t look)
{
    const struct ac_dns_spot *at = &probe->visible->spots.items[spot];

    for (size_t i = 0; i < probe->count; i++) {
        if (probe->spots[i] == spot && probe->verdicts[i].status == ACMECORE_PENDING
            && !ac_dns_look_has(&at->looks[look], probe->challenges[i]->record_value))
            return true;
    }
    return false;
}

static const struct ac_dns_address *find_address(const struct ac_dns_zone *zone,
                                                 size_t look)
{
    size_t server = 0;

    while (look >= zone->servers[server].address_count)
        look -= zone->servers[server++].address_count;
    return &zone->servers[server].addresses[look];
}

static struct ac_dns_query make_query(const struct ac_dns_visible *visible,
                                      const struct ac_dns_spot *spot, size_t look)
{
    const struct ac_dns_resolvers *resolvers = &visible->settings.resolvers;
    struct ac_dns_query query = { .name = spot->target, .type = AC_DNS_TXT };

    if (visible->settings.mode == AC_DNS_RESOLVER) {
        query.is_recursive = true;
        query.servers = resolvers->items;
        query.server_count = resolvers->count;
    } else {
        query.servers = find_address(zone_of(visible, spot), look);
        query.server_count = 1;
    }
    return query;
}

static void add_queries(struct probe *probe, size_t index, size_t limit)
{
    const struct ac_dns_spot *spot = &probe->visible->spots.items[index];

    if (spot->ask_at_ms > ac_clock_now_ms())
        return;
    for (size_t i = 0; i < spot->look_count && probe->query_count < limit; i++) {
        if (!is_wanted(probe, index, i))
            continue;
        probe->queries[probe->query_count] = make_query(probe->visible, spot, i);
        probe->owners[probe->query_count] = index;
        probe->looks[probe->query_count] = i;
        probe->query_count++;
    }
}

static enum ac_code begin_round(struct probe *probe, struct ac_error *err)
{
    const struct ac_dns_spots *spots = &probe->visible->spots;
    size_t limit = 0;

    for (size_t i = 0; i < spots->count; i++)
        limit += spots->items[i].look_count;
    AC_TRY(ac_memory_new(limit, sizeof *probe->queries, &probe->queries, err));
    AC_TRY(ac_memory_new(limit, sizeof *probe->owners, &probe->owners, err));
    AC_TRY(ac_memory_new(limit, sizeof *probe->looks, &probe->looks, err));
    for (size_t i = 0; i < spots->count; i++)
        add_queries(probe, i, limit);
    return AC_OK;
}

/* A resolver gives the same answer until its memory of it ends. */
static void leave_alone(struct ac_dns_spot *spot, const struct ac_dns_query *query)
{
    const struct ac_dns_answer *answer = &query->answer;
    uint32_t ttl_s = ac_dns_negative_ttl(answer);

    for (size_t i = 0; i < answer->count; i++) {
        const struct ac_dns_record *record = &answer->records[i];
        if (!record->is_authority && record->type == AC_DNS_TXT)
            ttl_s = record->ttl;
    }
    int64_t span_ms = (int64_t)ttl_s * 1000;
    if (span_ms < RESOLVER_MIN_MS)
        span_ms = RESOLVER_MIN_MS;
    if (span_ms > RESOLVER_MAX_MS)
        span_ms = RESOLVER_MAX_MS;
    spot->ask_at_ms = ac_clock_after_ms(span_ms);
}

static enum ac_code take_round(struct probe *probe, struct ac_error *err)
{
    struct ac_dns_visible *visible = probe->visible;

    for (size_t i = 0; i < probe->query_count; i++) {
        struct ac_dns_spot *spot = &visible->spots.items[probe->owners[i]];
        AC_TRY(ac_dns_spot_take(spot, probe->looks[i], &probe->queries[i], err));
        if (visible->settings.mode == AC_DNS_RESOLVER)
            leave_alone(spot, &probe->queries[i]);
    }
    return AC_OK;
}

/* A silent server must not make each round a long one, but is heard out at times. */
static int64_t round_end_ms(const struct probe *probe)
{
    bool is_long = probe->visible->rounds % LONG_ROUND_EVERY == 0
                   || probe->visible->settings.mode == AC_DNS_RESOLVER;
    int64_t end_ms =
        ac_clock_after_ms(is_long ? AC_DNS_VISIBLE_LONG_MS : AC_DNS_VISIBLE_ROUND_MS);

    return end_ms < probe->deadline_ms ? end_ms : probe->deadline_ms;
}

static enum ac_code ask_round(struct probe *probe, struct ac_error *err)
{
    AC_TRY(begin_round(probe, err));
    AC_TRY(ac_dns_ask(probe->queries, probe->query_count, round_end_ms(probe), err));
    AC_TRY(take_round(probe, err));
    end_round(probe);
    probe->visible->rounds++;
    return AC_OK;
}

static enum ac_code look(struct probe *probe, struct ac_error *err)
{
    AC_TRY(prepare(probe, err));
    while (!settle(probe)) {
        AC_TRY(ask_round(probe, err));
        /* A resolver has said all that it will say for a while. */
        if (settle(probe) || probe->visible->settings.mode == AC_DNS_RESOLVER
            || ac_clock_left_ms(probe->deadline_ms) <= AC_DNS_VISIBLE_PAUSE_MS)
            break;
        (void)poll(NULL, 0, AC_DNS_VISIBLE_PAUSE_MS);
    }
    return AC_OK;
}

/* ---- the end ------------------------------------------------------------ */

static enum ac_code report(const struct ac_dns_visible *visible,
                           const struct ac_dns_spot *spot, const char *value,
                           struct ac_words *lines, struct ac_error *err)
{
    const struct ac_dns_zone *zone = zone_of(visible, spot);
    struct ac_dns_sight sights[LOOKS_MAX] = { 0 };

    if (spot->trouble[0])
        return ac_words_add(lines, spot->trouble, err);
    if (spot->look_count == 0)
        return ac_words_add(lines, "nobody could be asked yet", err);
    gather_sights(spot, value, sights);
    if (zone && visible->settings.mode == AC_DNS_AUTHORITATIVE)
        return ac_dns_quorum_report(zone, sights, lines, err);
    return ac_words_addf(lines, err, "the resolver: %s",
                         sights[0].text ? sights[0].text : "not asked");
}

static enum ac_code end_late(struct probe *probe, struct ac_error *err)
{
    const struct ac_dns_visible *visible = probe->visible;

    for (size_t i = 0; i < probe->count; i++) {
        struct ac_dns_verdict *verdict = &probe->verdicts[i];
        if (probe->spots[i] == NO_SPOT || verdict->status != ACMECORE_PENDING
            || visible->settings.mode == AC_DNS_WAIT)
            continue;
        const struct ac_dns_spot *spot = &visible->spots.items[probe->spots[i]];
        if (!is_old(spot, visible->settings.timeout_ms))
            continue;
        AC_TRY(report(visible, spot, probe->challenges[i]->record_value,
                      &verdict->report, err));
        verdict->status = ACMECORE_E_TIMEOUT;
    }
    return AC_OK;
}

/* A name that nobody waits for any more begins anew when it comes again. */
static void forget(struct probe *probe)
{
    struct ac_dns_spots *spots = &probe->visible->spots;

    for (size_t i = 0; i < probe->count; i++) {
        if (probe->spots[i] != NO_SPOT)
            spots->items[probe->spots[i]].is_needed = false;
    }
    for (size_t i = 0; i < probe->count; i++) {
        if (probe->spots[i] != NO_SPOT && probe->verdicts[i].status == ACMECORE_PENDING)
            spots->items[probe->spots[i]].is_needed = true;
    }
    ac_dns_spots_forget(spots);
}

enum ac_code ac_dns_visible_probe(struct ac_dns_visible *visible,
                                  const struct acmecore_challenge *const *challenges,
                                  size_t count, struct ac_dns_verdict *verdicts,
                                  int64_t deadline_ms, struct ac_error *err)
{
    int64_t end_ms = ac_clock_after_ms(AC_DNS_VISIBLE_CALL_MS);
    __attribute__((cleanup(probe_done))) struct probe probe = {
        .visible = visible,
        .challenges = challenges,
        .count = count,
        .verdicts = verdicts,
        .deadline_ms = deadline_ms < end_ms ? deadline_ms : end_ms
    };

    if (visible->settings.mode == AC_DNS_OFF)
        return AC_OK;
    AC_TRY(find_spots(&probe, err));
    if (visible->settings.mode == AC_DNS_WAIT) {
        (void)settle(&probe);
    } else {
        AC_TRY(look(&probe, err));
    }
    AC_TRY(end_late(&probe, err));
    forget(&probe);
    return AC_OK;
}
