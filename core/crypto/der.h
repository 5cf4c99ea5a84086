/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DER (X.690) read one item after the other, in place: GnuTLS keeps what a revocation
 * list says of each certificate to itself. For crypto only.
 */
#ifndef AC_CRYPTO_DER_H
#define AC_CRYPTO_DER_H

#include <stdbool.h>
#include <stddef.h>

#define AC_DER_BOOLEAN    0x01u
#define AC_DER_INTEGER    0x02u
#define AC_DER_BIT_STRING 0x03u
#define AC_DER_OCTETS     0x04u
#define AC_DER_OID        0x06u
#define AC_DER_ENUMERATED 0x0au
#define AC_DER_UTC_TIME   0x17u
#define AC_DER_TIME       0x18u
#define AC_DER_SEQUENCE   0x30u
#define AC_DER_TAGGED     0x80u /* [0] of a simple type; + n */
#define AC_DER_HOLDING    0xa0u /* [0] with items in it; + n */

/* What is still to be read; lent. */
struct ac_der {
    const unsigned char *at;
    size_t left;
};

struct ac_der_item {
    unsigned tag;
    struct ac_der content;
    struct ac_der whole; /* with tag and length */
};

/* The next item. False: there is none, or it is not DER (a length that is indefinite,
 * not the shortest, or beyond the end; a tag of several octets). */
bool ac_der_next(struct ac_der *der, struct ac_der_item *ret_item);
/* The same if it has this tag; else nothing is read. */
bool ac_der_take(struct ac_der *der, unsigned tag, struct ac_der_item *ret_item);
/* Is it exactly these octets? */
bool ac_der_is(const struct ac_der *der, const void *octets, size_t size);

#endif
