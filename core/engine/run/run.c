/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/run/run_parts.h"

#include "base/clock.h"
#include "base/log.h"
#include "engine/deploy/deployment.h"
#include "engine/journal/journal.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define PROGRESS_MS 1000

#define OTHERS_MIN_MS  2000 /* to clean up for one more certificate */
#define COURTESY_SHARE 4    /* one part of so many */

enum ac_code ac_run_new(const struct ac_run_settings *settings, struct ac_run **ret_run,
                        struct ac_error *err)
{
    AC_AUTO(ac_run) *run = NULL;

    AC_TRY(ac_memory_new(1, sizeof *run, (void *)&run, err));
    run->settings = *settings;
    AC_TRY(ac_loop_new(&run->loop, err));
    ac_loop_outlive_hangup(run->loop, settings->outlives_hangup);
    struct ac_instances_settings instances = {
        .loop = run->loop,
        .host_path = settings->host_path,
        .plugin_folders = settings->plugin_folders,
        .state_folder = settings->store ? ac_store_folder(ac_run_lasting(run)) : NULL,
        .closed_folder = settings->closed_folder,
    };
    AC_TRY(ac_instances_new(&instances, &run->instances, err));
    AC_TRY(ac_caa_pool_new(settings->host_path, &run->caa_pool, err));
    run->preflight = (struct ac_preflight_settings){
        .loop = run->loop,
        .pool = run->caa_pool,
        .instances = run->instances,
    };
    *ret_run = AC_TAKE(run);
    return AC_OK;
}

void ac_run_free(struct ac_run *run)
{
    if (!run)
        return;
    ac_authorities_free(run->authorities);
    ac_answers_free(run->answers);
    ac_instances_free(run->instances);
    ac_caa_pool_free(run->caa_pool);
    for (size_t i = 0; i < run->tried_count; i++)
        ac_solver_spec_done(&run->tried[i].spec);
    free(run->tried);
    ac_loop_free(run->loop);
    free(run);
}

bool ac_run_was_hung_up(const struct ac_run *run)
{
    return ac_loop_was_hung_up(run->loop);
}

struct ac_http_counters ac_run_counters(const struct ac_run *run)
{
    return ac_loop_counters(run->loop);
}

/* ---- what talks to the CA is made when it is needed */

static enum ac_code make_answers(struct ac_run *run, struct ac_http *http,
                                 struct ac_error *err)
{
    struct ac_answers_settings settings = {
        .http = http,
        .deadline_ms = run->settings.deadline_ms,
    };

    return ac_answers_new(&settings, &run->answers, err);
}

struct ac_store *ac_run_lasting(const struct ac_run *run)
{
    return run->settings.lasting ? run->settings.lasting : run->settings.store;
}

enum ac_code ac_run_connect(struct ac_run *run, struct ac_error *err)
{
    struct ac_http_settings http = { .user_agent = run->settings.user_agent };
    struct ac_authorities_settings authorities = {
        .loop = run->loop,
        .store = ac_run_lasting(run),
        .temporary = run->settings.lasting ? run->settings.store : NULL,
        .deadline_ms = run->settings.deadline_ms,
        .registration = run->settings.registration,
        .know = run->settings.know,
        .know_arg = run->settings.know_arg,
    };

    if (run->authorities)
        return AC_OK;
    AC_TRY(ac_loop_http(run->loop, &http, &authorities.http, err));
    AC_TRY(make_answers(run, authorities.http, err));
    return ac_authorities_new(&authorities, &run->authorities, err);
}

enum ac_code ac_run_find_place(struct ac_run *run, struct ac_error *err)
{
    AC_TRY(ac_run_connect(run, err));
    return ac_authorities_get(run->authorities, &run->settings.place, &run->authority,
                              err);
}

/* ---- driving */

enum ac_code ac_run_check_time(int64_t deadline_ms, struct ac_error *err)
{
    int signal_number = ac_clock_cancelled();

    if (signal_number) {
        const char *name = sigabbrev_np(signal_number);
        return ac_fail(err, AC_E_CANCELLED, "ended by SIG%s", name ? name : "?");
    }
    if (ac_clock_now_ms() >= deadline_ms) {
        return ac_fail(err, AC_E_TIMEOUT,
                       "not done within the time this run has (--timeout)");
    }
    return AC_OK;
}

static int64_t earliest(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t ac_run_courtesy_until_ms(const struct ac_run *run, int64_t limit_ms)
{
    int64_t now_ms = ac_clock_now_ms();
    int64_t left_ms = run->settings.deadline_ms - now_ms;

    return now_ms + earliest(limit_ms, left_ms / COURTESY_SHARE);
}

enum ac_code ac_run_turn(struct ac_run *run, int64_t wake_at_ms, struct ac_error *err)
{
    if (run->answers)
        wake_at_ms = earliest(wake_at_ms, ac_answers_wake_at_ms(run->answers));
    AC_TRY(ac_loop_turn(run->loop, wake_at_ms, err));
    ac_run_adopt_clock(run);
    if (run->answers)
        ac_answers_step(run->answers);
    return AC_OK;
}

enum ac_code ac_run_directory(struct ac_run *run,
                              const struct ac_directory **ret_directory,
                              struct ac_error *err)
{
    AC_TRY(ac_run_find_place(run, err));
    struct ac_client *client = ac_authority_client(run->authority);
    ac_client_open(client);
    while (!ac_client_is_open(client)) {
        AC_TRY(ac_run_check_time(run->settings.deadline_ms, err));
        AC_TRY(ac_run_turn(run, run->settings.deadline_ms, err));
    }
    return ac_client_directory(client, ret_directory, err);
}

static enum ac_code finish_registration(struct ac_run *run,
                                        const struct ac_account **ret_account,
                                        struct ac_error *err)
{
    struct ac_registration *registration = ac_authority_registration(run->authority);

    for (;;) {
        ac_registration_step(registration);
        if (ac_registration_is_done(registration))
            break;
        AC_TRY(ac_run_check_time(run->settings.deadline_ms, err));
        AC_TRY(ac_run_turn(run,
                           earliest(ac_registration_wake_at_ms(registration),
                                    run->settings.deadline_ms),
                           err));
    }
    AC_TRY(ac_registration_result(registration, err));
    *ret_account = ac_registration_account(registration);
    return AC_OK;
}

enum ac_code ac_run_register(struct ac_run *run, const struct ac_account **ret_account,
                             struct ac_error *err)
{
    AC_TRY(ac_run_find_place(run, err));
    return finish_registration(run, ret_account, err);
}

enum ac_code ac_run_register_again(struct ac_run *run,
                                   const struct ac_account **ret_account,
                                   struct ac_error *err)
{
    AC_TRY(ac_run_find_place(run, err));
    struct ac_registration *registration = ac_authority_registration(run->authority);
    (void)ac_registration_again(registration, ac_registration_lookups(registration));
    return finish_registration(run, ret_account, err);
}

const char *ac_run_account_url(const struct ac_run *run)
{
    return run->authority ? ac_client_kid(ac_authority_client(run->authority)) : NULL;
}

enum ac_code ac_run_finish_post(struct ac_run *run, const struct ac_post *post,
                                struct ac_error *err)
{
    while (!ac_post_is_done(post)) {
        AC_TRY(ac_run_check_time(run->settings.deadline_ms, err));
        AC_TRY(ac_run_turn(run, run->settings.deadline_ms, err));
    }
    return AC_OK;
}

enum ac_code ac_run_read_account(struct ac_run *run, struct ac_account *ret_account,
                                 struct ac_error *err)
{
    const struct ac_account *ignored;
    AC_AUTO(ac_post) *post = NULL;

    AC_TRY(ac_run_register(run, &ignored, err));
    struct ac_client *client = ac_authority_client(run->authority);
    AC_TRY(ac_account_read(client, &post, err));
    AC_TRY(ac_run_finish_post(run, post, err));
    return ac_account_finish(client, post, ret_account, err);
}

static void show_progress(const struct ac_run *run, const struct ac_issue *issue)
{
    struct ac_progress progress = ac_issue_progress(issue);

    if (run->settings.progress)
        run->settings.progress(run->settings.progress_arg, &progress);
}

/* A signal or the deadline ends the work, a second limit the cleanup. */
static void watch_time(struct ac_driven *driven)
{
    struct ac_issue *issue = driven->issue;
    struct ac_error why = { 0 };

    if (ac_run_check_time(ac_issue_deadline_ms(issue), &why) == AC_OK)
        return;
    if (driven->abandon_at_ms == AC_CLOCK_NEVER)
        driven->abandon_at_ms = ac_clock_after_ms(AC_RUN_CLEANUP_MS);
    ac_issue_stop(issue, &why);
    if (ac_clock_now_ms() >= driven->abandon_at_ms)
        ac_issue_abandon(issue);
}

bool ac_run_step_issue(struct ac_run *run, struct ac_driven *driven)
{
    /* First: what it stops is to be cleaned up by the steps, not after a wait. */
    watch_time(driven);
    ac_issue_step(driven->issue);
    ac_answers_step(run->answers);
    return ac_issue_is_done(driven->issue);
}

int64_t ac_run_issue_wake_at_ms(const struct ac_driven *driven)
{
    int64_t limit_ms = driven->abandon_at_ms == AC_CLOCK_NEVER
                           ? ac_issue_deadline_ms(driven->issue)
                           : driven->abandon_at_ms;

    return earliest(ac_issue_wake_at_ms(driven->issue), limit_ms);
}

int64_t ac_run_progress_at_ms(const struct ac_run *run)
{
    int64_t progress_ms = run->settings.progress_ms;

    return ac_clock_after_ms(progress_ms > 0 ? progress_ms : PROGRESS_MS);
}

static enum ac_code drive(struct ac_run *run, struct ac_issue *issue,
                          struct ac_error *err)
{
    struct ac_driven driven = { issue, AC_CLOCK_NEVER };

    while (!ac_run_step_issue(run, &driven)) {
        show_progress(run, issue);
        AC_TRY(ac_run_turn(
            run, earliest(ac_run_issue_wake_at_ms(&driven), ac_run_progress_at_ms(run)),
            err));
    }
    return AC_OK;
}

enum ac_code ac_run_issue(struct ac_run *run, const struct ac_wanted *wanted,
                          struct ac_issue **ret_issue, struct ac_error *err)
{
    AC_AUTO(ac_issue) *issue = NULL;

    *ret_issue = NULL;
    AC_TRY(ac_run_connect(run, err));
    struct ac_issue_settings settings = {
        .store = run->settings.store,
        .wish = wanted,
        .instances = run->instances,
        .answers = run->answers,
        .lasting = run->settings.lasting,
        .authorities = run->authorities,
        .preflight = &run->preflight,
        .deadline_ms = run->settings.deadline_ms,
        .begins_anew = run->settings.begins_anew,
    };
    AC_TRY(ac_issue_new(&settings, &issue, err));
    AC_TRY(drive(run, issue, err));
    const struct ac_outcome *outcome = ac_issue_outcome(issue);
    if (outcome->code != AC_OK)
        *err = outcome->error;
    *ret_issue = AC_TAKE(issue);
    return outcome->code;
}

/* Those that are new are to deploy what is held. */
static enum ac_code note_installers(struct ac_store *store,
                                    const struct ac_wanted *wanted,
                                    struct ac_error *err)
{
    AC_AUTO(ac_state) state = { 0 };
    bool is_changed = false;

    AC_TRY(ac_state_load(store, wanted->name, &state, err));
    AC_TRY(ac_deployments_note_wanted(&state, wanted, &is_changed, err));
    return is_changed ? ac_state_save(&state, store, wanted->name, err) : AC_OK;
}

enum ac_code ac_run_keep_wish(struct ac_run *run, const struct ac_wanted *wanted,
                              struct ac_error *err)
{
    AC_AUTO(ac_issue) *issue = NULL;

    AC_TRY(ac_run_connect(run, err));
    struct ac_issue_settings settings = {
        .store = run->settings.store,
        .wish = wanted,
        .instances = run->instances,
        .answers = run->answers,
        .deadline_ms = run->settings.deadline_ms,
        .only_opens = true,
    };
    AC_TRY(ac_issue_new(&settings, &issue, err));
    AC_TRY(drive(run, issue, err));
    const struct ac_outcome *outcome = ac_issue_outcome(issue);
    if (outcome->code != AC_OK) {
        *err = outcome->error;
        return outcome->code;
    }
    /* The lock is held still. */
    AC_TRY(note_installers(run->settings.store, wanted, err));
    return ac_wanted_save(wanted, run->settings.store, err);
}

/* Cleanup alone: of what, and what came of it. */
struct recovery {
    const char *name;
    int64_t deadline_ms;
    bool is_aside, takes_persistent;
    struct ac_words *cleaned; /* or NULL */
    struct ac_words *warnings;
};

static enum ac_code pass_on(const struct ac_words *from, struct ac_words *to,
                            struct ac_error *err)
{
    for (size_t i = 0; to && i < from->count; i++)
        AC_TRY(ac_words_add(to, from->items[i], err));
    return AC_OK;
}

static enum ac_code recover_one(struct ac_run *run, const struct recovery *recovery,
                                struct ac_error *err)
{
    struct ac_wanted wanted = { .name = (char *)recovery->name };
    struct ac_issue_settings settings = {
        .store = run->settings.store,
        .wish = &wanted,
        .instances = run->instances,
        .answers = run->answers,
        .deadline_ms = recovery->deadline_ms,
        .only_recovers = true,
        .takes_persistent = recovery->takes_persistent,
        .is_aside = recovery->is_aside,
    };
    AC_AUTO(ac_issue) *issue = NULL;

    AC_TRY(ac_issue_new(&settings, &issue, err));
    AC_TRY(drive(run, issue, err));
    const struct ac_outcome *outcome = ac_issue_outcome(issue);
    AC_TRY(pass_on(&outcome->warnings, recovery->warnings, err));
    AC_TRY(pass_on(&outcome->cleaned, recovery->cleaned, err));
    if (outcome->code != AC_OK)
        *err = outcome->error;
    return outcome->code;
}

enum ac_code ac_run_recover(struct ac_run *run, const char *name,
                            struct ac_words *warnings, struct ac_error *err)
{
    struct recovery recovery = {
        .name = name,
        .deadline_ms =
            earliest(ac_clock_after_ms(AC_RUN_CLEANUP_MS), run->settings.deadline_ms),
        .warnings = warnings,
    };

    AC_TRY(ac_run_connect(run, err));
    return recover_one(run, &recovery, err);
}

enum ac_code ac_run_clean(struct ac_run *run, const char *name, bool takes_persistent,
                          struct ac_words *cleaned, struct ac_words *warnings,
                          struct ac_error *err)
{
    struct recovery recovery = {
        .name = name,
        .deadline_ms = run->settings.deadline_ms,
        .takes_persistent = takes_persistent,
        .cleaned = cleaned,
        .warnings = warnings,
    };

    AC_TRY(ac_run_connect(run, err));
    return recover_one(run, &recovery, err);
}

/* One that another run works on is not ours to look after. */
static bool leaves_unclean(struct ac_run *run, const char *name, int64_t until_ms)
{
    AC_AUTO(ac_words) warnings = { 0 };
    struct ac_error why = { 0 };

    struct recovery recovery = {
        .name = name,
        .deadline_ms = until_ms,
        .is_aside = true,
        .warnings = &warnings,
    };

    enum ac_code code = recover_one(run, &recovery, &why);
    return (code != AC_OK && code != AC_E_LOCKED) || warnings.count > 0;
}

static void warn_of_others(const struct ac_words *unclean)
{
    AC_AUTO(ac_text) text = { 0 };
    struct ac_error ignored;

    if (unclean->count == 0 || ac_words_join(unclean, ", ", &text, &ignored) != AC_OK)
        return;
    ac_log_say(AC_LOG_WARN,
               "what runs that were cut short presented for other certificates is not "
               "all cleaned up (%s); later runs try again",
               ac_text_get(&text));
}

void ac_run_recover_others(struct ac_run *run, const char *name)
{
    int64_t until_ms =
        earliest(ac_clock_after_ms(AC_RUN_OTHERS_MS), run->settings.deadline_ms);
    AC_AUTO(ac_words) names = { 0 };
    AC_AUTO(ac_words) unclean = { 0 };
    struct ac_error why = { 0 };

    if (ac_store_list(run->settings.store, AC_STORE_CERTIFICATES, &names, &why)
        != AC_OK)
        return;
    if (ac_run_connect(run, &why) != AC_OK)
        return;
    for (size_t i = 0; i < names.count && ac_run_check_time(until_ms, &why) == AC_OK;
         i++) {
        if (strcmp(names.items[i], name) == 0
            || !ac_journal_has_leftovers(run->settings.store, names.items[i]))
            continue;
        /* What has no time to be tried must not count as tried in vain. */
        if (ac_clock_left_ms(until_ms) < OTHERS_MIN_MS
            || leaves_unclean(run, names.items[i], until_ms))
            (void)!ac_words_add(&unclean, names.items[i], &why);
    }
    warn_of_others(&unclean);
}
