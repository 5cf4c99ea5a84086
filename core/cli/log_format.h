/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the log goes and how it looks (--log-format): lines for a person, a line of
 * JSON for each record, or the journal with fields. With the latter two everything that
 * goes to standard error is a record.
 */
#ifndef AC_CLI_LOG_FORMAT_H
#define AC_CLI_LOG_FORMAT_H

#include "base/error.h"
#include "base/log.h"
#include "cli/terminal.h"

enum ac_log_format {
    AC_LOG_FORMAT_LINES,
    AC_LOG_FORMAT_JSON,
    AC_LOG_FORMAT_JOURNAL
};
/* AC_E_USAGE: none of "lines", "json", "journal". */
AC_MUST enum ac_code ac_log_format_parse(const char *word,
                                         enum ac_log_format *ret_format,
                                         struct ac_error *err);
/* Where nobody says it: the journal, when standard error is that. */
enum ac_log_format ac_log_format_default(void);

/* The log of one run of the program. Zero but for journal_path and journal_fd. */
struct ac_log_writer {
    enum ac_log_format format;
    const char *journal_path; /* of its socket */
    int journal_fd;           /* -1: none */
};

/*
 * From now on; up to this level, in the journal also what is worth knowing. A journal
 * that cannot be reached is a warning, and the log goes on as lines.
 */
void ac_log_writer_use(struct ac_log_writer *writer, enum ac_log_format format,
                       struct ac_terminal *terminal, enum ac_log_level level);
/* Back to lines, and closed. */
void ac_log_writer_done(struct ac_log_writer *writer);

#endif
