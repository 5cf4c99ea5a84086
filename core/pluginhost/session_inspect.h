/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operation "inspect": what the process of a plugin holds, for `plugin check`.
 * Inside of session.c, apart for its job.
 */
#ifndef AC_PLUGINHOST_SESSION_INSPECT_H
#define AC_PLUGINHOST_SESSION_INSPECT_H

#include "pluginhost/services.h"

/* {"descriptors": n, "threads": n, "children": n or -1 (not known), "heap": bytes,
 * "requests": n, "refused": n, "folder": text, "umask": text, "signals": text} */
AC_MUST enum ac_code ac_session_inspect(const struct acmecore_host_ctx *services,
                                        struct ac_json **ret_state,
                                        struct ac_error *err);

#endif
