/* SPDX-License-Identifier: Apache-2.0 */
#include "match.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NUMBER_BASE  10
#define ADDRESS_SIZE 64

bool apache_match_pattern(const char *pattern, const char *name)
{
    const char *star = NULL; /* the last one, which may take in more */
    const char *again = NULL;

    while (*name) {
        if (*pattern == '*') {
            star = pattern++;
            again = name;
            continue;
        }
        if (*pattern == '?' || !strncasecmp(pattern, name, 1)) {
            pattern++;
            name++;
            continue;
        }
        if (!star)
            return false;
        pattern = star + 1;
        name = ++again;
    }
    return pattern[strspn(pattern, "*")] == '\0';
}

bool apache_match_covers(const char *wildcard, const char *name)
{
    const char *dot = strchr(name, '.');

    return wildcard[0] == '*' && wildcard[1] == '.' && dot && dot > name
           && name[0] != '*' && !strcasecmp(dot, wildcard + 1);
}

unsigned apache_port_of(const char *address)
{
    const char *colon = strrchr(address, ':');

    if (!colon)
        return 0;
    return (unsigned)strtoul(colon + 1, NULL, NUMBER_BASE);
}

/* Both as inet_pton reads them: "::1" is "0:0::1". */
static bool is_same_address(const char *identifier, const char *name)
{
    unsigned char left[sizeof(struct in6_addr)] = { 0 };
    unsigned char right[sizeof(struct in6_addr)] = { 0 };
    int family = strchr(identifier, ':') ? AF_INET6 : AF_INET;

    return inet_pton(family, identifier, left) == 1
           && inet_pton(family, name, right) == 1 && !memcmp(left, right, sizeof left);
}

/* "[::1]:443" is at ::1. */
static bool is_at(const char *address, const char *identifier)
{
    char text[ADDRESS_SIZE];
    const char *colon = strrchr(address, ':');
    size_t size = colon ? (size_t)(colon - address) : strlen(address);

    if (size >= 2 && address[0] == '[' && address[size - 1] == ']') {
        address++;
        size -= 2;
    }
    if (size >= sizeof text)
        return false;
    memcpy(text, address, size);
    text[size] = '\0';
    return is_same_address(identifier, text);
}

static bool has_defaults_at(const struct apache_host *host, const char *identifier)
{
    for (size_t i = 0; i < host->defaults.count; i++) {
        if (is_at(host->defaults.items[i], identifier))
            return true;
    }
    return false;
}

static bool is_named(const struct apache_host *host, const char *identifier)
{
    return (host->name && !strcasecmp(host->name, identifier))
           || apache_list_has(&host->aliases, identifier)
           || apache_list_has(&host->patterns, identifier)
           || has_defaults_at(host, identifier);
}

static bool is_covered(const struct apache_host *host, const char *wildcard)
{
    if (host->name && apache_match_covers(wildcard, host->name))
        return true;
    for (size_t i = 0; i < host->aliases.count; i++) {
        if (apache_match_covers(wildcard, host->aliases.items[i]))
            return true;
    }
    return false;
}

static bool has_pattern_for(const struct apache_host *host, const char *identifier)
{
    for (size_t i = 0; i < host->patterns.count; i++) {
        if (apache_match_pattern(host->patterns.items[i], identifier))
            return true;
    }
    return false;
}

enum apache_match apache_match(const struct apache_host *host, bool has_name,
                               const char *identifier)
{
    bool is_wildcard = identifier[0] == '*';

    if (is_named(host, identifier))
        return APACHE_MATCH_NAMED;
    if (is_wildcard)
        return is_covered(host, identifier) ? APACHE_MATCH_COVERED : APACHE_MATCH_NONE;
    if (has_pattern_for(host, identifier))
        return APACHE_MATCH_PATTERN;
    return !has_name && host->defaults.count > 0 ? APACHE_MATCH_REST
                                                 : APACHE_MATCH_NONE;
}
