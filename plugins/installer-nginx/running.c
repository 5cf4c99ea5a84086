/* SPDX-License-Identifier: Apache-2.0 */
#include "running.h"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NUMBER_BASE 10
#define NUMBER_MAX  32 /* bytes of a pid file */

static bool find_path(const struct control *control, char path[PATH_MAX]);
static bool names_process(const char *path);

bool running_is_likely(const struct control *control, char ret_path[PATH_MAX])
{
    ret_path[0] = '\0';
    return !find_path(control, ret_path) || names_process(ret_path);
}

/* A relative one is below the prefix, which is known only when it is an option. */
static bool find_path(const struct control *control, char path[PATH_MAX])
{
    AUTO_CONFIG config = { 0 };
    char word[TOKEN_VALUE_MAX] = "";
    int size = 0;

    if (config_load(control->host, control->config, &config) != ACMECORE_OK)
        return false;
    for (size_t i = 0; i < config.count; i++) {
        if (config.directives[i].parent == CONFIG_NONE && config_is(&config, i, "pid")
            && !config_word(&config, i, 1, word))
            return false;
    }
    if (word[0] == '\0' || (word[0] != '/' && !control->prefix))
        return false;
    size = snprintf(path, PATH_MAX, "%s%s%s", word[0] == '/' ? "" : control->prefix,
                    word[0] == '/' ? "" : "/", word);
    if (size > 0 && size < PATH_MAX)
        return true;
    path[0] = '\0';
    return false;
}

static bool names_process(const char *path)
{
    char text[NUMBER_MAX] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    ssize_t got = 0;
    long pid = 0;

    if (fd < 0)
        return errno != ENOENT;
    got = read(fd, text, sizeof text - 1);
    (void)close(fd);
    pid = strtol(text, NULL, NUMBER_BASE);
    if (got < 0)
        return true;
    return pid > 0 && pid <= INT_MAX && (kill((pid_t)pid, 0) == 0 || errno != ESRCH);
}
