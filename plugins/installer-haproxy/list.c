/* SPDX-License-Identifier: Apache-2.0 */
#include "list.h"

#include <string.h>

#define BLANKS " \t\r"

static char *find(const struct files_blob *list, const char *path);

bool list_has(const struct files_blob *list, const char *path)
{
    return find(list, path) != NULL;
}

bool list_add(struct files_blob *list, const char *path)
{
    bool is_ended = list->size == 0 || list->bytes[list->size - 1] == '\n';

    return (is_ended || files_blob_add(list, "\n", 1))
           && files_blob_add(list, path, strlen(path)) && files_blob_add(list, "\n", 1);
}

void list_remove(struct files_blob *list, const char *path)
{
    char *line;

    while ((line = find(list, path))) {
        char *next = line + strcspn(line, "\n");
        char *end = list->bytes + list->size;

        if (*next == '\n')
            next++;
        memmove(line, next, (size_t)(end - next) + 1); /* and its NUL */
        list->size -= (size_t)(next - line);
    }
}

/* The line that begins with the path; NULL: there is none. */
static char *find(const struct files_blob *list, const char *path)
{
    size_t size = strlen(path);
    char *line = list->bytes;

    while (line && *line) {
        char *end = line + strcspn(line, "\n");
        const char *word = line + strspn(line, BLANKS);

        if ((size_t)(end - word) >= size && memcmp(word, path, size) == 0
            && (word[size] == '\0' || strchr(BLANKS "\n[", word[size])))
            return line;
        line = *end ? end + 1 : NULL;
    }
    return NULL;
}
