/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many DNS questions at once: UDP with EDNS, TCP when an answer is cut, the next server
 * or another try when none comes. Each attempt has a socket (so a port) and an ID of
 * its own; an answer from elsewhere, to another question or with another ID is not
 * seen. The sockets are ours because libldns asks one server at a time and blocks.
 */
#ifndef AC_PLUGINHOST_DNS_QUERY_H
#define AC_PLUGINHOST_DNS_QUERY_H

#include "pluginhost/dns_message.h"

#include <netinet/in.h>
#include <sys/socket.h>

#define AC_DNS_PORT        53
#define AC_DNS_FLIGHTS_MAX 128 /* questions under way at once */
#define AC_DNS_FIRST_MS    500 /* for the first attempt; doubles */
#define AC_DNS_PATIENCE_MS                                                             \
    250 /* asked later than this before the deadline: unasked                          \
         */
#define AC_DNS_ATTEMPT_MAX_MS 4000
#define AC_DNS_TRIES_RESOLVER 5 /* a cold cache takes its time */
#define AC_DNS_TRIES_SERVER   2 /* who asks again soon has no need of more */
#define AC_DNS_ADDRESS_SIZE   64

struct ac_dns_address {
    union {
        struct sockaddr any;
        struct sockaddr_in ipv4;
        struct sockaddr_in6 ipv6;
    } at;
};

/* An A or AAAA record as an address; false for other records. */
bool ac_dns_address_of(const struct ac_dns_record *record, uint16_t port,
                       struct ac_dns_address *ret_address);
/* "192.0.2.1", "[2001:db8::1]:5353" when the port is another. Returns buffer. */
char *ac_dns_address_text(const struct ac_dns_address *address,
                          char buffer[AC_DNS_ADDRESS_SIZE]);

enum ac_dns_outcome {
    AC_DNS_UNASKED,     /* the deadline came first */
    AC_DNS_ANSWERED,    /* with any rcode */
    AC_DNS_SILENT,      /* no answer in time */
    AC_DNS_UNREACHABLE, /* the network or the machine refused */
    AC_DNS_GARBLED      /* what came was no answer */
};

struct ac_dns_query {
    const char *name; /* lent */
    int type;         /* enum ac_dns_type */
    bool is_recursive;
    const struct ac_dns_address *servers; /* in turn; lent */
    size_t server_count;
    /* Set by ac_dns_ask: */
    enum ac_dns_outcome outcome;
    struct ac_dns_answer answer; /* ANSWERED */
    size_t server;               /* which one answered, or was asked last */
};
/* Frees the answers; the queries can be asked again. */
void ac_dns_queries_done(struct ac_dns_query *queries, size_t count);

/*
 * Asks all and comes back when each has an outcome or the deadline has passed. Fails
 * only for lack of memory or of libldns.
 */
AC_MUST enum ac_code ac_dns_ask(struct ac_dns_query *queries, size_t count,
                                int64_t deadline_ms, struct ac_error *err);
/* "no answer", "SERVFAIL", … for a person. Lent. */
const char *ac_dns_outcome_text(const struct ac_dns_query *query);

#endif
