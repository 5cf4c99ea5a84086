/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Apache's MDChallengeDns01: setup DOMAIN TXT, teardown DOMAIN; with
 * MDChallengeDns01Version 2 teardown gets the TXT too.
 */
#include "dialect.h"

static void write_version(const struct exec_job *job, struct exec_child *child,
                          bool has_value);

void exec_write_mod_md(const struct exec_job *job, struct exec_child *child)
{
    write_version(job, child, job->operation == EXEC_PRESENT);
}

void exec_write_mod_md_2(const struct exec_job *job, struct exec_child *child)
{
    write_version(job, child, true);
}

static void write_version(const struct exec_job *job, struct exec_child *child,
                          bool has_value)
{
    const struct acmecore_challenge *challenge = exec_job_challenge(job);

    exec_words_add(&child->argv, job->operation == EXEC_PRESENT ? "setup" : "teardown");
    exec_words_add(&child->argv, challenge->identifier);
    if (has_value)
        exec_words_add(&child->argv, challenge->record_value);
}
