/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a run says in the end: text for a person or one JSON document, and the exit
 * code. The tables here are the contract of docs/json.md and DESIGN 2.
 */
#ifndef AC_CLI_REPORT_H
#define AC_CLI_REPORT_H

#include "base/json.h"

#define AC_REPORT_SCHEMA 1

/* DESIGN 2. For AC_E_CANCELLED 128 plus the signal's number. */
int ac_report_exit_code(const struct ac_error *err);
/* A stable word for what went wrong ("rate-limited"), for scripts. Never NULL. */
const char *ac_report_hint_id(const struct ac_error *err);
/* What to do next, one sentence; "" when the detail says it. Never NULL. */
const char *ac_report_hint(const struct ac_error *err);

/* {"code","exit","hint","message","advice",…} */
AC_MUST enum ac_code ac_report_error_json(const struct ac_error *err,
                                          struct ac_json **ret_json,
                                          struct ac_error *ret_err);
/* Prints one document on standard output; the whole of --json. AC_E_SYSTEM as below. */
AC_MUST enum ac_code ac_report_print_json(const struct ac_json *json,
                                          struct ac_error *err);
/* Prints lines to standard output, control characters escaped. AC_E_SYSTEM when that is
 * closed or full. */
AC_MUST enum ac_code ac_report_print(
    const char *text,
    struct ac_error *err); /* Did whoever read standard output go away? Then nobody
                              wants to hear of it. */
bool ac_report_is_broken_pipe(const struct ac_error *err);
/* "acmecore: …" and the advice, on standard error. */
void ac_report_print_error(const struct ac_error *err, bool has_color);

#endif
