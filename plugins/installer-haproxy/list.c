/* SPDX-License-Identifier: Apache-2.0 */
#include "list.h"

#include <string.h>

#define BLANKS " \t\r"

bool list_has(const struct files_blob *list, const char *path)
{
    size_t size = strlen(path);
    const char *line = list->bytes;

    while (line && *line) {
        const char *end = line + strcspn(line, "\n");

        line += strspn(line, BLANKS);
        if ((size_t)(end - line) >= size && memcmp(line, path, size) == 0
            && (line[size] == '\0' || strchr(BLANKS "\n[", line[size])))
            return true;
        line = *end ? end + 1 : NULL;
    }
    return false;
}

bool list_add(struct files_blob *list, const char *path)
{
    bool is_ended = list->size == 0 || list->bytes[list->size - 1] == '\n';

    return (is_ended || files_blob_add(list, "\n", 1))
           && files_blob_add(list, path, strlen(path)) && files_blob_add(list, "\n", 1);
}
