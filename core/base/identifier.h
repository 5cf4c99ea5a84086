/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a certificate names: a DNS name, a wildcard, or an IP address, in canonical
 * form.
 *
 * DNS names are lower-case A-labels without a trailing dot (RFC 5890; U-labels are
 * converted by libidn2, IDNA 2008 non-transitional); addresses are RFC 5952 text. The
 * only user of libidn2.
 */
#ifndef AC_BASE_IDENTIFIER_H
#define AC_BASE_IDENTIFIER_H

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

enum ac_identifier_type {
    AC_IDENTIFIER_DNS,
    AC_IDENTIFIER_IP
};

#define AC_IDENTIFIER_SIZE 256 /* 253 octets of name, "*." included, and a NUL */

struct ac_identifier {
    enum ac_identifier_type type;
    char value[AC_IDENTIFIER_SIZE]; /* "*.example.org", "192.0.2.1", "2001:db8::1" */
};

struct ac_identifiers {
    struct ac_identifier *items; /* owned */
    size_t count;
    size_t capacity;
};

#define AC_IDENTIFIERS_MAX 1000

/*
 * Reads what a person typed. AC_E_USAGE names the text and the reason: empty label,
 * label over 63, name over 253, character that no host name has, wildcard not leftmost
 * or of a single label, IP with zone id or brackets or a wildcard, all-numeric last
 * label, bad U-label. A single label (an intranet's name) is a name.
 */
AC_MUST enum ac_code ac_identifier_parse(const char *text,
                                         struct ac_identifier *ret_identifier,
                                         struct ac_error *err);
/* "dns" or "ip" (RFC 8555 9.7.7, RFC 8738 3). */
const char *ac_identifier_type_name(enum ac_identifier_type type);
bool ac_identifier_is_wildcard(const struct ac_identifier *identifier);
/* The name without "*."; lent. */
const char *ac_identifier_base(const struct ac_identifier *identifier);
bool ac_identifier_is_equal(const struct ac_identifier *a,
                            const struct ac_identifier *b);
/* Does the wildcard cover this name: exactly one label more (RFC 6125 6.4.3)? */
bool ac_identifier_covers(const struct ac_identifier *wildcard,
                          const struct ac_identifier *name);
/* 4 or 16 octets of an IP identifier in network order; 0 for a DNS one. */
size_t ac_identifier_octets(const struct ac_identifier *identifier, uint8_t octets[16]);

/* Adds one; a double is dropped silently. AC_E_USAGE past AC_IDENTIFIERS_MAX. */
AC_MUST enum ac_code ac_identifiers_add(struct ac_identifiers *identifiers,
                                        const struct ac_identifier *identifier,
                                        struct ac_error *err);
/* Adds all of "a,b, c": one -d argument. */
AC_MUST enum ac_code ac_identifiers_parse(const char *text,
                                          struct ac_identifiers *identifiers,
                                          struct ac_error *err);
/* AC_E_USAGE naming a name that a wildcard of the same list covers (Boulder refuses).
 */
AC_MUST enum ac_code ac_identifiers_check(const struct ac_identifiers *identifiers,
                                          struct ac_error *err);
bool ac_identifiers_is_same_set(const struct ac_identifiers *a,
                                const struct ac_identifiers *b);
/* Canonical text, one a word, in order. */
AC_MUST enum ac_code ac_identifiers_words(const struct ac_identifiers *identifiers,
                                          struct ac_words *ret_words,
                                          struct ac_error *err);
void ac_identifiers_done(struct ac_identifiers *identifiers);
AC_DEFINE_DROP_VALUE(ac_identifiers, ac_identifiers_done)

#endif
