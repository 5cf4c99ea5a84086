/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/deploy/deploy_parts.h"

#include "base/clock.h"
#include "base/log.h"
#include "engine/deploy/staging.h"

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
            ac_store_lock(settings->store, AC_STAGING_GROUP, installer, ret_lock, err);
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
        AC_TRY(ac_deploy_pair_fail(search->driver, &search->pairs[range->first + i],
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
    bool is_last =
        search->driver->is_stuck || search->attempts >= AC_DEPLOY_ATTEMPTS_MAX;

    if (attempt->is_live || left.count == 0)
        return AC_OK;
    if (attempt->left < range->count && !is_last)
        return push(search, left.first, left.count, err);
    if (left.count == 1 || is_last)
        return fail_range(search, &left, &attempt->why, err);
    AC_TRY(push(search, left.first + half, left.count - half, err));
    return push(search, left.first, half, err);
}

/* With what the installer begins now, for a later run, whatever its settings are by
 * then. */
static enum ac_code note_begin(const struct search *search, const struct range *range,
                               struct ac_error *err)
{
    AC_AUTO(ac_words) names = { 0 };

    if (search->driver->settings->is_dry_run)
        return AC_OK;
    for (size_t i = 0; i < range->count; i++) {
        AC_TRY(ac_words_add(&names, search->pairs[range->first + i].item->name, err));
    }
    return ac_staging_save(search->driver->settings->store, AC_STAGING_BEGUN,
                           search->driver->spec, &names, err);
}

/* One that stays is found by the next run, which sees that nothing is staged. */
static void note_end(const struct search *search)
{
    const struct ac_deploy_settings *settings = search->driver->settings;
    struct ac_error why = { 0 };

    if (settings->is_dry_run || search->driver->is_stuck
        || search->driver->is_unfinished
        || ac_staging_remove(settings->store, AC_STAGING_BEGUN,
                             search->driver->spec->name, &why)
               == AC_OK)
        return;
    ac_log_say(AC_LOG_WARN, "%s", why.detail);
}

/* What state the server is in is not known: nothing more is tried. */
static enum ac_code fail_rest(struct search *search, const struct ac_error *why,
                              struct ac_error *err)
{
    while (search->todo_count > 0) {
        struct range rest = search->todo[--search->todo_count];

        AC_TRY(fail_range(search, &rest, why, err));
    }
    return AC_OK;
}

/* Those that come next are not to wait for another run: it is tried a last time now. A
 * process that died of it could only undo what is proven: then they do wait. */
static enum ac_code settle_unfinished(struct search *search,
                                      struct ac_deploy_attempt *attempt,
                                      struct ac_error *err)
{
    struct ac_deploy_driver *driver = search->driver;
    struct ac_error why = { 0 };

    if (!driver->is_unfinished || search->todo_count == 0)
        return AC_OK;
    AC_TRY(ac_deploy_check_time(driver->settings, err));
    if (driver->is_stuck)
        return AC_OK;
    enum ac_code code =
        ac_deploy_settle(driver, attempt->pairs, attempt->left, true, false, &why);
    if (code == AC_E_NOMEM || code == AC_E_CANCELLED)
        return ac_fail(err, code, "%s", why.detail);
    if (code != AC_OK && !ac_deploy_driver_is_alive(driver)) {
        driver->is_stuck = true;
        attempt->why = why;
        return AC_OK;
    }
    if (code != AC_OK)
        AC_TRY(ac_deploy_give_up(driver, attempt->pairs, attempt->left, &why, err));
    driver->is_unfinished = false;
    return AC_OK;
}

static enum ac_code try_range(struct search *search, const struct range *range,
                              struct ac_error *err)
{
    struct ac_deploy_attempt attempt = { .driver = search->driver,
                                         .pairs = search->pairs + range->first,
                                         .count = range->count };
    struct ac_error why = { 0 };

    AC_TRY(ac_deploy_check_time(search->driver->settings, err));
    if (note_begin(search, range, &why) != AC_OK)
        return fail_range(search, range, &why, err);
    search->attempts++;
    enum ac_code code = ac_deploy_attempt_run(&attempt, err);
    if (code == AC_OK)
        code = settle_unfinished(search, &attempt, err);
    note_end(search);
    if (code != AC_OK)
        return code;
    AC_TRY(go_on(search, range, &attempt, err));
    return search->driver->is_stuck ? fail_rest(search, &attempt.why, err) : AC_OK;
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

/* Without a record of it the settings of now have to do: somebody removed it. */
static enum ac_code recover_unrecorded(struct ac_deploy_driver *driver,
                                       const struct ac_deploy_group *group,
                                       struct ac_error *err)
{
    size_t staged = sort_staged(group);

    if (staged == 0 || driver->settings->is_dry_run)
        return AC_OK;
    AC_TRY(ac_deploy_settle(driver, group->pairs, staged, true, true, err));
    if (ac_deploy_driver_is_alive(driver))
        return AC_OK;
    ac_deploy_driver_done(driver); /* it died of a finish that was given up */
    return ac_deploy_driver_start(driver, err);
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

static enum ac_code begin(struct ac_deploy_run *run, struct ac_deploy_driver *driver,
                          const struct ac_deploy_group *group, struct ac_error *err)
{
    enum ac_code code = ac_deploy_recover(run, group->spec->name, group->spec, err);

    driver->is_stuck = code != AC_OK && code != AC_E_LOCKED;
    if (code != AC_OK)
        return code;
    if (run->settings->is_dry_run)
        AC_TRY(ac_deploy_lend(run->settings, group, err));
    AC_TRY(ac_deploy_driver_start(driver, err));
    code = recover_unrecorded(driver, group, err);
    driver->is_stuck = code != AC_OK;
    return code;
}

static enum ac_code tell_locked(const struct ac_deploy_settings *settings,
                                const struct ac_deploy_group *group,
                                const struct ac_error *why)
{
    for (size_t i = 0; i < group->count; i++) {
        ac_deploy_tell(settings, &group->pairs[i], group->spec->plugin,
                       AC_DEPLOY_LOCKED, why);
    }
    return AC_OK;
}

static enum ac_code list_names(const struct ac_deploy_group *group,
                               struct ac_words *names, struct ac_error *err)
{
    for (size_t i = 0; i < group->count; i++)
        AC_TRY(ac_words_add(names, group->pairs[i].item->name, err));
    return AC_OK;
}

static enum ac_code deploy_group(struct ac_deploy_run *run,
                                 const struct ac_deploy_group *group,
                                 struct ac_error *err)
{
    AC_AUTO(ac_words) names = { 0 };
    AC_AUTO(ac_deploy_driver)
    driver = { .settings = run->settings,
               .run = run,
               .spec = group->spec,
               .certificates = &names };
    struct ac_error why = { 0 };

    AC_TRY(list_names(group, &names, err));
    enum ac_code code = begin(run, &driver, group, &why);

    if (code == AC_OK)
        return deploy_all(&driver, group->pairs, drop_live(&driver, group), err);
    if (code == AC_E_LOCKED)
        return tell_locked(run->settings, group, &why);
    if (code == AC_E_CANCELLED || code == AC_E_NOMEM || code == AC_E_TIMEOUT) {
        *err = why;
        return code;
    }
    for (size_t i = 0; i < group->count; i++)
        AC_TRY(ac_deploy_pair_fail(&driver, &group->pairs[i], &why, err));
    return AC_OK;
}

enum ac_code ac_deploy_group_run(struct ac_deploy_run *run,
                                 const struct ac_deploy_group *group,
                                 struct ac_error *err)
{
    const char *installer = group->spec->name;
    AC_AUTO(ac_lock) *lock = NULL;
    struct ac_error why = { 0 };

    enum ac_code code = take_lock(run->settings, installer, &lock, &why);
    if (code == AC_E_LOCKED)
        return tell_locked(run->settings, group, &why);
    if (code != AC_OK) {
        *err = why;
        return code;
    }
    code = deploy_group(run, group, err);
    if (ac_deploy_take_back(run->settings, installer, &why) == AC_OK)
        return code;
    return code == AC_OK ? ac_fail(err, why.code, "%s", why.detail) : code;
}
