/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PKCS #12 (RFC 7292): key and certificates in one file under a password, which is the
 * SECRET option `pkcs12-password`. Encrypted with AES-256, authenticated with SHA-256.
 */
#ifndef PKCS12_H
#define PKCS12_H

#include "blob.h"

/* `name` is what stores call it; key and chain are PEM. */
int pkcs12_make(const struct acmecore_host *host, const char *name,
                const struct files_blob *key, const struct files_blob *chain,
                struct files_blob *ret_blob);

/* True when both open with the password and have the same key and certificates. */
bool pkcs12_is_same(const struct acmecore_host *host, const struct files_blob *one,
                    const struct files_blob *other);

#endif
