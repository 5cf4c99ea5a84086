/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/log_format.h"

#include "base/clock.h"
#include "cli/log_journal.h"
#include "cli/log_json.h"
#include "cli/output.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const words[] = {
    [AC_LOG_FORMAT_LINES] = "lines",
    [AC_LOG_FORMAT_JSON] = "json",
    [AC_LOG_FORMAT_JOURNAL] = "journal",
};

enum ac_code ac_log_format_parse(const char *word, enum ac_log_format *ret_format,
                                 struct ac_error *err)
{
    for (size_t i = 0; i < AC_COUNT(words); i++) {
        if (strcmp(words[i], word) != 0)
            continue;
        *ret_format = (enum ac_log_format)i;
        return AC_OK;
    }
    return ac_fail(err, AC_E_USAGE, "log-format is lines, json or journal, not \"%s\"",
                   word);
}

enum ac_log_format ac_log_format_default(void)
{
    return ac_log_journal_is_stream(getenv("JOURNAL_STREAM"), STDERR_FILENO)
               ? AC_LOG_FORMAT_JOURNAL
               : AC_LOG_FORMAT_LINES;
}

/* ---- writing */

static void write_json(const struct ac_log_record *record)
{
    AC_AUTO_TEXT char *line = NULL;
    struct ac_error ignored;

    /* Without memory for it the bare line is better than nothing. */
    bool is_json = ac_log_json_line(record, ac_clock_utc(), &line, &ignored) == AC_OK;
    ac_output_put(is_json ? line : record->line);
}

static void take_record(void *arg, const struct ac_log_record *record)
{
    const struct ac_log_writer *writer = arg;

    if (writer->format == AC_LOG_FORMAT_JSON) {
        write_json(record);
    } else if (!ac_log_journal_send(writer->journal_fd, record)) {
        ac_output_put(record->line); /* it is overrun; this is kept, too */
    }
}

/* ---- choosing */

static bool open_journal(struct ac_log_writer *writer, struct ac_error *why)
{
    return writer->journal_fd >= 0
           || ac_log_journal_open(writer->journal_path, &writer->journal_fd, why)
                  == AC_OK;
}

static void use_records(struct ac_log_writer *writer, struct ac_terminal *terminal,
                        enum ac_log_level level)
{
    bool is_journal = writer->format == AC_LOG_FORMAT_JOURNAL;

    terminal->is_quiet = true; /* no status line between records */
    terminal->has_color = false;
    ac_log_records_to(take_record, writer,
                      is_journal && level == AC_LOG_WARN ? AC_LOG_INFO : level);
}

void ac_log_writer_use(struct ac_log_writer *writer, enum ac_log_format format,
                       struct ac_terminal *terminal, enum ac_log_level level)
{
    struct ac_error why = { 0 };

    writer->format = format;
    if (format == AC_LOG_FORMAT_JOURNAL && !open_journal(writer, &why))
        writer->format = AC_LOG_FORMAT_LINES;
    if (writer->format != AC_LOG_FORMAT_LINES) {
        use_records(writer, terminal, level);
        return;
    }
    ac_log_to(ac_terminal_log, terminal, level);
    if (why.code != AC_OK)
        ac_log_say(AC_LOG_WARN, "%s; the log goes on as lines", why.detail);
}

void ac_log_writer_done(struct ac_log_writer *writer)
{
    ac_log_to(NULL, NULL, AC_LOG_ERROR);
    if (writer->journal_fd >= 0)
        (void)close(writer->journal_fd);
    writer->journal_fd = -1;
}
