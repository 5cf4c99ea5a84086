/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/renew.h"

#include "base/clock.h"
#include "base/log.h"
#include "cli/attempt.h"
#include "cli/commands.h"
#include "cli/notices.h"
#include "cli/watch.h"
#include "engine/held/removal.h"
#include "engine/renewal/pace.h"

#include <stdlib.h>

#define AHEAD_MAX_S      1800 /* of the beginning of a life */
#define CLOCKS_ASKED_MAX 3    /* CAs that may be down */

/* The certificates that are worked on, as places in upkeep->items. */
struct work {
    struct ac_renewals *renewals;
    const struct ac_upkeep_source *source;
    size_t *due; /* owned */
    size_t count, capacity;
    struct ac_around *around; /* the hooks; owned */
    struct ac_notify *notify; /* owned */
    struct ac_error trouble;  /* of the report; code AC_OK: none */
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

/* ---- looking */

/* Each has its own time; the run has that of all, one after another. */
static void set_deadline(struct ac_context *context, size_t count)
{
    const struct ac_options *options = context->options;
    int64_t rounds = 1 + (int64_t)count / options->jobs;
    int64_t limit_s = rounds * options->timeout_s;

    context->deadline_ms = ac_clock_after_ms(
        1000 * (limit_s < AC_TIMEOUT_MAX_S ? limit_s : AC_TIMEOUT_MAX_S));
}

/* What is looked at, and when it will be again. */
struct view {
    const struct ac_renewals *renewals;
    struct ac_upkeep_settings settings;
    struct ac_pace pace;
};

/* A timer has its rhythm; a process that stays looks when something is due. */
static enum ac_code look(struct view *view, struct ac_upkeep *upkeep,
                         struct ac_error *err)
{
    view->settings.utc = ac_clock_utc();
    view->settings.next_look_at =
        view->renewals->is_watching ? 0
                                    : ac_pace_next_at(&view->pace, view->settings.utc);
    ac_upkeep_done(upkeep);
    return ac_upkeep_survey(&view->settings, upkeep, err);
}

/* A look by hand at some of them, or at what it would do, is no part of the rhythm. */
static void note_look(struct view *view)
{
    struct ac_context *context = view->renewals->context;
    const struct ac_options *options = context->options;
    struct ac_error why = { 0 };

    if (view->renewals->is_watching || options->is_dry_run || options->is_forced
        || options->arguments.count > 0 || view->renewals->upkeep->count == 0)
        return;
    if (ac_pace_note(&view->pace, ac_clock_utc(), context->store, &why) != AC_OK)
        ac_log(AC_LOG_INFO, "pace.unknown", "text", why.detail, NULL);
}

/* What CAs say may make something due that was not. */
static enum ac_code ask_for_windows(struct view *view, struct ac_upkeep *upkeep,
                                    struct ac_error *err)
{
    struct ac_context *context = view->renewals->context;
    AC_AUTO(ac_words) names = { 0 };

    AC_TRY(ac_upkeep_names(upkeep, AC_UPKEEP_WINDOW, &names, err));
    if (names.count == 0 || context->options->is_dry_run)
        return AC_OK;
    AC_TRY(ac_context_run(context, err));
    AC_TRY(ac_run_check_renewals(context->run, &names, err));
    return look(view, upkeep, err);
}

/* ---- the clock */

static enum ac_code load_wanted(const struct work *work,
                                const struct ac_upkeep_item *item,
                                struct ac_wanted *ret_wanted, struct ac_error *err)
{
    if (item->configured != AC_UPKEEP_NOT_CONFIGURED) {
        return work->source->load(work->source->arg, item->configured, ret_wanted, err);
    }
    return ac_wanted_load(work->renewals->context->store, item->name, ret_wanted, err);
}

static bool is_of_future(const struct ac_upkeep_item *item, int64_t utc)
{
    return item->not_before > utc + AHEAD_MAX_S;
}

/* Is it due by the clock alone, or issued when the clock says that is yet to come? */
static bool depends_on_clock(const struct ac_upkeep_item *item, int64_t utc)
{
    if (is_of_future(item, utc))
        return true;
    return ac_upkeep_is_due(item, utc)
           && (item->plan.reason == AC_PLAN_LIFETIME
               || item->plan.reason == AC_PLAN_SUGGESTED);
}

/* One of the CAs that have to do with it says what time it is. */
static enum ac_code learn_clock(const struct work *work, const struct ac_upkeep *upkeep,
                                struct ac_error *err)
{
    struct ac_context *context = work->renewals->context;
    int64_t utc = ac_clock_utc();
    int asked = 0;

    for (size_t i = 0; i < upkeep->count && asked < CLOCKS_ASKED_MAX; i++) {
        AC_AUTO(ac_wanted) wanted = { 0 };
        struct ac_error why = { 0 };

        if (!depends_on_clock(&upkeep->items[i], utc))
            continue;
        AC_TRY(ac_context_run(context, err));
        if (ac_run_knows_clock(context->run))
            return AC_OK;
        asked++;
        enum ac_code code = load_wanted(work, &upkeep->items[i], &wanted, &why);
        if (code == AC_E_NOMEM)
            return ac_fail(err, code, "%s", why.detail);
        if (code == AC_OK)
            AC_TRY(ac_run_learn_clock(context->run, &wanted, err));
    }
    return AC_OK;
}

/* Nobody could be asked, and something is wrong all the same; once is enough. */
static void doubt_clock(const struct ac_context *context,
                        const struct ac_upkeep *upkeep)
{
    int64_t utc = ac_clock_utc();
    char now[AC_CLOCK_TEXT_SIZE];
    char from[AC_CLOCK_TEXT_SIZE];

    if (context->run && ac_run_knows_clock(context->run))
        return;
    for (size_t i = 0; i < upkeep->count; i++) {
        const struct ac_upkeep_item *item = &upkeep->items[i];

        if (!is_of_future(item, utc))
            continue;
        ac_log_say(AC_LOG_WARN,
                   "%s is valid from %s, and this machine's clock says %s: is that "
                   "right? No CA could be asked for the time",
                   item->name, ac_clock_format(item->not_before, from),
                   ac_clock_format(utc, now));
        return;
    }
}

/* What is due by a wrong clock is not due; the CA is asked for its directory anyway. */
static enum ac_code compare_clocks(struct view *view, const struct work *work,
                                   struct ac_upkeep *upkeep, struct ac_error *err)
{
    const struct ac_options *options = view->renewals->context->options;
    int64_t before_s = ac_clock_correction();

    if (options->is_dry_run || options->trusts_clock)
        return AC_OK;
    AC_TRY(learn_clock(work, upkeep, err));
    doubt_clock(view->renewals->context, upkeep);
    return ac_clock_correction() == before_s ? AC_OK : look(view, upkeep, err);
}

/* Of a machine that has no clock of its own, and has not been told the time. */
static enum ac_code check_clock(struct ac_error *err)
{
    char now[AC_CLOCK_TEXT_SIZE];

    if (ac_clock_utc() >= AC_CLOCK_FLOOR)
        return AC_OK;
    return ac_fail(err, AC_E_SYSTEM,
                   "this machine's clock says %s, so it has not been set: nothing can "
                   "be renewed before it is",
                   ac_clock_format(ac_clock_utc(), now));
}

/* What a CA has revoked is due now, whatever was not. */
static enum ac_code look_for_revoked(struct view *view, struct ac_upkeep *upkeep,
                                     struct ac_error *err)
{
    struct ac_context *context = view->renewals->context;
    bool is_partial = context->options->arguments.count > 0;
    AC_AUTO(ac_words) names = { 0 };
    AC_AUTO(ac_words) revoked = { 0 };

    AC_TRY(ac_upkeep_names(upkeep, AC_UPKEEP_CRL, &names, err));
    if (names.count == 0 || context->options->is_dry_run)
        return AC_OK;
    AC_TRY(ac_context_run(context, err));
    AC_TRY(ac_run_check_crls(context->run, &names, is_partial, &revoked, err));
    return look(view, upkeep, err);
}

static bool checks_crls(const struct ac_context *context)
{
    return !context->options->has_no_crl_check
           && (!context->config || ac_values_flag(&context->config->crl_check, true));
}

static enum ac_code gather_due(struct work *work, struct ac_error *err)
{
    const struct ac_upkeep *upkeep = work->renewals->upkeep;
    int64_t utc = ac_clock_utc();

    for (size_t i = 0; i < upkeep->count; i++) {
        AC_TRY(ac_renewals_note(work->renewals, &upkeep->items[i], err));
        if (!ac_upkeep_is_due(&upkeep->items[i], utc))
            continue;
        AC_TRY(ac_memory_grow(&work->due, &work->capacity, work->count + 1,
                              sizeof *work->due, err));
        work->due[work->count++] = i;
    }
    work->renewals->due = work->count;
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

    AC_TRY(load_wanted(work, item, ret_wanted, err));
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
    if (ac_renewals_add(work->renewals, item_at(work, end->index), end, &why) != AC_OK
        && work->trouble.code == AC_OK)
        work->trouble = why;
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

        if (load_wanted(work, item_at(work, i), &wanted, &why) != AC_OK)
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
    if (code == AC_OK && work->trouble.code != AC_OK)
        *err = work->trouble;
    return code == AC_OK ? work->trouble.code : code;
}

/* Of certificates that are not due: what runs that were cut short left presented. */
static void clean_leftovers(struct ac_context *context, const struct ac_upkeep *upkeep)
{
    for (size_t i = 0; i < upkeep->count && !ac_clock_cancelled(); i++) {
        const struct ac_upkeep_item *item = &upkeep->items[i];
        AC_AUTO(ac_words) warnings = { 0 };
        struct ac_error why = { 0 };

        if (!item->has_leftovers || ac_upkeep_is_due(item, ac_clock_utc()))
            continue;
        enum ac_code code = ac_context_run(context, &why);
        if (code == AC_OK)
            code = ac_run_recover(context->run, item->name, &warnings, &why);
        for (size_t w = 0; w < warnings.count; w++)
            ac_log_say(AC_LOG_WARN, "%s: %s", item->name, warnings.items[w]);
        if (code != AC_OK && code != AC_E_LOCKED)
            ac_log_say(AC_LOG_WARN, "%s: %s", item->name, why.detail);
    }
}

/* Of those that were worked on, and of those that an installer has to be told of. */
static enum ac_code deploy(struct work *work, const struct ac_upkeep *upkeep,
                           struct ac_error *err)
{
    struct ac_renewals *renewals = work->renewals;
    AC_AUTO(ac_words) names = { 0 };
    const struct ac_deployments_wish wish = { .names = &names };
    int64_t utc = ac_clock_utc();

    for (size_t i = 0; i < upkeep->count; i++) {
        const struct ac_upkeep_item *item = &upkeep->items[i];

        if (ac_upkeep_is_due(item, utc) || ac_upkeep_is_to_deploy(item, utc))
            AC_TRY(ac_words_add(&names, item->name, err));
    }
    if (names.count == 0)
        return AC_OK;
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
};

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

    if (work->count == 0 && ac_json_count(work->renewals->deployments.all) == 0) {
        return (struct moments){ ac_upkeep_next_at(upkeep), ac_upkeep_look_at(upkeep) };
    }
    if (ac_upkeep_survey(&now, after, &ignored) != AC_OK)
        return (struct moments){ AC_PLAN_NEVER, AC_PLAN_NEVER };
    return (struct moments){ ac_upkeep_next_at(after), ac_upkeep_look_at(after) };
}

static enum ac_code work_on(struct work *work, struct ac_upkeep *upkeep,
                            struct ac_error *err)
{
    struct ac_context *context = work->renewals->context;
    bool is_dry = context->options->is_dry_run;
    struct ac_error why = { 0 };

    AC_TRY(gather_due(work, err));
    for (size_t i = 0; is_dry && i < work->count; i++)
        AC_TRY(ac_renewals_add_due(work->renewals, item_at(work, i), err));
    if (is_dry)
        return AC_OK;
    if (work->count > 0)
        AC_TRY(renew_due(work, err));
    clean_leftovers(context, upkeep);
    sweep_removed(context);
    (void)!deploy(work, upkeep, &why); /* the verdict has it */
    return AC_OK;
}

/* The end: what is told here, then those who are to be notified. */
static enum ac_code tell(struct work *work, const struct ac_upkeep_settings *settings,
                         int64_t *ret_look_at, struct ac_error *err)
{
    const struct ac_renewals *renewals = work->renewals;
    AC_AUTO(ac_upkeep) after = { 0 };
    struct ac_error why = { 0 };

    ac_renewals_verdict(renewals, &why);
    struct moments moments = find_moments(work, settings, &after);
    *ret_look_at = moments.look_at;
    enum ac_code code = ac_renewals_tell(renewals, moments.next_at, &why, err);
    if (!renewals->context->options->is_dry_run)
        ac_notify_tell(work->notify, after.items ? &after : renewals->upkeep);
    return code;
}

/* When to look again: *ret_look_at, also where there was nothing to do. */
static enum ac_code renew_once(struct ac_renewals *renewals, struct ac_upkeep *upkeep,
                               int64_t *ret_look_at, struct ac_error *err)
{
    struct ac_context *context = renewals->context;
    const struct ac_upkeep_source source = ac_configured_source(context->config);
    __attribute__((cleanup(work_done))) struct work work = { .renewals = renewals,
                                                             .source = &source };
    struct view view = { .renewals = renewals,
                         .settings = { .store = context->store,
                                       .source = &source,
                                       .names = &context->options->arguments,
                                       .is_forced = context->options->is_forced,
                                       .checks_crls = checks_crls(context) } };

    AC_TRY(ac_notices_new(context, &work.notify, err));
    AC_TRY(check_clock(err));
    AC_TRY(ac_pace_load(context->store, &view.pace, err));
    AC_TRY(look(&view, upkeep, err));
    set_deadline(context, upkeep->count);
    AC_TRY(ask_for_windows(&view, upkeep, err));
    AC_TRY(compare_clocks(&view, &work, upkeep, err));
    AC_TRY(look_for_revoked(&view, upkeep, err)); /* lists have their times */
    note_look(&view);
    AC_TRY(work_on(&work, upkeep, err));
    return tell(&work, &view.settings, ret_look_at, err);
}

enum ac_code ac_renew_round(struct ac_context *context, bool is_watching,
                            struct ac_round *ret_round, struct ac_error *err)
{
    AC_AUTO(ac_upkeep) upkeep = { 0 };
    AC_AUTO(ac_renewals) renewals = { .context = context,
                                      .upkeep = &upkeep,
                                      .is_watching = is_watching };

    AC_TRY(ac_renewals_begin(&renewals, err));
    AC_TRY(renew_once(&renewals, &upkeep, &ret_round->look_at, err));
    ac_renewals_verdict(&renewals, &ret_round->why);
    ret_round->is_to_rest = renewals.skipped > 0 || renewals.is_disk_ill;
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
