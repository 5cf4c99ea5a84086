/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/nonce.h"

#include <stdint.h>
#include <stdlib.h>

struct held {
    char *nonce; /* owned */
    int64_t at_ms;
};

/* A stack: the newest has the best chance to be still good. */
struct ac_nonces {
    struct held items[AC_NONCE_PURSE_MAX];
    size_t count;
};

enum ac_code ac_nonces_new(struct ac_nonces **ret_nonces, struct ac_error *err)
{
    return ac_memory_new(1, sizeof(struct ac_nonces), ret_nonces, err);
}

void ac_nonces_free(struct ac_nonces *nonces)
{
    if (nonces == NULL)
        return;
    ac_nonces_clear(nonces);
    free(nonces);
}

void ac_nonces_put(struct ac_nonces *nonces, const char *nonce, int64_t now_ms)
{
    struct ac_error ignored = { 0 };
    char *copy = NULL;

    if (nonces->count == AC_NONCE_PURSE_MAX || !ac_nonce_is_valid(nonce))
        return;
    /* Without memory for it, it is as if it had not come: the next one is fetched. */
    if (ac_memory_copy_text(nonce, &copy, &ignored) != AC_OK)
        return;
    nonces->items[nonces->count++] = (struct held){ .nonce = copy, .at_ms = now_ms };
}

char *ac_nonces_take(struct ac_nonces *nonces, int64_t now_ms)
{
    if (nonces->count == 0)
        return NULL;

    struct held newest = nonces->items[nonces->count - 1];
    if (now_ms - newest.at_ms > AC_NONCE_AGE_MAX_MS) {
        ac_nonces_clear(nonces); /* the others are older still */
        return NULL;
    }
    nonces->count--;
    return newest.nonce;
}

size_t ac_nonces_count(const struct ac_nonces *nonces)
{
    return nonces->count;
}

void ac_nonces_clear(struct ac_nonces *nonces)
{
    while (nonces->count > 0)
        free(nonces->items[--nonces->count].nonce);
}

bool ac_nonce_is_valid(const char *nonce)
{
    return nonce
           && ac_text_is_made_of(nonce, AC_ALPHABET_BASE64URL, 1, AC_NONCE_SIZE_MAX);
}
