/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/chain_parts.h"
#include "crypto/crl_parts.h"

#define OID_MAX 16

/* Which algorithm a list may be signed with; the others are broken, or nobody's. */
static const struct algorithm {
    gnutls_sign_algorithm_t sign;
    size_t size;
    unsigned char oid[OID_MAX];
} algorithms[] = {
    { GNUTLS_SIGN_ECDSA_SHA256, 8, { 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2 } },
    { GNUTLS_SIGN_ECDSA_SHA384, 8, { 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3 } },
    { GNUTLS_SIGN_ECDSA_SHA512, 8, { 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4 } },
    { GNUTLS_SIGN_RSA_SHA256, 9, { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11 } },
    { GNUTLS_SIGN_RSA_SHA384, 9, { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 12 } },
    { GNUTLS_SIGN_RSA_SHA512, 9, { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 13 } },
    { GNUTLS_SIGN_EDDSA_ED25519, 3, { 0x2b, 0x65, 0x70 } },
    { GNUTLS_SIGN_EDDSA_ED448, 3, { 0x2b, 0x65, 0x71 } },
};

static enum ac_code fail_issuer(struct ac_error *err)
{
    return ac_fail(err, AC_E_NOTFOUND,
                   "the chain does not have the certificate of the issuer");
}

/* The certificate behind the leaf, if that issued it. */
static gnutls_x509_crt_t find_issuer(const struct ac_chain *chain)
{
    gnutls_x509_crt_t issuer = chain->count > 1 ? chain->certificates[1] : NULL;

    if (issuer && gnutls_x509_crt_check_issuer(chain->certificates[0], issuer) == 1)
        return issuer;
    return NULL;
}

static enum ac_code load_key(const struct ac_chain *chain, gnutls_pubkey_t *ret_key,
                             struct ac_error *err)
{
    gnutls_x509_crt_t issuer = find_issuer(chain);
    AC_AUTO(gnutls_pubkey_st) *key = NULL;
    int status;

    if (!issuer)
        return fail_issuer(err);
    status = gnutls_pubkey_init(&key);
    if (status >= 0)
        status = gnutls_pubkey_import_x509(key, issuer, 0);
    if (status < 0) {
        return ac_fail_gnutls(err, AC_E_INVALID, status,
                              "the issuer's public key cannot be read");
    }
    *ret_key = AC_TAKE(key);
    return AC_OK;
}

enum ac_code ac_crl_issuer_key(const struct ac_chain *chain, char ret_digits[65],
                               struct ac_error *err)
{
    AC_AUTO(gnutls_pubkey_st) *key = NULL;
    AC_AUTO(ac_text) der = { 0 };

    AC_TRY(load_key(chain, &key, err));
    AC_TRY(ac_key_public_der_of(key, &der, err));
    (void)ac_sha256_hex(der.bytes, der.size, ret_digits);
    return AC_OK;
}

static enum ac_code find_algorithm(struct ac_der identifier,
                                   gnutls_sign_algorithm_t *ret_sign,
                                   struct ac_error *err)
{
    struct ac_der_item sequence;
    struct ac_der_item oid;

    if (ac_der_take(&identifier, AC_DER_SEQUENCE, &sequence)
        && ac_der_take(&sequence.content, AC_DER_OID, &oid)) {
        for (size_t i = 0; i < AC_COUNT(algorithms); i++) {
            if (!ac_der_is(&oid.content, algorithms[i].oid, algorithms[i].size))
                continue;
            *ret_sign = algorithms[i].sign;
            return AC_OK;
        }
    }
    return ac_fail(err, AC_E_INVALID,
                   "the list is signed with an algorithm that is unknown or unsafe");
}

enum ac_code ac_crl_check_signature(const struct ac_crl_frame *frame,
                                    const struct ac_chain *chain, struct ac_error *err)
{
    gnutls_datum_t data = { (unsigned char *)frame->signed_part.at,
                            (unsigned int)frame->signed_part.left };
    gnutls_datum_t signature = { (unsigned char *)frame->signature.at,
                                 (unsigned int)frame->signature.left };
    AC_AUTO(gnutls_pubkey_st) *key = NULL;
    gnutls_sign_algorithm_t sign = GNUTLS_SIGN_UNKNOWN;

    AC_TRY(find_algorithm(frame->algorithm, &sign, err));
    AC_TRY(load_key(chain, &key, err));
    int status = gnutls_pubkey_verify_data2(key, sign, 0, &data, &signature);
    if (status >= 0)
        return AC_OK;
    return ac_fail_gnutls(err, AC_E_INVALID, status,
                          "the list is not signed by the issuer of the certificate");
}

/* 6.3.3 (b)(1), (f): the same name, and a certificate that lets its key do so. */
enum ac_code ac_crl_check_issuer(const struct ac_der *name,
                                 const struct ac_chain *chain, struct ac_error *err)
{
    gnutls_x509_crt_t issuer = find_issuer(chain);
    AC_AUTO(ac_datum) wanted = { 0 };
    unsigned usage = 0;

    if (!issuer)
        return fail_issuer(err);
    int status =
        gnutls_x509_crt_get_raw_issuer_dn(chain->certificates[0], &wanted.value);
    if (status < 0) {
        return ac_fail_gnutls(err, AC_E_INVALID, status,
                              "the certificate's issuer cannot be read");
    }
    if (!ac_der_is(name, wanted.value.data, wanted.value.size))
        return ac_fail(err, AC_E_INVALID, "the list is another issuer's");
    status = gnutls_x509_crt_get_key_usage(issuer, &usage, NULL);
    if (status >= 0 && !(usage & GNUTLS_KEY_CRL_SIGN)) {
        return ac_fail(err, AC_E_INVALID,
                       "the issuer's certificate does not let it sign such lists");
    }
    return AC_OK;
}
