/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GnuTLS objects that free themselves, and GnuTLS's failures as ours. For crypto only.
 */
#ifndef AC_CRYPTO_HANDLE_H
#define AC_CRYPTO_HANDLE_H

#include "base/text.h"
#include "crypto/key.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/pkcs12.h>
#include <gnutls/x509-ext.h>
#include <gnutls/x509.h>

/* What GnuTLS allocated; wiped before it is freed, whether it was secret or not. */
struct ac_datum {
    gnutls_datum_t value;
};

void ac_datum_done(struct ac_datum *datum);
/*
 * Appends a big-endian number as exactly size octets, or without leading zeros when
 * size is 0 (RFC 7518 2, Base64urlUInt). AC_E_INVALID when it is longer.
 */
AC_MUST enum ac_code ac_datum_add_padded(const gnutls_datum_t *number, size_t size,
                                         struct ac_text *text, struct ac_error *err);
void ac_alt_names_free(gnutls_subject_alt_names_t names);
void ac_tls_features_free(gnutls_x509_tlsfeatures_t features);

AC_DEFINE_DROP_VALUE(ac_datum, ac_datum_done)
AC_DEFINE_DROP(gnutls_privkey_st, gnutls_privkey_deinit)
AC_DEFINE_DROP(gnutls_pubkey_st, gnutls_pubkey_deinit)
AC_DEFINE_DROP(gnutls_x509_privkey_int, gnutls_x509_privkey_deinit)
AC_DEFINE_DROP(gnutls_x509_crt_int, gnutls_x509_crt_deinit)
AC_DEFINE_DROP(gnutls_x509_crq_int, gnutls_x509_crq_deinit)
AC_DEFINE_DROP(gnutls_subject_alt_names_st, ac_alt_names_free)
AC_DEFINE_DROP(gnutls_x509_tlsfeatures_st, ac_tls_features_free)
AC_DEFINE_DROP(gnutls_pkcs12_int, gnutls_pkcs12_deinit)
AC_DEFINE_DROP(gnutls_pkcs12_bag_int, gnutls_pkcs12_bag_deinit)

/*
 * As ac_fail with ": " and GnuTLS's own words added. Its memory error is AC_E_NOMEM
 * whatever the code.
 */
#ifndef __clang_analyzer__
#define ac_fail_gnutls(err, code, status, ...)                                         \
    ac_handle_fail((err), (code), (status), AC_HERE, __VA_ARGS__)
#else /* it looks at one file at a time and must see which code comes back */
#define ac_fail_gnutls(err, code, status, ...)                                         \
    (ac_handle_fail((err), (code), (status), AC_HERE, __VA_ARGS__), (code))
#endif

enum ac_code ac_handle_fail(struct ac_error *err, enum ac_code code, int status,
                            const char *where, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* What a token is told when it asks for a PIN. */
struct ac_token_pin {
    struct ac_secret pin; /* empty: none was given */
    bool was_asked;
    bool was_wrong;  /* the token did not take it; it is not told again */
    bool is_too_low; /* the next wrong one locks the token, so it is told none */
};

void ac_token_pin_free(struct ac_token_pin *pin);
AC_DEFINE_DROP(ac_token_pin, ac_token_pin_free)

/* A private key and the public half of it. */
struct ac_key {
    struct gnutls_privkey_st *private_key; /* owned; NULL: the public half is all */
    struct gnutls_pubkey_st *public_key;   /* owned */
    enum ac_key_type type;
    struct ac_token_pin *pin; /* owned; of a token's key, which may ask again */
};

/* What must be known of each type of key. */
struct ac_key_kind {
    const char *name;             /* the word of --key-type */
    const char *jws_algorithm;    /* RFC 7518 3.1 */
    const char *jwk_curve;        /* RFC 7518 6.2.1.1; NULL: no curve */
    gnutls_pk_algorithm_t family; /* for GnuTLS */
    gnutls_ecc_curve_t curve;     /* GNUTLS_ECC_CURVE_INVALID: no curve */
    unsigned int bits;            /* of an RSA modulus; 0: a curve, or any */
    gnutls_sign_algorithm_t signature;
    gnutls_digest_algorithm_t digest; /* inside that signature */
    size_t coordinate_size;           /* [octets] of a field element; 0: not ECDSA */
};

/* Never NULL for a type that a key can have. */
const struct ac_key_kind *ac_key_kind_get(enum ac_key_type type);
/* Which of our types a public key is; false when it is none. */
bool ac_key_kind_find(gnutls_pubkey_t public_key, enum ac_key_type *ret_type);

/*
 * A key from a private one, which is taken and nulled (also on failure). AC_E_INVALID
 * for a type that we do not support, and for numbers that do not belong together.
 */
AC_MUST enum ac_code ac_key_wrap(struct gnutls_privkey_st **private_key,
                                 struct ac_key **ret_key, struct ac_error *err);
/* The same of the public half alone. */
AC_MUST enum ac_code ac_key_wrap_public(struct gnutls_pubkey_st **public_key,
                                        struct ac_key **ret_key, struct ac_error *err);
/* SubjectPublicKeyInfo, DER. */
AC_MUST enum ac_code ac_key_public_der_of(gnutls_pubkey_t public_key,
                                          struct ac_text *ret_der,
                                          struct ac_error *err);

#endif
