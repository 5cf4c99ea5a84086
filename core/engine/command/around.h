/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The commands around the attempts of a run: pre-hooks before the first, post-hooks
 * after the last, failure-hooks when one failed. Each is run once, with the list of the
 * certificates that name it, and only when one of these is due.
 *
 * A pre-hook that fails prevents the attempts for its certificates, which fail and are
 * left alone for a while. Post-hooks are run whatever came before, also after a signal:
 * they undo what pre-hooks did. One that fails is the run's failure; a failure-hook
 * that fails is a warning.
 */
#ifndef AC_ENGINE_AROUND_H
#define AC_ENGINE_AROUND_H

#include "engine/command/user_command.h"
#include "engine/notify/notice.h"
#include "engine/run/run.h"

#define AC_AROUND_SCHEMA     1
#define AC_AROUND_TIMEOUT_MS 60000
#define AC_AROUND_GRACE_MS   15000 /* that post-hooks have after a signal */
#define AC_AROUND_SIZE_MAX   ((size_t)1024 * 1024) /* bytes of a hook's stdin */

struct ac_around;

struct ac_around_settings {
    struct ac_store *store;         /* borrowed, as are all */
    const struct ac_config *config; /* or NULL */
    ac_notice_describe *describe;
    bool is_dry_run;   /* hooks are told; failure-hooks are not run */
    bool is_half_read; /* the configuration is wrong: what it has may not be all */
};

AC_MUST enum ac_code ac_around_new(const struct ac_around_settings *settings,
                                   struct ac_around **ret_around, struct ac_error *err);
void ac_around_free(struct ac_around *around);
AC_DEFINE_DROP(ac_around, ac_around_free)

/* One that is due, and why (a word of ac_plan_reason_name, or NULL). Where a hook
 * cannot be read, or the configuration may lack the post-hook that belongs to its
 * pre-hook, it is refused. */
AC_MUST enum ac_code ac_around_add(struct ac_around *around,
                                   const struct ac_wanted *wanted, const char *reason,
                                   struct ac_error *err);
/*
 * Which hooks cannot be run at all? Those refuse their certificates, so that this is
 * known before a CA is asked. AC_E_USAGE: the first of them; AC_E_NOMEM.
 */
AC_MUST enum ac_code ac_around_check(struct ac_around *around, struct ac_error *err);
/* It is not to be attempted, whether it has hooks or not. */
AC_MUST enum ac_code ac_around_refuse(struct ac_around *around,
                                      const struct ac_wanted *wanted,
                                      const char *reason, const struct ac_error *why,
                                      struct ac_error *err);
/* Is there a hook to run at all? Then a run is needed. */
bool ac_around_has_hooks(const struct ac_around *around);
/* Runs the pre-hooks, one after another, unless a signal comes. */
AC_MUST enum ac_code ac_around_begin(struct ac_around *around, struct ac_run *run,
                                     struct ac_error *err);
/* Why it must not be attempted; NULL: it may. Lent. */
const struct ac_error *ac_around_refusal(const struct ac_around *around,
                                         const char *name);
/* It has ended; code AC_OK: well. is_skipped: it was not attempted after all. */
void ac_around_ended(struct ac_around *around, const char *name,
                     const struct ac_error *why, bool is_skipped);
/* Runs the post-hooks, then the failure-hooks. AC_E_PLUGIN: a post-hook failed, and
 * that is not logged; further ones are. */
AC_MUST enum ac_code ac_around_finish(struct ac_around *around, struct ac_run *run,
                                      struct ac_error *err);

#endif
