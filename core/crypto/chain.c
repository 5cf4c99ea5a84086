/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/chain_parts.h"

#include "crypto/base64url.h"
#include "crypto/pem.h"

#include <stdlib.h>
#include <string.h>

#define SERIAL_MAX 64  /* [octets]; RFC 5280 4.1.2.2 allows 20 */
#define KEY_ID_MAX 128 /* [octets]; RFC 7093 makes 32 of them */

static enum ac_code read_certificates(struct ac_chain *chain, struct ac_pem *pem,
                                      struct ac_error *err);
static enum ac_code read_facts(struct ac_chain *chain, struct ac_error *err);

enum ac_code ac_chain_parse(const char *pem, size_t size, struct ac_chain **ret_chain,
                            struct ac_error *err)
{
    AC_AUTO(ac_chain) *chain = NULL;
    struct ac_pem reader = { pem, pem + size };

    if (size > AC_CHAIN_BYTES_MAX) {
        return ac_fail(err, AC_E_INVALID, "the chain has %zu bytes, more than %u", size,
                       AC_CHAIN_BYTES_MAX);
    }
    AC_TRY(ac_memory_new(1, sizeof(*chain), &chain, err));
    /* Broken into lines of 64 it may be longer than it came. */
    chain->full_pem.limit = 2 * AC_CHAIN_BYTES_MAX;
    AC_TRY(read_certificates(chain, &reader, err));
    AC_TRY(read_facts(chain, err));

    *ret_chain = AC_TAKE(chain);
    return AC_OK;
}

void ac_chain_free(struct ac_chain *chain)
{
    if (chain == NULL)
        return;
    for (size_t i = 0; i < chain->count; i++)
        gnutls_x509_crt_deinit(chain->certificates[i]);
    ac_text_done(&chain->full_pem);
    free(chain->leaf_pem);
    free(chain->serial);
    free(chain->issuer);
    free(chain->top_issuer);
    free(chain);
}

size_t ac_chain_count(const struct ac_chain *chain)
{
    return chain->count;
}

const char *ac_chain_leaf_pem(const struct ac_chain *chain)
{
    return chain->leaf_pem;
}

const char *ac_chain_rest_pem(const struct ac_chain *chain)
{
    return chain->rest_pem;
}

const char *ac_chain_full_pem(const struct ac_chain *chain)
{
    return ac_text_get(&chain->full_pem);
}

int64_t ac_chain_not_before(const struct ac_chain *chain)
{
    return chain->not_before;
}

int64_t ac_chain_not_after(const struct ac_chain *chain)
{
    return chain->not_after;
}

const char *ac_chain_serial(const struct ac_chain *chain)
{
    return chain->serial;
}

const char *ac_chain_issuer(const struct ac_chain *chain)
{
    return chain->issuer;
}

const char *ac_chain_top_issuer(const struct ac_chain *chain)
{
    return chain->top_issuer;
}

const char *ac_chain_key_type(const struct ac_chain *chain)
{
    return chain->key_type;
}

enum ac_code ac_chain_public_der(const struct ac_chain *chain, struct ac_text *ret_der,
                                 struct ac_error *err)
{
    AC_AUTO(gnutls_pubkey_st) *public_key = NULL;
    int status = gnutls_pubkey_init(&public_key);

    if (status >= 0)
        status = gnutls_pubkey_import_x509(public_key, chain->certificates[0], 0);
    if (status < 0) {
        return ac_fail_gnutls(err, AC_E_INVALID, status,
                              "the certificate's public key cannot be read");
    }
    return ac_key_public_der_of(public_key, ret_der, err);
}

const char *ac_chain_fingerprint(const struct ac_chain *chain)
{
    return chain->fingerprint;
}

static enum ac_code get_serial(const struct ac_chain *chain, uint8_t octets[SERIAL_MAX],
                               size_t *ret_size, struct ac_error *err)
{
    int status;

    *ret_size = SERIAL_MAX;
    status = gnutls_x509_crt_get_serial(chain->certificates[0], octets, ret_size);
    if (status < 0) {
        return ac_fail_gnutls(err, AC_E_INVALID, status,
                              "the certificate's serial number cannot be read");
    }
    return AC_OK;
}

enum ac_code ac_chain_renewal_id(const struct ac_chain *chain, char **ret_id,
                                 struct ac_error *err)
{
    AC_AUTO(ac_text) id = { 0 };
    uint8_t key_id[KEY_ID_MAX];
    uint8_t serial[SERIAL_MAX];
    size_t key_id_size = sizeof(key_id);
    size_t serial_size;
    int status = gnutls_x509_crt_get_authority_key_id(chain->certificates[0], key_id,
                                                      &key_id_size, NULL);

    /* The second: the extension is there and identifies by name and serial alone. */
    if (status == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE
        || status == GNUTLS_E_X509_UNSUPPORTED_EXTENSION
        || (status >= 0 && key_id_size == 0)) {
        return ac_fail(err, AC_E_NOTFOUND,
                       "the certificate has no authority key identifier");
    }
    if (status < 0) {
        return ac_fail_gnutls(err, AC_E_INVALID, status,
                              "the authority key identifier cannot be read");
    }
    AC_TRY(get_serial(chain, serial, &serial_size, err));
    AC_TRY(ac_base64url_add(&id, key_id, key_id_size, err));
    AC_TRY(ac_text_add(&id, ".", 1, err));
    AC_TRY(ac_base64url_add(&id, serial, serial_size, err));
    return ac_text_take(&id, ret_id, err);
}

static enum ac_code add_certificate(struct ac_chain *chain, const struct ac_text *der,
                                    struct ac_error *err)
{
    AC_AUTO(gnutls_x509_crt_int) *certificate = NULL;
    gnutls_datum_t data = { (unsigned char *)der->bytes, (unsigned int)der->size };
    int status = gnutls_x509_crt_init(&certificate);

    if (status >= 0)
        status = gnutls_x509_crt_import(certificate, &data, GNUTLS_X509_FMT_DER);
    if (status < 0) {
        return ac_fail_gnutls(err, AC_E_INVALID, status,
                              "certificate %zu of the chain cannot be read",
                              chain->count + 1);
    }
    AC_TRY(ac_pem_add(&chain->full_pem, der->bytes, der->size, err));
    if (chain->count == 0)
        (void)ac_sha256_hex(der->bytes, der->size, chain->fingerprint);
    chain->certificates[chain->count++] = AC_TAKE(certificate);
    return AC_OK;
}

static enum ac_code read_certificates(struct ac_chain *chain, struct ac_pem *pem,
                                      struct ac_error *err)
{
    size_t leaf_size = 0;

    for (;;) {
        AC_AUTO(ac_text) der = { 0 };
        enum ac_code code = ac_pem_next(pem, &der, err);

        if (code == AC_E_NOTFOUND)
            break;
        AC_TRY(code);
        if (chain->count == AC_CHAIN_CERTIFICATES_MAX) {
            return ac_fail(err, AC_E_INVALID, "the chain has more than %d certificates",
                           AC_CHAIN_CERTIFICATES_MAX);
        }
        AC_TRY(add_certificate(chain, &der, err));
        if (chain->count == 1)
            leaf_size = chain->full_pem.size;
    }
    if (chain->count == 0)
        return ac_fail(err, AC_E_INVALID, "the chain has no certificate");
    AC_TRY(
        ac_memory_copy_bytes(chain->full_pem.bytes, leaf_size, &chain->leaf_pem, err));
    chain->rest_pem = chain->full_pem.bytes + leaf_size;
    return AC_OK;
}

static enum ac_code copy_issuer(gnutls_x509_crt_t certificate, char **ret_issuer,
                                struct ac_error *err)
{
    AC_AUTO(ac_datum) name = { 0 };
    int status = gnutls_x509_crt_get_issuer_dn3(certificate, &name.value, 0);

    if (status == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) /* an empty one */
        return ac_memory_copy_text("", ret_issuer, err);
    if (status < 0) {
        return ac_fail_gnutls(err, AC_E_INVALID, status,
                              "the certificate's issuer cannot be read");
    }
    return ac_memory_copy_bytes(name.value.data, name.value.size, ret_issuer, err);
}

static enum ac_code read_serial(struct ac_chain *chain, struct ac_error *err)
{
    AC_AUTO(ac_text) text = { 0 };
    uint8_t octets[SERIAL_MAX];
    size_t size;

    AC_TRY(get_serial(chain, octets, &size, err));
    for (size_t i = 0; i < size; i++)
        AC_TRY(ac_text_addf(&text, err, "%02x", octets[i]));
    return ac_text_take(&text, &chain->serial, err);
}

static const char *key_type_of(gnutls_x509_crt_t certificate)
{
    AC_AUTO(gnutls_pubkey_st) *public_key = NULL;
    enum ac_key_type type;

    if (gnutls_pubkey_init(&public_key) < 0
        || gnutls_pubkey_import_x509(public_key, certificate, 0) < 0
        || !ac_key_kind_find(public_key, &type) || type == AC_KEY_RSA_OTHER)
        return "other";
    return ac_key_type_name(type);
}

static enum ac_code read_facts(struct ac_chain *chain, struct ac_error *err)
{
    gnutls_x509_crt_t leaf = chain->certificates[0];
    gnutls_x509_crt_t top = chain->certificates[chain->count - 1];

    chain->not_before = gnutls_x509_crt_get_activation_time(leaf);
    chain->not_after = gnutls_x509_crt_get_expiration_time(leaf);
    chain->key_type = key_type_of(leaf);
    AC_TRY(read_serial(chain, err));
    AC_TRY(copy_issuer(leaf, &chain->issuer, err));
    return copy_issuer(top, &chain->top_issuer, err);
}
