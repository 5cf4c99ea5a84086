/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/plan.h"

int64_t ac_plan_renew_at(int64_t not_before, int64_t not_after)
{
    int64_t lifetime = not_after - not_before;

    if (lifetime <= 0)
        return not_before;
    if (lifetime < AC_PLAN_SHORT_LIFETIME_S)
        return not_before + lifetime / 2;
    return not_before + lifetime / 3 * 2;
}

bool ac_plan_is_due(int64_t not_before, int64_t not_after, int64_t utc)
{
    return utc >= ac_plan_renew_at(not_before, not_after);
}
