/* SPDX-License-Identifier: Apache-2.0 */
/* What crl.c, crl_check.c and crl_point.c need of each other. Nobody else includes it.
 */
#ifndef AC_CRYPTO_CRL_PARTS_H
#define AC_CRYPTO_CRL_PARTS_H

#include "crypto/crl.h"
#include "crypto/der.h"

struct ac_crl {
    struct ac_text der; /* owned; what follows points into it */
    struct ac_der entries;
    size_t count;
    int64_t this_update, next_update;
};

/* The parts of a list, as they stand (5.1). */
struct ac_crl_frame {
    struct ac_der signed_part; /* tbsCertList, whole */
    struct ac_der inside;      /* of it */
    struct ac_der algorithm;   /* AlgorithmIdentifier, whole */
    struct ac_der signature;
};

/* An extension (4.2); false: there is none left, or it is none. */
struct ac_crl_extension {
    struct ac_der oid, value;
    bool is_critical;
};
bool ac_crl_next_extension(struct ac_der *list, struct ac_crl_extension *ret_extension);

/* crl_check.c: did the issuer of the leaf sign it, with an algorithm that is safe? */
AC_MUST enum ac_code ac_crl_check_signature(const struct ac_crl_frame *frame,
                                            const struct ac_chain *chain,
                                            struct ac_error *err);
/* crl_check.c: is it the list of the leaf's issuer? name: DER */
AC_MUST enum ac_code ac_crl_check_issuer(const struct ac_der *name,
                                         const struct ac_chain *chain,
                                         struct ac_error *err);
/* crl_point.c: does a list with these extensions speak of the leaf? */
AC_MUST enum ac_code ac_crl_check_extensions(struct ac_der list,
                                             const struct ac_chain *chain,
                                             struct ac_error *err);

#endif
