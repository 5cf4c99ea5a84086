/* SPDX-License-Identifier: Apache-2.0 */
#include "names.h"

#include <string.h>
#include <strings.h>

static bool matches(const char *server_name, const char *identifier);
static bool is_one_below(const char *server_name, const char *parent);

bool names_match(const char *server_name, const char *const *identifiers)
{
    for (; *identifiers; identifiers++) {
        if (matches(server_name, *identifiers))
            return true;
    }
    return false;
}

static bool matches(const char *server_name, const char *identifier)
{
    if (strcasecmp(server_name, identifier) == 0)
        return true;
    /* .NAME is NAME and *.NAME: one of them is enough to serve it. */
    if (*server_name == '.') {
        return strcasecmp(server_name + 1, identifier) == 0
               || (*identifier == '*' && strcasecmp(server_name, identifier + 1) == 0);
    }
    return strncmp(identifier, "*.", 2) == 0 && *server_name != '*'
           && *server_name != '~' && is_one_below(server_name, identifier + 2);
}

/* RFC 6125 §6.4.3: a wildcard is one label. */
static bool is_one_below(const char *server_name, const char *parent)
{
    const char *dot = strchr(server_name, '.');

    return dot && dot != server_name && strcasecmp(dot + 1, parent) == 0;
}
