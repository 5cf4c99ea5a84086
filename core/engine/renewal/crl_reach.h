/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a CA may send us for its revocation list. Its certificates name the URL, plain
 * http as a rule (RFC 5280 8: the list is signed), and so it chooses whom this machine
 * asks. The answer goes nowhere, but the question may be enough to do harm. Pure.
 */
#ifndef AC_ENGINE_CRL_REACH_H
#define AC_ENGINE_CRL_REACH_H

#include "engine/authority.h"

enum ac_crl_reach {
    AC_CRL_ANYWHERE,    /* a private CA publishes where it is: in a private network */
    AC_CRL_NOT_BY_NAME, /* not where the URL itself says "this machine", "private" */
    AC_CRL_PUBLIC_ONLY  /* nor where a name leads there */
};

/*
 * By the CA: one with a ca-file, over plain http, or at an address that is not public
 * is private; one that we know by name is public. Of others nobody can tell: companies
 * put their root into the system's store, and their list into their network.
 */
enum ac_crl_reach ac_crl_reach_of(const struct ac_authority_place *place);
/* AC_E_INVALID: it may not send us to this URL. */
AC_MUST enum ac_code ac_crl_reach_check(enum ac_crl_reach reach, const char *url,
                                        struct ac_error *err);

#endif
