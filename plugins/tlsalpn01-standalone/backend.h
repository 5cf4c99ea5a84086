/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The server that gets all connections that are none of our business.
 */
#ifndef TLSALPN01_BACKEND_H
#define TLSALPN01_BACKEND_H

#include <acmecore/plugin.h>

#include "address.h"
#include "listen.h"

#include <stdbool.h>

#define BACKEND_HEADER_MAX 108 /* PROXY protocol, version 1: 107 and a NUL */

struct backend {
    struct address address;
    bool is_set;       /* false: there is none, and such connections are closed */
    bool wants_header; /* tell it who the client is, in the PROXY protocol */
};

/*
 * Reads the options `backend` and `proxy-protocol`.
 *
 * ACMECORE_E_CONFIG  an option is wrong, or the backend is one of `listeners`
 */
int backend_read(const struct acmecore_host *host, const struct listeners *listeners,
                 struct backend *ret_backend);

/* Begins to connect, without waiting: the socket, or -1 and errno. */
int backend_connect(const struct backend *backend);

/* The first line for the backend, of the connection `client_fd`; its size. */
size_t backend_header(int client_fd, char ret_text[BACKEND_HEADER_MAX]);

#endif
