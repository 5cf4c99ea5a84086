/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our own: one child for the whole batch. The same three times, so that a hook takes
 * what its language likes best: JSON on stdin; argv OPERATION, then TYPE IDENTIFIER
 * NAME VALUE for each challenge (record name and value; token and key authorization for
 * http-01); variables ACMECORE_…_1, ACMECORE_…_2, and so on.
 */
#include "challenge.h"
#include "dialect.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define SCHEMA 1

static void add_words(const struct acmecore_challenge *challenge,
                      struct exec_words *argv);
static void set_numbered(const struct acmecore_challenge *challenge, size_t number,
                         struct exec_words *env);
static void set_number(struct exec_words *env, const char *key, int64_t number);
static void write_input(const struct exec_job *job, struct exec_child *child);
static json_t *describe_all(const struct exec_job *job);
static json_t *describe(const struct acmecore_challenge *challenge, const char *note);
static const char *verb_of(enum exec_operation operation);

void exec_write_native(const struct exec_job *job, struct exec_child *child)
{
    set_number(&child->env, "ACMECORE_SCHEMA", SCHEMA);
    set_number(&child->env, "ACMECORE_COUNT", (int64_t)job->count);
    set_number(&child->env, "ACMECORE_REMAINING_MS", job->remaining_ms);
    exec_words_add(&child->argv, verb_of(job->operation));
    for (size_t i = 0; i < job->count; i++) {
        add_words(job->challenges[i], &child->argv);
        set_numbered(job->challenges[i], i + 1, &child->env);
    }
    write_input(job, child);
}

static const char *verb_of(enum exec_operation operation)
{
    static const char *const verbs[] = {
        [EXEC_PRESENT] = "present",
        [EXEC_CLEANUP] = "cleanup",
        [EXEC_PROBE] = "probe",
    };

    return verbs[operation];
}

static void add_words(const struct acmecore_challenge *challenge,
                      struct exec_words *argv)
{
    bool is_http = exec_is_http(challenge);

    exec_words_add(argv, challenge->type);
    exec_words_add(argv, challenge->identifier);
    exec_words_add(argv, is_http ? challenge->token : challenge->record_name);
    exec_words_add(argv, exec_answer_of(challenge));
}

static void set_numbered(const struct acmecore_challenge *challenge, size_t number,
                         struct exec_words *env)
{
    const char *const pairs[][2] = {
        { "TYPE", challenge->type },
        { "IDENTIFIER", challenge->identifier },
        { "TOKEN", challenge->token },
        { "KEY_AUTHORIZATION", challenge->key_authorization },
        { "RECORD_NAME", challenge->record_name },
        { "RECORD_VALUE", challenge->record_value },
        { "RECORD_ZONE", exec_challenge_zone(challenge) },
    };
    char key[64];

    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        (void)snprintf(key, sizeof key, "ACMECORE_%s_%zu", pairs[i][0], number);
        exec_words_set(env, key, pairs[i][1] ? pairs[i][1] : "");
    }
}

static void set_number(struct exec_words *env, const char *key, int64_t number)
{
    char text[24];

    (void)snprintf(text, sizeof text, "%" PRId64, number);
    exec_words_set(env, key, text);
}

static void write_input(const struct exec_job *job, struct exec_child *child)
{
    json_t *root =
        json_pack("{s:i, s:s, s:s, s:I, s:o}", "schema", SCHEMA, "plugin", job->plugin,
                  "operation", verb_of(job->operation), "remaining_ms",
                  (json_int_t)job->remaining_ms, "challenges", describe_all(job));

    child->input = root ? json_dumps(root, JSON_COMPACT) : NULL;
    json_decref(root);
    if (!child->input)
        child->argv.wrong = EXEC_NO_MEMORY;
    child->input_size = child->input ? strlen(child->input) : 0;
}

static json_t *describe_all(const struct exec_job *job)
{
    json_t *all = json_array();

    for (size_t i = 0; all && i < job->count; i++) {
        const char *note = job->notes ? job->notes[i] : NULL;

        if (json_array_append_new(all, describe(job->challenges[i], note)) != 0) {
            json_decref(all);
            return NULL;
        }
    }
    return all;
}

/* A member without a value is null, not missing. */
static json_t *describe(const struct acmecore_challenge *challenge, const char *note)
{
    const char *zone = exec_challenge_zone(challenge);

    return json_pack("{s:s, s:s, s:s?, s:s?, s:s?, s:s?, s:s?, s:s?}", "type",
                     challenge->type, "identifier", challenge->identifier, "token",
                     challenge->token, "key_authorization",
                     challenge->key_authorization, "record_name",
                     challenge->record_name, "record_value", challenge->record_value,
                     "record_zone", *zone ? zone : NULL, "data", note);
}
