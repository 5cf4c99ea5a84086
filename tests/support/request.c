/* SPDX-License-Identifier: Apache-2.0 */
#include "request.h"

#include "crypto/handle.h"

#include <string.h>

static int set_names(gnutls_x509_crq_t request,
                     const struct ac_request_options *options)
{
    int status = GNUTLS_E_SUCCESS;

    for (size_t i = 0; status >= 0 && options->names && options->names[i]; i++) {
        status = gnutls_x509_crq_set_subject_alt_name(
            request, GNUTLS_SAN_DNSNAME, options->names[i],
            (unsigned int)strlen(options->names[i]), GNUTLS_FSAN_APPEND);
    }
    if (status >= 0 && options->address) {
        status = gnutls_x509_crq_set_subject_alt_name(
            request, GNUTLS_SAN_IPADDRESS, options->address, 4, GNUTLS_FSAN_APPEND);
    }
    if (status >= 0 && options->email) {
        status = gnutls_x509_crq_set_subject_alt_name(
            request, GNUTLS_SAN_RFC822NAME, options->email,
            (unsigned int)strlen(options->email), GNUTLS_FSAN_APPEND);
    }
    if (status >= 0 && options->common_name) {
        status = gnutls_x509_crq_set_dn_by_oid(
            request, GNUTLS_OID_X520_COMMON_NAME, 0, options->common_name,
            (unsigned int)strlen(options->common_name));
    }
    return status;
}

static int set_extensions(gnutls_x509_crq_t request,
                          const struct ac_request_options *options)
{
    int status = GNUTLS_E_SUCCESS;

    if (options->must_staple) {
        status = gnutls_x509_crq_set_extension_by_oid(request, "1.3.6.1.5.5.7.1.24",
                                                      "\x30\x03\x02\x01\x05", 5, 0);
    }
    if (status >= 0 && options->other_extension) {
        status = gnutls_x509_crq_set_extension_by_oid(request, options->other_extension,
                                                      "\x05\x00", 2, 0);
    }
    return status;
}

static int sign(gnutls_x509_crq_t request, const struct ac_request_options *options)
{
    const struct ac_key *key = options->key;
    int status = gnutls_x509_crq_set_pubkey(request, key->public_key);

    if (status < 0)
        return status;
    return gnutls_x509_crq_privkey_sign(
        request, key->private_key,
        options->is_sha1 ? GNUTLS_DIG_SHA1 : ac_key_kind_get(key->type)->digest, 0);
}

enum ac_code ac_request_new(const struct ac_request_options *options,
                            struct ac_text *ret_der, struct ac_error *err)
{
    AC_AUTO(gnutls_x509_crq_int) *request = NULL;
    AC_AUTO(ac_datum) der = { 0 };
    int status = gnutls_x509_crq_init(&request);

    if (status >= 0)
        status = gnutls_x509_crq_set_version(request, 1);
    if (status >= 0)
        status = set_names(request, options);
    if (status >= 0)
        status = set_extensions(request, options);
    if (status >= 0)
        status = sign(request, options);
    if (status >= 0)
        status = gnutls_x509_crq_export2(request, GNUTLS_X509_FMT_DER, &der.value);
    if (status < 0)
        return ac_fail_gnutls(err, AC_E_SYSTEM, status, "no request");
    if (options->has_broken_signature)
        der.value.data[der.value.size - 1] ^= 1;
    return ac_text_add(ret_der, der.value.data, der.value.size, err);
}
