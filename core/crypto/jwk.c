/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"
#include "crypto/base64url.h"
#include "crypto/digest.h"
#include "crypto/handle.h"

#include <limits.h>
#include <string.h>

#define JWK_BYTES_MAX   (64u * 1024u)
#define NUMBER_TEXT_MAX 2048 /* 12288 bits */
#define MEMBER_MAX      5

/* A member, a comma before it unless it is the first. */
static enum ac_code add_text(struct ac_text *jwk, const char *name, const char *value,
                             struct ac_error *err)
{
    return ac_text_addf(jwk, err, "%s\"%s\":\"%s\"", jwk->size > 1 ? "," : "", name,
                        value);
}

static enum ac_code add_number(struct ac_text *jwk, const char *name,
                               const struct ac_datum *number, size_t size,
                               struct ac_error *err)
{
    AC_AUTO(ac_text) octets = { 0 };
    AC_AUTO_TEXT char *encoded = NULL;

    AC_TRY(ac_datum_add_padded(&number->value, size, &octets, err));
    AC_TRY(ac_base64url_encode(octets.bytes, octets.size, &encoded, err));
    return add_text(jwk, name, encoded, err);
}

/* RFC 7638 3.2: exactly the required members, in lexicographic order. */
static enum ac_code add_rsa(struct ac_text *jwk, const struct ac_key *key,
                            struct ac_error *err)
{
    AC_AUTO(ac_datum) modulus = { 0 };
    AC_AUTO(ac_datum) exponent = { 0 };
    int status;

    status = gnutls_pubkey_export_rsa_raw2(key->public_key, &modulus.value,
                                           &exponent.value, GNUTLS_EXPORT_FLAG_NO_LZ);
    if (status < 0)
        return ac_fail_gnutls(err, AC_E_SYSTEM, status, "cannot read the public key");
    AC_TRY(add_number(jwk, "e", &exponent, 0, err));
    AC_TRY(add_text(jwk, "kty", "RSA", err));
    return add_number(jwk, "n", &modulus, 0, err);
}

/* RFC 7638 3.2 for EC, RFC 8037 2 for OKP, which has no y and whose x is no number. */
static enum ac_code add_curve(struct ac_text *jwk, const struct ac_key *key,
                              struct ac_error *err)
{
    const struct ac_key_kind *kind = ac_key_kind_get(key->type);
    AC_AUTO(ac_datum) x = { 0 };
    AC_AUTO(ac_datum) y = { 0 };
    bool is_ecdsa = kind->coordinate_size != 0;
    int status;

    status = gnutls_pubkey_export_ecc_raw2(key->public_key, NULL, &x.value, &y.value,
                                           is_ecdsa ? GNUTLS_EXPORT_FLAG_NO_LZ : 0);
    if (status < 0)
        return ac_fail_gnutls(err, AC_E_SYSTEM, status, "cannot read the public key");
    AC_TRY(add_text(jwk, "crv", kind->jwk_curve, err));
    AC_TRY(add_text(jwk, "kty", is_ecdsa ? "EC" : "OKP", err));
    AC_TRY(
        add_number(jwk, "x", &x, is_ecdsa ? kind->coordinate_size : x.value.size, err));
    if (!is_ecdsa)
        return AC_OK;
    return add_number(jwk, "y", &y, kind->coordinate_size, err);
}

enum ac_code ac_key_jwk(const struct ac_key *key, struct ac_text *ret_jwk,
                        struct ac_error *err)
{
    AC_AUTO(ac_text) jwk = { 0 };

    AC_TRY(ac_text_add(&jwk, "{", 1, err));
    if (ac_key_kind_get(key->type)->jwk_curve != NULL) {
        AC_TRY(add_curve(&jwk, key, err));
    } else {
        AC_TRY(add_rsa(&jwk, key, err));
    }
    AC_TRY(ac_text_add(&jwk, "}", 1, err));

    *ret_jwk = jwk;
    jwk = (struct ac_text){ 0 };
    return AC_OK;
}

enum ac_code ac_key_thumbprint(const struct ac_key *key, char **ret_thumbprint,
                               struct ac_error *err)
{
    AC_AUTO(ac_text) jwk = { 0 };
    uint8_t digest[AC_SHA256_SIZE];

    AC_TRY(ac_key_jwk(key, &jwk, err));
    ac_sha256(jwk.bytes, jwk.size, digest);
    return ac_base64url_encode(digest, sizeof(digest), ret_thumbprint, err);
}

enum ac_code ac_key_public_der(const struct ac_key *key, struct ac_text *ret_der,
                               struct ac_error *err)
{
    return ac_key_public_der_of(key->public_key, ret_der, err);
}

enum ac_code ac_key_public_der_of(gnutls_pubkey_t public_key, struct ac_text *ret_der,
                                  struct ac_error *err)
{
    AC_AUTO(ac_text) text = { 0 };
    AC_AUTO(ac_datum) der = { 0 };
    int status = gnutls_pubkey_export2(public_key, GNUTLS_X509_FMT_DER, &der.value);

    if (status < 0)
        return ac_fail_gnutls(err, AC_E_SYSTEM, status, "cannot write the public key");
    AC_TRY(ac_text_add(&text, der.value.data, der.value.size, err));

    *ret_der = text;
    text = (struct ac_text){ 0 };
    return AC_OK;
}

/* The numbers of a JWK, in the order that its family names them. */
struct numbers {
    struct ac_secret items[MEMBER_MAX];
    gnutls_datum_t values[MEMBER_MAX];
};

static void numbers_done(struct numbers *numbers)
{
    for (size_t i = 0; i < MEMBER_MAX; i++)
        ac_secret_wipe(&numbers->items[i]);
}

AC_DEFINE_DROP_VALUE(numbers, numbers_done)

static enum ac_code read_numbers(const struct ac_json *jwk, const char *const *names,
                                 size_t count, struct numbers *numbers,
                                 struct ac_error *err)
{
    for (size_t i = 0; i < count; i++) {
        struct ac_secret *item = &numbers->items[i];
        const char *text;

        AC_TRY(ac_json_get_text(jwk, names[i], &text, err));
        if (!ac_text_is_made_of(text, AC_ALPHABET_BASE64URL, 1, NUMBER_TEXT_MAX)) {
            return ac_fail(err, AC_E_INVALID, "JWK member %s is not base64url",
                           names[i]);
        }
        AC_TRY(ac_base64_decode_secret(text, strlen(text), item, err));
        numbers->values[i] = (gnutls_datum_t){ item->bytes, (unsigned int)item->size };
    }
    return AC_OK;
}

/* RFC 7518 6.3: the rest of the numbers follows from these. */
static enum ac_code import_rsa(const struct ac_json *jwk, gnutls_privkey_t private_key,
                               int *ret_status, struct ac_error *err)
{
    static const char *const names[] = { "n", "e", "d", "p", "q" };
    AC_AUTO(numbers) numbers = { 0 };
    const gnutls_datum_t *values = numbers.values;

    AC_TRY(read_numbers(jwk, names, AC_COUNT(names), &numbers, err));
    *ret_status =
        gnutls_privkey_import_rsa_raw(private_key, &values[0], &values[1], &values[2],
                                      &values[3], &values[4], NULL, NULL, NULL);
    return AC_OK;
}

static enum ac_code import_ec(const struct ac_json *jwk, gnutls_privkey_t private_key,
                              gnutls_ecc_curve_t curve, int *ret_status,
                              struct ac_error *err)
{
    static const char *const names[] = { "x", "d", "y" };
    AC_AUTO(numbers) numbers = { 0 };
    const gnutls_datum_t *values = numbers.values;
    bool is_ed25519 = curve == GNUTLS_ECC_CURVE_ED25519;

    AC_TRY(read_numbers(jwk, names, is_ed25519 ? 2 : 3, &numbers, err));
    *ret_status = gnutls_privkey_import_ecc_raw(
        private_key, curve, &values[0], is_ed25519 ? NULL : &values[2], &values[1]);
    return AC_OK;
}

/* The curve that a JWK names, GNUTLS_ECC_CURVE_INVALID for an RSA key. */
static enum ac_code find_curve(const struct ac_json *jwk, gnutls_ecc_curve_t *ret_curve,
                               struct ac_error *err)
{
    const char *family = ac_json_text_or(jwk, "kty", "");
    const char *curve = ac_json_text_or(jwk, "crv", "");

    if (strcmp(family, "RSA") == 0) {
        *ret_curve = GNUTLS_ECC_CURVE_INVALID;
        return AC_OK;
    }
    for (int i = 0; i < AC_KEY_TYPE_COUNT; i++) {
        const struct ac_key_kind *kind = ac_key_kind_get((enum ac_key_type)i);
        const char *wanted = kind->coordinate_size != 0 ? "EC" : "OKP";

        if (kind->jwk_curve == NULL || strcmp(kind->jwk_curve, curve) != 0
            || strcmp(wanted, family) != 0)
            continue;
        *ret_curve = kind->curve;
        return AC_OK;
    }
    return ac_fail(err, AC_E_INVALID,
                   "JWK of type \"%s\", curve \"%s\" is not supported", family, curve);
}

static enum ac_code import_numbers(const struct ac_json *jwk,
                                   gnutls_privkey_t private_key, int *ret_status,
                                   struct ac_error *err)
{
    gnutls_ecc_curve_t curve = GNUTLS_ECC_CURVE_INVALID;

    AC_TRY(find_curve(jwk, &curve, err));
    if (curve == GNUTLS_ECC_CURVE_INVALID)
        return import_rsa(jwk, private_key, ret_status, err);
    return import_ec(jwk, private_key, curve, ret_status, err);
}

/* A parser's message quotes what it stumbled over: here that may be the key. */
static enum ac_code parse_secret(const struct ac_secret *jwk, struct ac_json **ret_json,
                                 struct ac_error *err)
{
    enum ac_code code =
        ac_json_parse((const char *)jwk->bytes, jwk->size, ret_json, err);

    if (code == AC_E_INVALID)
        return ac_fail(err, AC_E_INVALID, "the JWK is no JSON");
    return code;
}

/* The JSON library keeps a copy for a moment that it does not wipe: imports are rare.
 */
enum ac_code ac_key_parse_jwk(const struct ac_secret *jwk, struct ac_key **ret_key,
                              struct ac_error *err)
{
    AC_AUTO(gnutls_privkey_st) *private_key = NULL;
    AC_AUTO(ac_json) *json = NULL;
    int status;

    if (jwk->size > JWK_BYTES_MAX)
        return ac_fail(err, AC_E_INVALID, "JWK of %zu bytes", jwk->size);
    AC_TRY(parse_secret(jwk, &json, err));
    status = gnutls_privkey_init(&private_key);
    if (status < 0)
        return ac_fail_gnutls(err, AC_E_SYSTEM, status, "cannot read a key");
    AC_TRY(import_numbers(json, private_key, &status, err));
    if (status >= 0)
        status = gnutls_privkey_verify_params(private_key);
    if (status < 0) {
        return ac_fail_gnutls(err, AC_E_INVALID, status,
                              "the members of the JWK do not belong together");
    }
    return ac_key_wrap(&private_key, ret_key, err);
}
