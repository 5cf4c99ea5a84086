/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/service.h"

#include "base/memory.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#define MESSAGE_SIZE 512

/* Its length, 0 when there is none; "@name" is one without a file. */
static socklen_t find_address(struct sockaddr_un *address)
{
    const char *path = getenv("NOTIFY_SOCKET");
    size_t size = path ? strlen(path) : 0;

    if (size < 2 || size >= sizeof address->sun_path
        || (path[0] != '/' && path[0] != '@'))
        return 0;
    *address = (struct sockaddr_un){ .sun_family = AF_UNIX };
    memcpy(address->sun_path, path, size);
    if (path[0] == '@')
        address->sun_path[0] = '\0';
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size);
}

void ac_service_notify(const char *format, ...)
{
    struct sockaddr_un address;
    socklen_t length = find_address(&address);
    AC_AUTO_FD int fd = -1;
    char message[MESSAGE_SIZE];
    va_list args;

    if (length == 0)
        return;
    va_start(args, format);
    (void)vsnprintf(message, sizeof message, format, args);
    va_end(args);
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return;
    (void)!sendto(fd, message, strlen(message), MSG_NOSIGNAL,
                  (const struct sockaddr *)&address, length);
}
