/* SPDX-License-Identifier: Apache-2.0 */
#include "servers.h"

#include "names.h"

#include <stdlib.h>
#include <string.h>

static bool is_server(const struct config *config, size_t directive);
static bool has_tls(const struct config *config, size_t block);
static bool says_tls(const struct config *config, size_t directive);
static void look(const struct config *config, struct server *server);
static void look_at(const struct config *config, size_t directive,
                    struct server *server);
static void choose(const struct config *config,
                   const struct acmecore_certificate *const *certificates, size_t count,
                   struct server *server);
static size_t count_names(const struct config *config, size_t block,
                          const char *const *identifiers, size_t *ret_stranger);

void servers_drop(struct servers *servers)
{
    free(servers->items);
    *servers = (struct servers){ 0 };
}

bool servers_find(const struct config *config,
                  const struct acmecore_certificate *const *certificates, size_t count,
                  struct servers *ret_servers)
{
    ret_servers->items = calloc(config->count + 1, sizeof *ret_servers->items);
    if (!ret_servers->items)
        return false;
    for (size_t i = 0; i < config->count; i++) {
        struct server *server = &ret_servers->items[ret_servers->count];

        if (!is_server(config, i) || !has_tls(config, i))
            continue;
        *server = (struct server){
            .block = i,
            .after = CONFIG_NONE,
            .chosen = CONFIG_NONE,
            .stranger = CONFIG_NONE,
            .place = { CONFIG_NONE, CONFIG_NONE, CONFIG_NONE },
        };
        look(config, server);
        choose(config, certificates, count, server);
        ret_servers->count++;
    }
    return true;
}

static bool is_server(const struct config *config, size_t directive)
{
    const struct config_directive *block = &config->directives[directive];

    return block->is_block && block->parent != CONFIG_NONE
           && config_is(config, directive, "server")
           && config_is(config, block->parent, "http");
}

static bool has_tls(const struct config *config, size_t block)
{
    size_t child = block;

    while ((child = config_next(config, block, child)) != CONFIG_NONE) {
        if (says_tls(config, child))
            return true;
    }
    return false;
}

/* listen ... ssl, listen ... quic, or `ssl on` of old. */
static bool says_tls(const struct config *config, size_t directive)
{
    char word[TOKEN_VALUE_MAX];
    bool is_listen = config_is(config, directive, "listen");
    bool is_ssl = config_is(config, directive, "ssl");

    for (size_t i = 1; (is_listen || is_ssl) && config_word(config, directive, i, word);
         i++) {
        if (is_ssl ? strcmp(word, "on") == 0
                   : strcmp(word, "ssl") == 0 || strcmp(word, "quic") == 0)
            return true;
    }
    return false;
}

static void look(const struct config *config, struct server *server)
{
    size_t child = server->block;

    while ((child = config_next(config, server->block, child)) != CONFIG_NONE)
        look_at(config, child, server);
}

static void look_at(const struct config *config, size_t directive,
                    struct server *server)
{
    struct servers_place *place = &server->place;
    bool is_certificate = config_is(config, directive, "ssl_certificate");
    bool is_key = config_is(config, directive, "ssl_certificate_key");
    bool is_beginning = config_is(config, directive, "listen")
                        || config_is(config, directive, "server_name");

    if (is_certificate && place->certificate != CONFIG_NONE)
        place->more = directive;
    if (is_key && place->key != CONFIG_NONE)
        place->more = directive;
    if (is_certificate)
        place->certificate = directive;
    if (is_key)
        place->key = directive;
    if (is_beginning
        && config->directives[directive].file == config->directives[server->block].file)
        server->after = directive;
}

static void choose(const struct config *config,
                   const struct acmecore_certificate *const *certificates, size_t count,
                   struct server *server)
{
    size_t best = 0;

    for (size_t i = 0; i < count; i++) {
        size_t stranger = CONFIG_NONE;
        size_t matching =
            count_names(config, server->block, certificates[i]->identifiers, &stranger);

        if (matching > best) {
            best = matching;
            server->chosen = i;
            server->stranger = stranger;
        }
    }
}

static size_t count_names(const struct config *config, size_t block,
                          const char *const *identifiers, size_t *ret_stranger)
{
    size_t matching = 0;
    size_t child = block;
    char word[TOKEN_VALUE_MAX];

    while ((child = config_next(config, block, child)) != CONFIG_NONE) {
        bool is_names = config_is(config, child, "server_name");

        for (size_t i = 1; is_names && config_word(config, child, i, word); i++) {
            bool is_match = names_match(word, identifiers);

            matching += is_match;
            if (!is_match)
                *ret_stranger = child;
        }
    }
    return matching;
}
