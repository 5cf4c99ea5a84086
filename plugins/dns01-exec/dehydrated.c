/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dehydrated's hook.sh: VERB DOMAIN TOKEN_FILENAME TOKEN_VALUE, and with HOOK_CHAIN the
 * three repeated for each name in one call.
 */
#include "dialect.h"

static void begin(const struct exec_job *job, struct exec_child *child);
static void add(const struct acmecore_challenge *challenge, struct exec_words *argv);

void exec_write_dehydrated(const struct exec_job *job, struct exec_child *child)
{
    begin(job, child);
    add(exec_job_challenge(job), &child->argv);
}

void exec_write_dehydrated_chain(const struct exec_job *job, struct exec_child *child)
{
    begin(job, child);
    for (size_t i = 0; i < job->count; i++)
        add(job->challenges[i], &child->argv);
}

static void begin(const struct exec_job *job, struct exec_child *child)
{
    bool is_present = job->operation == EXEC_PRESENT;
    struct exec_words *env = &child->env;

    exec_words_add(&child->argv, is_present ? "deploy_challenge" : "clean_challenge");
    exec_words_set(env, "CHALLENGETYPE", exec_job_challenge(job)->type);
    exec_words_set(env, "COMMAND", "sign_domain");
    exec_words_set(env, "alias", job->challenges[0]->identifier);
    exec_set_identifiers(job, child, "altnames", ' ');
    /* Ours to give, unless the administrator's own dehydrated is meant. */
    exec_words_default(env, "BASEDIR", job->folder);
    exec_words_default(env, "CERTDIR", job->folder);
}

static void add(const struct acmecore_challenge *challenge, struct exec_words *argv)
{
    exec_words_add(argv, challenge->identifier);
    exec_words_add(argv, challenge->token);
    exec_words_add(argv, exec_answer_of(challenge));
}
