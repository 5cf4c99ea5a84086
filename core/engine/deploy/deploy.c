/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/deploy/deploy_parts.h"

#include "base/clock.h"
#include "base/log.h"
#include "engine/deploy/staging.h"

#include <stdlib.h>
#include <string.h>

const char *ac_deploy_result_name(enum ac_deploy_result result)
{
    static const char *const names[] = {
        [AC_DEPLOY_LIVE] = "live",       [AC_DEPLOY_FAILED] = "failed",
        [AC_DEPLOY_WAITING] = "waiting", [AC_DEPLOY_LOCKED] = "locked",
        [AC_DEPLOY_PLANNED] = "planned",
    };

    return names[result];
}

static void run_done(struct ac_deploy_run *run)
{
    for (size_t i = 0; i < run->item_count; i++)
        ac_deploy_item_free(run->items[i]);
    free((void *)run->items);
    for (size_t i = 0; i < run->group_count; i++)
        free(run->groups[i].pairs);
    free(run->groups);
}

/* ---- what is to be done */

/* The same name with other settings is another group: it is another process. */
static bool is_same(const struct ac_solver_spec *a, const struct ac_solver_spec *b)
{
    return strcmp(a->name, b->name) == 0 && strcmp(a->plugin, b->plugin) == 0
           && ac_section_is_equal(&a->section, &b->section);
}

static enum ac_code have_group(struct ac_deploy_run *run,
                               const struct ac_solver_spec *spec,
                               struct ac_deploy_group **ret_group, struct ac_error *err)
{
    for (size_t i = 0; i < run->group_count; i++) {
        *ret_group = &run->groups[i];
        if (is_same(run->groups[i].spec, spec))
            return AC_OK;
    }
    AC_TRY(ac_memory_grow(&run->groups, &run->group_capacity, run->group_count + 1,
                          sizeof *run->groups, err));
    *ret_group = &run->groups[run->group_count++];
    **ret_group = (struct ac_deploy_group){ .spec = spec };
    return AC_OK;
}

static bool is_asked_for(const struct ac_deploy_settings *settings,
                         const char *installer)
{
    return !settings->installers || settings->installers->count == 0
           || ac_words_has(settings->installers, installer);
}

static enum ac_code add_pair(struct ac_deploy_run *run, struct ac_deploy_item *item,
                             const struct ac_solver_spec *spec, struct ac_error *err)
{
    struct ac_deploy_pair pair = {
        .item = item,
        .deployment = ac_state_find_deployment(&item->held.state, spec->name),
    };
    struct ac_deploy_group *group;
    const struct ac_deploy_settings *settings = run->settings;

    if (!is_asked_for(settings, spec->name))
        return AC_OK;
    int64_t utc = ac_clock_utc();
    int64_t due_at = ac_deployment_due_at(pair.deployment, item->held.version, utc);
    if (due_at == AC_PLAN_NEVER && !settings->is_forced)
        return AC_OK;
    if (due_at > utc && !settings->is_forced && !settings->ignores_backoff) {
        ac_deploy_tell(settings, &pair, spec->plugin, AC_DEPLOY_WAITING, NULL);
        return AC_OK;
    }
    AC_TRY(have_group(run, spec, &group, err));
    AC_TRY(ac_memory_grow(&group->pairs, &group->capacity, group->count + 1,
                          sizeof *group->pairs, err));
    group->pairs[group->count++] = pair;
    return AC_OK;
}

static enum ac_code add_item(struct ac_deploy_run *run, struct ac_deploy_item **item,
                             struct ac_error *err)
{
    struct ac_deploy_item *kept;

    AC_TRY(ac_memory_grow(&run->items, &run->item_capacity, run->item_count + 1,
                          sizeof(struct ac_deploy_item *), err));
    run->items[run->item_count++] = kept = AC_TAKE(*item);
    for (size_t i = 0; i < kept->wanted.installer_count; i++)
        AC_TRY(add_pair(run, kept, &kept->wanted.installers[i], err));
    return AC_OK;
}

/* The others go on. What a run ends with may be another failure: this is told now. */
static void note_trouble(struct ac_deploy_run *run, const char *name,
                         const struct ac_error *why)
{
    ac_log_say(AC_LOG_WARN, "%s: not deployed: %s", name, why->detail);
    if (run->trouble.code == AC_OK) {
        (void)ac_fail(&run->trouble, why->code, "%s: not deployed: %s", name,
                      why->detail);
    }
}

/* A certificate that is damaged is told of by its renewal. */
static enum ac_code gather_one(struct ac_deploy_run *run, const char *name,
                               struct ac_error *err)
{
    AC_AUTO(ac_deploy_item) *item = NULL;
    struct ac_error why = { 0 };
    enum ac_code code = ac_deploy_item_load(run->settings, name, &item, &why);

    if (code == AC_E_NOMEM || (code == AC_E_LOCKED && run->settings->names->count == 1))
        return ac_fail(err, code, "%s", why.detail);
    if (code == AC_E_LOCKED)
        return ac_deploy_tell_locked(run->settings, name, &why, err);
    if (code == AC_E_STORE) {
        note_trouble(run, name, &why);
    } else if (code != AC_OK && code != AC_E_NOTFOUND) {
        ac_log_say(AC_LOG_WARN, "%s: not deployed: %s", name, why.detail);
    }
    return item ? add_item(run, &item, err) : AC_OK;
}

/* Of those from `first` on; the number of locks that a process can hold is limited. */
static enum ac_code deploy_some(const struct ac_deploy_settings *settings, size_t first,
                                struct ac_error *ret_trouble, struct ac_error *err)
{
    __attribute__((cleanup(run_done))) struct ac_deploy_run run = {
        .settings = settings, .trouble = *ret_trouble
    };

    for (size_t i = first;
         i < settings->names->count && i - first < AC_DEPLOY_BATCH_MAX; i++)
        AC_TRY(gather_one(&run, settings->names->items[i], err));
    enum ac_code code = ac_deploy_recover_others(&run, err);
    *ret_trouble = run.trouble;
    for (size_t i = 0; code == AC_OK && i < run.group_count; i++) {
        code = ac_deploy_check_time(settings, err);
        if (code == AC_OK)
            code = ac_deploy_group_run(&run, &run.groups[i], err);
    }
    return code;
}

enum ac_code ac_deploy(const struct ac_deploy_settings *settings, struct ac_error *err)
{
    struct ac_error trouble = { 0 };
    size_t first = 0;

    do {
        AC_TRY(deploy_some(settings, first, &trouble, err));
        first += AC_DEPLOY_BATCH_MAX;
    } while (first < settings->names->count);
    return trouble.code == AC_OK ? AC_OK
                                 : ac_fail(err, trouble.code, "%s", trouble.detail);
}

bool ac_deploy_has_leftovers(const struct ac_store *store)
{
    AC_AUTO(ac_words) installers = { 0 };
    struct ac_error ignored;

    return ac_staging_list(store, &installers, &ignored) != AC_OK
           || installers.count > 0;
}
