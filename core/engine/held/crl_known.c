/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/held/crl_known.h"

#include "crypto/crl.h"
#include "crypto/digest.h"
#include "engine/held/revocable.h"

_Static_assert(AC_STATE_LISTED_MAX >= AC_WANTED_KEYS_MAX, "a set has room");

static enum ac_code take(const struct ac_chain *chain, struct ac_state_listed *listed,
                         struct ac_error *err)
{
    AC_AUTO_TEXT char *url = NULL;
    char issuer[AC_SHA256_HEX_SIZE];
    struct ac_error why = { 0 };

    AC_TRY(ac_memory_copy_text(ac_chain_serial(chain), &listed->serial, err));
    enum ac_code code = ac_crl_find_url(chain, &url, &why);
    if (code == AC_OK)
        code = ac_crl_issuer_key(chain, issuer, &why);
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    if (code != AC_OK)
        return AC_OK;
    AC_TRY(ac_memory_copy_text(issuer, &listed->issuer, err));
    listed->url = AC_TAKE(url);
    return AC_OK;
}

enum ac_code ac_crl_known_add(struct ac_state *state, const struct ac_chain *chain,
                              struct ac_error *err)
{
    struct ac_state_crl *crl = &state->crl;

    if (!ac_state_knows_crl(state))
        ac_state_clear_crl(state);
    crl->version = state->origin.version;
    if (crl->count == AC_STATE_LISTED_MAX)
        return AC_OK;
    return take(chain, &crl->items[crl->count++], err);
}

enum ac_code ac_crl_known_read(struct ac_state *state, const struct ac_store *store,
                               const char *name, struct ac_error *err)
{
    AC_AUTO(ac_revocable) held = { 0 };

    AC_TRY(ac_revocable_find(store, name, &held, err));
    ac_state_clear_crl(state);
    for (size_t i = 0; i < held.count; i++)
        AC_TRY(ac_crl_known_add(state, held.chains[i], err));
    return AC_OK;
}
