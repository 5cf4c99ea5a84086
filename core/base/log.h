/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One event, one line, one grammar: `order.ready certificate=www identifiers=3`.
 *
 * Engine and cli speak; everything below returns errors and logs at debug only. Outside
 * text is quoted and escaped here. The sink is one of the program's two globals.
 */
#ifndef AC_BASE_LOG_H
#define AC_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ac_log_level {
    AC_LOG_ERROR,
    AC_LOG_WARN,
    AC_LOG_INFO,
    AC_LOG_DEBUG,
    AC_LOG_TRACE /* the narration of --trace */
};

/* Gets each line without a newline, already clean. Borrowed during the call. */
typedef void ac_log_sink(void *arg, enum ac_log_level level, const char *line);

struct ac_log_pair {
    const char *key;   /* lower case letters, digits, "_" */
    const char *value; /* as it came: not clean */
};

/* A line and what it was made of. */
struct ac_log_record {
    enum ac_log_level level;
    const char *event; /* "order.ready"; NULL: a free sentence */
    const char *line;  /* what a sink of lines gets */
    const struct ac_log_pair *pairs;
    size_t count;
};
/* Borrowed during the call. */
typedef void ac_log_record_sink(void *arg, const struct ac_log_record *record);

#define AC_LOG_VALUE_SIZE 2048 /* enough for what is left of a value */

/* NULL: lines are dropped. Lines above `level` are not even formatted. */
void ac_log_to(ac_log_sink *sink, void *arg, enum ac_log_level level);
/* The same for records, in the place of lines. */
void ac_log_records_to(ac_log_record_sink *sink, void *arg, enum ac_log_level level);
/* Does the sink take records? Then whatever else is said goes there, too. */
bool ac_log_takes_records(void);
/* A line that is said beside the log, as it is and at any level: for such a sink. */
void ac_log_pass(enum ac_log_level level, const char *line);
/* "warning"; static. */
const char *ac_log_level_name(enum ac_log_level level);
bool ac_log_wants(enum ac_log_level level);

/*
 * ac_log(AC_LOG_INFO, "order.ready", "certificate", name, "identifiers", "3", NULL):
 * an event and pairs of key and value, ended by NULL. A NULL value is left out. Values
 * are quoted when they are empty or hold a space, a quote, "=", a backslash or a
 * control character; within quotes a quote and a backslash have a backslash before
 * them.
 */
void ac_log(enum ac_log_level level, const char *event, ...) __attribute__((sentinel));
/* A free sentence, cleaned, for progress and warnings. */
void ac_log_say(enum ac_log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
