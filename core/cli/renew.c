/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/renew.h"

#include "base/clock.h"
#include "base/log.h"
#include "cli/attempt.h"
#include "cli/commands.h"
#include "cli/configuration.h"
#include "cli/notices.h"
#include "cli/rehearsal.h"
#include "cli/renew_look.h"
#include "cli/watch.h"
#include "engine/held/removal.h"
#include "engine/renewal/given_up.h"

#include <stdlib.h>

/* The certificates that are worked on, as places in upkeep->items. */
struct work {
    struct ac_renewals *renewals;
    const struct ac_upkeep_source *source;
    size_t *due; /* owned */
    size_t count, capacity;
    struct ac_around *around; /* the hooks; owned */
    struct ac_notify *notify; /* owned */
    struct ac_error notifier; /* one that cannot be run; code AC_OK: none */
};

static void work_done(struct work *work)
{
    ac_around_free(work->around);
    ac_notify_free(work->notify);
    free(work->due);
}

static const struct ac_upkeep_item *item_at(const struct work *work, size_t index)
{
    return &work->renewals->upkeep->items[work->due[index]];
}

static enum ac_code gather_due(struct work *work, struct ac_error *err)
{
    const struct ac_upkeep *upkeep = work->renewals->upkeep;
    int64_t utc = ac_clock_utc();

    for (size_t i = 0; i < upkeep->count; i++) {
        if (!ac_upkeep_is_due(&upkeep->items[i], utc))
            continue;
        AC_TRY(ac_memory_grow(&work->due, &work->capacity, work->count + 1,
                              sizeof *work->due, err));
        work->due[work->count++] = i;
    }
    work->renewals->due = work->count;
    return AC_OK;
}

/* What cannot be noted now is noted by the next look. */
static void note_given_up(const struct ac_context *context,
                          const struct ac_upkeep_item *item)
{
    struct ac_error why = { 0 };

    if (context->options->is_dry_run)
        return;
    if (ac_given_up_note(context->store, item, &why) != AC_OK) {
        ac_log(AC_LOG_INFO, "unwanted.unknown", "certificate", item->name, "text",
               why.detail, NULL);
    }
}

/* What a configuration would say that is wrong is not known: nothing is pruned for it.
 */
static enum ac_code note_one(struct ac_renewals *renewals,
                             const struct ac_upkeep_item *item, struct ac_error *err)
{
    if (renewals->context->is_misconfigured && item->is_unwanted)
        return ac_renewals_add_unwanted(renewals, item, NULL, err);
    note_given_up(renewals->context, item);
    return ac_renewals_note(renewals, item, err);
}

/* Last, so that nothing goes that is not cleaned up. */
static enum ac_code note_all(struct ac_renewals *renewals, struct ac_error *err)
{
    for (size_t i = 0; i < renewals->upkeep->count; i++)
        AC_TRY(note_one(renewals, &renewals->upkeep->items[i], err));
    return AC_OK;
}

/* ---- working */

/* Where a pre-hook failed it is left alone for a while, as after any failure. */
static enum ac_code load_one(void *arg, size_t index, struct ac_wanted *ret_wanted,
                             struct ac_error *err)
{
    const struct work *work = arg;
    const struct ac_upkeep_item *item = item_at(work, index);
    const struct ac_error *refusal = ac_around_refusal(work->around, item->name);

    AC_TRY(ac_renew_load(work->renewals->context, work->source, item, ret_wanted, err));
    if (!refusal)
        return AC_OK;
    return ac_attempt_refuse(work->renewals->context, ret_wanted, refusal, err);
}

static void end_one(void *arg, const struct ac_fleet_end *end)
{
    struct work *work = arg;
    const char *name = item_at(work, end->index)->name;
    bool is_skipped = ac_renewals_was_skipped(end);
    struct ac_error why;

    ac_around_ended(work->around, name, end->why, is_skipped);
    if (!is_skipped) {
        ac_notify_failed(work->notify, name, NULL, end->why,
                         end->issue ? ac_issue_outcome(end->issue) : NULL);
    }
    if (ac_renewals_add(work->renewals, item_at(work, end->index), end, &why) != AC_OK)
        ac_renewals_take_trouble(work->renewals, &why);
}

/* One that cannot be loaded has no hooks; its turn says why. */
static enum ac_code begin_hooks(struct work *work, struct ac_error *err)
{
    struct ac_context *context = work->renewals->context;

    AC_TRY(ac_attempt_hooks(context, &work->around, err));
    for (size_t i = 0; i < work->count; i++) {
        AC_AUTO(ac_wanted) wanted = { 0 };
        struct ac_error why = { 0 };
        const char *reason = ac_plan_reason_name(item_at(work, i)->plan.reason);

        if (ac_renew_load(context, work->source, item_at(work, i), &wanted, &why)
            != AC_OK)
            continue;
        AC_TRY(ac_attempt_join(context, work->around, &wanted, reason, &work->notifier,
                               err));
    }
    return ac_attempt_begin(context, work->around, err);
}

static enum ac_code renew_due(struct work *work, struct ac_error *err)
{
    struct ac_context *context = work->renewals->context;
    const struct ac_options *options = context->options;
    const struct ac_fleet fleet = {
        .count = work->count,
        .jobs = (size_t)options->jobs,
        .each_ms = options->timeout_s * 1000,
        .begins_anew = options->is_forced,
        .load = load_one,
        .ended = end_one,
        .arg = work,
    };
    struct ac_error hook = { 0 };

    AC_TRY(ac_context_run(context, err));
    AC_TRY(begin_hooks(work, err));
    enum ac_code code = ac_run_fleet(context->run, &fleet, err);
    if (ac_around_finish(work->around, context->run, &hook) != AC_OK)
        ac_attempt_take_hook(&hook, &work->renewals->first);
    ac_attempt_take_hook(&work->notifier, &work->renewals->first);
    return code;
}

/* Of those that were worked on, and of those that an installer has to be told of. */
static enum ac_code deploy(struct work *work, const struct ac_upkeep *upkeep,
                           struct ac_error *err)
{
    struct ac_renewals *renewals = work->renewals;
    AC_AUTO(ac_words) names = { 0 };
    const struct ac_deployments_wish wish = {
        .names = &names, .is_sweeping = renewals->context->options->arguments.count == 0
    };
    int64_t utc = ac_clock_utc();

    for (size_t i = 0; i < upkeep->count; i++) {
        const struct ac_upkeep_item *item = &upkeep->items[i];

        if (ac_upkeep_is_due(item, utc) || ac_upkeep_is_to_deploy(item, utc))
            AC_TRY(ac_words_add(&names, item->name, err));
    }
    return ac_deployments_run(&renewals->deployments, &wish, err);
}

/* Nobody else would: what was being removed has no name any more. */
static void sweep_removed(struct ac_context *context)
{
    struct ac_error why = { 0 };

    if (ac_removal_sweep(context->store, &why) != AC_OK)
        ac_log_say(AC_LOG_WARN, "%s", why.detail);
}

/* When there is something to do again, and when to look for it. */
struct moments {
    int64_t next_at, look_at;
    bool is_behind; /* it was time to look when they were found */
};

static struct moments moments_of(const struct ac_upkeep *upkeep, int64_t utc)
{
    int64_t look_at = ac_upkeep_look_at(upkeep);

    return (struct moments){ ac_upkeep_next_at(upkeep), look_at, look_at <= utc };
}

/* What was worked on has changed; else what was seen still holds. */
static struct moments find_moments(const struct work *work,
                                   const struct ac_upkeep_settings *settings,
                                   struct ac_upkeep *after)
{
    const struct ac_upkeep *upkeep = work->renewals->upkeep;
    struct ac_upkeep_settings now = { .store = settings->store,
                                      .source = settings->source,
                                      .names = settings->names,
                                      .checks_crls = settings->checks_crls,
                                      .utc = ac_clock_utc() };
    struct ac_error ignored;

    if (work->count == 0 && ac_json_count(work->renewals->deployments.all) == 0)
        return moments_of(upkeep, settings->utc);
    if (ac_upkeep_survey(&now, after, &ignored) != AC_OK)
        return (struct moments){ AC_PLAN_NEVER, now.utc, true };
    return moments_of(after, now.utc);
}

static enum ac_code work_on(struct work *work, struct ac_upkeep *upkeep,
                            struct ac_error *err)
{
    struct ac_context *context = work->renewals->context;
    struct ac_error why = { 0 };

    AC_TRY(gather_due(work, err));
    if (context->options->is_dry_run) {
        AC_TRY(note_all(work->renewals, err));
        return ac_renewals_plan(work->renewals, err);
    }
    if (work->count > 0)
        AC_TRY(renew_due(work, err));
    ac_renewals_clean(work->renewals);
    AC_TRY(note_all(work->renewals, err));
    sweep_removed(context);
    ac_rehearsal_sweep(context);
    (void)!deploy(work, upkeep, &why); /* the verdict has it */
    return AC_OK;
}

/* The end: what is told here, then those who are to be notified. */
static enum ac_code tell(struct work *work, const struct ac_upkeep_settings *settings,
                         struct ac_round *ret_round, struct ac_error *err)
{
    const struct ac_renewals *renewals = work->renewals;
    AC_AUTO(ac_upkeep) after = { 0 };
    struct ac_error why = { 0 };

    ac_renewals_verdict(renewals, &why);
    struct moments moments = find_moments(work, settings, &after);
    ret_round->look_at = moments.look_at;
    ret_round->is_misconfigured = renewals->context->is_misconfigured;
    /* What was to be done is still to be done: nothing could be noted of it. */
    ret_round->is_to_rest =
        renewals->skipped > 0 || renewals->is_disk_ill || moments.is_behind;
    enum ac_code code = ac_renewals_tell(renewals, moments.next_at, &why, err);
    if (!renewals->context->options->is_dry_run)
        ac_notify_tell(work->notify, after.items ? &after : renewals->upkeep);
    if (code != AC_OK && why.code != AC_OK)
        *err = why; /* it stays the reason, whether it could be told or not */
    return code != AC_OK && why.code != AC_OK ? why.code : code;
}

/* Says when to look again, also where there was nothing to do. */
static enum ac_code renew_once(struct ac_renewals *renewals, struct ac_upkeep *upkeep,
                               struct ac_round *ret_round, struct ac_error *err)
{
    struct ac_context *context = renewals->context;
    const struct ac_upkeep_source source = ac_configuration_source(context);
    __attribute__((cleanup(work_done))) struct work work = { .renewals = renewals,
                                                             .source = &source };
    struct ac_renew_view view = { .renewals = renewals,
                                  .settings = { .store = context->store,
                                                .source = &source,
                                                .names = &context->options->arguments,
                                                .is_forced =
                                                    context->options->is_forced } };

    AC_TRY(ac_notices_new(context, &work.notify, err));
    AC_TRY(ac_renew_look(&view, upkeep, err));
    AC_TRY(work_on(&work, upkeep, err));
    return tell(&work, &view.settings, ret_round, err);
}

enum ac_code ac_renew_round(struct ac_context *context, bool is_watching,
                            struct ac_round *ret_round, struct ac_error *err)
{
    AC_AUTO(ac_upkeep) upkeep = { 0 };
    AC_AUTO(ac_renewals) renewals = { .context = context,
                                      .upkeep = &upkeep,
                                      .is_watching = is_watching };

    AC_TRY(ac_renewals_begin(&renewals, err));
    AC_TRY(renew_once(&renewals, &upkeep, ret_round, err));
    ac_renewals_verdict(&renewals, &ret_round->why);
    return AC_OK;
}

enum ac_code ac_command_renew(struct ac_context *context, bool *ret_is_told,
                              struct ac_error *err)
{
    struct ac_round round = { 0 };

    if (context->options->is_watching
        && (context->options->is_forced || context->options->is_dry_run)) {
        return ac_fail(err, AC_E_USAGE,
                       "--watch looks again and again: neither --force nor --dry-run "
                       "goes with it");
    }
    if (context->options->is_watching)
        return ac_watch(context->options, err);
    AC_TRY(ac_renew_round(context, false, &round, err));
    *ret_is_told = context->options->is_json;
    if (round.why.code != AC_OK)
        *err = round.why;
    return round.why.code;
}
