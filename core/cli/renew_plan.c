/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/renew.h"

#include "base/clock.h"
#include "base/log.h"

/* What cannot be looked at is told by its renewal, or by `status`. */
static enum ac_code plan_deployments(struct ac_renewals *renewals,
                                     const struct ac_upkeep_item *item, bool is_due,
                                     struct ac_error *err)
{
    struct ac_error why = { 0 };
    enum ac_code code =
        ac_deployments_plan(&renewals->deployments, item->name, is_due, &why);

    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    if (code != AC_OK) {
        ac_log(AC_LOG_INFO, "deploy.unknown", "certificate", item->name, "text",
               why.detail, NULL);
    }
    return AC_OK;
}

enum ac_code ac_renewals_plan(struct ac_renewals *renewals, struct ac_error *err)
{
    const struct ac_upkeep *upkeep = renewals->upkeep;
    int64_t utc = ac_clock_utc();

    for (size_t i = 0; i < upkeep->count; i++) {
        const struct ac_upkeep_item *item = &upkeep->items[i];
        bool is_due = ac_upkeep_is_due(item, utc);

        if (is_due)
            AC_TRY(ac_renewals_add_due(renewals, item, err));
        if (is_due || ac_upkeep_is_to_deploy(item, utc))
            AC_TRY(plan_deployments(renewals, item, is_due, err));
    }
    return AC_OK;
}
