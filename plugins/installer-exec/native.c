/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our own: one child for the whole batch, and for each phase. The same twice, so that a
 * hook takes what its language likes better: JSON on stdin; variables ACMECORE_…_1,
 * ACMECORE_…_2, and so on. argv has the phase. What a kernel takes as environment is
 * limited, and stdin is not: where the variables do not fit there are none of them.
 */
#include "dialect.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SCHEMA 1
#define PLUGIN "installer-exec"

static void set_all_numbered(const json_t *certificates, struct exec_words *env);
static void set_numbered(const json_t *certificate, size_t number,
                         struct exec_words *env);
static void set_number(struct exec_words *env, const char *key, int64_t number);
static void write_input(const struct job *job, struct exec_child *child);

void dialect_write_native(const struct job *job, struct exec_child *child)
{
    set_number(&child->env, "ACMECORE_SCHEMA", SCHEMA);
    set_number(&child->env, "ACMECORE_COUNT",
               (int64_t)json_array_size(job->certificates));
    set_number(&child->env, "ACMECORE_REMAINING_MS", job->remaining_ms);
    exec_words_set(&child->env, "ACMECORE_FOLDER", job->folder);
    exec_words_add(&child->argv, job->verb);
    set_all_numbered(job->certificates, &child->env);
    write_input(job, child);
}

/* All or none: a script that found those of some certificates only would take them for
 * all. */
static void set_all_numbered(const json_t *certificates, struct exec_words *env)
{
    EXEC_AUTO_WORDS numbered = { 0 };

    for (size_t i = 0; !numbered.wrong && i < json_array_size(certificates); i++)
        set_numbered(json_array_get(certificates, i), i + 1, &numbered);
    if (numbered.wrong ? strcmp(numbered.wrong, EXEC_TOO_LONG) == 0
                       : !exec_words_have_room(env, &numbered))
        return;
    exec_words_copy(env, &numbered);
}

static void set_numbered(const json_t *certificate, size_t number,
                         struct exec_words *env)
{
    static const char *const members[][2] = {
        { "NAME", "name" },
        { "KEY_PATH", "key_path" },
        { "CERT_PATH", "cert_path" },
        { "CHAIN_PATH", "chain_path" },
        { "FULLCHAIN_PATH", "fullchain_path" },
        { "FOLDER_PATH", "folder_path" },
        { "PREVIOUS_PATH", "previous_path" },
        { "FINGERPRINT", "fingerprint" },
    };
    char key[64];

    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        (void)snprintf(key, sizeof key, "ACMECORE_%s_%zu", members[i][0], number);
        exec_words_set(env, key, batch_text(certificate, members[i][1]));
    }
    (void)snprintf(key, sizeof key, "ACMECORE_IDENTIFIERS_%zu", number);
    batch_set_names(certificate, env, key, ' ');
}

static void set_number(struct exec_words *env, const char *key, int64_t number)
{
    char text[24];

    (void)snprintf(text, sizeof text, "%" PRId64, number);
    exec_words_set(env, key, text);
}

static void write_input(const struct job *job, struct exec_child *child)
{
    json_t *all = json_deep_copy(job->certificates);
    json_t *root = NULL;

    for (size_t i = 0; i < json_array_size(all); i++)
        (void)json_object_del(json_array_get(all, i), BATCH_LEFT_OUT);
    root =
        json_pack("{s:i, s:s, s:s, s:I, s:s, s:o}", "schema", SCHEMA, "plugin", PLUGIN,
                  "operation", job->verb, "remaining_ms", (json_int_t)job->remaining_ms,
                  "folder", job->folder, "certificates", all);

    child->input = root ? json_dumps(root, JSON_COMPACT) : NULL;
    json_decref(root);
    if (!child->input)
        child->argv.wrong = EXEC_NO_MEMORY;
    child->input_size = child->input ? strlen(child->input) : 0;
}
