/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/issue/issue_steps.h"

#include "base/clock.h"
#include "base/log.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WARNING_SIZE 1024

static ac_issue_step_function account;

/* The phases in the order in which they usually come. */
static const struct phase_rule {
    const char *name;
    const char *waiting; /* for people: what this phase waits for */
    ac_issue_step_function *step;
} phases[] = {
    [AC_PHASE_SOLVERS] = { "solvers", "the plugins", ac_issue_solvers },
    [AC_PHASE_RECOVER] = { "recover", "cleanup after an earlier run",
                           ac_issue_recover },
    [AC_PHASE_ACCOUNT] = { "account", "the CA's word on the account", account },
    [AC_PHASE_PREAUTHORIZE] = { "authorize", "the authorizations",
                                ac_issue_preauthorize },
    [AC_PHASE_ORDER] = { "order", "the CA's order", ac_issue_order },
    [AC_PHASE_AUTHORIZE] = { "authorize", "the authorizations", ac_issue_authorize },
    [AC_PHASE_LOCATE] = { "locate", "the name servers", ac_issue_locate },
    [AC_PHASE_PRESENT] = { "present", "the solvers", ac_issue_present },
    [AC_PHASE_RESPOND] = { "respond", "the CA to take note", ac_issue_respond },
    [AC_PHASE_VALIDATE] = { "validate", "the CA's validation", ac_issue_validate },
    [AC_PHASE_RECHECK] = { "validate", "the CA's validation", ac_issue_recheck },
    [AC_PHASE_FINALIZE] = { "finalize", "the CA to take the request",
                            ac_issue_finalize },
    [AC_PHASE_WAIT] = { "issue", "the CA to issue", ac_issue_wait },
    [AC_PHASE_DOWNLOAD] = { "download", "the certificate", ac_issue_download },
    [AC_PHASE_CHOOSE] = { "download", "the CA's other chains", ac_issue_choose },
    [AC_PHASE_EXPLAIN] = { "explain", "the CA's reasons", ac_issue_explain },
    [AC_PHASE_LET_GO] = { "explain", "the CA to let go of the order", ac_issue_let_go },
    [AC_PHASE_LEAVE] = { "cleanup", "the solvers' cleanup", ac_issue_leave },
    [AC_PHASE_DONE] = { "done", "nothing", NULL },
};

static enum ac_code begin(struct ac_issue *issue, struct ac_error *err)
{
    bool asks_nobody = issue->settings.only_recovers || issue->settings.only_opens;

    issue->here = *issue->settings.wish;
    issue->share_until_ms = AC_CLOCK_NEVER;
    issue->phase = issue->settings.only_recovers ? AC_PHASE_RECOVER : AC_PHASE_SOLVERS;
    AC_TRY(ac_memory_new(issue->here.identifiers.count + 1, sizeof *issue->tried,
                         (void *)&issue->tried, err));
    AC_TRY(ac_store_lock(issue->settings.store, AC_STORE_CERTIFICATES, issue->here.name,
                         &issue->lock, err));
    AC_TRY(
        ac_journal_open(issue->settings.store, issue->here.name, &issue->journal, err));
    return asks_nobody ? AC_OK : ac_issue_choose_ca(issue, err);
}

enum ac_code ac_issue_new(const struct ac_issue_settings *settings,
                          struct ac_issue **ret_issue, struct ac_error *err)
{
    AC_AUTO(ac_issue) *issue = NULL;

    AC_TRY(ac_memory_new(1, sizeof *issue, (void *)&issue, err));
    issue->settings = *settings;
    AC_TRY(begin(issue, err));
    *ret_issue = AC_TAKE(issue);
    return AC_OK;
}

void ac_issue_free_post(struct ac_post **post)
{
    ac_post_free(*post);
    *post = NULL;
}

static void drop_claims(struct ac_issue *issue)
{
    for (size_t i = 0; i < issue->claim_count; i++) {
        struct ac_claim *claim = &issue->claims[i];

        ac_issue_free_post(&claim->post);
        ac_issue_free_post(&claim->refusal);
        ac_answers_forget(issue->settings.answers, &claim->answer);
        ac_answer_done(&claim->answer);
        ac_authorization_done(&claim->authorization);
    }
    free(issue->claims);
    issue->claims = NULL;
    issue->claim_count = 0;
}

void ac_issue_drop_order(struct ac_issue *issue)
{
    ac_issue_free_locating(issue);
    ac_issue_free_post(&issue->post);
    ac_issue_drop_seek(issue);
    ac_issue_drop_chain(issue);
    drop_claims(issue);
    ac_order_done(&issue->order);
    ac_key_free(issue->key);
    issue->key = NULL;
    ac_text_done(&issue->csr);
    issue->is_presenting = false;
    issue->is_telling = false;
    issue->still_count = 0;
    issue->poll_delay_ms = 0;
    issue->poll_at_ms = 0;
    issue->guess_count = 0;
    issue->not_ready_ms = 0;
    issue->guess_at_ms = 0;
}

void ac_issue_free(struct ac_issue *issue)
{
    if (!issue)
        return;
    ac_issue_drop_order(issue);
    ac_key_free(issue->brought);
    ac_preflight_free(issue->preflight);
    ac_issue_drop_renewal(issue);
    ac_state_done(&issue->state);
    free(issue->replaces);
    for (size_t i = 0; i < issue->leftover_count; i++) {
        ac_answers_forget(issue->settings.answers, &issue->leftovers[i].answer);
        ac_answer_done(&issue->leftovers[i].answer);
    }
    free(issue->leftovers);
    free(issue->is_clean);
    free(issue->tried);
    free((void *)issue->ancestors);
    ac_journal_free(issue->journal);
    ac_lock_free(issue->lock);
    ac_json_free(issue->outcome.problem);
    ac_json_free(issue->outcome.failures);
    ac_json_free(issue->outcome.attempts);
    ac_words_done(&issue->outcome.warnings);
    ac_words_done(&issue->outcome.cleaned);
    free(issue->outcome.order_url);
    free(issue);
}

bool ac_issue_is_done(const struct ac_issue *issue)
{
    return issue->phase == AC_PHASE_DONE;
}

void ac_issue_release(struct ac_issue *issue)
{
    ac_lock_free(AC_TAKE(issue->lock));
}

const struct ac_outcome *ac_issue_outcome(const struct ac_issue *issue)
{
    return &issue->outcome;
}

int64_t ac_issue_deadline_ms(const struct ac_issue *issue)
{
    return issue->settings.deadline_ms;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t ac_issue_wake_at_ms(const struct ac_issue *issue)
{
    bool polls = issue->phase == AC_PHASE_VALIDATE || issue->phase == AC_PHASE_WAIT
                 || issue->phase == AC_PHASE_DOWNLOAD;

    if (polls && !issue->post)
        return earlier(issue->poll_at_ms, ac_issue_share_until_ms(issue));
    if (issue->phase == AC_PHASE_ACCOUNT) {
        return earlier(ac_registration_wake_at_ms(issue->registration),
                       issue->share_until_ms);
    }
    if (issue->phase == AC_PHASE_ORDER && ac_clock_now_ms() < issue->order_at_ms)
        return earlier(issue->order_at_ms, issue->share_until_ms);
    if (issue->phase == AC_PHASE_ORDER && issue->sought)
        return earlier(issue->seek_until_ms, issue->share_until_ms);
    if (issue->phase == AC_PHASE_ORDER)
        return issue->share_until_ms;
    if (issue->phase == AC_PHASE_LET_GO)
        return issue->let_go_until_ms;
    if (issue->phase == AC_PHASE_RECOVER && issue->leftovers)
        return ac_issue_recover_end(issue);
    if (issue->phase == AC_PHASE_CHOOSE)
        return issue->choose_until_ms;
    return ac_issue_renewal_wake_at_ms(issue);
}

/* What the CA has said so far; while nothing is wrong it is asked for the order alone.
 */
static bool is_proven(const struct ac_claim *claim)
{
    return claim->authorization.status == AC_AUTHORIZATION_VALID
           || (claim->challenge && claim->challenge->status == AC_CHALLENGE_VALID);
}

static void count_claim(enum ac_phase phase, const struct ac_claim *claim,
                        struct ac_progress *progress)
{
    if (phase == AC_PHASE_PRESENT) {
        progress->total += claim->answer.solver != NULL;
        progress->done += claim->answer.status == AC_ANSWER_READY;
    } else if (phase == AC_PHASE_AUTHORIZE || phase == AC_PHASE_RESPOND) {
        progress->total++;
        progress->done += !claim->post || ac_post_is_done(claim->post);
    } else if (phase == AC_PHASE_VALIDATE || phase == AC_PHASE_RECHECK) {
        progress->total++;
        progress->done += is_proven(claim);
    }
}

struct ac_progress ac_issue_progress(const struct ac_issue *issue)
{
    const struct phase_rule *rule = &phases[issue->phase];
    struct ac_progress progress = {
        .certificate = issue->here.name,
        .phase = rule->name,
        .waiting = rule->waiting,
    };

    for (size_t i = 0; i < issue->claim_count; i++)
        count_claim(issue->phase, &issue->claims[i], &progress);
    return progress;
}

/* ---- what several steps share */

void ac_issue_warn(struct ac_issue *issue, const char *format, ...)
{
    char warning[WARNING_SIZE];
    struct ac_error ignored;
    va_list args;

    va_start(args, format);
    (void)vsnprintf(warning, sizeof warning, format, args);
    va_end(args);
    if (!ac_words_has(&issue->outcome.warnings, warning))
        (void)!ac_words_add(&issue->outcome.warnings, warning, &ignored);
    ac_log(issue->settings.is_aside ? AC_LOG_INFO : AC_LOG_WARN, "issue.warning",
           "certificate", issue->here.name, "text", warning, NULL);
}

static enum ac_code note_subproblem(struct ac_issue *issue,
                                    const struct ac_json *subproblem,
                                    struct ac_error *err)
{
    const char *identifier = ac_json_text_or(subproblem, "identifier", NULL);
    AC_AUTO(ac_json) *failure = NULL;
    struct ac_json *shared;

    if (!identifier)
        return AC_OK;
    if (!issue->outcome.failures)
        AC_TRY(ac_json_new(&issue->outcome.failures, err, "[]"));
    AC_TRY(ac_json_new(&failure, err, "{s:s}", "identifier", identifier));
    shared = ac_json_share(subproblem);
    AC_TRY(ac_json_set(failure, "problem", &shared, err));
    return ac_json_append(issue->outcome.failures, &failure, err);
}

/* The document, and each name of its subproblems (6.7.1) as one that failed. */
void ac_issue_note_problem(struct ac_issue *issue, const struct ac_problem *problem)
{
    struct ac_error ignored;
    const struct ac_json *subproblems;

    if (!problem || issue->outcome.problem)
        return;
    (void)!ac_problem_to_json(problem, &issue->outcome.problem, &ignored);
    subproblems = ac_json_get(issue->outcome.problem, "subproblems");
    for (size_t i = 0; i < ac_json_count(subproblems); i++)
        (void)!note_subproblem(issue, ac_json_at(subproblems, i), &ignored);
}

enum ac_code ac_issue_note_failure(struct ac_issue *issue,
                                   const struct ac_authorization *authorization,
                                   struct ac_error *err)
{
    const struct ac_problem *problem = ac_authorization_error(authorization);
    AC_AUTO(ac_json) *failure = NULL;
    AC_AUTO(ac_json) *document = NULL;

    if (!issue->outcome.failures)
        AC_TRY(ac_json_new(&issue->outcome.failures, err, "[]"));
    AC_TRY(ac_json_new(&failure, err, "{s:s, s:s}", "identifier",
                       authorization->identifier.value, "status",
                       ac_authorization_status_name(authorization->status)));
    if (problem) {
        AC_TRY(ac_problem_to_json(problem, &document, err));
        AC_TRY(ac_json_set(failure, "problem", &document, err));
    }
    return ac_json_append(issue->outcome.failures, &failure, err);
}

void ac_issue_leave_answers(struct ac_issue *issue)
{
    for (size_t i = 0; i < issue->claim_count; i++) {
        if (issue->claims[i].answer.solver)
            ac_answers_leave(issue->settings.answers, &issue->claims[i].answer);
    }
}

/* ---- steps of this file */

/* The directory is needed also where the store has the account. */
static enum ac_code account(struct ac_issue *issue, struct ac_error *err)
{
    struct ac_registration *registration = issue->registration;
    const struct ac_directory *directory;

    if (!issue->has_checked_refusals)
        AC_TRY(ac_issue_check_refusals(issue, err));
    issue->has_checked_refusals = true;
    ac_registration_step(registration);
    if (!ac_registration_is_done(registration))
        return AC_OK;
    if (ac_registration_result(registration, err) != AC_OK) {
        ac_issue_note_problem(issue, ac_registration_problem(registration));
        return err->code;
    }
    issue->lookups = ac_registration_lookups(registration);
    ac_client_open(issue->client);
    if (!ac_client_is_open(issue->client))
        return AC_OK;
    AC_TRY(ac_client_directory(issue->client, &directory, err));
    ac_issue_begin_preflight(issue);
    issue->phase = issue->has_preauthorized ? AC_PHASE_ORDER : AC_PHASE_PREAUTHORIZE;
    return AC_OK;
}

/* The next run with --force would not go on with the order. */
static void tell_force(const struct ac_issue *issue, struct ac_error *why)
{
    struct ac_error told = *why;

    if ((why->code != AC_E_TIMEOUT && why->code != AC_E_CANCELLED)
        || !ac_journal_order(issue->journal).url || !ac_issue_begins_anew(issue))
        return;
    (void)ac_fail(&told, why->code, "%s (--force would begin another order)",
                  why->detail);
    *why = told;
}

/* The first failure that nothing else follows is the outcome; in any case everything
 * presented is taken down. */
static void fail(struct ac_issue *issue, struct ac_error *why)
{
    ac_issue_note_refusal(issue, why);
    ac_issue_judge(issue, why);
    tell_force(issue, why); /* if there is one yet */
    if (!ac_issue_plan_another(issue, why) && issue->outcome.code == AC_OK) {
        ac_issue_conclude(issue, why);
        ac_issue_note_trouble(issue);
    }
    if (issue->phase == AC_PHASE_RECOVER)
        ac_issue_warn_leftovers(issue);
    ac_issue_free_post(&issue->post);
    for (size_t i = 0; i < issue->claim_count; i++) {
        ac_issue_free_post(&issue->claims[i].post);
        ac_issue_free_post(&issue->claims[i].refusal);
    }
    ac_issue_drop_seek(issue);
    ac_issue_drop_chain(issue);
    ac_issue_drop_preflight(issue);
    ac_issue_leave_answers(issue);
    issue->phase = AC_PHASE_LEAVE;
}

void ac_issue_step(struct ac_issue *issue)
{
    enum ac_phase before;

    do {
        struct ac_error why = { 0 };

        before = issue->phase;
        if (before == AC_PHASE_DONE)
            return;
        if (ac_issue_check_share(issue, &why) != AC_OK
            || phases[before].step(issue, &why) != AC_OK)
            fail(issue, &why);
        if (issue->phase != before) {
            ac_log(AC_LOG_INFO, "issue.phase", "certificate", issue->here.name, "phase",
                   phases[issue->phase].name, NULL);
        }
    } while (issue->phase != before);
}

void ac_issue_stop(struct ac_issue *issue, const struct ac_error *why)
{
    bool has_verdict = issue->phase == AC_PHASE_LET_GO && why->code == AC_E_TIMEOUT;

    struct ac_error blame = *why;

    ac_issue_drop_renewal(issue);
    if (issue->phase >= AC_PHASE_LEAVE) {
        if (issue->next != AC_ISSUE_NEXT_NONE)
            ac_issue_conclude(issue, why);
        issue->next = AC_ISSUE_NEXT_NONE;
        return;
    }
    issue->next = AC_ISSUE_NEXT_NONE;
    /* A person who ends the run has changed their mind; whoever ends the machine has
     * not. */
    if (why->code == AC_E_CANCELLED && ac_clock_cancelled() == SIGINT
        && ac_issue_give_up(issue, why))
        return;
    if (why->code == AC_E_TIMEOUT)
        ac_issue_blame(issue, &blame);
    fail(issue, has_verdict ? &issue->verdict : &blame);
}
