/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `issue --dry-run`: all that a real run does, in a store of its own below STATE, which
 * goes again with everything in it. While it lasts context->store is that one, and
 * context->lasting the one that stays.
 */
#ifndef AC_CLI_REHEARSAL_H
#define AC_CLI_REHEARSAL_H

#include "cli/deployments.h"

#define AC_REHEARSAL_FOLDER "dry-run" /* below STATE */

struct ac_rehearsal {
    struct ac_context *context; /* borrowed */
    struct ac_store *store;     /* owned */
    struct ac_lock *use;        /* nobody removes the store meanwhile */
};

/* Puts the context on a store of its own. What dry runs that were killed left goes
 * first. AC_E_LOCKED: just now another run removes such remains. */
AC_MUST enum ac_code ac_rehearsal_begin(struct ac_context *context,
                                        struct ac_rehearsal *ret_rehearsal,
                                        struct ac_error *err);
/* Ends the context's run, and removes what there was: what was presented, at the CA an
 * account that was made for this, the store. What cannot be removed now is told, and
 * stays for later runs. */
void ac_rehearsal_done(struct ac_rehearsal *rehearsal);
AC_DEFINE_DROP_VALUE(ac_rehearsal, ac_rehearsal_done)

/*
 * What the installers of context->wanted would change. One that is held is shown as it
 * is, where its servers have it; one that is not, as the dry run made it, with the
 * paths that it would have. Fails as ac_deployments_run.
 */
AC_MUST enum ac_code ac_rehearsal_deploy(struct ac_context *context,
                                         struct ac_deployments *deployments,
                                         struct ac_error *err);
/* Of a run that is none: removes what dry runs that were killed left, if there is any
 * and no dry run goes on. What goes wrong is a warning. */
void ac_rehearsal_sweep(struct ac_context *context);

#endif
