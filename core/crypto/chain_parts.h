/* SPDX-License-Identifier: Apache-2.0 */
/* What a chain is made of, for the files of crypto that look into it. */
#ifndef AC_CRYPTO_CHAIN_PARTS_H
#define AC_CRYPTO_CHAIN_PARTS_H

#include "crypto/chain.h"
#include "crypto/digest.h"
#include "crypto/handle.h"

struct ac_chain {
    struct gnutls_x509_crt_int *certificates[AC_CHAIN_CERTIFICATES_MAX]; /* owned */
    size_t count;
    struct ac_text full_pem;
    char *leaf_pem;       /* owned */
    const char *rest_pem; /* within full_pem */
    int64_t not_before;   /* 0: before 1970; -1: not readable */
    int64_t not_after;    /* likewise */
    char *serial;         /* owned */
    char *issuer;         /* owned */
    char *top_issuer;     /* owned */
    const char *key_type;
    char fingerprint[AC_SHA256_HEX_SIZE];
};

#endif
