/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/notify/notify.h"

#include "base/clock.h"
#include "base/log.h"
#include "engine/notify/letter.h"
#include "engine/run/run_commands.h"

#include <stdlib.h>
#include <string.h>

#define LOCK_GROUP       "notify"
#define LOCK_NAME        "all"
#define LOCK_PAUSE_MS    200
#define TOLD_AGAIN       "the next run tells it again"
#define LIFETIME_ASSUMED ((int64_t)90 * 86400) /* of what nothing is known of */

/* What went wrong in this run. */
struct failure {
    char *name;
    const struct ac_wanted *wanted; /* borrowed; or NULL */
    struct ac_error why;
    struct ac_json *problem, *identifiers; /* owned; or NULL */
};

struct ac_notify {
    struct ac_notify_settings settings;
    struct failure *failures; /* owned */
    size_t failure_count, failure_capacity;
    struct ac_run *run; /* lent; NULL: nothing was told yet */
    struct ac_lock *lock;
    struct ac_notifiers notifiers;
    struct ac_letter letters[AC_NOTIFIERS_MAX]; /* of each */
    struct ac_words nowhere;                    /* references that lead nowhere */
    bool has_any; /* somebody is told of all certificates that name nobody */
    int64_t utc;
};

enum ac_code ac_notify_new(const struct ac_notify_settings *settings,
                           struct ac_notify **ret_notify, struct ac_error *err)
{
    AC_TRY(ac_memory_new(1, sizeof **ret_notify, ret_notify, err));
    (*ret_notify)->settings = *settings;
    return AC_OK;
}

void ac_notify_free(struct ac_notify *notify)
{
    if (!notify)
        return;
    for (size_t i = 0; i < notify->failure_count; i++) {
        free(notify->failures[i].name);
        ac_json_free(notify->failures[i].problem);
        ac_json_free(notify->failures[i].identifiers);
    }
    free(notify->failures);
    for (size_t i = 0; i < AC_NOTIFIERS_MAX; i++)
        ac_letter_done(&notify->letters[i]);
    ac_notifiers_done(&notify->notifiers);
    ac_words_done(&notify->nowhere);
    ac_lock_free(notify->lock);
    free(notify);
}

static enum ac_code add_failure(struct ac_notify *notify, const char *name,
                                const struct ac_error *why,
                                struct failure **ret_failure, struct ac_error *err)
{
    AC_AUTO_TEXT char *copy = NULL;

    AC_TRY(ac_memory_copy_text(name, &copy, err));
    AC_TRY(ac_memory_grow(&notify->failures, &notify->failure_capacity,
                          notify->failure_count + 1, sizeof *notify->failures, err));
    *ret_failure = &notify->failures[notify->failure_count++];
    **ret_failure = (struct failure){ .name = AC_TAKE(copy), .why = *why };
    return AC_OK;
}

void ac_notify_failed(struct ac_notify *notify, const char *name,
                      const struct ac_wanted *wanted, const struct ac_error *why,
                      const struct ac_outcome *outcome)
{
    struct ac_error ignored;
    struct failure *failure;

    /* Another run that works on it, or a signal, says nothing about the certificate. */
    if (why->code == AC_OK || why->code == AC_E_LOCKED || why->code == AC_E_CANCELLED
        || add_failure(notify, name, why, &failure, &ignored) != AC_OK)
        return;
    failure->wanted = wanted;
    if (outcome && outcome->problem)
        failure->problem = ac_json_share(outcome->problem);
    if (outcome && outcome->failures)
        failure->identifiers = ac_json_share(outcome->failures);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct failure *)a)->name, ((const struct failure *)b)->name);
}

/* Once they are sorted. */
static const struct failure *find_failure(const struct ac_notify *notify,
                                          const char *name)
{
    const struct failure key = { .name = (char *)name };

    if (notify->failure_count == 0)
        return NULL;
    return bsearch(&key, notify->failures, notify->failure_count, sizeof key, by_name);
}

/* ---- calling */

static void warn(const struct ac_notifier *notifier, const struct ac_error *why,
                 const char *then)
{
    const char *name = notifier->command.name;
    bool is_said = strstr(why->detail, name) != NULL; /* a path, and not a section */

    ac_log_say(AC_LOG_WARN, "%s%s%s%s; %s", why->detail, is_said ? "" : " (notify ",
               is_said ? "" : name, is_said ? "" : ")", then);
}

/* What is not noted is told again: never is something not told. */
static void note_told(struct ac_notify *notify, size_t index)
{
    const struct ac_notify_settings *settings = &notify->settings;
    const struct ac_notifier *notifier = &notify->notifiers.items[index];
    struct ac_error why = { 0 };

    ac_log(AC_LOG_INFO, "notify.told", "notifier", notifier->command.name, NULL);
    if (ac_letter_note(&notify->letters[index], settings->store, settings->unnoted,
                       &why)
        == AC_OK)
        return;
    warn(notifier, &why,
         settings->unnoted ? "it was told, and is told again after a restart"
                           : TOLD_AGAIN);
}

static void settle(struct ac_notify *notify, size_t index,
                   const struct ac_run_command *call)
{
    struct ac_letter *letter = &notify->letters[index];

    letter->calls++;
    letter->is_out = call->why.code != AC_OK || letter->calls >= AC_LETTER_CALLS_MAX;
    if (call->why.code == AC_OK) {
        note_told(notify, index);
    } else if (call->why.code != AC_E_CANCELLED) {
        warn(&notify->notifiers.items[index], &call->why, TOLD_AGAIN);
    }
    ac_letter_clear(letter);
}

/* All that have something to tell, side by side. */
static enum ac_code call_all(struct ac_notify *notify, struct ac_error *err)
{
    struct ac_run_command calls[AC_NOTIFIERS_MAX] = { 0 };
    struct ac_json *documents[AC_NOTIFIERS_MAX] = { 0 };
    size_t places[AC_NOTIFIERS_MAX];
    size_t count = 0;
    enum ac_code code = AC_OK;

    for (size_t i = 0; i < notify->notifiers.count && code == AC_OK; i++) {
        const struct ac_user_command *command = &notify->notifiers.items[i].command;

        if (!notify->letters[i].events)
            continue;
        code = ac_notice_document(command->name, notify->utc,
                                  &notify->letters[i].events, &documents[count], err);
        calls[count] = (struct ac_run_command){ .about = "notification command",
                                                .command = command,
                                                .input = documents[count] };
        places[count++] = i;
    }
    if (code == AC_OK && count > 0)
        code = ac_run_commands(notify->run, calls, count, AC_NOTIFY_GRACE_MS, err);
    for (size_t i = 0; i < count; i++) {
        if (code == AC_OK)
            settle(notify, places[i], &calls[i]);
        ac_json_free(documents[i]);
    }
    return code;
}

/* When the first is found who can be told. Two runs would tell the same, hence the
 * lock; without a store that can be written it is told all the same, and again. */
static enum ac_code begin(struct ac_notify *notify, struct ac_error *err)
{
    int64_t until_ms = ac_clock_after_ms(AC_NOTIFY_LOCK_MS);

    if (notify->run)
        return AC_OK;
    AC_TRY(notify->settings.open(notify->settings.arg, &notify->run, err));
    for (;;) {
        struct ac_error why = { 0 };
        enum ac_code code = ac_store_lock(notify->settings.store, LOCK_GROUP, LOCK_NAME,
                                          &notify->lock, &why);

        if (code != AC_E_LOCKED)
            return code == AC_E_NOMEM ? ac_fail(err, code, "%s", why.detail) : AC_OK;
        if (ac_clock_now_ms() >= until_ms || ac_clock_cancelled())
            return ac_fail(err, AC_E_LOCKED, "%s", why.detail);
        AC_TRY(ac_run_pause(notify->run, LOCK_PAUSE_MS, err));
    }
}

/* ---- one certificate */

struct subject {
    struct ac_wanted wanted;    /* owned, but for a failure that brings it */
    const struct ac_wanted *is; /* that, or the one that was brought */
    struct ac_words references;
    struct ac_state state;
    struct ac_told_list told;
    struct ac_owed_facts facts;
    const struct failure *failure;
};

static void subject_done(struct subject *subject)
{
    ac_wanted_done(&subject->wanted);
    ac_words_done(&subject->references);
    ac_state_done(&subject->state);
    ac_told_list_done(&subject->told);
}
AC_DEFINE_DROP_VALUE(subject, subject_done)

/* Of one that cannot be loaded only what counts for all is known. */
static enum ac_code load_wanted(struct ac_notify *notify,
                                const struct ac_upkeep_item *item,
                                struct subject *subject, struct ac_error *err)
{
    const struct ac_upkeep_source *source = &notify->settings.source;
    struct ac_error why = { 0 };
    enum ac_code code;

    subject->is = &subject->wanted;
    if (subject->failure && subject->failure->wanted) {
        subject->is = subject->failure->wanted;
        return AC_OK;
    }
    if (source->load && item->configured != AC_UPKEEP_NOT_CONFIGURED) {
        code = source->load(source->arg, item->configured, &subject->wanted, &why);
    } else {
        code =
            ac_wanted_load(notify->settings.store, item->name, &subject->wanted, &why);
    }
    return code == AC_E_NOMEM ? ac_fail(err, code, "%s", why.detail) : AC_OK;
}

static enum ac_code load_state(struct ac_notify *notify,
                               const struct ac_upkeep_item *item,
                               struct subject *subject, struct ac_error *err)
{
    const struct ac_state_origin *origin = &subject->state.origin;
    struct ac_error why = { 0 };
    bool is_known;

    if (ac_state_load(notify->settings.store, item->name, &subject->state, &why)
        == AC_E_NOMEM)
        return ac_fail(err, AC_E_NOMEM, "%s", why.detail);
    is_known = origin->not_after == item->not_after && origin->not_before > 0;
    subject->facts = (struct ac_owed_facts){
        .state = &subject->state,
        .reason = item->plan.reason,
        .not_before =
            is_known ? origin->not_before : item->not_after - LIFETIME_ASSUMED,
        .not_after = item->not_after,
        .has_failed = subject->failure != NULL,
        .is_unwanted = item->is_unwanted,
        .utc = notify->utc,
    };
    return ac_told_load(notify->settings.store, item->name, &subject->told, err);
}

/* Said once. */
static enum ac_code note_nowhere(struct ac_notify *notify, const char *reference,
                                 const struct ac_error *why, struct ac_error *err)
{
    if (why->code == AC_E_NOMEM)
        return ac_fail(err, why->code, "%s", why->detail);
    if (ac_words_has(&notify->nowhere, reference))
        return AC_OK;
    ac_log_say(AC_LOG_WARN, "nobody is told: %s", why->detail);
    return ac_words_add(&notify->nowhere, reference, err);
}

static enum ac_code tell_one(struct ac_notify *notify, const char *name,
                             struct subject *subject, const char *reference,
                             struct ac_error *err)
{
    bool owed[AC_EVENT_COUNT];
    struct ac_error why = { 0 };
    struct ac_told *told;
    size_t index;

    if (ac_notifiers_get(&notify->notifiers, notify->settings.config, reference, &index,
                         &why)
        != AC_OK)
        return note_nowhere(notify, reference, &why, err);
    const struct ac_notifier *notifier = &notify->notifiers.items[index];
    AC_TRY(ac_told_get(&subject->told, reference, &told, err));
    if (notify->settings.unnoted)
        ac_unnoted_recall(notify->settings.unnoted, name, told);
    if (notify->letters[index].is_out
        || ac_owed_find(notifier, told, &subject->facts, owed) == 0)
        return AC_OK;
    const struct failure *failure = subject->failure;
    const struct ac_notice_failure words = {
        .why = failure ? &failure->why : NULL,
        .problem = failure ? failure->problem : NULL,
        .identifiers = failure ? failure->identifiers : NULL,
    };
    const struct ac_notice_subject notice = {
        .name = name,
        .identifiers = &subject->is->identifiers,
        .facts = &subject->facts,
        .told = told,
        .failure = failure ? &words : NULL,
        .describe = notify->settings.describe,
    };
    return ac_letter_add(&notify->letters[index], &notice, owed, err);
}

static bool has_full_letter(const struct ac_notify *notify)
{
    for (size_t i = 0; i < notify->notifiers.count; i++) {
        if (ac_letter_is_full(&notify->letters[i]))
            return true;
    }
    return false;
}

/* Who is told of it stands in the configuration or in its wish. That is not parsed when
 * it cannot say so: after a large round thousands have news that nobody asked for. */
static bool may_tell(const struct ac_notify *notify, const struct ac_upkeep_item *item,
                     const struct failure *failure)
{
    return notify->has_any || failure || item->configured != AC_UPKEEP_NOT_CONFIGURED
           || (!item->is_silent
               && ac_wanted_may_have(notify->settings.store, item->name, "notify"));
}

static enum ac_code tell_of(struct ac_notify *notify, const struct ac_upkeep_item *item,
                            struct ac_error *err)
{
    AC_AUTO(subject) subject = { .failure = find_failure(notify, item->name) };

    if (!may_tell(notify, item, subject.failure))
        return AC_OK;
    AC_TRY(load_wanted(notify, item, &subject, err));
    AC_TRY(ac_notifier_references(notify->settings.config, subject.is,
                                  &subject.references, err));
    if (subject.references.count == 0)
        return AC_OK;
    AC_TRY(begin(notify, err));
    AC_TRY(load_state(notify, item, &subject, err));
    for (size_t i = 0; i < subject.references.count; i++) {
        AC_TRY(
            tell_one(notify, item->name, &subject, subject.references.items[i], err));
    }
    return has_full_letter(notify) ? call_all(notify, err) : AC_OK;
}

/* ---- all */

static int compare_item(const void *name, const void *item)
{
    return strcmp(name, ((const struct ac_upkeep_item *)item)->name);
}

static bool has_item(const struct ac_upkeep *upkeep, const char *name)
{
    return upkeep->count > 0
           && bsearch(name, upkeep->items, upkeep->count, sizeof *upkeep->items,
                      compare_item);
}

static enum ac_code look_for_any(struct ac_notify *notify, struct ac_error *err)
{
    static const struct ac_wanted none = { 0 };
    AC_AUTO(ac_words) references = { 0 };

    AC_TRY(ac_notifier_references(notify->settings.config, &none, &references, err));
    notify->has_any = references.count > 0;
    return AC_OK;
}

static enum ac_code tell_all(struct ac_notify *notify, const struct ac_upkeep *upkeep,
                             struct ac_error *err)
{
    AC_TRY(look_for_any(notify, err));
    for (size_t i = 0; i < upkeep->count && !ac_clock_cancelled(); i++) {
        const struct ac_upkeep_item *item = &upkeep->items[i];

        if (item->has_news || find_failure(notify, item->name))
            AC_TRY(tell_of(notify, item, err));
    }
    for (size_t i = 0; i < notify->failure_count && !ac_clock_cancelled(); i++) {
        const struct ac_upkeep_item item = {
            .name = notify->failures[i].name,
            .plan.reason = AC_PLAN_MISSING,
            .configured = AC_UPKEEP_NOT_CONFIGURED,
        };

        if (!has_item(upkeep, item.name))
            AC_TRY(tell_of(notify, &item, err));
    }
    return call_all(notify, err);
}

void ac_notify_tell(struct ac_notify *notify, const struct ac_upkeep *upkeep)
{
    struct ac_error why = { 0 };

    if (notify->failure_count > 1) {
        qsort(notify->failures, notify->failure_count, sizeof *notify->failures,
              by_name);
    }
    notify->utc = ac_clock_utc();
    if (tell_all(notify, upkeep, &why) != AC_OK) {
        ac_log_say(AC_LOG_WARN,
                   "not all notifications could be made: %s; the next run tries again",
                   why.detail);
    }
    ac_lock_free(AC_TAKE(notify->lock));
}
