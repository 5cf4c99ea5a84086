/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DNS messages as bytes: UPDATE (RFC 2136) and query requests, and a first look at an
 * answer. Names are not compressed, so that what is signed is what one expects.
 */
#ifndef RFC2136_MESSAGE_H
#define RFC2136_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* After <stdbool.h>: without it, its headers make _Bool a signed char. */
#include <ldns/ldns.h>

#define MESSAGE_MAX         65535
#define MESSAGE_HEADER_SIZE 12
#define MESSAGE_TXT_MAX     4096 /* bytes of one TXT value */

struct message {
    size_t size;
    bool is_full; /* something did not fit, and was left out */
    uint8_t bytes[MESSAGE_MAX];
};

/* A name that frees itself: AUTO_NAME name = name_parse(text); */
#define AUTO_NAME   __attribute__((cleanup(name_drop))) ldns_rdf *
#define AUTO_PACKET __attribute__((cleanup(packet_drop))) ldns_pkt *

void name_drop(ldns_rdf **name);
void packet_drop(ldns_pkt **packet);

/* Lower case, absolute; NULL when `text` is no domain name, or there is no memory. */
ldns_rdf *name_parse(const char *text);

bool name_is_equal(const ldns_rdf *one, const ldns_rdf *other);

/* True for the apex itself and what lies below it. */
bool name_is_in(const ldns_rdf *name, const ldns_rdf *apex);

/* What a person reads, without the last dot and without control characters. */
struct name_text {
    char text[256];
};
struct name_text name_format(const ldns_rdf *name);

/* A number that nobody can guess; false when the system has none. */
bool message_new_id(uint16_t *ret_id);

uint16_t message_get_u16(const uint8_t *bytes);
void message_put(struct message *message, const void *bytes, size_t size);
void message_put_u16(struct message *message, uint16_t value);
void message_put_u32(struct message *message, uint32_t value);
void message_set_u16(struct message *message, size_t at, uint16_t value);

/* Counts one record more in the section whose count stands at `at` of the header. */
#define MESSAGE_AT_UPDATES    8
#define MESSAGE_AT_ADDITIONAL 10
void message_count(struct message *message, size_t at);

/* RFC 2136 §2.3: an UPDATE of one zone, with no records yet. */
void message_update(struct message *message, uint16_t id, const ldns_rdf *zone);

/* §2.5.1: adds an RR, disturbs no other. */
void message_add_txt(struct message *message, const ldns_rdf *owner, uint32_t ttl,
                     const char *value);

/* §2.5.4: deletes exactly this RR (class NONE, TTL 0). */
void message_delete_txt(struct message *message, const ldns_rdf *owner,
                        const char *value);

/* What one of these two adds. */
size_t message_txt_size(const ldns_rdf *owner, const char *value);

/* A question that is not for recursion (RD=0). */
void message_query(struct message *message, uint16_t id, const ldns_rdf *name,
                   uint16_t type);

enum message_match {
    MESSAGE_ANSWERS, /* it is the answer to the request */
    MESSAGE_STRANGE, /* well-formed, but belongs to something else */
    MESSAGE_GARBAGE  /* no DNS message */
};

/*
 * Reads an answer. An error without question section answers too (some servers send it
 * when they could not read the request).
 *
 * bytes        are written to meanwhile, and afterwards what they were
 * ret_packet   set when it answers
 */
enum message_match message_read(const struct message *request, uint8_t *bytes,
                                size_t size, ldns_pkt **ret_packet);

/* True when a TXT record with `value` and exactly this owner is in the answer section.
 */
bool message_has_txt(const ldns_pkt *packet, const ldns_rdf *owner, const char *value);

#endif
