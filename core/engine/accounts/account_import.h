/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An account key that another program wrote: PEM (PKCS#8, SEC1, PKCS#1) or JWK, as
 * certbot's private_key.json. Reads files and asks nobody.
 */
#ifndef AC_ENGINE_ACCOUNT_IMPORT_H
#define AC_ENGINE_ACCOUNT_IMPORT_H

#include "crypto/key.h"

#define AC_IMPORT_FILE_MAX (64u * 1024u)

struct ac_imported_key {
    struct ac_key *key;
    char *url; /* of its account, from certbot's regr.json beside it; NULL: none */
};
void ac_imported_key_done(struct ac_imported_key *imported);
AC_DEFINE_DROP_VALUE(ac_imported_key, ac_imported_key_done)

/*
 * AC_E_NOTFOUND: no such file. AC_E_USAGE: open to others, somebody else's, too long,
 * encrypted, or no key that we know. The detail names the file, and shows nothing of
 * what is in it.
 */
AC_MUST enum ac_code ac_account_import_read(const char *path,
                                            struct ac_imported_key *ret_imported,
                                            struct ac_error *err);

#endif
