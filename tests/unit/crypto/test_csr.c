/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "crypto/csr.h"
#include "crypto/handle.h"
#include "keys.h"

#include <string.h>

#define KEYS        AC_TEST_DATA "/keys/"
#define OID_NAMES   "2.5.29.17"
#define OID_FEATURE "1.3.6.1.5.5.7.1.24"

/* A request, made by us and read by GnuTLS. */
struct request {
    struct ac_text der;
    struct gnutls_x509_crq_int *crq;
};

static void request_done(struct request *request)
{
    ac_text_done(&request->der);
    gnutls_x509_crq_deinit(request->crq);
}

AC_DEFINE_DROP_VALUE(request, request_done)

static enum ac_code make(const char *key_path, const char *names, bool must_staple,
                         struct request *request, struct ac_error *err)
{
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_identifiers) identifiers = { 0 };
    gnutls_datum_t der;
    int status;

    AC_TRY(ac_keys_load(key_path, &key, err));
    AC_TRY(ac_identifiers_parse(names, &identifiers, err));
    AC_TRY(ac_csr_new(key, &identifiers, must_staple, &request->der, err));
    der = (gnutls_datum_t){ (unsigned char *)request->der.bytes,
                            (unsigned int)request->der.size };
    status = gnutls_x509_crq_init(&request->crq);
    if (status >= 0)
        status = gnutls_x509_crq_import(request->crq, &der, GNUTLS_X509_FMT_DER);
    if (status < 0)
        return ac_fail_gnutls(err, AC_E_SYSTEM, status, "our own request");
    return AC_OK;
}

static bool has_extension(gnutls_x509_crq_t crq, const char *oid, const void *value,
                          size_t size, unsigned int is_critical)
{
    AC_AUTO(ac_datum) found = { 0 };
    unsigned int found_critical = 2;
    int status = gnutls_x509_crq_get_extension_by_oid2(crq, oid, 0, &found.value,
                                                       &found_critical);

    return status >= 0 && found.value.size == size
           && memcmp(found.value.data, value, size) == 0
           && found_critical == is_critical;
}

AC_TEST(names_are_as_derived_in_their_order_and_critical)
{
    static const uint8_t names[] =
        "\x30\x34\x82\x0b\x65\x78\x61\x6d\x70\x6c\x65\x2e\x6f\x72\x67\x82\x0d\x2a\x2e"
        "\x65"
        "\x78\x61\x6d\x70\x6c\x65\x2e\x6f\x72\x67\x87\x04\xc0\x00\x02\x01\x87\x10\x20"
        "\x01"
        "\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01";
    struct ac_error err = { 0 };
    AC_AUTO(request) request = { 0 };

    AC_REQUIRE_OK(make(KEYS "p256.pem",
                       "example.org,*.example.org,192.0.2.1,2001:db8::1", false,
                       &request, &err));

    CU_ASSERT_TRUE(has_extension(request.crq, OID_NAMES, names, sizeof(names) - 1, 1));
}

AC_TEST(request_is_of_version_1_with_an_empty_subject)
{
    static const uint8_t begin[] = { 0x02, 0x01, 0x00, 0x30, 0x00 };
    struct ac_error err = { 0 };
    AC_AUTO(request) request = { 0 };
    char subject[64];
    size_t size = sizeof(subject);

    AC_REQUIRE_OK(make(KEYS "p256.pem", "example.org", false, &request, &err));

    /* RFC 2986 4.1: version INTEGER 0, then subject, an empty SEQUENCE. */
    CU_ASSERT_PTR_NOT_NULL(
        memmem(request.der.bytes, request.der.size, begin, sizeof(begin)));
    CU_ASSERT_EQUAL(gnutls_x509_crq_get_version(request.crq), 1);
    CU_ASSERT_EQUAL(gnutls_x509_crq_get_dn(request.crq, subject, &size),
                    GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE);
}

AC_TEST(must_staple_is_as_derived)
{
    static const uint8_t feature[] = { 0x30, 0x03, 0x02, 0x01, 0x05 };
    static const uint8_t extension[] = { 0x30, 0x11, 0x06, 0x08, 0x2b, 0x06, 0x01,
                                         0x05, 0x05, 0x07, 0x01, 0x18, 0x04, 0x05,
                                         0x30, 0x03, 0x02, 0x01, 0x05 };
    struct ac_error err = { 0 };
    AC_AUTO(request) request = { 0 };

    AC_REQUIRE_OK(make(KEYS "p256.pem", "example.org", true, &request, &err));

    CU_ASSERT_TRUE(
        has_extension(request.crq, OID_FEATURE, feature, sizeof(feature), 0));
    CU_ASSERT_PTR_NOT_NULL(
        memmem(request.der.bytes, request.der.size, extension, sizeof(extension)));
}

AC_TEST(must_staple_is_not_asked_for_by_itself)
{
    struct ac_error err = { 0 };
    AC_AUTO(request) request = { 0 };
    AC_AUTO(ac_datum) found = { 0 };

    AC_REQUIRE_OK(make(KEYS "p256.pem", "example.org", false, &request, &err));

    CU_ASSERT_EQUAL(gnutls_x509_crq_get_extension_by_oid2(request.crq, OID_FEATURE, 0,
                                                          &found.value, NULL),
                    GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE);
}

AC_TEST(each_type_of_key_signs_its_request)
{
    static const struct {
        const char *path;
        int algorithm;
    } cases[] = {
        { KEYS "p256.pem", GNUTLS_SIGN_ECDSA_SHA256 },
        { KEYS "p384.pem", GNUTLS_SIGN_ECDSA_SHA384 },
        { KEYS "p521.pem", GNUTLS_SIGN_ECDSA_SHA512 },
        { KEYS "rsa-2048.pem", GNUTLS_SIGN_RSA_SHA256 },
        { KEYS "ed25519.pem", GNUTLS_SIGN_EDDSA_ED25519 },
    };
    struct ac_error err = { 0 };

    for (size_t i = 0; i < AC_COUNT(cases); i++) {
        AC_AUTO(request) request = { 0 };

        AC_REQUIRE_OK(make(cases[i].path, "example.org", false, &request, &err));

        CU_ASSERT_EQUAL(gnutls_x509_crq_verify(request.crq, 0), 0);
        CU_ASSERT_EQUAL(gnutls_x509_crq_get_signature_algorithm(request.crq),
                        cases[i].algorithm);
    }
}

AC_TEST(request_holds_our_public_key)
{
    struct ac_error err = { 0 };
    AC_AUTO(request) request = { 0 };
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_text) ours = { 0 };

    AC_REQUIRE_OK(make(KEYS "p256.pem", "example.org", false, &request, &err));
    AC_REQUIRE_OK(ac_keys_load(KEYS "p256.pem", &key, &err));
    AC_REQUIRE_OK(ac_key_public_der(key, &ours, &err));

    CU_ASSERT_PTR_NOT_NULL(
        memmem(request.der.bytes, request.der.size, ours.bytes, ours.size));
}

AC_TEST(request_for_a_thousand_names_holds_them)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_identifiers) identifiers = { 0 };
    AC_AUTO(ac_text) der = { 0 };
    struct ac_identifier identifier = { .type = AC_IDENTIFIER_DNS };

    for (unsigned int i = 0; i < AC_IDENTIFIERS_MAX; i++) {
        (void)snprintf(identifier.value, sizeof(identifier.value), "n%u.example", i);
        AC_REQUIRE_OK(ac_identifiers_add(&identifiers, &identifier, &err));
    }
    AC_REQUIRE_OK(ac_keys_load(KEYS "p256.pem", &key, &err));
    AC_REQUIRE_OK(ac_csr_new(key, &identifiers, false, &der, &err));

    CU_ASSERT_PTR_NOT_NULL(memmem(der.bytes, der.size, "n0.example", 10));
    CU_ASSERT_PTR_NOT_NULL(memmem(der.bytes, der.size, "n999.example", 12));
}

AC_TEST(request_without_names_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_text) der = { 0 };
    struct ac_identifiers none = { 0 };

    AC_REQUIRE_OK(ac_keys_load(KEYS "p256.pem", &key, &err));
    AC_REQUIRE_CODE(ac_csr_new(key, &none, false, &der, &err), AC_E_INVALID);

    CU_ASSERT_PTR_NULL(der.bytes);
}

AC_SUITE("crypto/csr", AC_CASE(names_are_as_derived_in_their_order_and_critical),
         AC_CASE(request_is_of_version_1_with_an_empty_subject),
         AC_CASE(must_staple_is_as_derived),
         AC_CASE(must_staple_is_not_asked_for_by_itself),
         AC_CASE(each_type_of_key_signs_its_request),
         AC_CASE(request_holds_our_public_key),
         AC_CASE(request_for_a_thousand_names_holds_them),
         AC_CASE(request_without_names_is_refused))
