/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/digest.h"

#include <nettle/hmac.h>
#include <nettle/sha2.h>
#include <string.h>

_Static_assert(AC_SHA256_SIZE == SHA256_DIGEST_SIZE, "as nettle has it");
_Static_assert(AC_HMAC_SIZE_MAX == SHA512_DIGEST_SIZE, "the longest of the three");

void ac_sha256(const void *bytes, size_t size, uint8_t digest[AC_SHA256_SIZE])
{
    struct sha256_ctx context;

    sha256_init(&context);
    sha256_update(&context, size, bytes);
    sha256_digest(&context, AC_SHA256_SIZE, digest);
}

char *ac_sha256_hex(const void *bytes, size_t size, char buffer[AC_SHA256_HEX_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    uint8_t digest[AC_SHA256_SIZE];

    ac_sha256(bytes, size, digest);
    for (size_t i = 0; i < sizeof(digest); i++) {
        buffer[2 * i] = digits[digest[i] >> 4];
        buffer[2 * i + 1] = digits[digest[i] & 15];
    }
    buffer[AC_SHA256_HEX_SIZE - 1] = '\0';
    return buffer;
}

/* The contexts hold the padded key, so they are wiped. */
#define HMAC_OF(function, length)                                                      \
    do {                                                                               \
        struct hmac_##function##_ctx context;                                          \
        hmac_##function##_set_key(&context, key->size, key->bytes);                    \
        hmac_##function##_update(&context, size, bytes);                               \
        hmac_##function##_digest(&context, (length), mac);                             \
        explicit_bzero(&context, sizeof(context));                                     \
    } while (0)

size_t ac_hmac(enum ac_hmac algorithm, const struct ac_secret *key, const void *bytes,
               size_t size, uint8_t mac[AC_HMAC_SIZE_MAX])
{
    switch (algorithm) {
    case AC_HMAC_SHA256:
        HMAC_OF(sha256, SHA256_DIGEST_SIZE);
        return SHA256_DIGEST_SIZE;
    case AC_HMAC_SHA384:
        HMAC_OF(sha384, SHA384_DIGEST_SIZE);
        return SHA384_DIGEST_SIZE;
    case AC_HMAC_SHA512:
        HMAC_OF(sha512, SHA512_DIGEST_SIZE);
        return SHA512_DIGEST_SIZE;
    }
    return 0;
}
