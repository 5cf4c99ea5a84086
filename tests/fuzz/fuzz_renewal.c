/* SPDX-License-Identifier: Apache-2.0 */
/* Renewal information has a window that ends after it begins, or it is refused. */
#include "acme/renewal.h"

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_renewal) renewal = { 0 };
    enum ac_code code = ac_renewal_parse((const char *)data, size, &renewal, &err);

    if (code != AC_OK) {
        require(code == AC_E_PROTOCOL && renewal.explanation_url == NULL);
        return 0;
    }
    require(renewal.start >= 0 && renewal.start < renewal.end);
    require(!renewal.explanation_url
            || strncasecmp(renewal.explanation_url, "http", strlen("http")) == 0);
    return 0;
}
