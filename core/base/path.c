/* SPDX-License-Identifier: Apache-2.0 */
#include "base/path.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

static bool is_part(const char *part, size_t size, const char *text)
{
    return size == strlen(text) && memcmp(part, text, size) == 0;
}

/* Where the last part begins, its "/" included; nothing is above the root. */
static size_t drop_last(const char *path, size_t size)
{
    while (size > 0 && path[size - 1] != '/')
        size--;
    return size > 0 ? size - 1 : 0;
}

void ac_path_collapse(char *path)
{
    const char *rest = path;
    size_t size = 0;

    if (path[0] != '/')
        return;
    while (*rest) {
        rest += strspn(rest, "/");
        size_t part = strcspn(rest, "/");

        if (is_part(rest, part, "..")) {
            size = drop_last(path, size);
        } else if (part > 0 && !is_part(rest, part, ".")) {
            path[size++] = '/';
            memmove(path + size, rest, part);
            size += part;
        }
        rest += part;
    }
    if (size == 0)
        path[size++] = '/';
    path[size] = '\0';
}

bool ac_path_is_same(const char *a, const char *b)
{
    char first[PATH_MAX];
    char second[PATH_MAX];

    if (strcmp(a, b) == 0)
        return true;
    if (strlen(a) >= sizeof first || strlen(b) >= sizeof second)
        return false;
    (void)snprintf(first, sizeof first, "%s", a);
    (void)snprintf(second, sizeof second, "%s", b);
    ac_path_collapse(first);
    ac_path_collapse(second);
    return strcmp(first, second) == 0;
}
