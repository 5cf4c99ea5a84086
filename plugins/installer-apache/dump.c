/* SPDX-License-Identifier: Apache-2.0 */
#include "dump.h"

#include <stdlib.h>
#include <string.h>

#define NUMBER_BASE 10
#define MACRO_MARK  "macro '"

struct parser {
    struct apache_dump *dump;
    enum {
        ELSEWHERE,
        HOSTS,
        FILES,
        MODULES
    } part;
    char *address; /* of the lines that follow; or NULL */
    size_t host;   /* of the aliases that follow, from 1; 0: none */
    bool has_memory;
};

static const char *after(const char *text, const char *start)
{
    size_t size = strlen(start);

    return strncmp(text, start, size) == 0 ? text + size : NULL;
}

static const char *skip_blanks(const char *text)
{
    return text + strspn(text, " \t");
}

static void keep_quoted(struct parser *parser, const char *text, char **kept)
{
    const char *end = text[0] == '"' ? strrchr(text + 1, '"') : NULL;

    if (!end || *kept)
        return;
    *kept = apache_copy(text + 1, (size_t)(end - text - 1));
    parser->has_memory = *kept != NULL;
}

static void keep(struct parser *parser, struct apache_list *list, const char *text)
{
    parser->has_memory = apache_list_add(list, text, strlen(text));
}

/* "  (19) /etc/apache2/ports.conf", "  (*) /etc/apache2/apache2.conf" */
static void read_file(struct parser *parser, const char *text)
{
    const char *end = text[0] == '(' ? strstr(text, ") ") : NULL;

    if (end)
        keep(parser, &parser->dump->files, end + 2);
}

/* " ssl_module (shared)" */
static void read_module(struct parser *parser, const char *text)
{
    parser->has_memory =
        apache_list_add(&parser->dump->modules, text, strcspn(text, " "));
}

static struct apache_host *find_host(const struct apache_dump *dump, const char *file,
                                     size_t file_size, unsigned line)
{
    for (size_t i = dump->host_count; i > 0; i--) {
        struct apache_host *host = &dump->hosts[i - 1];
        if (host->line == line && strncmp(host->file, file, file_size) == 0
            && host->file[file_size] == '\0')
            return host;
    }
    return NULL;
}

static struct apache_host *add_host(struct parser *parser, const char *file,
                                    size_t file_size, unsigned line)
{
    struct apache_dump *dump = parser->dump;
    struct apache_host *host = NULL;

    parser->has_memory = apache_grow(&dump->hosts, &dump->host_room, dump->host_count,
                                     sizeof *dump->hosts);
    if (!parser->has_memory)
        return NULL;
    host = &dump->hosts[dump->host_count];
    host->file = apache_copy(file, file_size);
    parser->has_memory = host->file != NULL;
    if (!parser->has_memory)
        return NULL;
    host->line = line;
    host->is_macro = after(host->file, MACRO_MARK) != NULL;
    dump->host_count++;
    return host;
}

/* "a.test (/etc/apache2/sites-enabled/a.conf:1)" */
static struct apache_host *read_place(struct parser *parser, const char *text)
{
    const char *open = strchr(text, ' ');
    const char *colon = strrchr(text, ':');
    struct apache_host *host = NULL;
    unsigned long line = 0;
    char *end = NULL;

    if (!open || !colon || colon < open + 2 || open[1] != '(')
        return NULL;
    line = strtoul(colon + 1, &end, NUMBER_BASE);
    if (end == colon + 1 || *end != ')' || line == 0 || line > INT32_MAX)
        return NULL;
    host =
        find_host(parser->dump, open + 2, (size_t)(colon - open) - 2, (unsigned)line);
    if (!host && parser->dump->host_count < APACHE_HOSTS_MAX)
        host = add_host(parser, open + 2, (size_t)(colon - open) - 2, (unsigned)line);
    if (host && !host->name) {
        host->name = apache_copy(text, (size_t)(open - text));
        parser->has_memory = host->name != NULL;
    }
    return parser->has_memory ? host : NULL;
}

static void add_address(struct parser *parser, struct apache_host *host,
                        bool is_default)
{
    if (!host || !parser->address)
        return;
    if (!apache_list_has(&host->addresses, parser->address))
        keep(parser, &host->addresses, parser->address);
    if (parser->has_memory && is_default
        && !apache_list_has(&host->defaults, parser->address))
        keep(parser, &host->defaults, parser->address);
}

/* "*:443   a.test (FILE:LINE)" or "*:443   is a NameVirtualHost" */
static void read_address(struct parser *parser, const char *text)
{
    const char *end = text + strcspn(text, " ");
    const char *rest = skip_blanks(end);

    free(parser->address);
    parser->address = apache_copy(text, (size_t)(end - text));
    parser->has_memory = parser->address != NULL;
    parser->host = 0;
    if (parser->has_memory && !after(rest, "is a NameVirtualHost"))
        add_address(parser, read_place(parser, rest), true);
}

static void read_named(struct parser *parser, const char *text)
{
    const char *name = strstr(text, " namevhost ");
    struct apache_host *host = NULL;

    parser->host = 0;
    if (!name)
        return;
    host = read_place(parser, name + strlen(" namevhost "));
    add_address(parser, host, false);
    if (host)
        parser->host = (size_t)(host - parser->dump->hosts) + 1;
}

static void read_alias(struct parser *parser, const char *name, bool is_pattern)
{
    struct apache_host *host = NULL;
    struct apache_list *list = NULL;

    if (parser->host == 0)
        return;
    host = &parser->dump->hosts[parser->host - 1];
    list = is_pattern ? &host->patterns : &host->aliases;
    if (!apache_list_has(list, name))
        keep(parser, list, name);
}

static void read_host(struct parser *parser, const char *text)
{
    const char *rest = NULL;

    if ((rest = after(text, "default server "))) {
        add_address(parser, read_place(parser, rest), true);
    } else if (after(text, "port ")) {
        read_named(parser, text);
    } else if ((rest = after(text, "alias "))) {
        read_alias(parser, rest, false);
    } else if ((rest = after(text, "wild alias "))) {
        read_alias(parser, rest, true);
    }
}

static void read_setting(struct parser *parser, const char *text)
{
    const char *rest = NULL;

    parser->part = ELSEWHERE;
    if (after(text, "VirtualHost configuration:")) {
        parser->part = HOSTS;
    } else if (after(text, "Included configuration files:")) {
        parser->part = FILES;
    } else if (after(text, "Loaded Modules:")) {
        parser->part = MODULES;
    } else if ((rest = after(text, "ServerRoot: "))) {
        keep_quoted(parser, rest, &parser->dump->server_root);
    } else if ((rest = after(text, "PidFile: "))) {
        keep_quoted(parser, rest, &parser->dump->pid_file);
    } else if ((rest = after(text, "Define: "))) {
        keep(parser, &parser->dump->defines, rest);
    }
}

/* "*:443", "192.0.2.1:80", "[::1]:443" */
static bool is_address(const char *text)
{
    size_t size = strcspn(text, " ");

    return strspn(text, "0123456789abcdefABCDEF.:*[]%") >= size && size > 0
           && memchr(text, ':', size) != NULL;
}

static void read_line(struct parser *parser, const char *text)
{
    if (parser->part == HOSTS && is_address(text)) {
        read_address(parser, text);
    } else if (text[0] != ' ') {
        read_setting(parser, text);
    } else if (parser->part == HOSTS) {
        read_host(parser, skip_blanks(text));
    } else if (parser->part == FILES) {
        read_file(parser, skip_blanks(text));
    } else if (parser->part == MODULES) {
        read_module(parser, skip_blanks(text));
    }
}

bool apache_dump_parse(const char *text, size_t size, struct apache_dump *ret_dump)
{
    struct parser parser = { .dump = ret_dump, .has_memory = true };
    const char *end = text + size;

    *ret_dump = (struct apache_dump){ 0 };
    while (text < end && parser.has_memory) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        size_t length = (size_t)((stop ? stop : end) - text);
        char *line = apache_copy(text, length);
        parser.has_memory = line != NULL;
        if (line)
            read_line(&parser, line);
        free(line);
        text += length + (stop ? 1 : 0);
    }
    free(parser.address);
    if (!parser.has_memory)
        apache_dump_done(ret_dump);
    return parser.has_memory;
}

void apache_dump_done(struct apache_dump *dump)
{
    for (size_t i = 0; i < dump->host_count; i++) {
        struct apache_host *host = &dump->hosts[i];
        free(host->file);
        free(host->name);
        apache_list_done(&host->addresses);
        apache_list_done(&host->defaults);
        apache_list_done(&host->aliases);
        apache_list_done(&host->patterns);
    }
    free(dump->hosts);
    apache_list_done(&dump->files);
    apache_list_done(&dump->modules);
    apache_list_done(&dump->defines);
    free(dump->server_root);
    free(dump->pid_file);
    *dump = (struct apache_dump){ 0 };
}

/* The value of a name that is defined; NULL: it is not. */
static const char *value_of(const struct apache_dump *dump, const char *name,
                            size_t size)
{
    for (size_t i = 0; i < dump->defines.count; i++) {
        const char *item = dump->defines.items[i];
        if (strncmp(item, name, size) == 0 && item[size] == '=')
            return item + size + 1;
    }
    return NULL;
}

bool apache_dump_expand(const struct apache_dump *dump, const char *text,
                        struct apache_text *ret_text)
{
    while (*text) {
        const char *open = strstr(text, "${");
        const char *close = open ? strchr(open, '}') : NULL;
        const char *value =
            close ? value_of(dump, open + 2, (size_t)(close - open) - 2) : NULL;
        if (!value)
            return apache_text_add(ret_text, text, strlen(text));
        if (!apache_text_add(ret_text, text, (size_t)(open - text))
            || !apache_text_add(ret_text, value, strlen(value)))
            return false;
        text = close + 1;
    }
    return apache_text_add(ret_text, "", 0);
}
