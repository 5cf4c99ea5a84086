/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A certificate that is held was found in its CA's revocation list: noted in its
 * state.json, where everything else sees it. The one place where that becomes known.
 */
#ifndef AC_ENGINE_CRL_FOUND_H
#define AC_ENGINE_CRL_FOUND_H

#include "crypto/crl.h"
#include "store/store.h"

/*
 * Notes that it is revoked, as `revoke` does, and forgets failures and rests: it is due
 * at once, and what fails from now on is backed off from anew. *ret_is_news: nobody
 * knew, or not that its key is compromised. AC_E_LOCKED: a run works on it.
 * AC_E_NOTFOUND: it is not held any more.
 */
AC_MUST enum ac_code ac_crl_found_revoked(struct ac_store *store, const char *name,
                                          const struct ac_crl_entry *entry,
                                          bool *ret_is_news, struct ac_error *err);
/*
 * On hold since then, or (0) not any more. That is no revocation yet: the CA took it
 * back for a while and may give it back (RFC 5280 5.3.1), so issuing another one would
 * go round whoever decided that. Fails as above.
 */
AC_MUST enum ac_code ac_crl_found_on_hold(struct ac_store *store, const char *name,
                                          const char *serial, int64_t since,
                                          bool *ret_is_news, struct ac_error *err);

#endif
