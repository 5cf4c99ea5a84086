/* SPDX-License-Identifier: Apache-2.0 */
/* base64url and pasted secrets: what decodes strictly is the encoding of its octets. */
#include "crypto/base64url.h"

#include <stdlib.h>
#include <string.h>

/* NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void round_trip(const char *text, size_t size)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) bytes = { 0 };
    AC_AUTO_TEXT char *again = NULL;

    if (ac_base64url_decode(text, size, &bytes, &err) != AC_OK)
        return;
    if (ac_base64url_encode(bytes.bytes, bytes.size, &again, &err) != AC_OK
        || strlen(again) != size || memcmp(again, text, size) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_secret) secret = { 0 };

    round_trip((const char *)data, size);
    if (ac_base64_decode_secret((const char *)data, size, &secret, &err) == AC_OK
        && (secret.size == 0 || secret.size > size))
        abort();
    return 0;
}
