/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/issue/issue_steps.h"

#include "engine/renewal/setback.h"

/* A failure that says something about this certificate at this CA. */
static bool is_trouble(const struct ac_issue *issue)
{
    const struct ac_issue_settings *settings = &issue->settings;

    return issue->outcome.code != AC_OK && issue->outcome.code != AC_E_CANCELLED
           && issue->outcome.code != AC_E_NOMEM && !settings->only_recovers
           && !settings->only_opens;
}

static enum ac_code note(struct ac_issue *issue, struct ac_error *err)
{
    AC_TRY(ac_issue_load_state(issue, err));
    /* One that was asked for once, in vain, leaves nothing, unless it has left
     * something already: then that says why. */
    if (!ac_setback_is_noted(&issue->state, &issue->here)
        && !ac_store_has(issue->settings.store, AC_STORE_CERTIFICATES, issue->here.name,
                         AC_WANTED_DOCUMENT))
        return AC_OK;
    AC_TRY(ac_setback_take(&issue->state, issue->settings.wish, &issue->outcome.error,
                           err));
    return ac_issue_save_state(issue, err);
}

void ac_issue_note_trouble(struct ac_issue *issue)
{
    struct ac_error why = { 0 };

    if (!is_trouble(issue))
        return;
    if (note(issue, &why) != AC_OK && issue->outcome.code != AC_E_STORE)
        ac_issue_warn(issue, "the failure could not be noted: %s", why.detail);
}
