/* SPDX-License-Identifier: Apache-2.0 */
#include "site.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct loading {
    const struct acmecore_host *host;
    struct apache_dump *dump;
    struct apache_sites *sites;
    struct apache_lens *lens;
    unsigned tls_port;
};

static void drop_lens(struct apache_lens **lens)
{
    apache_lens_close(*lens);
}

static bool add_alias(struct loading *loading, struct apache_host *host,
                      const char *word)
{
    APACHE_AUTO_TEXT name = { 0 };
    struct apache_list *list = NULL;

    if (!apache_dump_expand(loading->dump, word, &name))
        return false;
    if (strstr(name.bytes, "${"))
        return true; /* a variable of the environment: nobody knows its value */
    list = strpbrk(name.bytes, "*?") ? &host->patterns : &host->aliases;
    return apache_list_has(list, name.bytes)
           || apache_list_add(list, name.bytes, name.size);
}

/* Apache's list is short of the aliases of a host that is alone at its address. */
static bool complete_names(struct loading *loading, struct apache_site *site)
{
    const struct apache_directive *at = NULL;

    site->has_name = apache_section_find(&site->section, "ServerName", NULL) != NULL;
    while ((at = apache_section_find(&site->section, "ServerAlias", at))) {
        site->has_name = true;
        for (size_t i = 0; i < at->argument_count; i++) {
            if (!add_alias(loading, site->host, at->arguments[i].text))
                return false;
        }
    }
    return true;
}

/* At this port, or (is_other) at any other one? */
static bool has_port(const struct apache_host *host, unsigned port, bool is_other)
{
    for (size_t i = 0; i < host->addresses.count; i++) {
        if ((apache_port_of(host->addresses.items[i]) != port) == is_other)
            return true;
    }
    return false;
}

/* The last one counts; NULL: there is none. */
static const struct apache_directive *find_engine(const struct apache_site *site)
{
    const struct apache_directive *engine = NULL;
    const struct apache_directive *at = NULL;

    while ((at = apache_section_find(&site->section, "SSLEngine", at)))
        engine = at;
    return engine;
}

/* Without an SSLEngine, what shows that TLS is meant. */
static bool speaks_tls(const struct apache_site *site, unsigned tls_port)
{
    const struct apache_directive *engine = find_engine(site);

    if (engine)
        return strcasecmp(apache_directive_argument(engine, 0), "off") != 0;
    return apache_section_find(&site->section, "SSLCertificateFile", NULL)
           || has_port(site->host, tls_port, false);
}

/* SSLEngine on would be for all of its ports, and end what is served without TLS. */
static bool is_mixed(const struct apache_site *site, unsigned tls_port)
{
    return !find_engine(site) && has_port(site->host, tls_port, false)
           && has_port(site->host, tls_port, true);
}

static bool is_twin(const struct apache_sites *sites, const struct apache_site *site)
{
    for (size_t i = 0; i < sites->count; i++) {
        const struct apache_site *other = &sites->items[i];
        if (!other->left_alone && other->file == site->file
            && other->extent.start == site->extent.start)
            return true;
    }
    return false;
}

static int parse(struct loading *loading, struct apache_site *site)
{
    const struct acmecore_host *host = loading->host;
    const char *reason = NULL;
    unsigned line = 0;
    int status = apache_section_parse(
        loading->lens, site->file->text.bytes + site->extent.start,
        site->extent.end - site->extent.start, &site->section, &line, &reason);

    if (status == ACMECORE_OK || status == ACMECORE_E_SYSTEM) {
        return status == ACMECORE_OK
                   ? status
                   : host->fail(host->ctx, status, "libaugeas: %s", reason);
    }
    if (line == 0) {
        host->log(host->ctx, ACMECORE_WARN,
                  "%s:%u: the virtual host has more than %d directives; it is left "
                  "alone",
                  site->host->file, site->host->line, APACHE_DIRECTIVES_MAX);
        site->left_alone = "it has too many directives";
        return ACMECORE_OK;
    }
    host->log(host->ctx, ACMECORE_WARN,
              "%s:%u: libaugeas does not understand line %u of the virtual host that "
              "begins here; it is left alone",
              site->host->file, site->host->line, line);
    site->left_alone = "libaugeas does not understand it";
    return ACMECORE_OK;
}

/* What is wrong with one file is no reason to leave the others. */
static int find_place(struct loading *loading, struct apache_site *site)
{
    const struct acmecore_host *host = loading->host;
    int status = ACMECORE_OK;

    if (site->host->is_macro) {
        site->left_alone = "a macro makes it";
        return ACMECORE_OK;
    }
    status =
        apache_files_get(host, &loading->sites->files, site->host->file, &site->file);
    if (status == ACMECORE_E_SYSTEM)
        return status;
    if (status != ACMECORE_OK) {
        site->left_alone = "its file cannot be read";
    } else if (!apache_extent_find(site->file->text.bytes, site->file->text.size,
                                   site->host->line, &site->extent)) {
        host->log(host->ctx, ACMECORE_WARN,
                  "%s:%u: the virtual host that Apache reports is not there; it is "
                  "left alone",
                  site->host->file, site->host->line);
        site->left_alone = "it is not where Apache reports it";
    } else if (is_twin(loading->sites, site)) {
        site->left_alone = "its file is included twice";
    }
    return ACMECORE_OK;
}

static int load_one(struct loading *loading, struct apache_host *found)
{
    struct apache_sites *sites = loading->sites;
    struct apache_site *site = NULL;
    int status = ACMECORE_OK;

    if (!apache_grow(&sites->items, &sites->room, sites->count, sizeof *sites->items))
        return apache_no_memory(loading->host);
    site = &sites->items[sites->count];
    *site = (struct apache_site){ .host = found, .has_name = true };
    status = find_place(loading, site);
    if (status == ACMECORE_OK && !site->left_alone)
        status = parse(loading, site);
    sites->count++;
    if (status != ACMECORE_OK || site->left_alone)
        return status;
    if (!complete_names(loading, site))
        return apache_no_memory(loading->host);
    if (is_mixed(site, loading->tls_port)) {
        site->left_alone = "it is at another port than that of TLS, too, and has no "
                           "SSLEngine: make two virtual hosts";
    }
    site->is_tls = speaks_tls(site, loading->tls_port);
    return ACMECORE_OK;
}

int apache_sites_load(const struct acmecore_host *host, struct apache_dump *dump,
                      unsigned tls_port, struct apache_sites *ret_sites)
{
    __attribute__((cleanup(drop_lens))) struct apache_lens *lens = apache_lens_open();
    APACHE_AUTO_SITES sites = { 0 };
    struct loading loading = { host, dump, &sites, lens, tls_port };
    int status = ACMECORE_OK;

    if (!lens)
        return host->fail(host->ctx, ACMECORE_E_SYSTEM, "libaugeas cannot start");
    for (size_t i = 0; i < dump->host_count && status == ACMECORE_OK; i++) {
        if (host->remaining_ms(host->ctx) <= 0) {
            return host->fail(host->ctx, ACMECORE_E_TIMEOUT,
                              "the time was over after %zu of %zu virtual hosts", i,
                              dump->host_count);
        }
        status = load_one(&loading, &dump->hosts[i]);
    }
    if (status != ACMECORE_OK)
        return status;
    *ret_sites = sites;
    sites = (struct apache_sites){ 0 };
    return ACMECORE_OK;
}

void apache_sites_done(struct apache_sites *sites)
{
    for (size_t i = 0; i < sites->count; i++)
        apache_section_done(&sites->items[i].section);
    free(sites->items);
    apache_files_done(&sites->files);
    *sites = (struct apache_sites){ 0 };
}

bool apache_site_path(const struct apache_site *site, const struct apache_dump *dump,
                      const char *name, struct apache_text *ret_path)
{
    const struct apache_directive *found =
        apache_section_find(&site->section, name, NULL);
    const char *value = found ? apache_directive_argument(found, 0) : "";

    if (value[0] == '\0')
        return apache_text_add(ret_path, "", 0);
    if (value[0] != '/' && value[0] != '$'
        && !apache_text_format(ret_path, "%s/", dump->server_root))
        return false;
    return apache_dump_expand(dump, value, ret_path);
}
