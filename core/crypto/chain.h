/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates as a CA hands them out: a PEM chain, leaf first (RFC 8555 9.1).
 */
#ifndef AC_CRYPTO_CHAIN_H
#define AC_CRYPTO_CHAIN_H

#include "base/identifier.h"
#include "crypto/key.h"

#define AC_CHAIN_BYTES_MAX        (1024u * 1024u)
#define AC_CHAIN_CERTIFICATES_MAX 10
#define AC_CHAIN_CLOCK_SKEW_S     3600 /* CAs backdate by an hour; clocks are wrong */

struct ac_chain;

/*
 * Reads PEM: LF or CRLF, empty lines between, final newline or not. AC_E_INVALID: any
 * block that is not CERTIFICATE (RFC 8555 11.4: a key must never be in it), text that
 * is neither, none or more than AC_CHAIN_CERTIFICATES_MAX certificates, bad base64 or
 * DER.
 */
AC_MUST enum ac_code ac_chain_parse(const char *pem, size_t size,
                                    struct ac_chain **ret_chain, struct ac_error *err);
void ac_chain_free(struct ac_chain *chain);
AC_DEFINE_DROP(ac_chain, ac_chain_free)

/*
 * Is this what we asked for? The leaf holds our public key (NULL: that is not asked);
 * its SubjectAltName is the same set as `identifiers` (nothing else in it); `utc` is
 * within its validity (allowing AC_CHAIN_CLOCK_SKEW_S at the beginning); it is no CA;
 * each certificate is signed by the next. AC_E_INVALID names the first thing that is
 * wrong. No trust store is asked.
 */
AC_MUST enum ac_code ac_chain_check(const struct ac_chain *chain,
                                    const struct ac_key *key,
                                    const struct ac_identifiers *identifiers,
                                    int64_t utc, struct ac_error *err);

size_t ac_chain_count(const struct ac_chain *chain);
/* PEM of the leaf alone, of the rest ("" when there is none), of all; LF, newline at
 * the end of each, no empty lines; lent. */
const char *ac_chain_leaf_pem(const struct ac_chain *chain);
const char *ac_chain_rest_pem(const struct ac_chain *chain);
const char *ac_chain_full_pem(const struct ac_chain *chain);

/* UTC seconds; 0 for a date before 1970. */
int64_t ac_chain_not_before(const struct ac_chain *chain);
int64_t ac_chain_not_after(const struct ac_chain *chain);
/* Lower-case hexadecimal of the leaf's serial octets; lent. */
const char *ac_chain_serial(const struct ac_chain *chain);
/* RFC 4514 text of the issuer of the leaf / of the last certificate; lent. */
const char *ac_chain_issuer(const struct ac_chain *chain);
const char *ac_chain_top_issuer(const struct ac_chain *chain);
/* "ecdsa-p256" of the leaf's key, or "other". */
const char *ac_chain_key_type(const struct ac_chain *chain);
/* SubjectPublicKeyInfo of the leaf, DER; as ac_key_public_der gives it. */
AC_MUST enum ac_code ac_chain_public_der(const struct ac_chain *chain,
                                         struct ac_text *ret_der, struct ac_error *err);
/* SHA-256 of the leaf's DER, lower-case hexadecimal; lent. */
const char *ac_chain_fingerprint(const struct ac_chain *chain);
/* The leaf's names, canonical. AC_E_INVALID for kinds of names we do not know. */
AC_MUST enum ac_code ac_chain_identifiers(const struct ac_chain *chain,
                                          struct ac_identifiers *ret_identifiers,
                                          struct ac_error *err);
/* Does the leaf oblige servers to staple an OCSP response (RFC 7633)? */
bool ac_chain_must_staple(const struct ac_chain *chain);
/* Has any certificate of it an issuer of this common name (in any case), or any but the
 * leaf this SHA-256 (hexadecimal, with or without colons)? */
bool ac_chain_leads_to(const struct ac_chain *chain, const char *wanted);
/* Adds the common names of its issuers, from the leaf's up, without doubles; fit to
 * show. */
AC_MUST enum ac_code ac_chain_add_issuers(const struct ac_chain *chain,
                                          struct ac_words *names, struct ac_error *err);
AC_MUST enum ac_code ac_chain_leaf_der(const struct ac_chain *chain,
                                       struct ac_text *ret_der, struct ac_error *err);
/*
 * RFC 9773 4.1: base64url(AKI keyIdentifier) "." base64url(serial content octets, from
 * the DER as they stand). AC_E_NOTFOUND: no keyIdentifier. Free with free().
 */
AC_MUST enum ac_code ac_chain_renewal_id(const struct ac_chain *chain, char **ret_id,
                                         struct ac_error *err);

#endif
