/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which files a version of a certificate has, and what they are called.
 *
 *   privkey.pem    the private key; or
 *   privkey.url    where it is instead: the URL of a token's key; or
 *   request.pem    the request of somebody else, who has the key
 *   cert.pem  chain.pem  fullchain.pem
 *   certificate.p12
 *
 * Of a set, the names of the second and further ones have the type of their keys:
 * privkey-rsa-2048.pem, fullchain-rsa-2048.pem and so on.
 */
#ifndef AC_ENGINE_VERSION_FILES_H
#define AC_ENGINE_VERSION_FILES_H

#include "crypto/chain.h"
#include "engine/wanted/wanted.h"
#include "store/version.h"

#define AC_VERSION_FILE_SIZE 64

/* "fullchain", "pem" of index 1: "fullchain-rsa-2048.pem". Returns buffer. */
char *ac_version_file_name(const struct ac_wanted *wanted, size_t index,
                           const char *stem, const char *extension,
                           char buffer[AC_VERSION_FILE_SIZE]);
/*
 * Adds the files of the certificate at `index` of a wish. AC_E_USAGE: the password of
 * the PKCS#12 file cannot be read.
 */
AC_MUST enum ac_code ac_version_files_add(const struct ac_wanted *wanted, size_t index,
                                          const struct ac_chain *chain,
                                          const struct ac_key *key,
                                          struct ac_version *version,
                                          struct ac_error *err);

#endif
