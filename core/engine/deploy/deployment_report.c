/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/deploy/deployment_report.h"

#include "base/clock.h"

static enum ac_code describe(const struct ac_state_deployment *deployment,
                             unsigned version, struct ac_json **ret_json,
                             struct ac_error *err)
{
    enum ac_deployment_status status = ac_deployment_status(deployment, version);
    AC_AUTO(ac_json) *json = NULL;

    AC_TRY(ac_json_new(&json, err, "{s:s, s:s}", "installer", deployment->installer,
                       "status", ac_deployment_status_name(status)));
    if (deployment->live_version > 0) {
        AC_TRY(ac_json_set_number(json, "live_version", deployment->live_version, err));
        AC_TRY(ac_json_set_time(json, "live_at", deployment->live_at, err));
    }
    if (deployment->failures > 0) {
        AC_TRY(ac_json_set_number(json, "failures", deployment->failures, err));
        AC_TRY(ac_json_set_time(json, "failed_at", deployment->failed_at, err));
        AC_TRY(ac_json_set_time(json, "next_attempt_at", deployment->next_attempt_at,
                                err));
    }
    if (deployment->code)
        AC_TRY(ac_json_set_text(json, "code", deployment->code, err));
    if (deployment->message)
        AC_TRY(ac_json_set_text(json, "message", deployment->message, err));
    *ret_json = AC_TAKE(json);
    return AC_OK;
}

enum ac_code ac_deployments_to_json(const struct ac_state *state, unsigned version,
                                    struct ac_json *document, struct ac_error *err)
{
    AC_AUTO(ac_json) *array = NULL;

    if (state->deployment_count == 0)
        return AC_OK;
    AC_TRY(ac_json_new(&array, err, "[]"));
    for (size_t i = 0; i < state->deployment_count; i++) {
        AC_AUTO(ac_json) *json = NULL;

        AC_TRY(describe(&state->deployments[i], version, &json, err));
        AC_TRY(ac_json_append(array, &json, err));
    }
    return ac_json_set(document, "deployments", &array, err);
}
