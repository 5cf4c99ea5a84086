/* SPDX-License-Identifier: Apache-2.0 */
#include "certificate.h"

#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <string.h>
#include <time.h>

#define ACME_IDENTIFIER "1.3.6.1.5.5.7.1.31" /* id-pe-acmeIdentifier, RFC 8737 §6.1 */
#define COMMON_NAME     "tls-alpn-01 validation"
#define DIGEST_SIZE     32
#define SERIAL_SIZE     16
#define DAY_S           ((time_t)24 * 60 * 60)
#define VALID_DAYS      7

static int fill(gnutls_x509_crt_t certificate, gnutls_x509_privkey_t key,
                const struct subject *subject, const char *key_authorization);
static int set_serial_and_time(gnutls_x509_crt_t certificate);
static int set_names(gnutls_x509_crt_t certificate, const struct subject *subject);
static int set_proof(gnutls_x509_crt_t certificate, const char *key_authorization);

int certificate_new_key(gnutls_x509_privkey_t *ret_key)
{
    gnutls_x509_privkey_t key = NULL;
    int code = gnutls_x509_privkey_init(&key);

    if (code != 0)
        return code;
    code = gnutls_x509_privkey_generate(
        key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
    if (code != 0) {
        gnutls_x509_privkey_deinit(key);
        return code;
    }
    *ret_key = key;
    return 0;
}

int certificate_new(gnutls_x509_privkey_t key, const struct subject *subject,
                    const char *key_authorization,
                    gnutls_certificate_credentials_t *ret_credentials)
{
    gnutls_certificate_credentials_t credentials = NULL;
    gnutls_x509_crt_t certificate = NULL;
    int code = gnutls_x509_crt_init(&certificate);

    if (code != 0)
        return code;
    code = fill(certificate, key, subject, key_authorization);
    if (code == 0)
        code = gnutls_certificate_allocate_credentials(&credentials);
    if (code == 0)
        code = gnutls_certificate_set_x509_key(credentials, &certificate, 1, key);
    gnutls_x509_crt_deinit(certificate);
    if (code < 0) {
        if (credentials)
            gnutls_certificate_free_credentials(credentials);
        return code;
    }
    *ret_credentials = credentials;
    return 0;
}

static int fill(gnutls_x509_crt_t certificate, gnutls_x509_privkey_t key,
                const struct subject *subject, const char *key_authorization)
{
    int code = gnutls_x509_crt_set_version(certificate, 3);

    if (code == 0)
        code = set_serial_and_time(certificate);
    if (code == 0)
        code = set_names(certificate, subject);
    if (code == 0)
        code = set_proof(certificate, key_authorization);
    if (code == 0)
        code = gnutls_x509_crt_set_key(certificate, key);
    if (code == 0) {
        code =
            gnutls_x509_crt_sign2(certificate, certificate, key, GNUTLS_DIG_SHA256, 0);
    }
    return code;
}

static int set_serial_and_time(gnutls_x509_crt_t certificate)
{
    uint8_t serial[SERIAL_SIZE];
    time_t now = time(NULL);
    int code = gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof serial);

    /* RFC 5280 §4.1.2.2: positive, and not 0. */
    serial[0] = (uint8_t)((serial[0] & 0x7f) | 0x40);
    if (code == 0)
        code = gnutls_x509_crt_set_serial(certificate, serial, sizeof serial);
    /* A validator whose clock differs must not mind. */
    if (code == 0)
        code = gnutls_x509_crt_set_activation_time(certificate, now - DAY_S);
    if (code == 0) {
        code =
            gnutls_x509_crt_set_expiration_time(certificate, now + VALID_DAYS * DAY_S);
    }
    return code;
}

/* The subject says nothing: names are too long for it, and only the SAN counts. It is
 * the issuer too; Boulder looks at that. */
static int set_names(gnutls_x509_crt_t certificate, const struct subject *subject)
{
    int code = gnutls_x509_crt_set_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME,
                                             0, COMMON_NAME, strlen(COMMON_NAME));

    if (code != 0)
        return code;
    if (subject->address_size > 0) {
        return gnutls_x509_crt_set_subject_alt_name(
            certificate, GNUTLS_SAN_IPADDRESS, subject->address,
            (unsigned)subject->address_size, GNUTLS_FSAN_SET);
    }
    return gnutls_x509_crt_set_subject_alt_name(
        certificate, GNUTLS_SAN_DNSNAME, subject->server_name,
        (unsigned)strlen(subject->server_name), GNUTLS_FSAN_SET);
}

static int set_proof(gnutls_x509_crt_t certificate, const char *key_authorization)
{
    /* Authorization ::= OCTET STRING (SIZE (32)) */
    uint8_t der[2 + DIGEST_SIZE] = { 0x04, DIGEST_SIZE };
    int code = gnutls_hash_fast(GNUTLS_DIG_SHA256, key_authorization,
                                strlen(key_authorization), der + 2);

    if (code != 0)
        return code;
    return gnutls_x509_crt_set_extension_by_oid(certificate, ACME_IDENTIFIER, der,
                                                sizeof der, 1);
}
