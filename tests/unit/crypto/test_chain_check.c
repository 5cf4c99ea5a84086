/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "crypto/chain.h"
#include "keys.h"
#include "pki.h"

#include <string.h>

#define KEYS AC_TEST_DATA "/keys/"

static const char *const usual_names[] = { "example.org", NULL };

/* A chain for the key of p256.pem and example.org, but for what `options` says. */
static enum ac_code make(struct ac_pki_options options, struct ac_chain **ret_chain,
                         struct ac_error *err)
{
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_text) pem = { 0 };

    AC_TRY(ac_keys_load(KEYS "p256.pem", &key, err));
    options.key = key;
    if (options.names == NULL && options.san == NULL)
        options.names = usual_names;
    AC_TRY(ac_pki_chain(&options, &pem, err));
    return ac_chain_parse(pem.bytes, pem.size, ret_chain, err);
}

/* Is it what we asked for with that key, those names, at that time? */
static enum ac_code check_with(struct ac_pki_options options, const char *key_path,
                               const char *names, int64_t utc, struct ac_error *err)
{
    AC_AUTO(ac_chain) *chain = NULL;
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_identifiers) identifiers = { 0 };

    AC_TRY(make(options, &chain, err));
    AC_TRY(ac_keys_load(key_path, &key, err));
    AC_TRY(ac_identifiers_parse(names, &identifiers, err));
    return ac_chain_check(chain, key, &identifiers, utc, err);
}

static enum ac_code check(struct ac_pki_options options, const char *names,
                          struct ac_error *err)
{
    return check_with(options, KEYS "p256.pem", names, AC_PKI_NOW, err);
}

/* A GeneralName with a context tag. */
static enum ac_code check_name(uint8_t tag, const char *value, uint8_t size,
                               struct ac_error *err)
{
    uint8_t san[4 + 255] = { 0x30, (uint8_t)(size + 2), tag, size };

    memcpy(san + 4, value, size);
    return check((struct ac_pki_options){ .san = san, .san_size = size + 4u },
                 "example.org", err);
}

AC_TEST(chain_as_asked_for_is_accepted)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(check((struct ac_pki_options){ 0 }, "example.org", &err));
    AC_REQUIRE_OK(
        check((struct ac_pki_options){ .has_no_rest = true }, "example.org", &err));
    AC_REQUIRE_OK(
        check((struct ac_pki_options){ .more_count = 2 }, "example.org", &err));
    AC_REQUIRE_OK(
        check((struct ac_pki_options){ .has_crlf = true }, "example.org", &err));
}

AC_TEST(names_of_every_kind_in_any_order_are_accepted)
{
    static const char *const names[] = { "ip:2001:db8::1", "*.example.org",
                                         "ip:192.0.2.1", "example.org", NULL };
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(check((struct ac_pki_options){ .names = names },
                        "example.org,*.example.org,192.0.2.1,2001:db8::1", &err));
}

AC_TEST(case_of_a_name_does_not_matter)
{
    static const char *const names[] = { "Example.ORG", NULL };
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(
        check((struct ac_pki_options){ .names = names }, "example.org", &err));
}

AC_TEST(every_type_of_key_is_recognised)
{
    static const struct {
        const char *path;
        const char *type;
    } cases[] = { { KEYS "p256.pem", "ecdsa-p256" },
                  { KEYS "p384.pem", "ecdsa-p384" },
                  { KEYS "rsa-2048.pem", "rsa-2048" },
                  { KEYS "rsa-2056.pem", "other" },
                  { KEYS "ed25519.pem", "ed25519" } };
    struct ac_error err = { 0 };

    for (size_t i = 0; i < AC_COUNT(cases); i++) {
        struct ac_pki_options options = { .names = usual_names };
        AC_AUTO(ac_key) *key = NULL;
        AC_AUTO(ac_text) pem = { 0 };
        AC_AUTO(ac_chain) *chain = NULL;
        AC_AUTO(ac_identifiers) identifiers = { 0 };

        AC_REQUIRE_OK(ac_keys_load(cases[i].path, &key, &err));
        options.key = key;
        AC_REQUIRE_OK(ac_pki_chain(&options, &pem, &err));
        AC_REQUIRE_OK(ac_chain_parse(pem.bytes, pem.size, &chain, &err));
        AC_REQUIRE_OK(ac_identifiers_parse("example.org", &identifiers, &err));

        CU_ASSERT_STRING_EQUAL(ac_chain_key_type(chain), cases[i].type);
        AC_REQUIRE_OK(ac_chain_check(chain, key, &identifiers, AC_PKI_NOW, &err));
    }
}

AC_TEST(certificate_for_another_key_is_refused)
{
    static const char *const others[] = { KEYS "p256-leading-zero.pem", KEYS "p384.pem",
                                          KEYS "rsa-2048.pem" };
    struct ac_error err = { 0 };

    for (size_t i = 0; i < AC_COUNT(others); i++) {
        AC_REQUIRE_CODE(check_with((struct ac_pki_options){ 0 }, others[i],
                                   "example.org", AC_PKI_NOW, &err),
                        AC_E_INVALID);
    }

    CU_ASSERT_STRING_EQUAL(
        err.detail, "the certificate is for another key than the one we asked with");
}

AC_TEST(missing_name_is_told)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_CODE(
        check((struct ac_pki_options){ 0 }, "example.org,www.example.org", &err),
        AC_E_INVALID);

    CU_ASSERT_STRING_EQUAL(err.detail, "the certificate does not name www.example.org");
}

AC_TEST(additional_name_is_told)
{
    static const char *const names[] = { "example.org", "example.net", NULL };
    struct ac_error err = { 0 };

    AC_REQUIRE_CODE(
        check((struct ac_pki_options){ .names = names }, "example.org", &err),
        AC_E_INVALID);

    CU_ASSERT_STRING_EQUAL(
        err.detail, "the certificate names example.net, which was not asked for");
}

AC_TEST(wildcard_is_not_its_base)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_CODE(check((struct ac_pki_options){ 0 }, "*.example.org", &err),
                    AC_E_INVALID);

    CU_ASSERT_STRING_EQUAL(err.detail, "the certificate does not name *.example.org");
}

AC_TEST(certificate_without_names_names_nothing)
{
    static const char *const none[] = { NULL };
    struct ac_error err = { 0 };

    AC_REQUIRE_CODE(
        check((struct ac_pki_options){ .names = none }, "example.org", &err),
        AC_E_INVALID);

    CU_ASSERT_STRING_EQUAL(err.detail, "the certificate does not name example.org");
}

AC_TEST(names_of_other_kinds_are_refused)
{
    static const char *const email[] = { "example.org", "email:a@example.org", NULL };
    static const char *const uri[] = { "uri:https://example.org/", "example.org",
                                       NULL };
    struct ac_error err = { 0 };

    AC_REQUIRE_CODE(
        check((struct ac_pki_options){ .names = email }, "example.org", &err),
        AC_E_INVALID);
    CU_ASSERT_STRING_EQUAL(err.detail, "the certificate has a name of another kind: "
                                       "rfc822Name (an e-mail address)");
    AC_REQUIRE_CODE(check((struct ac_pki_options){ .names = uri }, "example.org", &err),
                    AC_E_INVALID);
    CU_ASSERT_STRING_EQUAL(err.detail, "the certificate has a name of another kind: "
                                       "uniformResourceIdentifier");
}

AC_TEST(dns_names_that_are_none_are_refused)
{
    static const char sentence[] = "the certificate has a dNSName that is no DNS name";
    struct ac_error err = { 0 };
    char longest[254];

    memset(longest, 'a', sizeof(longest));
    AC_REQUIRE_CODE(check_name(0x82, "example.org\0.evil", 17, &err), AC_E_INVALID);
    CU_ASSERT_EQUAL(strncmp(err.detail, sentence, strlen(sentence)), 0);
    AC_REQUIRE_CODE(check_name(0x82, "example.org.", 12, &err), AC_E_INVALID);
    CU_ASSERT_EQUAL(strncmp(err.detail, sentence, strlen(sentence)), 0);
    AC_REQUIRE_CODE(check_name(0x82, "192.0.2.1", 9, &err), AC_E_INVALID);
    CU_ASSERT_EQUAL(strncmp(err.detail, sentence, strlen(sentence)), 0);
    AC_REQUIRE_CODE(check_name(0x82, "", 0, &err), AC_E_INVALID);
    AC_REQUIRE_CODE(check_name(0x82, " example.org", 12, &err), AC_E_INVALID);
    AC_REQUIRE_CODE(check_name(0x82, "a,b", 3, &err), AC_E_INVALID);
    AC_REQUIRE_CODE(check_name(0x82,
                               "b\xc3\xbc"
                               "cher.org",
                               11, &err),
                    AC_E_INVALID);
    AC_REQUIRE_CODE(check_name(0x82, longest, 120, &err), AC_E_INVALID);
    CU_ASSERT_EQUAL(err.code, AC_E_INVALID);
}

AC_TEST(addresses_of_another_size_are_refused)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_CODE(check_name(0x87, "\xc0\0\2\1\xff\xff\xff\xff", 8, &err),
                    AC_E_INVALID);
    CU_ASSERT_STRING_EQUAL(err.detail, "the certificate has an iPAddress of 8 octets");
    AC_REQUIRE_CODE(check_name(0x87, "\xc0", 1, &err), AC_E_INVALID);
}

AC_TEST(names_that_are_no_der_are_refused)
{
    static const uint8_t junk[] = { 0x30, 0x7f, 0x01 };
    struct ac_error err = { 0 };

    AC_REQUIRE_CODE(
        check((struct ac_pki_options){ .san = junk, .san_size = sizeof(junk) },
              "example.org", &err),
        AC_E_INVALID);
}

AC_TEST(expired_certificate_is_refused)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(check_with((struct ac_pki_options){ 0 }, KEYS "p256.pem",
                             "example.org", AC_PKI_AFTER, &err));
    AC_REQUIRE_CODE(check_with((struct ac_pki_options){ 0 }, KEYS "p256.pem",
                               "example.org", AC_PKI_AFTER + 1, &err),
                    AC_E_INVALID);

    CU_ASSERT_STRING_EQUAL(err.detail,
                           "the certificate expired at 2027-04-15T08:00:00Z "
                           "and our clock says 2027-04-15T08:00:01Z");
}

AC_TEST(clock_may_be_an_hour_behind_the_ca)
{
    struct ac_error err = { 0 };
    int64_t soonest = AC_PKI_BEFORE - AC_CHAIN_CLOCK_SKEW_S;

    AC_REQUIRE_OK(check_with((struct ac_pki_options){ 0 }, KEYS "p256.pem",
                             "example.org", soonest, &err));
    AC_REQUIRE_CODE(check_with((struct ac_pki_options){ 0 }, KEYS "p256.pem",
                               "example.org", soonest - 1, &err),
                    AC_E_INVALID);

    CU_ASSERT_STRING_EQUAL(
        err.detail, "the certificate is not valid before 2027-01-15T07:00:00Z and "
                    "our clock says 2027-01-15T05:59:59Z");
}

AC_TEST(certificate_of_a_ca_is_refused_as_leaf)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_CODE(
        check((struct ac_pki_options){ .is_ca = true }, "example.org", &err),
        AC_E_INVALID);

    CU_ASSERT_STRING_EQUAL(err.detail,
                           "the first certificate is that of a CA, not ours");
}

AC_TEST(broken_chains_are_refused_each_with_its_sentence)
{
    static const struct {
        enum ac_pki_fault fault;
        const char *detail;
    } cases[] = {
        { AC_PKI_BROKEN_SIGNATURE,
          "certificate 1 of the chain has a signature that is not of the next" },
        { AC_PKI_BROKEN_LINK,
          "certificate 2 of the chain has a signature that is not of the next" },
        { AC_PKI_FOREIGN_LINK, "certificate 1 of the chain is not signed by the next" },
        { AC_PKI_OTHER_LINK, "certificate 1 of the chain was not issued by the next" },
        { AC_PKI_NO_CA_LINK,
          "certificate 1 of the chain is signed by the next, which is no CA" },
        { AC_PKI_LEAF_LAST,
          "the certificate is for another key than the one we asked with" },
    };
    struct ac_error err = { 0 };

    for (size_t i = 0; i < AC_COUNT(cases); i++) {
        struct ac_pki_options options = { .fault = cases[i].fault, .more_count = 1 };

        AC_REQUIRE_CODE(check(options, "example.org", &err), AC_E_INVALID);

        CU_ASSERT_STRING_EQUAL(err.detail, cases[i].detail);
    }
}

AC_TEST(foreign_intermediate_is_refused_without_key_ids_too)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_CODE(check((struct ac_pki_options){ .fault = AC_PKI_FOREIGN_LINK,
                                                   .has_no_key_id = true },
                          "example.org", &err),
                    AC_E_INVALID);

    CU_ASSERT_STRING_EQUAL(
        err.detail,
        "certificate 1 of the chain has a signature that is not of the next");
}

AC_TEST(sha1_of_a_private_ca_is_no_broken_signature)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(
        check((struct ac_pki_options){ .fault = AC_PKI_SHA1, .more_count = 1 },
              "example.org", &err));
}

AC_TEST(identifiers_of_the_leaf_are_canonical)
{
    static const char *const names[] = { "*.Example.org", "ip:2001:db8:0::1", NULL };
    struct ac_error err = { 0 };
    AC_AUTO(ac_chain) *chain = NULL;
    AC_AUTO(ac_identifiers) identifiers = { 0 };

    AC_REQUIRE_OK(make((struct ac_pki_options){ .names = names }, &chain, &err));
    AC_REQUIRE_OK(ac_chain_identifiers(chain, &identifiers, &err));

    CU_ASSERT_EQUAL_FATAL(identifiers.count, 2);
    CU_ASSERT_STRING_EQUAL(identifiers.items[0].value, "*.example.org");
    CU_ASSERT_STRING_EQUAL(identifiers.items[1].value, "2001:db8::1");
    CU_ASSERT_EQUAL(identifiers.items[1].type, AC_IDENTIFIER_IP);
}

AC_TEST(must_staple_is_seen_in_the_leaf)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_chain) *with = NULL;
    AC_AUTO(ac_chain) *without = NULL;

    AC_REQUIRE_OK(make((struct ac_pki_options){ .must_staple = true }, &with, &err));
    AC_REQUIRE_OK(make((struct ac_pki_options){ 0 }, &without, &err));

    CU_ASSERT_TRUE(ac_chain_must_staple(with));
    CU_ASSERT_FALSE(ac_chain_must_staple(without));
}

AC_SUITE("crypto/chain_check", AC_CASE(chain_as_asked_for_is_accepted),
         AC_CASE(names_of_every_kind_in_any_order_are_accepted),
         AC_CASE(case_of_a_name_does_not_matter),
         AC_CASE(every_type_of_key_is_recognised),
         AC_CASE(certificate_for_another_key_is_refused), AC_CASE(missing_name_is_told),
         AC_CASE(additional_name_is_told), AC_CASE(wildcard_is_not_its_base),
         AC_CASE(certificate_without_names_names_nothing),
         AC_CASE(names_of_other_kinds_are_refused),
         AC_CASE(dns_names_that_are_none_are_refused),
         AC_CASE(addresses_of_another_size_are_refused),
         AC_CASE(names_that_are_no_der_are_refused),
         AC_CASE(expired_certificate_is_refused),
         AC_CASE(clock_may_be_an_hour_behind_the_ca),
         AC_CASE(certificate_of_a_ca_is_refused_as_leaf),
         AC_CASE(broken_chains_are_refused_each_with_its_sentence),
         AC_CASE(foreign_intermediate_is_refused_without_key_ids_too),
         AC_CASE(sha1_of_a_private_ca_is_no_broken_signature),
         AC_CASE(identifiers_of_the_leaf_are_canonical),
         AC_CASE(must_staple_is_seen_in_the_leaf))
