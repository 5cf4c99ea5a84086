/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates and jobs of the vectors, and a child as text. */
#ifndef AC_TESTS_INSTALLER_EXEC_VECTOR_H
#define AC_TESTS_INSTALLER_EXEC_VECTOR_H

#include "check.h"
#include "dialect.h"

#include <stdio.h>
#include <string.h>

#define VECTOR_FINGERPRINT                                                             \
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const char *const vector_names[] = { "example.com", "*.example.com", NULL };

static const struct acmecore_certificate www = {
    .struct_size = sizeof(www),
    .name = "www",
    .identifiers = vector_names,
    .fullchain_path = "/s/www/fullchain.pem",
    .key_path = "/s/www/privkey.pem",
    .not_after = 2000000000,
    .cert_path = "/s/www/cert.pem",
    .chain_path = "/s/www/chain.pem",
    .folder_path = "/s/www",
    .previous_path = "/s/old",
    .fingerprint = VECTOR_FINGERPRINT,
};

/* A new one, whose key is in a token. */
static const struct acmecore_certificate mail = {
    .struct_size = sizeof(mail),
    .name = "mail",
    .identifiers = vector_names + 1,
    .fullchain_path = "/s/mail/fullchain.pem",
    .not_after = 2000000001,
    .cert_path = "/s/mail/cert.pem",
    .chain_path = "/s/mail/chain.pem",
    .folder_path = "/s/mail",
    .fingerprint = VECTOR_FINGERPRINT,
};

__attribute__((
    unused)) static const struct acmecore_certificate *const both[] = { &www, &mail };

struct vector {
    struct batch batch;
    struct exec_words command;
    struct exec_words extra;
    struct exec_child child;
    char argv[16384]; /* the words, "|" after each */
};

__attribute__((unused)) static void vector_drop(struct vector *vector)
{
    batch_drop(&vector->batch);
    exec_words_drop(&vector->command);
    exec_words_drop(&vector->extra);
    exec_child_drop(&vector->child);
}

#define VECTOR(name) __attribute__((cleanup(vector_drop))) struct vector name = { 0 }

/* About the first of both; false in torture, when memory was refused. */
__attribute__((unused)) static bool vector_write(struct vector *vector,
                                                 const char *dialect, enum phase phase)
{
    struct job job = {
        .phase = phase,
        .verb = dialect_find(dialect)->verbs[phase],
        .command = &vector->command,
        .provider = "haproxy",
        .script = "/home/acme/deploy/haproxy.sh",
        .folder = "/state",
        .lineage = "/state/live/www",
        .remaining_ms = 5000,
        .now_s = 1900000000,
    };
    const char *word = NULL;

    if (!batch_describe(&vector->batch, both, 2))
        return false;
    job.certificates = vector->batch.certificates;
    exec_words_add(&vector->command, "/hook");
    exec_words_add(&vector->command, "--first");
    dialect_compose(dialect_find(dialect), &job, &vector->extra, &vector->child);
    while ((word = exec_words_next(&vector->child.argv, word)) != NULL) {
        size_t used = strlen(vector->argv);

        (void)snprintf(vector->argv + used, sizeof(vector->argv) - used, "%s|", word);
    }
    return !vector->child.argv.wrong && !vector->child.env.wrong;
}

/* The value of a variable, or "(none)". */
__attribute__((unused)) static const char *vector_env(const struct vector *vector,
                                                      const char *key)
{
    const char *value = exec_words_get(&vector->child.env, key);

    return value ? value : "(none)";
}

#endif
