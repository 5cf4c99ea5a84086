/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/foreign.h"

#include "base/memory.h"

#include <stddef.h>
#include <string.h>

#define NOT_BUILT "it is not built yet"

struct word_rule {
    const char *word;
    const char *advice;
};

static const struct word_rule options[] = {
    { "--email", "here it is --contact" },
    { "-m", "here it is --contact" },
    { "--domains", "here it is --domain (-d)" },
    { "--cert-name", "here it is --name" },
    { "--webroot", "here it is --solver http01-webroot" },
    { "--standalone", "here it is --solver http01-standalone" },
    { "-w", "here it is --set http01-webroot.path=FOLDER" },
    { "--webroot-path", "here it is --set http01-webroot.path=FOLDER" },
    { "--staging", "here it is --server letsencrypt-staging" },
    { "--test-cert", "here it is --server letsencrypt-staging" },
    { "--force-renewal", "here it is --force" },
    { "--accept-tos", "here it is --agree-tos" },
    { "--non-interactive", "nothing is asked where there is no terminal" },
    { "-n", "nothing is asked where there is no terminal" },
};

static const struct word_rule commands[] = {
    { "run", "bare options mean issue: acmecore -d NAME --solver PLUGIN" },
    { "certonly", "bare options mean issue: acmecore -d NAME --solver PLUGIN" },
    { "certificates", "here it is acmecore list" },
    { "register", "here it is acmecore account register" },
    { "doctor", NOT_BUILT },
    { "import",
      "it is not built yet; for the key of an account: acmecore account import" },
    { "completion", NOT_BUILT },
};

static const char *find(const struct word_rule *rules, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rules[i].word, word) == 0)
            return rules[i].advice;
    }
    return NULL;
}

const char *ac_foreign_option(const char *word)
{
    return find(options, AC_COUNT(options), word);
}

const char *ac_foreign_command(const char *word)
{
    return find(commands, AC_COUNT(commands), word);
}
