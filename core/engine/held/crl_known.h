/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the revocation of a certificate that is held would be published, noted in its
 * state.json, so that the survey of thousands opens no certificate.
 */
#ifndef AC_ENGINE_CRL_KNOWN_H
#define AC_ENGINE_CRL_KNOWN_H

#include "crypto/chain.h"
#include "engine/held/state.h"

/* Notes it for a certificate of the current version, after those that were noted for
 * that version before. One that names no list, or comes without its issuer's
 * certificate (which would have to sign it), has none. */
AC_MUST enum ac_code ac_crl_known_add(struct ac_state *state,
                                      const struct ac_chain *chain,
                                      struct ac_error *err);
/* All of them anew, read from their files. AC_E_NOTFOUND, AC_E_STORE: it has none that
 * can be read. */
AC_MUST enum ac_code ac_crl_known_read(struct ac_state *state,
                                       const struct ac_store *store, const char *name,
                                       struct ac_error *err);

#endif
