/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The versions of one certificate: numbered folders that never change, and one link.
 *
 *   versions/0007/   privkey.pem (0600)  cert.pem  chain.pem  fullchain.pem
 *   current -> versions/0007
 *
 * Which files they are is for the engine to say (engine/version_files).
 *
 * A version is written whole under another name, synced and renamed into place; then
 * the link is flipped by one rename, so that key and chain always belong together.
 */
#ifndef AC_STORE_VERSION_H
#define AC_STORE_VERSION_H

#include "store/store.h"

#define AC_VERSIONS_KEPT      5
#define AC_VERSION_NUMBER_MAX 999999

/* One file of a version. */
struct ac_version_file {
    char *name;     /* "privkey.pem" */
    bool is_secret; /* 0600, else 0644 */
    struct ac_secret bytes;
};

struct ac_version {
    struct ac_version_file *files; /* owned */
    size_t count, capacity;
};

void ac_version_done(struct ac_version *version);
AC_DEFINE_DROP_VALUE(ac_version, ac_version_done)
/* Adds a copy of a file; its name is one of ours. */
AC_MUST enum ac_code ac_version_put(struct ac_version *version, const char *name,
                                    bool is_secret, const void *bytes, size_t size,
                                    struct ac_error *err);

/*
 * Adds the next version and makes it current; older ones than AC_VERSIONS_KEPT are
 * removed after that. On failure the current one stays what it was.
 */
AC_MUST enum ac_code ac_version_add(struct ac_store *store, const char *name,
                                    const struct ac_version *version,
                                    unsigned *ret_number, struct ac_error *err);
/* Makes a version that is there the current one, by one rename. */
AC_MUST enum ac_code ac_version_switch(struct ac_store *store, const char *name,
                                       unsigned number, struct ac_error *err);
/* The number `current` leads to. AC_E_NOTFOUND: none yet. AC_E_STORE: it leads astray.
 */
AC_MUST enum ac_code ac_version_current(const struct ac_store *store, const char *name,
                                        unsigned *ret_number, struct ac_error *err);
/* STATE/certs/<name>/versions/0007. Free with free(). */
AC_MUST enum ac_code ac_version_path(const struct ac_store *store, const char *name,
                                     unsigned number, char **ret_path,
                                     struct ac_error *err);
/* Are all these files in it? Cheap, for thousands. */
bool ac_version_holds(const struct ac_store *store, const char *name, unsigned number,
                      const char *const *files, size_t count);
/* A PEM file of the current version other than the key. AC_E_NOTFOUND: none yet. */
AC_MUST enum ac_code ac_version_load(const struct ac_store *store, const char *name,
                                     const char *item, struct ac_text *ret_pem,
                                     struct ac_error *err);
/* The numbers there are, ascending. Free with free(). */
AC_MUST enum ac_code ac_version_list(const struct ac_store *store, const char *name,
                                     unsigned **ret_numbers, size_t *ret_count,
                                     struct ac_error *err);

#endif
