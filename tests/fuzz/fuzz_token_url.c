/* SPDX-License-Identifier: Apache-2.0 */
/* The URL of a token's key: what is kept has no PIN, and means the same again. */
#include "crypto/token_url.h"

#include <stdlib.h>
#include <string.h>

/* NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ac_error err = { 0 };
    AC_AUTO_TEXT char *text = NULL;
    AC_AUTO(ac_token_url) url = { 0 };
    AC_AUTO(ac_token_url) again = { 0 };

    if (ac_memory_copy_bytes(data, size, &text, &err) != AC_OK
        || ac_token_url_parse(text, &url, &err) != AC_OK)
        return 0;
    if (url.pin_path != NULL && url.pin_path[0] != '/')
        abort();
    if (ac_token_url_parse(ac_text_get(&url.plain), &again, &err) != AC_OK
        || strcmp(ac_text_get(&url.plain), ac_text_get(&again.plain)) != 0
        || again.pin_path != NULL || again.module_path != NULL)
        abort();
    return 0;
}
