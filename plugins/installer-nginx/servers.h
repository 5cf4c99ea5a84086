/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The TLS server blocks of a configuration, and which certificate belongs into which.
 */
#ifndef SERVERS_H
#define SERVERS_H

#include "config.h"

struct servers_place {
    size_t certificate, key; /* directives; CONFIG_NONE: it has none */
    size_t more;             /* a second ssl_certificate; CONFIG_NONE: there is none */
};

struct server {
    size_t block;    /* its directive */
    size_t after;    /* the directive in its file after which one may be added */
    size_t chosen;   /* index of the certificate; CONFIG_NONE: no name matches */
    size_t stranger; /* a server_name word that the chosen one does not serve, as
                      * directive; CONFIG_NONE: it serves all */
    struct servers_place place;
};

struct servers {
    struct server *items;
    size_t count;
};

#define AUTO_SERVERS __attribute__((cleanup(servers_drop))) struct servers

void servers_drop(struct servers *servers);

/* Those with TLS, each with the certificate that matches most of its names, the first
 * where several do. False: out of memory. */
bool servers_find(const struct config *config,
                  const struct acmecore_certificate *const *certificates, size_t count,
                  struct servers *ret_servers);

#endif
