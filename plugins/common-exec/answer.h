/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a native command says about its challenges or certificates, on stdout:
 *
 *     {"results": [{"status": "ok"}, {"status": "error", "detail": "quota"}]}
 *
 * one result for each item, in their order. status: ok, pending (probe only) or
 * error. detail: for a person. data: kept and handed to cleanup. Members that we do not
 * know are ignored. Words that do not begin with "{" are for people and say nothing.
 */
#ifndef EXEC_ANSWER_H
#define EXEC_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

#define EXEC_DATA_MAX 4096 /* bytes of "data" */

struct exec_answers; /* to be dropped */

struct exec_answer {
    int status;         /* OK, PENDING or E_REFUSED */
    const char *detail; /* lent; "" if none */
    const char *data;   /* lent; NULL if none */
};

/*
 * NULL: *ret_answers is what was said, or NULL when nothing was. Else what is wrong
 * with it; EXEC_NO_MEMORY too.
 */
const char *exec_answers_parse(const char *text, size_t size, size_t count,
                               struct exec_answers **ret_answers);
void exec_answers_drop(struct exec_answers *const *answers);

struct exec_answer exec_answers_at(const struct exec_answers *answers, size_t index);

#endif
