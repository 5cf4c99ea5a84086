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

/* NULL: lines are dropped. Lines above `level` are not even formatted. */
void ac_log_to(ac_log_sink *sink, void *arg, enum ac_log_level level);
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
