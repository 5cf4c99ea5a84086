/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes that wipe themselves: keys, MAC secrets, PEM of private keys. Never logged,
 * never put into JSON, never passed as char *.
 */
#ifndef AC_BASE_SECRET_H
#define AC_BASE_SECRET_H

#include "base/memory.h"

#include <stdbool.h>
#include <stdint.h>

struct ac_secret {
    uint8_t *bytes; /* owned; a NUL follows the last byte, not counted in size */
    size_t size;
};

/* Room for size bytes, zeroed. */
AC_MUST enum ac_code ac_secret_new(size_t size, struct ac_secret *ret_secret,
                                   struct ac_error *err);
AC_MUST enum ac_code ac_secret_copy(const void *bytes, size_t size,
                                    struct ac_secret *ret_secret, struct ac_error *err);
/* explicit_bzero, free, and zero the struct. Takes NULL and empty ones. */
void ac_secret_wipe(struct ac_secret *secret);
/* Constant time in the contents. */
bool ac_secret_is_equal(const struct ac_secret *a, const struct ac_secret *b);

AC_DEFINE_DROP_VALUE(ac_secret, ac_secret_wipe)

#endif
