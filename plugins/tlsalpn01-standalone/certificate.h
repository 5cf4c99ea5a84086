/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The self-signed certificates that validators want to see (RFC 8737 §3).
 */
#ifndef TLSALPN01_CERTIFICATE_H
#define TLSALPN01_CERTIFICATE_H

#include "subject.h"

#include <gnutls/gnutls.h>

/* A throw-away key (P-256); GnuTLS's error code, or 0. */
int certificate_new_key(gnutls_x509_privkey_t *ret_key);

/*
 * What a session of the server is given, to be freed with
 * gnutls_certificate_free_credentials(). GnuTLS's error code, or 0.
 */
int certificate_new(gnutls_x509_privkey_t key, const struct subject *subject,
                    const char *key_authorization,
                    gnutls_certificate_credentials_t *ret_credentials);

#endif
