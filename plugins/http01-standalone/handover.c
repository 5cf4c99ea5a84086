/* SPDX-License-Identifier: Apache-2.0 */
#include "handover.h"

#include "address.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FIRST_FD 3 /* SD_LISTEN_FDS_START */

static int count_sockets(void);
static bool read_number(const char *name, unsigned long *ret_number);
static bool is_listening(int fd);
static uint16_t port_of(int fd);
static bool has_port(int count, uint16_t port);
static int check_and_take(const struct acmecore_host *host,
                          const struct listen_terms *terms, uint16_t port, int fd,
                          struct listeners *listeners);
static int take(const struct acmecore_host *host, int fd, struct listeners *listeners);

int handover_take(const struct acmecore_host *host, const struct listen_terms *terms,
                  uint16_t port, struct listeners *listeners)
{
    int count = count_sockets();
    /* All that a unit has are handed to each plugin: the others are not for us. */
    bool is_ours_there = has_port(count, port);
    int status = ACMECORE_OK;

    for (int fd = FIRST_FD; status == ACMECORE_OK && fd < FIRST_FD + count; fd++) {
        if (is_listening(fd) && (!is_ours_there || port_of(fd) == port))
            status = check_and_take(host, terms, port, fd, listeners);
    }
    if (status == ACMECORE_OK && count > 0 && listeners->count == 0) {
        host->log(host->ctx, ACMECORE_WARN,
                  "none of the %d descriptors handed over listens for streams; binding "
                  "sockets of our own",
                  count);
    }
    return status;
}

static int count_sockets(void)
{
    unsigned long pid = 0, count = 0;

    /* Set for another process: it is not us who shall have them. */
    if (!read_number("LISTEN_PID", &pid) || pid != (unsigned long)getpid())
        return 0;
    if (!read_number("LISTEN_FDS", &count))
        return 0;
    return count > LISTENERS_MAX ? LISTENERS_MAX : (int)count;
}

static bool read_number(const char *name, unsigned long *ret_number)
{
    const char *text = getenv(name);
    char *end = NULL;

    if (!text || text[0] < '0' || text[0] > '9')
        return false;
    errno = 0;
    *ret_number = strtoul(text, &end, 10);
    return errno == 0 && *end == '\0';
}

static bool is_listening(int fd)
{
    int value = 0;
    socklen_t size = sizeof value;

    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &size) != 0 || value != SOCK_STREAM)
        return false;
    size = sizeof value;
    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &size) == 0 && value != 0;
}

/* 0: it has none, because it is a local one. */
static uint16_t port_of(int fd)
{
    struct address address = { .size = sizeof address.storage };

    if (getsockname(fd, (struct sockaddr *)&address.storage, &address.size) != 0)
        return 0;
    return address_port(address_socket(&address));
}

static bool has_port(int count, uint16_t port)
{
    bool is_there = false;

    for (int fd = FIRST_FD; fd < FIRST_FD + count; fd++)
        is_there = is_there || (is_listening(fd) && port_of(fd) == port);
    return is_there;
}

static int check_and_take(const struct acmecore_host *host,
                          const struct listen_terms *terms, uint16_t port, int fd,
                          struct listeners *listeners)
{
    struct address address = { .size = sizeof address.storage };
    const struct sockaddr *socket_address = address_socket(&address);
    uint16_t found = 0;

    if (getsockname(fd, (struct sockaddr *)&address.storage, &address.size) == 0)
        found = address_port(socket_address);
    /* The default cannot be told from the same port that was set. */
    if (found != 0 && port != terms->port && port != found) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "option port is %u, but the socket handed over by systemd "
                          "listens on %s: leave the option out, or correct the unit",
                          (unsigned)port, address_format(socket_address).text);
    }
    host->log(host->ctx, ACMECORE_DEBUG, "standalone.handover address=%s",
              address_format(socket_address).text);
    return take(host, fd, listeners);
}

static int take(const struct acmecore_host *host, int fd, struct listeners *listeners)
{
    /* A copy, so that the sockets are still there when we are opened again. */
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FD);

    if (copy < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0
        || fcntl(copy, F_SETFL, fcntl(copy, F_GETFL) | O_NONBLOCK) != 0) {
        if (copy >= 0)
            (void)close(copy);
        return host->fail(host->ctx, ACMECORE_E_SYSTEM,
                          "cannot use the socket handed over by systemd: %s",
                          strerror(errno));
    }
    listeners->fds[listeners->count++] = copy;
    return ACMECORE_OK;
}
