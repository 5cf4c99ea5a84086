/* SPDX-License-Identifier: Apache-2.0 */
#include "option.h"

#include "command.h"
#include "environment.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MILLISECONDS 1000

/* What the sink of the secret needs to know. */
struct reading {
    const struct acmecore_host *host;
    struct exec_words *extra;
};

static int take_environment(void *arg, const void *data, size_t size);

int exec_option_command(const struct acmecore_host *host, const char *option,
                        size_t index, struct exec_words *words)
{
    const char *text = host->option(host->ctx, option, index);
    const char *why = text ? exec_command_split(text, words) : "it is missing";

    if (!why)
        why = exec_command_check(words->bytes);
    return why ? exec_option_refuse(host, option, text, why) : ACMECORE_OK;
}

int exec_option_refuse(const struct acmecore_host *host, const char *option,
                       const char *text, const char *why)
{
    if (strcmp(why, EXEC_NO_MEMORY) == 0)
        return host->fail(host->ctx, ACMECORE_E_SYSTEM, "%s", why);
    return host->fail(host->ctx, ACMECORE_E_CONFIG, "option %s: \"%s\": %s", option,
                      text ? text : "", why);
}

int exec_option_environment(const struct acmecore_host *host, struct exec_words *extra)
{
    struct reading reading = { host, extra };
    const struct passwd *user = getpwuid(geteuid());
    int status =
        host->secret(host->ctx, "environment-file", take_environment, &reading);

    if (status != ACMECORE_OK && status != ACMECORE_E_NOTFOUND)
        return status;
    exec_words_default(extra, "HOME", user ? user->pw_dir : "/");
    if (extra->wrong) {
        return host->fail(host->ctx, ACMECORE_E_SYSTEM, "environment-file: %s",
                          extra->wrong);
    }
    return ACMECORE_OK;
}

int64_t exec_option_ms(const struct acmecore_host *host, const char *option)
{
    const char *text = host->option(host->ctx, option, 0);

    return text ? strtoll(text, NULL, 10) * MILLISECONDS : 0;
}

static int take_environment(void *arg, const void *data, size_t size)
{
    struct reading *reading = arg;
    const struct acmecore_host *host = reading->host;
    struct exec_environment_error error = { 0 };

    if (exec_environment_parse(data, size, reading->extra, &error))
        return ACMECORE_OK;
    if (strcmp(error.why, EXEC_NO_MEMORY) == 0)
        return host->fail(host->ctx, ACMECORE_E_SYSTEM, "%s", error.why);
    return host->fail(host->ctx, ACMECORE_E_CONFIG,
                      "option environment-file: line %zu: %s", error.line, error.why);
}
