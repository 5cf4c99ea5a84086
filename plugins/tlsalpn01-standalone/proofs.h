/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is presented and not cleaned up, by the server name that validators ask for.
 *
 * A handshake has no token, so one name can prove one challenge at a time. A second one
 * (of another order) waits behind the first.
 */
#ifndef TLSALPN01_PROOFS_H
#define TLSALPN01_PROOFS_H

#include "subject.h"

#include <gnutls/gnutls.h>

#define PROOFS_MAX 100000

/* Counted: a handshake goes on with it after it was cleaned up. */
struct proof {
    struct subject subject;
    char *key_authorization;
    gnutls_certificate_credentials_t credentials;
    size_t users;
};

/* Zeroed is empty. */
struct proofs {
    struct proof **items; /* sorted by server name, and then as they came */
    size_t count, capacity;
    gnutls_x509_privkey_t key; /* made when it is first needed */
};

enum proofs_added {
    PROOFS_ADDED, /* also when it was there */
    PROOFS_FULL,
    PROOFS_NO_MEMORY,
    PROOFS_NO_CERTIFICATE /* *ret_code is GnuTLS's reason */
};

enum proofs_added proofs_add(struct proofs *proofs, const struct subject *subject,
                             const char *key_authorization, int *ret_code);

/* What a validator of this name is shown now, lent; or NULL. */
struct proof *proofs_find(const struct proofs *proofs, const char *server_name);

/* Forgets this one; what is not there is left alone. */
void proofs_remove(struct proofs *proofs, const struct subject *subject,
                   const char *key_authorization);

struct proof *proof_use(struct proof *proof);
void proof_release(struct proof *proof);

void proofs_drop(struct proofs *proofs);

#endif
