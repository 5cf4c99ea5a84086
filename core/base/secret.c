/* SPDX-License-Identifier: Apache-2.0 */
#include "base/secret.h"

#include <stdlib.h>
#include <string.h>

enum ac_code ac_secret_new(size_t size, struct ac_secret *ret_secret,
                           struct ac_error *err)
{
    struct ac_secret secret = { .size = size };

    if (size == SIZE_MAX)
        return ac_fail(err, AC_E_NOMEM, "out of memory");
    AC_TRY(ac_memory_new(size + 1, 1, &secret.bytes, err));
    *ret_secret = secret;
    return AC_OK;
}

enum ac_code ac_secret_copy(const void *bytes, size_t size,
                            struct ac_secret *ret_secret, struct ac_error *err)
{
    AC_TRY(ac_secret_new(size, ret_secret, err));
    if (size)
        memcpy(ret_secret->bytes, bytes, size);
    return AC_OK;
}

void ac_secret_wipe(struct ac_secret *secret)
{
    if (!secret)
        return;
    if (secret->bytes)
        explicit_bzero(secret->bytes, secret->size);
    free(secret->bytes);
    *secret = (struct ac_secret){ 0 };
}

bool ac_secret_is_equal(const struct ac_secret *a, const struct ac_secret *b)
{
    /* volatile: the compiler may not stop at the first difference. */
    volatile uint8_t difference = 0;

    if (a->size != b->size)
        return false;
    for (size_t i = 0; i < a->size; i++)
        difference = (uint8_t)(difference | (a->bytes[i] ^ b->bytes[i]));
    return difference == 0;
}
