/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operation "served" of a session: which certificates servers serve. Needs no
 * plugin. Inside of session.c, apart for its size.
 */
#ifndef AC_PLUGINHOST_SESSION_SERVED_H
#define AC_PLUGINHOST_SESSION_SERVED_H

#include "host/message.h"

AC_MUST enum ac_code ac_session_served(const struct ac_json *json, int64_t deadline_ms,
                                       struct ac_json **ret_results,
                                       struct ac_error *err);

#endif
