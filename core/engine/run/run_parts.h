/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to run*.c: what a run is made of, and how it waits.
 */
#ifndef AC_ENGINE_RUN_PARTS_H
#define AC_ENGINE_RUN_PARTS_H

#include "engine/run/run.h"

/* An installer that was tried (run_try). */
struct ac_tried {
    struct ac_solver_spec spec;
    struct ac_error why; /* code AC_OK: it opens */
};

struct ac_run {
    struct ac_run_settings settings;
    struct ac_loop *loop;
    struct ac_instances *instances;
    struct ac_answers *answers;
    struct ac_authorities *authorities;
    struct ac_authority *authority; /* at settings.place, lent; NULL: not asked yet */
    struct ac_caa_pool *caa_pool;
    struct ac_preflight_settings preflight;
    struct ac_tried *tried; /* owned */
    size_t tried_count, tried_capacity;
    bool knows_clock;
    bool weighs_clock; /* others are asked before one that is far from ours counts */
    bool awaits_odd_clock; /* ours is right: who has another one is told, once */
};

/* Where accounts and the like are. */
struct ac_store *ac_run_lasting(const struct ac_run *run);
/* Makes what talks to CAs, once. */
AC_MUST enum ac_code ac_run_connect(struct ac_run *run, struct ac_error *err);
/* The CA that is asked where no certificate says which: run->authority, once. */
AC_MUST enum ac_code ac_run_find_place(struct ac_run *run, struct ac_error *err);
/* Waits for a post. Its result is asked of it. */
AC_MUST enum ac_code ac_run_finish_post(struct ac_run *run, const struct ac_post *post,
                                        struct ac_error *err);
/* Has a signal come (AC_E_CANCELLED), or is the time up (AC_E_TIMEOUT)? */
AC_MUST enum ac_code ac_run_check_time(int64_t deadline_ms, struct ac_error *err);
/* Until when CAs may be asked what nothing depends on: for so long, and not for more
 * than a part of the time that is left, which the renewals are to have. */
int64_t ac_run_courtesy_until_ms(const struct ac_run *run, int64_t limit_ms);
/* Waits once, at the latest until then, and steps what is not an issue. */
AC_MUST enum ac_code ac_run_turn(struct ac_run *run, int64_t wake_at_ms,
                                 struct ac_error *err);

/* Takes the time from the CAs that say it, where that is asked for: as soon as one says
 * ours, or when there is nobody left to say it. Tells of the first that is wrong. */
void ac_run_adopt_clock(struct ac_run *run);

/* When progress is to be shown again at the latest. */
int64_t ac_run_progress_at_ms(const struct ac_run *run);

/* One issue that is driven. */
struct ac_driven {
    struct ac_issue *issue;
    int64_t abandon_at_ms; /* AC_CLOCK_NEVER: it was not told to end */
};
/* Steps it; a signal or its deadline ends the work, a second limit the cleanup. True
 * when it is done. */
bool ac_run_step_issue(struct ac_run *run, struct ac_driven *driven);
/* When it must be stepped again although nothing came. */
int64_t ac_run_issue_wake_at_ms(const struct ac_driven *driven);

#endif
