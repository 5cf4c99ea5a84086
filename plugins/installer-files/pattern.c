/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern.h"

#include <stdbool.h>
#include <string.h>

static bool add(char path[PATH_MAX], size_t *used, const char *text, size_t size);

const char *pattern_check(const char *pattern)
{
    size_t size = strlen(pattern);

    for (const char *at = strchr(pattern, '%'); at; at = strchr(at + 2, '%')) {
        if (at[1] != 'n' && at[1] != '%')
            return "% is followed by something else than n or %";
    }
    if (pattern[0] != '/' || pattern[size - 1] == '/')
        return "it is not the absolute path of a file";
    return NULL;
}

const char *pattern_expand(const char *pattern, const char *name, char path[PATH_MAX])
{
    size_t used = 0;
    bool fits = true;

    /* It becomes a part of a path: one name, and not the folder itself. */
    if (strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return "the certificate's name cannot be part of a path";
    for (; fits && *pattern; pattern++) {
        if (*pattern != '%') {
            fits = add(path, &used, pattern, 1);
        } else if (*++pattern == 'n') {
            fits = add(path, &used, name, strlen(name));
        } else {
            fits = add(path, &used, "%", 1);
        }
    }
    return fits ? NULL : "the path is too long";
}

static bool add(char path[PATH_MAX], size_t *used, const char *text, size_t size)
{
    if (size >= PATH_MAX - *used)
        return false;
    memcpy(path + *used, text, size);
    *used += size;
    path[*used] = '\0';
    return true;
}
