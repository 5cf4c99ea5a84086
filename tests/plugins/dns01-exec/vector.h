/* SPDX-License-Identifier: Apache-2.0 */
/* Challenges and jobs of the vectors, and a child as text. */
#ifndef AC_TESTS_DNS01_EXEC_VECTOR_H
#define AC_TESTS_DNS01_EXEC_VECTOR_H

#include "check.h"
#include "dialect.h"

#include <stdio.h>
#include <string.h>

#define VALUE_1 "MsijOYZxqyjGnFGwhjrhfg-Xgbl5r68WPda0J9EgqqI"
#define VALUE_2 "-startsWithADashAndIsFortyThreeCharacters00"

static const struct acmecore_challenge dns_1 = {
    .struct_size = sizeof(dns_1),
    .type = "dns-01",
    .identifier = "example.com",
    .token = "token-1",
    .key_authorization = "token-1.thumb",
    .record_name = "_acme-challenge.example.com",
    .record_value = VALUE_1,
};

/* The wildcard's sibling: same name, another value; and a zone that was looked up. */
static const struct acmecore_challenge dns_2 = {
    .struct_size = sizeof(dns_2),
    .type = "dns-01",
    .identifier = "www.example.org",
    .token = "-token2",
    .key_authorization = "-token2.thumb",
    .record_name = "_acme-challenge.www.example.org",
    .record_value = VALUE_2,
    .record_zone = "example.org",
};

/* A record that stays, and no token. */
__attribute__((unused)) static const struct acmecore_challenge persist_1 = {
    .struct_size = sizeof(persist_1),
    .type = "dns-persist-01",
    .identifier = "example.com",
    .record_name = "_validation-persist.example.com",
    .record_value = "ca.example; accounturi=https://ca.example/1; policy=wildcard",
    .record_zone = "example.com",
};

static const struct acmecore_challenge http_1 = {
    .struct_size = sizeof(http_1),
    .type = "http-01",
    .identifier = "example.com",
    .token = "token-1",
    .key_authorization = "token-1.thumb",
};

static const struct acmecore_challenge *const two[] = { &dns_1, &dns_2 };

struct vector {
    struct exec_words command;
    struct exec_words extra;
    struct exec_job job;
    struct exec_child child;
    char argv[4096]; /* the words, "|" after each */
};

__attribute__((unused)) static void vector_drop(struct vector *vector)
{
    exec_words_drop(&vector->command);
    exec_words_drop(&vector->extra);
    exec_child_drop(&vector->child);
}

#define VECTOR(name) __attribute__((cleanup(vector_drop))) struct vector name = { 0 }

/* The second of two challenges; false in torture, when memory was refused. */
__attribute__((unused)) static bool vector_write(struct vector *vector,
                                                 const char *dialect,
                                                 enum exec_operation operation,
                                                 const char *const *notes)
{
    const char *word = NULL;

    exec_words_add(&vector->command, "/hook");
    exec_words_add(&vector->command, "--first");
    vector->job = (struct exec_job){
        .operation = operation,
        .plugin = "dns01-exec",
        .command = &vector->command,
        .provider = vector->job.provider ? vector->job.provider : "",
        .script = "/home/acme/dnsapi/dns_x.sh",
        .folder = "/state",
        .remaining_ms = 5000,
        .challenges = vector->job.challenges ? vector->job.challenges : two,
        .count = vector->job.count ? vector->job.count : 2,
        .index = vector->job.count ? 0 : 1,
        .notes = notes,
    };
    exec_dialect_write(exec_dialect_find(dialect), &vector->job, &vector->extra,
                       &vector->child);
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
