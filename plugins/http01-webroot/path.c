/* SPDX-License-Identifier: Apache-2.0 */
#include "path.h"

#include <string.h>
#include <strings.h>

#define ALPHANUMERIC "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

static const char *parse_pattern(const char *text, size_t size);
static const char *parse_root(const char *root);
static bool is_wildcard(const struct webroot_rule *rule);
static size_t rank(const struct webroot_rule *rule, const char *name);

bool webroot_token_is_safe(const char *token)
{
    size_t size = strnlen(token, WEBROOT_TOKEN_MAX + 1);

    return size >= 1 && size <= WEBROOT_TOKEN_MAX
           && strspn(token, ALPHANUMERIC "-_") == size;
}

const char *webroot_rule_parse(const char *value, struct webroot_rule *ret_rule)
{
    const char *equals = strchr(value, '=');
    bool is_default = value[0] == '/' || !equals;
    const char *root = is_default ? value : equals + 1;
    size_t pattern_size = is_default ? 0 : (size_t)(equals - value);
    const char *wrong = is_default ? NULL : parse_pattern(value, pattern_size);

    if (!wrong)
        wrong = parse_root(root);
    if (wrong)
        return wrong;
    *ret_rule = (struct webroot_rule){ value, pattern_size, root };
    return NULL;
}

bool webroot_rule_is_same(const struct webroot_rule *a, const struct webroot_rule *b)
{
    return a->pattern_size == b->pattern_size
           && strncasecmp(a->pattern, b->pattern, a->pattern_size) == 0;
}

const struct webroot_rule *webroot_rule_find(const struct webroot_rule *rules,
                                             size_t count, const char *name)
{
    const struct webroot_rule *best = NULL;
    size_t best_rank = 0;

    for (size_t i = 0; i < count; i++) {
        size_t here = rank(&rules[i], name);

        if (here > best_rank) {
            best = &rules[i];
            best_rank = here;
        }
    }
    return best;
}

static const char *parse_pattern(const char *text, size_t size)
{
    size_t star = size > 2 && strncmp(text, "*.", 2) == 0 ? 2 : 0;

    if (size > WEBROOT_PATTERN_MAX)
        return "the name before '=' is longer than a DNS name";
    /* ':' for IPv6 addresses, which are identifiers too (RFC 8738). */
    if (size == star || strspn(text + star, ALPHANUMERIC "-_.:") != size - star)
        return "before '=' stands a name or *.name, international names as xn--";
    if (text[star] == '.' || text[size - 1] == '.' || memmem(text, size, "..", 2))
        return "the name before '=' has an empty label";
    return NULL;
}

static const char *parse_root(const char *root)
{
    if (root[0] != '/')
        return "the folder must be absolute, such as /var/www/html";
    if (strnlen(root, WEBROOT_ROOT_PATH_MAX + 1) > WEBROOT_ROOT_PATH_MAX)
        return "the folder's path is too long";
    return NULL;
}

static bool is_wildcard(const struct webroot_rule *rule)
{
    return rule->pattern_size > 2 && rule->pattern[0] == '*';
}

/* 0: does not match. The default ranks lowest, an exact name above all wildcards. */
static size_t rank(const struct webroot_rule *rule, const char *name)
{
    size_t name_size = strlen(name);
    size_t tail_size = rule->pattern_size - 1; /* ".example.com" */

    if (rule->pattern_size == 0)
        return 1;
    if (!is_wildcard(rule)) {
        bool is_equal = name_size == rule->pattern_size
                        && strncasecmp(name, rule->pattern, name_size) == 0;

        return is_equal ? WEBROOT_PATTERN_MAX + 2 : 0;
    }
    if (name_size <= tail_size)
        return 0;
    return strncasecmp(name + name_size - tail_size, rule->pattern + 1, tail_size) == 0
               ? rule->pattern_size
               : 0;
}
