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
#define AC_DEPLOY_ENDING_MS    120000 /* for rollback or finish, time up or not */
#define AC_DEPLOY_LOCK_MS      30000  /* for another run to leave an installer */
#define AC_DEPLOY_ATTEMPTS_MAX 24     /* at one installer, to find who is guilty */
#define AC_DEPLOY_LOCKS        "installers" /* group of the installers' locks */

/* A certificate of this run; its lock is held. */
struct ac_deploy_item {
    char *name;
    struct ac_lock *lock;
    struct ac_wanted wanted;
    struct ac_held held;          /* and its state, which is saved from here */
    bool has_lent_link;           /* of a dry run */
    struct ac_words fingerprints; /* SHA-256 of its leaves: of a set several */
};

/* One certificate at one installer. */
struct ac_deploy_pair {
    struct ac_deploy_item *item;            /* lent */
    struct ac_state_deployment *deployment; /* lent by the item's state */
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
void ac_deploy_tell(const struct ac_deploy_settings *settings,
                    const struct ac_deploy_pair *pair, const char *plugin,
                    enum ac_deploy_result result, const struct ac_error *why);

/* ---- deploy_group.c */

/* All that the installer is to deploy. Fails as ac_deploy does. */
AC_MUST enum ac_code ac_deploy_group_run(const struct ac_deploy_settings *settings,
                                         const struct ac_deploy_group *group,
                                         struct ac_error *err);

/* ---- deploy_operate.c */

/* The installer of a group, driven in the loop. */
struct ac_deploy_driver {
    const struct ac_deploy_settings *settings;
    const struct ac_solver_spec *spec;
    struct ac_installer *installer; /* owned; attached to the loop */
};
/* Starts it, and waits until it is open: nothing is staged for one that is not. */
AC_MUST enum ac_code ac_deploy_driver_start(struct ac_deploy_driver *driver,
                                            struct ac_error *err);
void ac_deploy_driver_done(struct ac_deploy_driver *driver);
AC_DEFINE_DROP_VALUE(ac_deploy_driver, ac_deploy_driver_done)
/*
 * One operation to its end. A signal stops it, and the plugin's process
 * (AC_E_CANCELLED); not a rollback or finish, which have time of their own: what
 * a finish leaves behind a later rollback would undo.
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
    bool is_stuck;       /* it could not be rolled back: nothing more is to be tried */
    struct ac_error why; /* else why all that are left were rolled back */
};
/* Fails as ac_deploy does; then what was begun is rolled back. */
AC_MUST enum ac_code ac_deploy_attempt_run(struct ac_deploy_attempt *attempt,
                                           struct ac_error *err);
/* Adds those that are left. */
AC_MUST enum ac_code ac_deploy_describe(const struct ac_deploy_attempt *attempt,
                                        struct ac_install_batch *batch,
                                        struct ac_error *err);
/* Why the plugin refused one of them, as a person is told. */
void ac_deploy_explain(const struct ac_deploy_attempt *attempt, size_t index,
                       const char *verb, struct ac_error *ret_why);
/* It failed by itself: noted, told, its link turned back, and no more among those that
 * are left, whose last one takes its place. */
AC_MUST enum ac_code ac_deploy_leave_out(struct ac_deploy_attempt *attempt,
                                         size_t index, const struct ac_error *why,
                                         struct ac_error *err);
/* Ends what an earlier run left amid it. */
AC_MUST enum ac_code ac_deploy_recover(struct ac_deploy_driver *driver,
                                       struct ac_deploy_pair *pairs, size_t count,
                                       struct ac_error *err);
/* Notes that it failed, and tells. */
AC_MUST enum ac_code ac_deploy_fail_pair(const struct ac_deploy_driver *driver,
                                         const struct ac_deploy_pair *pair,
                                         const struct ac_error *why,
                                         struct ac_error *err);

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
