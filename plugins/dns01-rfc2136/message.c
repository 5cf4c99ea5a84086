/* SPDX-License-Identifier: Apache-2.0 */
#include "message.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define OPCODE_UPDATE  5u
#define OPCODE_SHIFT   11u /* of the flags word */
#define STRING_MAX     255u
#define RR_FIXED_SIZE  10u /* type, class, TTL, length */
#define CLASS_NONE     254u
#define NAME_TEXT_SIZE 254 /* of a host name, with its last dot */

static void begin(struct message *message, uint16_t id, uint16_t flags);
static void put_name(struct message *message, const ldns_rdf *name);
static void put_txt(struct message *message, const ldns_rdf *owner, uint16_t rr_class,
                    uint32_t ttl, const char *value);
static size_t rdata_size(const char *value);
static void put_u16(uint8_t *bytes, uint16_t value);
static ldns_pkt *parse(uint8_t *bytes, size_t size);
static bool is_same_question(const struct message *request, const ldns_pkt *packet);
static bool is_txt_value(const ldns_rr *record, const char *value);

void name_drop(ldns_rdf **name)
{
    if (*name)
        ldns_rdf_deep_free(*name);
    *name = NULL;
}

void packet_drop(ldns_pkt **packet)
{
    if (*packet)
        ldns_pkt_free(*packet);
    *packet = NULL;
}

ldns_rdf *name_parse(const char *text)
{
    ldns_rdf *name = NULL;

    if (text[0] == '\0' || strnlen(text, NAME_TEXT_SIZE * 4 + 1) > NAME_TEXT_SIZE * 4)
        return NULL;
    if (ldns_str2rdf_dname(&name, text) != LDNS_STATUS_OK)
        return NULL;
    ldns_dname2canonical(name);
    return name;
}

bool name_is_equal(const ldns_rdf *one, const ldns_rdf *other)
{
    return ldns_dname_compare(one, other) == 0;
}

bool name_is_in(const ldns_rdf *name, const ldns_rdf *apex)
{
    return name_is_equal(name, apex) || ldns_dname_is_subdomain(name, apex);
}

struct name_text name_format(const ldns_rdf *name)
{
    struct name_text result = { "?" };
    char *text = ldns_rdf2str(name);
    size_t size = text ? strlen(text) : 0;

    if (size > 1 && text[size - 1] == '.')
        text[--size] = '\0';
    /* ldns writes what is not printable as \DDD; a longer name is cut. */
    if (size > 0) {
        size = size < sizeof result.text ? size : sizeof result.text - 1;
        memcpy(result.text, text, size);
        result.text[size] = '\0';
    }
    free(text);
    return result;
}

bool message_new_id(uint16_t *ret_id)
{
    return getrandom(ret_id, sizeof *ret_id, 0) == (ssize_t)sizeof *ret_id;
}

uint16_t message_get_u16(const uint8_t *bytes)
{
    return (uint16_t)((unsigned)bytes[0] << 8 | bytes[1]);
}

void message_put(struct message *message, const void *bytes, size_t size)
{
    if (size > MESSAGE_MAX - message->size) {
        message->is_full = true;
        return;
    }
    if (size > 0)
        memcpy(message->bytes + message->size, bytes, size);
    message->size += size;
}

void message_put_u16(struct message *message, uint16_t value)
{
    uint8_t bytes[] = { (uint8_t)(value >> 8), (uint8_t)value };

    message_put(message, bytes, sizeof bytes);
}

void message_put_u32(struct message *message, uint32_t value)
{
    message_put_u16(message, (uint16_t)(value >> 16));
    message_put_u16(message, (uint16_t)value);
}

void message_set_u16(struct message *message, size_t at, uint16_t value)
{
    put_u16(message->bytes + at, value);
}

void message_count(struct message *message, size_t at)
{
    message_set_u16(message, at, (uint16_t)(message_get_u16(message->bytes + at) + 1));
}

void message_update(struct message *message, uint16_t id, const ldns_rdf *zone)
{
    begin(message, id, (uint16_t)(OPCODE_UPDATE << OPCODE_SHIFT));
    put_name(message, zone);
    message_put_u16(message, LDNS_RR_TYPE_SOA);
    message_put_u16(message, LDNS_RR_CLASS_IN);
}

void message_add_txt(struct message *message, const ldns_rdf *owner, uint32_t ttl,
                     const char *value)
{
    put_txt(message, owner, LDNS_RR_CLASS_IN, ttl, value);
}

void message_delete_txt(struct message *message, const ldns_rdf *owner,
                        const char *value)
{
    put_txt(message, owner, CLASS_NONE, 0, value);
}

size_t message_txt_size(const ldns_rdf *owner, const char *value)
{
    return ldns_rdf_size(owner) + RR_FIXED_SIZE + rdata_size(value);
}

void message_query(struct message *message, uint16_t id, const ldns_rdf *name,
                   uint16_t type)
{
    begin(message, id, 0);
    put_name(message, name);
    message_put_u16(message, type);
    message_put_u16(message, LDNS_RR_CLASS_IN);
}

enum message_match message_read(const struct message *request, uint8_t *bytes,
                                size_t size, ldns_pkt **ret_packet)
{
    AUTO_PACKET packet = NULL;

    if (size < MESSAGE_HEADER_SIZE)
        return MESSAGE_GARBAGE;
    if (memcmp(bytes, request->bytes, 2) != 0)
        return MESSAGE_STRANGE;
    packet = parse(bytes, size);
    if (!packet)
        return MESSAGE_GARBAGE;
    if (!ldns_pkt_qr(packet)
        || (unsigned)ldns_pkt_get_opcode(packet)
               != (request->bytes[2] >> 3 & 0xFu) /* RFC 1035 §4.1.1 */
        || !is_same_question(request, packet))
        return MESSAGE_STRANGE;
    *ret_packet = packet;
    packet = NULL;
    return MESSAGE_ANSWERS;
}

bool message_has_txt(const ldns_pkt *packet, const ldns_rdf *owner, const char *value)
{
    const ldns_rr_list *answer = ldns_pkt_answer(packet);

    for (size_t i = 0; i < ldns_rr_list_rr_count(answer); i++) {
        const ldns_rr *record = ldns_rr_list_rr(answer, i);

        if (ldns_rr_get_type(record) == LDNS_RR_TYPE_TXT
            && name_is_equal(ldns_rr_owner(record), owner)
            && is_txt_value(record, value))
            return true;
    }
    return false;
}

static void begin(struct message *message, uint16_t id, uint16_t flags)
{
    message->size = 0;
    message->is_full = false;
    message_put_u16(message, id);
    message_put_u16(message, flags);
    message_put_u16(message, 1); /* the zone, or the question */
    message_put_u16(message, 0);
    message_put_u16(message, 0);
    message_put_u16(message, 0);
}

static void put_u16(uint8_t *bytes, uint16_t value)
{
    bytes[0] = (uint8_t)(value >> 8);
    bytes[1] = (uint8_t)value;
}

static void put_name(struct message *message, const ldns_rdf *name)
{
    message_put(message, ldns_rdf_data(name), ldns_rdf_size(name));
}

static void put_txt(struct message *message, const ldns_rdf *owner, uint16_t rr_class,
                    uint32_t ttl, const char *value)
{
    size_t left = strlen(value);

    if (message_txt_size(owner, value) > MESSAGE_MAX - message->size) {
        message->is_full = true; /* all of it or nothing */
        return;
    }
    put_name(message, owner);
    message_put_u16(message, LDNS_RR_TYPE_TXT);
    message_put_u16(message, rr_class);
    message_put_u32(message, ttl);
    message_put_u16(message, (uint16_t)rdata_size(value));
    do {
        uint8_t size = (uint8_t)(left < STRING_MAX ? left : STRING_MAX);

        message_put(message, &size, 1);
        message_put(message, value, size);
        value += size;
        left -= size;
    } while (left > 0);
    message_count(message, MESSAGE_AT_UPDATES);
}

/* RFC 1035 §3.3.14: strings of up to 255 bytes, one at least. */
static size_t rdata_size(const char *value)
{
    size_t size = strlen(value);
    size_t strings = (size + STRING_MAX - 1) / STRING_MAX;

    return size + (strings > 0 ? strings : 1);
}

/*
 * Without the additional section: nothing in there counts but the TSIG, which is looked
 * at by itself, and of two TSIG or OPT records libldns 1.8 loses the memory of the
 * first. That it is empty stands in the header for a moment: a copy would need memory,
 * and an answer that is not read for want of it would be waited for once more.
 */
static ldns_pkt *parse(uint8_t *bytes, size_t size)
{
    uint16_t additional = message_get_u16(bytes + MESSAGE_AT_ADDITIONAL);
    ldns_pkt *packet = NULL;

    put_u16(bytes + MESSAGE_AT_ADDITIONAL, 0);
    if (ldns_wire2pkt(&packet, bytes, size) != LDNS_STATUS_OK)
        packet = NULL;
    put_u16(bytes + MESSAGE_AT_ADDITIONAL, additional);
    return packet;
}

static bool is_same_question(const struct message *request, const ldns_pkt *packet)
{
    const ldns_rr_list *questions = ldns_pkt_question(packet);
    const ldns_rr *question = NULL;
    const uint8_t *asked = request->bytes + MESSAGE_HEADER_SIZE;
    const ldns_rdf *name = NULL;
    size_t size = 0;

    if (ldns_pkt_qdcount(packet) == 0)
        return ldns_pkt_get_rcode(packet) != LDNS_RCODE_NOERROR;
    if (ldns_pkt_qdcount(packet) != 1 || ldns_rr_list_rr_count(questions) != 1)
        return false;
    question = ldns_rr_list_rr(questions, 0);
    name = ldns_rr_owner(question);
    size = ldns_rdf_size(name);
    ldns_rr2canonical(ldns_rr_list_rr(questions, 0)); /* 0x20 is harmless */
    return MESSAGE_HEADER_SIZE + size + 4 <= request->size
           && memcmp(asked, ldns_rdf_data(name), size) == 0
           && message_get_u16(asked + size) == (uint16_t)ldns_rr_get_type(question)
           && message_get_u16(asked + size + 2)
                  == (uint16_t)ldns_rr_get_class(question);
}

static bool is_txt_value(const ldns_rr *record, const char *value)
{
    size_t left = strlen(value);

    for (size_t i = 0; i < ldns_rr_rd_count(record); i++) {
        const ldns_rdf *string = ldns_rr_rdf(record, i);
        size_t size = ldns_rdf_size(string);

        /* The first byte of a string is its length. */
        if (size == 0 || size - 1 > left
            || memcmp(ldns_rdf_data(string) + 1, value, size - 1) != 0)
            return false;
        value += size - 1;
        left -= size - 1;
    }
    return left == 0;
}
