/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/handle.h"

#include <gnutls/crypto.h>
#include <limits.h>
#include <string.h>

const char *ac_key_jws_algorithm(const struct ac_key *key)
{
    return ac_key_kind_get(key->type)->jws_algorithm;
}

/*
 * RFC 7518 3.4: r and s are octets of the full size of the field, where DER drops
 * leading zeros and adds one for the sign.
 */
static enum ac_code add_signature(struct ac_text *text, const struct ac_key_kind *kind,
                                  const gnutls_datum_t *signature, struct ac_error *err)
{
    AC_AUTO(ac_datum) r = { 0 };
    AC_AUTO(ac_datum) s = { 0 };
    int status;

    if (kind->coordinate_size == 0)
        return ac_text_add(text, signature->data, signature->size, err);
    status = gnutls_decode_rs_value(signature, &r.value, &s.value);
    if (status < 0)
        return ac_fail_gnutls(err, AC_E_SYSTEM, status, "cannot read our signature");
    AC_TRY(ac_datum_add_padded(&r.value, kind->coordinate_size, text, err));
    return ac_datum_add_padded(&s.value, kind->coordinate_size, text, err);
}

/* GnuTLS counts in unsigned int and takes no const. */
static enum ac_code lend_datum(const void *bytes, size_t size,
                               gnutls_datum_t *ret_datum, struct ac_error *err)
{
    if (size > INT_MAX)
        return ac_fail(err, AC_E_INVALID, "too much to sign: %zu bytes", size);
    ret_datum->data = (unsigned char *)bytes;
    ret_datum->size = (unsigned int)size;
    return AC_OK;
}

enum ac_code ac_key_sign(const struct ac_key *key, const void *bytes, size_t size,
                         struct ac_text *ret_signature, struct ac_error *err)
{
    const struct ac_key_kind *kind = ac_key_kind_get(key->type);
    AC_AUTO(ac_text) text = { 0 };
    AC_AUTO(ac_datum) signature = { 0 };
    gnutls_datum_t data;
    int status;

    if (key->private_key == NULL)
        return ac_fail(err, AC_E_INVALID, "the private key is not here to sign");
    AC_TRY(lend_datum(bytes, size, &data, err));
    status = gnutls_privkey_sign_data2(key->private_key, kind->signature, 0, &data,
                                       &signature.value);
    if (status < 0) {
        return ac_fail_gnutls(err, AC_E_SYSTEM, status, "cannot sign with the %s key",
                              kind->name);
    }
    AC_TRY(add_signature(&text, kind, &signature.value, err));

    *ret_signature = text;
    text = (struct ac_text){ 0 };
    return AC_OK;
}

/* r || s becomes the DER that GnuTLS verifies. */
static enum ac_code encode_signature(const struct ac_text *raw, size_t size,
                                     struct ac_datum *ret_der, struct ac_error *err)
{
    unsigned char *bytes = (unsigned char *)raw->bytes;
    gnutls_datum_t r = { bytes, (unsigned int)size };
    gnutls_datum_t s = { bytes + size, (unsigned int)size };
    int status;

    status = gnutls_encode_rs_value(&ret_der->value, &r, &s);
    if (status < 0)
        return ac_fail_gnutls(err, AC_E_INVALID, status, "the signature is no r and s");
    return AC_OK;
}

enum ac_code ac_key_verify(const struct ac_key *key, const void *bytes, size_t size,
                           const struct ac_text *signature, struct ac_error *err)
{
    const struct ac_key_kind *kind = ac_key_kind_get(key->type);
    AC_AUTO(ac_datum) der = { 0 };
    gnutls_datum_t given;
    gnutls_datum_t data;
    int status;

    AC_TRY(lend_datum(bytes, size, &data, err));
    AC_TRY(lend_datum(signature->bytes, signature->size, &given, err));
    if (kind->coordinate_size != 0) {
        if (signature->size != 2 * kind->coordinate_size) {
            return ac_fail(err, AC_E_INVALID, "the signature has %zu octets, not %zu",
                           signature->size, 2 * kind->coordinate_size);
        }
        AC_TRY(encode_signature(signature, kind->coordinate_size, &der, err));
        given = der.value;
    }
    status =
        gnutls_pubkey_verify_data2(key->public_key, kind->signature, 0, &data, &given);
    if (status < 0)
        return ac_fail_gnutls(err, AC_E_INVALID, status, "the signature is wrong");
    return AC_OK;
}
