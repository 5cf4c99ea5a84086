/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/issue/issue_steps.h"

#include "base/clock.h"
#include "engine/held/held.h"
#include "engine/renewal/plan.h"

/* How long an order may take, for what is held. */
static int64_t patience_s(const struct ac_issue *issue, int64_t utc)
{
    AC_AUTO(ac_held) held = { 0 };
    struct ac_error ignored;

    if (ac_held_load(issue->settings.store, issue->here.name, &held, &ignored) != AC_OK)
        return AC_ISSUE_PATIENCE_S;
    return ac_plan_patience_s(held.not_before, held.not_after, utc);
}

/* One of the future was noted by a clock that was wrong. */
bool ac_issue_is_overdue(const struct ac_issue *issue)
{
    int64_t utc = ac_clock_utc();
    int64_t age = utc - ac_journal_order(issue->journal).created_at;

    return age < 0 || age > AC_ISSUE_PATIENCE_S || age > patience_s(issue, utc);
}
