/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lexicon: [--delegated=ZONE] PROVIDER create|delete DOMAIN TXT --name=FQDN.
 * --content=VALUE. Credentials are LEXICON_* variables of the environment file.
 */
#include "challenge.h"
#include "dialect.h"

void exec_write_lexicon(const struct exec_job *job, struct exec_child *child)
{
    const struct acmecore_challenge *challenge = exec_job_challenge(job);
    struct exec_words *argv = &child->argv;
    const char *zone = exec_challenge_zone(challenge);

    /* Alone, DOMAIN is cut down to the registered domain; a sub-zone has to be named.
     */
    if (*zone)
        exec_words_add_joined(argv, "--delegated=", zone, "");
    exec_words_add(argv, job->provider);
    exec_words_add(argv, job->operation == EXEC_PRESENT ? "create" : "delete");
    exec_words_add(argv, *zone ? zone : challenge->identifier);
    exec_words_add(argv, "TXT");
    exec_words_add_joined(argv, "--name=", challenge->record_name, ".");
    exec_words_add_joined(argv, "--content=", challenge->record_value, "");
}
