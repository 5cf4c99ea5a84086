/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/csr.h"
#include "crypto/extension.h"

#include <string.h>

#define DER_SEQUENCE 0x30
#define SUBJECT      "the request"

void ac_csr_done(struct ac_csr *csr)
{
    ac_text_done(&csr->der);
    ac_identifiers_done(&csr->identifiers);
    ac_key_free(csr->key);
    *csr = (struct ac_csr){ 0 };
}

/* RFC 7468 7: both labels are in use. What stands around the block is passed over. */
static enum ac_code decode_pem(const gnutls_datum_t *text, struct ac_text *ret_der,
                               struct ac_error *err)
{
    static const char *const labels[] = { "CERTIFICATE REQUEST",
                                          "NEW CERTIFICATE REQUEST" };
    AC_AUTO(ac_datum) der = { 0 };
    int status = GNUTLS_E_BASE64_UNEXPECTED_HEADER_ERROR;

    for (size_t i = 0; i < AC_COUNT(labels) && status < 0; i++)
        status = gnutls_pem_base64_decode2(labels[i], text, &der.value);
    if (status < 0) {
        return ac_fail_gnutls(err, AC_E_INVALID, status,
                              "no certificate request (PKCS#10), neither PEM nor DER");
    }
    return ac_text_add(ret_der, der.value.data, der.value.size, err);
}

static enum ac_code read_der(const void *bytes, size_t size, struct ac_text *ret_der,
                             struct ac_error *err)
{
    gnutls_datum_t text = { (unsigned char *)bytes, (unsigned int)size };

    if (size == 0 || size > AC_CSR_BYTES_MAX)
        return ac_fail(err, AC_E_INVALID, "no certificate request: %zu bytes", size);
    if (text.data[0] == DER_SEQUENCE)
        return ac_text_add(ret_der, bytes, size, err);
    return decode_pem(&text, ret_der, err);
}

/* The CA is sent these bytes: they must be one request, in DER and nothing more. */
static enum ac_code import(const struct ac_text *der, gnutls_x509_crq_t *ret_request,
                           struct ac_error *err)
{
    AC_AUTO(gnutls_x509_crq_int) *request = NULL;
    AC_AUTO(ac_datum) again = { 0 };
    gnutls_datum_t given = { (unsigned char *)der->bytes, (unsigned int)der->size };
    int status = gnutls_x509_crq_init(&request);

    if (status >= 0)
        status = gnutls_x509_crq_import(request, &given, GNUTLS_X509_FMT_DER);
    if (status >= 0)
        status = gnutls_x509_crq_export2(request, GNUTLS_X509_FMT_DER, &again.value);
    if (status < 0) {
        return ac_fail_gnutls(err, AC_E_INVALID, status,
                              "no certificate request (PKCS#10)");
    }
    if (again.value.data == NULL || again.value.size != der->size
        || memcmp(again.value.data, der->bytes, der->size) != 0) {
        return ac_fail(err, AC_E_INVALID,
                       "the request is not in DER, or something follows it");
    }
    *ret_request = AC_TAKE(request);
    return AC_OK;
}

static enum ac_code check_signature(gnutls_x509_crq_t request, struct ac_error *err)
{
    int algorithm = gnutls_x509_crq_get_signature_algorithm(request);
    int status;

    if (algorithm < 0
        || !gnutls_sign_is_secure2((gnutls_sign_algorithm_t)algorithm,
                                   GNUTLS_SIGN_FLAG_SECURE_FOR_CERTS)) {
        const char *name = gnutls_sign_get_name((gnutls_sign_algorithm_t)algorithm);

        return ac_fail(err, AC_E_INVALID,
                       "the request is signed with %s, which no CA takes",
                       algorithm > 0 && name != NULL ? name : "an unknown algorithm");
    }
    status = gnutls_x509_crq_verify(request, 0);
    if (status < 0) {
        return ac_fail_gnutls(err, AC_E_INVALID, status,
                              "the signature of the request is wrong");
    }
    return AC_OK;
}

static enum ac_code read_key(gnutls_x509_crq_t request, struct ac_key **ret_key,
                             struct ac_error *err)
{
    AC_AUTO(gnutls_pubkey_st) *public_key = NULL;
    int status = gnutls_pubkey_init(&public_key);

    if (status >= 0)
        status = gnutls_pubkey_import_x509_crq(public_key, request, 0);
    if (status < 0) {
        return ac_fail_gnutls(err, AC_E_INVALID, status,
                              "the public key of the request cannot be read");
    }
    return ac_key_wrap_public(&public_key, ret_key, err);
}

/* *ret_has: it is there. */
static enum ac_code get_extension(gnutls_x509_crq_t request, const char *oid,
                                  struct ac_datum *ret_extension, bool *ret_has,
                                  struct ac_error *err)
{
    int status = gnutls_x509_crq_get_extension_by_oid2(request, oid, 0,
                                                       &ret_extension->value, NULL);

    *ret_has = status >= 0;
    if (status >= 0 || status == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
        return AC_OK;
    return ac_fail_gnutls(err, AC_E_INVALID, status,
                          "the extensions of the request cannot be read");
}

static enum ac_code add_common_name(const char *name, struct ac_csr *csr,
                                    struct ac_error *err)
{
    struct ac_identifier identifier;
    struct ac_error why = { 0 };
    enum ac_code code = ac_identifier_parse(name, &identifier, &why);

    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    if (code != AC_OK) {
        return ac_fail(err, AC_E_INVALID,
                       "the common name of the request is \"%s\"; a CA takes only a "
                       "name that the certificate is for (or leave it out)",
                       name);
    }
    return ac_identifiers_add(&csr->identifiers, &identifier, err);
}

/* RFC 8555 7.4: names are those of the common name and of SubjectAltName together. */
static enum ac_code read_common_names(gnutls_x509_crq_t request, struct ac_csr *csr,
                                      struct ac_error *err)
{
    for (unsigned int i = 0;; i++) {
        char name[AC_IDENTIFIER_SIZE];
        size_t size = sizeof(name);
        int status = gnutls_x509_crq_get_dn_by_oid(request, GNUTLS_OID_X520_COMMON_NAME,
                                                   i, 0, name, &size);

        if (status == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
            return AC_OK;
        if (status < 0 || size >= sizeof(name) || strlen(name) != size) {
            return ac_fail(err, AC_E_INVALID,
                           "the common name of the request cannot be a name that the "
                           "certificate is for");
        }
        AC_TRY(add_common_name(name, csr, err));
    }
}

static enum ac_code read_names(gnutls_x509_crq_t request, struct ac_csr *csr,
                               struct ac_error *err)
{
    AC_AUTO(ac_datum) names = { 0 };
    bool has_names;

    AC_TRY(get_extension(request, AC_OID_SUBJECT_ALT_NAME, &names, &has_names, err));
    if (has_names)
        AC_TRY(ac_extension_names(&names, SUBJECT, &csr->identifiers, err));
    AC_TRY(read_common_names(request, csr, err));
    if (csr->identifiers.count == 0) {
        return ac_fail(err, AC_E_INVALID,
                       "the request has no names, neither in SubjectAltName nor as its "
                       "common name");
    }
    return AC_OK;
}

static enum ac_code read_feature(gnutls_x509_crq_t request, struct ac_csr *csr,
                                 struct ac_error *err)
{
    AC_AUTO(ac_datum) feature = { 0 };
    bool has_feature;

    AC_TRY(get_extension(request, AC_OID_TLS_FEATURE, &feature, &has_feature, err));
    csr->must_staple = has_feature && ac_extension_must_staple(&feature);
    return AC_OK;
}

enum ac_code ac_csr_parse(const void *bytes, size_t size, struct ac_csr *ret_csr,
                          struct ac_error *err)
{
    AC_AUTO(ac_csr) csr = { 0 };
    AC_AUTO(gnutls_x509_crq_int) *request = NULL;

    AC_TRY(read_der(bytes, size, &csr.der, err));
    AC_TRY(import(&csr.der, &request, err));
    AC_TRY(read_key(request, &csr.key, err));
    AC_TRY(check_signature(request, err));
    AC_TRY(read_names(request, &csr, err));
    AC_TRY(read_feature(request, &csr, err));

    *ret_csr = csr;
    csr = (struct ac_csr){ 0 };
    return AC_OK;
}

enum ac_code ac_csr_pem(const struct ac_text *der, struct ac_text *ret_pem,
                        struct ac_error *err)
{
    AC_AUTO(ac_datum) pem = { 0 };
    gnutls_datum_t given = { (unsigned char *)der->bytes, (unsigned int)der->size };
    int status = gnutls_pem_base64_encode2("CERTIFICATE REQUEST", &given, &pem.value);

    if (status < 0)
        return ac_fail_gnutls(err, AC_E_SYSTEM, status, "cannot write the request");
    return ac_text_add(ret_pem, pem.value.data, pem.value.size, err);
}
