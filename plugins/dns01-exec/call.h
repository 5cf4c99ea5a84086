/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One run of the command for a job, within its time, and what came of it.
 */
#ifndef EXEC_CALL_H
#define EXEC_CALL_H

#include "process.h"
#include "settings.h"

struct exec_call {
    const struct exec_settings *settings;
    struct exec_process process;
};

/* Runs it; never records a reason itself. */
void exec_call_run(struct exec_call *call, struct exec_job *job);

/* As if it had run and ended well. */
void exec_call_skip(struct exec_call *call);

/* True when it ran and ended with exit code 0. */
bool exec_call_is_good(const struct exec_call *call);

/* Records why it failed for one challenge; returns the status. */
int exec_call_explain(const struct exec_call *call, const struct exec_job *job,
                      const struct acmecore_challenge *challenge);

/* The same, for what is wrong with (or said in) its output. */
int exec_call_quote(const struct exec_call *call, const struct exec_job *job,
                    const struct acmecore_challenge *challenge, int status,
                    const char *why);

#endif
