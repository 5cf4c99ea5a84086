/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect.h"

#include "challenge.h"

#include <stdlib.h>
#include <string.h>

static void set_challenge(const struct acmecore_challenge *challenge,
                          struct exec_words *env);
static const char *or_empty(const char *text);

static const struct exec_dialect dialects[] = {
    { "native",
      EXEC_WHOLE | EXEC_HTTP | EXEC_OUTPUT | EXEC_JSON | EXEC_ANY_TEXT,
      { "present", "cleanup", "probe" },
      exec_write_native },
    { "certbot",
      EXEC_HTTP | EXEC_BUILDS_NAME | EXEC_OUTPUT,
      { "auth", "cleanup", "" },
      exec_write_certbot },
    { "dehydrated",
      EXEC_HTTP | EXEC_BUILDS_NAME,
      { "deploy_challenge", "clean_challenge", "" },
      exec_write_dehydrated },
    { "dehydrated-chain",
      EXEC_WHOLE | EXEC_HTTP | EXEC_BUILDS_NAME,
      { "deploy_challenge", "clean_challenge", "" },
      exec_write_dehydrated_chain },
    { "lego", 0, { "present", "cleanup", "" }, exec_write_lego },
    { "lego-raw", EXEC_BUILDS_NAME, { "present", "cleanup", "" }, exec_write_lego_raw },
    { "uacme",
      EXEC_HTTP | EXEC_BUILDS_NAME | EXEC_DECLINES,
      { "begin", "done", "" },
      exec_write_uacme },
    { "mod_md", EXEC_BUILDS_NAME, { "setup", "teardown", "" }, exec_write_mod_md },
    { "mod_md-2", EXEC_BUILDS_NAME, { "setup", "teardown", "" }, exec_write_mod_md_2 },
    { "lexicon",
      EXEC_PROVIDER | EXEC_ANY_TEXT,
      { "create", "delete", "" },
      exec_write_lexicon },
    { "acme.sh", EXEC_PROVIDER | EXEC_FOLDER, { "add", "rm", "" }, exec_write_acme_sh },
};

const struct exec_dialect *exec_dialect_find(const char *name)
{
    for (size_t i = 0; i < sizeof dialects / sizeof *dialects; i++) {
        if (strcmp(dialects[i].name, name) == 0)
            return &dialects[i];
    }
    return NULL;
}

void exec_dialect_write(const struct exec_dialect *dialect, const struct exec_job *job,
                        const struct exec_words *extra, struct exec_child *child)
{
    exec_child_begin(child, extra);
    exec_words_set(&child->env, "ACMECORE_DIALECT", dialect->name);
    exec_words_set(&child->env, "ACMECORE_OPERATION", dialect->verbs[job->operation]);
    if (!(dialect->flags & EXEC_WHOLE))
        set_challenge(exec_job_challenge(job), &child->env);
    exec_words_copy(&child->argv, job->command);
    dialect->write(job, child);
}

const struct acmecore_challenge *exec_job_challenge(const struct exec_job *job)
{
    return job->challenges[job->index];
}

const char *exec_job_note(const struct exec_job *job)
{
    return job->notes ? or_empty(job->notes[job->index]) : "";
}

const char *exec_answer_of(const struct acmecore_challenge *challenge)
{
    return exec_is_http(challenge) ? challenge->key_authorization
                                   : or_empty(challenge->record_value);
}

void exec_set_identifiers(const struct exec_job *job, struct exec_child *child,
                          const char *key, char separator)
{
    size_t size = 1;
    char *all = NULL;
    char *end = NULL;

    for (size_t i = 0; i < job->count; i++)
        size += strlen(job->challenges[i]->identifier) + 1;
    all = calloc(size, 1);
    end = all;
    for (size_t i = 0; all && i < job->count; i++) {
        if (i > 0)
            *end++ = separator;
        end = stpcpy(end, job->challenges[i]->identifier);
    }
    if (!all)
        child->env.wrong = EXEC_NO_MEMORY;
    exec_words_set(&child->env, key, all ? all : "");
    free(all);
}

/* Beyond any contract, for hooks that want to know where the record really goes. */
static void set_challenge(const struct acmecore_challenge *challenge,
                          struct exec_words *env)
{
    exec_words_set(env, "ACMECORE_TYPE", challenge->type);
    exec_words_set(env, "ACMECORE_IDENTIFIER", challenge->identifier);
    exec_words_set(env, "ACMECORE_TOKEN", or_empty(challenge->token));
    exec_words_set(env, "ACMECORE_KEY_AUTHORIZATION",
                   or_empty(challenge->key_authorization));
    exec_words_set(env, "ACMECORE_RECORD_NAME", or_empty(challenge->record_name));
    exec_words_set(env, "ACMECORE_RECORD_VALUE", or_empty(challenge->record_value));
    exec_words_set(env, "ACMECORE_RECORD_ZONE", exec_challenge_zone(challenge));
}

static const char *or_empty(const char *text)
{
    return text ? text : "";
}
