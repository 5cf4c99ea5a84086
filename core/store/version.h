/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The versions of one certificate: numbered folders that never change, and one link.
 *
 *   versions/0007/   privkey.pem (0600)  cert.pem  chain.pem  fullchain.pem
 *   current -> versions/0007
 *
 * A version is written whole under another name, synced and renamed into place; then
 * the link is flipped by one rename, so that key and chain always belong together.
 */
#ifndef AC_STORE_VERSION_H
#define AC_STORE_VERSION_H

#include "store/store.h"

#define AC_VERSIONS_KEPT      5
#define AC_VERSION_NUMBER_MAX 999999

struct ac_version {
    const struct ac_secret *key_pem;
    const char *leaf_pem; /* cert.pem */
    const char *rest_pem; /* chain.pem; may be "" */
    const char *full_pem; /* fullchain.pem */
};

/*
 * Adds the next version and makes it current; older ones than AC_VERSIONS_KEPT are
 * removed after that. On failure the current one stays what it was.
 */
AC_MUST enum ac_code ac_version_add(struct ac_store *store, const char *name,
                                    const struct ac_version *version,
                                    unsigned *ret_number, struct ac_error *err);
/* The number `current` leads to. AC_E_NOTFOUND: none yet. AC_E_STORE: it leads astray.
 */
AC_MUST enum ac_code ac_version_current(const struct ac_store *store, const char *name,
                                        unsigned *ret_number, struct ac_error *err);
/* A PEM file of the current version other than the key. AC_E_NOTFOUND: none yet. */
AC_MUST enum ac_code ac_version_load(const struct ac_store *store, const char *name,
                                     const char *item, struct ac_text *ret_pem,
                                     struct ac_error *err);
/* The numbers there are, ascending. Free with free(). */
AC_MUST enum ac_code ac_version_list(const struct ac_store *store, const char *name,
                                     unsigned **ret_numbers, size_t *ret_count,
                                     struct ac_error *err);

#endif
