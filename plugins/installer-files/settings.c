/* SPDX-License-Identifier: Apache-2.0 */
#include "settings.h"

#include "pattern.h"
#include "reload.h"

#define MODE_KEY    0600
#define MODE_PUBLIC 0644

static int read_path(const struct acmecore_host *host, enum settings_kind kind,
                     const char **ret_path);

static const struct {
    const char *name;
    bool has_key;
} kinds[SETTINGS_KINDS] = {
    [SETTINGS_KEY] = { "key", true },
    [SETTINGS_CERT] = { "cert", false },
    [SETTINGS_CHAIN] = { "chain", false },
    [SETTINGS_FULLCHAIN] = { "fullchain", false },
    [SETTINGS_COMBINED] = { "combined", true },
    [SETTINGS_PKCS12] = { "pkcs12", true },
};

const struct acmecore_option settings_options[SETTINGS_OPTION_COUNT] = {
    { .name = "key",
      .type = ACMECORE_OPTION_PATH,
      .help = "file for the private key, PEM; %n stands for the certificate's name" },
    { .name = "cert",
      .type = ACMECORE_OPTION_PATH,
      .help = "file for the certificate alone, PEM" },
    { .name = "chain",
      .type = ACMECORE_OPTION_PATH,
      .help = "file for what follows the certificate in its chain, PEM" },
    { .name = "fullchain",
      .type = ACMECORE_OPTION_PATH,
      .help = "file for the certificate and what follows it, PEM" },
    { .name = "combined",
      .type = ACMECORE_OPTION_PATH,
      .help = "file for the key, the certificate and what follows it, PEM" },
    { .name = "pkcs12",
      .type = ACMECORE_OPTION_PATH,
      .help = "file for all of it as PKCS #12; needs pkcs12-password" },
    { .name = "pkcs12-password",
      .type = ACMECORE_OPTION_SECRET,
      .help = "file with the password of the PKCS #12 file" },
    { .name = "owner",
      .type = ACMECORE_OPTION_TEXT,
      .help = "user (name or number) who shall own the files; needs privileges" },
    { .name = "group",
      .type = ACMECORE_OPTION_TEXT,
      .help = "group (name or number) of the files; may need privileges" },
    { .name = "mode",
      .type = ACMECORE_OPTION_TEXT,
      .help = "octal mode of all files. Default: 0600 with a key in it, else 0644" },
    { .name = "reload",
      .type = ACMECORE_OPTION_TEXT,
      .flags = ACMECORE_LIST,
      .help = "what to do when files have changed: a command, or a unit: x.service" },
    { .name = "timeout",
      .type = ACMECORE_OPTION_NUMBER,
      .minimum = 1,
      .maximum = RELOAD_SECONDS_MAX,
      .fallback = "60",
      .help = "seconds that one reload command may take (all of them: 600)" },
};

int settings_read(const struct acmecore_host *host, struct settings *ret_settings)
{
    struct settings settings = { .has_mode = host->option(host->ctx, "mode", 0) };
    int status = webroot_access_read(host, &settings.access);
    bool has_some = false;

    for (int i = 0; status == ACMECORE_OK && i < SETTINGS_KINDS; i++) {
        status = read_path(host, (enum settings_kind)i, &settings.paths[i]);
        has_some |= settings.paths[i] != NULL;
    }
    if (status == ACMECORE_OK && !has_some) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "no file is wanted: set key, cert, chain, fullchain, "
                          "combined or pkcs12 to a path");
    }
    if (status == ACMECORE_OK)
        *ret_settings = settings;
    return status;
}

const char *settings_name_of(enum settings_kind kind)
{
    return kinds[kind].name;
}

bool settings_has_key(enum settings_kind kind)
{
    return kinds[kind].has_key;
}

struct webroot_access settings_access_of(const struct settings *settings,
                                         enum settings_kind kind)
{
    struct webroot_access access = settings->access;

    if (!settings->has_mode)
        access.mode = kinds[kind].has_key ? MODE_KEY : MODE_PUBLIC;
    return access;
}

static int read_path(const struct acmecore_host *host, enum settings_kind kind,
                     const char **ret_path)
{
    const char *text = host->option(host->ctx, kinds[kind].name, 0);
    const char *why = text ? pattern_check(text) : NULL;

    if (why) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG, "option %s: \"%s\": %s",
                          kinds[kind].name, text, why);
    }
    *ret_path = text;
    return ACMECORE_OK;
}
