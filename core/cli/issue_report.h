/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How `issue` ended, as it is told: text for a person, or the one document.
 */
#ifndef AC_CLI_ISSUE_REPORT_H
#define AC_CLI_ISSUE_REPORT_H

#include "cli/deployments.h"
#include "engine/held/held.h"

/* Everything the end of the command is told from; all is lent. */
struct ac_issue_ending {
    const char *result;               /* "issued", "fresh", "passed", "failed" */
    const char *directory_url;        /* of a dry run: the CA that was asked */
    const struct ac_outcome *outcome; /* NULL: nothing was begun */
    const struct ac_held *held;       /* NULL: none */
    bool is_dry_run;
    bool is_resumed;                 /* an order of an earlier run was continued */
    const struct ac_words *warnings; /* fresh: of cleanup after an earlier run */
    bool has_kept_settings;          /* fresh: it is remembered with new settings */
    struct ac_http_counters counters;
    int64_t elapsed_ms;
    const struct ac_deployments *deployments; /* NULL: not looked at yet */
};

/* why: the failure that it ended with; code AC_OK: none. */
AC_MUST enum ac_code ac_issue_report_json(const struct ac_issue_ending *ending,
                                          const struct ac_error *why,
                                          struct ac_error *err);
AC_MUST enum ac_code ac_issue_report_fresh(const struct ac_issue_ending *ending,
                                           struct ac_error *err);
/* Of a dry run. */
AC_MUST enum ac_code ac_issue_report_passed(const struct ac_issue_ending *ending,
                                            struct ac_error *err);
AC_MUST enum ac_code ac_issue_report_issued(const struct ac_issue_ending *ending,
                                            struct ac_error *err);
/* The names that failed and that the error has no room for; to standard error. */
void ac_issue_report_failures(const struct ac_outcome *outcome,
                              const struct ac_error *why);
/* Sets "error" of the document, with the CA's own documents beside our words. outcome
 * may be NULL. */
AC_MUST enum ac_code ac_issue_report_add_error(struct ac_json *document,
                                               const struct ac_outcome *outcome,
                                               const struct ac_error *why,
                                               struct ac_error *err);

#endif
