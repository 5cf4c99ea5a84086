/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options of this plugin, read and checked once; the key is read whenever it is
 * needed, and wiped by who needed it.
 */
#ifndef RFC2136_SETTINGS_H
#define RFC2136_SETTINGS_H

#include "server.h"
#include "tsig.h"

struct settings {
    struct server servers[SERVERS_MAX];
    size_t server_count;
    ldns_rdf *zone; /* NULL: of each challenge */
    uint32_t ttl;
    bool is_udp;
};

/* Also reads the key, so that a mistake shows before the CA is asked. */
int settings_read(const struct acmecore_host *host, struct settings *ret_settings);

void settings_drop(struct settings *settings);

/* The key of this plugin; ret_key->algorithm is NULL when none is configured. */
int settings_load_key(const struct acmecore_host *host, struct tsig_key *ret_key);

#endif
