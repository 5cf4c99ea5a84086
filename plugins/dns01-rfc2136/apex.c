/* SPDX-License-Identifier: Apache-2.0 */
#include "apex.h"

enum look {
    LOOK_FOUND,
    LOOK_HIGHER,   /* nothing is known here */
    LOOK_REFERRAL, /* the zone below is elsewhere */
    LOOK_FOREIGN   /* the server speaks for none of this */
};

static struct reply ask(struct session *session, const ldns_rdf *at,
                        ldns_pkt **ret_packet);
static enum look look_at(const ldns_pkt *packet, const ldns_rdf *at,
                         const ldns_rdf **ret_owner);
static const ldns_rr *find(const ldns_rr_list *list, ldns_rr_type type);
static int fail_reply(const struct session *session, const struct reply *reply,
                      const ldns_rdf *name);
static int fail_look(const struct session *session, enum look look,
                     const ldns_rdf *owner, const ldns_rdf *name);
static int no_memory(const struct session *session);

int apex_find(struct session *session, const ldns_rdf *name, ldns_rdf **ret_zone)
{
    AUTO_NAME at = ldns_rdf_clone(name);

    while (at && ldns_dname_label_count(at) > 0) {
        AUTO_PACKET packet = NULL;
        AUTO_NAME below = at;
        const ldns_rdf *owner = NULL;
        struct reply reply = ask(session, at, &packet);
        enum look look = LOOK_HIGHER;

        at = NULL;
        if (reply.kind != REPLY_DONE)
            return fail_reply(session, &reply, name);
        look = look_at(packet, below, &owner);
        if (look == LOOK_FOUND) {
            *ret_zone = ldns_rdf_clone(owner);
            if (!*ret_zone)
                return no_memory(session);
            ldns_dname2canonical(*ret_zone);
            return ACMECORE_OK;
        }
        if (look != LOOK_HIGHER)
            return fail_look(session, look, owner, name);
        at = ldns_dname_left_chop(below);
    }
    return at ? fail_look(session, LOOK_FOREIGN, NULL, name) : no_memory(session);
}

static struct reply ask(struct session *session, const ldns_rdf *at,
                        ldns_pkt **ret_packet)
{
    uint16_t id = 0;

    if (!message_new_id(&id))
        return (struct reply){ .kind = REPLY_NO_MEMORY };
    message_query(&session->request, id, at, LDNS_RR_TYPE_SOA);
    return session_ask(session, ret_packet);
}

static enum look look_at(const ldns_pkt *packet, const ldns_rdf *at,
                         const ldns_rdf **ret_owner)
{
    const ldns_rr *answer = find(ldns_pkt_answer(packet), LDNS_RR_TYPE_SOA);
    const ldns_rr *negative = find(ldns_pkt_authority(packet), LDNS_RR_TYPE_SOA);
    const ldns_rr *servers = find(ldns_pkt_authority(packet), LDNS_RR_TYPE_NS);
    bool is_alias = find(ldns_pkt_answer(packet), LDNS_RR_TYPE_CNAME) != NULL;

    if (!ldns_pkt_aa(packet)) {
        *ret_owner = servers ? ldns_rr_owner(servers) : NULL;
        return servers && name_is_in(at, *ret_owner) ? LOOK_REFERRAL : LOOK_FOREIGN;
    }
    if (answer && name_is_equal(ldns_rr_owner(answer), at)) {
        *ret_owner = ldns_rr_owner(answer);
        return LOOK_FOUND;
    }
    /* RFC 2308 §2: the SOA of a negative answer is the one of the zone. Behind an alias
     * it is the one of another name. */
    if (!is_alias && negative && name_is_in(at, ldns_rr_owner(negative))) {
        *ret_owner = ldns_rr_owner(negative);
        return LOOK_FOUND;
    }
    return LOOK_HIGHER;
}

static const ldns_rr *find(const ldns_rr_list *list, ldns_rr_type type)
{
    for (size_t i = 0; i < ldns_rr_list_rr_count(list); i++) {
        if (ldns_rr_get_type(ldns_rr_list_rr(list, i)) == type)
            return ldns_rr_list_rr(list, i);
    }
    return NULL;
}

static int fail_reply(const struct session *session, const struct reply *reply,
                      const ldns_rdf *name)
{
    const struct acmecore_host *host = session->host;
    struct name_text text = name_format(name);
    struct request_words words = { .verb = "find",
                                   .records = text.text,
                                   .zone = "of that name",
                                   .key = &session->key };

    if (reply->kind == REPLY_REFUSED && !reply_is_for_next_server(reply)) {
        return host->fail(host->ctx, ACMECORE_E_REFUSED,
                          "%s does not say which zone %s lies in (%s): set the option "
                          "zone, and server to its primary server",
                          reply->server, text.text, reply_rcode_name(reply->rcode));
    }
    return reply_fail(host, reply, &words);
}

static int fail_look(const struct session *session, enum look look,
                     const ldns_rdf *owner, const ldns_rdf *name)
{
    const struct acmecore_host *host = session->host;
    const char *server = session->addresses[session->current].address.text;
    struct name_text text = name_format(name);

    if (look == LOOK_REFERRAL) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "%s delegates the zone %s, which %s lies in, to other "
                          "servers: name their primary with the option server",
                          server, name_format(owner).text, text.text);
    }
    return host->fail(host->ctx, ACMECORE_E_CONFIG,
                      "%s is not authoritative for a zone that %s lies in: name the "
                      "zone's primary server with the option server",
                      server, text.text);
}

static int no_memory(const struct session *session)
{
    return session->host->fail(session->host->ctx, ACMECORE_E_SYSTEM, "out of memory");
}
