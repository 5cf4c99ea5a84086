/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a plugin says of each item of a batch, as the core is told. Inside of session.c
 * and session_install.c.
 */
#ifndef AC_PLUGINHOST_SESSION_RESULTS_H
#define AC_PLUGINHOST_SESSION_RESULTS_H

#include "host/message.h"

/* Is it one of the errors of enum acmecore_status? */
bool ac_result_is_error(int64_t status);
/* An operation that says only by its return value how it went speaks for all. */
void ac_results_settle(int *items, size_t count, int returned);
/* {"status":S,"detail":…}; what is no result is E_INVALID, and says so. */
AC_MUST enum ac_code ac_result_describe(int status, const char *reason, bool is_probe,
                                        struct ac_json **ret_json,
                                        struct ac_error *err);

#endif
