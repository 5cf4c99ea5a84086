/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A CA's chain. Input that begins like DER is put into PEM first, so that what base64
 * would hide is reached too. The seeds are for the key of RFC 7515 A.3, so that the
 * check goes beyond the key.
 */
#include "crypto/chain.h"
#include "crypto/pem.h"

#include <stdlib.h>
#include <string.h>

#define DER_SEQUENCE 0x30
#define SOMETIME     INT64_C(1800000000)

/* NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char jwk[] = "{\"kty\":\"EC\",\"crv\":\"P-256\","
                          "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
                          "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\","
                          "\"d\":\"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI\"}";

static const struct ac_key *our_key(void)
{
    static struct ac_key *key; /* made once: it is the same for every input */
    AC_AUTO(ac_secret) text = { 0 };
    struct ac_error err = { 0 };

    if (key == NULL
        && (ac_secret_copy(jwk, strlen(jwk), &text, &err) != AC_OK
            || ac_key_parse_jwk(&text, &key, &err) != AC_OK))
        abort();
    return key;
}

static void ask_everything(const struct ac_chain *chain)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_identifiers) names = { 0 };
    AC_AUTO_TEXT char *id = NULL;
    size_t leaf_size = strlen(ac_chain_leaf_pem(chain));
    const char *full = ac_chain_full_pem(chain);

    if (memcmp(full, ac_chain_leaf_pem(chain), leaf_size) != 0
        || strcmp(full + leaf_size, ac_chain_rest_pem(chain)) != 0)
        abort();
    if (ac_chain_renewal_id(chain, &id, &err) == AC_OK && strchr(id, '.') == NULL)
        abort();
    if (ac_chain_identifiers(chain, &names, &err) != AC_OK)
        return;
    if (ac_chain_check(chain, our_key(), &names, SOMETIME, &err) == AC_OK
        && ac_chain_not_after(chain) < SOMETIME)
        abort();
}

/* What we write is what we would read. */
static void read_again(const struct ac_chain *chain)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_chain) *again = NULL;
    const char *full = ac_chain_full_pem(chain);

    if (strlen(full) > AC_CHAIN_BYTES_MAX)
        return;
    if (ac_chain_parse(full, strlen(full), &again, &err) != AC_OK
        || strcmp(ac_chain_full_pem(again), full) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_chain) *chain = NULL;
    AC_AUTO(ac_text) pem = { 0 };
    bool is_der = size > 0 && data[0] == DER_SEQUENCE;

    if (is_der && ac_pem_add(&pem, data, size, &err) != AC_OK)
        return 0;
    if (!is_der && ac_text_add(&pem, data, size, &err) != AC_OK)
        return 0;
    if (ac_chain_parse(ac_text_get(&pem), pem.size, &chain, &err) != AC_OK)
        return 0;
    ask_everything(chain);
    read_again(chain);
    return 0;
}
