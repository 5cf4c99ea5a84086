/* SPDX-License-Identifier: Apache-2.0 */
#include "settings.h"

#include "pattern.h"

#include <stdlib.h>

#define SECONDS_MAX  3600
#define MILLISECONDS 1000

const struct acmecore_option settings_options[SETTINGS_OPTION_COUNT] = {
    { .name = "file",
      .type = ACMECORE_OPTION_PATH,
      .flags = ACMECORE_REQUIRED,
      .help =
          "file for key and chain, as HAProxy calls it; %n: the certificate's name" },
    { .name = "socket",
      .type = ACMECORE_OPTION_TEXT,
      .help = "runtime socket: its path, or 127.0.0.1:PORT; level admin" },
    { .name = "crt-list",
      .type = ACMECORE_OPTION_PATH,
      .help = "crt-list to which a file is added that it does not have" },
    { .name = "owner",
      .type = ACMECORE_OPTION_TEXT,
      .help = "user (name or number) who shall own the file; needs privileges" },
    { .name = "group",
      .type = ACMECORE_OPTION_TEXT,
      .help = "group (name or number) of the file; may need privileges" },
    { .name = "mode",
      .type = ACMECORE_OPTION_TEXT,
      .fallback = "0600",
      .help = "octal mode of the file" },
    { .name = "timeout",
      .type = ACMECORE_OPTION_NUMBER,
      .minimum = 1,
      .maximum = SECONDS_MAX,
      .fallback = "10",
      .help = "seconds that HAProxy may take for one answer" },
};

int settings_read(const struct acmecore_host *host, struct settings *ret_settings)
{
    struct settings settings = { .file = host->option(host->ctx, "file", 0),
                                 .list = host->option(host->ctx, "crt-list", 0) };
    const char *socket = host->option(host->ctx, "socket", 0);
    const char *timeout = host->option(host->ctx, "timeout", 0);
    const char *why = settings.file ? pattern_check(settings.file) : "it is missing";

    if (why) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG, "option file: \"%s\": %s",
                          settings.file ? settings.file : "", why);
    }
    why = settings.list ? runtime_check_path(settings.list) : NULL;
    if (why) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG, "option crt-list: \"%s\": %s",
                          settings.list, why);
    }
    why = socket ? address_parse(socket, &settings.runtime.talk.address) : NULL;
    if (why) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG, "option socket: \"%s\": %s",
                          socket, why);
    }
    settings.has_socket = socket != NULL;
    settings.runtime.list = settings.list;
    settings.runtime.talk.host = host;
    settings.runtime.talk.timeout_ms =
        timeout ? strtoll(timeout, NULL, 10) * MILLISECONDS : 0;
    *ret_settings = settings;
    return webroot_access_read(host, &ret_settings->access);
}
