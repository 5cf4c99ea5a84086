/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A set of certificates is stored when it is whole: until then each that is issued is
 * kept apart, below the certificate's name, for this run or the next one.
 *
 *   part-rsa-2048.json  part-rsa-2048.pem (0600)
 */
#ifndef AC_ENGINE_PART_H
#define AC_ENGINE_PART_H

#include "crypto/chain.h"
#include "engine/wanted/wanted.h"

#define AC_PART_AGE_MAX_S 86400 /* an older one is not of the same set any more */

/* Keeps certificate and key of the type at `index`. */
AC_MUST enum ac_code ac_part_save(struct ac_store *store,
                                  const struct ac_wanted *wanted, size_t index,
                                  const struct ac_chain *chain,
                                  const struct ac_key *key, struct ac_error *err);
/* AC_E_NOTFOUND: there is none that is what is wanted now. */
AC_MUST enum ac_code ac_part_load(const struct ac_store *store,
                                  const struct ac_wanted *wanted, size_t index,
                                  struct ac_chain **ret_chain, struct ac_key **ret_key,
                                  struct ac_error *err);
/* Removes all of them, whatever types they are of. */
AC_MUST enum ac_code ac_part_remove_all(struct ac_store *store, const char *name,
                                        struct ac_error *err);

#endif
