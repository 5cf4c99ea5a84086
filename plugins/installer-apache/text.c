/* SPDX-License-Identifier: Apache-2.0 */
#include "text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ROOM_FIRST  256
#define ITEMS_FIRST 8

static bool make_room(struct apache_text *text, size_t size)
{
    size_t room = text->room ? text->room : ROOM_FIRST;
    char *bytes = NULL;

    if (size >= SIZE_MAX / 2 - text->size)
        return false;
    while (room <= text->size + size)
        room *= 2;
    if (room == text->room)
        return true;
    bytes = realloc(text->bytes, room);
    if (!bytes)
        return false;
    text->bytes = bytes;
    text->room = room;
    return true;
}

bool apache_text_add(struct apache_text *text, const char *bytes, size_t size)
{
    if (!make_room(text, size))
        return false;
    if (size > 0)
        memcpy(text->bytes + text->size, bytes, size);
    text->size += size;
    text->bytes[text->size] = '\0';
    return true;
}

bool apache_text_format(struct apache_text *text, const char *format, ...)
{
    va_list args;
    va_list again;
    int size = 0;
    bool is_good = false;

    va_start(args, format);
    va_copy(again, args);
    size = vsnprintf(NULL, 0, format, args);
    va_end(args);
    is_good = size >= 0 && make_room(text, (size_t)size);
    if (is_good) {
        (void)vsnprintf(text->bytes + text->size, (size_t)size + 1, format, again);
        text->size += (size_t)size;
    }
    va_end(again);
    return is_good;
}

void apache_text_done(struct apache_text *text)
{
    free(text->bytes);
    *text = (struct apache_text){ 0 };
}

int apache_text_sink(void *arg, const void *data, size_t size)
{
    return apache_text_add(arg, data, size) ? ACMECORE_OK : ACMECORE_E_SYSTEM;
}

bool apache_list_add(struct apache_list *list, const char *bytes, size_t size)
{
    char *copy = NULL;

    if (!apache_grow(&list->items, &list->room, list->count, sizeof *list->items))
        return false;
    copy = apache_copy(bytes, size);
    if (!copy)
        return false;
    list->items[list->count++] = copy;
    return true;
}

bool apache_list_has(const struct apache_list *list, const char *word)
{
    for (size_t i = 0; i < list->count; i++) {
        if (!strcasecmp(list->items[i], word))
            return true;
    }
    return false;
}

void apache_list_done(struct apache_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
    *list = (struct apache_list){ 0 };
}

bool apache_grow(void *items, size_t *room, size_t count, size_t item_size)
{
    char *old = NULL;
    char *grown = NULL;
    size_t wanted = *room ? *room * 2 : ITEMS_FIRST;

    if (count < *room)
        return true;
    memcpy(&old, items, sizeof old);
    grown = reallocarray(old, wanted, item_size);
    if (!grown)
        return false;
    memset(grown + *room * item_size, 0, (wanted - *room) * item_size);
    memcpy(items, &grown, sizeof grown);
    *room = wanted;
    /* cppcheck-suppress memleak ; it went to *items */
    return true;
}

char *apache_copy(const char *bytes, size_t size)
{
    char *copy = malloc(size + 1);

    if (!copy)
        return NULL;
    if (size > 0)
        memcpy(copy, bytes, size);
    copy[size] = '\0';
    return copy;
}

int apache_no_memory(const struct acmecore_host *host)
{
    return host->fail(host->ctx, ACMECORE_E_SYSTEM, "out of memory");
}
