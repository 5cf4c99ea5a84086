/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys that somebody else keeps: in a file of theirs, or in a token.
 *
 * A token locks itself after a few wrong PINs, and a timer would try the wrong one
 * until then: a PIN that was refused is noted in the store, and tried again only when
 * its file has changed.
 */
#ifndef AC_ENGINE_TOKEN_KEY_H
#define AC_ENGINE_TOKEN_KEY_H

#include "crypto/key.h"
#include "store/store.h"

/*
 * The key of a file (PEM), or of a token's URL (crypto/token).
 *
 * pin_file    for a URL without pin-source; or NULL
 * option      what the source was given as, for messages: "--key"
 * AC_E_USAGE  the file is not there, has no key, or is open to others; the URL, or its
 *             PIN, is wrong; a person must act
 * AC_E_STORE  the token is not there, or locked
 */
AC_MUST enum ac_code ac_token_key_load(struct ac_store *store, const char *source,
                                       const char *pin_file, const char *option,
                                       struct ac_key **ret_key, struct ac_error *err);

#endif
