/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Growing text, growing arrays and lists of words. False or NULL: no memory.
 */
#ifndef APACHE_TEXT_H
#define APACHE_TEXT_H

#include <acmecore/plugin.h>

#include <stdbool.h>
#include <stddef.h>

struct apache_text {
    char *bytes; /* NUL-terminated; NULL before the first addition */
    size_t size;
    size_t room;
};

bool apache_text_add(struct apache_text *text, const char *bytes, size_t size);
ACMECORE_PRINTF(2, 3)
bool apache_text_format(struct apache_text *text, const char *format, ...);
void apache_text_done(struct apache_text *text);

/* An acmecore_sink that adds to the struct apache_text in `arg`. */
int apache_text_sink(void *arg, const void *data, size_t size);

struct apache_list {
    char **items;
    size_t count;
    size_t room;
};

bool apache_list_add(struct apache_list *list, const char *bytes, size_t size);
/* Upper and lower case are the same. */
bool apache_list_has(const struct apache_list *list, const char *word);
void apache_list_done(struct apache_list *list);

/*
 * Makes room for one more item in *items (of any pointer type); new room is zeroed. The
 * array may move.
 */
bool apache_grow(void *items, size_t *room, size_t count, size_t item_size);

/* A copy of so many bytes, with a NUL behind. */
char *apache_copy(const char *bytes, size_t size);

int apache_no_memory(const struct acmecore_host *host);

#define APACHE_AUTO_TEXT __attribute__((cleanup(apache_text_done))) struct apache_text
#define APACHE_AUTO_LIST __attribute__((cleanup(apache_list_done))) struct apache_list
#define APACHE_COUNT(a)  (sizeof(a) / sizeof *(a))

#endif
