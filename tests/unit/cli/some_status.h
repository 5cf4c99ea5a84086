/* SPDX-License-Identifier: Apache-2.0 */
/* A status of four certificates, made up; nothing of it is owned. */
#ifndef AC_TESTS_UNIT_CLI_SOME_STATUS_H
#define AC_TESTS_UNIT_CLI_SOME_STATUS_H

#include "cli/status.h"

#define DAY  ((int64_t)86400)
#define HOUR ((int64_t)3600)
#define NOW  INT64_C(1800000000) /* 2027-01-15 */

static struct ac_status_life some_lives[] = {
    { 1, false, NOW - 100 * DAY, NOW - 10 * DAY },
    { 2, true, NOW - 30 * DAY, NOW + 60 * DAY },
};

static struct ac_status_item some_items[] = {
    { .name = "gone.test",
      .level = AC_STATUS_EXPIRED,
      .plan = { AC_PLAN_LIFETIME, NOW - 31 * DAY, NOW + HOUR },
      .deploy_at = AC_PLAN_NEVER,
      .not_before = NOW - 91 * DAY,
      .not_after = NOW - 3 * HOUR,
      .state = { .trouble = { .failures = 2,
                              .failed_at = NOW - 5 * HOUR,
                              .next_attempt_at = NOW + HOUR,
                              .message = (char *)"<b>\x1b[31m & \"no\"</b>" } } },
    { .name = "late.test",
      .level = AC_STATUS_FAILING,
      .plan = { AC_PLAN_LIFETIME, NOW - 3 * DAY, NOW - 3 * DAY },
      .deploy_at = AC_PLAN_NEVER,
      .is_overdue = true,
      .not_before = NOW - 63 * DAY,
      .not_after = NOW + 27 * DAY },
    { .name = "new.test",
      .level = AC_STATUS_DUE,
      .plan = { AC_PLAN_MISSING, NOW, NOW },
      .deploy_at = AC_PLAN_NEVER },
    { .name = "www.test",
      .level = AC_STATUS_FINE,
      .plan = { AC_PLAN_FRESH, NOW + 30 * DAY, NOW + 30 * DAY },
      .deploy_at = AC_PLAN_NEVER,
      .not_before = NOW - 30 * DAY,
      .not_after = NOW + 60 * DAY,
      .state = { .renewal = { .selected_at = NOW + 30 * DAY } },
      .lives = some_lives,
      .life_count = 2 },
};

static const struct ac_status some_status = {
    .items = some_items,
    .count = 4,
    .at_level = { 1, 1, 1, 1 },
    .utc = NOW,
};

#endif
