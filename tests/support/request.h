/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificate requests as other programs make them, sound or wrong in one way.
 */
#ifndef AC_TESTS_SUPPORT_REQUEST_H
#define AC_TESTS_SUPPORT_REQUEST_H

#include "crypto/key.h"

struct ac_request_options {
    const struct ac_key *key;    /* borrowed; required */
    const char *const *names;    /* dNSNames, NULL-terminated; NULL: no extension */
    const char *address;         /* 4 octets as an iPAddress; or NULL */
    const char *email;           /* an rfc822Name; or NULL */
    const char *common_name;     /* or NULL */
    const char *other_extension; /* an OID, with two octets in it; or NULL */
    bool must_staple;
    bool is_sha1;
    bool has_broken_signature;
};

AC_MUST enum ac_code ac_request_new(const struct ac_request_options *options,
                                    struct ac_text *ret_der, struct ac_error *err);

#endif
