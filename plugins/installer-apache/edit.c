/* SPDX-License-Identifier: Apache-2.0 */
#include "edit.h"

#include "beside.h"
#include "wording.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define WORD_SIZE 64 /* of an age, or of a port */

static bool replace(struct apache_site *site, const struct apache_argument *argument,
                    const char *text)
{
    return apache_file_edit(site->file, site->extent.start + argument->start,
                            argument->end - argument->start, text);
}

static bool insert(struct apache_site *site, size_t at, const char *text)
{
    return apache_file_edit(site->file, at, 0, text);
}

/* All of this name, or all after the first. */
static bool remove_all(struct apache_site *site, const char *name,
                       const struct apache_directive *first)
{
    const struct apache_directive *at = first;

    while ((at = apache_section_find(&site->section, name, at))) {
        if (!apache_file_edit(site->file, site->extent.start + at->start,
                              at->end - at->start, ""))
            return false;
    }
    return true;
}

/* The first of this name gets the path; further ones go. */
static bool set_path(struct apache_site *site, const struct apache_dump *dump,
                     const char *name, const char *path)
{
    APACHE_AUTO_TEXT quoted = { 0 };
    APACHE_AUTO_TEXT current = { 0 };
    const struct apache_directive *first =
        apache_section_find(&site->section, name, NULL);

    if (!first)
        return true;
    if (!apache_wording_path(&quoted, path)
        || !apache_site_path(site, dump, name, &current))
        return false;
    if (first->argument_count > 0 && strcmp(current.bytes, path) != 0
        && !replace(site, &first->arguments[0], quoted.bytes))
        return false;
    return remove_all(site, name, first);
}

static bool is_max_age(const char *value)
{
    size_t size = strlen("max-age=");

    return !strncasecmp(value, "max-age=", size)
           && value[size + strspn(value + size, "0123456789")] == '\0';
}

static const struct apache_directive *find_hsts(const struct apache_section *section)
{
    const struct apache_directive *at = NULL;

    while ((at = apache_section_find(section, "Header", at))) {
        for (size_t i = 0; i < at->argument_count; i++) {
            if (!strcasecmp(at->arguments[i].text, APACHE_HSTS_HEADER))
                return at;
        }
    }
    return NULL;
}

/* One with more than an age is somebody's own and stays. */
static bool set_hsts(struct apache_site *site, const struct apache_directive *header,
                     long hsts_s)
{
    const struct apache_argument *last = &header->arguments[header->argument_count - 1];
    char quoted[WORD_SIZE];
    int size = snprintf(quoted, sizeof quoted, "\"max-age=%ld\"", hsts_s);

    if (!is_max_age(last->text)
        || (size == (int)strlen(last->text) + 2
            && !strncmp(last->text, quoted + 1, strlen(last->text))))
        return true;
    return replace(site, last, quoted);
}

/* Where new lines go, and how far in. */
struct spot {
    size_t at; /* of the file */
    char indent[APACHE_INDENT_SIZE];
};

static struct spot find_spot(const struct apache_site *site)
{
    const struct apache_directive *beside =
        apache_section_find(&site->section, "SSLCertificateFile", NULL);
    struct spot spot = { .at = site->extent.close };
    const char *line = NULL;

    if (!beside)
        beside = apache_section_find(&site->section, "SSLCertificateKeyFile", NULL);
    if (!beside) {
        apache_wording_indent(site, spot.indent);
        return spot;
    }
    line = site->file->text.bytes + site->extent.start + beside->start;
    (void)snprintf(spot.indent, sizeof spot.indent, "%.*s", (int)strspn(line, " \t"),
                   line);
    spot.at = site->extent.start + beside->end;
    return spot;
}

static bool add_missing(struct apache_text *lines, const struct apache_site *site,
                        const struct acmecore_certificate *certificate,
                        const char *indent)
{
    const struct apache_section *section = &site->section;

    if (!apache_section_find(section, "SSLEngine", NULL)
        && !apache_text_format(lines, "%sSSLEngine on%s", indent,
                               apache_wording_line_end(site)))
        return false;
    if (!apache_section_find(section, "SSLCertificateFile", NULL)
        && !apache_wording_line(lines, site, indent, "SSLCertificateFile",
                                certificate->fullchain_path))
        return false;
    return apache_section_find(section, "SSLCertificateKeyFile", NULL)
           || apache_wording_line(lines, site, indent, "SSLCertificateKeyFile",
                                  certificate->key_path);
}

bool apache_edit_certificate(struct apache_site *site, const struct apache_dump *dump,
                             const struct acmecore_certificate *certificate,
                             const struct apache_wishes *wishes)
{
    APACHE_AUTO_TEXT lines = { 0 };
    const struct apache_directive *header = find_hsts(&site->section);
    struct spot spot = find_spot(site);

    if (!set_path(site, dump, "SSLCertificateFile", certificate->fullchain_path)
        || !set_path(site, dump, "SSLCertificateKeyFile", certificate->key_path)
        || !remove_all(site, "SSLCertificateChainFile", NULL)
        || !add_missing(&lines, site, certificate, spot.indent))
        return false;
    if (wishes->hsts_s > 0 && header && !set_hsts(site, header, wishes->hsts_s))
        return false;
    if (wishes->hsts_s > 0 && !header
        && !apache_wording_hsts(&lines, site, spot.indent, wishes->hsts_s))
        return false;
    return lines.size == 0 || insert(site, spot.at, lines.bytes);
}

bool apache_edit_beside(struct apache_site *site, const struct apache_dump *dump,
                        const struct acmecore_certificate *certificate,
                        const struct apache_wishes *wishes)
{
    APACHE_AUTO_TEXT text = { 0 };

    return apache_beside_write(&text, site, dump, certificate, wishes)
           && insert(site, site->extent.end, text.bytes);
}

static bool has_redirect(const struct apache_site *site)
{
    for (size_t i = 0; i < site->section.count; i++) {
        if (apache_beside_sends_all(site, &site->section.directives[i]))
            return true;
    }
    return false;
}

bool apache_edit_redirect(struct apache_site *site, unsigned tls_port)
{
    APACHE_AUTO_TEXT text = { 0 };
    const char *end = apache_wording_line_end(site);
    char indent[APACHE_INDENT_SIZE] = "";
    char port[WORD_SIZE] = "";

    if (has_redirect(site))
        return true;
    apache_wording_indent(site, indent);
    if (tls_port != APACHE_HTTPS_PORT)
        (void)snprintf(port, sizeof port, ":%u", tls_port);
    return apache_text_format(
               &text,
               "%s<LocationMatch \"^/(?!\\.well-known/acme-challenge/)\">%s"
               "%s" APACHE_INDENT
               "Redirect permanent \"https://%%{SERVER_NAME}%s%%{REQUEST_URI}\"%s"
               "%s</LocationMatch>%s",
               indent, end, indent, port, end, indent, end)
           && insert(site, site->extent.close, text.bytes);
}
