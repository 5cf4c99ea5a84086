/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/dns_locate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool ac_dns_place_init(struct ac_dns_place *place, const char *name)
{
    int size = snprintf(place->name, sizeof place->name, "%s", name);

    *place->zone = *place->reason = *place->failed = '\0';
    place->status = ACMECORE_OK;
    place->hops = place->queries = 0;
    place->is_done = place->is_chasing = false;
    (void)snprintf(place->asked, sizeof place->asked, "%s", place->name);
    return size > 0 && (size_t)size < sizeof place->name;
}

__attribute__((format(printf, 3, 4))) static void give_up(struct ac_dns_place *place,
                                                          int status,
                                                          const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(place->reason, sizeof place->reason, format, args);
    va_end(args);
    place->status = status;
    place->is_done = true;
}

/* The name that a person knows: without "_acme-challenge" and the like. */
static const char *without_marks(const char *name)
{
    const char *rest = name;

    while (rest && rest[0] == '_')
        rest = ac_dns_parent(rest);
    return rest && strcmp(rest, ".") != 0 ? rest : name;
}

static void give_up_nowhere(struct ac_dns_place *place)
{
    give_up(place, ACMECORE_E_CONFIG,
            "there is no domain %s, and no zone that %s could be in: is the name "
            "right, and does the resolver know it?",
            without_marks(place->name), place->name);
    place->is_nowhere = true;
}

/* The servers of everything at and below this name fail; above it they answer. */
static void give_up_failed(struct ac_dns_place *place)
{
    give_up(place, ACMECORE_E_REFUSED,
            "the resolver says SERVFAIL for %s and all below it, %s too: the name "
            "servers of that domain do not answer, or its DNSSEC is broken",
            place->failed, place->name);
}

static void find_zone(struct ac_dns_place *place, const char *zone)
{
    if (*place->failed) {
        give_up_failed(place);
        return;
    }
    if (!strcmp(zone, ".")) {
        give_up_nowhere(place);
        return;
    }
    (void)snprintf(place->zone, sizeof place->zone, "%s", zone);
    place->is_done = true;
}

/* ---- aliases ------------------------------------------------------------ */

static const struct ac_dns_record *find_dname(const struct ac_dns_answer *answer,
                                              const char *name)
{
    for (size_t i = 0; i < answer->count; i++) {
        const struct ac_dns_record *record = &answer->records[i];
        if (!record->is_authority && record->type == AC_DNS_DNAME
            && strcmp(record->owner, ".") != 0 && ac_dns_is_within(name, record->owner)
            && strlen(name) > strlen(record->owner))
            return record;
    }
    return NULL;
}

/* RFC 6672: the end of the name that is the DNAME's owner is replaced by its target. */
static bool rename_by_dname(char name[AC_DNS_NAME_SIZE],
                            const struct ac_dns_record *dname)
{
    char renamed[AC_DNS_NAME_SIZE];
    int kept = (int)(strlen(name) - strlen(dname->owner)); /* with its dot */
    bool is_root = !strcmp(dname->name, ".");
    int size = snprintf(renamed, sizeof renamed, "%.*s%s", is_root ? kept - 1 : kept,
                        name, is_root ? "" : dname->name);

    if (size < 0 || (size_t)size >= sizeof renamed)
        return false;
    memcpy(name, renamed, (size_t)size + 1);
    return true;
}

/* One alias of the place's name in this answer; true when it was followed. */
static bool follow(struct ac_dns_place *place, const struct ac_dns_answer *answer)
{
    const struct ac_dns_record *cname = ac_dns_find(answer, AC_DNS_CNAME, place->name);
    const struct ac_dns_record *dname = cname ? NULL : find_dname(answer, place->name);

    if (!cname && !dname)
        return false;
    if (++place->hops > AC_DNS_HOPS_MAX) {
        give_up(place, ACMECORE_E_CONFIG,
                "the aliases (CNAME) go on for more than %d steps, at %s; they may go "
                "in a circle",
                AC_DNS_HOPS_MAX, place->name);
        return false;
    }
    if (cname) {
        (void)snprintf(place->name, sizeof place->name, "%s", cname->name);
    } else if (!rename_by_dname(place->name, dname)) {
        give_up(place, ACMECORE_E_CONFIG, "the DNAME at %s makes %s too long",
                dname->owner, place->name);
        return false;
    }
    return true;
}

static bool follow_all(struct ac_dns_place *place, const struct ac_dns_answer *answer)
{
    bool has_moved = false;

    while (!place->is_done && follow(place, answer))
        has_moved = true;
    return has_moved;
}

/* ---- the apex ----------------------------------------------------------- */

/*
 * The SOA at the name itself, or beside "there is no such thing" (RFC 2308 section 3),
 * which names the apex too.
 */
static const char *find_soa(const struct ac_dns_answer *answer, const char *asked)
{
    const struct ac_dns_record *soa = ac_dns_find(answer, AC_DNS_SOA, asked);

    if (soa)
        return soa->owner;
    for (size_t i = 0; i < answer->count; i++) {
        const struct ac_dns_record *record = &answer->records[i];
        if (record->is_authority && record->type == AC_DNS_SOA
            && ac_dns_is_within(asked, record->owner))
            return record->owner;
    }
    return NULL;
}

/*
 * A referral: the servers of a child zone, without an answer. The parent would take an
 * UPDATE for a name below it, and never serve it. An upward one (to the root) is how
 * old servers say that they know nothing.
 */
static const char *find_referral(const struct ac_dns_answer *answer, const char *asked)
{
    if (answer->rcode != AC_DNS_NOERROR || answer->is_authoritative)
        return NULL;
    for (size_t i = 0; i < answer->count; i++) {
        const struct ac_dns_record *record = &answer->records[i];
        if (record->is_authority && record->type == AC_DNS_NS
            && strcmp(record->owner, ".") != 0
            && ac_dns_is_within(asked, record->owner))
            return record->owner;
    }
    return NULL;
}

static void climb(struct ac_dns_place *place)
{
    const char *parent = ac_dns_parent(place->asked);

    if (parent && strcmp(parent, ".") != 0) {
        memmove(place->asked, parent, strlen(parent) + 1);
    } else if (*place->failed) {
        give_up_failed(place);
    } else {
        give_up_nowhere(place);
    }
}

static void climb_over(struct ac_dns_place *place)
{
    (void)snprintf(place->failed, sizeof place->failed, "%s", place->asked);
    climb(place);
}

/* The alias at a name that the resolver cannot follow to its end. */
static void chase(struct ac_dns_place *place, const struct ac_dns_answer *answer)
{
    bool has_moved = follow_all(place, answer);

    place->is_chasing = false;
    if (place->is_done)
        return;
    if (!has_moved) {
        climb_over(place);
        return;
    }
    (void)snprintf(place->asked, sizeof place->asked, "%s", place->name);
}

static void take_answer(struct ac_dns_place *place, const struct ac_dns_answer *answer)
{
    bool is_at_name = !strcmp(place->asked, place->name);
    bool has_moved = is_at_name && follow_all(place, answer);
    const char *zone = NULL;

    if (place->is_done)
        return;
    if (has_moved)
        (void)snprintf(place->asked, sizeof place->asked, "%s", place->name);
    zone = find_soa(answer, place->asked);
    if (!zone)
        zone = find_referral(answer, place->asked);
    if (zone) {
        find_zone(place, zone);
    } else if (!has_moved) {
        climb(place);
    } /* else the resolver did not follow to the end: the new name is asked next */
}

static void take_failure(struct ac_dns_place *place, const struct ac_dns_query *query)
{
    char address[AC_DNS_ADDRESS_SIZE] = "none";
    bool is_answer = query->outcome == AC_DNS_ANSWERED;

    if (place->is_chasing) {
        place->is_chasing = false;
        climb_over(place);
        return;
    }
    if (query->server < query->server_count)
        (void)ac_dns_address_text(&query->servers[query->server], address);
    if (is_answer && query->answer.rcode == AC_DNS_SERVFAIL) {
        /* An alias that leads nowhere? Else: which zone is ill? That above answers. */
        place->is_chasing = !strcmp(place->asked, place->name);
        if (!place->is_chasing)
            climb_over(place);
    } else if (*place->failed) {
        give_up_failed(place);
    } else if (is_answer) {
        give_up(place, ACMECORE_E_REFUSED, "the resolver %s says %s for %s", address,
                ac_dns_outcome_text(query), place->asked);
    } else {
        give_up(
            place, ACMECORE_E_NETWORK,
            "the resolver %s cannot be asked for %s: %s; see the option \"resolver\"",
            address, place->asked, ac_dns_outcome_text(query));
    }
}

static void settle(struct ac_dns_place *place, const struct ac_dns_query *query)
{
    int rcode = query->answer.rcode;

    place->queries++;
    if (query->outcome != AC_DNS_ANSWERED
        || (rcode != AC_DNS_NOERROR && rcode != AC_DNS_NXDOMAIN)) {
        take_failure(place, query);
        return;
    }
    if (place->is_chasing) {
        chase(place, &query->answer);
    } else {
        take_answer(place, &query->answer);
    }
    if (!place->is_done && place->queries >= AC_DNS_QUERIES_MAX) {
        give_up(place, ACMECORE_E_CONFIG, "no zone was found for %s in %d questions",
                place->name, AC_DNS_QUERIES_MAX);
    }
}

/* ---- a round for all ---------------------------------------------------- */

static bool has_open(const struct ac_dns_place *places, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!places[i].is_done)
            return true;
    }
    return false;
}

/* One SOA question tells both: its answer has the aliases on the way. */
static void prepare(const struct ac_dns_resolvers *resolvers,
                    const struct ac_dns_place *places, size_t count,
                    struct ac_dns_query *queries, size_t *ret_used)
{
    *ret_used = 0;
    for (size_t i = 0; i < count; i++) {
        if (places[i].is_done)
            continue;
        queries[(*ret_used)++] =
            (struct ac_dns_query){ .name = places[i].asked,
                                   .type =
                                       places[i].is_chasing ? AC_DNS_CNAME : AC_DNS_SOA,
                                   .is_recursive = true,
                                   .servers = resolvers->items,
                                   .server_count = resolvers->count };
    }
}

static enum ac_code ask_round(const struct ac_dns_resolvers *resolvers,
                              struct ac_dns_place *places, size_t count,
                              struct ac_dns_query *queries, int64_t deadline_ms,
                              struct ac_error *err)
{
    size_t used = 0;
    size_t at = 0;

    prepare(resolvers, places, count, queries, &used);
    enum ac_code code = ac_dns_ask(queries, used, deadline_ms, err);
    for (size_t i = 0; i < count && code == AC_OK; i++) {
        if (!places[i].is_done)
            settle(&places[i], &queries[at++]);
    }
    ac_dns_queries_done(queries, used);
    return code;
}

enum ac_code ac_dns_locate(const struct ac_dns_resolvers *resolvers,
                           struct ac_dns_place *places, size_t count,
                           int64_t deadline_ms, struct ac_error *err)
{
    struct ac_dns_query *queries = NULL;
    enum ac_code code = AC_OK;

    AC_TRY(ac_memory_new(count, sizeof *queries, &queries, err));
    while (code == AC_OK && has_open(places, count))
        code = ask_round(resolvers, places, count, queries, deadline_ms, err);
    free(queries);
    return code;
}
