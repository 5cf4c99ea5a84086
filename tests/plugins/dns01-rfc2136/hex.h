/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of vectors as people write them. */
#ifndef TESTS_RFC2136_HEX_H
#define TESTS_RFC2136_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline char hex_digit(unsigned value)
{
    return "0123456789abcdef"[value & 15];
}

/* True when the bytes are exactly those that `text` says. */
static inline bool hex_is(const uint8_t *bytes, size_t size, const char *text)
{
    if (strlen(text) != 2 * size)
        return false;
    for (size_t i = 0; i < size; i++) {
        if (text[2 * i] != hex_digit(bytes[i] >> 4u)
            || text[2 * i + 1] != hex_digit(bytes[i]))
            return false;
    }
    return true;
}

#endif
