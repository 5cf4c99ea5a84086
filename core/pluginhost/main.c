/* SPDX-License-Identifier: Apache-2.0 */
/*
 * acmecore-plugin-host --control FD [--commands]: runs one plugin, or the user's
 * commands, for acmecore, which starts it with a socket at FD. Descriptors from 3 up to
 * FD are sockets from systemd.
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

static enum ac_code run(int fd, bool runs_commands, struct ac_error *err)
{
    AC_AUTO(ac_channel) *channel = NULL;
    int fd_count = fd - FIRST_FD;

    AC_TRY(ac_sandbox_enter(runs_commands, err));
    AC_TRY(ac_channel_new(&fd, &channel, err));
    return ac_serve(channel, FIRST_FD, fd_count, err);
}

int main(int argc, char **argv)
{
    struct ac_error err = { 0 };
    struct stat status;
    int64_t fd = 0;

    if (argc == 2 && (!strcmp(argv[1], "--version") || !strcmp(argv[1], "--help")))
        return explain(stdout, 0);
    bool runs_commands = argc == 4 && !strcmp(argv[3], "--commands");
    if ((argc != 3 && !runs_commands) || strcmp(argv[1], "--control") != 0
        || ac_text_parse_number(argv[2], FIRST_FD, FD_MAX, &fd, &err) != AC_OK
        || fstat((int)fd, &status) != 0 || !S_ISSOCK(status.st_mode))
        return explain(stderr, EXIT_USAGE);
    if (run((int)fd, runs_commands, &err) == AC_OK)
        return 0;
    (void)fprintf(stderr, "%s\n", err.detail);
    return EXIT_BROKEN;
}
