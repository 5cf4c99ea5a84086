/* SPDX-License-Identifier: Apache-2.0 */
#include "listen.h"

#include "lines.h"
#include "match.h"

#include <stdio.h>
#include <string.h>

#define MODULE_SIZE 128

/* "mod_ssl.c" is "ssl_module" in Apache's list. */
static bool has_module(const struct apache_dump *dump, const char *name)
{
    char identifier[MODULE_SIZE];
    size_t size = strlen(name);

    if (size > strlen("mod_.c") && !strncmp(name, "mod_", strlen("mod_"))
        && !strcmp(name + size - 2, ".c")) {
        (void)snprintf(identifier, sizeof identifier, "%.*s_module",
                       (int)(size - strlen("mod_.c")), name + strlen("mod_"));
        name = identifier;
    }
    return apache_list_has(&dump->modules, name);
}

static bool has_define(const struct apache_dump *dump, const char *name)
{
    size_t size = strlen(name);

    for (size_t i = 0; i < dump->defines.count; i++) {
        const char *item = dump->defines.items[i];
        if (!strncmp(item, name, size) && (item[size] == '\0' || item[size] == '='))
            return true;
    }
    return false;
}

/* Does the section that this line opens count? What is not understood does. */
static bool counts(const struct apache_line *line, const struct apache_dump *dump,
                   const struct apache_list *words)
{
    const char *name = words->count > 0 ? words->items[0] : "";
    bool is_negated = name[0] == '!';
    bool is_met = apache_line_is(line, "<IfModule")
                      ? has_module(dump, name + is_negated)
                      : has_define(dump, name + is_negated);

    return name[0] == '\0' || is_met != is_negated;
}

static bool opens(const struct apache_line *line)
{
    return apache_line_is(line, "<IfModule") || apache_line_is(line, "<IfDefine");
}

static bool closes(const struct apache_line *line)
{
    return apache_line_is(line, "</IfModule") || apache_line_is(line, "</IfDefine");
}

static bool add_place(const struct apache_dump *dump, const struct apache_list *words,
                      struct apache_list *ret_places)
{
    APACHE_AUTO_TEXT place = { 0 };

    if (words->count == 0)
        return true;
    return apache_dump_expand(dump, words->items[0], &place)
           && (apache_list_has(ret_places, place.bytes)
               || apache_list_add(ret_places, place.bytes, place.size));
}

bool apache_listen_read(const char *text, size_t size, const struct apache_dump *dump,
                        struct apache_list *ret_places)
{
    struct apache_reader reader = { .text = text, .size = size };
    struct apache_line line;
    unsigned skipped = 0; /* sections deep in what does not count */
    bool is_good = true;

    while (is_good && apache_line_next(&reader, &line)) {
        APACHE_AUTO_LIST words = { 0 };
        bool is_listen = apache_line_is(&line, "Listen");
        if (closes(&line) && skipped > 0)
            skipped--;
        if (!is_listen && !opens(&line))
            continue;
        is_good = apache_line_words(&line, &words);
        if (is_listen && is_good && skipped == 0) {
            is_good = add_place(dump, &words, ret_places);
        } else if (!is_listen && (skipped > 0 || !counts(&line, dump, &words))) {
            skipped++;
        }
    }
    return is_good;
}

/* "443" is a port alone. */
static bool is_port(const char *place)
{
    return place[strspn(place, "0123456789")] == '\0';
}

static unsigned port_of(const char *place)
{
    char address[MODULE_SIZE];

    (void)snprintf(address, sizeof address, "%s%s", is_port(place) ? "*:" : "", place);
    return apache_port_of(address);
}

bool apache_listen_has(const struct apache_list *places, unsigned port)
{
    for (size_t i = 0; i < places->count; i++) {
        if (port_of(places->items[i]) == port)
            return true;
    }
    return false;
}

/* One without an address, or none at all: it is open to all. */
static bool is_open(const struct apache_list *places)
{
    for (size_t i = 0; i < places->count; i++) {
        if (is_port(places->items[i]) || !strchr(places->items[i], ':'))
            return true;
    }
    return places->count == 0;
}

bool apache_listen_write(const struct apache_list *places, unsigned port,
                         const char *indent, struct apache_text *ret_lines)
{
    APACHE_AUTO_LIST written = { 0 };
    bool is_good = true;

    if (is_open(places))
        return apache_text_format(ret_lines, "%sListen %u https\n", indent, port);
    for (size_t i = 0; i < places->count && is_good; i++) {
        const char *place = places->items[i];
        const char *colon = strrchr(place, ':');
        char address[MODULE_SIZE];
        (void)snprintf(address, sizeof address, "%.*s", (int)(colon - place), place);
        if (apache_list_has(&written, address))
            continue;
        is_good = apache_list_add(&written, address, strlen(address))
                  && apache_text_format(ret_lines, "%sListen %s:%u https\n", indent,
                                        address, port);
    }
    return is_good;
}
