/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What became of certificates at their installers, as it is told: a line for each while
 * it goes on, and "deployments" in a document. For `issue`, `renew` and `deploy`.
 */
#ifndef AC_CLI_DEPLOYMENTS_H
#define AC_CLI_DEPLOYMENTS_H

#include "cli/context.h"

struct ac_deployments {
    struct ac_context *context; /* borrowed */
    /* Borrowed; where the wishes are. NULL: in the configuration, else in the store. */
    const struct ac_store *wishes;
    struct ac_json *all;     /* an object for each; NULL: nothing was looked at */
    struct ac_words changes; /* what a dry run would have changed, a line each */
    size_t live, failed, waiting, locked, planned;
    size_t stuck;            /* of those that failed: they could not be undone */
    bool is_dry_run;         /* nothing was changed, and nothing is tried again */
    struct ac_error first;   /* the first failure; code AC_OK: none */
    struct ac_error trouble; /* of the report; code AC_OK: none */
    struct ac_error stopped; /* why not all was looked at; code AC_OK: it was */
};

void ac_deployments_done(struct ac_deployments *deployments);
AC_DEFINE_DROP_VALUE(ac_deployments, ac_deployments_done)

struct ac_deployments_wish {
    const struct ac_words *names;      /* of certificates */
    const struct ac_words *installers; /* these only; NULL: all */
    bool is_forced, is_dry_run, ignores_backoff;
    bool is_sweeping; /* also undoes what was left at any other installer */
};
/* Deploys what is to be deployed of them. AC_E_CANCELLED and so on: it was ended; what
 * an installer refused is no failure here. */
AC_MUST enum ac_code ac_deployments_run(struct ac_deployments *deployments,
                                        const struct ac_deployments_wish *wish,
                                        struct ac_error *err);
/* Deploys one certificate to all its installers, whatever failed before; *ret_why is
 * the verdict. For what has just been changed. */
AC_MUST enum ac_code ac_deployments_run_one(struct ac_deployments *deployments,
                                            const char *name, struct ac_error *ret_why,
                                            struct ac_error *err);
/* Tells what would be deployed now. is_renewed: after a renewal that is due. */
AC_MUST enum ac_code ac_deployments_plan(struct ac_deployments *deployments,
                                         const char *name, bool is_renewed,
                                         struct ac_error *err);
/* What a certificate is to be: as the configuration has it, else as it is remembered.
 */
AC_MUST enum ac_code ac_deployments_load(const struct ac_context *context,
                                         const char *name, struct ac_wanted *ret_wanted,
                                         struct ac_error *err);
/* Adds "deployments", where something was looked at. */
AC_MUST enum ac_code ac_deployments_add(const struct ac_deployments *deployments,
                                        struct ac_json *document, struct ac_error *err);
/* The failure that a command ends with: AC_E_INSTALLER, AC_E_LOCKED, or none. */
void ac_deployments_verdict(const struct ac_deployments *deployments,
                            struct ac_error *ret_why);

#endif
