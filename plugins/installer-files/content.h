/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes of each kind of file, from the files of a certificate.
 */
#ifndef CONTENT_H
#define CONTENT_H

#include "blob.h"
#include "settings.h"

/* E_CONFIG: it has a key, which is in a token; or PKCS #12 cannot be made of it. */
int content_make(const struct acmecore_host *host, enum settings_kind kind,
                 const struct acmecore_certificate *certificate,
                 struct files_blob *ret_blob);

/* True when the file that is there says the same as `fresh`: for PKCS #12, which is
 * different at each time that it is made, what is in it. */
bool content_is_same(const struct acmecore_host *host, enum settings_kind kind,
                     const struct files_blob *there, const struct files_blob *fresh);

#endif
