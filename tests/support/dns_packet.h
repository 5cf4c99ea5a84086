/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DNS packets as a test writes them, from lines of text; independent of ldns.
 */
#ifndef AC_TESTS_SUPPORT_DNS_PACKET_H
#define AC_TESTS_SUPPORT_DNS_PACKET_H

#include <stddef.h>
#include <stdint.h>

#define PACKET_MAX 65535
#define TYPE_HEX   0

/* What does not fit is left out. */
struct packet {
    unsigned char bytes[PACKET_MAX];
    size_t size;
};

void ac_dns_packet_put(struct packet *packet, const void *bytes, size_t size);
unsigned ac_dns_packet_lines(struct packet *packet, const char *text);
int ac_dns_type_number(const char *name);

#endif
