/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing to standard output and error without ever hanging: a reader that does not
 * read costs a bounded wait, not the run.
 */
#ifndef AC_CLI_OUTPUT_H
#define AC_CLI_OUTPUT_H

#include "base/error.h"

#include <stdbool.h>

#define AC_OUTPUT_WAIT_MS      2000 /* for a pipe that nobody reads; then it is given up */
#define AC_OUTPUT_CANNOT_PRINT "standard output cannot be written"
#define AC_OUTPUT_STDOUT_MS    5000 /* without any progress: an error */

/*
 * Gives this process descriptions of its own of pipes and terminals, that do not block;
 * those of whoever started us stay as they are. Once, at the start.
 */
void ac_output_guard(void);
/*
 * Lines for standard error, or the status of a terminal. A terminal that is stopped
 * loses them; a pipe that nobody reads is given up after AC_OUTPUT_WAIT_MS, and all
 * that follows. Where the log goes to a sink of records (base/log) each line is one of
 * them, of warnings, or of errors where it begins with "acmecore: ".
 */
void ac_output_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same for a text of any size. */
void ac_output_tell(const char *text);
/* Is there such a sink? */
bool ac_output_is_heard(void);
/* A line for standard error all the same. */
void ac_output_put(const char *line);
/* All of it to standard output. AC_E_SYSTEM: closed, full, or nobody reads; nothing
 * more is written then. */
AC_MUST enum ac_code ac_output_print(const char *text, struct ac_error *err);
/* False after a print that failed. */
bool ac_output_can_print(void);

#endif
