/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `renew` did, as it is told: a line for each certificate that was worked on while
 * it goes on, and a summary or one document at the end. A part of cli/renew.
 */
#ifndef AC_CLI_RENEW_H
#define AC_CLI_RENEW_H

#include "cli/context.h"
#include "cli/deployments.h"
#include "engine/renewal/upkeep.h"

struct ac_renewals {
    struct ac_context *context; /* borrowed, as is upkeep */
    const struct ac_upkeep *upkeep;
    struct ac_json *certificates; /* what became of each that was due */
    size_t due, renewed, failed, skipped, unwanted, resting;
    struct ac_error first;         /* the first failure; code AC_OK: none */
    struct ac_error first_skipped; /* why the first was not tried; likewise */
    bool is_mixed;                 /* others failed for another reason */
    bool is_disk_ill; /* some could not be stored: no reason to wait, or to hurry */
    struct ac_error trouble; /* of the report; code AC_OK: none */
    struct ac_deployments deployments;
    bool is_watching; /* a round with nothing to do is not told */
};

/* One look at everything, and what was done. */
struct ac_round {
    int64_t look_at;       /* when to look again; AC_PLAN_NEVER: no moment is known */
    struct ac_error why;   /* code AC_OK: nothing failed */
    bool is_misconfigured; /* … but all that is held was looked at */
    bool is_to_rest; /* a CA is down, the disk full, a note lost: not again at once */
};
/* renew.c. Fails when not even the look was possible. */
AC_MUST enum ac_code ac_renew_round(struct ac_context *context, bool is_watching,
                                    struct ac_round *ret_round, struct ac_error *err);

AC_MUST enum ac_code ac_renewals_begin(struct ac_renewals *renewals,
                                       struct ac_error *err);
void ac_renewals_done(struct ac_renewals *renewals);
AC_DEFINE_DROP_VALUE(ac_renewals, ac_renewals_done)

/* Something could not be told. That is the failure of a run that has no other, and
 * keeps no server from its certificate. */
void ac_renewals_take_trouble(struct ac_renewals *renewals, const struct ac_error *why);
/* One has ended, and why it was due; says so at once. */
AC_MUST enum ac_code ac_renewals_add(struct ac_renewals *renewals,
                                     const struct ac_upkeep_item *item,
                                     const struct ac_fleet_end *end,
                                     struct ac_error *err);
/* Not its own failure: the CA could not be reached for others, the run was ended. */
bool ac_renewals_was_skipped(const struct ac_fleet_end *end);
/* One that would be worked on (--dry-run). */
AC_MUST enum ac_code ac_renewals_add_due(struct ac_renewals *renewals,
                                         const struct ac_upkeep_item *item,
                                         struct ac_error *err);
/* All that it would do, and nothing of it (--dry-run). */
AC_MUST enum ac_code ac_renewals_plan(struct ac_renewals *renewals,
                                      struct ac_error *err);
/* One that a configuration wants no more. archive: where it is now; NULL: in its place
 * still. */
AC_MUST enum ac_code ac_renewals_add_unwanted(struct ac_renewals *renewals,
                                              const struct ac_upkeep_item *item,
                                              const char *archive,
                                              struct ac_error *err);
/* One whose deletion was cut short, and is done now. */
AC_MUST enum ac_code ac_renewals_add_gone(struct ac_renewals *renewals,
                                          const struct ac_upkeep_item *item,
                                          const char *archive, struct ac_error *err);
/* renew_clean.c: of certificates that are not due, and of first issues that were
 * killed: what runs that were cut short left presented. What goes wrong is a warning.
 */
void ac_renewals_clean(const struct ac_renewals *renewals);
/* One that was looked at, due or not: what is to go goes (renew --prune, and deletions
 * that were cut short), and what rests is counted. */
AC_MUST enum ac_code ac_renewals_note(struct ac_renewals *renewals,
                                      const struct ac_upkeep_item *item,
                                      struct ac_error *err);
/* The summary, or the document with `why` as its error. next_at: when there is
 * something to do again; AC_PLAN_NEVER: never. */
AC_MUST enum ac_code ac_renewals_tell(const struct ac_renewals *renewals,
                                      int64_t next_at, const struct ac_error *why,
                                      struct ac_error *err);
/* The failure that the command ends with: that of all, or that they differ. Of none
 * *ret_why is zero. */
void ac_renewals_verdict(const struct ac_renewals *renewals, struct ac_error *ret_why);

#endif
