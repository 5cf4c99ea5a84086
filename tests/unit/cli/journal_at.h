/* SPDX-License-Identifier: Apache-2.0 */
/* A journal's socket of the test's own. Included by one source of a program. */
#ifndef AC_TESTS_UNIT_CLI_JOURNAL_AT_H
#define AC_TESTS_UNIT_CLI_JOURNAL_AT_H

#include "base/memory.h"
#include "check.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Bound there; -1: it cannot be. */
static int journal_at(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    if (fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    ac_memory_drop_fd(&fd);
    return -1;
}

/* What came next; "" when nothing did. */
static const char *journal_read(int fd)
{
    static char text[65536];
    ssize_t size = recv(fd, text, sizeof text - 1, 0);

    text[size > 0 ? size : 0] = '\0';
    return text;
}

#endif
