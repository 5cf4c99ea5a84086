/* SPDX-License-Identifier: Apache-2.0 */
#include "server.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DEFAULT_PORT "53"
#define SLICE_MS     250 /* between looks at whether the host wants us to stop */
#define MS_PER_S     1000
#define NS_PER_MS    1000000

/* What the resolver's own thread uses: it may outlive our patience. */
struct lookup {
    struct gaicb request; /* first, so that the library's pointer is ours */
    struct addrinfo hints;
    char host[SERVER_HOST_MAX + 1];
    char port[6];
};

static size_t resolve_literal(const struct server *server,
                              struct server_address *ret_addresses,
                              const char **ret_why);
static size_t resolve_name(const struct acmecore_host *host,
                           const struct server *server, int64_t wait_ms,
                           struct server_address *ret_addresses, const char **ret_why);
static bool split(const char *text, struct server *server);
static bool copy(char *room, size_t room_size, const char *text, size_t size);
static bool is_port(const char *text);
static struct lookup *start(const struct server *server);
static int wait_for(const struct acmecore_host *host, struct lookup *lookup,
                    int64_t wait_ms);
static void finish(struct lookup *lookup);
static size_t take(const struct server *server, const struct addrinfo *list,
                   struct server_address *ret_addresses);
static void describe(const struct server *server, const struct addrinfo *item,
                     struct server_address *address);

bool server_parse(const char *text, struct server *ret_server)
{
    struct server server = { .port = DEFAULT_PORT };
    struct addrinfo hints = { .ai_flags = AI_NUMERICHOST };
    struct addrinfo *list = NULL;

    if (!split(text, &server) || !is_port(server.port))
        return false;
    server.is_literal = getaddrinfo(server.host, NULL, &hints, &list) == 0;
    if (list)
        freeaddrinfo(list);
    if (!server.is_literal && strchr(server.host, ':'))
        return false;
    *ret_server = server;
    return true;
}

size_t server_resolve(const struct acmecore_host *host, const struct server *server,
                      int64_t wait_ms, struct server_address *ret_addresses,
                      const char **ret_why)
{
    if (server->is_literal)
        return resolve_literal(server, ret_addresses, ret_why);
    *ret_why = "there is no time left to look it up";
    if (wait_ms <= 0 || host->remaining_ms(host->ctx) <= 0)
        return 0;
    return resolve_name(host, server, wait_ms, ret_addresses, ret_why);
}

static size_t resolve_literal(const struct server *server,
                              struct server_address *ret_addresses,
                              const char **ret_why)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
                              .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
    struct addrinfo *list = NULL;
    int code = getaddrinfo(server->host, server->port, &hints, &list);
    size_t count = take(server, list, ret_addresses);

    *ret_why = code == 0 ? "it has no address" : gai_strerror(code);
    if (list)
        freeaddrinfo(list);
    return count;
}

static size_t resolve_name(const struct acmecore_host *host,
                           const struct server *server, int64_t wait_ms,
                           struct server_address *ret_addresses, const char **ret_why)
{
    struct lookup *lookup = start(server);
    size_t count = 0;
    int code = 0;

    *ret_why = "out of memory";
    if (!lookup)
        return 0;
    code = wait_for(host, lookup, wait_ms);
    if (code == EAI_INPROGRESS) {
        *ret_why = "the resolver did not answer in time";
    } else if (code != 0) {
        *ret_why = gai_strerror(code);
    } else {
        *ret_why = "it has no address";
        count = take(server, lookup->request.ar_result, ret_addresses);
    }
    finish(lookup);
    return count;
}

static bool split(const char *text, struct server *server)
{
    const char *colon = strchr(text, ':');
    const char *bracket = strchr(text, ']');

    if (text[0] == '[') {
        return bracket
               && copy(server->host, sizeof server->host, text + 1,
                       (size_t)(bracket - text - 1))
               && (bracket[1] == '\0'
                   || (bracket[1] == ':'
                       && copy(server->port, sizeof server->port, bracket + 2,
                               strlen(bracket + 2))));
    }
    /* Several colons without brackets: all of it is an IPv6 address. */
    if (!colon || strchr(colon + 1, ':'))
        return copy(server->host, sizeof server->host, text, strlen(text));
    return copy(server->host, sizeof server->host, text, (size_t)(colon - text))
           && copy(server->port, sizeof server->port, colon + 1, strlen(colon + 1));
}

static bool copy(char *room, size_t room_size, const char *text, size_t size)
{
    if (size == 0 || size >= room_size)
        return false;
    memcpy(room, text, size);
    room[size] = '\0';
    return true;
}

static bool is_port(const char *text)
{
    unsigned long port = strtoul(text, NULL, 10);

    return strspn(text, "0123456789") == strlen(text) && port >= 1 && port <= 65535;
}

static struct lookup *start(const struct server *server)
{
    struct lookup *lookup = calloc(1, sizeof *lookup);
    struct gaicb *list[1];

    if (!lookup)
        return NULL;
    memcpy(lookup->host, server->host, sizeof lookup->host);
    memcpy(lookup->port, server->port, sizeof lookup->port);
    lookup->hints.ai_socktype = SOCK_STREAM; /* once each address, not once a type */
    lookup->hints.ai_flags = AI_NUMERICSERV;
    lookup->request.ar_name = lookup->host;
    lookup->request.ar_service = lookup->port;
    lookup->request.ar_request = &lookup->hints;
    list[0] = &lookup->request;
    /* The plain getaddrinfo() would sit out the timeouts of resolv.conf. */
    if (getaddrinfo_a(GAI_NOWAIT, list, 1, NULL) == 0)
        return lookup;
    free(lookup);
    return NULL;
}

static int wait_for(const struct acmecore_host *host, struct lookup *lookup,
                    int64_t wait_ms)
{
    const struct gaicb *const list[] = { &lookup->request };
    int code = gai_error(&lookup->request);

    while (code == EAI_INPROGRESS && wait_ms > 0 && host->remaining_ms(host->ctx) > 0) {
        int64_t slice_ms = wait_ms < SLICE_MS ? wait_ms : SLICE_MS;
        struct timespec time = { .tv_sec = slice_ms / MS_PER_S,
                                 .tv_nsec = slice_ms % MS_PER_S * NS_PER_MS };

        (void)gai_suspend(list, 1, &time);
        wait_ms -= slice_ms;
        code = gai_error(&lookup->request);
    }
    return code;
}

static void finish(struct lookup *lookup)
{
    int code = gai_error(&lookup->request);

    if (code == EAI_INPROGRESS)
        code = gai_cancel(&lookup->request);
    /* Its thread still writes there: left to it, once a resolver that hangs. */
    if (code == EAI_NOTCANCELED)
        return;
    if (lookup->request.ar_result)
        freeaddrinfo(lookup->request.ar_result);
    free(lookup);
}

static size_t take(const struct server *server, const struct addrinfo *list,
                   struct server_address *ret_addresses)
{
    size_t count = 0;

    for (; list && count < SERVER_ADDRESSES_MAX; list = list->ai_next) {
        struct server_address *address = &ret_addresses[count];

        if (list->ai_addrlen > sizeof address->socket)
            continue;
        memcpy(&address->socket, list->ai_addr, list->ai_addrlen);
        address->size = list->ai_addrlen;
        describe(server, list, address);
        count++;
    }
    return count;
}

static void describe(const struct server *server, const struct addrinfo *item,
                     struct server_address *address)
{
    char number[64] = "?";
    char place[sizeof number + 16];

    (void)getnameinfo(item->ai_addr, item->ai_addrlen, number, sizeof number, NULL, 0,
                      NI_NUMERICHOST);
    if (item->ai_family == AF_INET6) {
        (void)snprintf(place, sizeof place, "[%s]:%s", number, server->port);
    } else {
        (void)snprintf(place, sizeof place, "%s:%s", number, server->port);
    }
    if (server->is_literal) {
        (void)snprintf(address->text, sizeof address->text, "%s", place);
    } else {
        (void)snprintf(address->text, sizeof address->text, "%s (%s)", server->host,
                       place);
    }
}
