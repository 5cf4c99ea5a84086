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
 * A line or a piece of one for standard error. A terminal that is stopped loses it; a
 * pipe that nobody reads is given up after AC_OUTPUT_WAIT_MS, and all that follows.
 */
void ac_output_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same for a text of any size. */
void ac_output_tell(const char *text);
/* A line that was said, without its end. Borrowed during the call. */
typedef void ac_output_listener(void *arg, const char *line);
/* From now on what is said for standard error goes there in its place, a line at a
 * time. NULL: back to standard error. */
void ac_output_listen(ac_output_listener *listener, void *arg);
bool ac_output_is_heard(void);
/* A line for standard error all the same. */
void ac_output_put(const char *line);
/* All of it to standard output. AC_E_SYSTEM: closed, full, or nobody reads; nothing
 * more is written then. */
AC_MUST enum ac_code ac_output_print(const char *text, struct ac_error *err);
/* False after a print that failed. */
bool ac_output_can_print(void);

#endif
