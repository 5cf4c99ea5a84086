/* SPDX-License-Identifier: Apache-2.0 */
#include "pki.h"

#include <arpa/inet.h>
#include <string.h>

#include <gnutls/abstract.h>
#include <gnutls/x509.h>

#define OID_SUBJECT_ALT_NAME "2.5.29.17"
#define ISSUER_MAX           9
#define AGE_S                (INT64_C(10) * 365 * 86400) /* of a CA's certificate */

struct authority {
    gnutls_x509_crt_t certificate;
    gnutls_x509_privkey_t key;
};

/* authorities[0] signs the leaf, authorities[1] signs that, and so on to the root. */
struct pki {
    const struct ac_pki_options *options;
    struct authority authorities[ISSUER_MAX + 1];
    size_t count;
    gnutls_x509_crt_t leaf;
};

static void pki_done(struct pki *pki)
{
    for (size_t i = 0; i < pki->count; i++) {
        gnutls_x509_crt_deinit(pki->authorities[i].certificate);
        gnutls_x509_privkey_deinit(pki->authorities[i].key);
    }
    gnutls_x509_crt_deinit(pki->leaf);
}

AC_DEFINE_DROP_VALUE(pki, pki_done)

/* A negative status of GnuTLS ends everything: the test cannot be made. */
#define CHECK(call)                                                                    \
    do {                                                                               \
        int check_status_ = (call);                                                    \
        if (check_status_ < 0)                                                         \
            return ac_fail(err, AC_E_SYSTEM, "%s: %s", #call,                          \
                           gnutls_strerror(check_status_));                            \
    } while (0)

static enum ac_code set_dates(gnutls_x509_crt_t certificate, int64_t not_before,
                              int64_t not_after, struct ac_error *err)
{
    CHECK(gnutls_x509_crt_set_version(certificate, 3));
    CHECK(gnutls_x509_crt_set_activation_time(certificate, not_before));
    CHECK(gnutls_x509_crt_set_expiration_time(certificate, not_after));
    return AC_OK;
}

static enum ac_code set_key_id(gnutls_x509_crt_t certificate, bool is_authority,
                               const struct authority *of, struct ac_error *err)
{
    unsigned char id[64];
    size_t size = sizeof(id);

    CHECK(gnutls_x509_privkey_get_key_id(of->key, 0, id, &size));
    if (is_authority) {
        CHECK(gnutls_x509_crt_set_authority_key_id(certificate, id, size));
    } else {
        CHECK(gnutls_x509_crt_set_subject_key_id(certificate, id, size));
    }
    return AC_OK;
}

static enum ac_code make_authority(struct pki *pki, const char *name, bool is_ca,
                                   struct ac_error *err)
{
    static const uint8_t serial[] = { 0x01 };
    struct authority *made = &pki->authorities[pki->count++];
    unsigned int bits = (unsigned int)GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1);

    CHECK(gnutls_x509_privkey_init(&made->key));
    CHECK(gnutls_x509_privkey_generate(made->key, GNUTLS_PK_ECDSA, bits, 0));
    CHECK(gnutls_x509_crt_init(&made->certificate));
    AC_TRY(set_dates(made->certificate, AC_PKI_NOW - AGE_S, AC_PKI_NOW + AGE_S, err));
    CHECK(gnutls_x509_crt_set_serial(made->certificate, serial, sizeof(serial)));
    CHECK(gnutls_x509_crt_set_dn(made->certificate, name, NULL));
    CHECK(gnutls_x509_crt_set_key(made->certificate, made->key));
    CHECK(gnutls_x509_crt_set_basic_constraints(made->certificate, is_ca, -1));
    return set_key_id(made->certificate, false, made, err);
}

static enum ac_code add_name(gnutls_x509_crt_t leaf, const char *name,
                             struct ac_error *err)
{
    static const struct {
        const char *prefix;
        gnutls_x509_subject_alt_name_t kind;
    } kinds[] = { { "email:", GNUTLS_SAN_RFC822NAME },
                  { "uri:", GNUTLS_SAN_URI },
                  { "ip:", GNUTLS_SAN_IPADDRESS },
                  { "", GNUTLS_SAN_DNSNAME } };
    uint8_t octets[16];
    const char *value = name;
    size_t i = 0;

    while (strncmp(name, kinds[i].prefix, strlen(kinds[i].prefix)) != 0)
        i++;
    value += strlen(kinds[i].prefix);
    if (kinds[i].kind == GNUTLS_SAN_IPADDRESS) {
        bool is_v4 = inet_pton(AF_INET, value, octets) == 1;

        if (!is_v4 && inet_pton(AF_INET6, value, octets) != 1)
            return ac_fail(err, AC_E_SYSTEM, "%s is no address", value);
        CHECK(gnutls_x509_crt_set_subject_alt_name(leaf, kinds[i].kind, octets,
                                                   is_v4 ? 4 : 16, GNUTLS_FSAN_APPEND));
        return AC_OK;
    }
    CHECK(gnutls_x509_crt_set_subject_alt_name(
        leaf, kinds[i].kind, value, (unsigned int)strlen(value), GNUTLS_FSAN_APPEND));
    return AC_OK;
}

static enum ac_code set_names(struct pki *pki, struct ac_error *err)
{
    const struct ac_pki_options *options = pki->options;

    if (options->san != NULL) {
        CHECK(gnutls_x509_crt_set_extension_by_oid(pki->leaf, OID_SUBJECT_ALT_NAME,
                                                   options->san, options->san_size, 0));
        return AC_OK;
    }
    for (size_t i = 0; options->names != NULL && options->names[i] != NULL; i++)
        AC_TRY(add_name(pki->leaf, options->names[i], err));
    return AC_OK;
}

static enum ac_code set_public_key(struct pki *pki, struct ac_error *err)
{
    AC_AUTO(ac_text) der = { 0 };
    gnutls_pubkey_t public_key = NULL;
    gnutls_datum_t data;
    int status;

    AC_TRY(ac_key_public_der(pki->options->key, &der, err));
    data = (gnutls_datum_t){ (unsigned char *)der.bytes, (unsigned int)der.size };
    status = gnutls_pubkey_init(&public_key);
    if (status >= 0)
        status = gnutls_pubkey_import(public_key, &data, GNUTLS_X509_FMT_DER);
    if (status >= 0)
        status = gnutls_x509_crt_set_pubkey(pki->leaf, public_key);
    gnutls_pubkey_deinit(public_key);
    CHECK(status);
    return AC_OK;
}

static enum ac_code make_leaf(struct pki *pki, struct ac_error *err)
{
    static const uint8_t usual_serial[] = { 0x04, 0xa1, 0xb2 };
    const struct ac_pki_options *options = pki->options;
    bool has_serial = options->serial != NULL;
    int64_t before = options->not_before != 0 ? options->not_before : AC_PKI_BEFORE;
    int64_t after = options->not_after != 0 ? options->not_after : AC_PKI_AFTER;

    CHECK(gnutls_x509_crt_init(&pki->leaf));
    AC_TRY(set_dates(pki->leaf, before, after, err));
    CHECK(gnutls_x509_crt_set_serial(
        pki->leaf, has_serial ? options->serial : usual_serial,
        has_serial ? options->serial_size : sizeof(usual_serial)));
    AC_TRY(set_public_key(pki, err));
    if (options->must_staple) {
        CHECK(gnutls_x509_crt_set_extension_by_oid(pki->leaf, "1.3.6.1.5.5.7.1.24",
                                                   "\x30\x03\x02\x01\x05", 5, 0));
    }
    if (options->is_ca)
        CHECK(gnutls_x509_crt_set_basic_constraints(pki->leaf, 1, -1));
    if (!options->has_no_key_id)
        AC_TRY(set_key_id(pki->leaf, true, &pki->authorities[0], err));
    return set_names(pki, err);
}

static enum ac_code make_authorities(struct pki *pki, struct ac_error *err)
{
    static const char *const names[ISSUER_MAX + 1] = {
        "CN=Test Intermediate 1", "CN=Test Intermediate 2", "CN=Test Intermediate 3",
        "CN=Test Intermediate 4", "CN=Test Intermediate 5", "CN=Test Intermediate 6",
        "CN=Test Intermediate 7", "CN=Test Intermediate 8", "CN=Test Intermediate 9",
    };
    size_t count = 1 + (size_t)pki->options->more_count;

    if (count > ISSUER_MAX)
        return ac_fail(err, AC_E_SYSTEM, "too many intermediates");
    for (size_t i = 0; i < count; i++) {
        AC_TRY(make_authority(pki, names[i],
                              i > 0 || pki->options->fault != AC_PKI_NO_CA_LINK, err));
    }
    return make_authority(pki, "CN=Test Root", true, err);
}

static enum ac_code sign_all(struct pki *pki, struct ac_error *err)
{
    gnutls_digest_algorithm_t digest =
        pki->options->fault == AC_PKI_SHA1 ? GNUTLS_DIG_SHA1 : GNUTLS_DIG_SHA256;
    const struct authority *issuer = &pki->authorities[0];

    CHECK(
        gnutls_x509_crt_sign2(pki->leaf, issuer->certificate, issuer->key, digest, 0));
    for (size_t i = 0; i + 1 < pki->count; i++) {
        struct authority *signed_one = &pki->authorities[i];

        issuer = &pki->authorities[i + 1];
        AC_TRY(set_key_id(signed_one->certificate, true, issuer, err));
        CHECK(gnutls_x509_crt_sign2(signed_one->certificate, issuer->certificate,
                                    issuer->key, digest, 0));
    }
    return AC_OK;
}

/* Signed already, the leaf's issuer becomes another of the same or another name. */
static enum ac_code replace_link(struct pki *pki, struct ac_error *err)
{
    struct authority *root = &pki->authorities[pki->count - 1];
    bool is_foreign = pki->options->fault == AC_PKI_FOREIGN_LINK;
    const char *name = is_foreign ? "CN=Test Intermediate 1" : "CN=Somebody Else";
    struct authority old = pki->authorities[0];
    size_t count = pki->count;
    enum ac_code code;

    pki->count = 0;
    pki->authorities[0] = (struct authority){ 0 };
    code = make_authority(pki, name, true, err);
    pki->count = count;
    gnutls_x509_crt_deinit(old.certificate);
    gnutls_x509_privkey_deinit(old.key);
    AC_TRY(code);
    CHECK(gnutls_x509_crt_sign2(pki->authorities[0].certificate, root->certificate,
                                root->key, GNUTLS_DIG_SHA256, 0));
    return AC_OK;
}

static enum ac_code add_block(struct ac_text *pem, gnutls_x509_crt_t certificate,
                              bool is_broken, struct ac_error *err)
{
    gnutls_datum_t der = { 0 };
    gnutls_datum_t block = { 0 };
    enum ac_code code = AC_OK;
    int status = gnutls_x509_crt_export2(certificate, GNUTLS_X509_FMT_DER, &der);

    if (status >= 0) {
        der.data[der.size - 1] ^= is_broken ? 1 : 0;
        status = gnutls_pem_base64_encode2("CERTIFICATE", &der, &block);
    }
    if (status >= 0)
        code = ac_text_add(pem, block.data, block.size, err);
    gnutls_free(der.data);
    gnutls_free(block.data);
    CHECK(status);
    return code;
}

static enum ac_code write_chain(const struct pki *pki, struct ac_text *pem,
                                struct ac_error *err)
{
    const struct ac_pki_options *options = pki->options;
    size_t rest = options->has_no_rest ? 0 : pki->count - 1; /* never the root */
    bool is_leaf_last = options->fault == AC_PKI_LEAF_LAST;
    bool is_broken = options->fault == AC_PKI_BROKEN_SIGNATURE;

    if (!is_leaf_last)
        AC_TRY(add_block(pem, pki->leaf, is_broken, err));
    for (size_t i = 0; i < rest; i++) {
        AC_TRY(add_block(pem, pki->authorities[i].certificate,
                         i == 0 && options->fault == AC_PKI_BROKEN_LINK, err));
    }
    if (is_leaf_last)
        AC_TRY(add_block(pem, pki->leaf, is_broken, err));
    return AC_OK;
}

/* As some CAs write it: CRLF, an empty line after each block, no newline at the end. */
static enum ac_code add_crlf(const struct ac_text *pem, struct ac_text *text,
                             struct ac_error *err)
{
    for (size_t i = 0; i + 1 < pem->size; i++) {
        bool is_newline = pem->bytes[i] == '\n';
        bool is_end =
            is_newline && pem->bytes[i - 1] == '-' && pem->bytes[i + 1] == '-';
        const char *newline = is_end ? "\r\n\r\n" : "\r\n";

        AC_TRY(ac_text_add(text, is_newline ? newline : pem->bytes + i,
                           is_newline ? strlen(newline) : 1, err));
    }
    return AC_OK;
}

enum ac_code ac_pki_chain(const struct ac_pki_options *options, struct ac_text *ret_pem,
                          struct ac_error *err)
{
    AC_AUTO(pki) pki = { .options = options };
    AC_AUTO(ac_text) pem = { 0 };
    bool is_replaced =
        options->fault == AC_PKI_FOREIGN_LINK || options->fault == AC_PKI_OTHER_LINK;

    AC_TRY(make_authorities(&pki, err));
    AC_TRY(make_leaf(&pki, err));
    AC_TRY(sign_all(&pki, err));
    if (is_replaced)
        AC_TRY(replace_link(&pki, err));
    AC_TRY(write_chain(&pki, &pem, err));
    if (options->has_crlf)
        return add_crlf(&pem, ret_pem, err);
    *ret_pem = pem;
    pem = (struct ac_text){ 0 };
    return AC_OK;
}
