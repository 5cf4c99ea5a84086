/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/dns_message.h"

#include "pluginhost/ldns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LABEL_MAX   63
#define PLAIN       "abcdefghijklmnopqrstuvwxyz0123456789-_*"
#define SOA_MINIMUM 6 /* which field of its RDATA */
#define ESCAPE_SIZE 4 /* "\255" */

const char *ac_dns_rcode_name(int rcode)
{
    static const char *const names[] = { "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN",
                                         "NOTIMP",  "REFUSED", "YXDOMAIN", "YXRRSET",
                                         "NXRRSET", "NOTAUTH", "NOTZONE" };

    return rcode >= 0 && (size_t)rcode < AC_COUNT(names) ? names[rcode] : "an error";
}

static void record_done(struct ac_dns_record *record)
{
    free(record->owner);
    free(record->name);
    free(record->data);
    *record = (struct ac_dns_record){ 0 };
}

void ac_dns_answer_done(struct ac_dns_answer *answer)
{
    for (size_t i = 0; i < answer->count; i++)
        record_done(&answer->records[i]);
    free(answer->records);
    *answer = (struct ac_dns_answer){ 0 };
}

/* ---- writing ------------------------------------------------------------ */

struct ldns_things {
    const struct ac_ldns *ldns;
    ldns_pkt *packet;
    uint8_t *bytes; /* of ldns, and freed as its own are: by free() */
};

static void things_done(struct ldns_things *things)
{
    if (things->packet)
        things->ldns->pkt_free(things->packet);
    free(things->bytes);
}
#define AUTO_THINGS __attribute__((cleanup(things_done))) struct ldns_things

static enum ac_code make_packet(struct ldns_things *things,
                                const struct ac_dns_wire *question,
                                struct ac_error *err)
{
    uint16_t flags = question->is_recursive ? LDNS_RD : 0;
    ldns_rdf *name = things->ldns->dname_new_frm_str(question->name);

    if (!name) {
        return ac_fail(err, AC_E_INVALID, "\"%s\" is no name for a DNS question",
                       question->name);
    }
    things->packet = things->ldns->pkt_query_new(name, (ldns_rr_type)question->type,
                                                 LDNS_RR_CLASS_IN, flags);
    if (!things->packet) {
        things->ldns->rdf_deep_free(name);
        return ac_fail(err, AC_E_NOMEM, "no memory for a DNS question");
    }
    things->ldns->pkt_set_id(things->packet, question->id);
    if (question->has_edns)
        things->ldns->pkt_set_edns_udp_size(things->packet, AC_DNS_UDP_SIZE);
    return AC_OK;
}

enum ac_code ac_dns_message_write(const struct ac_dns_wire *question,
                                  unsigned char **ret_bytes, size_t *ret_size,
                                  struct ac_error *err)
{
    AUTO_THINGS things = { 0 };
    char *copy = NULL;
    size_t size = 0;

    AC_TRY(ac_ldns_get(&things.ldns, err));
    AC_TRY(make_packet(&things, question, err));
    if (things.ldns->pkt2wire(&things.bytes, things.packet, &size) != LDNS_STATUS_OK)
        return ac_fail(err, AC_E_NOMEM, "no memory for a DNS question");
    AC_TRY(ac_memory_copy_bytes(things.bytes, size, &copy, err));
    *ret_bytes = (unsigned char *)copy;
    *ret_size = size;
    return AC_OK;
}

/* ---- names -------------------------------------------------------------- */

static bool put_byte(char text[AC_DNS_NAME_SIZE], size_t *size, unsigned char byte)
{
    bool is_upper = byte >= 'A' && byte <= 'Z';
    char character = (char)(is_upper ? byte + ('a' - 'A') : byte);

    if (AC_DNS_NAME_SIZE - *size <= ESCAPE_SIZE)
        return false;
    if (byte != '\0' && strchr(PLAIN, character)) {
        text[(*size)++] = character;
    } else {
        (void)snprintf(text + *size, ESCAPE_SIZE + 1, "\\%03u", (unsigned)byte);
        *size += ESCAPE_SIZE;
    }
    return true;
}

static bool put_label(char text[AC_DNS_NAME_SIZE], size_t *size,
                      const unsigned char *label, size_t label_size)
{
    if (*size > 0) {
        if (AC_DNS_NAME_SIZE - *size <= 1)
            return false;
        text[(*size)++] = '.';
    }
    for (size_t i = 0; i < label_size; i++) {
        if (!put_byte(text, size, label[i]))
            return false;
    }
    return true;
}

/* An uncompressed name as text; false: it is none, or too long. */
static bool name_to_text(const unsigned char *bytes, size_t size,
                         char text[AC_DNS_NAME_SIZE])
{
    size_t used = 0;
    size_t at = 0;

    while (at < size && bytes[at] != 0) {
        size_t label_size = bytes[at];
        if (label_size > LABEL_MAX || label_size >= size - at)
            return false;
        if (!put_label(text, &used, bytes + at + 1, label_size))
            return false;
        at += label_size + 1;
    }
    if (at >= size)
        return false;
    if (used == 0)
        text[used++] = '.';
    text[used] = '\0';
    return true;
}

static bool rdf_to_text(const struct ac_ldns *ldns, const ldns_rdf *rdf,
                        char text[AC_DNS_NAME_SIZE])
{
    return rdf && ldns->rdf_get_type(rdf) == LDNS_RDF_TYPE_DNAME
           && name_to_text(ldns->rdf_data(rdf), ldns->rdf_size(rdf), text);
}

bool ac_dns_is_within(const char *name, const char *zone)
{
    size_t name_size = strlen(name);
    size_t zone_size = strlen(zone);

    if (!strcmp(zone, "."))
        return true;
    if (name_size < zone_size || strcasecmp(name + name_size - zone_size, zone) != 0)
        return false;
    return name_size == zone_size || name[name_size - zone_size - 1] == '.';
}

const char *ac_dns_parent(const char *name)
{
    const char *dot = strchr(name, '.');

    if (!strcmp(name, "."))
        return NULL;
    return dot && dot[1] ? dot + 1 : ".";
}

/* ---- records ------------------------------------------------------------ */

struct reading {
    const struct ac_ldns *ldns;
    const ldns_rr *rr;
    struct ac_dns_record record; /* under way */
};

static void reading_done(struct reading *reading)
{
    record_done(&reading->record);
}

/* False: there is no such field, or it is of another kind. */
static bool get_field(const struct reading *reading, size_t index, ldns_rdf_type type,
                      const unsigned char **ret_bytes, size_t *ret_size)
{
    if (index >= reading->ldns->rr_rd_count(reading->rr))
        return false;
    const ldns_rdf *rdf = reading->ldns->rr_rdf(reading->rr, index);
    if (!rdf || reading->ldns->rdf_get_type(rdf) != type)
        return false;
    *ret_bytes = reading->ldns->rdf_data(rdf);
    *ret_size = reading->ldns->rdf_size(rdf);
    return *ret_bytes != NULL;
}

/* AC_E_INVALID, without words, drops the record; the packet stands. */
static enum ac_code read_target(struct reading *reading, struct ac_error *err)
{
    char text[AC_DNS_NAME_SIZE];

    if (reading->ldns->rr_rd_count(reading->rr) == 0
        || !rdf_to_text(reading->ldns, reading->ldns->rr_rdf(reading->rr, 0), text))
        return AC_E_INVALID;
    return ac_memory_copy_text(text, &reading->record.name, err);
}

static enum ac_code read_soa(struct reading *reading, struct ac_error *err)
{
    const unsigned char *bytes = NULL;
    size_t size = 0;

    AC_TRY(read_target(reading, err));
    if (!get_field(reading, SOA_MINIMUM, LDNS_RDF_TYPE_PERIOD, &bytes, &size)
        || size != 4)
        return AC_E_INVALID;
    reading->record.minimum = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16
                              | (uint32_t)bytes[2] << 8 | bytes[3];
    return AC_OK;
}

static enum ac_code keep_data(struct reading *reading, const void *bytes, size_t size,
                              struct ac_error *err)
{
    AC_TRY(ac_memory_copy_bytes(bytes, size, &reading->record.data, err));
    reading->record.data_size = size;
    return AC_OK;
}

static enum ac_code read_address(struct reading *reading, struct ac_error *err)
{
    bool is_ipv4 = reading->record.type == AC_DNS_A;
    const unsigned char *bytes = NULL;
    size_t size = 0;

    if (!get_field(reading, 0, is_ipv4 ? LDNS_RDF_TYPE_A : LDNS_RDF_TYPE_AAAA, &bytes,
                   &size)
        || size != (is_ipv4 ? 4 : 16))
        return AC_E_INVALID;
    return keep_data(reading, bytes, size, err);
}

/* A value longer than 255 octets comes as several strings. */
static enum ac_code read_txt(struct reading *reading, struct ac_error *err)
{
    unsigned char joined[AC_DNS_DATA_MAX];
    size_t count = reading->ldns->rr_rd_count(reading->rr);
    size_t used = 0;

    for (size_t i = 0; i < count; i++) {
        const unsigned char *bytes = NULL;
        size_t size = 0;
        if (!get_field(reading, i, LDNS_RDF_TYPE_STR, &bytes, &size) || size == 0
            || size - 1 > sizeof joined - used)
            return AC_E_INVALID;
        memcpy(joined + used, bytes + 1, size - 1); /* its own size comes first */
        used += size - 1;
    }
    return keep_data(reading, joined, used, err);
}

static void copy_tag(char tag[AC_DNS_TAG_SIZE], const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        bool is_upper = bytes[i] >= 'A' && bytes[i] <= 'Z';
        tag[i] = (char)(is_upper ? bytes[i] + ('a' - 'A') : bytes[i]);
    }
    tag[size] = '\0';
}

static enum ac_code read_caa(struct reading *reading, struct ac_error *err)
{
    const unsigned char *bytes = NULL;
    size_t size = 0;

    if (!get_field(reading, 0, LDNS_RDF_TYPE_INT8, &bytes, &size) || size != 1)
        return AC_E_INVALID;
    reading->record.flags = bytes[0];
    if (!get_field(reading, 1, LDNS_RDF_TYPE_TAG, &bytes, &size) || size < 2
        || size > AC_DNS_TAG_SIZE)
        return AC_E_INVALID;
    copy_tag(reading->record.tag, bytes + 1, size - 1);
    if (!get_field(reading, 2, LDNS_RDF_TYPE_LONG_STR, &bytes, &size)
        || size > AC_DNS_DATA_MAX)
        return AC_E_INVALID;
    return keep_data(reading, bytes, size, err);
}

typedef enum ac_code read_function(struct reading *reading, struct ac_error *err);

static read_function *find_reader(ldns_rr_type type)
{
    static const struct {
        ldns_rr_type type;
        read_function *read;
    } readers[] = {
        { LDNS_RR_TYPE_A, read_address },    { LDNS_RR_TYPE_AAAA, read_address },
        { LDNS_RR_TYPE_NS, read_target },    { LDNS_RR_TYPE_CNAME, read_target },
        { LDNS_RR_TYPE_DNAME, read_target }, { LDNS_RR_TYPE_SOA, read_soa },
        { LDNS_RR_TYPE_TXT, read_txt },      { LDNS_RR_TYPE_CAA, read_caa },
    };

    for (size_t i = 0; i < AC_COUNT(readers); i++) {
        if (readers[i].type == type)
            return readers[i].read;
    }
    return NULL;
}

static enum ac_code read_record(struct reading *reading, struct ac_error *err)
{
    char owner[AC_DNS_NAME_SIZE];
    ldns_rr_type type = reading->ldns->rr_get_type(reading->rr);
    read_function *read = find_reader(type);

    if (!read || reading->ldns->rr_get_class(reading->rr) != LDNS_RR_CLASS_IN
        || !rdf_to_text(reading->ldns, reading->ldns->rr_owner(reading->rr), owner))
        return AC_E_INVALID;
    reading->record.type = (int)type;
    reading->record.ttl = reading->ldns->rr_ttl(reading->rr);
    AC_TRY(ac_memory_copy_text(owner, &reading->record.owner, err));
    return read(reading, err);
}

static enum ac_code read_section(const struct ac_ldns *ldns, const ldns_rr_list *list,
                                 bool is_authority, struct ac_dns_answer *answer,
                                 struct ac_error *err)
{
    size_t count = list ? ldns->rr_list_rr_count(list) : 0;

    for (size_t i = 0; i < count && answer->count < AC_DNS_RECORDS_MAX; i++) {
        __attribute__((cleanup(reading_done))) struct reading reading = {
            .ldns = ldns, .rr = ldns->rr_list_rr(list, i)
        };
        enum ac_code code = read_record(&reading, err);
        if (code == AC_E_INVALID)
            continue;
        AC_TRY(code);
        AC_TRY(ac_memory_grow(&answer->records, &answer->capacity, answer->count + 1,
                              sizeof *answer->records, err));
        reading.record.is_authority = is_authority;
        answer->records[answer->count++] = reading.record;
        reading.record = (struct ac_dns_record){ 0 };
    }
    return AC_OK;
}

/* ---- packets ------------------------------------------------------------ */

static bool is_same_question(const struct ac_ldns *ldns, const ldns_pkt *packet,
                             const struct ac_dns_wire *question)
{
    const ldns_rr_list *list = ldns->pkt_question(packet);
    size_t count = list ? ldns->rr_list_rr_count(list) : 0;
    char name[AC_DNS_NAME_SIZE];

    if (count == 0)
        return (int)ldns->pkt_get_rcode(packet) == AC_DNS_FORMERR;
    const ldns_rr *rr = ldns->rr_list_rr(list, 0);
    return count == 1 && (int)ldns->rr_get_type(rr) == question->type
           && ldns->rr_get_class(rr) == LDNS_RR_CLASS_IN
           && rdf_to_text(ldns, ldns->rr_owner(rr), name)
           && !strcasecmp(name, question->name);
}

static bool is_reply(const struct ac_ldns *ldns, const ldns_pkt *packet,
                     const struct ac_dns_wire *question)
{
    return ldns->pkt_qr(packet) && ldns->pkt_id(packet) == question->id
           && ldns->pkt_get_opcode(packet) == LDNS_PACKET_QUERY
           && is_same_question(ldns, packet, question);
}

enum ac_code ac_dns_message_read(const struct ac_dns_wire *question,
                                 const unsigned char *bytes, size_t size,
                                 struct ac_dns_answer *ret_answer, struct ac_error *err)
{
    AUTO_THINGS things = { 0 };
    AC_AUTO(ac_dns_answer) answer = { 0 };
    const struct ac_ldns *ldns = NULL;

    AC_TRY(ac_ldns_get(&things.ldns, err));
    ldns = things.ldns;
    if (size > AC_DNS_WIRE_MAX
        || ldns->wire2pkt(&things.packet, bytes, size) != LDNS_STATUS_OK) {
        things.packet = NULL;
        return ac_fail(err, AC_E_INVALID, "this is no DNS packet");
    }
    if (!is_reply(ldns, things.packet, question))
        return ac_fail(err, AC_E_INVALID, "this answers another question");
    answer.rcode = (int)ldns->pkt_get_rcode(things.packet);
    answer.is_authoritative = ldns->pkt_aa(things.packet);
    answer.is_truncated = ldns->pkt_tc(things.packet);
    AC_TRY(read_section(ldns, ldns->pkt_answer(things.packet), false, &answer, err));
    AC_TRY(read_section(ldns, ldns->pkt_authority(things.packet), true, &answer, err));
    *ret_answer = answer;
    answer = (struct ac_dns_answer){ 0 };
    return AC_OK;
}

const struct ac_dns_record *ac_dns_find(const struct ac_dns_answer *answer, int type,
                                        const char *owner)
{
    for (size_t i = 0; i < answer->count; i++) {
        const struct ac_dns_record *record = &answer->records[i];
        if (!record->is_authority && record->type == type
            && !strcasecmp(record->owner, owner))
            return record;
    }
    return NULL;
}

uint32_t ac_dns_negative_ttl(const struct ac_dns_answer *answer)
{
    for (size_t i = 0; i < answer->count; i++) {
        const struct ac_dns_record *record = &answer->records[i];
        if (record->is_authority && record->type == AC_DNS_SOA)
            return record->ttl < record->minimum ? record->ttl : record->minimum;
    }
    return 0;
}
