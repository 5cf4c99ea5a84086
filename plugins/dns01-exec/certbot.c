/* SPDX-License-Identifier: Apache-2.0 */
/*
 * certbot --manual-auth-hook and --manual-cleanup-hook: all by environment. The same
 * command is both; it tells them apart by CERTBOT_AUTH_OUTPUT, which only cleanup has.
 */
#include "challenge.h"
#include "dialect.h"

#include <stdio.h>

void exec_write_certbot(const struct exec_job *job, struct exec_child *child)
{
    const struct acmecore_challenge *challenge = exec_job_challenge(job);
    struct exec_words *env = &child->env;
    char remaining[24];

    (void)snprintf(remaining, sizeof remaining, "%zu", job->count - 1 - job->index);
    exec_words_set(env, "CERTBOT_IDENTIFIER", challenge->identifier);
    exec_words_set(env, "CERTBOT_DOMAIN", challenge->identifier);
    exec_words_set(env, "CERTBOT_VALIDATION", exec_answer_of(challenge));
    if (exec_is_http(challenge))
        exec_words_set(env, "CERTBOT_TOKEN", challenge->token);
    exec_words_set(env, "CERTBOT_REMAINING_CHALLENGES", remaining);
    exec_set_identifiers(job, child, "CERTBOT_ALL_IDENTIFIERS", ',');
    exec_set_identifiers(job, child, "CERTBOT_ALL_DOMAINS", ',');
    if (job->operation == EXEC_CLEANUP)
        exec_words_set_as_is(env, "CERTBOT_AUTH_OUTPUT", exec_job_note(job));
}
