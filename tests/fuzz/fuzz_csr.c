/* SPDX-License-Identifier: Apache-2.0 */
/* A certificate request as a user hands it over, PEM or DER. */
#include "crypto/csr.h"

#include <stdlib.h>
#include <string.h>

/* NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What we write down of it is what we would read. */
static void read_again(const struct ac_csr *csr)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) pem = { 0 };
    AC_AUTO(ac_csr) again = { 0 };

    if (ac_csr_pem(&csr->der, &pem, &err) != AC_OK || pem.size > AC_CSR_BYTES_MAX)
        return;
    if (ac_csr_parse(pem.bytes, pem.size, &again, &err) != AC_OK
        || again.der.size != csr->der.size
        || memcmp(again.der.bytes, csr->der.bytes, csr->der.size) != 0
        || !ac_identifiers_is_same_set(&again.identifiers, &csr->identifiers))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_csr) csr = { 0 };

    if (ac_csr_parse(data, size, &csr, &err) != AC_OK)
        return 0;
    if (csr.identifiers.count == 0 || ac_key_can_export(csr.key))
        abort();
    read_again(&csr);
    return 0;
}
