/* SPDX-License-Identifier: Apache-2.0 */
#include "tsig.h"

#include "check.h"
#include "dns_server.h"
#include "hex.h"

#define NOW_S 1700000000

static struct message request, answer;
static struct tsig_mac request_mac;

static const char *make(const char *name, const char *algorithm, const char *secret,
                        struct tsig_key *ret_key)
{
    return tsig_key_make((struct span){ name, strlen(name) },
                         (struct span){ algorithm, strlen(algorithm) },
                         (struct span){ secret, strlen(secret) }, ret_key);
}

/* The request of the vectors, and an answer to it that is not signed yet. */
static struct tsig_key start(void)
{
    AUTO_NAME zone = name_parse("example.test");
    AUTO_NAME owner = name_parse("_acme-challenge.www.example.test");
    struct tsig_key key = dns_key();

    message_update(&request, 0x1234, zone);
    message_add_txt(&request, owner, 60, "v1");
    tsig_sign(&key, NOW_S, &request, &request_mac);
    answer.is_full = false;
    answer.size = 0;
    message_put(&answer, request.bytes, 30);
    message_set_u16(&answer, 2, 0xA800);
    message_set_u16(&answer, MESSAGE_AT_UPDATES, 0);
    message_set_u16(&answer, MESSAGE_AT_ADDITIONAL, 0);
    return key;
}

static struct tsig_report verify(const struct tsig_key *key)
{
    return tsig_verify(key, &request_mac, NOW_S, answer.bytes, answer.size);
}

AC_TEST(signed_message_is_what_the_vector_says)
{
    (void)start();

    CU_ASSERT_TRUE(
        hex_is(request_mac.bytes, request_mac.size,
               "0005110b93a68ffa0f4ade1bedca7930da4050ecd5f0e0b06d3652aea7d56458"));
    CU_ASSERT_EQUAL(request.size, 158);
    CU_ASSERT_TRUE(hex_is(
        request.bytes, request.size,
        "123428000001000000010001076578616d706c65047465737400000600010f5f61636d652d6368"
        "616c6c656e676503777777076578616d706c65047465737400001000010000003c000302763108"
        "61636d652d6b65790000fa00ff00000000003d0b686d61632d7368613235360000006553f10001"
        "2c00200005110b93a68ffa0f4ade1bedca7930da4050ecd5f0e0b06d3652aea7d564581234000"
        "00000"));
}

AC_TEST(name_of_the_key_is_signed_in_lower_case)
{
    struct message before;
    struct tsig_key key = start();

    before = request;
    tsig_unsign(&request, 77);
    AC_REQUIRE(make("ACME-Key.", "HMAC-SHA256.", DNS_SECRET, &key) == NULL);
    tsig_sign(&key, NOW_S, &request, &request_mac);

    CU_ASSERT_EQUAL(request.size, before.size);
    CU_ASSERT_EQUAL(memcmp(request.bytes, before.bytes, before.size), 0);
}

AC_TEST(message_without_its_signature_is_as_before)
{
    AUTO_NAME zone = name_parse("example.test");
    struct tsig_key key = dns_key();
    struct message before;

    message_update(&request, 1, zone);
    before = request;
    tsig_sign(&key, NOW_S, &request, &request_mac);
    CU_ASSERT_TRUE(request.size > before.size);
    CU_ASSERT_TRUE(request.size - before.size <= TSIG_ROOM);
    tsig_unsign(&request, before.size);

    CU_ASSERT_EQUAL(request.size, before.size);
    CU_ASSERT_EQUAL(memcmp(request.bytes, before.bytes, before.size), 0);
}

AC_TEST(each_algorithm_has_its_size)
{
    static const struct {
        const char *name;
        size_t size;
    } known[] = { { "hmac-sha1", 20 },
                  { "hmac-sha224", 28 },
                  { "hmac-sha256", 32 },
                  { "hmac-sha384", 48 },
                  { "hmac-sha512", 64 } };
    AUTO_NAME zone = name_parse("example.test");

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        struct tsig_key key = { 0 };

        AC_REQUIRE(make("k", known[i].name, DNS_SECRET, &key) == NULL);
        message_update(&request, 1, zone);
        tsig_sign(&key, NOW_S, &request, &request_mac);
        CU_ASSERT_EQUAL(request_mac.size, known[i].size);
        CU_ASSERT_STRING_EQUAL(tsig_algorithm_name(&key), known[i].name);
    }
}

AC_TEST(md5_is_refused_by_name)
{
    struct tsig_key key = { 0 };
    const char *old = make("k", "hmac-md5.sig-alg.reg.int.", DNS_SECRET, &key);
    const char *plain = make("k", "HMAC-MD5", DNS_SECRET, &key);

    AC_REQUIRE(old && plain);

    CU_ASSERT_PTR_NOT_NULL(strstr(old, "hmac-md5 is broken"));
    CU_ASSERT_STRING_EQUAL(old, plain);
    CU_ASSERT_PTR_NULL(key.algorithm);
}

AC_TEST(unknown_algorithm_is_told_what_there_is)
{
    struct tsig_key key = { 0 };
    const char *short_one = make("k", "hmac-sha256-128", DNS_SECRET, &key);
    const char *unknown = make("k", "gss-tsig", DNS_SECRET, &key);
    const char *empty = make("k", "", DNS_SECRET, &key);

    AC_REQUIRE(short_one && unknown && empty);

    CU_ASSERT_PTR_NOT_NULL(strstr(short_one, "cut short"));
    CU_ASSERT_PTR_NOT_NULL(strstr(unknown, "hmac-sha256"));
    CU_ASSERT_PTR_NOT_NULL(strstr(empty, "hmac-sha256"));
}

AC_TEST(bad_secret_is_refused_without_being_told)
{
    static const char *const secrets[] = { "",    "====", "not base64!",
                                           "AAA", "A",    "AAEC\001AwQ" };
    struct tsig_key key = { 0 };
    char large[2000];

    memset(large, 'A', sizeof large - 1);
    large[sizeof large - 1] = '\0';
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
        const char *wrong = make("k", "hmac-sha256", secrets[i], &key);

        AC_REQUIRE(wrong != NULL);
        CU_ASSERT_PTR_NOT_NULL(strstr(wrong, "the secret is"));
    }
    CU_ASSERT_PTR_NOT_NULL(make("k", "hmac-sha256", large, &key));
    CU_ASSERT_EQUAL(key.secret_size, 0);
}

AC_TEST(bad_name_is_refused)
{
    struct tsig_key key = { 0 };

    CU_ASSERT_PTR_NOT_NULL(make("", "hmac-sha256", DNS_SECRET, &key));
    CU_ASSERT_PTR_NOT_NULL(make("a..b", "hmac-sha256", DNS_SECRET, &key));
}

AC_TEST(wiped_key_is_zero)
{
    struct tsig_key key = dns_key();
    static const struct tsig_key zero;

    tsig_key_wipe(&key);

    CU_ASSERT_EQUAL(memcmp(&key, &zero, sizeof key), 0);
}

AC_TEST(good_answer_is_good)
{
    struct tsig_key key = start();

    dns_sign(&key, &answer, request_mac.bytes, NOW_S + 299, 0, NULL, 0);

    CU_ASSERT_EQUAL(verify(&key).verdict, TSIG_GOOD);
    CU_ASSERT_EQUAL(verify(&key).error, 0);
}

AC_TEST(answer_with_another_id_on_the_way_is_good)
{
    struct tsig_key key = start();

    dns_sign(&key, &answer, request_mac.bytes, NOW_S, 0, NULL, 0);
    message_set_u16(&answer, 0, 0x9999); /* a forwarder's; the original one is signed */

    CU_ASSERT_EQUAL(verify(&key).verdict, TSIG_GOOD);
}

AC_TEST(answer_without_signature_is_unsigned)
{
    struct tsig_key key = start();

    CU_ASSERT_EQUAL(verify(&key).verdict, TSIG_UNSIGNED);

    dns_sign_bare(&key, &answer, TSIG_BADKEY);
    CU_ASSERT_EQUAL(verify(&key).verdict, TSIG_UNSIGNED);
    CU_ASSERT_EQUAL(verify(&key).error, TSIG_BADKEY);
}

AC_TEST(signature_without_mac_and_error_is_forged)
{
    struct tsig_key key = start();

    dns_sign_bare(&key, &answer, TSIG_NO_ERROR);

    CU_ASSERT_EQUAL(verify(&key).verdict, TSIG_FORGED);
}

AC_TEST(no_changed_byte_is_good)
{
    struct tsig_key key = start();
    size_t good = 0;

    dns_sign(&key, &answer, request_mac.bytes, NOW_S, 0, NULL, 0);
    /* The ID is not signed, as its original is; the letters of names may change case.
     */
    for (size_t i = 2; i < answer.size; i++) {
        answer.bytes[i] ^= 0x81;
        good += verify(&key).verdict == TSIG_GOOD;
        answer.bytes[i] ^= 0x81;
    }

    CU_ASSERT_EQUAL(good, 0);
    CU_ASSERT_EQUAL(verify(&key).verdict, TSIG_GOOD);
}

AC_TEST(no_cut_of_an_answer_is_good)
{
    struct tsig_key key = start();

    dns_sign(&key, &answer, request_mac.bytes, NOW_S, 0, NULL, 0);
    for (size_t size = 0; size < answer.size; size++) {
        struct tsig_report report =
            tsig_verify(&key, &request_mac, NOW_S, answer.bytes, size);

        CU_ASSERT_NOT_EQUAL(report.verdict, TSIG_GOOD);
    }
    message_put(&answer, "", 1);
    CU_ASSERT_EQUAL(verify(&key).verdict, TSIG_MALFORMED);
}

AC_TEST(answer_to_another_request_is_forged)
{
    struct tsig_key key = start();

    request_mac.bytes[0] ^= 1;
    dns_sign(&key, &answer, request_mac.bytes, NOW_S, 0, NULL, 0);
    request_mac.bytes[0] ^= 1;

    CU_ASSERT_EQUAL(verify(&key).verdict, TSIG_FORGED);
}

AC_TEST(answer_with_another_key_is_not_ours)
{
    struct tsig_key key = start();
    struct tsig_key other = { 0 };

    AC_REQUIRE(make("acme-kez", "hmac-sha256", DNS_SECRET, &other) == NULL);
    dns_sign(&other, &answer, request_mac.bytes, NOW_S, 0, NULL, 0);
    CU_ASSERT_EQUAL(verify(&key).verdict, TSIG_OTHER_KEY);

    key = start();
    AC_REQUIRE(make("acme-key", "hmac-sha512", DNS_SECRET, &other) == NULL);
    dns_sign(&key, &answer, request_mac.bytes, NOW_S, 0, NULL, 0);
    CU_ASSERT_EQUAL(verify(&other).verdict, TSIG_OTHER_KEY);
}

AC_TEST(answer_with_another_secret_is_forged)
{
    struct tsig_key key = start();
    struct tsig_key other = { 0 };

    AC_REQUIRE(make("acme-key", "hmac-sha256", "AAAA", &other) == NULL);
    dns_sign(&other, &answer, request_mac.bytes, NOW_S, 0, NULL, 0);

    CU_ASSERT_EQUAL(verify(&key).verdict, TSIG_FORGED);
}

AC_TEST(answer_of_another_time_is_stale)
{
    struct tsig_key key = start();

    dns_sign(&key, &answer, request_mac.bytes, NOW_S - 301, 0, NULL, 0);
    CU_ASSERT_EQUAL(verify(&key).verdict, TSIG_STALE);
    CU_ASSERT_EQUAL(verify(&key).skew_s, -301);

    key = start();
    dns_sign(&key, &answer, request_mac.bytes, NOW_S + 301, 0, NULL, 0);
    CU_ASSERT_EQUAL(verify(&key).verdict, TSIG_STALE);
}

AC_TEST(bad_time_tells_the_difference)
{
    static const uint8_t hour_behind[] = { 0, 0, 0x65, 0x53, 0xE2, 0xF0 };
    struct tsig_key key = start();
    struct tsig_report report;

    dns_sign(&key, &answer, request_mac.bytes, NOW_S, TSIG_BADTIME, hour_behind,
             sizeof hour_behind);
    report = verify(&key);

    CU_ASSERT_EQUAL(report.verdict, TSIG_GOOD);
    CU_ASSERT_EQUAL(report.error, TSIG_BADTIME);
    CU_ASSERT_EQUAL(report.skew_s, -3600);
}

AC_TEST(record_that_is_no_signature_is_none)
{
    struct tsig_key key = start();
    const struct dns_record a = { MESSAGE_AT_ADDITIONAL, "x.test", LDNS_RR_TYPE_TXT,
                                  "v" };

    dns_put_record(&answer, &a);
    CU_ASSERT_EQUAL(verify(&key).verdict, TSIG_UNSIGNED);

    /* A signature must be the last record. */
    key = start();
    dns_sign(&key, &answer, request_mac.bytes, NOW_S, 0, NULL, 0);
    dns_put_record(&answer, &a);
    CU_ASSERT_EQUAL(verify(&key).verdict, TSIG_UNSIGNED);
}

AC_SUITE("dns01-rfc2136/tsig", AC_CASE(signed_message_is_what_the_vector_says),
         AC_CASE(name_of_the_key_is_signed_in_lower_case),
         AC_CASE(message_without_its_signature_is_as_before),
         AC_CASE(each_algorithm_has_its_size), AC_CASE(md5_is_refused_by_name),
         AC_CASE(unknown_algorithm_is_told_what_there_is),
         AC_CASE(bad_secret_is_refused_without_being_told),
         AC_CASE(bad_name_is_refused), AC_CASE(wiped_key_is_zero),
         AC_CASE(good_answer_is_good),
         AC_CASE(answer_with_another_id_on_the_way_is_good),
         AC_CASE(answer_without_signature_is_unsigned),
         AC_CASE(signature_without_mac_and_error_is_forged),
         AC_CASE(no_changed_byte_is_good), AC_CASE(no_cut_of_an_answer_is_good),
         AC_CASE(answer_to_another_request_is_forged),
         AC_CASE(answer_with_another_key_is_not_ours),
         AC_CASE(answer_with_another_secret_is_forged),
         AC_CASE(answer_of_another_time_is_stale),
         AC_CASE(bad_time_tells_the_difference),
         AC_CASE(record_that_is_no_signature_is_none))
