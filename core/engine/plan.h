/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When a certificate is due again. Pure. Always relative to its own lifetime: lifetimes
 * are shrinking and are never assumed (PROTOCOL C.3).
 */
#ifndef AC_ENGINE_PLAN_H
#define AC_ENGINE_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#define AC_PLAN_SHORT_LIFETIME_S ((int64_t)10 * 86400)

/* Two thirds of the lifetime; half of it when under ten days. UTC seconds. */
int64_t ac_plan_renew_at(int64_t not_before, int64_t not_after);
bool ac_plan_is_due(int64_t not_before, int64_t not_after, int64_t utc);

#endif
