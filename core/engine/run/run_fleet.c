/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/run/run_parts.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

/* One that is under way; its place is used again. */
struct berth {
    bool is_taken;
    size_t index;
    struct ac_wanted wanted;
    struct ac_driven driven;
};

struct sailing {
    struct ac_run *run;
    const struct ac_fleet *fleet;
    struct berth *berths; /* owned */
    size_t berth_count, taken;
    size_t next, ended;
    struct ac_words dead; /* directories that could not be reached */
};

static void leave_berth(struct berth *berth)
{
    ac_issue_free(berth->driven.issue);
    ac_wanted_done(&berth->wanted);
    *berth = (struct berth){ 0 };
}

static void sailing_done(struct sailing *sailing)
{
    for (size_t i = 0; i < sailing->berth_count; i++)
        leave_berth(&sailing->berths[i]);
    free(sailing->berths);
    ac_words_done(&sailing->dead);
}

static void tell_end(struct sailing *sailing, const struct ac_fleet_end *end)
{
    sailing->ended++;
    if (sailing->fleet->ended)
        sailing->fleet->ended(sailing->fleet->arg, end);
}

/* ---- beginning */

/* Where there are several, each that is dead is passed over by the issue itself. */
static enum ac_code check_ca(const struct sailing *sailing,
                             const struct ac_wanted *wanted, struct ac_error *err)
{
    if (wanted->further.count > 0
        || !ac_words_has(&sailing->dead, wanted->directory_url))
        return AC_OK;
    return ac_fail(err, AC_E_NETWORK,
                   "not tried: %s could not be reached for another certificate of this "
                   "run",
                   wanted->directory_url);
}

static enum ac_code begin(struct sailing *sailing, struct berth *berth,
                          struct ac_error *err)
{
    struct ac_run *run = sailing->run;
    int64_t each_at_ms = ac_clock_after_ms(sailing->fleet->each_ms);
    int64_t run_at_ms = run->settings.deadline_ms;
    struct ac_issue_settings settings = {
        .store = run->settings.store,
        .wish = &berth->wanted,
        .instances = run->instances,
        .answers = run->answers,
        .authorities = run->authorities,
        .preflight = &run->preflight,
        .deadline_ms = each_at_ms < run_at_ms ? each_at_ms : run_at_ms,
        .begins_anew = sailing->fleet->begins_anew,
    };

    AC_TRY(ac_run_check_time(run_at_ms, err));
    AC_TRY(check_ca(sailing, &berth->wanted, err));
    return ac_issue_new(&settings, &berth->driven.issue, err);
}

static void begin_one(struct sailing *sailing, struct berth *berth)
{
    const struct ac_fleet *fleet = sailing->fleet;
    struct ac_fleet_end end = { .index = sailing->next++ };
    struct ac_error why = { 0 };

    *berth =
        (struct berth){ .index = end.index, .driven.abandon_at_ms = AC_CLOCK_NEVER };
    end.why = &why;
    if (fleet->load(fleet->arg, end.index, &berth->wanted, &why) != AC_OK) {
        tell_end(sailing, &end);
        leave_berth(berth);
        return;
    }
    if (begin(sailing, berth, &why) != AC_OK) {
        end.wanted = &berth->wanted;
        tell_end(sailing, &end);
        leave_berth(berth);
        return;
    }
    berth->is_taken = true;
    sailing->taken++;
}

static void fill_berths(struct sailing *sailing)
{
    for (size_t i = 0; i < sailing->berth_count; i++) {
        while (!sailing->berths[i].is_taken && sailing->next < sailing->fleet->count)
            begin_one(sailing, &sailing->berths[i]);
    }
}

/* ---- ending */

/* An answer that is an error is not an outage. */
static void note_outage(struct sailing *sailing, const struct berth *berth,
                        const struct ac_error *why)
{
    struct ac_error ignored;

    if (why->code == AC_E_NETWORK && why->http_status == 0
        && berth->wanted.further.count == 0)
        (void)!ac_words_add(&sailing->dead, berth->wanted.directory_url, &ignored);
}

static void end_one(struct sailing *sailing, struct berth *berth)
{
    const struct ac_outcome *outcome = ac_issue_outcome(berth->driven.issue);
    struct ac_error why = { 0 };
    struct ac_fleet_end end = { .index = berth->index,
                                .wanted = &berth->wanted,
                                .issue = berth->driven.issue,
                                .why = &why };

    if (outcome->code != AC_OK)
        why = outcome->error;
    note_outage(sailing, berth, &why);
    tell_end(sailing, &end);
    leave_berth(berth);
    sailing->taken--;
}

static void step_all(struct sailing *sailing)
{
    for (size_t i = 0; i < sailing->berth_count; i++) {
        struct berth *berth = &sailing->berths[i];

        if (berth->is_taken && ac_run_step_issue(sailing->run, &berth->driven))
            end_one(sailing, berth);
    }
}

/* ---- waiting */

/* Of a single one its own progress; else how many have ended. */
static void show_progress(const struct sailing *sailing)
{
    const struct ac_run_settings *settings = &sailing->run->settings;
    struct ac_progress progress = { .phase = "renew",
                                    .waiting = "certificates",
                                    .done = sailing->ended,
                                    .total = sailing->fleet->count };

    if (!settings->progress)
        return;
    for (size_t i = 0; i < sailing->berth_count; i++) {
        const struct berth *berth = &sailing->berths[i];

        if (!berth->is_taken)
            continue;
        progress.certificate = berth->wanted.name;
        if (sailing->fleet->count == 1)
            progress = ac_issue_progress(berth->driven.issue);
        settings->progress(settings->progress_arg, &progress);
        return;
    }
}

static int64_t wake_at_ms(const struct sailing *sailing)
{
    int64_t at_ms = ac_run_progress_at_ms(sailing->run);

    for (size_t i = 0; i < sailing->berth_count; i++) {
        const struct berth *berth = &sailing->berths[i];
        int64_t one_ms =
            berth->is_taken ? ac_run_issue_wake_at_ms(&berth->driven) : AC_CLOCK_NEVER;

        at_ms = one_ms < at_ms ? one_ms : at_ms;
    }
    return at_ms;
}

enum ac_code ac_run_fleet(struct ac_run *run, const struct ac_fleet *fleet,
                          struct ac_error *err)
{
    __attribute__((cleanup(sailing_done))) struct sailing sailing = { .run = run,
                                                                      .fleet = fleet };
    size_t berths = fleet->jobs < fleet->count ? fleet->jobs : fleet->count;

    AC_TRY(ac_run_connect(run, err));
    AC_TRY(ac_memory_new(berths, sizeof *sailing.berths, &sailing.berths, err));
    sailing.berth_count = berths;
    for (;;) {
        fill_berths(&sailing);
        step_all(&sailing);
        if (sailing.ended == fleet->count)
            return AC_OK;
        if (sailing.taken < berths && sailing.next < fleet->count)
            continue; /* the places of those that have just ended */
        show_progress(&sailing);
        AC_TRY(ac_run_turn(run, wake_at_ms(&sailing), err));
    }
}
