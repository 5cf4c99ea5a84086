/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The usual files of a version, for tests that link the store.
 */
#ifndef AC_TESTS_SUPPORT_VERSION_H
#define AC_TESTS_SUPPORT_VERSION_H

#include "store/version.h"

#include <string.h>

/* privkey.pem, cert.pem, chain.pem and fullchain.pem as a new version. */
AC_MUST static inline enum ac_code ac_test_version_add(
    struct ac_store *store, const char *name, const struct ac_secret *key_pem,
    const char *const pem[3], unsigned *ret_number, struct ac_error *err)
{
    static const char *const items[] = { "cert.pem", "chain.pem", "fullchain.pem" };
    AC_AUTO(ac_version) version = { 0 };

    AC_TRY(ac_version_put(&version, "privkey.pem", true, key_pem->bytes, key_pem->size,
                          err));
    for (size_t i = 0; i < AC_COUNT(items); i++)
        AC_TRY(ac_version_put(&version, items[i], false, pem[i], strlen(pem[i]), err));
    return ac_version_add(store, name, &version, ret_number, err);
}

#endif
