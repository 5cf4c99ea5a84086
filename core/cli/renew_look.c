/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/renew_look.h"

#include "base/clock.h"
#include "base/log.h"
#include "engine/held/recall.h"

#define AHEAD_MAX_S      1800 /* of the beginning of a life */
#define CLOCKS_ASKED_MAX 3    /* CAs that may be down */

enum ac_code ac_renew_load(const struct ac_context *context,
                           const struct ac_upkeep_source *source,
                           const struct ac_upkeep_item *item,
                           struct ac_wanted *ret_wanted, struct ac_error *err)
{
    if (item->configured != AC_UPKEEP_NOT_CONFIGURED)
        return source->load(source->arg, item->configured, ret_wanted, err);
    return ac_wanted_load(context->store, item->name, ret_wanted, err);
}

/* Each has its own time; the run has that of all, one after another. */
static void set_deadline(struct ac_context *context, size_t count)
{
    const struct ac_options *options = context->options;
    int64_t rounds = 1 + (int64_t)count / options->jobs;
    int64_t limit_s = rounds * options->timeout_s;

    context->deadline_ms = ac_clock_after_ms(
        1000 * (limit_s < AC_TIMEOUT_MAX_S ? limit_s : AC_TIMEOUT_MAX_S));
}

/* A timer has its rhythm; a process that stays looks when something is due. */
static enum ac_code survey(struct ac_renew_view *view, struct ac_upkeep *upkeep,
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
static void note_look(struct ac_renew_view *view)
{
    struct ac_context *context = view->renewals->context;
    const struct ac_options *options = context->options;
    struct ac_error why = { 0 };

    if (options->is_dry_run || options->is_forced || options->arguments.count > 0
        || view->renewals->upkeep->count == 0)
        return;
    enum ac_code code =
        view->renewals->is_watching
            ? ac_pace_note_watch(&view->pace, ac_clock_utc(), context->store, &why)
            : ac_pace_note(&view->pace, ac_clock_utc(), context->store, &why);
    if (code != AC_OK)
        ac_log(AC_LOG_INFO, "pace.unknown", "text", why.detail, NULL);
}

/* ---- what is lost */

/* What is due is noted by its renewal; what nobody wants is asked about nowhere. */
static bool is_to_recall(const struct ac_upkeep_item *item)
{
    return item->is_unnoted && !item->is_unwanted && item->end == AC_UPKEEP_STAYS
           && item->plan.reason == AC_PLAN_FRESH;
}

static enum ac_code recall(struct ac_store *store, const char *name,
                           struct ac_error *err)
{
    struct ac_error why = { 0 };
    enum ac_code code = ac_recall_origin(store, name, &why);

    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    if (code != AC_OK) {
        ac_log(AC_LOG_INFO, "state.unknown", "certificate", name, "text", why.detail,
               NULL);
    } else {
        ac_log(AC_LOG_INFO, "state.recalled", "certificate", name, NULL);
    }
    return AC_OK;
}

/* Else no CA would be asked about it until it is due by its age. */
static enum ac_code recall_lost(struct ac_renew_view *view, struct ac_upkeep *upkeep,
                                struct ac_error *err)
{
    struct ac_context *context = view->renewals->context;
    bool is_any = false;

    if (context->options->is_dry_run)
        return AC_OK;
    for (size_t i = 0; i < upkeep->count; i++) {
        if (!is_to_recall(&upkeep->items[i]))
            continue;
        AC_TRY(recall(context->store, upkeep->items[i].name, err));
        is_any = true;
    }
    return is_any ? survey(view, upkeep, err) : AC_OK;
}

/* ---- windows */

/* What CAs say may make something due that was not. */
static enum ac_code ask_for_windows(struct ac_renew_view *view,
                                    struct ac_upkeep *upkeep, struct ac_error *err)
{
    struct ac_context *context = view->renewals->context;
    AC_AUTO(ac_words) names = { 0 };

    AC_TRY(ac_upkeep_names(upkeep, AC_UPKEEP_WINDOW, &names, err));
    if (names.count == 0 || context->options->is_dry_run)
        return AC_OK;
    AC_TRY(ac_context_run(context, err));
    AC_TRY(ac_run_check_renewals(context->run, &names, err));
    return survey(view, upkeep, err);
}

/* ---- the clock */

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

/* Its CA, unless it has been asked. */
static enum ac_code ask_clock(const struct ac_renew_view *view,
                              const struct ac_upkeep_item *item, struct ac_words *asked,
                              struct ac_error *err)
{
    struct ac_context *context = view->renewals->context;
    AC_AUTO(ac_wanted) wanted = { 0 };
    struct ac_error why = { 0 };
    enum ac_code code =
        ac_renew_load(context, view->settings.source, item, &wanted, &why);

    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    if (code != AC_OK || ac_words_has(asked, wanted.directory_url))
        return AC_OK;
    AC_TRY(ac_words_add(asked, wanted.directory_url, err));
    return ac_run_learn_clock(context->run, &wanted, err);
}

/* The CAs that have to do with it say what time it is, until one says ours. */
static enum ac_code learn_clock(const struct ac_renew_view *view,
                                const struct ac_upkeep *upkeep, struct ac_error *err)
{
    struct ac_context *context = view->renewals->context;
    AC_AUTO(ac_words) asked = { 0 };
    int64_t utc = ac_clock_utc();

    for (size_t i = 0; i < upkeep->count && asked.count < CLOCKS_ASKED_MAX; i++) {
        if (!depends_on_clock(&upkeep->items[i], utc))
            continue;
        AC_TRY(ac_context_run(context, err));
        if (ac_run_knows_clock(context->run))
            return AC_OK;
        AC_TRY(ask_clock(view, &upkeep->items[i], &asked, err));
    }
    if (context->run)
        ac_run_settle_clock(context->run);
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
static enum ac_code compare_clocks(struct ac_renew_view *view, struct ac_upkeep *upkeep,
                                   struct ac_error *err)
{
    const struct ac_options *options = view->renewals->context->options;
    int64_t before_s = ac_clock_correction();

    if (options->is_dry_run || options->trusts_clock)
        return AC_OK;
    AC_TRY(learn_clock(view, upkeep, err));
    doubt_clock(view->renewals->context, upkeep);
    return ac_clock_correction() == before_s ? AC_OK : survey(view, upkeep, err);
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
static enum ac_code look_for_revoked(struct ac_renew_view *view,
                                     struct ac_upkeep *upkeep, struct ac_error *err)
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
    return survey(view, upkeep, err);
}

static bool checks_crls(const struct ac_context *context)
{
    return !context->options->has_no_crl_check
           && (!context->config || ac_values_flag(&context->config->crl_check, true));
}

enum ac_code ac_renew_look(struct ac_renew_view *view, struct ac_upkeep *upkeep,
                           struct ac_error *err)
{
    struct ac_context *context = view->renewals->context;

    AC_TRY(check_clock(err));
    view->settings.checks_crls = checks_crls(context);
    AC_TRY(ac_pace_load(context->store, &view->pace, err));
    AC_TRY(survey(view, upkeep, err));
    set_deadline(context, upkeep->count);
    AC_TRY(recall_lost(view, upkeep, err));
    AC_TRY(ask_for_windows(view, upkeep, err));
    AC_TRY(compare_clocks(view, upkeep, err));
    AC_TRY(look_for_revoked(view, upkeep, err)); /* lists have their times */
    note_look(view);
    return AC_OK;
}
