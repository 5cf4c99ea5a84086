/* SPDX-License-Identifier: Apache-2.0 */
#include "certificate.h"

#include <gnutls/x509.h>
#include <string.h>
#include <time.h>

#include "check.h"

/* PROTOCOL F.4: token and thumbprint of the EC key, and the whole extension. */
static const char authorization[] = "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA."
                                    "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U";
static const uint8_t extension[] = {
    0x30, 0x31, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x01, 0x1f, 0x01,
    0x01, 0xff, 0x04, 0x22, 0x04, 0x20, 0x65, 0xa2, 0x60, 0x16, 0xd2, 0x15, 0xe1,
    0x60, 0x34, 0xb7, 0x63, 0x33, 0x37, 0xb9, 0x1b, 0x4a, 0x4d, 0x2c, 0x7d, 0x17,
    0x76, 0x19, 0x98, 0xda, 0xc5, 0x1a, 0x9a, 0x49, 0x30, 0x0a, 0xea, 0x52,
};

struct made {
    gnutls_x509_privkey_t key;
    gnutls_certificate_credentials_t credentials;
    gnutls_datum_t der; /* lent by the credentials */
    gnutls_x509_crt_t certificate;
};

static bool make(struct made *made, const char *identifier)
{
    struct subject subject;

    memset(made, 0, sizeof(*made));
    return subject_read(identifier, &subject) && certificate_new_key(&made->key) == 0
           && certificate_new(made->key, &subject, authorization, &made->credentials)
                  == 0
           && gnutls_certificate_get_crt_raw(made->credentials, 0, 0, &made->der) == 0
           && gnutls_x509_crt_init(&made->certificate) == 0
           && gnutls_x509_crt_import(made->certificate, &made->der, GNUTLS_X509_FMT_DER)
                  == 0;
}

static void drop(struct made *made)
{
    gnutls_x509_crt_deinit(made->certificate);
    gnutls_certificate_free_credentials(made->credentials);
    gnutls_x509_privkey_deinit(made->key);
}

/* The type of the only name, or what GnuTLS says; its value in `value`. */
static int only_name(const struct made *made, uint8_t *value, size_t *size)
{
    uint8_t other[256];
    size_t other_size = sizeof(other);

    if (gnutls_x509_crt_get_subject_alt_name(made->certificate, 1, other, &other_size,
                                             NULL)
        != GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
        return GNUTLS_E_CERTIFICATE_ERROR;
    return gnutls_x509_crt_get_subject_alt_name(made->certificate, 0, value, size,
                                                NULL);
}

AC_TEST(proof_is_the_vector_and_critical)
{
    struct made made;

    AC_REQUIRE(make(&made, "example.org"));

    CU_ASSERT_PTR_NOT_NULL(
        memmem(made.der.data, made.der.size, extension, sizeof(extension)));
    drop(&made);
}

AC_TEST(name_is_the_only_one)
{
    struct made made;
    uint8_t value[256];
    size_t size = sizeof(value);

    AC_REQUIRE(make(&made, "example.org"));

    CU_ASSERT_EQUAL(only_name(&made, value, &size), GNUTLS_SAN_DNSNAME);
    CU_ASSERT_EQUAL(size, strlen("example.org"));
    CU_ASSERT_EQUAL(memcmp(value, "example.org", size), 0);
    drop(&made);
}

AC_TEST(address_is_the_only_name_and_raw)
{
    static const struct {
        const char *text;
        size_t size;
        uint8_t first, last;
    } cases[] = { { "192.0.2.1", 4, 0xc0, 1 }, { "2001:db8::1", 16, 0x20, 1 } };

    for (size_t i = 0; i < 2; i++) {
        struct made made;
        uint8_t value[256];
        size_t size = sizeof(value);

        AC_REQUIRE(make(&made, cases[i].text));
        CU_ASSERT_EQUAL(only_name(&made, value, &size), GNUTLS_SAN_IPADDRESS);
        CU_ASSERT_EQUAL(size, cases[i].size);
        CU_ASSERT_EQUAL(value[0], cases[i].first);
        CU_ASSERT_EQUAL(value[size - 1], cases[i].last);
        drop(&made);
    }
}

AC_TEST(certificate_signs_itself)
{
    struct made made;
    unsigned verdict = 0;

    AC_REQUIRE(make(&made, "example.org"));

    CU_ASSERT_TRUE(gnutls_x509_crt_check_issuer(made.certificate, made.certificate)
                   != 0);
    CU_ASSERT_EQUAL(gnutls_x509_crt_list_verify(&made.certificate, 1, &made.certificate,
                                                1, NULL, 0, 0, &verdict),
                    0);
    CU_ASSERT_TRUE((verdict & (unsigned)GNUTLS_CERT_SIGNATURE_FAILURE) == 0);
    CU_ASSERT_EQUAL(gnutls_x509_crt_get_version(made.certificate), 3);
    drop(&made);
}

AC_TEST(certificate_is_valid_now_and_for_days)
{
    struct made made;
    time_t now = time(NULL);

    AC_REQUIRE(make(&made, "example.org"));

    CU_ASSERT_TRUE(gnutls_x509_crt_get_activation_time(made.certificate) < now - 3600);
    CU_ASSERT_TRUE(gnutls_x509_crt_get_expiration_time(made.certificate)
                   > now + (time_t)24 * 3600);
    drop(&made);
}

AC_TEST(serial_is_positive_and_another_each_time)
{
    struct made one, two;
    uint8_t first[32], second[32];
    size_t first_size = sizeof(first), second_size = sizeof(second);

    AC_REQUIRE(make(&one, "example.org"));
    AC_REQUIRE(make(&two, "example.org"));
    CU_ASSERT_EQUAL(gnutls_x509_crt_get_serial(one.certificate, first, &first_size), 0);
    CU_ASSERT_EQUAL(gnutls_x509_crt_get_serial(two.certificate, second, &second_size),
                    0);

    CU_ASSERT_EQUAL(first[0] & 0x80, 0);
    CU_ASSERT_TRUE(first[0] != 0);
    CU_ASSERT_TRUE(first_size != second_size || memcmp(first, second, first_size) != 0);
    drop(&one);
    drop(&two);
}

AC_SUITE("tlsalpn01-standalone/certificate", AC_CASE(proof_is_the_vector_and_critical),
         AC_CASE(name_is_the_only_one), AC_CASE(address_is_the_only_name_and_raw),
         AC_CASE(certificate_signs_itself),
         AC_CASE(certificate_is_valid_now_and_for_days),
         AC_CASE(serial_is_positive_and_another_each_time))
