/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What has become of a certificate at one installer, as state.json notes it, and when
 * something is to be done about it. Pure.
 */
#ifndef AC_ENGINE_DEPLOYMENT_H
#define AC_ENGINE_DEPLOYMENT_H

#include "engine/held/state.h"
#include "engine/renewal/plan.h"
#include "engine/wanted/wanted.h"

enum ac_deployment_status {
    AC_DEPLOYMENT_PENDING, /* the version is not at the installer yet */
    AC_DEPLOYMENT_STAGED,  /* a run was cut short amid it */
    AC_DEPLOYMENT_LIVE,
    AC_DEPLOYMENT_FAILED, /* pending, and the last attempt failed */
    AC_DEPLOYMENT_UNWANTED
};

/* "pending", "staged", "live", "failed", "unwanted"; static, stable (docs/json.md). */
const char *ac_deployment_status_name(enum ac_deployment_status status);
/* version: the current one */
enum ac_deployment_status ac_deployment_status(
    const struct ac_state_deployment *deployment, unsigned version);
/* When something is to be done about it; 0: now. AC_PLAN_NEVER: nothing. */
int64_t ac_deployment_due_at(const struct ac_state_deployment *deployment,
                             unsigned version, int64_t utc);
/* Is something to be done about it, now or later? */
bool ac_deployment_is_open(const struct ac_state_deployment *deployment,
                           unsigned version);
/* The earliest of all. */
int64_t ac_deployments_due_at(const struct ac_state *state, unsigned version,
                              int64_t utc);
/* How many of its deployments have this status. */
size_t ac_deployments_count(const struct ac_state *state, unsigned version,
                            enum ac_deployment_status status);

/*
 * Notes who is wanted by now: one that is new, or has other settings, is pending; one
 * that is not wanted any more stays noted where it has deployed something.
 *
 * ret_changed  something was noted that was not there before; or NULL
 */
AC_MUST enum ac_code ac_deployments_note_wanted(struct ac_state *state,
                                                const struct ac_wanted *wanted,
                                                bool *ret_changed,
                                                struct ac_error *err);
/* Is there nothing to note? */
AC_MUST enum ac_code ac_deployments_are_noted(const struct ac_state *state,
                                              const struct ac_wanted *wanted,
                                              bool *ret_are_noted,
                                              struct ac_error *err);
/* It failed at this version; it is tried again when the back-off is over. */
AC_MUST enum ac_code ac_deployment_note_failure(struct ac_state_deployment *deployment,
                                                unsigned version,
                                                const struct ac_error *why, int64_t utc,
                                                int64_t lifetime_s,
                                                struct ac_error *err);
/* The version is served. */
void ac_deployment_note_proof(struct ac_state_deployment *deployment, unsigned version,
                              int64_t utc);

#endif
