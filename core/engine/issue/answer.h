/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All challenges that are ready, of all orders, batched per solver: present, probe,
 * self-check, cleanup. One operation at a time for each solver; the loop steps it.
 */
#ifndef AC_ENGINE_ANSWER_H
#define AC_ENGINE_ANSWER_H

#include "engine/issue/selfcheck.h"
#include "host/solver.h"

#define AC_ANSWER_PRESENT_MS  60000
#define AC_ANSWER_CLEANUP_MS  30000
#define AC_ANSWER_POLL_MS     250 /* between probes; doubles */
#define AC_ANSWER_POLL_MAX_MS 1000

enum ac_answer_status {
    AC_ANSWER_QUEUED, /* waits to be presented */
    AC_ANSWER_PRESENTING,
    AC_ANSWER_PROBING,  /* waits for its probe, or is being probed */
    AC_ANSWER_CHECKING, /* our own look at it */
    AC_ANSWER_READY,    /* the CA may be told */
    AC_ANSWER_FAILED,   /* error says why; is cleaned up all the same */
    AC_ANSWER_LEAVING,  /* waits to be cleaned up */
    AC_ANSWER_CLEANING,
    AC_ANSWER_GONE /* cleaned up, or cleanup failed (error) */
};

/* One challenge answered by one solver. Owned by the order; the queue borrows it. */
struct ac_answer {
    struct ac_solver *solver;
    struct ac_batch one; /* the challenge, as a batch of one */
    enum ac_answer_status status;
    bool was_presented; /* present was begun: it must be cleaned up */
    bool is_clean;      /* GONE, and the solver said so */
    bool is_kept;       /* what it presents stays: it is never cleaned up */
    bool is_there;      /* it was found in place: nothing is presented, only seen */
    enum ac_selfcheck_mode self_check; /* of http-01, before the CA is told */
    const char *self_check_via;        /* "host:port" or NULL; lent by the order */
    int64_t clean_by_ms; /* cleanup must have ended by then; 0: its usual time */
    struct ac_exchange *exchange;
    struct ac_error error;   /* why it failed; or why cleanup did */
    struct ac_error warning; /* code AC_OK: none; what the self-check saw */
};
const struct acmecore_challenge *ac_answer_challenge(const struct ac_answer *answer);
void ac_answer_done(struct ac_answer *answer);

struct ac_answers;

struct ac_answers_settings {
    struct ac_http *http; /* for the self-check; borrowed */
    int64_t deadline_ms;  /* of the run; cleanup has its own time after it */
};

AC_MUST enum ac_code ac_answers_new(const struct ac_answers_settings *settings,
                                    struct ac_answers **ret_answers,
                                    struct ac_error *err);
void ac_answers_free(struct ac_answers *answers);
AC_DEFINE_DROP(ac_answers, ac_answers_free)

/* Queues one to be presented, or looked for when it is there. Its solver is open. */
AC_MUST enum ac_code ac_answers_add(struct ac_answers *answers,
                                    struct ac_answer *answer, struct ac_error *err);
/* Queues it to be cleaned up, whatever its state; one that was never presented is GONE,
 * and so is soon one that presents what another still needs (engine/issue/twin). */
void ac_answers_leave(struct ac_answers *answers, struct ac_answer *answer);
/* It is about to be freed: forgets it. */
void ac_answers_forget(struct ac_answers *answers, const struct ac_answer *answer);

/* By when an operation must have ended so that the run can still say who hung. */
int64_t ac_answers_end_ms(const struct ac_answers *answers);
void ac_answers_step(struct ac_answers *answers);
int64_t ac_answers_wake_at_ms(const struct ac_answers *answers);

#endif
