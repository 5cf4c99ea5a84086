/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificate revocation lists (RFC 5280 5), for the certificates that we hold. A list
 * comes over plain http: nothing in it is looked at before its signature is known to
 * be that of who issued the certificate.
 *
 * Lists that speak for other issuers (indirect ones), or of changes only (deltas), are
 * not used.
 */
#ifndef AC_CRYPTO_CRL_H
#define AC_CRYPTO_CRL_H

#include "crypto/chain.h"

/* Let's Encrypt's 128 parts are some 100 kB each; one of all certificates of a big CA
 * that is not in parts has some MB. */
#define AC_CRL_BYTES_MAX   (16u * 1024u * 1024u)
#define AC_CRL_SERIAL_MAX  64 /* [octets]; RFC 5280 4.1.2.2 allows 20 */
#define AC_CRL_SERIAL_SIZE (2 * AC_CRL_SERIAL_MAX + 1)
#define AC_CRL_SKEW_S      3600 /* a list may come from a clock that is ahead */

/* RFC 5280 5.3.1 */
#define AC_CRL_UNSPECIFIED    0
#define AC_CRL_KEY_COMPROMISE 1
#define AC_CRL_ON_HOLD        6
#define AC_CRL_REMOVED        8
#define AC_CRL_REASON_MAX     10

struct ac_crl;

/* One that is revoked. */
struct ac_crl_entry {
    char serial[AC_CRL_SERIAL_SIZE]; /* as ac_chain_serial */
    int64_t revoked_at;              /* UTC seconds; 0: not readable */
    int reason; /* as above; 7 and beyond 10 are AC_CRL_UNSPECIFIED */
};

/*
 * Where the leaf says that its CA publishes revocations (4.2.1.13): the first http or
 * https URL. AC_E_NOTFOUND: it names none. Free with free().
 */
AC_MUST enum ac_code ac_crl_find_url(const struct ac_chain *chain, char **ret_url,
                                     struct ac_error *err);
/* SHA-256 of the public key that signs what the leaf's CA says, hexadecimal.
 * AC_E_NOTFOUND: the certificate of the issuer is not in the chain. */
AC_MUST enum ac_code ac_crl_issuer_key(const struct ac_chain *chain,
                                       char ret_digits[65], struct ac_error *err);

/*
 * Reads a list for the leaf of `chain`: signed by the certificate behind it, which may
 * sign lists; of the leaf's issuer and of one of its distribution points (5.2.5,
 * 6.3.3); valid at `utc`. `der` is taken. AC_E_INVALID says what is wrong.
 */
AC_MUST enum ac_code ac_crl_read(struct ac_text *der, const struct ac_chain *chain,
                                 int64_t utc, struct ac_crl **ret_crl,
                                 struct ac_error *err);
void ac_crl_free(struct ac_crl *crl);
AC_DEFINE_DROP(ac_crl, ac_crl_free)

/* UTC seconds. */
int64_t ac_crl_this_update(const struct ac_crl *crl);
int64_t ac_crl_next_update(const struct ac_crl *crl);
size_t ac_crl_count(const struct ac_crl *crl);
/* As it came; lent. */
const struct ac_text *ac_crl_der(const struct ac_crl *crl);
/* The next entry; *position begins with 0. False: there are no more. */
bool ac_crl_next(const struct ac_crl *crl, size_t *position,
                 struct ac_crl_entry *ret_entry);
/* "keyCompromise"; static, never NULL. */
const char *ac_crl_reason_name(int reason);

#endif
