/* SPDX-License-Identifier: Apache-2.0 */
#include "address.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/un.h>

#define HOST_MAX    64
#define LOOPBACK_4  0x7f000000u
#define LOOPBACK_4M 0xff000000u

static const char *parse_path(const char *text, struct address *ret_address);
static const char *parse_host(const char *text, struct address *ret_address);
static bool is_this_machine(const struct sockaddr *address);

const char *address_parse(const char *text, struct address *ret_address)
{
    *ret_address = (struct address){ 0 };
    return *text == '/' ? parse_path(text, ret_address) : parse_host(text, ret_address);
}

static const char *parse_path(const char *text, struct address *ret_address)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    if (strlen(text) >= sizeof address.sun_path)
        return "the path of a socket has at most 107 bytes";
    memcpy(address.sun_path, text, strlen(text) + 1);
    memcpy(&ret_address->bytes, &address, sizeof address);
    ret_address->size = sizeof address;
    return NULL;
}

/* Numbers only: a name is looked up elsewhere, and could lead elsewhere. */
static const char *parse_host(const char *text, struct address *ret_address)
{
    const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
                                    .ai_socktype = SOCK_STREAM };
    const char *colon = strrchr(text, ':');
    bool has_brackets = colon && text[0] == '[' && colon > text && colon[-1] == ']';
    size_t size = colon ? (size_t)(colon - text) - 2 * has_brackets : 0;
    char host[HOST_MAX] = "127.0.0.1";
    struct addrinfo *found = NULL;
    bool is_ours = false;

    if (size == 0 || size >= sizeof host)
        return "it is neither an absolute path nor ADDRESS:PORT";
    if (strncmp(text, "localhost:", sizeof "localhost:" - 1) != 0) {
        memcpy(host, text + has_brackets, size);
        host[size] = '\0';
    }
    if (getaddrinfo(host, colon + 1, &hints, &found) != 0)
        return "it is neither an absolute path nor ADDRESS:PORT";
    is_ours = is_this_machine(found->ai_addr);
    memcpy(&ret_address->bytes, found->ai_addr, found->ai_addrlen);
    ret_address->size = found->ai_addrlen;
    freeaddrinfo(found);
    return is_ours ? NULL
                   : "the key would go there in the clear: it must be this machine "
                     "(127.0.0.1 or ::1)";
}

static bool is_this_machine(const struct sockaddr *address)
{
    struct sockaddr_in four;
    struct sockaddr_in6 six;

    if (address->sa_family == AF_INET) {
        memcpy(&four, address, sizeof four);
        return (ntohl(four.sin_addr.s_addr) & LOOPBACK_4M) == LOOPBACK_4;
    }
    memcpy(&six, address, sizeof six);
    return address->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&six.sin6_addr);
}
