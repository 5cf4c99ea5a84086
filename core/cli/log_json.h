/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A record of the log as one line of JSON (docs/json.md).
 */
#ifndef AC_CLI_LOG_JSON_H
#define AC_CLI_LOG_JSON_H

#include "base/json.h"
#include "base/log.h"

/* {"time","level","event","message",…}: its pairs are members of their own. Free with
 * free(). */
AC_MUST enum ac_code ac_log_json_line(const struct ac_log_record *record, int64_t utc,
                                      char **ret_line, struct ac_error *err);

#endif
