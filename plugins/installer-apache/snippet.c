/* SPDX-License-Identifier: Apache-2.0 */
#include "snippet.h"

#include <glob.h>
#include <string.h>

#define INCLUDED_MAX 1000 /* files of one virtual host */

static const char *const includes[] = { "Include", "IncludeOptional" };

static bool sets(const struct apache_text *text, const char *directive)
{
    struct apache_reader reader = { .text = text->bytes, .size = text->size };
    struct apache_line line;

    while (apache_line_next(&reader, &line)) {
        if (apache_line_is(&line, directive))
            return true;
    }
    return false;
}

static int look_into(const struct acmecore_host *host, const char *path,
                     const char *directive, struct apache_text *ret_path)
{
    APACHE_AUTO_FILE file = { 0 };
    int status = apache_file_read(host, path, &file);

    if (status != ACMECORE_OK)
        return status == ACMECORE_E_SYSTEM ? status : ACMECORE_OK;
    if (sets(&file.text, directive) && !apache_text_add(ret_path, path, strlen(path)))
        return apache_no_memory(host);
    return ACMECORE_OK;
}

static int look_through(const struct acmecore_host *host, const char *pattern,
                        const char *directive, struct apache_text *ret_path)
{
    __attribute__((cleanup(globfree))) glob_t found = { 0 };
    int status = ACMECORE_OK;

    if (glob(pattern, GLOB_NOSORT, NULL, &found) != 0)
        return ACMECORE_OK;
    for (size_t i = 0; i < found.gl_pathc && i < INCLUDED_MAX; i++) {
        if (status == ACMECORE_OK && ret_path->size == 0)
            status = look_into(host, found.gl_pathv[i], directive, ret_path);
    }
    return status;
}

static int look_at(const struct acmecore_host *host, const struct apache_dump *dump,
                   const char *value, const char *directive,
                   struct apache_text *ret_path)
{
    APACHE_AUTO_TEXT pattern = { 0 };

    if (!apache_text_format(&pattern, "%s%s",
                            strchr("/$", value[0]) ? "" : dump->server_root,
                            strchr("/$", value[0]) ? "" : "/")
        || !apache_dump_expand(dump, value, &pattern))
        return apache_no_memory(host);
    return look_through(host, pattern.bytes, directive, ret_path);
}

int apache_snippet_find(const struct acmecore_host *host,
                        const struct apache_site *site, const struct apache_dump *dump,
                        const char *directive, struct apache_text *ret_path)
{
    int status =
        apache_text_add(ret_path, "", 0) ? ACMECORE_OK : apache_no_memory(host);

    for (size_t i = 0; i < APACHE_COUNT(includes); i++) {
        const struct apache_directive *at = NULL;
        while (status == ACMECORE_OK && ret_path->size == 0
               && (at = apache_section_find(&site->section, includes[i], at))) {
            status = look_at(host, dump, apache_directive_argument(at, 0), directive,
                             ret_path);
        }
    }
    return status;
}
