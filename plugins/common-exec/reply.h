/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a command said in JSON, weighed against how it ended.
 */
#ifndef EXEC_REPLY_H
#define EXEC_REPLY_H

#include "answer.h"
#include "process.h"

struct exec_reply {
    struct exec_answers *answers; /* NULL: nothing was said */
    const char *wrong;            /* NULL, or what is wrong with what it said */
};

#define EXEC_AUTO_REPLY __attribute__((cleanup(exec_reply_drop))) struct exec_reply

/* Of a command that was to answer for `count` items. Empty when its end says more. */
struct exec_reply exec_reply_of(const struct exec_process *process, size_t count);
void exec_reply_drop(const struct exec_reply *reply);

#endif
