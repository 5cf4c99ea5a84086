/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/key.h"

#include "crypto/handle.h"

#include <stdlib.h>
#include <string.h>

#define RSA_BITS_MIN 2048u
#define RSA_BITS_MAX 8192u         /* more only burns our time: no CA takes it */
#define PEM_MAX      (64u * 1024u) /* an RSA key of 8192 bits has 7 KiB */

/* clang-format off */
static const struct ac_key_kind kinds[AC_KEY_TYPE_COUNT] = {
    [AC_KEY_ECDSA_P256] = { "ecdsa-p256", "ES256", "P-256", GNUTLS_PK_ECDSA,
        GNUTLS_ECC_CURVE_SECP256R1, 0, GNUTLS_SIGN_ECDSA_SHA256, GNUTLS_DIG_SHA256, 32 },
    [AC_KEY_ECDSA_P384] = { "ecdsa-p384", "ES384", "P-384", GNUTLS_PK_ECDSA,
        GNUTLS_ECC_CURVE_SECP384R1, 0, GNUTLS_SIGN_ECDSA_SHA384, GNUTLS_DIG_SHA384, 48 },
    [AC_KEY_ECDSA_P521] = { "ecdsa-p521", "ES512", "P-521", GNUTLS_PK_ECDSA,
        GNUTLS_ECC_CURVE_SECP521R1, 0, GNUTLS_SIGN_ECDSA_SHA512, GNUTLS_DIG_SHA512, 66 },
    [AC_KEY_RSA_2048] = { "rsa-2048", "RS256", NULL, GNUTLS_PK_RSA,
        GNUTLS_ECC_CURVE_INVALID, 2048, GNUTLS_SIGN_RSA_SHA256, GNUTLS_DIG_SHA256, 0 },
    [AC_KEY_RSA_3072] = { "rsa-3072", "RS256", NULL, GNUTLS_PK_RSA,
        GNUTLS_ECC_CURVE_INVALID, 3072, GNUTLS_SIGN_RSA_SHA256, GNUTLS_DIG_SHA256, 0 },
    [AC_KEY_RSA_4096] = { "rsa-4096", "RS256", NULL, GNUTLS_PK_RSA,
        GNUTLS_ECC_CURVE_INVALID, 4096, GNUTLS_SIGN_RSA_SHA256, GNUTLS_DIG_SHA256, 0 },
    [AC_KEY_RSA_OTHER] = { "rsa-other", "RS256", NULL, GNUTLS_PK_RSA,
        GNUTLS_ECC_CURVE_INVALID, 0, GNUTLS_SIGN_RSA_SHA256, GNUTLS_DIG_SHA256, 0 },
    [AC_KEY_ED25519] = { "ed25519", "EdDSA", "Ed25519", GNUTLS_PK_EDDSA_ED25519,
        GNUTLS_ECC_CURVE_ED25519, 0, GNUTLS_SIGN_EDDSA_ED25519, GNUTLS_DIG_SHA512, 0 },
};
/* clang-format on */

const char *ac_key_type_name(enum ac_key_type type)
{
    if ((int)type < 0 || type >= AC_KEY_TYPE_COUNT)
        return "unknown";
    return ac_key_kind_get(type)->name;
}

static bool can_generate(enum ac_key_type type)
{
    return (int)type >= 0 && type < AC_KEY_TYPE_COUNT && type != AC_KEY_RSA_OTHER;
}

static enum ac_code refuse_type(const char *name, struct ac_error *err)
{
    AC_AUTO(ac_words) names = { 0 };
    AC_AUTO(ac_text) list = { 0 };

    for (int i = 0; i < AC_KEY_TYPE_COUNT; i++) {
        if (can_generate((enum ac_key_type)i))
            AC_TRY(ac_words_add(&names, ac_key_type_name((enum ac_key_type)i), err));
    }
    AC_TRY(ac_words_join(&names, ", ", &list, err));
    return ac_fail(err, AC_E_USAGE, "key type \"%s\" is none of: %s", name,
                   ac_text_get(&list));
}

enum ac_code ac_key_type_parse(const char *name, enum ac_key_type *ret_type,
                               struct ac_error *err)
{
    for (int i = 0; i < AC_KEY_TYPE_COUNT; i++) {
        enum ac_key_type type = (enum ac_key_type)i;

        if (!can_generate(type) || strcmp(name, ac_key_type_name(type)) != 0)
            continue;
        *ret_type = type;
        return AC_OK;
    }
    return refuse_type(name, err);
}

enum ac_code ac_key_generate(enum ac_key_type type, struct ac_key **ret_key,
                             struct ac_error *err)
{
    AC_AUTO(gnutls_privkey_st) *private_key = NULL;
    const struct ac_key_kind *kind;
    unsigned int bits;
    int status;

    if (!can_generate(type))
        return refuse_type(ac_key_type_name(type), err);
    kind = ac_key_kind_get(type);
    bits =
        kind->bits != 0 ? kind->bits : (unsigned int)GNUTLS_CURVE_TO_BITS(kind->curve);
    status = gnutls_privkey_init(&private_key);
    if (status < 0)
        return ac_fail_gnutls(err, AC_E_SYSTEM, status, "cannot make a key");
    status = gnutls_privkey_generate2(private_key, kind->family, bits, 0, NULL, 0);
    if (status < 0) {
        return ac_fail_gnutls(err, AC_E_SYSTEM, status, "cannot make an %s key",
                              kind->name);
    }
    return ac_key_wrap(&private_key, ret_key, err);
}

enum ac_code ac_key_parse(const struct ac_secret *pem, struct ac_key **ret_key,
                          struct ac_error *err)
{
    AC_AUTO(gnutls_privkey_st) *private_key = NULL;
    gnutls_datum_t text = { pem->bytes, (unsigned int)pem->size };
    int status;

    if (pem->size == 0 || pem->size > PEM_MAX) {
        return ac_fail(err, AC_E_INVALID, "no private key in PEM: %zu bytes",
                       pem->size);
    }
    status = gnutls_privkey_init(&private_key);
    if (status < 0)
        return ac_fail_gnutls(err, AC_E_SYSTEM, status, "cannot read a key");
    status = gnutls_privkey_import_x509_raw(private_key, &text, GNUTLS_X509_FMT_PEM,
                                            NULL, 0);
    if (status == GNUTLS_E_DECRYPTION_FAILED)
        return ac_fail(err, AC_E_INVALID, "the private key is encrypted");
    if (status < 0)
        return ac_fail_gnutls(err, AC_E_INVALID, status, "no private key in PEM");
    status = gnutls_privkey_verify_params(private_key);
    if (status < 0) {
        return ac_fail_gnutls(err, AC_E_INVALID, status,
                              "the parts of the private key do not belong together");
    }
    return ac_key_wrap(&private_key, ret_key, err);
}

enum ac_code ac_key_export(const struct ac_key *key, struct ac_secret *ret_pem,
                           struct ac_error *err)
{
    AC_AUTO(gnutls_x509_privkey_int) *plain = NULL;
    AC_AUTO(ac_datum) pem = { 0 };
    int status;

    if (!ac_key_can_export(key))
        return ac_fail(err, AC_E_INVALID, "the private key is not here to be written");
    status = gnutls_privkey_export_x509(key->private_key, &plain);
    if (status < 0)
        return ac_fail_gnutls(err, AC_E_INVALID, status, "cannot read the private key");
    status = gnutls_x509_privkey_export2_pkcs8(plain, GNUTLS_X509_FMT_PEM, NULL,
                                               GNUTLS_PKCS_PLAIN, &pem.value);
    if (status < 0) {
        return ac_fail_gnutls(err, AC_E_INVALID, status,
                              "cannot write the private key");
    }
    return ac_secret_copy(pem.value.data, pem.value.size, ret_pem, err);
}

enum ac_key_type ac_key_type_of(const struct ac_key *key)
{
    return key->type;
}

bool ac_key_can_export(const struct ac_key *key)
{
    return key->private_key != NULL
           && gnutls_privkey_get_type(key->private_key) == GNUTLS_PRIVKEY_X509;
}

enum ac_code ac_key_is_same(const struct ac_key *a, const struct ac_key *b,
                            bool *ret_is_same, struct ac_error *err)
{
    AC_AUTO(ac_text) one = { 0 };
    AC_AUTO(ac_text) other = { 0 };

    AC_TRY(ac_key_public_der(a, &one, err));
    AC_TRY(ac_key_public_der(b, &other, err));
    *ret_is_same =
        one.size == other.size && memcmp(one.bytes, other.bytes, one.size) == 0;
    return AC_OK;
}

void ac_key_free(struct ac_key *key)
{
    if (key == NULL)
        return;
    gnutls_privkey_deinit(key->private_key);
    gnutls_pubkey_deinit(key->public_key);
    ac_token_pin_free(key->pin);
    free(key);
}

const struct ac_key_kind *ac_key_kind_get(enum ac_key_type type)
{
    return &kinds[type];
}

static gnutls_ecc_curve_t curve_of(gnutls_pubkey_t public_key)
{
    gnutls_ecc_curve_t curve = GNUTLS_ECC_CURVE_INVALID;

    if (gnutls_pubkey_export_ecc_raw2(public_key, &curve, NULL, NULL, 0) < 0)
        return GNUTLS_ECC_CURVE_INVALID;
    return curve;
}

bool ac_key_kind_find(gnutls_pubkey_t public_key, enum ac_key_type *ret_type)
{
    unsigned int bits = 0;
    int family = gnutls_pubkey_get_pk_algorithm(public_key, &bits);
    gnutls_ecc_curve_t curve = curve_of(public_key);

    for (int i = 0; i < AC_KEY_TYPE_COUNT; i++) {
        if ((int)kinds[i].family != family || kinds[i].curve != curve
            || (kinds[i].bits != 0 && kinds[i].bits != bits))
            continue;
        if (i == AC_KEY_RSA_OTHER && (bits < RSA_BITS_MIN || bits > RSA_BITS_MAX))
            continue;
        *ret_type = (enum ac_key_type)i;
        return true;
    }
    return false;
}

static enum ac_code find_type(struct ac_key *key, struct ac_error *err)
{
    if (ac_key_kind_find(key->public_key, &key->type))
        return AC_OK;
    return ac_fail(err, AC_E_INVALID,
                   "the key is not of a supported type: RSA from 2048 to 8192 bits, "
                   "ECDSA on P-256, P-384 or P-521, Ed25519");
}

enum ac_code ac_key_wrap(struct gnutls_privkey_st **private_key,
                         struct ac_key **ret_key, struct ac_error *err)
{
    AC_AUTO(gnutls_privkey_st) *held = AC_TAKE(*private_key);
    AC_AUTO(ac_key) *key = NULL;
    int status;

    AC_TRY(ac_memory_new(1, sizeof(*key), &key, err));
    key->private_key = AC_TAKE(held);
    status = gnutls_pubkey_init(&key->public_key);
    if (status < 0)
        return ac_fail_gnutls(err, AC_E_SYSTEM, status, "cannot make a public key");
    status = gnutls_pubkey_import_privkey(key->public_key, key->private_key, 0, 0);
    if (status < 0)
        return ac_fail_gnutls(err, AC_E_INVALID, status, "the key has no public half");
    AC_TRY(find_type(key, err));

    *ret_key = AC_TAKE(key);
    return AC_OK;
}

enum ac_code ac_key_wrap_public(struct gnutls_pubkey_st **public_key,
                                struct ac_key **ret_key, struct ac_error *err)
{
    AC_AUTO(gnutls_pubkey_st) *held = AC_TAKE(*public_key);
    AC_AUTO(ac_key) *key = NULL;

    AC_TRY(ac_memory_new(1, sizeof(*key), &key, err));
    key->public_key = AC_TAKE(held);
    AC_TRY(find_type(key, err));

    *ret_key = AC_TAKE(key);
    return AC_OK;
}

enum ac_code ac_key_parse_public(const struct ac_text *der, struct ac_key **ret_key,
                                 struct ac_error *err)
{
    AC_AUTO(gnutls_pubkey_st) *public_key = NULL;
    gnutls_datum_t bytes = { (unsigned char *)der->bytes, (unsigned int)der->size };
    int status = gnutls_pubkey_init(&public_key);

    if (status >= 0)
        status = gnutls_pubkey_import(public_key, &bytes, GNUTLS_X509_FMT_DER);
    if (status < 0)
        return ac_fail_gnutls(err, AC_E_INVALID, status, "no public key");
    return ac_key_wrap_public(&public_key, ret_key, err);
}
