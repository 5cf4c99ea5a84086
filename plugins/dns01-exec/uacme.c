/* SPDX-License-Identifier: Apache-2.0 */
/*
 * uacme's hook: METHOD TYPE IDENT TOKEN AUTH, and the same as UACME_*. "begin" that
 * ends with 0 accepts; a hook that declined is never called again for it. Which of
 * "done" and "failed" it is at the end: "failed" if "begin" itself went wrong, else
 * "done", for a cleanup does not learn what the CA found.
 */
#include "dialect.h"

#include <string.h>

void exec_write_uacme(const struct exec_job *job, struct exec_child *child)
{
    const struct acmecore_challenge *challenge = exec_job_challenge(job);
    bool is_failed = strcmp(exec_job_note(job), "failed") == 0;
    const char *method = is_failed ? "failed" : "done";
    const char *const words[][2] = {
        { "UACME_METHOD", job->operation == EXEC_PRESENT ? "begin" : method },
        { "UACME_TYPE", challenge->type },
        { "UACME_IDENT", challenge->identifier },
        { "UACME_TOKEN", challenge->token },
        { "UACME_AUTH", exec_answer_of(challenge) },
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        exec_words_add(&child->argv, words[i][1]);
        exec_words_set(&child->env, words[i][0], words[i][1]);
    }
    exec_words_default(&child->env, "UACME_CONFDIR", job->folder);
    exec_words_default(&child->env, "UACME_VERBOSE", "0");
}
