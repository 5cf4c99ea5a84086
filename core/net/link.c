/* SPDX-License-Identifier: Apache-2.0 */
#include "net/link.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define WHITE " \t"
/* RFC 9110 5.6.2 */
#define TOKEN                                                                          \
    "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define VALUE_MAX 1024u /* bytes of one parameter's value */

struct parameter {
    const char *name;
    size_t name_size;
    char value[VALUE_MAX];
};

/* Steps over white space, then over `c` if it is there. */
static bool takes(const char **at, char c)
{
    *at += strspn(*at, WHITE);
    if (**at != c)
        return false;
    (*at)++;
    return true;
}

/* quoted-string (RFC 9110 5.6.4), the opening quote is behind us. */
static bool read_quoted(const char **at, char value[VALUE_MAX])
{
    size_t size = 0;

    while (**at != '"') {
        if (**at == '\\')
            (*at)++;
        if (**at == '\0' || size + 1 >= VALUE_MAX)
            return false;
        value[size++] = *(*at)++;
    }
    (*at)++;
    value[size] = '\0';
    return true;
}

/* Servers leave the quotes away also where the value is no token: rel=a/b. */
static bool read_bare(const char **at, char value[VALUE_MAX])
{
    size_t size = strcspn(*at, WHITE ",;\"");

    if (size >= VALUE_MAX)
        return false;
    memcpy(value, *at, size);
    value[size] = '\0';
    *at += size;
    return true;
}

/* name [ "=" value ], both sides of "=" with or without white space. */
static bool read_parameter(const char **at, struct parameter *ret_parameter)
{
    *at += strspn(*at, WHITE);
    ret_parameter->name = *at;
    ret_parameter->name_size = strspn(*at, TOKEN);
    ret_parameter->value[0] = '\0';
    *at += ret_parameter->name_size;
    if (!takes(at, '='))
        return true;
    if (takes(at, '"'))
        return read_quoted(at, ret_parameter->value);
    return read_bare(at, ret_parameter->value);
}

static bool is_named(const struct parameter *parameter, const char *name)
{
    return parameter->name_size == strlen(name)
           && strncasecmp(parameter->name, name, parameter->name_size) == 0;
}

/* 3.3: the value is a list of relations with spaces between them. */
static bool has_relation(const char *relations, const char *relation)
{
    const char *at = relations + strspn(relations, WHITE);

    while (*at != '\0') {
        size_t size = strcspn(at, WHITE);

        if (size == strlen(relation) && strncasecmp(at, relation, size) == 0)
            return true;
        at += size;
        at += strspn(at, WHITE);
    }
    return false;
}

/* The parameters of one link; *ret_is_match when they make it a link that is wanted. */
static bool read_parameters(const char **at, const char *relation, bool *ret_is_match)
{
    struct parameter parameter;
    bool has_rel = false;
    bool is_match = false;
    bool is_elsewhere = false;

    while (takes(at, ';')) {
        if (!read_parameter(at, &parameter))
            return false;
        /* 3.3: the first rel counts. */
        if (!has_rel && is_named(&parameter, "rel")) {
            has_rel = true;
            is_match = has_relation(parameter.value, relation);
        }
        /* 3.2: such a link is about something else than this answer. */
        if (is_named(&parameter, "anchor"))
            is_elsewhere = true;
    }
    *ret_is_match = is_match && !is_elsewhere;
    return true;
}

enum ac_code ac_link_find(const char *value, const char *relation,
                          struct ac_words *targets, struct ac_error *err)
{
    const char *at = value;

    for (;;) {
        const char *target;
        const char *end;
        bool is_match = false;

        while (takes(&at, ','))
            ;
        if (!takes(&at, '<'))
            return AC_OK;
        target = at;
        end = strchr(at, '>');
        if (end == NULL)
            return AC_OK;
        at = end + 1;
        if (!read_parameters(&at, relation, &is_match))
            return AC_OK;
        at += strspn(at, WHITE);
        if (*at != ',' && *at != '\0')
            return AC_OK;
        if (is_match)
            AC_TRY(ac_words_addf(targets, err, "%.*s", (int)(end - target), target));
    }
}
