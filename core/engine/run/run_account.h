/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a run can do with the account at its place, beyond having one. Each waits until
 * it is done, a signal comes or the time is up. The account must be in the store.
 */
#ifndef AC_ENGINE_RUN_ACCOUNT_H
#define AC_ENGINE_RUN_ACCOUNT_H

#include "acme/orders.h"
#include "engine/accounts/account_import.h"
#include "engine/accounts/rollover.h"
#include "engine/run/run.h"

/* Changes contacts, or agrees to changed terms, and remembers it. *ret_account, as the
 * CA has it then, is for the caller to release. */
AC_MUST enum ac_code ac_run_update_account(struct ac_run *run,
                                           const struct ac_account_change *change,
                                           struct ac_account *ret_account,
                                           struct ac_error *err);
/* The orders of this list, which the account as it was read named (acme/orders). The
 * run must have an account. */
AC_MUST enum ac_code ac_run_list_orders(struct ac_run *run, const char *url,
                                        struct ac_order_list *ret_list,
                                        struct ac_error *err);
/* Gives the account another key (engine/rollover): of this type, or (NULL) of the type
 * of the old one. */
AC_MUST enum ac_code ac_run_change_key(struct ac_run *run, const char *key_type,
                                       enum ac_rollover_outcome *ret_outcome,
                                       struct ac_error *err);

/* How an account ended. */
struct ac_ended_account {
    char *url;
    char *folder;     /* its name below accounts/ now */
    bool was_refused; /* the CA did not let it in any more: nothing was left to do */
    struct ac_error said;
};
void ac_ended_account_done(struct ac_ended_account *ended);
AC_DEFINE_DROP_VALUE(ac_ended_account, ac_ended_account_done)

/*
 * Deactivates the account (7.3.6) and sets its folder aside. That it is to end is on
 * disk before it is sent, so that a lost answer is no riddle for the next run.
 */
AC_MUST enum ac_code ac_run_deactivate_account(struct ac_run *run,
                                               struct ac_ended_account *ret_ended,
                                               struct ac_error *err);

/* run_import.c */
struct ac_import_outcome {
    bool was_held;             /* this very key is held already */
    struct ac_account account; /* url NULL: was_held */
};
void ac_import_outcome_done(struct ac_import_outcome *outcome);
AC_DEFINE_DROP_VALUE(ac_import_outcome, ac_import_outcome_done)

/*
 * Makes the account of this key (taken) the one at the run's place: found by the key
 * (7.3.1), or registered where the terms are agreed to.
 *
 * AC_E_USAGE     there is another account at that place; or it is a certificate's key
 * AC_E_NOTFOUND  the CA does not know the key, and nobody agreed to its terms
 */
AC_MUST enum ac_code ac_run_import_account(struct ac_run *run,
                                           struct ac_imported_key *imported,
                                           struct ac_import_outcome *ret_outcome,
                                           struct ac_error *err);

#endif
