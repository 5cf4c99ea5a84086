/* SPDX-License-Identifier: Apache-2.0 */
#include "beside.h"

#include "wording.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NAME_SIZE 256 /* of a host in a URL */
#define HTTPS     "https://"

/* "Redirect [STATUS] [PATH] URL" sends what is below PATH; the others have a pattern.
 */
static const char *const by_path[] = { "Redirect", "RedirectPermanent",
                                       "RedirectTemp" };
static const char *const by_pattern[] = { "RedirectMatch", "RewriteRule" };

/* What the copy has of its own, and what Apache takes once for all virtual hosts. */
static const char *const singles[] = {
    "SSLEngine",         "SSLCertificateFile",      "SSLCertificateKeyFile",
    "WSGIDaemonProcess", "SSLCertificateChainFile",
};

static bool is_among(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!strcasecmp(name, names[i]))
            return true;
    }
    return false;
}

/* "https://a.test/…" for a name of the host, or for a name that comes of the request */
static bool leads_back(const struct apache_site *site, const char *url)
{
    char name[NAME_SIZE];
    size_t size = 0;

    if (strncasecmp(url, HTTPS, strlen(HTTPS)) != 0)
        return false;
    url += strlen(HTTPS);
    size = strcspn(url, ":/?#");
    if (strchr("%$", url[0]) || size >= sizeof name)
        return true;
    memcpy(name, url, size);
    name[size] = '\0';
    return apache_match(site->host, true, name) > APACHE_MATCH_NONE;
}

/* The argument that is such a URL; its number is at least 1, or there is none: 0. */
static size_t find_url(const struct apache_site *site,
                       const struct apache_directive *directive)
{
    for (size_t i = 1; i < directive->argument_count; i++) {
        if (leads_back(site, directive->arguments[i].text))
            return i;
    }
    return 0;
}

/* Without a path, in a <Location>, it is for all that comes there. */
static const char *path_of(const struct apache_directive *directive, size_t url)
{
    const char *path = apache_directive_argument(directive, url - 1);

    return path[0] == '/' ? path : "/";
}

/* Is "/old" sent to "https://a.test/old…", and from there again? */
static bool is_circle(const struct apache_directive *directive, size_t url)
{
    const char *path = path_of(directive, url);
    const char *target = strchr(directive->arguments[url].text + strlen(HTTPS), '/');

    return !strcmp(path, "/") || (target && !strncmp(target, path, strlen(path)));
}

/* A pattern for anything, or a target that is made of the request. */
static bool is_general(const struct apache_directive *directive, size_t url)
{
    const char *pattern = apache_directive_argument(directive, url - 1);

    return !strcmp(pattern, "^") || strstr(pattern, ".*")
           || strpbrk(directive->arguments[url].text, "$%");
}

bool apache_beside_is_circle(const struct apache_site *site,
                             const struct apache_directive *directive)
{
    size_t url = find_url(site, directive);

    if (url == 0)
        return false;
    if (is_among(directive->name, by_path, APACHE_COUNT(by_path)))
        return is_circle(directive, url);
    return is_among(directive->name, by_pattern, APACHE_COUNT(by_pattern))
           && is_general(directive, url);
}

bool apache_beside_sends_all(const struct apache_site *site,
                             const struct apache_directive *directive)
{
    return apache_beside_is_circle(site, directive)
           && (!is_among(directive->name, by_path, APACHE_COUNT(by_path))
               || !strcmp(path_of(directive, find_url(site, directive)), "/"));
}

/* The conditions of a rule stand before it. */
static bool is_condition_of_left_out(const struct apache_site *site, size_t index)
{
    const struct apache_section *section = &site->section;

    while (index < section->count
           && !strcasecmp(section->directives[index].name, "RewriteCond"))
        index++;
    return index < section->count
           && !strcasecmp(section->directives[index].name, "RewriteRule")
           && apache_beside_is_circle(site, &section->directives[index]);
}

static bool is_left_out(const struct apache_site *site, size_t index)
{
    const struct apache_directive *directive = &site->section.directives[index];

    if (!strcasecmp(directive->name, "RewriteCond"))
        return is_condition_of_left_out(site, index);
    return is_among(directive->name, singles, APACHE_COUNT(singles))
           || apache_beside_is_circle(site, directive);
}

/* ---- its address ----------------------------------------------------------- */

static bool has_address(const struct apache_dump *dump, const char *address)
{
    for (size_t i = 0; i < dump->host_count; i++) {
        if (apache_list_has(&dump->hosts[i].addresses, address))
            return true;
    }
    return false;
}

static bool add_address(struct apache_list *list, const char *address)
{
    return apache_list_has(list, address)
           || apache_list_add(list, address, strlen(address));
}

/* Where one is at "*:443" and others are at an address, it would not be found there. */
static bool add_others(struct apache_list *list, const struct apache_dump *dump,
                       unsigned port)
{
    for (size_t i = 0; i < dump->host_count; i++) {
        const struct apache_list *addresses = &dump->hosts[i].addresses;
        for (size_t k = 0; k < addresses->count; k++) {
            if (apache_port_of(addresses->items[k]) == port
                && !add_address(list, addresses->items[k]))
                return false;
        }
    }
    return true;
}

/* The same addresses with the port of TLS; but it must not hide the hosts at "*". */
static bool find_addresses(struct apache_list *list, const struct apache_site *site,
                           const struct apache_dump *dump, unsigned port)
{
    const struct apache_list *addresses = &site->host->addresses;
    char any[NAME_SIZE];

    (void)snprintf(any, sizeof any, "*:%u", port);
    for (size_t i = 0; i < addresses->count; i++) {
        const char *address = addresses->items[i];
        const char *colon = strrchr(address, ':');
        char moved[NAME_SIZE];
        (void)snprintf(moved, sizeof moved, "%.*s:%u", (int)(colon - address), address,
                       port);
        bool is_hiding = !has_address(dump, moved) && has_address(dump, any);
        if (!add_address(list, is_hiding ? any : moved))
            return false;
    }
    return !apache_list_has(list, any) || add_others(list, dump, port);
}

static bool write_head(struct apache_text *text, const struct apache_site *site,
                       const struct apache_dump *dump, unsigned port)
{
    APACHE_AUTO_LIST addresses = { 0 };
    const char *line = site->file->text.bytes + site->extent.start;
    bool is_good =
        find_addresses(&addresses, site, dump, port)
        && apache_text_format(text, "%.*s<VirtualHost", (int)strspn(line, " \t"), line);

    for (size_t i = 0; i < addresses.count && is_good; i++)
        is_good = apache_text_format(text, " %s", addresses.items[i]);
    return is_good && apache_text_format(text, ">%s", apache_wording_line_end(site));
}

/* ---- its lines -------------------------------------------------------------- */

static bool copy_bytes(struct apache_text *text, const struct apache_site *site,
                       size_t from, size_t to)
{
    return apache_text_add(text, site->file->text.bytes + site->extent.start + from,
                           to - from);
}

/* "a.test:80" is at another port now; *at moves behind what was written. */
static bool copy_name(struct apache_text *text, const struct apache_site *site,
                      const struct apache_directive *directive, unsigned port,
                      size_t *at)
{
    const char *name = apache_directive_argument(directive, 0);
    const char *colon = strrchr(name, ':');
    const struct apache_argument *argument = NULL;

    if (!colon || colon[1] == '\0'
        || colon[1 + strspn(colon + 1, "0123456789")] != '\0')
        return true;
    argument = &directive->arguments[0];
    if (!copy_bytes(text, site, *at, argument->start)
        || !apache_text_format(text, "%.*s:%u", (int)(colon - name), name, port))
        return false;
    *at = argument->end;
    return true;
}

static bool copy_body(struct apache_text *text, const struct apache_site *site,
                      unsigned port)
{
    size_t at = site->extent.body - site->extent.start;
    bool is_good = true;

    for (size_t i = 0; i < site->section.count && is_good; i++) {
        const struct apache_directive *directive = &site->section.directives[i];
        if (!strcasecmp(directive->name, "ServerName"))
            is_good = copy_name(text, site, directive, port, &at);
        if (!is_left_out(site, i))
            continue;
        is_good = directive->start < at || copy_bytes(text, site, at, directive->start);
        at = directive->end;
    }
    return is_good
           && copy_bytes(text, site, at, site->extent.close - site->extent.start);
}

static bool write_tls(struct apache_text *text, const struct apache_site *site,
                      const struct acmecore_certificate *certificate, long hsts_s)
{
    char indent[APACHE_INDENT_SIZE] = "";

    apache_wording_indent(site, indent);
    return apache_text_format(text, "%sSSLEngine on%s", indent,
                              apache_wording_line_end(site))
           && apache_wording_line(text, site, indent, "SSLCertificateFile",
                                  certificate->fullchain_path)
           && apache_wording_line(text, site, indent, "SSLCertificateKeyFile",
                                  certificate->key_path)
           && (hsts_s == 0 || apache_wording_hsts(text, site, indent, hsts_s));
}

/* The last line of a file may lack its end. */
static bool end_line(struct apache_text *text, const char *end, char last)
{
    return last == '\n' || apache_text_format(text, "%s", end);
}

bool apache_beside_write(struct apache_text *text, const struct apache_site *site,
                         const struct apache_dump *dump,
                         const struct acmecore_certificate *certificate,
                         const struct apache_wishes *wishes)
{
    const char *file = site->file->text.bytes;
    const char *end = apache_wording_line_end(site);
    char last = file[site->extent.end - 1];

    return end_line(text, end, last)
           && apache_text_format(text,
                                 "<IfModule mod_ssl.c>%s"
                                 "# With TLS; made by acmecore (installer-apache).%s",
                                 end, end)
           && write_head(text, site, dump, wishes->tls_port)
           && copy_body(text, site, wishes->tls_port)
           && write_tls(text, site, certificate, wishes->hsts_s)
           && apache_text_add(text, file + site->extent.close,
                              site->extent.end - site->extent.close)
           && end_line(text, end, last)
           && apache_text_format(text, "</IfModule>%s", end);
}
