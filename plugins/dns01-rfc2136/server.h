/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Name servers as a person writes them, and the addresses behind them.
 */
#ifndef RFC2136_SERVER_H
#define RFC2136_SERVER_H

#include <acmecore/plugin.h>

#include <stdbool.h>
#include <sys/socket.h>

#define SERVER_HOST_MAX      255
#define SERVERS_MAX          16
#define SERVER_ADDRESSES_MAX 8 /* of one name */
#define SERVER_TEXT_MAX      (SERVER_HOST_MAX + 96)

struct server {
    char host[SERVER_HOST_MAX + 1]; /* a name, or an address without brackets */
    char port[6];
    bool is_literal; /* an address */
};

struct server_address {
    struct sockaddr_storage socket;
    socklen_t size;
    char text[SERVER_TEXT_MAX]; /* "192.0.2.1:53", "ns1.example.com (192.0.2.1:53)" */
};

/* "ns1", "ns1:53", "192.0.2.1:53", "2001:db8::1", "[2001:db8::1]:53"; port 53. */
bool server_parse(const char *text, struct server *ret_server);

/*
 * The addresses of a server, in the order in which the system prefers them; waits for
 * the resolver no longer than wait_ms, nor than the host allows.
 *
 * ret_addresses   room for SERVER_ADDRESSES_MAX
 * count           0: *ret_why says why
 */
size_t server_resolve(const struct acmecore_host *host, const struct server *server,
                      int64_t wait_ms, struct server_address *ret_addresses,
                      const char **ret_why);

#endif
