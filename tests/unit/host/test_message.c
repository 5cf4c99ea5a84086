/* SPDX-License-Identifier: Apache-2.0 */
#include "host/message.h"

#include "check.h"

#include <string.h>

static const struct acmecore_challenge http = {
    .struct_size = sizeof http,
    .type = "http-01",
    .identifier = "example.org",
    .token = "abc-_9",
    .key_authorization = "abc-_9.thumb",
};
static const struct acmecore_challenge dns = {
    .struct_size = sizeof dns,
    .type = "dns-01",
    .identifier = "example.org",
    .token = "t",
    .key_authorization = "t.p",
    .record_name = "_acme-challenge.example.org",
    .record_value = "47DEQpj8HBSa-_TImW",
    .record_zone = "example.org",
};

AC_TEST(batch_owns_its_text_and_points_at_its_items)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_batch) batch = { 0 };

    for (int i = 0; i < 20; i++)
        AC_REQUIRE_OK(ac_batch_add(&batch, &http, &err));

    AC_REQUIRE(batch.count == 20);
    for (size_t i = 0; i < batch.count; i++)
        CU_ASSERT_PTR_EQUAL(batch.pointers[i], &batch.items[i]);
    CU_ASSERT_PTR_NOT_EQUAL(batch.items[0].token, http.token);
    CU_ASSERT_STRING_EQUAL(batch.items[19].token, "abc-_9");
    CU_ASSERT_PTR_NULL(batch.items[0].record_name);
    CU_ASSERT_EQUAL(batch.items[0].struct_size, sizeof(struct acmecore_challenge));
}

AC_TEST(batch_goes_through_json_and_back)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_batch) batch = { 0 };
    AC_AUTO(ac_batch) back = { 0 };
    AC_AUTO(ac_json) *json = NULL;

    AC_REQUIRE_OK(ac_batch_add(&batch, &http, &err));
    AC_REQUIRE_OK(ac_batch_add(&batch, &dns, &err));
    AC_REQUIRE_OK(ac_batch_to_json(&batch, &json, &err));
    AC_REQUIRE_OK(ac_batch_from_json(json, &back, &err));

    AC_REQUIRE(back.count == 2);
    CU_ASSERT_STRING_EQUAL(back.items[0].key_authorization, "abc-_9.thumb");
    CU_ASSERT_PTR_NULL(back.items[0].record_value);
    CU_ASSERT_STRING_EQUAL(back.items[1].record_name, dns.record_name);
    CU_ASSERT_STRING_EQUAL(back.items[1].record_value, dns.record_value);
    CU_ASSERT_STRING_EQUAL(back.items[1].record_zone, dns.record_zone);
}

AC_TEST(part_of_a_batch_is_that_part)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_batch) batch = { 0 };
    AC_AUTO(ac_json) *json = NULL;

    AC_REQUIRE_OK(ac_batch_add(&batch, &http, &err));
    AC_REQUIRE_OK(ac_batch_add(&batch, &dns, &err));
    AC_REQUIRE_OK(ac_batch_part_to_json(&batch, 1, 1, &json, &err));

    CU_ASSERT_EQUAL(ac_json_count(json), 1);
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(ac_json_at(json, 0), "type", ""), "dns-01");
}

AC_TEST(field_outside_its_grammar_is_refused)
{
    char long_token[AC_MESSAGE_TOKEN_MAX + 2];
    memset(long_token, 'a', sizeof long_token);
    long_token[sizeof long_token - 1] = '\0';
    struct acmecore_challenge bad[] = { http, http, http, http, http,
                                        http, dns,  dns,  http, http };
    bad[0].token = "../../etc/passwd";
    bad[1].token = "";
    bad[2].token = NULL;
    bad[3].token = long_token;
    bad[4].identifier = "Example.org";
    bad[5].key_authorization = "a b";
    bad[6].record_name = "a\nb";
    bad[7].record_value = "\x1B[1m";
    bad[8].type = "HTTP";
    bad[9].identifier = "../x";

    for (size_t i = 0; i < AC_COUNT(bad); i++) {
        struct ac_error err = { 0 };
        AC_AUTO(ac_batch) batch = { 0 };
        AC_REQUIRE_CODE(ac_batch_add(&batch, &bad[i], &err), AC_E_INVALID);
        CU_ASSERT_EQUAL(batch.count, 0);
    }
}

AC_TEST(only_dns_persist_01_may_be_without_a_token)
{
    struct acmecore_challenge persist = dns;
    struct ac_error err = { 0 };
    AC_AUTO(ac_batch) batch = { 0 };
    AC_AUTO(ac_batch) read = { 0 };
    AC_AUTO(ac_json) *json = NULL;

    persist.token = NULL;
    persist.key_authorization = NULL;
    AC_REQUIRE_CODE(ac_batch_add(&batch, &persist, &err), AC_E_INVALID);
    persist.type = "dns-persist-01";
    AC_REQUIRE_OK(ac_batch_add(&batch, &persist, &err));
    AC_REQUIRE_OK(ac_batch_to_json(&batch, &json, &err));
    AC_REQUIRE_OK(ac_batch_from_json(json, &read, &err));

    CU_ASSERT_EQUAL(read.count, 1);
    CU_ASSERT_PTR_NULL(read.items[0].token);
}

AC_TEST(hostile_json_is_no_batch)
{
    static const char *const documents[] = {
        "{}",
        "[1]",
        "[{}]",
        "[null]",
        "[{\"type\":1,\"identifier\":\"a\",\"token\":\"a\",\"key_authorization\":\"a\"}"
        "]",
        "[{\"type\":\"http-01\",\"identifier\":\"a\",\"token\":\"a/b\","
        "\"key_authorization\":\"a\"}]",
        "[{\"type\":\"http-01\",\"identifier\":\"a\",\"token\":\"a\","
        "\"key_authorization\":\"a\",\"record_name\":[]}]",
    };

    for (size_t i = 0; i < AC_COUNT(documents); i++) {
        struct ac_error err = { 0 };
        AC_AUTO(ac_json) *json = NULL;
        AC_AUTO(ac_batch) batch = { 0 };
        AC_REQUIRE_OK(ac_json_parse(documents[i], strlen(documents[i]), &json, &err));
        AC_REQUIRE_CODE(ac_batch_from_json(json, &batch, &err), AC_E_INVALID);
        CU_ASSERT_EQUAL(batch.count, 0);
    }
}

AC_TEST(batch_has_a_limit)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_batch) batch = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    for (int i = 0; i < AC_MESSAGE_BATCH_MAX; i++)
        AC_REQUIRE_OK(ac_batch_add(&batch, &http, &err));

    AC_REQUIRE_CODE(ac_batch_add(&batch, &http, &err), AC_E_INVALID);
    CU_ASSERT_STRING_EQUAL(err.detail, "batch has over 1000 challenges");
}

AC_SUITE("host/message", AC_CASE(batch_owns_its_text_and_points_at_its_items),
         AC_CASE(batch_goes_through_json_and_back),
         AC_CASE(part_of_a_batch_is_that_part),
         AC_CASE(field_outside_its_grammar_is_refused),
         AC_CASE(only_dns_persist_01_may_be_without_a_token),
         AC_CASE(hostile_json_is_no_batch), AC_CASE(batch_has_a_limit))
