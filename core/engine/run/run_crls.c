/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/run/run_parts.h"

#include "base/clock.h"
#include "base/log.h"
#include "engine/held/crl_found.h"
#include "engine/held/crl_known.h"
#include "engine/renewal/crl_note.h"
#include "engine/run/run_crls.h"

#include <stdlib.h>
#include <string.h>

/* ---- which lists there are */

static void list_done(struct ac_crl_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->members[i].serial);
    free(list->members);
    ac_crl_fetch_done(&list->fetch);
}

static void lists_done(struct ac_crl_lists *lists)
{
    for (size_t i = 0; i < lists->count; i++)
        list_done(&lists->items[i]);
    free(lists->items);
}
AC_DEFINE_DROP_VALUE(ac_crl_lists, lists_done)

static enum ac_code find_list(struct ac_crl_lists *lists,
                              const struct ac_state_listed *listed,
                              struct ac_crl_list **ret_list, struct ac_error *err)
{
    for (size_t i = 0; i < lists->count; i++) {
        struct ac_crl_list *list = &lists->items[i];

        if (strcmp(list->fetch.note.url, listed->url) == 0
            && strcmp(list->fetch.note.issuer, listed->issuer) == 0) {
            *ret_list = list;
            return AC_OK;
        }
    }
    AC_TRY(ac_memory_grow(&lists->items, &lists->capacity, lists->count + 1,
                          sizeof *lists->items, err));
    struct ac_crl_list *list = &lists->items[lists->count];
    AC_TRY(ac_crl_note_load(lists->run->settings.store, listed->url, listed->issuer,
                            &list->fetch.note, err));
    list->fetch.limit_ms = lists->limit_ms;
    lists->count++;
    *ret_list = list;
    return AC_OK;
}

static enum ac_code add_member(struct ac_crl_lists *lists, const char *name,
                               const struct ac_state_listed *listed,
                               struct ac_error *err)
{
    AC_AUTO_TEXT char *serial = NULL;
    struct ac_crl_list *list;

    AC_TRY(find_list(lists, listed, &list, err));
    AC_TRY(ac_memory_copy_text(listed->serial, &serial, err));
    AC_TRY(ac_memory_grow(&list->members, &list->capacity, list->count + 1,
                          sizeof *list->members, err));
    list->members[list->count++] = (struct ac_crl_member){
        .name = name, .serial = AC_TAKE(serial), .is_on_hold = listed->on_hold_at > 0
    };
    return AC_OK;
}

/* Of a version that was not looked into yet. */
static enum ac_code learn(struct ac_store *store, const char *name,
                          struct ac_state *state, struct ac_error *err)
{
    AC_AUTO(ac_lock) *lock = NULL;

    AC_TRY(ac_store_lock(store, AC_STORE_CERTIFICATES, name, &lock, err));
    ac_state_done(state);
    AC_TRY(ac_state_load(store, name, state, err));
    AC_TRY(ac_crl_known_read(state, store, name, err));
    return ac_state_save(state, store, name, err);
}

static enum ac_code gather_one(struct ac_crl_lists *lists, const char *name,
                               struct ac_error *err)
{
    struct ac_store *store = lists->run->settings.store;
    AC_AUTO(ac_state) state = { 0 };
    struct ac_error why = { 0 };

    enum ac_code code = ac_state_load(store, name, &state, &why);
    if (code == AC_OK && !ac_state_knows_crl(&state))
        code = learn(store, name, &state, &why);
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    if (code != AC_OK) { /* another run has it, or its own renewal says what is wrong */
        ac_log(AC_LOG_INFO, "crl.unknown", "certificate", name, "text", why.detail,
               NULL);
        return AC_OK;
    }
    for (size_t i = 0; i < state.crl.count; i++) {
        if (state.crl.items[i].url)
            AC_TRY(add_member(lists, name, &state.crl.items[i], err));
    }
    return AC_OK;
}

static int by_serial(const void *a, const void *b)
{
    const struct ac_crl_member *first = a;
    const struct ac_crl_member *second = b;

    return strcmp(first->serial, second->serial);
}

static enum ac_code gather(struct ac_crl_lists *lists, const struct ac_words *names,
                           struct ac_error *err)
{
    for (size_t i = 0; i < names->count; i++)
        AC_TRY(gather_one(lists, names->items[i], err));
    for (size_t i = 0; i < lists->count; i++) {
        struct ac_crl_list *list = &lists->items[i];

        qsort(list->members, list->count, sizeof *list->members, by_serial);
        list->is_done = !ac_crl_note_is_due(&list->fetch.note, ac_clock_utc());
    }
    return AC_OK;
}

/* ---- what a list says of them */

static void tell_revoked(const struct ac_crl_member *member,
                         const struct ac_crl_entry *entry)
{
    char at[AC_CLOCK_TEXT_SIZE];

    ac_log_say(AC_LOG_WARN,
               "certificate \"%s\" (serial %s) was revoked by its CA%s%s, for the "
               "reason %s; it is to be replaced at once",
               member->name, member->serial, entry->revoked_at > 0 ? " at " : "",
               entry->revoked_at > 0 ? ac_clock_format(entry->revoked_at, at) : "",
               ac_crl_reason_name(entry->reason));
}

static enum ac_code take_revoked(struct ac_crl_lists *lists,
                                 const struct ac_crl_member *member,
                                 const struct ac_crl_entry *entry, struct ac_error *err)
{
    bool is_news = false;

    AC_TRY(ac_crl_found_revoked(lists->run->settings.store, member->name, entry,
                                &is_news, err));
    if (!is_news)
        return AC_OK;
    tell_revoked(member, entry);
    return ac_words_add(lists->revoked, member->name, err);
}

/* since 0: it was, and is not any more. */
static enum ac_code take_hold(const struct ac_crl_lists *lists,
                              const struct ac_crl_member *member, int64_t since,
                              struct ac_error *err)
{
    bool is_news = false;

    AC_TRY(ac_crl_found_on_hold(lists->run->settings.store, member->name,
                                member->serial, since, &is_news, err));
    if (is_news && since > 0) {
        ac_log_say(AC_LOG_WARN,
                   "certificate \"%s\" is on hold at its CA (certificateHold): whoever "
                   "looks takes it for revoked. The CA may release it, so it is not "
                   "replaced; acmecore renew --force %s replaces it all the same",
                   member->name, member->name);
    } else if (is_news) {
        ac_log_say(AC_LOG_WARN, "certificate \"%s\" is not on hold any more",
                   member->name);
    }
    return AC_OK;
}

/* Of one that a run works on now the list is to be asked again soon. */
static enum ac_code note(struct ac_crl_list *list, enum ac_code code,
                         const struct ac_error *why, struct ac_error *err)
{
    if (code == AC_OK || code == AC_E_NOTFOUND)
        return AC_OK;
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why->detail);
    list->was_in_use = true;
    ac_log(AC_LOG_INFO, "crl.unnoted", "text", why->detail, NULL);
    return AC_OK;
}

static enum ac_code judge_member(struct ac_crl_lists *lists, struct ac_crl_list *list,
                                 struct ac_crl_member *member,
                                 const struct ac_crl_entry *entry, struct ac_error *err)
{
    struct ac_error why = { 0 };
    enum ac_code code;

    member->is_listed = true;
    if (entry->reason == AC_CRL_ON_HOLD) {
        code = take_hold(lists, member, entry->revoked_at > 0 ? entry->revoked_at : 1,
                         &why);
    } else {
        code = take_revoked(lists, member, entry, &why);
    }
    return note(list, code, &why, err);
}

/* The first member that has this serial number, or where it would be. */
static size_t find_member(const struct ac_crl_list *list, const char *serial)
{
    size_t from = 0;
    size_t to = list->count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (strcmp(list->members[middle].serial, serial) < 0) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return from;
}

/* 5.3.1: removeFromCRL belongs into deltas: what is removed is not revoked. */
static enum ac_code judge_entry(struct ac_crl_lists *lists, struct ac_crl_list *list,
                                const struct ac_crl_entry *entry, struct ac_error *err)
{
    if (entry->reason == AC_CRL_REMOVED)
        return AC_OK;
    for (size_t i = find_member(list, entry->serial);
         i < list->count && strcmp(list->members[i].serial, entry->serial) == 0; i++)
        AC_TRY(judge_member(lists, list, &list->members[i], entry, err));
    return AC_OK;
}

static enum ac_code judge(struct ac_crl_lists *lists, struct ac_crl_list *list,
                          struct ac_error *err)
{
    struct ac_crl_entry entry;
    size_t position = 0;

    while (ac_crl_next(list->fetch.crl, &position, &entry))
        AC_TRY(judge_entry(lists, list, &entry, err));
    for (size_t i = 0; i < list->count; i++) {
        const struct ac_crl_member *member = &list->members[i];
        struct ac_error why = { 0 };

        if (!member->is_on_hold || member->is_listed)
            continue;
        enum ac_code code = take_hold(lists, member, 0, &why);
        AC_TRY(note(list, code, &why, err));
    }
    return AC_OK;
}

/* ---- one after the other */

static enum ac_code finish(struct ac_crl_lists *lists, struct ac_crl_list *list,
                           struct ac_error *err)
{
    enum ac_code code = AC_OK;

    if (list->fetch.crl)
        code = judge(lists, list, err);
    /* What it said is on disk by now; only then it is not asked again. */
    if (code == AC_OK && !lists->is_partial && !list->was_in_use)
        code = ac_crl_fetch_keep_note(&list->fetch, lists->run->settings.store, err);
    ac_crl_fetch_end(&list->fetch);
    list->is_done = true;
    return code;
}

/* The list is checked against the chain of any of its certificates. */
static enum ac_code begin(struct ac_crl_lists *lists, struct ac_crl_list *list,
                          struct ac_error *err)
{
    for (size_t i = 0; i < list->count && i < MEMBERS_TRIED; i++) {
        const struct ac_crl_member *member = &list->members[i];
        struct ac_error why = { 0 };
        enum ac_code code = ac_crl_fetch_begin(&list->fetch, lists->run, member->name,
                                               member->serial, &why);

        if (code == AC_OK)
            return AC_OK;
        if (code == AC_E_NOMEM)
            return ac_fail(err, code, "%s", why.detail);
        ac_log(AC_LOG_INFO, "crl.unknown", "certificate", member->name, "text",
               why.detail, NULL);
    }
    ac_crl_fetch_end(&list->fetch);
    list->is_done = true;
    return AC_OK;
}

static enum ac_code step(struct ac_crl_lists *lists, struct ac_crl_list *list,
                         bool can_begin, struct ac_error *err)
{
    if (!list->is_begun && can_begin) {
        list->is_begun = true;
        AC_TRY(begin(lists, list, err));
    }
    if (list->is_done || !list->is_begun || !ac_crl_fetch_is_done(&list->fetch))
        return AC_OK;
    AC_TRY(ac_crl_fetch_finish(&list->fetch, lists->run, err));
    return finish(lists, list, err);
}

/* How many are under way. */
static enum ac_code step_all(struct ac_crl_lists *lists, size_t *ret_count,
                             struct ac_error *err)
{
    size_t count = 0;

    for (size_t i = 0; i < lists->count; i++) {
        struct ac_crl_list *list = &lists->items[i];

        if (list->is_done)
            continue;
        AC_TRY(step(lists, list, count < AC_RUN_CRLS_MAX, err));
        count += list->is_begun && !list->is_done;
    }
    *ret_count = count;
    return AC_OK;
}

static bool is_left(const struct ac_crl_lists *lists)
{
    for (size_t i = 0; i < lists->count; i++) {
        if (!lists->items[i].is_done)
            return true;
    }
    return false;
}

/* A list that nobody needs any more costs room, and no renewal. */
static enum ac_code forget_old(struct ac_store *store, struct ac_error *err)
{
    struct ac_error why = { 0 };
    enum ac_code code = ac_crl_note_forget_old(store, ac_clock_utc(), &why);

    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    if (code != AC_OK)
        ac_log_say(AC_LOG_WARN, "old revocation lists are not removed: %s", why.detail);
    return AC_OK;
}

/* One that does not end must have failed before the time of all is up, or it would be
 * waited for again by each run. */
static int64_t limit_of_each(int64_t until_ms)
{
    int64_t half_ms = (until_ms - ac_clock_now_ms()) / 2;

    return half_ms < AC_RUN_CRL_MS ? half_ms : AC_RUN_CRL_MS;
}

enum ac_code ac_run_check_crls(struct ac_run *run, const struct ac_words *names,
                               bool is_partial, struct ac_words *revoked,
                               struct ac_error *err)
{
    int64_t until_ms = ac_run_courtesy_until_ms(run, AC_RUN_CRLS_MS);
    AC_AUTO(ac_crl_lists) lists = { .run = run,
                                    .limit_ms = limit_of_each(until_ms),
                                    .revoked = revoked,
                                    .is_partial = is_partial };
    size_t under_way = 0;

    AC_TRY(ac_run_connect(run, err));
    AC_TRY(gather(&lists, names, err));
    while (is_left(&lists)) {
        AC_TRY(step_all(&lists, &under_way, err));
        AC_TRY(ac_run_check_time(AC_CLOCK_NEVER, err));
        if (ac_clock_now_ms() >= until_ms)
            return AC_OK; /* those that are left are fetched by a later run */
        if (under_way > 0)
            AC_TRY(ac_run_turn(run, until_ms, err));
    }
    return forget_old(run->settings.store, err);
}
