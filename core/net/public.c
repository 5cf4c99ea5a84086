/* SPDX-License-Identifier: Apache-2.0 */
#include "net/public.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#define HOST_SIZE 256 /* a name has 253 characters at most */

/* RFC 6890, RFC 6598 and RFC 1112: nothing that a public web server has. */
static const struct range {
    uint32_t address, mask;
} ranges[] = {
    { 0x00000000, 0xff000000 }, /* 0.0.0.0/8: this network */
    { 0x0a000000, 0xff000000 }, /* 10.0.0.0/8 */
    { 0x64400000, 0xffc00000 }, /* 100.64.0.0/10: behind a carrier's NAT */
    { 0x7f000000, 0xff000000 }, /* 127.0.0.0/8 */
    { 0xa9fe0000, 0xffff0000 }, /* 169.254.0.0/16: also where clouds keep secrets */
    { 0xac100000, 0xfff00000 }, /* 172.16.0.0/12 */
    { 0xc0a80000, 0xffff0000 }, /* 192.168.0.0/16 */
    { 0xe0000000, 0xe0000000 }, /* 224.0.0.0/3: many, and none */
};

bool ac_public_has_web_port(const char *place)
{
    const char *colon = strrchr(place, ':');

    return colon && (strcmp(colon, ":80") == 0 || strcmp(colon, ":443") == 0);
}

static bool is_public_v4(uint32_t address)
{
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        if ((address & ranges[i].mask) == ranges[i].address)
            return false;
    }
    return true;
}

static bool is_public_v6(const struct in6_addr *address)
{
    uint32_t inner;

    if (IN6_IS_ADDR_V4MAPPED(address) || IN6_IS_ADDR_V4COMPAT(address)
        || IN6_IS_ADDR_LOOPBACK(address) || IN6_IS_ADDR_UNSPECIFIED(address)) {
        memcpy(&inner, &address->s6_addr[12], sizeof inner);
        return !IN6_IS_ADDR_LOOPBACK(address) && !IN6_IS_ADDR_UNSPECIFIED(address)
               && is_public_v4(ntohl(inner));
    }
    /* fc00::/7 (RFC 4193), fe80::/10 and fec0::/10, ff00::/8 */
    return (address->s6_addr[0] & 0xfe) != 0xfc && !IN6_IS_ADDR_MULTICAST(address)
           && !IN6_IS_ADDR_LINKLOCAL(address) && !IN6_IS_ADDR_SITELOCAL(address);
}

static bool is_localhost(const char *host, size_t size)
{
    static const char name[] = "localhost";

    if (size > 0 && host[size - 1] == '.')
        size--;
    return size >= sizeof name - 1
           && strncasecmp(host + size - (sizeof name - 1), name, sizeof name - 1) == 0
           && (size == sizeof name - 1 || host[size - sizeof name] == '.');
}

bool ac_public_is_url(const char *url)
{
    const char *start = strstr(url, "://");
    char host[HOST_SIZE] = "";

    start = start ? start + strlen("://") : url;
    size_t size = start[0] == '[' ? strcspn(start, "]/?#") + 1 : strcspn(start, ":/?#");
    if (size >= sizeof host || size > strlen(start))
        return false;
    memcpy(host, start, size);
    return host[0] != '\0' && ac_public_is_host(host);
}

bool ac_public_is_address(const char *address)
{
    struct in6_addr v6;
    struct in_addr v4;

    if (inet_pton(AF_INET6, address, &v6) == 1)
        return is_public_v6(&v6);
    return inet_pton(AF_INET, address, &v4) == 1 && is_public_v4(ntohl(v4.s_addr));
}

bool ac_public_is_host(const char *host)
{
    size_t size = strlen(host);
    char text[INET6_ADDRSTRLEN] = "";
    struct in6_addr v6;
    struct in_addr v4;

    if (host[0] == '[') {
        if (size > 2 && size - 2 < sizeof text)
            memcpy(text, host + 1, size - 2);
        return inet_pton(AF_INET6, text, &v6) == 1 && is_public_v6(&v6);
    }
    if (inet_aton(host, &v4)) /* "127.1" and "0x7f000001" are taken by resolvers */
        return is_public_v4(ntohl(v4.s_addr));
    return !is_localhost(host, size);
}
