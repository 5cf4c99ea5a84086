/* SPDX-License-Identifier: Apache-2.0 */
#include "subject.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static void name_in_addr(struct subject *subject);
static void name_ip6(struct subject *subject);

bool subject_read(const char *identifier, struct subject *ret_subject)
{
    struct subject subject = { .address_size = 0 };
    size_t size = strnlen(identifier, SUBJECT_NAME_MAX + 1);

    if (size == 0 || size > SUBJECT_NAME_MAX)
        return false;
    if (inet_pton(AF_INET, identifier, subject.address) == 1) {
        name_in_addr(&subject);
    } else if (inet_pton(AF_INET6, identifier, subject.address) == 1) {
        name_ip6(&subject);
    } else {
        memcpy(subject.server_name, identifier, size);
    }
    *ret_subject = subject;
    return true;
}

/* RFC 1035 §3.5 */
static void name_in_addr(struct subject *subject)
{
    const uint8_t *octets = subject->address;

    subject->address_size = 4;
    (void)snprintf(subject->server_name, sizeof subject->server_name,
                   "%d.%d.%d.%d.in-addr.arpa", octets[3], octets[2], octets[1],
                   octets[0]);
}

/* RFC 3596 §2.5: a label for each half octet, the last one first. */
static void name_ip6(struct subject *subject)
{
    static const char digits[] = "0123456789abcdef";
    char *at = subject->server_name;

    subject->address_size = 16;
    for (size_t i = 16; i-- > 0;) {
        *at++ = digits[subject->address[i] & 15];
        *at++ = '.';
        *at++ = digits[subject->address[i] >> 4];
        *at++ = '.';
    }
    memcpy(at, "ip6.arpa", sizeof "ip6.arpa");
}
