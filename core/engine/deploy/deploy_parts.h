/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to deploy*.c: a run's certificates, and its installers with what is to be
 * done by each.
 */
#ifndef AC_ENGINE_DEPLOY_PARTS_H
#define AC_ENGINE_DEPLOY_PARTS_H

#include "engine/deploy/deploy.h"
#include "engine/held/held.h"
#include "host/installer.h"

#define AC_DEPLOY_BATCH_MAX    500    /* certificates in one stage, and locks held */
#define AC_DEPLOY_OP_MS        600000 /* for one operation of a plugin */
#define AC_DEPLOY_ENDING_MS    120000 /* for rollback or finish after a signal */
#define AC_DEPLOY_GRACE_MS     (2 * AC_PROCESS_GRACE_MS) /* until core/host ended it */
#define AC_DEPLOY_LOCK_MS      30000 /* for another run to leave an installer */
#define AC_DEPLOY_ATTEMPTS_MAX 24    /* at one installer, to find who is guilty */

/* A certificate of this run; its lock is held. */
struct ac_deploy_item {
    char *name;
    struct ac_lock *lock;
    struct ac_wanted wanted;
    struct ac_held held;          /* and its state, which is saved from here */
    struct ac_words fingerprints; /* SHA-256 of its leaves: of a set several */
};

/* One certificate at one installer. */
struct ac_deploy_pair {
    struct ac_deploy_item *item;            /* lent */
    struct ac_state_deployment *deployment; /* lent by the item's state */
    struct ac_error why; /* it failed by itself in this attempt; code AC_OK: no */
};

/* An installer of this run, and what it is to deploy. */
struct ac_deploy_group {
    const struct ac_solver_spec *spec; /* lent by the first item's wish */
    struct ac_deploy_pair *pairs;
    size_t count, capacity;
};

struct ac_deploy_run {
    const struct ac_deploy_settings *settings;
    struct ac_deploy_item **items; /* owned */
    size_t item_count, item_capacity;
    struct ac_deploy_group *groups;
    size_t group_count, group_capacity;
    struct ac_error trouble; /* with the first that the store would not let begin */
};

/* ---- deploy_item.c */

/* Takes the lock and reads all. *ret_item NULL: there is nothing to deploy, or another
 * run works on it (which is told). */
AC_MUST enum ac_code ac_deploy_item_load(const struct ac_deploy_settings *settings,
                                         const char *name,
                                         struct ac_deploy_item **ret_item,
                                         struct ac_error *err);
/* What it is to be. */
AC_MUST enum ac_code ac_deploy_load_wanted(const struct ac_deploy_settings *settings,
                                           const char *name,
                                           struct ac_wanted *ret_wanted,
                                           struct ac_error *err);
void ac_deploy_item_free(struct ac_deploy_item *item);
AC_DEFINE_DROP(ac_deploy_item, ac_deploy_item_free)
AC_MUST enum ac_code ac_deploy_item_save(const struct ac_deploy_settings *settings,
                                         struct ac_deploy_item *item,
                                         struct ac_error *err);
/* Adds what a plugin is told of the certificate. */
AC_MUST enum ac_code ac_deploy_item_describe(const struct ac_deploy_settings *settings,
                                             const struct ac_deploy_pair *pair,
                                             struct ac_install_batch *batch,
                                             struct ac_error *err);
/* The lock and the state of one that is no part of the run, and nothing else of it.
 * AC_E_LOCKED: another run works on it. */
AC_MUST enum ac_code ac_deploy_item_claim(const struct ac_deploy_settings *settings,
                                          const char *name,
                                          struct ac_deploy_item **ret_item,
                                          struct ac_error *err);

/* ---- deploy_plan.c */

/* Another run works on the certificate: told for each installer that has something to
 * do for it in this run. What cannot be read meanwhile is logged. AC_E_NOMEM. */
AC_MUST enum ac_code ac_deploy_tell_locked(const struct ac_deploy_settings *settings,
                                           const char *name, const struct ac_error *why,
                                           struct ac_error *err);

/* ---- deploy_group.c */

/* All that the installer is to deploy. Fails as ac_deploy does. */
AC_MUST enum ac_code ac_deploy_group_run(struct ac_deploy_run *run,
                                         const struct ac_deploy_group *group,
                                         struct ac_error *err);

/* ---- deploy_operate.c */

/* The installer of a group, driven in the loop. */
struct ac_deploy_driver {
    const struct ac_deploy_settings *settings;
    const struct ac_deploy_run *run; /* whose certificates it has; or NULL */
    const struct ac_solver_spec *spec;
    const struct ac_words *certificates; /* that it installs, and may read; or NULL */
    struct ac_installer *installer;      /* owned; attached to the loop */
    bool is_stuck;      /* what it staged could not be undone, or not be noted */
    bool is_unfinished; /* what is proven and served could not be finished */
};
/* Starts it, and waits until it is open: nothing is staged for one that is not.
 * AC_E_TIMEOUT: the time of the run is up before. */
AC_MUST enum ac_code ac_deploy_driver_start(struct ac_deploy_driver *driver,
                                            struct ac_error *err);
void ac_deploy_driver_done(struct ac_deploy_driver *driver);
AC_DEFINE_DROP_VALUE(ac_deploy_driver, ac_deploy_driver_done)
/* Has it a process that is open, and has not died? */
bool ac_deploy_driver_is_alive(const struct ac_deploy_driver *driver);
/*
 * One operation to its end. A signal stops it, and the plugin's process
 * (AC_E_CANCELLED); not a rollback or finish, which have time of their own, whatever
 * the run has, and less of it once a signal has come: what a finish leaves behind a
 * later rollback would undo.
 */
AC_MUST enum ac_code ac_deploy_operate(struct ac_deploy_driver *driver,
                                       enum ac_installer_op op,
                                       const struct ac_install_batch *batch,
                                       struct ac_error *err);
/* Has a signal come (AC_E_CANCELLED)? */
AC_MUST enum ac_code ac_deploy_check_signal(struct ac_error *err);
/* Has one, or is the time up (AC_E_TIMEOUT)? */
AC_MUST enum ac_code ac_deploy_check_time(const struct ac_deploy_settings *settings,
                                          struct ac_error *err);

/* ---- deploy_attempt.c */

/* Some pairs of a group, tried together. */
struct ac_deploy_attempt {
    struct ac_deploy_driver *driver;
    struct ac_deploy_pair *pairs;
    size_t count;
    size_t left;         /* pairs that did not fail by themselves: moved to the front */
    bool is_live;        /* those are served */
    struct ac_error why; /* else why all that are left were rolled back */
};
/* Fails as ac_deploy does; then what was begun is rolled back. Where that failed the
 * driver is stuck: nothing more is to be tried with it. */
AC_MUST enum ac_code ac_deploy_attempt_run(struct ac_deploy_attempt *attempt,
                                           struct ac_error *err);
/* Adds those that are left. */
AC_MUST enum ac_code ac_deploy_describe(const struct ac_deploy_attempt *attempt,
                                        struct ac_install_batch *batch,
                                        struct ac_error *err);
/* Why the plugin refused one of them, as a person is told. */
void ac_deploy_explain(const struct ac_deploy_attempt *attempt, size_t index,
                       const char *verb, struct ac_error *ret_why);
/* It failed by itself: its link is turned back, and it is no more among those that are
 * left, whose last one takes its place. Noted and told when the attempt has ended. */
AC_MUST enum ac_code ac_deploy_leave_out(struct ac_deploy_attempt *attempt,
                                         size_t index, const struct ac_error *why,
                                         struct ac_error *err);

/* ---- deploy_pair.c: one certificate at one installer; what is to be done is written
 * before it is done */

/* Noted as staged; then its link is turned to the new version. */
AC_MUST enum ac_code ac_deploy_pair_begin(const struct ac_deploy_driver *driver,
                                          const struct ac_deploy_pair *pair,
                                          struct ac_error *err);
/* Its begin failed, before anything was asked of the installer: what that has done of
 * it is undone, and nothing saved. */
AC_MUST enum ac_code ac_deploy_pair_unbegin(const struct ac_deploy_driver *driver,
                                            const struct ac_deploy_pair *pair,
                                            struct ac_error *err);
/*
 * Its link leads to what was served before again: before a rollback, so that the server
 * that is told of it finds that. Where nothing was served the link stays until the
 * rollback is done: a configuration that still names it must not lead nowhere.
 */
AC_MUST enum ac_code ac_deploy_pair_turn_back(const struct ac_deploy_driver *driver,
                                              const struct ac_deploy_pair *pair,
                                              struct ac_error *err);
/* It is as if it had never been staged; or, after its proof, live and nothing else. */
AC_MUST enum ac_code ac_deploy_pair_end(const struct ac_deploy_driver *driver,
                                        const struct ac_deploy_pair *pair,
                                        struct ac_error *err);
/* It is served: noted before finish(), as it must not be rolled back any more. */
AC_MUST enum ac_code ac_deploy_pair_note_proof(const struct ac_deploy_driver *driver,
                                               const struct ac_deploy_pair *pair,
                                               struct ac_error *err);
/* What a rollback of others undoes with it is to be deployed again. */
AC_MUST enum ac_code ac_deploy_pair_doubt(const struct ac_deploy_driver *driver,
                                          const struct ac_deploy_pair *pair,
                                          struct ac_error *err);
/* Notes that it failed, and tells. */
AC_MUST enum ac_code ac_deploy_pair_fail(const struct ac_deploy_driver *driver,
                                         const struct ac_deploy_pair *pair,
                                         const struct ac_error *why,
                                         struct ac_error *err);
/* Links, then the plugin's rollback, then the notes that it is done. What was given up
 * there earlier is to be deployed again. */
AC_MUST enum ac_code ac_deploy_roll_back(struct ac_deploy_driver *driver,
                                         const struct ac_deploy_pair *pairs,
                                         size_t count, struct ac_error *err);
void ac_deploy_tell(const struct ac_deploy_settings *settings,
                    const struct ac_deploy_pair *pair, const char *plugin,
                    enum ac_deploy_result result, const struct ac_error *why);
void ac_deploy_tell_failure(const struct ac_deploy_driver *driver,
                            const struct ac_deploy_pair *pair,
                            const struct ac_error *why);

/* ---- deploy_recover.c */

/*
 * Undoes what an earlier run left at the installer, with the plugin and the settings
 * that it was begun with, or finishes it where all of it was proven; also what a dry
 * run left. For whoever holds the installer's lock, before anything else is done with
 * it. A dry run leaves it alone.
 *
 * now          the instance as it is by now, whose settings are tried where those that
 *              it was begun with do not help; NULL: nobody knows
 * AC_E_LOCKED  another run works on one of the certificates
 * any other    it could not be undone; the detail says what a person can do
 */
AC_MUST enum ac_code ac_deploy_recover(struct ac_deploy_run *run, const char *installer,
                                       const struct ac_solver_spec *now,
                                       struct ac_error *err);
/* The same at installers that have nothing else to do in this run: those that a
 * certificate is not for any more, and all there are where the run sweeps. */
AC_MUST enum ac_code ac_deploy_recover_others(struct ac_deploy_run *run,
                                              struct ac_error *err);
/* Finishes them where all are proven (is_all: and there were no others); else rolls
 * them back, and none of them counts as live. A finish that fails is given up when it
 * was the last try (is_last), and no signal came amid it. */
AC_MUST enum ac_code ac_deploy_settle(struct ac_deploy_driver *driver,
                                      const struct ac_deploy_pair *pairs, size_t count,
                                      bool is_all, bool is_last, struct ac_error *err);

/* ---- deploy_given_up.c: what is proven and served, and could never be finished. The
 * plugin may have kept what undoes it, for whatever is deployed there later */

/* Says so, notes it, and ends them as live: a finish that fails (why) must not keep a
 * server from its next certificate for ever. */
AC_MUST enum ac_code ac_deploy_give_up(const struct ac_deploy_driver *driver,
                                       const struct ac_deploy_pair *pairs, size_t count,
                                       const struct ac_error *why,
                                       struct ac_error *err);
/* A rollback is to come, which may undo them with the others: from now on they are to
 * be deployed again. */
AC_MUST enum ac_code ac_deploy_doubt_given_up(const struct ac_deploy_driver *driver,
                                              struct ac_error *err);
/* A finish was well: there is nothing more that would undo them. */
void ac_deploy_forget_given_up(const struct ac_deploy_driver *driver);

/* ---- deploy_lend.c: links for a dry run, which needs the paths that it speaks of */

AC_MUST enum ac_code ac_deploy_lend(const struct ac_deploy_settings *settings,
                                    const struct ac_deploy_group *group,
                                    struct ac_error *err);
/* Those that were lent, by this run or one that was killed, and the private folder of
 * the dry run. For whoever holds the installer's lock. */
AC_MUST enum ac_code ac_deploy_take_back(const struct ac_deploy_settings *settings,
                                         const char *installer, struct ac_error *err);

/* ---- deploy_prove.c */

/*
 * Are those that are left served? Waits until they are, or their time is up; those that
 * are not are left out.
 *
 * AC_E_PLUGIN  some are not
 */
AC_MUST enum ac_code ac_deploy_prove(struct ac_deploy_attempt *attempt,
                                     struct ac_error *err);

#endif
