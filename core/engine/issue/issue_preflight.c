/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/issue/issue_steps.h"

#include "base/log.h"

#include <string.h>

static enum ac_code begin(struct ac_issue *issue, struct ac_error *err)
{
    const struct ac_directory *directory;

    AC_TRY(ac_client_directory(issue->client, &directory, err));
    struct ac_preflight_request request = {
        .wanted = &issue->here,
        .identities = &directory->caa_identities,
        .account_url = ac_client_kid(issue->client),
        .deadline_ms = issue->settings.deadline_ms,
    };
    return ac_preflight_begin(issue->settings.preflight, &request, &issue->preflight,
                              err);
}

static void log_failure(const struct ac_error *why)
{
    ac_log(AC_LOG_INFO, "preflight.failed", "reason", why->detail, NULL);
}

void ac_issue_begin_preflight(struct ac_issue *issue)
{
    struct ac_error why = { 0 };

    if (!issue->settings.preflight || issue->has_asked_caa)
        return;
    issue->has_asked_caa = true;
    if (begin(issue, &why) != AC_OK)
        log_failure(&why);
}

bool ac_issue_end_preflight(struct ac_issue *issue)
{
    AC_AUTO(ac_words) warnings = { 0 };
    struct ac_error why = { 0 };

    if (!ac_preflight_is_done(issue->preflight))
        return false;
    if (ac_preflight_warnings(issue->preflight, &warnings, &why) != AC_OK)
        log_failure(&why);
    for (size_t i = 0; i < warnings.count; i++)
        ac_issue_warn(issue, "%s", warnings.items[i]);
    ac_preflight_free(issue->preflight);
    issue->preflight = NULL;
    return true;
}

void ac_issue_drop_preflight(struct ac_issue *issue)
{
    if (ac_issue_end_preflight(issue))
        return;
    ac_preflight_free(issue->preflight);
    issue->preflight = NULL;
}
