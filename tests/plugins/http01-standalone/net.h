/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of this plugin share: free ports, and a client of a few lines. */
#ifndef TESTS_STANDALONE_NET_H
#define TESTS_STANDALONE_NET_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

#define NET_TURNS_MAX 150 /* then a test gives up, before the server would: 7.5 s */
#define NET_TURN_MS   50

/* Lets the server under test work once; waits for it or `client_fd`, but not long. */
typedef void net_step(void *server, int client_fd);

/* A socket bound to `port` (0: any free one) of loopback; listening or not. */
static inline int net_bind(int family, uint16_t port, bool is_listening)
{
    struct sockaddr_in in = { .sin_family = AF_INET,
                              .sin_port = htons(port),
                              .sin_addr = { htonl(INADDR_LOOPBACK) } };
    struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
                                .sin6_port = htons(port),
                                .sin6_addr = IN6ADDR_LOOPBACK_INIT };
    const struct sockaddr *address =
        family == AF_INET ? (const void *)&in : (const void *)&in6;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;

    if (fd < 0)
        return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, address, family == AF_INET ? sizeof(in) : sizeof(in6)) == 0
        && (!is_listening || listen(fd, 8) == 0))
        return fd;
    (void)close(fd);
    return -1;
}

static inline bool net_has_ipv6(void)
{
    int fd = net_bind(AF_INET6, 0, false);

    if (fd >= 0)
        (void)close(fd);
    return fd >= 0;
}

static inline uint16_t net_port_of(int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in in;
        struct sockaddr_in6 in6; /* has the port in the same place */
    } address = { .in6 = { 0 } };
    socklen_t size = sizeof(address);

    if (getsockname(fd, &address.any, &size) != 0)
        return 0;
    return ntohs(address.in6.sin6_port);
}

/* A port that nobody had a moment ago. */
static inline uint16_t net_free_port(void)
{
    int fd = net_bind(AF_INET, 0, false);
    uint16_t port = fd >= 0 ? net_port_of(fd) : 0;

    if (fd >= 0)
        (void)close(fd);
    return port;
}

/* The port as an option's value; holds until the next call. */
static inline const char *net_port_text(uint16_t port)
{
    static char text[8];

    (void)snprintf(text, sizeof(text), "%u", (unsigned)port);
    return text;
}

/* The kernel completes the connection, whether or not the server has accepted it. */
static inline int net_connect(int family, uint16_t port)
{
    struct sockaddr_in in = { .sin_family = AF_INET,
                              .sin_port = htons(port),
                              .sin_addr = { htonl(INADDR_LOOPBACK) } };
    struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
                                .sin6_port = htons(port),
                                .sin6_addr = IN6ADDR_LOOPBACK_INIT };
    const struct sockaddr *address =
        family == AF_INET ? (const void *)&in : (const void *)&in6;
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd >= 0
        && connect(fd, address, family == AF_INET ? sizeof(in) : sizeof(in6)) == 0)
        return fd;
    if (fd >= 0)
        (void)close(fd);
    return -1;
}

static inline bool net_send(int fd, const char *text)
{
    size_t size = strlen(text);

    return send(fd, text, size, MSG_NOSIGNAL) == (ssize_t)size;
}

/* Reads to the end of the connection; false when that does not come. */
static inline bool net_receive(net_step *step, void *server, int fd, char *buffer,
                               size_t size)
{
    size_t used = 0;

    buffer[0] = '\0';
    for (int turn = 0; turn < NET_TURNS_MAX && used < size - 1; turn++) {
        ssize_t got = 0;

        step(server, fd);
        got = recv(fd, buffer + used, size - 1 - used, MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno == ECONNRESET))
            return true;
        if (got > 0)
            used += (size_t)got;
        buffer[used] = '\0';
    }
    return false;
}

/* One request on one connection; the whole answer, or "". Holds until the next call. */
static inline const char *net_ask(net_step *step, void *server, int family,
                                  uint16_t port, const char *request)
{
    static char answer[16384];
    int fd = net_connect(family, port);

    answer[0] = '\0';
    if (fd < 0)
        return answer;
    if (!net_send(fd, request)
        || !net_receive(step, server, fd, answer, sizeof(answer)))
        answer[0] = '\0';
    (void)close(fd);
    return answer;
}

/* "GET PATH" with all that HTTP/1.1 wants. Holds until the next call. */
static inline const char *net_request(const char *method, const char *target)
{
    static char text[4096];

    (void)snprintf(text, sizeof(text), "%s %s HTTP/1.1\r\nHost: any.example\r\n\r\n",
                   method, target);
    return text;
}

static inline bool net_has_status(const char *answer, int status)
{
    char line[32];

    (void)snprintf(line, sizeof(line), "HTTP/1.1 %d ", status);
    return strncmp(answer, line, strlen(line)) == 0;
}

/* The body, or "" */
static inline const char *net_body(const char *answer)
{
    const char *end = strstr(answer, "\r\n\r\n");

    return end ? end + 4 : "";
}

/* What the kernel calls this program; not what it was started as, under a tool. */
static inline const char *net_own_name(void)
{
    static char name[32];

    if (ac_test_read_file("/proc/self/comm", name, sizeof(name)) < 0)
        name[0] = '\0';
    name[strcspn(name, "\n")] = '\0';
    return name;
}

/* Runs `act` in a process of its own; gives what it returned (0..255), or -1. */
static inline int net_in_child(int (*act)(void))
{
    int status = 0;
    pid_t child;

    (void)ac_test_folder(); /* made here, so that it is removed here */
    (void)fflush(NULL);
    child = fork();
    if (child == 0)
        _exit(act());
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status);
}

#endif
