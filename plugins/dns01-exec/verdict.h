/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a run of the command means for one challenge, and what has to be noted of it.
 */
#ifndef EXEC_VERDICT_H
#define EXEC_VERDICT_H

#include "call.h"
#include "reply.h"

/* Nothing where the dialect has no JSON. */
struct exec_reply exec_reply_read(const struct exec_call *call,
                                  const struct exec_job *job);

/* The result of the job's present challenge, the reason recorded, the note written. */
int exec_verdict(struct exec_call *call, const struct exec_job *job,
                 const struct exec_reply *reply);

/* A hook that declined the challenge is not called to clean it up. */
bool exec_verdict_is_declined(const struct exec_call *call, const struct exec_job *job);

#endif
