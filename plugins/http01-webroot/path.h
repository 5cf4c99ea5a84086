/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which tokens may become a file name, and which web root answers for a name.
 * Pure text: touches no disk.
 */
#ifndef WEBROOT_PATH_H
#define WEBROOT_PATH_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#define WEBROOT_TOKEN_MAX     128  /* characters; RFC 8555 asks for >= 22 */
#define WEBROOT_KEY_AUTH_MAX  1024 /* bytes; usually 87 */
#define WEBROOT_PATTERN_MAX   255  /* a DNS name and "*." */
#define WEBROOT_ROOT_PATH_MAX (PATH_MAX - 1024) /* leaves room for folder and token */

/* One item of the option `path`. Borrows the option's text. */
struct webroot_rule {
    const char *pattern; /* not terminated; see pattern_size */
    size_t pattern_size; /* 0: the default, for every name */
    const char *root;    /* absolute */
};

/* True for 1..WEBROOT_TOKEN_MAX characters of base64url (RFC 8555 §8.3). */
bool webroot_token_is_safe(const char *token);

/*
 * Reads "/var/www" or "NAME=/var/www", NAME being exact or "*.example.com".
 * Returns NULL, or a sentence that says what is wrong.
 */
const char *webroot_rule_parse(const char *value, struct webroot_rule *ret_rule);

/* True when both rules are for the same names. */
bool webroot_rule_is_same(const struct webroot_rule *a, const struct webroot_rule *b);

/*
 * The rule for `name`: an exact one, else the longest wildcard above it, else the
 * default. NULL when there is none.
 */
const struct webroot_rule *webroot_rule_find(const struct webroot_rule *rules,
                                             size_t count, const char *name);

#endif
