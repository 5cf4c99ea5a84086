/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the acme-dns server is known to serve, in host->folder: of each account the two
 * newest values, the older one first. The server overwrites the older of its two with
 * whatever comes, also with the newer one once more, so a value that is there already
 * must not be sent again: the other would be lost.
 */
#ifndef DNS01_ACMEDNS_KNOWN_H
#define DNS01_ACMEDNS_KNOWN_H

#include <acmecore/plugin.h>

#include <stdbool.h>

#define KNOWN_VALUE_SIZE 64 /* a digest, which all values are, has 43 bytes */

bool known_has(const struct acmecore_host *host, const char *account,
               const char *value);
/*
 * Before a value is sent: nothing is known of the account until it is taken, for a
 * process may end between the two. newest: the value that was sent last, for known_add;
 * "" when that is not known.
 */
int known_doubt(const struct acmecore_host *host, const char *account,
                char newest[KNOWN_VALUE_SIZE]);
/* The server has taken the value. */
int known_add(const struct acmecore_host *host, const char *account, const char *newest,
              const char *value);
/* These values may be asked for anew: whoever asks then does not rely on what was. */
int known_forget(const struct acmecore_host *host,
                 const struct acmecore_challenge *const *challenges, size_t count);

#endif
