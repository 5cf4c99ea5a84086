/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/dns_quorum.h"

#include <string.h>

enum standing {
    DEAD,
    LACKING, /* some address answers without the value */
    PARTIAL, /* has it where it answers, and does not answer everywhere */
    WHOLE,
    STANDING_COUNT
};

bool ac_dns_quorum_parse(const char *text, struct ac_dns_quorum *ret_quorum)
{
    struct ac_dns_quorum quorum = { .rule = AC_DNS_QUORUM_NUMBER };
    struct ac_error ignored = { 0 };
    int64_t number = 0;

    if (!text) {
        quorum.rule = AC_DNS_QUORUM_ANSWERING;
    } else if (!strcmp(text, "all")) {
        quorum.rule = AC_DNS_QUORUM_ALL;
    } else if (!strcmp(text, "majority")) {
        quorum.rule = AC_DNS_QUORUM_MAJORITY;
    } else if (ac_text_parse_number(text, 1, AC_DNS_SERVERS_MAX, &number, &ignored)
               != AC_OK) {
        return false;
    }
    quorum.number = (size_t)number;
    *ret_quorum = quorum;
    return true;
}

static enum standing judge(const struct ac_dns_server *server,
                           const struct ac_dns_sight *sights)
{
    size_t with = 0;
    size_t silent = 0; /* over IPv4 */

    for (size_t i = 0; i < server->address_count; i++) {
        if (sights[i].seen == AC_DNS_SEEN_MISSING)
            return LACKING;
        with += sights[i].seen == AC_DNS_SEEN_VALUE;
        silent += sights[i].seen == AC_DNS_SEEN_NOTHING
                  && server->addresses[i].at.any.sa_family != AF_INET6;
    }
    if (with == 0)
        return DEAD;
    return silent > 0 ? PARTIAL : WHOLE;
}

bool ac_dns_quorum_is_met(const struct ac_dns_quorum *quorum,
                          const struct ac_dns_zone *zone,
                          const struct ac_dns_sight *sights, bool is_patient)
{
    size_t counts[STANDING_COUNT] = { 0 };
    size_t all = zone->server_count;

    for (size_t i = 0; i < all; i++) {
        counts[judge(&zone->servers[i], sights)]++;
        sights += zone->servers[i].address_count;
    }
    size_t with = counts[WHOLE] + (is_patient ? 0 : counts[PARTIAL]);
    size_t answering = all - counts[DEAD];

    switch (quorum->rule) {
    case AC_DNS_QUORUM_ALL:
        return all > 0 && counts[WHOLE] == all;
    case AC_DNS_QUORUM_MAJORITY:
        return with * 2 > all;
    case AC_DNS_QUORUM_NUMBER:
        return with > 0 && with >= (quorum->number < all ? quorum->number : all);
    case AC_DNS_QUORUM_ANSWERING:
        break;
    }
    if (is_patient)
        return all > 0 && with == all;
    return with == answering && answering * 2 > all;
}

static enum ac_code add_line(const struct ac_dns_server *server, size_t index,
                             const struct ac_dns_sight *sight, struct ac_words *lines,
                             struct ac_error *err)
{
    char address[AC_DNS_ADDRESS_SIZE];

    return ac_words_addf(lines, err, "%s (%s): %s", server->name,
                         ac_dns_address_text(&server->addresses[index], address),
                         sight->text ? sight->text : "not asked yet");
}

static enum ac_code add_server(const struct ac_dns_server *server,
                               const struct ac_dns_sight *sights, bool has_value,
                               struct ac_words *lines, struct ac_error *err)
{
    if (server->address_count == 0 && !has_value)
        return ac_words_addf(lines, err, "%s: has no address", server->name);
    for (size_t i = 0; i < server->address_count; i++) {
        if ((sights[i].seen == AC_DNS_SEEN_VALUE) == has_value)
            AC_TRY(add_line(server, i, &sights[i], lines, err));
    }
    return AC_OK;
}

/* Those that have the value, or those that lack it. */
static enum ac_code add_lines(const struct ac_dns_zone *zone,
                              const struct ac_dns_sight *sights, bool has_value,
                              struct ac_words *lines, struct ac_error *err)
{
    for (size_t i = 0; i < zone->server_count; i++) {
        AC_TRY(add_server(&zone->servers[i], sights, has_value, lines, err));
        sights += zone->servers[i].address_count;
    }
    return AC_OK;
}

enum ac_code ac_dns_quorum_report(const struct ac_dns_zone *zone,
                                  const struct ac_dns_sight *sights,
                                  struct ac_words *lines, struct ac_error *err)
{
    AC_TRY(add_lines(zone, sights, false, lines, err));
    return add_lines(zone, sights, true, lines, err);
}
