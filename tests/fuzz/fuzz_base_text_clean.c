/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first octet is the size of the buffer, the rest outside text. What comes out
 * fits, is well-formed UTF-8 without controls or overrides, and is not changed by
 * cleaning.
 */
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        __builtin_trap();
}

static void require_harmless(const char *text)
{
    for (const char *at = text; *at; at++) {
        uint8_t octet = (uint8_t)*at;
        require(octet >= 0x20 && octet != 0x7F);
        require(octet != 0xC2 || (uint8_t)at[1] >= 0xA0);
    }
    /* U+202A-202E and U+2066-2069. */
    for (const char *last = "\xAA\xAB\xAC\xAD\xAE"; *last; last++)
        require(!strstr(text, (const char[]){ '\xE2', '\x80', *last, '\0' }));
    for (const char *last = "\xA6\xA7\xA8\xA9"; *last; last++)
        require(!strstr(text, (const char[]){ '\xE2', '\x81', *last, '\0' }));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t buffer_size = size ? data[0] : 0;

    if (buffer_size == 0)
        return 0;
    /* On the heap, so that one octet too far is seen. */
    char *once = malloc(buffer_size);
    char *twice = malloc(buffer_size);
    if (!once || !twice)
        abort();

    require(ac_text_clean(once, buffer_size, (const char *)data + 1, size - 1) == once);
    require(strlen(once) < buffer_size);
    require_harmless(once);
    ac_text_clean(twice, buffer_size, once, strlen(once));
    require(!strcmp(once, twice));
    free(once);
    free(twice);
    return 0;
}
