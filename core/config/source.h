/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a secret is kept: a configuration says the place, never the secret.
 *
 *   file:/etc/acmecore/key   or just the absolute path
 *   env:NAME                 a variable of our environment
 *   credential:NAME          a file of that name in $CREDENTIALS_DIRECTORY (systemd)
 */
#ifndef AC_CONFIG_SOURCE_H
#define AC_CONFIG_SOURCE_H

#include "base/secret.h"

#define AC_SOURCE_FORMS "an absolute path, file:PATH, env:NAME or credential:NAME"

/* AC_E_USAGE: it has none of the forms. */
AC_MUST enum ac_code ac_source_check(const char *source, struct ac_error *err);
/* False: only the service has it, and we are not run by systemd: whether it is there
 * cannot be said. */
bool ac_source_is_here(const char *source);
/*
 * The secret, at most `limit` bytes. AC_E_USAGE: no form, not set, no credentials, or a
 * file that is open to others. AC_E_NOTFOUND, AC_E_STORE, AC_E_INVALID: as
 * ac_file_read_secret. The detail names the source, never what is there.
 */
AC_MUST enum ac_code ac_source_read(const char *source, size_t limit,
                                    struct ac_secret *ret_secret, struct ac_error *err);

#endif
