/* SPDX-License-Identifier: Apache-2.0 */
#include "readback.h"

#include "survey.h"

#include <stdlib.h>

/* Each name once, with the items that have it in a row: they are sorted by name. */
struct reading {
    struct session *session;
    struct update_item *const *items;
    size_t count;
    bool is_absence; /* it is looked for what is gone */
    const ldns_rdf **names;
    size_t name_count;
    size_t missing_count;
};

static void collect(struct reading *reading);
static bool is_in_question(const struct reading *reading,
                           const struct update_item *item);
static void take(void *arg, size_t index, const ldns_pkt *packet);
static void take_absence(void *arg, size_t index, const ldns_pkt *packet);
static bool find_alias(const ldns_pkt *packet, const ldns_rdf *name);
static const ldns_rdf *find_child(const ldns_pkt *packet,
                                  const struct update_item *item);
static void accuse(struct reply *reply, const ldns_rdf *child);

void readback(struct session *session, struct update_item *const *items, size_t count)
{
    struct reading reading = { .session = session, .items = items, .count = count };

    reading.names = calloc(count, sizeof(void *));
    /* Without memory for it, it is the visibility check that finds out. */
    if (!reading.names)
        return;
    collect(&reading);
    survey_txt(session, reading.names, reading.name_count, take, &reading);
    if (reading.missing_count > 0) {
        session->host->log(session->host->ctx, ACMECORE_INFO,
                           "readback.missing records=%zu zone=%s; the server accepted "
                           "them and does not serve them yet",
                           reading.missing_count, name_format(items[0]->zone).text);
    }
    free(reading.names);
}

void readback_absent(struct session *session, struct update_item *const *items,
                     size_t count)
{
    struct reading reading = {
        .session = session, .items = items, .count = count, .is_absence = true
    };

    reading.names = calloc(count, sizeof(void *));
    if (!reading.names)
        return;
    collect(&reading);
    survey_txt(session, reading.names, reading.name_count, take_absence, &reading);
    free(reading.names);
}

static bool is_in_question(const struct reading *reading,
                           const struct update_item *item)
{
    if (reading->is_absence)
        return item->reply.kind == REPLY_REFUSED || item->reply.kind == REPLY_BAD_KEY;
    return item->reply.kind == REPLY_DONE;
}

static void collect(struct reading *reading)
{
    for (size_t i = 0; i < reading->count; i++) {
        const struct update_item *item = reading->items[i];
        size_t count = reading->name_count;

        if (is_in_question(reading, item)
            && (count == 0 || !name_is_equal(reading->names[count - 1], item->name)))
            reading->names[reading->name_count++] = item->name;
    }
}

static void take(void *arg, size_t index, const ldns_pkt *packet)
{
    struct reading *reading = arg;
    const ldns_rdf *name = reading->names[index];

    for (size_t i = 0; i < reading->count; i++) {
        struct update_item *item = reading->items[i];
        const ldns_rdf *child = NULL;

        if (item->reply.kind != REPLY_DONE || !name_is_equal(item->name, name)
            || message_has_txt(packet, name, item->value))
            continue;
        child = find_child(packet, item);
        if (find_alias(packet, name)) {
            item->reply.kind = REPLY_ALIAS;
        } else if (child) {
            accuse(&item->reply, child);
        } else {
            reading->missing_count++;
        }
    }
}

/* Only who serves the zone knows that there is nothing. */
static void take_absence(void *arg, size_t index, const ldns_pkt *packet)
{
    struct reading *reading = arg;
    const ldns_rdf *name = reading->names[index];
    ldns_pkt_rcode rcode = ldns_pkt_get_rcode(packet);

    if (!ldns_pkt_aa(packet)
        || (rcode != LDNS_RCODE_NOERROR && rcode != LDNS_RCODE_NXDOMAIN))
        return;
    for (size_t i = 0; i < reading->count; i++) {
        struct update_item *item = reading->items[i];

        if (is_in_question(reading, item) && name_is_equal(item->name, name)
            && !message_has_txt(packet, name, item->value))
            item->reply.kind = REPLY_DONE;
    }
}

/* RFC 6672 §3.1: with a DNAME comes a CNAME that was made for the name. */
static bool find_alias(const ldns_pkt *packet, const ldns_rdf *name)
{
    const ldns_rr_list *answer = ldns_pkt_answer(packet);

    for (size_t i = 0; i < ldns_rr_list_rr_count(answer); i++) {
        const ldns_rr *record = ldns_rr_list_rr(answer, i);

        if (ldns_rr_get_type(record) == LDNS_RR_TYPE_CNAME
            && name_is_equal(ldns_rr_owner(record), name))
            return true;
    }
    return false;
}

/* A referral is not authoritative, and names the servers of a zone further down; an
 * authoritative answer with another SOA comes from a server that has the child, too. */
static const ldns_rdf *find_child(const ldns_pkt *packet,
                                  const struct update_item *item)
{
    const ldns_rr_list *authority = ldns_pkt_authority(packet);
    ldns_rr_type wanted = ldns_pkt_aa(packet) ? LDNS_RR_TYPE_SOA : LDNS_RR_TYPE_NS;

    for (size_t i = 0; i < ldns_rr_list_rr_count(authority); i++) {
        const ldns_rr *record = ldns_rr_list_rr(authority, i);

        if (ldns_rr_get_type(record) == wanted
            && ldns_dname_is_subdomain(ldns_rr_owner(record), item->zone)
            && name_is_in(item->name, ldns_rr_owner(record)))
            return ldns_rr_owner(record);
    }
    return NULL;
}

static void accuse(struct reply *reply, const ldns_rdf *child)
{
    reply->kind = REPLY_DELEGATED;
    reply->other = name_format(child);
}
