/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One order through its steps, from a wish to a version in the store (PROTOCOL A.14).
 *
 * A value that the loop steps: each step goes as far as it can without waiting. What
 * must survive a crash is in the journal before it matters. Several issues share one
 * loop, the solvers' batches and the clients of their CAs.
 */
#ifndef AC_ENGINE_ISSUE_H
#define AC_ENGINE_ISSUE_H

#include "engine/authority.h"
#include "engine/issue/answer.h"
#include "engine/issue/instances.h"
#include "engine/issue/preflight.h"
#include "engine/wanted/wanted.h"

struct ac_issue;

struct ac_issue_settings {
    struct ac_store *store;   /* borrowed, as are all */
    struct ac_store *lasting; /* of accounts and tokens; NULL: `store` */
    const struct ac_wanted *wish;
    struct ac_instances *instances;
    struct ac_answers *answers;
    struct ac_authorities *authorities; /* not needed by only_recovers, only_opens */
    const struct ac_preflight_settings *preflight; /* or NULL: nothing is asked */
    int64_t deadline_ms;
    bool only_recovers; /* clean up what an earlier run presented, and no more */
    bool
        takes_persistent; /* with it: records that were to stay (dns-persist-01), too */
    bool is_aside; /* it is not what the run is for: its warnings are not shown */
    /* --force: an order of an earlier run is continued only if a certificate may come
     * of it. */
    bool begins_anew;
    bool only_opens; /* find and open the solvers, and no more */
};

/* How far it is, for people. */
struct ac_progress {
    const char *certificate;
    const char *phase; /* "order": static, stable */
    const char
        *waiting; /* "the CA's validation of 3 names": what is waited for; static */
    size_t done, total; /* of what the phase counts; 0 of 0: it does not count */
};

/* What came of it. Owned by the issue. */
struct ac_outcome {
    enum ac_code code;
    struct ac_error error;    /* when code is not AC_OK */
    struct ac_json *problem;  /* the CA's problem document, or NULL */
    struct ac_json *failures; /* [{"identifier","type","problem"}], or NULL */
    /* What was tried before the last attempt, or NULL:
     * [{"directory","code","message","problem","identifiers"}] */
    struct ac_json *attempts;
    struct ac_words warnings;
    struct ac_words cleaned; /* of earlier runs: names of records, or identifiers */
    char *order_url;         /* or NULL */
    bool is_resumed;         /* an order of an earlier run was continued */
    unsigned version;        /* 0: none was stored */
};

/* Lets go of the certificate's lock, once it is done; its outcome stays. */
void ac_issue_release(struct ac_issue *issue);
/* Takes the certificate's lock. AC_E_LOCKED: another run works on it. */
AC_MUST enum ac_code ac_issue_new(const struct ac_issue_settings *settings,
                                  struct ac_issue **ret_issue, struct ac_error *err);
void ac_issue_free(struct ac_issue *issue);
AC_DEFINE_DROP(ac_issue, ac_issue_free)

/* As far as it goes without waiting. */
void ac_issue_step(struct ac_issue *issue);
bool ac_issue_is_done(const struct ac_issue *issue);
int64_t ac_issue_deadline_ms(const struct ac_issue *issue);
int64_t ac_issue_wake_at_ms(const struct ac_issue *issue);
/* Ends it early: nothing more is asked of the CA, the journal stays, answers are
 * cleaned up. Does nothing once it is being cleaned up. */
void ac_issue_stop(struct ac_issue *issue, const struct ac_error *why);
/* Gives up waiting for cleanup, too. What is not clean stays in the journal. */
void ac_issue_abandon(struct ac_issue *issue);
const struct ac_outcome *ac_issue_outcome(const struct ac_issue *issue);
struct ac_progress ac_issue_progress(const struct ac_issue *issue);

#endif
