/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/deploy/deployment.h"

#include <stdlib.h>
#include <string.h>

const char *ac_deployment_status_name(enum ac_deployment_status status)
{
    static const char *const names[] = {
        [AC_DEPLOYMENT_PENDING] = "pending",   [AC_DEPLOYMENT_STAGED] = "staged",
        [AC_DEPLOYMENT_LIVE] = "live",         [AC_DEPLOYMENT_FAILED] = "failed",
        [AC_DEPLOYMENT_UNWANTED] = "unwanted",
    };

    return names[status];
}

/* Was this version tried in vain, with these settings? */
static bool has_failed(const struct ac_state_deployment *deployment, unsigned version)
{
    return deployment->failures > 0 && deployment->tried_version == (int64_t)version;
}

enum ac_deployment_status ac_deployment_status(
    const struct ac_state_deployment *deployment, unsigned version)
{
    if (has_failed(deployment, version) && !deployment->is_unwanted)
        return AC_DEPLOYMENT_FAILED;
    if (deployment->staged_version != 0)
        return AC_DEPLOYMENT_STAGED;
    if (deployment->is_unwanted)
        return AC_DEPLOYMENT_UNWANTED;
    if (deployment->live_version == (int64_t)version && !deployment->is_outdated)
        return AC_DEPLOYMENT_LIVE;
    return AC_DEPLOYMENT_PENDING;
}

bool ac_deployment_is_open(const struct ac_state_deployment *deployment,
                           unsigned version)
{
    if (deployment->is_unwanted) /* also amid it: nobody would go on */
        return false;
    return ac_deployment_status(deployment, version) != AC_DEPLOYMENT_LIVE;
}

int64_t ac_deployment_due_at(const struct ac_state_deployment *deployment,
                             unsigned version, int64_t utc)
{
    if (!ac_deployment_is_open(deployment, version))
        return AC_PLAN_NEVER;
    if (!has_failed(deployment, version))
        return 0;
    return ac_plan_rest_until(deployment->failed_at, deployment->next_attempt_at, 0,
                              utc);
}

int64_t ac_deployments_due_at(const struct ac_state *state, unsigned version,
                              int64_t utc)
{
    int64_t due_at = AC_PLAN_NEVER;

    for (size_t i = 0; i < state->deployment_count; i++) {
        int64_t one_at = ac_deployment_due_at(&state->deployments[i], version, utc);

        if (one_at < due_at)
            due_at = one_at;
    }
    return due_at;
}

size_t ac_deployments_count(const struct ac_state *state, unsigned version,
                            enum ac_deployment_status status)
{
    size_t count = 0;

    for (size_t i = 0; i < state->deployment_count; i++)
        count += ac_deployment_status(&state->deployments[i], version) == status;
    return count;
}

/* ---- noting */

static void forget_failures(struct ac_state_deployment *deployment)
{
    free(AC_TAKE(deployment->code));
    free(AC_TAKE(deployment->message));
    deployment->failures = 0;
    deployment->failed_at = 0;
    deployment->next_attempt_at = 0;
    deployment->tried_version = 0;
}

static bool is_nothing(const struct ac_state_deployment *deployment)
{
    return deployment->is_unwanted && deployment->live_version == 0
           && deployment->staged_version == 0;
}

/* With other settings what is live is not what is wanted. */
static enum ac_code take_settings(struct ac_state_deployment *deployment,
                                  const char *digest, bool *changed,
                                  struct ac_error *err)
{
    if (deployment->settings && strcmp(deployment->settings, digest) == 0)
        return AC_OK;
    free(AC_TAKE(deployment->settings));
    AC_TRY(ac_memory_copy_text(digest, &deployment->settings, err));
    forget_failures(deployment);
    deployment->is_outdated = deployment->live_version != 0;
    *changed = true;
    return AC_OK;
}

static enum ac_code note_one(struct ac_state *state, const struct ac_solver_spec *spec,
                             bool *changed, struct ac_error *err)
{
    struct ac_state_deployment *deployment;
    char digest[AC_SHA256_HEX_SIZE];

    AC_TRY(ac_wanted_spec_digest(spec, digest, err));
    AC_TRY(ac_state_have_deployment(state, spec->name, &deployment, err));
    *changed |= deployment->is_unwanted;
    deployment->is_unwanted = false;
    return take_settings(deployment, digest, changed, err);
}

enum ac_code ac_deployments_note_wanted(struct ac_state *state,
                                        const struct ac_wanted *wanted,
                                        bool *ret_changed, struct ac_error *err)
{
    bool changed = false;

    for (size_t i = 0; i < state->deployment_count; i++) {
        struct ac_state_deployment *deployment = &state->deployments[i];

        if (deployment->is_unwanted
            || ac_wanted_find_installer(wanted, deployment->installer))
            continue;
        deployment->is_unwanted = changed = true;
    }
    ac_state_drop_deployments(state, is_nothing);
    for (size_t i = 0; i < wanted->installer_count; i++)
        AC_TRY(note_one(state, &wanted->installers[i], &changed, err));
    if (ret_changed)
        *ret_changed = changed;
    return AC_OK;
}

enum ac_code ac_deployments_are_noted(const struct ac_state *state,
                                      const struct ac_wanted *wanted,
                                      bool *ret_are_noted, struct ac_error *err)
{
    size_t noted = 0;

    *ret_are_noted = false;
    for (size_t i = 0; i < wanted->installer_count; i++) {
        const struct ac_state_deployment *deployment =
            ac_state_find_deployment(state, wanted->installers[i].name);
        char digest[AC_SHA256_HEX_SIZE];

        AC_TRY(ac_wanted_spec_digest(&wanted->installers[i], digest, err));
        if (!deployment || deployment->is_unwanted || !deployment->settings
            || strcmp(deployment->settings, digest) != 0)
            return AC_OK;
    }
    for (size_t i = 0; i < state->deployment_count; i++)
        noted += !state->deployments[i].is_unwanted;
    *ret_are_noted = noted == wanted->installer_count;
    return AC_OK;
}

enum ac_code ac_deployment_note_failure(struct ac_state_deployment *deployment,
                                        unsigned version, const struct ac_error *why,
                                        int64_t utc, int64_t lifetime_s,
                                        struct ac_error *err)
{
    AC_AUTO_TEXT char *code = NULL;
    AC_AUTO_TEXT char *message = NULL;
    int64_t failures = has_failed(deployment, version) ? deployment->failures : 0;

    AC_TRY(ac_memory_copy_text(ac_code_name(why->code), &code, err));
    AC_TRY(ac_memory_copy_text(why->detail, &message, err));
    forget_failures(deployment);
    deployment->failures = failures + 1;
    deployment->tried_version = version;
    deployment->failed_at = utc;
    deployment->next_attempt_at =
        utc + ac_plan_back_off_s((unsigned)deployment->failures, 0, lifetime_s);
    deployment->code = AC_TAKE(code);
    deployment->message = AC_TAKE(message);
    return AC_OK;
}

void ac_deployment_note_proof(struct ac_state_deployment *deployment, unsigned version,
                              int64_t utc)
{
    forget_failures(deployment);
    deployment->is_outdated = false;
    deployment->live_version = version;
    deployment->live_at = utc;
}
