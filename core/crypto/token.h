/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private keys that never leave a token: pkcs11: URLs (RFC 7512), and tpmkey: ones
 * where GnuTLS can. Over GnuTLS; nothing of PKCS#11 is loaded before a key is asked
 * for.
 */
#ifndef AC_CRYPTO_TOKEN_H
#define AC_CRYPTO_TOKEN_H

#include "crypto/key.h"

#define AC_TOKEN_URL_MAX 2048
#define AC_TOKEN_PIN_MAX 256

/* Does it begin as the URL of a key in a token? */
bool ac_token_is_url(const char *text);
/*
 * Is it one that can be kept and shown? AC_E_USAGE: not the form of RFC 7512, too long,
 * a PIN is in it (pin-value), or a kind that this GnuTLS was built without. No token is
 * asked.
 */
AC_MUST enum ac_code ac_token_check_url(const char *url, struct ac_error *err);
/* The file that "pin-source" of a URL names; NULL in *ret_path when it names none. Free
 * with free(). */
AC_MUST enum ac_code ac_token_pin_source(const char *url, char **ret_path,
                                         struct ac_error *err);
/*
 * The key that a URL names. The module of "module-path" is loaded, otherwise those that
 * p11-kit is configured for.
 *
 * pin           what the token is told, at most once; empty: it is told nothing
 * ret_was_wrong the token did not take the PIN; set on failure, too
 * AC_E_USAGE    wrong or missing PIN, no or several keys of that name, or a key of a
 *               type that is not supported; a person must act
 * AC_E_STORE    there is no such token, or it is locked, or the next wrong PIN would
 *               lock it
 */
AC_MUST enum ac_code ac_token_load_key(const char *url, const struct ac_secret *pin,
                                       struct ac_key **ret_key, bool *ret_was_wrong,
                                       struct ac_error *err);

#endif
