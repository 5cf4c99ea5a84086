/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/dns_resolvers.h"

#include "base/file.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>

#define HOST_SIZE 256
#define PORT_SIZE 8
#define KEYWORD   "nameserver"
#define BLANK     " \t"
#define LOCAL     "127.0.0.1"

/* "host:port" and "[literal]:port" apart; a bare IPv6 literal has colons of its own. */
static bool split(const char *address, char host[HOST_SIZE], char port[PORT_SIZE])
{
    const char *colon = strrchr(address, ':');
    const char *end = address + strlen(address);
    const char *begin = address;

    (void)snprintf(port, PORT_SIZE, "%d", AC_DNS_PORT);
    if (address[0] == '[') {
        begin = address + 1;
        end = strchr(begin, ']');
        if (!end || (end[1] != '\0' && end[1] != ':'))
            return false;
        colon = end[1] == ':' ? end + 1 : NULL;
    } else if (colon && strchr(address, ':') == colon) {
        end = colon;
    } else {
        colon = NULL;
    }
    if (end == begin || end - begin >= HOST_SIZE
        || (colon && (!colon[1] || strlen(colon + 1) >= PORT_SIZE)))
        return false;
    if (colon)
        (void)snprintf(port, PORT_SIZE, "%s", colon + 1);
    (void)snprintf(host, HOST_SIZE, "%.*s", (int)(end - begin), begin);
    return true;
}

static void keep_addresses(struct ac_dns_resolvers *resolvers,
                           const struct addrinfo *list)
{
    for (; list && resolvers->count < AC_DNS_RESOLVERS_MAX; list = list->ai_next) {
        struct ac_dns_address address = { 0 };
        if (list->ai_addrlen > sizeof address.at
            || (list->ai_family != AF_INET && list->ai_family != AF_INET6))
            continue;
        memcpy(&address.at, list->ai_addr, list->ai_addrlen);
        resolvers->items[resolvers->count++] = address;
    }
}

enum ac_code ac_dns_resolvers_add(struct ac_dns_resolvers *resolvers,
                                  const char *address, struct ac_error *err)
{
    struct addrinfo hints = { .ai_socktype = SOCK_DGRAM,
                              .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
    struct addrinfo *list = NULL;
    char host[HOST_SIZE];
    char port[PORT_SIZE];

    if (!split(address, host, port))
        return ac_fail(err, AC_E_USAGE, "resolver \"%s\" is no address", address);
    int status = getaddrinfo(host, port, &hints, &list);
    if (status == EAI_NONAME) {
        hints.ai_flags = AI_NUMERICSERV;
        status = getaddrinfo(host, port, &hints, &list);
    }
    if (status != 0) {
        return ac_fail(err, AC_E_USAGE, "resolver \"%s\" is not known: %s", address,
                       gai_strerror(status));
    }
    keep_addresses(resolvers, list);
    freeaddrinfo(list);
    return AC_OK;
}

/* One line, which is ours to change. Other keywords and bad addresses are passed over,
 * as libc does. */
static void read_line(char *line, struct ac_dns_resolvers *resolvers)
{
    struct addrinfo hints = { .ai_socktype = SOCK_DGRAM,
                              .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
    struct addrinfo *list = NULL;
    char port[PORT_SIZE];
    char *at = line + strspn(line, BLANK);

    if (strncmp(at, KEYWORD, sizeof KEYWORD - 1) != 0)
        return;
    at += sizeof KEYWORD - 1;
    if (!strspn(at, BLANK))
        return;
    at += strspn(at, BLANK);
    at[strcspn(at, BLANK "\r#;")] = '\0';
    (void)snprintf(port, sizeof port, "%d", AC_DNS_PORT);
    if (getaddrinfo(at, port, &hints, &list) != 0)
        return;
    keep_addresses(resolvers, list);
    freeaddrinfo(list);
}

static void read_lines(struct ac_text *text, struct ac_dns_resolvers *resolvers)
{
    char *line = text->bytes;

    while (line) {
        char *end = strchr(line, '\n');
        if (end)
            *end = '\0';
        read_line(line, resolvers);
        line = end ? end + 1 : NULL;
    }
}

enum ac_code ac_dns_resolvers_read(const char *path,
                                   struct ac_dns_resolvers *ret_resolvers,
                                   struct ac_error *err)
{
    AC_AUTO(ac_text) text = { 0 };
    struct ac_dns_resolvers resolvers = { 0 };
    enum ac_code code = ac_file_read(path, AC_DNS_RESOLV_CONF_MAX, &text, err);

    if (code == AC_OK) {
        read_lines(&text, &resolvers);
    } else if (code != AC_E_NOTFOUND) {
        return code;
    }
    if (resolvers.count == 0)
        AC_TRY(ac_dns_resolvers_add(&resolvers, LOCAL, err));
    *ret_resolvers = resolvers;
    return AC_OK;
}
