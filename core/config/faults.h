/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything that is wrong with a configuration, each with its place: a person mends
 * all of it at once instead of one by one.
 */
#ifndef AC_CONFIG_FAULTS_H
#define AC_CONFIG_FAULTS_H

#include "base/json.h"

#define AC_FAULTS_MAX 200 /* told; a file that is none of ours would have thousands */

/* Where something is written. */
struct ac_place {
    const char *path; /* lent, by whoever read the file */
    unsigned line;    /* from 1; 0: the file as a whole */
};

struct ac_fault {
    char *path;
    unsigned line;
    char *message; /* clean text, one sentence */
};

struct ac_faults {
    struct ac_fault *items; /* owned */
    size_t count;
    size_t capacity;
    bool has_more; /* AC_FAULTS_MAX was reached */
};

/* The message is cleaned like that of an error. A fault is added once; past
 * AC_FAULTS_MAX nothing is. */
AC_MUST enum ac_code ac_faults_add(struct ac_faults *faults, struct ac_place place,
                                   struct ac_error *err, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/*
 * What a check says, as a fault: AC_OK and the failures that a person mends
 * (AC_E_USAGE, AC_E_INVALID, AC_E_NOTFOUND, AC_E_STORE, AC_E_PLUGIN) become AC_OK; all
 * else is passed on in *err. `why` is what the check filled.
 */
AC_MUST enum ac_code ac_faults_take(struct ac_faults *faults, struct ac_place place,
                                    const struct ac_error *why, enum ac_code code,
                                    struct ac_error *err);
/* By file, in the order in which their first faults were added, then by line. */
void ac_faults_sort(struct ac_faults *faults);
/*
 * AC_OK when there are none; else AC_E_USAGE with the first one and how many more there
 * are: what a command says that cannot begin.
 */
AC_MUST enum ac_code ac_faults_fail(const struct ac_faults *faults,
                                    struct ac_error *err);
/* [{"file": …, "line": …, "message": …}, …] */
AC_MUST enum ac_code ac_faults_to_json(const struct ac_faults *faults,
                                       struct ac_json **ret_json, struct ac_error *err);
void ac_faults_done(struct ac_faults *faults);
AC_DEFINE_DROP_VALUE(ac_faults, ac_faults_done)

#endif
