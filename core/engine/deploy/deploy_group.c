/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/deploy/deploy_parts.h"

#include "base/clock.h"
#include "base/log.h"

#include <stdlib.h>

#define LOCK_POLL_MS 250

/* ---- the installer's lock */

/* Another run that deploys now ends soon; one that does not is no reason to hang. */
static enum ac_code take_lock(const struct ac_deploy_settings *settings,
                              const char *installer, struct ac_lock **ret_lock,
                              struct ac_error *err)
{
    int64_t until_ms = ac_clock_after_ms(AC_DEPLOY_LOCK_MS);

    for (;;) {
        enum ac_code code =
            ac_store_lock(settings->store, AC_DEPLOY_LOCKS, installer, ret_lock, err);
        if (code != AC_E_LOCKED || ac_clock_now_ms() >= until_ms)
            return code;
        AC_TRY(ac_deploy_check_time(settings, err));
        AC_TRY(ac_loop_turn(settings->loop, ac_clock_after_ms(LOCK_POLL_MS), err));
    }
}

/* ---- who is guilty? */

/* Pairs that are to be tried together, side by side in the group. */
struct range {
    size_t first, count;
};

struct search {
    struct ac_deploy_driver *driver;
    struct ac_deploy_pair *pairs;
    struct range *todo; /* a stack; owned */
    size_t todo_count, todo_capacity;
    size_t attempts;
};

static void search_done(struct search *search)
{
    free(search->todo);
}

static enum ac_code push(struct search *search, size_t first, size_t count,
                         struct ac_error *err)
{
    if (count == 0)
        return AC_OK;
    AC_TRY(ac_memory_grow(&search->todo, &search->todo_capacity, search->todo_count + 1,
                          sizeof *search->todo, err));
    search->todo[search->todo_count++] = (struct range){ first, count };
    return AC_OK;
}

static enum ac_code fail_range(const struct search *search, const struct range *range,
                               const struct ac_error *why, struct ac_error *err)
{
    for (size_t i = 0; i < range->count; i++) {
        AC_TRY(ac_deploy_fail_pair(search->driver, &search->pairs[range->first + i],
                                   why, err));
    }
    return AC_OK;
}

/* One of several may be to blame for all: each half is tried alone. Those that failed
 * by themselves are known already, and not tried again. */
static enum ac_code go_on(struct search *search, const struct range *range,
                          const struct ac_deploy_attempt *attempt, struct ac_error *err)
{
    struct range left = { range->first, attempt->left };
    size_t half = left.count / 2;

    if (attempt->is_live || left.count == 0)
        return AC_OK;
    if (attempt->left < range->count && !attempt->is_stuck
        && search->attempts < AC_DEPLOY_ATTEMPTS_MAX)
        return push(search, left.first, left.count, err);
    if (left.count == 1 || attempt->is_stuck
        || search->attempts >= AC_DEPLOY_ATTEMPTS_MAX)
        return fail_range(search, &left, &attempt->why, err);
    AC_TRY(push(search, left.first + half, left.count - half, err));
    return push(search, left.first, half, err);
}

static enum ac_code try_range(struct search *search, const struct range *range,
                              struct ac_error *err)
{
    struct ac_deploy_attempt attempt = { .driver = search->driver,
                                         .pairs = search->pairs + range->first,
                                         .count = range->count };

    AC_TRY(ac_deploy_check_time(search->driver->settings, err));
    search->attempts++;
    AC_TRY(ac_deploy_attempt_run(&attempt, err));
    AC_TRY(go_on(search, range, &attempt, err));
    if (!attempt.is_stuck)
        return AC_OK;
    /* What state the server is in is not known: nothing more is tried. */
    while (search->todo_count > 0) {
        struct range rest = search->todo[--search->todo_count];
        AC_TRY(fail_range(search, &rest, &attempt.why, err));
    }
    return AC_OK;
}

static enum ac_code deploy_all(struct ac_deploy_driver *driver,
                               struct ac_deploy_pair *pairs, size_t count,
                               struct ac_error *err)
{
    __attribute__((cleanup(search_done))) struct search search = { .driver = driver,
                                                                   .pairs = pairs };

    for (size_t i = count; i > 0;) {
        size_t size = (i - 1) % AC_DEPLOY_BATCH_MAX + 1;

        i -= size;
        AC_TRY(push(&search, i, size, err));
    }
    while (search.todo_count > 0) {
        struct range range = search.todo[--search.todo_count];

        AC_TRY(try_range(&search, &range, err));
    }
    return AC_OK;
}

/* ---- all of it */

/* Those that an earlier run left amid it come first. Returns how many. */
static size_t sort_staged(const struct ac_deploy_group *group)
{
    size_t count = 0;

    for (size_t i = 0; i < group->count; i++) {
        struct ac_deploy_pair pair = group->pairs[i];

        if (pair.deployment->staged_version == 0)
            continue;
        group->pairs[i] = group->pairs[count];
        group->pairs[count++] = pair;
    }
    return count;
}

static enum ac_code recover(struct ac_deploy_driver *driver,
                            const struct ac_deploy_group *group, struct ac_error *err)
{
    size_t staged = sort_staged(group);

    if (staged == 0 || driver->settings->is_dry_run)
        return AC_OK;
    ac_log(AC_LOG_INFO, "deploy.recover", "installer", driver->spec->name, NULL);
    return ac_deploy_recover(driver, group->pairs, staged, err);
}

/* What was proven before a run was killed needed nothing but its finish. */
static size_t drop_live(const struct ac_deploy_driver *driver,
                        const struct ac_deploy_group *group)
{
    size_t kept = 0;

    for (size_t i = 0; i < group->count; i++) {
        struct ac_deploy_pair *pair = &group->pairs[i];

        if (!driver->settings->is_forced
            && ac_deployment_status(pair->deployment, pair->item->held.version)
                   == AC_DEPLOYMENT_LIVE) {
            ac_deploy_tell(driver->settings, pair, driver->spec->plugin, AC_DEPLOY_LIVE,
                           NULL);
            continue;
        }
        group->pairs[kept++] = *pair;
    }
    return kept;
}

static enum ac_code run(struct ac_deploy_driver *driver,
                        const struct ac_deploy_group *group, struct ac_error *err)
{
    struct ac_error why = { 0 };
    enum ac_code code = ac_deploy_driver_start(driver, &why);

    if (code == AC_OK)
        code = recover(driver, group, &why);
    if (code == AC_OK)
        return deploy_all(driver, group->pairs, drop_live(driver, group), err);
    if (code == AC_E_CANCELLED || code == AC_E_NOMEM) {
        *err = why;
        return code;
    }
    for (size_t i = 0; i < group->count; i++)
        AC_TRY(ac_deploy_fail_pair(driver, &group->pairs[i], &why, err));
    return AC_OK;
}

enum ac_code ac_deploy_group_run(const struct ac_deploy_settings *settings,
                                 const struct ac_deploy_group *group,
                                 struct ac_error *err)
{
    AC_AUTO(ac_deploy_driver) driver = { .settings = settings, .spec = group->spec };
    AC_AUTO(ac_lock) *lock = NULL;
    struct ac_error why = { 0 };

    enum ac_code code = take_lock(settings, group->spec->name, &lock, &why);
    if (code == AC_OK)
        return run(&driver, group, err);
    if (code != AC_E_LOCKED) {
        *err = why;
        return code;
    }
    for (size_t i = 0; i < group->count; i++) {
        ac_deploy_tell(settings, &group->pairs[i], group->spec->plugin,
                       AC_DEPLOY_LOCKED, &why);
    }
    return AC_OK;
}
