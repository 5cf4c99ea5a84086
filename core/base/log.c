/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LINE_SIZE 2048
/* As in error.c: what was cut while it was gathered is cut again, visibly. */
#define RAW_SIZE (LINE_SIZE + 8)

struct line {
    size_t size;
    char bytes[RAW_SIZE];
};

static struct {
    ac_log_sink *sink;
    void *arg;
    enum ac_log_level level;
} log_target;

void ac_log_to(ac_log_sink *sink, void *arg, enum ac_log_level level)
{
    log_target.sink = sink;
    log_target.arg = arg;
    log_target.level = level;
}

bool ac_log_wants(enum ac_log_level level)
{
    return log_target.sink && level <= log_target.level;
}

static void send_line(enum ac_log_level level, const char *raw, size_t size)
{
    char clean[LINE_SIZE];

    log_target.sink(log_target.arg, level,
                    ac_text_clean(clean, sizeof clean, raw, size));
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
    }
    va_end(args);
    send_line(level, line.bytes, line.size);
}

void ac_log_say(enum ac_log_level level, const char *format, ...)
{
    char raw[RAW_SIZE] = "";
    va_list args;

    if (!ac_log_wants(level))
        return;
    va_start(args, format);
    (void)vsnprintf(raw, sizeof raw, format, args);
    va_end(args);
    send_line(level, raw, strlen(raw));
}
