/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of a run that was killed when its certificate was in place, or nearly: that
 * may not be what is wanted now.
 */
#include "engine/issue/issue_steps.h"

/* Was it revoked since it was issued? */
static enum ac_code is_revoked(const struct ac_issue *issue,
                               const struct ac_chain *chain, bool *ret_is_revoked,
                               struct ac_error *err)
{
    AC_AUTO(ac_state) state = { 0 };
    struct ac_error why = { 0 };
    enum ac_code code =
        ac_state_load(issue->settings.store, issue->here.name, &state, &why);

    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    *ret_is_revoked =
        code == AC_OK && ac_state_find_revoked(&state, ac_chain_fingerprint(chain));
    return AC_OK;
}

enum ac_code ac_issue_is_spent(const struct ac_issue *issue,
                               const struct ac_chain *chain, bool *ret_is_spent,
                               struct ac_error *err)
{
    *ret_is_spent = false;
    if (!issue->outcome.is_resumed)
        return AC_OK;
    AC_TRY(is_revoked(issue, chain, ret_is_spent, err));
    if (*ret_is_spent || !issue->settings.begins_anew)
        return AC_OK;
    return ac_issue_is_current(issue, chain, ret_is_spent, err);
}
