/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the first bytes of a TLS connection (RFC 8446 §4.1.2, §5.1) as far as tells a
 * validator (RFC 8737 §3) from everybody else. Pure; what it reads is hostile.
 */
#ifndef TLSALPN01_HELLO_H
#define TLSALPN01_HELLO_H

#include <stddef.h>
#include <stdint.h>

#define HELLO_BYTES_MAX ((size_t)16384) /* of the connection; nobody looks further */
#define HELLO_MESSAGE_MAX                                                              \
    ((size_t)16000) /* of the ClientHello itself; 500 is usual                         \
                     */
#define HELLO_NAME_MAX 253

enum hello_verdict {
    HELLO_UNDECIDED,  /* more bytes are needed; never with HELLO_BYTES_MAX of them */
    HELLO_OTHER,      /* not a ClientHello, or of somebody who is no validator */
    HELLO_VALIDATION, /* its only protocol is "acme-tls/1", and it names a server */
};

struct hello {
    char server_name[HELLO_NAME_MAX + 1]; /* lower case: letters, digits, "-._" */
};

/* ret_hello is written with HELLO_VALIDATION only. */
enum hello_verdict hello_read(const uint8_t *data, size_t size,
                              struct hello *ret_hello);

#endif
