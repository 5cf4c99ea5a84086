/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private keys: generate, load, sign. A private key leaves only as an ac_secret.
 *
 * Over GnuTLS. The names of the types are those of --key-type. Signatures are in the
 * form of RFC 7518 section 3 (ECDSA: r || s, left-padded), ready for a JWS.
 */
#ifndef AC_CRYPTO_KEY_H
#define AC_CRYPTO_KEY_H

#include "base/secret.h"
#include "base/text.h"

#include <stdbool.h>

enum ac_key_type {
    AC_KEY_ECDSA_P256,
    AC_KEY_ECDSA_P384,
    AC_KEY_ECDSA_P521,
    AC_KEY_RSA_2048,
    AC_KEY_RSA_3072,
    AC_KEY_RSA_4096,
    AC_KEY_RSA_OTHER, /* loaded only: 2048 to 8192 bits, none of the above */
    AC_KEY_ED25519,
    AC_KEY_TYPE_COUNT
};

struct ac_key;

/* "ecdsa-p256"; never NULL. */
const char *ac_key_type_name(enum ac_key_type type);
/* From a --key-type word; AC_E_USAGE lists what can be generated. */
AC_MUST enum ac_code ac_key_type_parse(const char *name, enum ac_key_type *ret_type,
                                       struct ac_error *err);

AC_MUST enum ac_code ac_key_generate(enum ac_key_type type, struct ac_key **ret_key,
                                     struct ac_error *err);
/* PEM: PKCS#8, SEC1 or PKCS#1, unencrypted. AC_E_INVALID: no key, RSA under 2048 bits,
 * another curve. The detail never shows contents. */
AC_MUST enum ac_code ac_key_parse(const struct ac_secret *pem, struct ac_key **ret_key,
                                  struct ac_error *err);
/* PKCS#8 PEM. */
AC_MUST enum ac_code ac_key_export(const struct ac_key *key, struct ac_secret *ret_pem,
                                   struct ac_error *err);
enum ac_key_type ac_key_type_of(const struct ac_key *key);
/* Is the private half in memory, so that a file can have it? Not that of a key in a
 * token, nor that of one of which only a request is known. */
bool ac_key_can_export(const struct ac_key *key);
/* Have they the same public half? */
AC_MUST enum ac_code ac_key_is_same(const struct ac_key *a, const struct ac_key *b,
                                    bool *ret_is_same, struct ac_error *err);
void ac_key_free(struct ac_key *key);
AC_DEFINE_DROP(ac_key, ac_key_free)

/* RFC 7518 3.1 and RFC 8037: "ES256", "ES384", "ES512", "RS256", "EdDSA". */
const char *ac_key_jws_algorithm(const struct ac_key *key);
/* Signs with that algorithm; raw form. */
AC_MUST enum ac_code ac_key_sign(const struct ac_key *key, const void *bytes,
                                 size_t size, struct ac_text *ret_signature,
                                 struct ac_error *err);
/* Verifies such a signature; AC_E_INVALID when it is wrong. For tests and vectors. */
AC_MUST enum ac_code ac_key_verify(const struct ac_key *key, const void *bytes,
                                   size_t size, const struct ac_text *signature,
                                   struct ac_error *err);

/*
 * The public JWK in the canonical form of RFC 7638: members in order, no white space,
 * EC coordinates padded to the field size, RSA numbers without leading zeros.
 */
AC_MUST enum ac_code ac_key_jwk(const struct ac_key *key, struct ac_text *ret_jwk,
                                struct ac_error *err);
/* SHA-256 of the JWK, base64url: the RFC 7638 thumbprint. Free with free(). */
AC_MUST enum ac_code ac_key_thumbprint(const struct ac_key *key, char **ret_thumbprint,
                                       struct ac_error *err);
/* SubjectPublicKeyInfo, DER: equal exactly when the public keys are. */
AC_MUST enum ac_code ac_key_public_der(const struct ac_key *key,
                                       struct ac_text *ret_der, struct ac_error *err);
/* The public half alone, from that. AC_E_INVALID: none of ours. */
AC_MUST enum ac_code ac_key_parse_public(const struct ac_text *der,
                                         struct ac_key **ret_key, struct ac_error *err);

/* A private key from the numbers of a JWK (base64url members as in RFC 7518 6), for
 * vectors now and imports later. Takes the text of the JWK as a secret. */
AC_MUST enum ac_code ac_key_parse_jwk(const struct ac_secret *jwk,
                                      struct ac_key **ret_key, struct ac_error *err);

#endif
