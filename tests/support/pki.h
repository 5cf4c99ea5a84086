/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small CA that makes certificate chains as a real one would, or wrong in one way.
 *
 *     const char *const names[] = { "example.org", NULL };
 *     struct ac_pki_options options = { .key = key, .names = names };
 *     AC_AUTO(ac_text) pem = { 0 };
 *
 *     AC_REQUIRE_OK(ac_pki_chain(&options, &pem, &err));
 *
 * Zero in an option means what is usual.
 */
#ifndef AC_TESTS_SUPPORT_PKI_H
#define AC_TESTS_SUPPORT_PKI_H

#include "crypto/key.h"

#include <stdbool.h>
#include <stdint.h>

#define AC_PKI_NOW    INT64_C(1800000000) /* the usual chain is valid around it */
#define AC_PKI_BEFORE (AC_PKI_NOW - 3600)
#define AC_PKI_AFTER  (AC_PKI_NOW + INT64_C(90) * 86400)

enum ac_pki_fault {
    AC_PKI_SOUND,
    AC_PKI_BROKEN_SIGNATURE, /* the last bit of the leaf's is turned */
    AC_PKI_BROKEN_LINK,      /* likewise of the first intermediate's */
    AC_PKI_FOREIGN_LINK,     /* the intermediate has the right name and another key */
    AC_PKI_OTHER_LINK,       /* the intermediate has another name */
    AC_PKI_NO_CA_LINK,       /* the intermediate is not marked as a CA */
    AC_PKI_LEAF_LAST,        /* right certificates in the wrong order */
    AC_PKI_SHA1              /* signed with SHA-1, and not broken for that */
};

struct ac_pki_options {
    const struct ac_key *key; /* the leaf's; borrowed; required */
    /* NULL-terminated, "example.org", "ip:192.0.2.1", "email:a@example.org",
     * "uri:https://example.org/"; NULL: no SubjectAltName. */
    const char *const *names;
    const uint8_t *san; /* the DER of SubjectAltName instead of names */
    size_t san_size;
    const uint8_t *serial; /* octets of a positive INTEGER */
    size_t serial_size;
    int64_t not_before;
    int64_t not_after;
    bool is_ca;         /* the leaf is one */
    bool must_staple;   /* the leaf says so (RFC 7633) */
    bool has_no_key_id; /* the leaf has no AuthorityKeyIdentifier */
    bool has_no_rest;   /* the leaf alone */
    int more_count;     /* intermediates after the first */
    bool has_crlf;      /* CRLF and empty lines, no newline at the end */
    enum ac_pki_fault fault;
};

AC_MUST enum ac_code ac_pki_chain(const struct ac_pki_options *options,
                                  struct ac_text *ret_pem, struct ac_error *err);

#endif
