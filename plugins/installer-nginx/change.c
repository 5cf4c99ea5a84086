/* SPDX-License-Identifier: Apache-2.0 */
#include "change.h"

#include <stdio.h>
#include <string.h>

#define INDENT     "    "
#define INDENT_MAX 256

/* What all steps need. */
struct plan {
    const struct acmecore_host *host;
    const struct config *config;
    const struct servers *servers;
    struct edits *edits;
};

static int check_certificate(const struct plan *plan,
                             const struct acmecore_certificate *certificate,
                             size_t index);
static int change_server(const struct plan *plan, const struct server *server,
                         const struct acmecore_certificate *certificate);
static int set_both(const struct plan *plan, const struct server *server,
                    const char *chain, const char *key);
static int replace(const struct plan *plan, size_t certificate, size_t directive,
                   const char *value);
static int insert(const struct plan *plan, const struct server *server,
                  const char *chain, const char *key);
static void find_indent(const struct plan *plan, const struct server *server,
                        char indent[INDENT_MAX]);
static int add(const struct plan *plan, const struct edit *edit, size_t directive);
static void check_shared(const struct plan *plan, int *results);
static const struct edit *edit_of(const struct plan *plan, size_t directive);
static int refuse(const struct plan *plan, size_t directive, const char *why);

int change_plan(const struct config *config, const struct servers *servers,
                const struct acmecore_certificate *const *certificates, size_t count,
                int *results, struct edits *ret_edits)
{
    struct plan plan = { config->host, config, servers, ret_edits };
    int status = ACMECORE_OK;

    for (size_t i = 0; i < count; i++) {
        results[i] = check_certificate(&plan, certificates[i], i);
        for (size_t j = 0; results[i] == ACMECORE_OK && j < servers->count; j++) {
            if (servers->items[j].chosen == i)
                results[i] = change_server(&plan, &servers->items[j], certificates[i]);
        }
    }
    check_shared(&plan, results);
    for (size_t i = 0; i < count; i++) {
        if (results[i] == ACMECORE_OK)
            continue;
        /* Not one half of what it needs. */
        edits_forget(ret_edits, i);
        status = results[i];
    }
    return status;
}

static int check_certificate(const struct plan *plan,
                             const struct acmecore_certificate *certificate,
                             size_t index)
{
    const struct acmecore_host *host = plan->host;

    if (!certificate->key_path) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "the key of %s is in a token, which it does not leave: nginx "
                          "cannot be given it",
                          certificate->name);
    }
    for (size_t i = 0; i < plan->servers->count; i++) {
        if (plan->servers->items[i].chosen == index)
            return ACMECORE_OK;
    }
    return host->fail(host->ctx, ACMECORE_E_CONFIG,
                      "no server block of nginx has TLS (listen ... ssl) and a "
                      "server_name of %s: add one",
                      certificate->name);
}

static int change_server(const struct plan *plan, const struct server *server,
                         const struct acmecore_certificate *certificate)
{
    const struct acmecore_host *host = plan->host;
    char chain[EDIT_TEXT_MAX];
    char key[EDIT_TEXT_MAX];

    if (!edit_quote(certificate->fullchain_path, chain)
        || !edit_quote(certificate->key_path, key)) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "%s cannot be a path in nginx's configuration",
                          certificate->fullchain_path);
    }
    if (server->place.more != CONFIG_NONE) {
        return refuse(plan, server->place.more,
                      "the server block has several certificates; leave it one");
    }
    if (server->stranger != CONFIG_NONE) {
        host->log(host->ctx, ACMECORE_WARN,
                  "%s:%zu: the server block gets the certificate %s, which does not "
                  "have all of its names",
                  config_path_of(plan->config, server->stranger),
                  config_line_of(plan->config, server->stranger), certificate->name);
    }
    return set_both(plan, server, chain, key);
}

static int set_both(const struct plan *plan, const struct server *server,
                    const char *chain, const char *key)
{
    const struct servers_place *place = &server->place;
    int status = ACMECORE_OK;

    if (place->certificate == CONFIG_NONE && place->key == CONFIG_NONE)
        return insert(plan, server, chain, key);
    if (place->certificate == CONFIG_NONE || place->key == CONFIG_NONE) {
        return refuse(plan, place->key == CONFIG_NONE ? place->certificate : place->key,
                      "the server block has one of ssl_certificate and "
                      "ssl_certificate_key; give it both");
    }
    status = replace(plan, server->chosen, place->certificate, chain);
    return status == ACMECORE_OK ? replace(plan, server->chosen, place->key, key)
                                 : status;
}

static int replace(const struct plan *plan, size_t certificate, size_t directive,
                   const char *value)
{
    const struct config *config = plan->config;
    const struct config_directive *there = &config->directives[directive];
    const struct token *word = config_token(config, directive, 1);
    const char *text = config_text_of(config, directive)->bytes;
    char now[TOKEN_VALUE_MAX];
    struct edit edit = { .file = there->file,
                         .certificate = certificate,
                         .begin = word->begin,
                         .end = word->end,
                         .text = value };

    if (there->word_count != 2 || !config_word(config, directive, 1, now))
        return refuse(plan, directive, "the directive has not one path");
    /* In quotes or not: what is there already stays as it is written. */
    if (strlen(value) == word->end - word->begin
        && memcmp(text + word->begin, value, strlen(value)) == 0)
        return ACMECORE_OK;
    return add(plan, &edit, directive);
}

static int insert(const struct plan *plan, const struct server *server,
                  const char *chain, const char *key)
{
    const struct config *config = plan->config;
    size_t after = server->after == CONFIG_NONE ? server->block : server->after;
    size_t at = config->directives[after].end;
    char indent[INDENT_MAX];
    char text[2 * EDIT_TEXT_MAX + 2 * INDENT_MAX + 64];
    struct edit edit = { .file = config->directives[after].file,
                         .certificate = server->chosen,
                         .begin = at,
                         .end = at,
                         .text = text };

    find_indent(plan, server, indent);
    (void)snprintf(text, sizeof text,
                   "\n%sssl_certificate %s;\n%sssl_certificate_key %s;", indent, chain,
                   indent, key);
    return add(plan, &edit, after);
}

/* As the line before it has, or one step more than the block. */
static void find_indent(const struct plan *plan, const struct server *server,
                        char indent[INDENT_MAX])
{
    const struct config *config = plan->config;
    bool has_sibling = server->after != CONFIG_NONE;
    size_t like = has_sibling ? server->after : server->block;
    const char *text = config_text_of(config, like)->bytes;
    size_t begin = config_token(config, like, 0)->begin;
    size_t line = begin;
    size_t size = 0;

    while (line > 0 && text[line - 1] != '\n')
        line--;
    size = strspn(text + line, " \t");
    if (size >= INDENT_MAX - sizeof INDENT)
        size = 0;
    (void)snprintf(indent, INDENT_MAX, "%.*s%s", (int)size, text + line,
                   has_sibling && line + size == begin ? "" : INDENT);
}

static int add(const struct plan *plan, const struct edit *edit, size_t directive)
{
    const struct acmecore_host *host = plan->host;
    enum edit_result result = edits_add(plan->edits, edit);

    if (result == EDIT_CONFLICT) {
        return refuse(plan, directive,
                      "several server blocks include it, and need different "
                      "certificates: give each its own");
    }
    return result == EDIT_DONE
               ? ACMECORE_OK
               : host->fail(host->ctx, ACMECORE_E_SYSTEM, FILES_NO_MEMORY);
}

/* A file that is included by a block of somebody else must not be changed. */
static void check_shared(const struct plan *plan, int *results)
{
    for (size_t i = 0; i < plan->servers->count; i++) {
        const struct server *server = &plan->servers->items[i];
        const struct edit *edit = edit_of(plan, server->place.certificate);

        if (edit && edit->certificate != server->chosen
            && results[edit->certificate] == ACMECORE_OK) {
            results[edit->certificate] =
                refuse(plan, server->place.certificate,
                       "a server block with other names includes it, too: give each "
                       "its own");
        }
    }
}

/* NULL: the directive is not changed. */
static const struct edit *edit_of(const struct plan *plan, size_t directive)
{
    const struct config *config = plan->config;

    if (directive == CONFIG_NONE || config->directives[directive].word_count < 2)
        return NULL;
    return edits_find(plan->edits, config->directives[directive].file,
                      config_token(config, directive, 1)->begin);
}

static int refuse(const struct plan *plan, size_t directive, const char *why)
{
    const struct acmecore_host *host = plan->host;

    return host->fail(host->ctx, ACMECORE_E_CONFIG, "%s:%zu: %s",
                      config_path_of(plan->config, directive),
                      config_line_of(plan->config, directive), why);
}
