/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One run of a command within its time, and how it ended.
 */
#ifndef EXEC_PROCESS_H
#define EXEC_PROCESS_H

#include "output.h"
#include "report.h"
#include "words.h"

#include <acmecore/plugin.h>

/* What will be run. */
struct exec_child {
    struct exec_words argv;
    struct exec_words env; /* begins with what all children get */
    char *input;           /* to be freed; or NULL */
    size_t input_size;
    uint32_t flags; /* as acmecore_command.flags */
};

#define EXEC_AUTO_CHILD __attribute__((cleanup(exec_child_drop))) struct exec_child

void exec_child_drop(struct exec_child *child);

/* What all children get, after what the administrator says in `extra`, so that a
 * contract's own variables may replace it. */
void exec_child_begin(struct exec_child *child, const struct exec_words *extra);

struct exec_process {
    const struct acmecore_host *host;
    const struct exec_words *secrets; /* never shown (withhold.h); lent; or NULL */
    struct exec_stream output;        /* stdout and stderr of the last run */
    struct exec_stream errors;
    int status; /* OK: it ended; exit_code says how */
    enum exec_kind kind;
    int exit_code;
    int64_t limit_ms;
    const char *why;
    bool is_told; /* the host has recorded a reason already */
};

/* As if it had run and ended well; what it printed is wiped. */
void exec_process_reset(struct exec_process *process);

/* Resets it, and sets limit_ms to timeout_ms or to what the run has left; false: there
 * is no time, which is how it ended. */
bool exec_process_begin(struct exec_process *process, int64_t timeout_ms);

/* Runs it within limit_ms; never records a reason itself. */
void exec_process_run(struct exec_process *process, const struct exec_child *child);

/* True when it ran and ended with exit code 0. */
bool exec_process_is_good(const struct exec_process *process);

/* Records why it failed; returns the status. `label` has what report.h calls program,
 * dialect, verb and name. */
int exec_process_explain(const struct exec_process *process,
                         const struct exec_report *label);

/* The same, for what is wrong with (or said in) its output. */
int exec_process_quote(const struct exec_process *process,
                       const struct exec_report *label, int status, const char *why);

#endif
