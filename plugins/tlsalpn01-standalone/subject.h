/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a validator asks for an identifier, and what its certificate must name
 * (RFC 8737 §3, RFC 8738 §6). Pure.
 */
#ifndef TLSALPN01_SUBJECT_H
#define TLSALPN01_SUBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SUBJECT_NAME_MAX 253

struct subject {
    /* As SNI: the name itself, or for an address its name in the reverse zone. */
    char server_name[SUBJECT_NAME_MAX + 1];
    uint8_t address[16]; /* in network byte order */
    size_t address_size; /* 4, 16, or 0 for a name */
};

/* False: too long to be a name, or empty. */
bool subject_read(const char *identifier, struct subject *ret_subject);

#endif
