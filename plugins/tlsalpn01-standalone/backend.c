/* SPDX-License-Identifier: Apache-2.0 */
#include "backend.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOCALHOST "127.0.0.1"

union socket_address {
    struct sockaddr any;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    struct sockaddr_storage storage;
};

static bool parse(const char *text, struct address *ret_address);
static bool read_host(const char *text, size_t size, uint16_t port,
                      struct address *ret_address);
static bool is_own(const struct address *backend, int listener_fd);
static bool is_loopback(const union socket_address *address);
static bool is_any(const union socket_address *address);
static bool is_same_host(const union socket_address *one,
                         const union socket_address *other);

int backend_read(const struct acmecore_host *host, const struct listeners *listeners,
                 struct backend *ret_backend)
{
    const char *text = host->option(host->ctx, "backend", 0);
    const char *header = host->option(host->ctx, "proxy-protocol", 0);
    struct backend backend = { .is_set = text != NULL };

    backend.wants_header = header && strcmp(header, "v1") == 0;
    if (header && !backend.wants_header && strcmp(header, "off") != 0) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "option proxy-protocol: \"off\" or \"v1\", not \"%s\"",
                          header);
    }
    if (text && !parse(text, &backend.address)) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "option backend: \"%s\" is not an IP address or localhost "
                          "with a port, such as 127.0.0.1:8443 or [::1]:8443",
                          text);
    }
    for (size_t i = 0; text && i < listeners->count; i++) {
        if (is_own(&backend.address, listeners->fds[i])) {
            return host->fail(host->ctx, ACMECORE_E_CONFIG,
                              "option backend: %s is where this plugin listens "
                              "itself: give the other server's own port",
                              text);
        }
    }
    *ret_backend = backend;
    return ACMECORE_OK;
}

int backend_connect(const struct backend *backend)
{
    int type = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
    int fd = socket(backend->address.storage.ss_family, type, IPPROTO_TCP);

    if (fd < 0)
        return -1;
    if (connect(fd, address_socket(&backend->address), backend->address.size) != 0
        && errno != EINPROGRESS) {
        int error = errno;

        (void)close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

size_t backend_header(int client_fd, char ret_text[BACKEND_HEADER_MAX])
{
    union socket_address peer = { .any = { 0 } }, own = { .any = { 0 } };
    char source[INET6_ADDRSTRLEN], target[INET6_ADDRSTRLEN];
    socklen_t peer_size = sizeof peer, own_size = sizeof own;
    bool is_in = false;

    if (getpeername(client_fd, &peer.any, &peer_size) != 0
        || getsockname(client_fd, &own.any, &own_size) != 0
        || (peer.any.sa_family != AF_INET && peer.any.sa_family != AF_INET6))
        return (size_t)snprintf(ret_text, BACKEND_HEADER_MAX, "PROXY UNKNOWN\r\n");
    is_in = peer.any.sa_family == AF_INET;
    (void)inet_ntop(peer.any.sa_family,
                    is_in ? (const void *)&peer.in.sin_addr : &peer.in6.sin6_addr,
                    source, sizeof source);
    (void)inet_ntop(own.any.sa_family,
                    is_in ? (const void *)&own.in.sin_addr : &own.in6.sin6_addr, target,
                    sizeof target);
    return (size_t)snprintf(ret_text, BACKEND_HEADER_MAX, "PROXY %s %s %s %u %u\r\n",
                            is_in ? "TCP4" : "TCP6", source, target,
                            (unsigned)address_port(&peer.any),
                            (unsigned)address_port(&own.any));
}

/* Only what needs no name server: nothing here may wait. */
static bool parse(const char *text, struct address *ret_address)
{
    const char *colon = strrchr(text, ':');
    char *end = NULL;
    unsigned long port = 0;

    if (!colon || colon[1] < '0' || colon[1] > '9')
        return false;
    errno = 0;
    port = strtoul(colon + 1, &end, 10);
    if (errno != 0 || *end != '\0' || port < 1 || port > UINT16_MAX)
        return false;
    return read_host(text, (size_t)(colon - text), (uint16_t)port, ret_address);
}

static bool read_host(const char *text, size_t size, uint16_t port,
                      struct address *ret_address)
{
    char name[ADDRESS_TEXT_MAX];

    if (size == 0 || size >= sizeof name)
        return false;
    memcpy(name, text, size);
    name[size] = '\0';
    /* "::1:443" could be read in two ways. */
    if (name[0] != '[' && strchr(name, ':'))
        return false;
    return address_parse(strcmp(name, "localhost") == 0 ? LOCALHOST : name, port,
                         ret_address);
}

/* All would come back to us, and again and again. */
static bool is_own(const struct address *backend, int listener_fd)
{
    union socket_address own = { .any = { 0 } }, there = { .any = { 0 } };
    socklen_t size = sizeof own;

    memcpy(&there.storage, &backend->storage, sizeof there.storage);
    if (getsockname(listener_fd, &own.any, &size) != 0
        || own.any.sa_family != there.any.sa_family
        || address_port(&own.any) != address_port(&there.any))
        return false;
    return is_same_host(&own, &there) || (is_any(&own) && is_loopback(&there));
}

static bool is_loopback(const union socket_address *address)
{
    if (address->any.sa_family == AF_INET)
        return ntohl(address->in.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    return IN6_IS_ADDR_LOOPBACK(&address->in6.sin6_addr);
}

static bool is_any(const union socket_address *address)
{
    if (address->any.sa_family == AF_INET)
        return address->in.sin_addr.s_addr == htonl(INADDR_ANY);
    return IN6_IS_ADDR_UNSPECIFIED(&address->in6.sin6_addr);
}

static bool is_same_host(const union socket_address *one,
                         const union socket_address *other)
{
    if (one->any.sa_family == AF_INET)
        return one->in.sin_addr.s_addr == other->in.sin_addr.s_addr;
    return IN6_ARE_ADDR_EQUAL(&one->in6.sin6_addr, &other->in6.sin6_addr);
}
