/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operation "hook": runs a command of the user's. Inside of session.c, apart for
 * its job.
 */
#ifndef AC_PLUGINHOST_SESSION_HOOK_H
#define AC_PLUGINHOST_SESSION_HOOK_H

#include "pluginhost/session.h"

/*
 * json           {"command": [...], "variables": [...], "input": "..."}
 * ret_result     {"exit": n, "output": the last bytes of both streams}
 * AC_E_PLUGIN    it could not be run, or did not end in time
 */
AC_MUST enum ac_code ac_session_hook(struct ac_session *session,
                                     const struct ac_json *json, int64_t deadline_ms,
                                     struct ac_json **ret_result, struct ac_error *err);

#endif
