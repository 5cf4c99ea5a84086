/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/held/origin.h"

/* Without an authority key identifier there is none. */
static enum ac_code read_renewal_id(const struct ac_chain *chain, char **ret_id,
                                    struct ac_error *err)
{
    struct ac_error why = { 0 };
    enum ac_code code = ac_chain_renewal_id(chain, ret_id, &why);

    return code == AC_E_NOMEM ? ac_fail(err, code, "%s", why.detail) : AC_OK;
}

enum ac_code ac_origin_read(const struct ac_chain *chain,
                            struct ac_state_origin *origin, struct ac_error *err)
{
    origin->issued_at = ac_chain_not_before(chain);
    origin->not_before = ac_chain_not_before(chain);
    origin->not_after = ac_chain_not_after(chain);
    AC_TRY(ac_memory_copy_text(ac_chain_serial(chain), &origin->serial, err));
    AC_TRY(ac_memory_copy_text(ac_chain_fingerprint(chain), &origin->fingerprint, err));
    return read_renewal_id(chain, &origin->renewal_id, err);
}

/* Its profile is not among what is noted of an earlier one. */
enum ac_code ac_origin_inherit(const struct ac_state *state, int64_t version,
                               struct ac_state_origin *origin, struct ac_error *err)
{
    const struct ac_state_origin *before = &state->origin;
    const struct ac_state_origin *then = ac_state_find_earlier(state, version);

    if (!then)
        then = before;
    origin->is_silent = before->is_silent;
    origin->is_given_up = before->is_given_up;
    AC_TRY(ac_origin_copy(before->identity, &origin->identity, err));
    AC_TRY(ac_origin_copy(before->configuration, &origin->configuration, err));
    AC_TRY(ac_origin_copy(then->directory_url, &origin->directory_url, err));
    return ac_origin_copy(then->account_url, &origin->account_url, err);
}

enum ac_code ac_origin_copy(const char *text, char **ret_copy, struct ac_error *err)
{
    return text ? ac_memory_copy_text(text, ret_copy, err) : AC_OK;
}
