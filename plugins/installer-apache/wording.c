/* SPDX-License-Identifier: Apache-2.0 */
#include "wording.h"

#include <stdio.h>
#include <string.h>

#define PLAIN_LETTERS                                                                  \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-+@:,="

bool apache_wording_can_tell(const char *path)
{
    for (const char *at = path; *at; at++) {
        if ((unsigned char)*at < ' ' || *at == '\x7f')
            return false;
    }
    return path[0] == '/' && !strstr(path, "${");
}

bool apache_wording_path(struct apache_text *text, const char *path)
{
    if (path[strspn(path, PLAIN_LETTERS)] == '\0')
        return apache_text_add(text, path, strlen(path));
    if (!apache_text_add(text, "\"", 1))
        return false;
    for (; *path; path++) {
        if (strchr("\"\\", *path) && !apache_text_add(text, "\\", 1))
            return false;
        if (!apache_text_add(text, path, 1))
            return false;
    }
    return apache_text_add(text, "\"", 1);
}

const char *apache_wording_line_end(const struct apache_site *site)
{
    const char *text = site->file->text.bytes;
    size_t end = site->extent.body;

    return end - site->extent.start >= 2 && text[end - 2] == '\r' ? "\r\n" : "\n";
}

void apache_wording_indent(const struct apache_site *site,
                           char indent[APACHE_INDENT_SIZE])
{
    const char *text = site->file->text.bytes + site->extent.start;

    for (size_t i = 0; i < site->section.count; i++) {
        const struct apache_directive *at = &site->section.directives[i];
        if (!at->is_nested) {
            (void)snprintf(indent, APACHE_INDENT_SIZE, "%.*s",
                           (int)strspn(text + at->start, " \t"), text + at->start);
            return;
        }
    }
    (void)snprintf(indent, APACHE_INDENT_SIZE, APACHE_INDENT);
}

bool apache_wording_line(struct apache_text *text, const struct apache_site *site,
                         const char *indent, const char *name, const char *path)
{
    return apache_text_format(text, "%s%s ", indent, name)
           && apache_wording_path(text, path)
           && apache_text_format(text, "%s", apache_wording_line_end(site));
}

bool apache_wording_hsts(struct apache_text *text, const struct apache_site *site,
                         const char *indent, long hsts_s)
{
    return apache_text_format(
        text, "%sHeader always set " APACHE_HSTS_HEADER " \"max-age=%ld\"%s", indent,
        hsts_s, apache_wording_line_end(site));
}
