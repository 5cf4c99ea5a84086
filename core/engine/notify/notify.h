/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Notifications: at the end of a run each notifier is called once with all that it is
 * still to be told. What is owed is made from the store; a failure of this run adds the
 * CA's own words to it. Nothing here changes what a run ends with: what goes wrong is a
 * warning, and is tried again by the next run.
 */
#ifndef AC_ENGINE_NOTIFY_H
#define AC_ENGINE_NOTIFY_H

#include "engine/issue/issue.h"
#include "engine/notify/notice.h"
#include "engine/notify/unnoted.h"
#include "engine/renewal/upkeep.h"
#include "engine/run/run.h"

#define AC_NOTIFY_GRACE_MS 5000  /* that a command has left after a signal */
#define AC_NOTIFY_LOCK_MS  15000 /* to wait for another run that tells */

struct ac_notify;

struct ac_notify_settings {
    struct ac_store *store;         /* borrowed, as are all */
    const struct ac_config *config; /* or NULL */
    struct ac_upkeep_source source; /* its certificates */
    ac_notice_describe *describe;
    struct ac_unnoted *unnoted; /* of a process that stays; or NULL */
    /* The run in whose loop the commands run, when there is something to tell. */
    enum ac_code (*open)(void *arg, struct ac_run **ret_run, struct ac_error *err);
    void *arg;
};

AC_MUST enum ac_code ac_notify_new(const struct ac_notify_settings *settings,
                                   struct ac_notify **ret_notify, struct ac_error *err);
void ac_notify_free(struct ac_notify *notify);
AC_DEFINE_DROP(ac_notify, ac_notify_free)

/*
 * A certificate failed in this run. wanted: what it was to be, lent until it is told;
 * NULL: the store or the configuration knows. outcome NULL: it was not begun.
 */
void ac_notify_failed(struct ac_notify *notify, const char *name,
                      const struct ac_wanted *wanted, const struct ac_error *why,
                      const struct ac_outcome *outcome);
/* Tells what is owed of these certificates, and of those that failed. Not after a
 * signal: whoever ends the program does not wait, and the next run tells it. */
void ac_notify_tell(struct ac_notify *notify, const struct ac_upkeep *upkeep);

#endif
