/* SPDX-License-Identifier: Apache-2.0 */
#include "settings.h"

#include "command.h"
#include "option.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROVIDER_ALPHABET                                                              \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
#define SECONDS_MAX  86400
#define ACME_SH      "/acme.sh"
#define ACME_SH_SIZE (sizeof ACME_SH - 1)

static int read_dialect(const struct acmecore_host *host, bool is_http,
                        struct exec_settings *settings);
static int read_command(const struct acmecore_host *host, const char *option,
                        uint32_t flags, struct exec_words *words);
static int read_commands(const struct acmecore_host *host,
                         struct exec_settings *settings);
static int read_provider(const struct acmecore_host *host,
                         struct exec_settings *settings);
static int find_scripts(const struct acmecore_host *host,
                        struct exec_settings *settings);
static void strip_acme_sh(struct exec_words *command, char home[PATH_MAX]);

const struct acmecore_option exec_options[EXEC_OPTION_COUNT] = {
    { .name = "command",
      .type = ACMECORE_OPTION_TEXT,
      .flags = ACMECORE_REQUIRED,
      .help = "absolute path of the hook, with arguments; of the folder for acme.sh" },
    { .name = "cleanup-command",
      .type = ACMECORE_OPTION_TEXT,
      .help = "another hook that undoes it; certbot has two. Default: command" },
    { .name = "dialect",
      .type = ACMECORE_OPTION_TEXT,
      .fallback = "native",
      .help = EXEC_NAMES },
    { .name = "provider",
      .type = ACMECORE_OPTION_TEXT,
      .help = "acme.sh: such as dns_cf; lexicon: such as cloudflare" },
    { .name = "environment-file",
      .type = ACMECORE_OPTION_SECRET,
      .help = "KEY=VALUE lines for the environment of the hook" },
    { .name = "timeout",
      .type = ACMECORE_OPTION_NUMBER,
      .minimum = 1,
      .maximum = SECONDS_MAX,
      .fallback = "300",
      .help = "seconds that one call may take" },
    { .name = "settle-seconds",
      .type = ACMECORE_OPTION_NUMBER,
      .minimum = 0,
      .maximum = SECONDS_MAX,
      .fallback = "0",
      .help = "seconds to let pass after the last call, before the CA looks" },
};

int exec_settings_read(const struct acmecore_host *host, bool is_http,
                       struct exec_settings *settings)
{
    int status = read_dialect(host, is_http, settings);

    if (status == ACMECORE_OK)
        status = read_provider(host, settings);
    if (status == ACMECORE_OK)
        status = read_commands(host, settings);
    if (status == ACMECORE_OK && (settings->dialect->flags & EXEC_FOLDER))
        status = find_scripts(host, settings);
    if (status == ACMECORE_OK)
        status = exec_option_environment(host, &settings->extra);
    settings->timeout_ms = exec_option_ms(host, "timeout");
    settings->settle_ms = exec_option_ms(host, "settle-seconds");
    return status;
}

void exec_settings_drop(struct exec_settings *settings)
{
    exec_words_drop(&settings->command);
    exec_words_drop(&settings->cleanup);
    exec_words_drop(&settings->extra);
}

static int read_dialect(const struct acmecore_host *host, bool is_http,
                        struct exec_settings *settings)
{
    const char *name = host->option(host->ctx, "dialect", 0);

    settings->dialect = exec_dialect_find(name ? name : "native");
    if (!settings->dialect) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "option dialect: there is no dialect \"%s\"; there are %s",
                          name, EXEC_NAMES);
    }
    if (is_http && !(settings->dialect->flags & EXEC_HTTP)) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "option dialect: %s knows DNS only: use it with dns01-exec",
                          settings->dialect->name);
    }
    return ACMECORE_OK;
}

static int read_provider(const struct acmecore_host *host,
                         struct exec_settings *settings)
{
    const char *text = host->option(host->ctx, "provider", 0);
    bool is_folder = settings->dialect->flags & EXEC_FOLDER;
    const char *prefix =
        is_folder && text && strncmp(text, "dns_", 4) != 0 ? "dns_" : "";
    int size = 0;

    if (!(settings->dialect->flags & EXEC_PROVIDER))
        return ACMECORE_OK;
    if (!text || !*text) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "option provider: dialect %s needs one, such as %s",
                          settings->dialect->name, is_folder ? "dns_cf" : "cloudflare");
    }
    size =
        snprintf(settings->provider, sizeof settings->provider, "%s%s", prefix, text);
    if (size > EXEC_PROVIDER_MAX || text[0] == '-'
        || text[strspn(text, PROVIDER_ALPHABET)] != '\0') {
        return host->fail(
            host->ctx, ACMECORE_E_CONFIG,
            "option provider: \"%s\" is not a word of at most %d letters, "
            "digits, \"_\" and \"-\"",
            text, EXEC_PROVIDER_MAX);
    }
    return ACMECORE_OK;
}

static int read_commands(const struct acmecore_host *host,
                         struct exec_settings *settings)
{
    uint32_t flags = settings->dialect->flags;
    bool has_cleanup = host->option(host->ctx, "cleanup-command", 0) != NULL;
    int status = read_command(host, "command", flags, &settings->command);

    if (status != ACMECORE_OK)
        return status;
    if (has_cleanup && (flags & EXEC_FOLDER)) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "option cleanup-command: dialect %s has no use for it",
                          settings->dialect->name);
    }
    return has_cleanup
               ? read_command(host, "cleanup-command", flags, &settings->cleanup)
               : ACMECORE_OK;
}

static int read_command(const struct acmecore_host *host, const char *option,
                        uint32_t flags, struct exec_words *words)
{
    const char *text = NULL;
    const char *why = NULL;

    if (!(flags & EXEC_FOLDER))
        return exec_option_command(host, option, 0, words);
    text = host->option(host->ctx, option, 0);
    why = text ? exec_command_split(text, words) : "it is missing";
    if (!why && words->count != 1)
        why = "it is a folder here, and has no arguments; quote a path with blanks";
    return why ? exec_option_refuse(host, option, text, why) : ACMECORE_OK;
}

static int find_scripts(const struct acmecore_host *host,
                        struct exec_settings *settings)
{
    static const char *const places[] = { "/dnsapi/", "/" };
    char home[PATH_MAX];
    const char *why = NULL;

    if (!*host->folder) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "dialect acme.sh needs a folder of its own, and the host "
                          "gives none");
    }
    strip_acme_sh(&settings->command, home);
    if (settings->command.wrong)
        return host->fail(host->ctx, ACMECORE_E_SYSTEM, "%s", settings->command.wrong);
    (void)snprintf(settings->script, sizeof settings->script, "%s" ACME_SH, home);
    why = exec_command_check_script(settings->script);
    if (why) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG, "option command: %s: %s",
                          settings->script, why);
    }
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        (void)snprintf(settings->script, sizeof settings->script, "%s%s%s.sh", home,
                       places[i], settings->provider);
        why = exec_command_check_script(settings->script);
        if (!why)
            return ACMECORE_OK;
    }
    return host->fail(host->ctx, ACMECORE_E_CONFIG,
                      "option provider: no %s.sh in %s/dnsapi or %s: %s",
                      settings->provider, home, home, why);
}

/* The folder may be named by the acme.sh in it. */
static bool is_folder(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static void strip_acme_sh(struct exec_words *command, char home[PATH_MAX])
{
    size_t size = strlen(command->bytes);

    /* Its repository is called the same, so a clone is a folder of that name. */
    if (size > ACME_SH_SIZE
        && strcmp(command->bytes + size - ACME_SH_SIZE, ACME_SH) == 0
        && !is_folder(command->bytes))
        size -= ACME_SH_SIZE;
    (void)snprintf(home, PATH_MAX, "%.*s", (int)size, command->bytes);
    exec_words_drop(command);
    exec_words_add(command, home);
}
