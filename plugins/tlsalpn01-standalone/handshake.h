/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The handshake with a validator (RFC 8737 §3), over GnuTLS.
 */
#ifndef TLSALPN01_HANDSHAKE_H
#define TLSALPN01_HANDSHAKE_H

#include "proofs.h"

#include <gnutls/gnutls.h>

/* What is spoken: TLS 1.2 and 1.3. GnuTLS's error code, or 0. */
int handshake_settings(gnutls_priority_t *ret_priorities);

/* fd is borrowed and does not block, and the proof is lent; NULL without memory. */
gnutls_session_t handshake_new(gnutls_priority_t priorities, const struct proof *proof,
                               int fd);

/* GNUTLS_E_AGAIN: when the socket is ready. 0: it is done, and that was said. */
int handshake_step(gnutls_session_t session);

#endif
