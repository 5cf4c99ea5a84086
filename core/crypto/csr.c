/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/csr.h"

#include "crypto/extension.h"

#include <string.h>

/* RFC 7633 6: SEQUENCE { INTEGER 5 }, status_request. */
static const uint8_t must_staple_value[] = { 0x30, 0x03, 0x02, 0x01, 0x05 };

static int add_name(gnutls_subject_alt_names_t names,
                    const struct ac_identifier *identifier)
{
    uint8_t octets[16];
    gnutls_datum_t value = { octets, 0 };

    if (identifier->type == AC_IDENTIFIER_IP) {
        value.size = (unsigned int)ac_identifier_octets(identifier, octets);
        return gnutls_subject_alt_names_set(names, GNUTLS_SAN_IPADDRESS, &value, NULL);
    }
    value.data = (unsigned char *)identifier->value;
    value.size = (unsigned int)strlen(identifier->value);
    return gnutls_subject_alt_names_set(names, GNUTLS_SAN_DNSNAME, &value, NULL);
}

/* The DER of SubjectAltName (RFC 5280 4.2.1.6), in the order of the identifiers. */
static int encode_names(const struct ac_identifiers *identifiers,
                        struct ac_datum *ret_der)
{
    AC_AUTO(gnutls_subject_alt_names_st) *names = NULL;
    int status = gnutls_subject_alt_names_init(&names);

    for (size_t i = 0; status >= 0 && i < identifiers->count; i++)
        status = add_name(names, &identifiers->items[i]);
    if (status < 0)
        return status;
    return gnutls_x509_ext_export_subject_alt_names(names, &ret_der->value);
}

/* RFC 5280 4.2.1.6: critical, because the subject is empty. */
static int fill(gnutls_x509_crq_t request, const struct ac_identifiers *identifiers,
                bool must_staple)
{
    AC_AUTO(ac_datum) names = { 0 };
    int status = gnutls_x509_crq_set_version(request, 1);

    if (status >= 0)
        status = encode_names(identifiers, &names);
    if (status >= 0) {
        status = gnutls_x509_crq_set_extension_by_oid(
            request, AC_OID_SUBJECT_ALT_NAME, names.value.data, names.value.size, 1);
    }
    if (status >= 0 && must_staple) {
        status = gnutls_x509_crq_set_extension_by_oid(request, AC_OID_TLS_FEATURE,
                                                      must_staple_value,
                                                      sizeof(must_staple_value), 0);
    }
    return status;
}

static int sign(gnutls_x509_crq_t request, const struct ac_key *key)
{
    int status = gnutls_x509_crq_set_pubkey(request, key->public_key);

    if (status < 0)
        return status;
    return gnutls_x509_crq_privkey_sign(request, key->private_key,
                                        ac_key_kind_get(key->type)->digest, 0);
}

enum ac_code ac_csr_new(const struct ac_key *key,
                        const struct ac_identifiers *identifiers, bool must_staple,
                        struct ac_text *ret_der, struct ac_error *err)
{
    AC_AUTO(gnutls_x509_crq_int) *request = NULL;
    AC_AUTO(ac_datum) der = { 0 };
    AC_AUTO(ac_text) text = { 0 };
    int status;

    if (key->private_key == NULL)
        return ac_fail(err, AC_E_INVALID, "the private key is not here to sign");
    if (identifiers->count == 0)
        return ac_fail(err, AC_E_INVALID, "a request for a certificate without names");
    status = gnutls_x509_crq_init(&request);
    if (status >= 0)
        status = fill(request, identifiers, must_staple);
    if (status >= 0)
        status = sign(request, key);
    if (status >= 0)
        status = gnutls_x509_crq_export2(request, GNUTLS_X509_FMT_DER, &der.value);
    if (status < 0)
        return ac_fail_gnutls(err, AC_E_SYSTEM, status, "cannot make the request");
    AC_TRY(ac_text_add(&text, der.value.data, der.value.size, err));

    *ret_der = text;
    text = (struct ac_text){ 0 };
    return AC_OK;
}
