/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scripted name servers on loopback addresses, over UDP and TCP, at one port. They know
 * nothing of libldns: their packets are put together by hand.
 */
#ifndef AC_TESTS_SUPPORT_DNS_SERVER_H
#define AC_TESTS_SUPPORT_DNS_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AC_DNS_SERVERS       4    /* server N listens on 127.0.77.<N + 1> */
#define AC_DNS_ANY           (-1) /* server of a rule */
#define AC_DNS_SERVER_PREFIX "127.0.77."

enum ac_dns_flag {
    AC_DNS_AA = 1,
    AC_DNS_TC = 2,              /* over UDP: cut, and empty */
    AC_DNS_DROP = 4,            /* no answer */
    AC_DNS_GARBAGE = 8,         /* bytes that are no DNS */
    AC_DNS_WRONG_ID = 16,       /* before the true one */
    AC_DNS_WRONG_QUESTION = 32, /* instead of the true one */
    AC_DNS_OLD = 64,            /* FORMERR to a question with EDNS */
    AC_DNS_HANG_UP = 128,       /* over TCP: closes without a word */
    AC_DNS_PIECES = 256,        /* over TCP: a byte at a time */
    AC_DNS_TC_EVER = 512        /* with TC: over TCP, too */
};

/* The first that fits a question answers it; a question without a rule is REFUSED. */
struct ac_dns_rule {
    int server;       /* or AC_DNS_ANY */
    const char *name; /* NULL: any */
    const char *type; /* "TXT"; NULL: any */
    size_t times;     /* so often, then the next rule; 0: always */
    int rcode;
    unsigned flags;     /* enum ac_dns_flag */
    const char *answer; /* lines "owner ttl TYPE data"; NULL: none */
    const char *authority;
};
/*
 * Data: A, AAAA an address; NS, CNAME, DNAME a name; SOA "primary minimum"; TXT strings
 * between "|"; CAA "flags tag value"; HEX octets in hexadecimal, as a TXT record's
 * RDATA.
 */

/* Starts them; the rules are lent until the stop. False: it cannot. */
bool ac_dns_server_start(const struct ac_dns_rule *rules, size_t count);
void ac_dns_server_stop(void);
uint16_t ac_dns_server_port(void);
/* "127.0.77.1:12345" for server 0; one of four buffers in turn. */
const char *ac_dns_server_address(size_t server);
/* Questions of this name and type that came to a server; NULL and ANY: all. */
size_t ac_dns_server_count(int server, const char *name, const char *type);

#endif
