/* SPDX-License-Identifier: Apache-2.0 */
#include "section.h"

#include <augeas.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define LENS        "Httpd.lns"
#define NUMBER_BASE 10
/* Directives of the virtual host, and of what stands in it. */
#define DIRECTIVES "/host/*//directive"
#define AT_TOP     2 /* slashes in "/host/VirtualHost/directive[1]", after the first */

struct apache_lens {
    augeas *library;
};

/* What aug_match gave. */
struct matches {
    char **paths;
    int count;
};

static void matches_done(struct matches *matches)
{
    for (int i = 0; i < matches->count; i++)
        free(matches->paths[i]);
    free(matches->paths);
}

#define AUTO_MATCHES __attribute__((cleanup(matches_done))) struct matches

struct apache_lens *apache_lens_open(void)
{
    struct apache_lens *lens = calloc(1, sizeof *lens);

    if (!lens)
        return NULL;
    /* Without autoload: the one lens takes 5 ms, all of them some seconds. */
    lens->library =
        aug_init("/", NULL, AUG_NO_MODL_AUTOLOAD | AUG_NO_LOAD | AUG_ENABLE_SPAN);
    if (lens->library)
        return lens;
    free(lens);
    return NULL;
}

void apache_lens_close(struct apache_lens *lens)
{
    if (!lens)
        return;
    aug_close(lens->library);
    free(lens);
}

/* Of a text without quotes at its ends. */
static char *copy_bare(const char *text)
{
    size_t size = strlen(text);

    if (size >= 2 && strchr("\"'", text[0]) && text[size - 1] == text[0])
        return apache_copy(text + 1, size - 2);
    return apache_copy(text, size);
}

static bool read_span(augeas *library, const char *path, size_t *ret_start,
                      size_t *ret_end)
{
    char *file = NULL;
    unsigned label_start = 0;
    unsigned label_end = 0;
    unsigned value_start = 0;
    unsigned value_end = 0;
    unsigned start = 0;
    unsigned end = 0;
    int status = aug_span(library, path, &file, &label_start, &label_end, &value_start,
                          &value_end, &start, &end);

    free(file);
    *ret_start = start;
    *ret_end = end;
    return status == 0;
}

static bool read_argument(augeas *library, const char *path,
                          struct apache_directive *directive)
{
    struct apache_argument *argument = NULL;
    const char *value = NULL;

    if (!apache_grow(&directive->arguments, &directive->argument_room,
                     directive->argument_count, sizeof *directive->arguments))
        return false;
    argument = &directive->arguments[directive->argument_count];
    if (aug_get(library, path, &value) != 1 || !value
        || !read_span(library, path, &argument->start, &argument->end))
        return false;
    argument->text = copy_bare(value);
    if (!argument->text)
        return false;
    directive->argument_count++;
    return true;
}

static bool read_arguments(augeas *library, const char *path,
                           struct apache_directive *directive)
{
    APACHE_AUTO_TEXT pattern = { 0 };
    AUTO_MATCHES found = { 0 };
    bool is_good = apache_text_format(&pattern, "%s/arg", path);

    if (!is_good)
        return false;
    found.count = aug_match(library, pattern.bytes, &found.paths);
    for (int i = 0; i < found.count && is_good; i++)
        is_good = read_argument(library, found.paths[i], directive);
    return is_good && found.count >= 0;
}

static bool is_nested(const char *path)
{
    size_t slashes = 0;

    for (const char *at = strchr(path + 1, '/'); at; at = strchr(at + 1, '/'))
        slashes++;
    return slashes > AT_TOP;
}

static bool read_directive(augeas *library, const char *path,
                           struct apache_section *section)
{
    struct apache_directive *directive = NULL;
    const char *name = NULL;

    if (!apache_grow(&section->directives, &section->room, section->count,
                     sizeof *section->directives))
        return false;
    directive = &section->directives[section->count];
    if (aug_get(library, path, &name) != 1 || !name)
        return false;
    directive->name = apache_copy(name, strlen(name));
    if (!directive->name)
        return false;
    section->count++;
    directive->is_nested = is_nested(path);
    return read_span(library, path, &directive->start, &directive->end)
           && read_arguments(library, path, directive);
}

static int by_place(const void *a, const void *b)
{
    const struct apache_directive *left = a;
    const struct apache_directive *right = b;

    return (left->start > right->start) - (left->start < right->start);
}

static int read_all(augeas *library, struct apache_section *section)
{
    AUTO_MATCHES found = { 0 };

    found.count = aug_match(library, DIRECTIVES, &found.paths);
    if (found.count < 0)
        return ACMECORE_E_SYSTEM;
    if (found.count > APACHE_DIRECTIVES_MAX)
        return ACMECORE_E_REFUSED;
    for (int i = 0; i < found.count; i++) {
        if (!read_directive(library, found.paths[i], section))
            return ACMECORE_E_SYSTEM;
    }
    if (section->count > 0) {
        qsort(section->directives, section->count, sizeof *section->directives,
              by_place);
    }
    return ACMECORE_OK;
}

/* The line where the lens stopped; 0: it is not the text's fault. */
static unsigned stopped_at(augeas *library)
{
    const char *line = NULL;

    if (aug_get(library, "/augeas/text/host/error/line", &line) != 1 || !line)
        return 0;
    return (unsigned)strtoul(line, NULL, NUMBER_BASE);
}

static int explain(augeas *library, unsigned *ret_line, const char **ret_reason)
{
    *ret_line = stopped_at(library);
    if (*ret_line > 0)
        return ACMECORE_E_REFUSED;
    *ret_reason = aug_error(library) == AUG_ENOLENS
                      ? "the lens Httpd is not installed: install augeas-lenses"
                      : aug_error_message(library);
    return ACMECORE_E_SYSTEM;
}

int apache_section_parse(struct apache_lens *lens, const char *text, size_t size,
                         struct apache_section *ret_section, unsigned *ret_line,
                         const char **ret_reason)
{
    augeas *library = lens->library;
    struct apache_section section = { 0 };
    char *copy = apache_copy(text, size);
    bool is_read = false;
    int status = ACMECORE_OK;

    *ret_line = 0;
    *ret_reason = "out of memory";
    if (!copy)
        return ACMECORE_E_SYSTEM;
    (void)aug_rm(library, "/host");
    (void)aug_rm(library, "/augeas/text");
    is_read = aug_set(library, "/text", copy) == 0
              && aug_text_store(library, LENS, "/text", "/host") == 0;
    free(copy);
    if (!is_read)
        return explain(library, ret_line, ret_reason);
    status = read_all(library, &section);
    if (status != ACMECORE_OK) {
        apache_section_done(&section);
        return status;
    }
    *ret_section = section;
    return ACMECORE_OK;
}

void apache_section_done(struct apache_section *section)
{
    for (size_t i = 0; i < section->count; i++) {
        struct apache_directive *directive = &section->directives[i];
        for (size_t k = 0; k < directive->argument_count; k++)
            free(directive->arguments[k].text);
        free(directive->arguments);
        free(directive->name);
    }
    free(section->directives);
    *section = (struct apache_section){ 0 };
}

const struct apache_directive *apache_section_find(const struct apache_section *section,
                                                   const char *name,
                                                   const struct apache_directive *after)
{
    size_t first = after ? (size_t)(after - section->directives) + 1 : 0;

    for (size_t i = first; i < section->count; i++) {
        if (!strcasecmp(section->directives[i].name, name))
            return &section->directives[i];
    }
    return NULL;
}

const char *apache_directive_argument(const struct apache_directive *directive,
                                      size_t index)
{
    return index < directive->argument_count ? directive->arguments[index].text : "";
}
