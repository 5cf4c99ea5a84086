/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One sentence for a person about what a command did: the program, its
 * dialect, the verb, what it was about, how it ended, and its last words.
 */
#ifndef EXEC_REPORT_H
#define EXEC_REPORT_H

#include <stdint.h>

#define EXEC_REPORT_MAX 1024

/* How a command ended. */
enum exec_kind {
    EXEC_ENDED,       /* with exit_code */
    EXEC_NOT_STARTED, /* why says it */
    EXEC_NO_TIME,     /* the run's time was over before its turn */
    EXEC_OVER_LIMIT,  /* of limit_ms, the option timeout; killed */
    EXEC_OVER_RUN,    /* limit_ms was all that the run had left; killed */
    EXEC_SAID         /* why says it: the command's own words, or what is wrong there */
};

struct exec_report {
    const char *program;
    const char *dialect; /* NULL: a program of its own, without verb and name */
    const char *verb;
    const char *name; /* or NULL: it is about all */
    enum exec_kind kind;
    int exit_code; /* over 128: 128 + signal */
    int64_t limit_ms;
    const char *why;
    const char *tail;
    uint64_t printed; /* bytes */
};

struct exec_sentence {
    char text[EXEC_REPORT_MAX];
};

struct exec_sentence exec_report_write(const struct exec_report *report);

#endif
