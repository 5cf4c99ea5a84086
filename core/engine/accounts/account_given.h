/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A key that is given for an account (--account-key): a file, of which the account
 * keeps a copy, or the URL of one in a token, which the account keeps.
 */
#ifndef AC_ENGINE_ACCOUNT_GIVEN_H
#define AC_ENGINE_ACCOUNT_GIVEN_H

#include "crypto/key.h"
#include "store/store.h"

struct ac_account_given {
    const char *source;   /* a file or a URL; NULL: none is given */
    const char *pin_file; /* for a URL; or NULL */
};

/* AC_E_USAGE: it cannot be used, or is a certificate's (RFC 8555 11.1). AC_E_STORE: the
 * token is not there. */
AC_MUST enum ac_code ac_account_given_load(struct ac_store *store,
                                           struct ac_account_given given,
                                           struct ac_key **ret_key,
                                           struct ac_error *err);
/* Keeps it for the account in this folder. */
AC_MUST enum ac_code ac_account_given_keep(struct ac_store *store, const char *folder,
                                           struct ac_account_given given,
                                           const struct ac_key *key,
                                           struct ac_error *err);
/* The account in this folder has a key already: AC_E_USAGE when it is another one. */
AC_MUST enum ac_code ac_account_given_check(struct ac_store *store, const char *folder,
                                            struct ac_account_given given,
                                            const struct ac_key *held,
                                            struct ac_error *err);

#endif
