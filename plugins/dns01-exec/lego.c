/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lego's provider "exec": present|cleanup FQDN VALUE; with EXEC_MODE=RAW
 * present|cleanup -- DOMAIN TOKEN KEY_AUTHORIZATION ("--", for a token may begin with
 * "-"). Its manual shows a dot after DOMAIN, its program has none, as we.
 */
#include "dialect.h"

static void begin(const struct exec_job *job, struct exec_child *child,
                  const char *mode);

void exec_write_lego(const struct exec_job *job, struct exec_child *child)
{
    const struct acmecore_challenge *challenge = exec_job_challenge(job);

    begin(job, child, "");
    exec_words_add_joined(&child->argv, challenge->record_name, ".", "");
    exec_words_add(&child->argv, challenge->record_value);
}

void exec_write_lego_raw(const struct exec_job *job, struct exec_child *child)
{
    const struct acmecore_challenge *challenge = exec_job_challenge(job);

    begin(job, child, "RAW");
    exec_words_add(&child->argv, "--");
    exec_words_add(&child->argv, challenge->identifier);
    exec_words_add(&child->argv, challenge->token);
    exec_words_add(&child->argv, challenge->key_authorization);
}

static void begin(const struct exec_job *job, struct exec_child *child,
                  const char *mode)
{
    struct exec_words *env = &child->env;
    const char *program = exec_words_next(job->command, NULL);

    exec_words_set(env, "EXEC_PATH", program ? program : "");
    exec_words_set(env, "EXEC_MODE", mode);
    exec_words_default(env, "EXEC_PROPAGATION_TIMEOUT", "60");
    exec_words_default(env, "EXEC_POLLING_INTERVAL", "3");
    exec_words_default(env, "EXEC_SEQUENCE_INTERVAL", "60");
    exec_words_add(&child->argv,
                   job->operation == EXEC_PRESENT ? "present" : "cleanup");
}
