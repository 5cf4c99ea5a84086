/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LINE_SIZE AC_LOG_VALUE_SIZE
#define PAIRS_MAX 16 /* of a record; lines have all */
/* As in error.c: what was cut while it was gathered is cut again, visibly. */
#define RAW_SIZE (LINE_SIZE + 8)

struct line {
    size_t size;
    char bytes[RAW_SIZE];
};

static struct {
    ac_log_sink *sink;
    ac_log_record_sink *record_sink; /* in its place */
    void *arg;
    enum ac_log_level level;
} log_target;

void ac_log_to(ac_log_sink *sink, void *arg, enum ac_log_level level)
{
    log_target.sink = sink;
    log_target.record_sink = NULL;
    log_target.arg = arg;
    log_target.level = level;
}

void ac_log_records_to(ac_log_record_sink *sink, void *arg, enum ac_log_level level)
{
    log_target.sink = NULL;
    log_target.record_sink = sink;
    log_target.arg = arg;
    log_target.level = level;
}

bool ac_log_takes_records(void)
{
    return log_target.record_sink != NULL;
}

void ac_log_pass(enum ac_log_level level, const char *line)
{
    const struct ac_log_record record = { .level = level, .line = line };

    if (log_target.record_sink)
        log_target.record_sink(log_target.arg, &record);
}

const char *ac_log_level_name(enum ac_log_level level)
{
    static const char *const names[] = {
        [AC_LOG_ERROR] = "error", [AC_LOG_WARN] = "warning", [AC_LOG_INFO] = "info",
        [AC_LOG_DEBUG] = "debug", [AC_LOG_TRACE] = "trace",
    };

    return names[level];
}

bool ac_log_wants(enum ac_log_level level)
{
    return (log_target.sink || log_target.record_sink) && level <= log_target.level;
}

/* The record lacks its line, which is made from the raw one. */
static void send_line(struct ac_log_record *record, const char *raw, size_t size)
{
    char clean[LINE_SIZE];

    record->line = ac_text_clean(clean, sizeof clean, raw, size);
    if (log_target.record_sink) {
        log_target.record_sink(log_target.arg, record);
    } else {
        log_target.sink(log_target.arg, record->level, record->line);
    }
}

static void add_byte(struct line *line, char byte)
{
    if (line->size < sizeof line->bytes)
        line->bytes[line->size++] = byte;
}

static void add_plain(struct line *line, const char *text)
{
    for (; *text; text++)
        add_byte(line, *text);
}

/*
 * Whatever would make a line ambiguous is quoted: the separators, the escapes that
 * cleaning adds, and nothing at all.
 */
static bool wants_quotes(const char *value)
{
    if (*value == '\0')
        return true;
    for (; *value; value++) {
        if ((unsigned char)*value <= ' ' || strchr("\"=\\\x7F", *value))
            return true;
    }
    return false;
}

static void add_value(struct line *line, const char *value)
{
    if (!wants_quotes(value)) {
        add_plain(line, value);
        return;
    }
    add_byte(line, '"');
    for (; *value; value++) {
        if (*value == '"' || *value == '\\')
            add_byte(line, '\\');
        add_byte(line, *value);
    }
    add_byte(line, '"');
}

void ac_log(enum ac_log_level level, const char *event, ...)
{
    struct line line = { .size = 0 };
    struct ac_log_pair pairs[PAIRS_MAX];
    struct ac_log_record record = { .level = level, .event = event, .pairs = pairs };
    va_list args;

    if (!ac_log_wants(level))
        return;
    add_plain(&line, event);
    va_start(args, event);
    for (const char *key = va_arg(args, const char *); key;
         key = va_arg(args, const char *)) {
        const char *value = va_arg(args, const char *);
        if (!value)
            continue;
        add_byte(&line, ' ');
        add_plain(&line, key);
        add_byte(&line, '=');
        add_value(&line, value);
        if (record.count < PAIRS_MAX)
            pairs[record.count++] = (struct ac_log_pair){ key, value };
    }
    va_end(args);
    send_line(&record, line.bytes, line.size);
}

void ac_log_say(enum ac_log_level level, const char *format, ...)
{
    char raw[RAW_SIZE] = "";
    struct ac_log_record record = { .level = level };
    va_list args;

    if (!ac_log_wants(level))
        return;
    va_start(args, format);
    (void)vsnprintf(raw, sizeof raw, format, args);
    va_end(args);
    send_line(&record, raw, strlen(raw));
}
