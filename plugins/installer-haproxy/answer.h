/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What HAProxy answers at its runtime socket: lines for a person, that have to be told
 * apart by their words. Whatever is not known to be good is taken for a refusal.
 */
#ifndef ANSWER_H
#define ANSWER_H

#include <stddef.h>

#define ANSWER_WHY_MAX 256

enum answer_kind {
    ANSWER_GOOD,
    ANSWER_UNKNOWN, /* show: HAProxy has no such certificate */
    ANSWER_IDLE,    /* show: it has it, and serves it nowhere */
    ANSWER_REFUSED
};

/* What was asked. */
enum answer_verb {
    ANSWER_SHOW,       /* show ssl cert FILE */
    ANSWER_NEW,        /* new ssl cert FILE */
    ANSWER_SET,        /* set ssl cert FILE */
    ANSWER_COMMIT,     /* commit ssl cert FILE */
    ANSWER_ABORT,      /* abort ssl cert FILE */
    ANSWER_ADD,        /* add ssl crt-list LIST FILE */
    ANSWER_DELETE,     /* del ssl cert FILE */
    ANSWER_DELETE_LINE /* del ssl crt-list LIST FILE */
};

struct answer_text {
    const char *bytes;
    size_t size;
};

/*
 * path  that was asked about: HAProxy has one transaction at a time, and takes a `set`
 *       for another certificate for one more of the same; its answer shows that
 * why   the words of a refusal, printable and on one line
 */
enum answer_kind answer_read(enum answer_verb verb, const char *path,
                             const struct answer_text *text, char why[ANSWER_WHY_MAX]);

#endif
