/* SPDX-License-Identifier: Apache-2.0 */
/*
 * acmecore-plugin-host --control FD [--commands | --open]: runs one plugin, or the
 * user's commands, for acmecore, which starts it with a socket at FD. Descriptors from
 * 3 up to FD are sockets from systemd. --open: without a sandbox.
 */
#include "acmecore-config.h"
#include "pluginhost/sandbox.h"
#include "pluginhost/serve.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define FIRST_FD    3 /* SD_LISTEN_FDS_START */
#define FD_MAX      1024
#define EXIT_BROKEN 1
#define EXIT_USAGE  2

static int explain(FILE *stream, int exit_code)
{
    (void)fprintf(stream, "acmecore-plugin-host " ACMECORE_VERSION
                          ": runs one plugin for acmecore, and is started by it.\n"
                          "See: acmecore plugin --help\n");
    return exit_code;
}

/* False: no such word. */
static bool read_kind(int argc, char **argv, enum ac_sandbox_kind *ret_kind)
{
    *ret_kind = AC_SANDBOX_PLUGIN;
    if (argc == 3)
        return true;
    if (argc != 4)
        return false;
    *ret_kind = strcmp(argv[3], "--open") ? AC_SANDBOX_COMMANDS : AC_SANDBOX_NONE;
    return *ret_kind == AC_SANDBOX_NONE || !strcmp(argv[3], "--commands");
}

static enum ac_code run(int fd, enum ac_sandbox_kind kind, struct ac_error *err)
{
    AC_AUTO(ac_channel) *channel = NULL;
    int fd_count = fd - FIRST_FD;

    AC_TRY(ac_sandbox_enter(kind, err));
    AC_TRY(ac_channel_new(&fd, &channel, err));
    return ac_serve(channel, kind == AC_SANDBOX_PLUGIN, FIRST_FD, fd_count, err);
}

int main(int argc, char **argv)
{
    struct ac_error err = { 0 };
    enum ac_sandbox_kind kind;
    struct stat status;
    int64_t fd = 0;

    if (argc == 2 && (!strcmp(argv[1], "--version") || !strcmp(argv[1], "--help")))
        return explain(stdout, 0);
    if (!read_kind(argc, argv, &kind) || strcmp(argv[1], "--control") != 0
        || ac_text_parse_number(argv[2], FIRST_FD, FD_MAX, &fd, &err) != AC_OK
        || fstat((int)fd, &status) != 0 || !S_ISSOCK(status.st_mode))
        return explain(stderr, EXIT_USAGE);
    if (run((int)fd, kind, &err) == AC_OK)
        return 0;
    (void)fprintf(stderr, "%s\n", err.detail);
    return EXIT_BROKEN;
}
