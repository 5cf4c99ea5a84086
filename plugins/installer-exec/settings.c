/* SPDX-License-Identifier: Apache-2.0 */
#include "settings.h"

#include "command.h"
#include "hooks.h"
#include "option.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define PROVIDER_ALPHABET                                                              \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
#define SECONDS_MAX 86400

static int read_dialect(const struct acmecore_host *host, struct settings *settings);
static int read_command(const struct acmecore_host *host, struct settings *settings);
static int read_folder(const struct acmecore_host *host, struct settings *settings);
static int read_provider(const struct acmecore_host *host, struct settings *settings);
static int find_script(const struct acmecore_host *host, struct settings *settings);
static bool is_folder(const char *path);

const struct acmecore_option settings_options[SETTINGS_OPTION_COUNT] = {
    { .name = "command",
      .type = ACMECORE_OPTION_TEXT,
      .flags = ACMECORE_REQUIRED,
      .help =
          "absolute path of the hook, with arguments; of a folder of hooks (certbot)"
          " or of scripts (acme.sh)" },
    { .name = "dialect",
      .type = ACMECORE_OPTION_TEXT,
      .fallback = "native",
      .help = DIALECT_NAMES },
    { .name = "provider",
      .type = ACMECORE_OPTION_TEXT,
      .help = "acme.sh: the deploy script, such as haproxy" },
    { .name = "environment-file",
      .type = ACMECORE_OPTION_SECRET,
      .help = "KEY=VALUE lines for the environment of the hook" },
    { .name = "timeout",
      .type = ACMECORE_OPTION_NUMBER,
      .minimum = 1,
      .maximum = SECONDS_MAX,
      .fallback = "300",
      .help = "seconds that one call may take (all of a batch: 600)" },
};

int settings_read(const struct acmecore_host *host, struct settings *settings)
{
    int status = read_dialect(host, settings);

    if (status == ACMECORE_OK)
        status = read_command(host, settings);
    if (status == ACMECORE_OK && (settings->dialect->flags & DIALECT_SCRIPT))
        status = read_provider(host, settings);
    if (status == ACMECORE_OK)
        status = exec_option_environment(host, &settings->extra);
    settings->timeout_ms = exec_option_ms(host, "timeout");
    return status;
}

void settings_drop(struct settings *settings)
{
    exec_words_drop(&settings->command);
    exec_words_drop(&settings->extra);
}

static int read_dialect(const struct acmecore_host *host, struct settings *settings)
{
    const char *name = host->option(host->ctx, "dialect", 0);

    settings->dialect = dialect_find(name ? name : "native");
    if (settings->dialect)
        return ACMECORE_OK;
    return host->fail(host->ctx, ACMECORE_E_CONFIG,
                      "option dialect: there is no dialect \"%s\"; there are %s", name,
                      DIALECT_NAMES);
}

static int read_command(const struct acmecore_host *host, struct settings *settings)
{
    const char *text = host->option(host->ctx, "command", 0);
    uint32_t flags = settings->dialect->flags;
    const char *why = NULL;

    if (!(flags & (DIALECT_HOOKS | DIALECT_SCRIPT)))
        return exec_option_command(host, "command", 0, &settings->command);
    why = text ? exec_command_split(text, &settings->command) : "it is missing";
    if (why)
        return exec_option_refuse(host, "command", text, why);
    settings->is_folder = is_folder(settings->command.bytes);
    if (settings->is_folder)
        return read_folder(host, settings);
    why = flags & DIALECT_SCRIPT ? "it is not a folder"
                                 : exec_command_check(settings->command.bytes);
    return why ? exec_option_refuse(host, "command", text, why) : ACMECORE_OK;
}

/* What is in it is looked at now, too, so that a person learns of it in time. */
static int read_folder(const struct acmecore_host *host, struct settings *settings)
{
    EXEC_AUTO_WORDS hooks = { 0 };

    if (settings->command.count != 1) {
        return exec_option_refuse(host, "command", settings->command.bytes,
                                  "it is a folder, and has no arguments");
    }
    return settings->dialect->flags & DIALECT_HOOKS
               ? hooks_list(host, settings->command.bytes, &hooks)
               : ACMECORE_OK;
}

static int read_provider(const struct acmecore_host *host, struct settings *settings)
{
    const char *text = host->option(host->ctx, "provider", 0);
    size_t size = text ? strnlen(text, SETTINGS_PROVIDER_MAX + 1) : 0;

    if (size == 0) {
        return host->fail(
            host->ctx, ACMECORE_E_CONFIG,
            "option provider: dialect acme.sh needs one, such as haproxy");
    }
    if (size > SETTINGS_PROVIDER_MAX || text[0] == '-'
        || text[strspn(text, PROVIDER_ALPHABET)] != '\0') {
        return host->fail(
            host->ctx, ACMECORE_E_CONFIG,
            "option provider: \"%s\" is not a word of at most %d letters, "
            "digits, \"_\" and \"-\"",
            text, SETTINGS_PROVIDER_MAX);
    }
    memcpy(settings->provider, text, size + 1);
    return find_script(host, settings);
}

static int find_script(const struct acmecore_host *host, struct settings *settings)
{
    static const char *const places[] = { "/deploy/", "/" };
    const char *home = settings->command.bytes;
    const char *why = NULL;

    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        int size = snprintf(settings->script, sizeof settings->script, "%s%s%s.sh",
                            home, places[i], settings->provider);

        why = size < PATH_MAX ? exec_command_check_script(settings->script)
                              : "the path is too long";
        if (!why)
            return ACMECORE_OK;
    }
    return host->fail(host->ctx, ACMECORE_E_CONFIG,
                      "option provider: no %s.sh in %s/deploy or %s: %s",
                      settings->provider, home, home, why);
}

static bool is_folder(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}
