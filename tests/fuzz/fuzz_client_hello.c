/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first bytes of a connection. A name that is read has only the characters of
 * names; the verdict does not change when more bytes come after it is decided; and at
 * the limit nothing is undecided.
 */
/* NOLINTNEXTLINE(bugprone-suspicious-include): a plugin is not a layer to link to */
#include "../../plugins/tlsalpn01-standalone/hello.c"

#include <stdlib.h>

/* NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        __builtin_trap();
}

static void check_name(const struct hello *hello)
{
    static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz0123456789-._";
    size_t size = strnlen(hello->server_name, sizeof hello->server_name);

    require(size >= 1 && size <= HELLO_NAME_MAX);
    require(strspn(hello->server_name, alphabet) == size);
}

/* What was decided from the beginning stays as it is. */
static void check_beginning(const uint8_t *data, size_t size, size_t part,
                            enum hello_verdict verdict)
{
    struct hello hello = { "" };
    /* On the heap, so that one octet too far is seen. */
    uint8_t *copy = malloc(part > 0 ? part : 1);
    enum hello_verdict early = HELLO_UNDECIDED;

    if (!copy)
        abort();
    memcpy(copy, data, part);
    early = hello_read(copy, part, &hello);
    require(early == HELLO_UNDECIDED || early == verdict || size >= HELLO_BYTES_MAX);
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hello hello = { "" };
    enum hello_verdict verdict = hello_read(data, size, &hello);

    if (verdict == HELLO_VALIDATION) {
        check_name(&hello);
    } else {
        require(hello.server_name[0] == '\0');
    }
    require(verdict != HELLO_UNDECIDED || size < HELLO_BYTES_MAX);
    for (size_t part = 0; part < size; part += 1 + size / 8)
        check_beginning(data, size, part, verdict);
    return 0;
}
