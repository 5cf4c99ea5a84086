/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A revocation list as it comes over the network. No input but a seed has a signature
 * that is right, so what is behind it is asked by its own doors, too.
 */
#include "crypto/crl_parts.h"

#include <stdlib.h>
#include <string.h>

#define WITHIN INT64_C(1893542400) /* the seeds are valid at 2030-01-02 */

/* NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* That of tests/data/crl: the seeds are signed by its second certificate. */
static const char chain_pem[] =
#include "fuzz_crl_chain.inc"
    ;

static const struct ac_chain *our_chain(void)
{
    static struct ac_chain *chain; /* made once: it is the same for every input */
    struct ac_error err = { 0 };

    if (chain == NULL
        && ac_chain_parse(chain_pem, strlen(chain_pem), &chain, &err) != AC_OK)
        abort();
    return chain;
}

static void read_as_entries(const uint8_t *data, size_t size)
{
    struct ac_crl crl = { .entries = { data, size } };
    struct ac_crl_entry entry;
    size_t position = 0;

    for (size_t before = 0; ac_crl_next(&crl, &position, &entry); before = position) {
        if (position <= before || position > size || strlen(entry.serial) < 2
            || entry.reason < 0 || entry.reason > AC_CRL_REASON_MAX)
            abort();
    }
}

static void read_as_list(const uint8_t *data, size_t size)
{
    AC_AUTO(ac_text) der = { .limit = AC_CRL_BYTES_MAX };
    AC_AUTO(ac_crl) *crl = NULL;
    struct ac_error err = { 0 };

    if (ac_text_add(&der, data, size, &err) != AC_OK)
        return;
    if (ac_crl_read(&der, our_chain(), WITHIN, &crl, &err) == AC_OK
        && ac_crl_next_update(crl) <= WITHIN)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ac_error err = { 0 };
    const struct ac_der list = { data, size };

    read_as_list(data, size);
    read_as_entries(data, size);
    (void)!ac_crl_check_extensions(list, our_chain(), &err);
    return 0;
}
