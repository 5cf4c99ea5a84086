/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One DNS question and its answer (RFC 1035) as plain values. libldns builds and takes
 * apart the packets; nothing outside of this file sees its structures.
 *
 * Answers are hostile: what is kept is bounded in number and size, and names are lower
 * case with every odd byte escaped. Knows no socket.
 */
#ifndef AC_PLUGINHOST_DNS_MESSAGE_H
#define AC_PLUGINHOST_DNS_MESSAGE_H

#include "base/memory.h"

#include <stdbool.h>

#define AC_DNS_NAME_SIZE   256  /* of a name as text, with its NUL; longer is dropped */
#define AC_DNS_RECORDS_MAX 1024 /* kept of one answer */
#define AC_DNS_DATA_MAX    4096 /* bytes of one TXT or CAA value; longer is dropped */
#define AC_DNS_TAG_SIZE    32
#define AC_DNS_UDP_SIZE    1232 /* EDNS: what fits everywhere */
#define AC_DNS_WIRE_MAX    65535

enum ac_dns_type {
    AC_DNS_A = 1,
    AC_DNS_NS = 2,
    AC_DNS_CNAME = 5,
    AC_DNS_SOA = 6,
    AC_DNS_TXT = 16,
    AC_DNS_AAAA = 28,
    AC_DNS_DNAME = 39,
    AC_DNS_CAA = 257
};

enum ac_dns_rcode {
    AC_DNS_NOERROR = 0,
    AC_DNS_FORMERR = 1,
    AC_DNS_SERVFAIL = 2,
    AC_DNS_NXDOMAIN = 3,
    AC_DNS_NOTIMP = 4,
    AC_DNS_REFUSED = 5
};
/* "SERVFAIL"; "RCODE 13" needs no name of its own: "an error". */
const char *ac_dns_rcode_name(int rcode);

/* Names are without the final dot; the root is ".". Owned by the answer. */
struct ac_dns_record {
    char *owner;
    int type;
    uint32_t ttl;
    char *name;       /* CNAME, DNAME, NS: the target; SOA: the primary; else NULL */
    uint32_t minimum; /* SOA: for how long what is missing stays missing (RFC 2308) */
    char *data;       /* TXT: its strings as one; A, AAAA: the octets; CAA: the value */
    size_t data_size; /* data also ends with a NUL */
    uint8_t flags;    /* CAA */
    char tag[AC_DNS_TAG_SIZE]; /* CAA, lower case */
    bool is_authority;         /* from that section; else from the answer */
};

struct ac_dns_answer {
    int rcode; /* enum ac_dns_rcode, or another number */
    bool is_authoritative;
    bool is_truncated;
    struct ac_dns_record *records;
    size_t count;
    size_t capacity;
};
void ac_dns_answer_done(struct ac_dns_answer *answer);
AC_DEFINE_DROP_VALUE(ac_dns_answer, ac_dns_answer_done)

struct ac_dns_wire {
    const char *name;  /* lent */
    int type;          /* enum ac_dns_type */
    uint16_t id;       /* random */
    bool is_recursive; /* RD: asked of a resolver */
    bool has_edns;
};

/* Free with free(). AC_E_INVALID: no name that a question can carry. */
AC_MUST enum ac_code ac_dns_message_write(const struct ac_dns_wire *question,
                                          unsigned char **ret_bytes, size_t *ret_size,
                                          struct ac_error *err);
/*
 * AC_E_INVALID: no DNS packet, or no answer to this question (ID, name, type, class).
 * A FORMERR may come without its question.
 */
AC_MUST enum ac_code ac_dns_message_read(const struct ac_dns_wire *question,
                                         const unsigned char *bytes, size_t size,
                                         struct ac_dns_answer *ret_answer,
                                         struct ac_error *err);

/* Is it the name itself or below it? Both as in a record. Case does not matter. */
bool ac_dns_is_within(const char *name, const char *zone);
/* The name without its first label; "." for a single label, NULL for the root. Lent. */
const char *ac_dns_parent(const char *name);
/* The first record of the answer section of this type and owner, or NULL. Lent. */
const struct ac_dns_record *ac_dns_find(const struct ac_dns_answer *answer, int type,
                                        const char *owner);
/* How long a negative answer may be kept (RFC 2308 section 5); 0: it does not say. */
uint32_t ac_dns_negative_ttl(const struct ac_dns_answer *answer);

#endif
