/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/run/run_parts.h"

#include "base/clock.h"
#include "base/log.h"
#include "engine/held/state.h"

#include <stdlib.h>
#include <string.h>

/* One certificate whose CA is asked. */
struct check {
    const char *name; /* lent; NULL: this place is free */
    struct ac_state state;
    struct ac_client *client;       /* of the CA that issued it; lent */
    struct ac_renewal_query *query; /* NULL: the directory is not there yet */
};

struct checks {
    struct ac_run *run;
    int64_t until_ms;
    struct check items[AC_RUN_CHECKS_MAX];
};

static void check_done(struct check *check)
{
    ac_renewal_query_free(check->query);
    ac_state_done(&check->state);
    *check = (struct check){ 0 };
}

static void checks_done(struct checks *checks)
{
    for (size_t i = 0; i < AC_RUN_CHECKS_MAX; i++)
        check_done(&checks->items[i]);
}
AC_DEFINE_DROP_VALUE(checks, checks_done)

static void log_trouble(const struct check *check, const struct ac_error *why)
{
    ac_log(AC_LOG_INFO, "renewal.unknown", "certificate", check->name, "text",
           why->detail, NULL);
}

/* ---- what is noted */

/* AR-08: said once, when the CA says it. */
static void tell_explanation(const char *name, const char *before, const char *now)
{
    if (now && (!before || strcmp(before, now) != 0)) {
        ac_log_say(AC_LOG_WARN,
                   "the CA explains when it wants certificate \"%s\" renewed: %s", name,
                   now);
    }
}

static enum ac_code take(struct ac_state *state, const char *name,
                         const struct ac_renewal *renewal, struct ac_error *err)
{
    AC_AUTO_TEXT char *before = NULL;
    bool was_over = ac_state_passes_over(state);

    if (state->renewal.explanation_url) {
        AC_TRY(ac_memory_copy_text(state->renewal.explanation_url, &before, err));
    }
    AC_TRY(ac_state_take_renewal(state, renewal, err));
    tell_explanation(name, before, state->renewal.explanation_url);
    if (!was_over && ac_state_passes_over(state)) {
        ac_log_say(AC_LOG_WARN,
                   "the CA wants certificate \"%s\" renewed at once, too, as the one "
                   "before: it is renewed by its age",
                   name);
    }
    return AC_OK;
}

/* Under the lock, and into what the state is by now: another run may have issued. */
static enum ac_code note(struct ac_run *run, const struct check *check,
                         const struct ac_renewal *renewal, int64_t check_after_s,
                         struct ac_error *err)
{
    struct ac_store *store = run->settings.store;
    AC_AUTO(ac_lock) *lock = NULL;
    AC_AUTO(ac_state) state = { 0 };

    AC_TRY(ac_store_lock(store, AC_STORE_CERTIFICATES, check->name, &lock, err));
    AC_TRY(ac_state_load(store, check->name, &state, err));
    if (!check->state.origin.serial
        || !ac_state_is_of(&state, check->state.origin.serial))
        return AC_OK;
    if (renewal)
        AC_TRY(take(&state, check->name, renewal, err));
    ac_state_note_check(&state, ac_clock_utc(), check_after_s);
    return ac_state_save(&state, store, check->name, err);
}

/* ---- one certificate */

/* AR-13: the CA that issued it, whatever is wanted now. */
static enum ac_code find_client(struct ac_run *run, struct check *check,
                                struct ac_error *err)
{
    AC_AUTO(ac_wanted) wanted = { 0 };
    struct ac_authority *authority;

    AC_TRY(ac_wanted_load(run->settings.store, check->name, &wanted, err));
    struct ac_authority_place place =
        ac_authority_place_of(&wanted, check->state.origin.directory_url);
    AC_TRY(ac_authorities_get(run->authorities, &place, &authority, err));
    check->client = ac_authority_client(authority);
    ac_client_open(check->client);
    return AC_OK;
}

/* Whom to ask is not known now, and hardly will be in a minute. */
static void put_off(struct ac_run *run, const struct check *check, struct ac_error *why)
{
    log_trouble(check, why);
    if (check->state.origin.serial
        && note(run, check, NULL, AC_RENEWAL_CHECK_S, why) != AC_OK)
        log_trouble(check, why);
}

/* Leaves the place free when there is nothing to ask. */
static enum ac_code begin(struct ac_run *run, struct check *check, const char *name,
                          struct ac_error *err)
{
    struct ac_error why = { 0 };

    check->name = name;
    enum ac_code code = ac_state_load(run->settings.store, name, &check->state, &why);
    if (code == AC_OK && check->state.origin.directory_url
        && ac_state_wants_check(&check->state, ac_clock_utc())) {
        code = find_client(run, check, &why);
        if (code == AC_OK)
            return AC_OK;
    }
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    if (code != AC_OK)
        put_off(run, check, &why);
    check_done(check);
    return AC_OK;
}

static void finish(struct ac_run *run, struct check *check, enum ac_code code,
                   const struct ac_error *trouble)
{
    const struct ac_renewal *renewal = NULL;
    int64_t after_s = AC_RENEWAL_CHECK_S;
    struct ac_error why = *trouble;

    if (check->query) {
        after_s = ac_renewal_query_check_after_s(check->query);
        code = ac_renewal_query_result(check->query, &renewal, &why);
    } else if (code == AC_E_NOTFOUND) {
        after_s = AC_RENEWAL_CHECK_MAX_S; /* a CA without it may get it */
    }
    if (code != AC_OK)
        log_trouble(check, &why);
    if (note(run, check, renewal, after_s, &why) != AC_OK)
        log_trouble(check, &why);
    check_done(check);
}

static void step(struct ac_run *run, struct check *check)
{
    struct ac_error why = { 0 };

    if (!ac_client_is_open(check->client))
        return;
    if (!check->query) {
        enum ac_code code = ac_renewal_ask(
            check->client, check->state.origin.renewal_id, &check->query, &why);
        if (code != AC_OK) {
            finish(run, check, code, &why);
            return;
        }
    }
    ac_renewal_query_step(check->query);
    if (ac_renewal_query_is_done(check->query))
        finish(run, check, AC_OK, &why);
}

/* ---- many */

/* The next one about which there is something to ask. */
static enum ac_code fill_place(struct ac_run *run, struct check *check,
                               const struct ac_words *names, size_t *next,
                               struct ac_error *err)
{
    while (!check->name && *next < names->count) {
        AC_TRY(begin(run, check, names->items[*next], err));
        ++*next;
    }
    return AC_OK;
}

static enum ac_code fill(struct checks *checks, const struct ac_words *names,
                         size_t *next, struct ac_error *err)
{
    for (size_t i = 0; i < AC_RUN_CHECKS_MAX; i++)
        AC_TRY(fill_place(checks->run, &checks->items[i], names, next, err));
    return AC_OK;
}

/* How many are under way. */
static size_t step_all(struct checks *checks)
{
    size_t count = 0;

    for (size_t i = 0; i < AC_RUN_CHECKS_MAX; i++) {
        struct check *check = &checks->items[i];

        if (check->name)
            step(checks->run, check);
        count += check->name != NULL;
    }
    return count;
}

static int64_t wake_at_ms(const struct checks *checks)
{
    int64_t earliest_ms = checks->until_ms;

    for (size_t i = 0; i < AC_RUN_CHECKS_MAX; i++) {
        const struct ac_renewal_query *query = checks->items[i].query;
        int64_t at_ms = query ? ac_renewal_query_wake_at_ms(query) : AC_CLOCK_NEVER;

        if (at_ms < earliest_ms)
            earliest_ms = at_ms;
    }
    return earliest_ms;
}

/* Their time is up: others have their turn before they have it again. */
static void put_off_all(struct checks *checks)
{
    for (size_t i = 0; i < AC_RUN_CHECKS_MAX; i++) {
        struct ac_error why = { 0 };

        if (!checks->items[i].name)
            continue;
        (void)!ac_fail(&why, AC_E_TIMEOUT, "no answer within the time there was");
        put_off(checks->run, &checks->items[i], &why);
    }
}

enum ac_code ac_run_check_renewals(struct ac_run *run, const struct ac_words *names,
                                   struct ac_error *err)
{
    AC_AUTO(checks) checks = { .run = run,
                               .until_ms =
                                   ac_run_courtesy_until_ms(run, AC_RUN_CHECKS_MS) };
    size_t next = 0;

    run->weighs_clock = true; /* whoever looks asks others, too, and settles it */
    AC_TRY(ac_run_connect(run, err));
    for (;;) {
        AC_TRY(fill(&checks, names, &next, err));
        size_t under_way = step_all(&checks);
        if (under_way == 0 && next == names->count)
            return AC_OK;
        AC_TRY(ac_run_check_time(AC_CLOCK_NEVER, err));
        if (ac_clock_now_ms() >= checks.until_ms) {
            put_off_all(&checks);
            return AC_OK; /* those that are left are asked about by a later run */
        }
        if (under_way < AC_RUN_CHECKS_MAX && next < names->count)
            continue;
        AC_TRY(ac_run_turn(run, wake_at_ms(&checks), err));
    }
}
