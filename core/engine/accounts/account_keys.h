/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose key is it? An account's key must not be a certificate's, nor the other way
 * round (RFC 8555 11.1): each is asked here before it is taken.
 */
#ifndef AC_ENGINE_ACCOUNT_KEYS_H
#define AC_ENGINE_ACCOUNT_KEYS_H

#include "store/store.h"

/*
 * Is this public key (SubjectPublicKeyInfo, DER; ac_key_public_der) that of an account
 * held here, whatever its CA: its present key, the one it is about to get, or that of
 * one set aside? *ret_folder: the account's folder, free with free(); NULL: of none.
 *
 * AC_E_STORE  an account's key cannot be read, so nobody can tell
 */
AC_MUST enum ac_code ac_account_keys_contain(const struct ac_store *store,
                                             const struct ac_text *public_der,
                                             char **ret_folder, struct ac_error *err);
/* Is it that of a certificate held here, of any version or of an order in flight?
 * *ret_name: the certificate, free with free(); NULL: of none. What cannot be read is
 * passed over. */
AC_MUST enum ac_code ac_certificate_keys_contain(const struct ac_store *store,
                                                 const struct ac_text *public_der,
                                                 char **ret_name, struct ac_error *err);

#endif
