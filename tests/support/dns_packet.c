/* SPDX-License-Identifier: Apache-2.0 */
#include "dns_packet.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NAME_SIZE     300
#define CLASS_IN      1
#define RDATA_SIZE_AT 2

static const struct {
    const char *name;
    int type;
} types[] = {
    { "A", 1 },     { "NS", 2 },     { "CNAME", 5 }, { "SOA", 6 },        { "TXT", 16 },
    { "AAAA", 28 }, { "DNAME", 39 }, { "CAA", 257 }, { "HEX", TYPE_HEX },
};

int ac_dns_type_number(const char *name)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (!strcmp(types[i].name, name))
            return types[i].type;
    }
    return -1;
}

void ac_dns_packet_put(struct packet *packet, const void *bytes, size_t size)
{
    if (size > sizeof packet->bytes - packet->size)
        return;
    memcpy(packet->bytes + packet->size, bytes, size);
    packet->size += size;
}

static void put_number(struct packet *packet, uint32_t number, size_t size)
{
    unsigned char bytes[4];

    for (size_t i = 0; i < size; i++)
        bytes[i] = (unsigned char)(number >> (8 * (size - 1 - i)));
    ac_dns_packet_put(packet, bytes, size);
}

static void put_name(struct packet *packet, const char *name)
{
    while (*name && strcmp(name, ".") != 0) {
        size_t size = strcspn(name, ".");
        put_number(packet, (uint32_t)size, 1);
        ac_dns_packet_put(packet, name, size);
        name += size + (name[size] == '.');
    }
    put_number(packet, 0, 1);
}

static void put_strings(struct packet *packet, const char *text)
{
    for (;;) {
        size_t size = strcspn(text, "|");
        put_number(packet, (uint32_t)size, 1);
        ac_dns_packet_put(packet, text, size);
        if (text[size] == '\0')
            return;
        text += size + 1;
    }
}

static void put_hex(struct packet *packet, const char *text)
{
    for (; text[0] && text[1]; text += 2) {
        char digits[3] = { text[0], text[1], '\0' };
        put_number(packet, (uint32_t)strtoul(digits, NULL, 16), 1);
    }
}

/* Copies the next word and gives what follows it. */
static const char *next_word(const char *text, char *word, size_t size)
{
    size_t length = strcspn(text, " ");

    (void)snprintf(word, size, "%.*s", (int)length, text);
    return text + length + strspn(text + length, " ");
}

static uint32_t to_number(const char *text)
{
    return (uint32_t)strtoul(text, NULL, 10);
}

static void put_soa(struct packet *packet, const char *data)
{
    char primary[NAME_SIZE];
    uint32_t minimum = to_number(next_word(data, primary, sizeof primary));

    put_name(packet, primary);
    put_name(packet, "hostmaster.example");
    for (int i = 0; i < 4; i++)
        put_number(packet, 1, 4);
    put_number(packet, minimum, 4);
}

static void put_caa(struct packet *packet, const char *data)
{
    char flags[8];
    char tag[64];
    const char *rest = next_word(data, flags, sizeof flags);
    const char *value = next_word(rest, tag, sizeof tag);

    put_number(packet, to_number(flags), 1);
    put_number(packet, (uint32_t)strlen(tag), 1);
    ac_dns_packet_put(packet, tag, strlen(tag));
    ac_dns_packet_put(packet, value, strlen(value));
}

static void put_data(struct packet *packet, int type, const char *data)
{
    unsigned char address[16];

    if (type == 1 && inet_pton(AF_INET, data, address) == 1)
        ac_dns_packet_put(packet, address, 4);
    if (type == 28 && inet_pton(AF_INET6, data, address) == 1)
        ac_dns_packet_put(packet, address, 16);
    if (type == 2 || type == 5 || type == 39)
        put_name(packet, data);
    if (type == 6)
        put_soa(packet, data);
    if (type == 16)
        put_strings(packet, data);
    if (type == 257)
        put_caa(packet, data);
    if (type == TYPE_HEX)
        put_hex(packet, data);
}

static void put_record(struct packet *packet, const char *line)
{
    char owner[NAME_SIZE];
    char ttl[16];
    char type_name[16];
    const char *rest = next_word(line, owner, sizeof owner);
    rest = next_word(rest, ttl, sizeof ttl);
    const char *data = next_word(rest, type_name, sizeof type_name);
    int type = ac_dns_type_number(type_name);
    put_name(packet, owner);
    put_number(packet, type == TYPE_HEX ? 16 : (uint32_t)type, 2);
    put_number(packet, CLASS_IN, 2);
    put_number(packet, to_number(ttl), 4);
    size_t size_at = packet->size;
    put_number(packet, 0, RDATA_SIZE_AT);
    put_data(packet, type, data);
    size_t size = packet->size - size_at - RDATA_SIZE_AT;
    packet->bytes[size_at] = (unsigned char)(size >> 8);
    packet->bytes[size_at + 1] = (unsigned char)size;
}

unsigned ac_dns_packet_lines(struct packet *packet, const char *text)
{
    unsigned count = 0;
    char line[5000];

    while (text && *text) {
        size_t size = strcspn(text, "\n");
        (void)snprintf(line, sizeof line, "%.*s", (int)size, text);
        put_record(packet, line);
        count++;
        text += size + (text[size] == '\n');
    }
    return count;
}
