/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log lines as sentences: `issue.warning certificate=www text="no answer"` for those
 * who did not ask for the log is "www: no answer".
 */
#ifndef AC_CLI_PROSE_H
#define AC_CLI_PROSE_H

#include <stddef.h>

/*
 * The sentence of a line: what its "text" (or "reason", "detail") says, after the
 * certificate or plugin that it is about. A line without one is given as it is. Cut to
 * the size; returns `sentence`.
 */
const char *ac_prose(const char *line, char *sentence, size_t size);

#endif
