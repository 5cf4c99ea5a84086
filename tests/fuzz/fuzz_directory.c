/* SPDX-License-Identifier: Apache-2.0 */
/* A directory has its three doors, or it is refused. */
#include "acme/directory.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static bool is_web_url(const char *url)
{
    return url
           && (strncasecmp(url, "http://", 7) == 0
               || strncasecmp(url, "https://", 8) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_directory) *directory = NULL;
    enum ac_code code = ac_directory_parse("https://ca.example/dir", (const char *)data,
                                           size, &directory, &err);

    if (code != AC_OK) {
        require(code == AC_E_PROTOCOL && directory == NULL);
        return 0;
    }
    require(is_web_url(directory->new_nonce) && is_web_url(directory->new_account)
            && is_web_url(directory->new_order));
    require(directory->profiles.count == directory->profile_descriptions.count);
    return 0;
}
