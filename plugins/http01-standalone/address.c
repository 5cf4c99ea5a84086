/* SPDX-License-Identifier: Apache-2.0 */
#include "address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

/* The family is known, so the pointer may take its true type. */
union any_address {
    const struct sockaddr *any;
    const struct sockaddr_in *in;
    const struct sockaddr_in6 *in6;
};

static bool parse_in6(const char *text, size_t size, uint16_t port,
                      struct address *ret_address);
static struct address from_in(const struct sockaddr_in *in);
static struct address from_in6(const struct sockaddr_in6 *in6);

bool address_parse(const char *text, uint16_t port, struct address *ret_address)
{
    size_t size = strnlen(text, ADDRESS_TEXT_MAX);
    struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };

    if (size >= 2 && text[0] == '[' && text[size - 1] == ']')
        return parse_in6(text + 1, size - 2, port, ret_address);
    if (memchr(text, ':', size))
        return parse_in6(text, size, port, ret_address);
    if (inet_pton(AF_INET, text, &in.sin_addr) != 1)
        return false;
    *ret_address = from_in(&in);
    return true;
}

struct address address_any(int family, uint16_t port)
{
    const struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(port) };
    const struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
                                      .sin6_port = htons(port) };

    return family == AF_INET ? from_in(&in) : from_in6(&in6);
}

struct address_text address_format(const struct sockaddr *address)
{
    union any_address as = { address };
    char host[INET6_ADDRSTRLEN] = "?";
    struct address_text result = { "a local socket" };

    if (address->sa_family == AF_INET) {
        (void)inet_ntop(AF_INET, &as.in->sin_addr, host, sizeof host);
        (void)snprintf(result.text, sizeof result.text, "%s:%u", host,
                       (unsigned)ntohs(as.in->sin_port));
    }
    if (address->sa_family == AF_INET6) {
        (void)inet_ntop(AF_INET6, &as.in6->sin6_addr, host, sizeof host);
        (void)snprintf(result.text, sizeof result.text, "[%s]:%u", host,
                       (unsigned)ntohs(as.in6->sin6_port));
    }
    return result;
}

const struct sockaddr *address_socket(const struct address *address)
{
    return (const struct sockaddr *)&address->storage;
}

uint16_t address_port(const struct sockaddr *address)
{
    union any_address as = { address };

    if (address->sa_family == AF_INET)
        return ntohs(as.in->sin_port);
    return address->sa_family == AF_INET6 ? ntohs(as.in6->sin6_port) : 0;
}

static bool parse_in6(const char *text, size_t size, uint16_t port,
                      struct address *ret_address)
{
    char copy[ADDRESS_TEXT_MAX];
    struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
    char *percent = NULL;

    if (size >= sizeof copy)
        return false;
    memcpy(copy, text, size);
    copy[size] = '\0';
    percent = strchr(copy, '%');
    if (percent) {
        *percent = '\0';
        in6.sin6_scope_id = if_nametoindex(percent + 1);
        if (in6.sin6_scope_id == 0)
            return false;
    }
    if (inet_pton(AF_INET6, copy, &in6.sin6_addr) != 1)
        return false;
    *ret_address = from_in6(&in6);
    return true;
}

static struct address from_in(const struct sockaddr_in *in)
{
    struct address address = { .size = sizeof *in };

    memcpy(&address.storage, in, sizeof *in);
    return address;
}

static struct address from_in6(const struct sockaddr_in6 *in6)
{
    struct address address = { .size = sizeof *in6 };

    memcpy(&address.storage, in6, sizeof *in6);
    return address;
}
