/* SPDX-License-Identifier: Apache-2.0 */
/* A stand-in server is in tests/e2e/test_acmedns.py. */
#include "provider_stage.h"

#define ACCOUNTS                                                                       \
    "{\"example.test\":{\"fulldomain\":\"one.auth.test\",\"subdomain\":\"one\","       \
    "\"username\":\"u1\",\"password\":\"p1\"}}"

static bool begin(struct stage *stage, const char *accounts)
{
    if (!fake_host_start(&stage->fake, &acmecore_plugin))
        return false;
    fake_host_set(&stage->fake, "url", "https://auth.test");
    fake_host_set(&stage->fake, "accounts", accounts);
    return stage_open(stage);
}

AC_TEST(the_account_is_that_of_the_records_name)
{
    struct stage stage = { .api.answers = { { 200, "{\"txt\":\"v1\"}" } } };
    AC_REQUIRE(begin(&stage, ACCOUNTS));
    stage_add(&stage, "www.example.test", "one.auth.test", "v1", "auth.test");

    AC_REQUIRE(stage_present(&stage) == ACMECORE_OK);

    CU_ASSERT(stage_asked(&stage, 0, "POST https://auth.test/update"));
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.api.asked[0].headers, "X-Api-User: u1\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.api.asked[0].headers, "X-Api-Key: p1\n"));
    CU_ASSERT_STRING_EQUAL(stage.api.asked[0].body,
                           "{\"subdomain\":\"one\",\"txt\":\"v1\"}");
}

AC_TEST(a_missing_cname_is_told_with_its_target)
{
    struct stage stage = { .count = 0 };
    AC_REQUIRE(begin(&stage, ACCOUNTS));
    stage_add(&stage, "example.test", "_acme-challenge.example.test", "v1",
              "example.test");

    CU_ASSERT_EQUAL(stage_present(&stage), ACMECORE_E_CONFIG);
    CU_ASSERT(fake_host_failed_with(
        &stage.fake, "make _acme-challenge.example.test a CNAME to one.auth.test"));
    CU_ASSERT_EQUAL(stage.api.count, 0);
}

AC_TEST(without_a_look_at_dns_the_file_names_the_account)
{
    struct stage stage = { .api.answers = { { 200, "{}" } } };
    AC_REQUIRE(begin(&stage, ACCOUNTS));
    stage_add(&stage, "example.test", "_acme-challenge.example.test", "v1", NULL);

    CU_ASSERT_EQUAL(stage_present(&stage), ACMECORE_OK);
}

AC_TEST(a_third_value_would_push_out_the_first)
{
    struct stage stage = { .count = 0 };
    AC_REQUIRE(begin(&stage, ACCOUNTS));
    stage_add(&stage, "a.test", "one.auth.test", "v1", "auth.test");
    stage_add(&stage, "b.test", "one.auth.test", "v2", "auth.test");
    stage_add(&stage, "c.test", "one.auth.test", "v3", "auth.test");

    CU_ASSERT_EQUAL(stage_present(&stage), ACMECORE_E_CONFIG);
    CU_ASSERT_EQUAL(stage.api.count, 0);
    CU_ASSERT(fake_host_failed_with(&stage.fake, "keeps 2 values"));
}

AC_TEST(refusals_are_told_apart)
{
    static const struct {
        long code;
        int status;
        const char *words;
    } cases[] = { { 401, ACMECORE_E_CONFIG, "does not take the account" },
                  { 400, ACMECORE_E_REFUSED, "bad_txt" },
                  { 500, ACMECORE_E_NETWORK, "HTTP 500" } };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct stage stage = { .api.answers = {
                                   { cases[i].code, "{\"error\":\"bad_txt\"}" } } };
        AC_REQUIRE(begin(&stage, ACCOUNTS));
        stage_add(&stage, "example.test", "one.auth.test", "v1", "auth.test");

        CU_ASSERT_EQUAL(stage_present(&stage), cases[i].status);
        CU_ASSERT(fake_host_failed_with(&stage.fake, cases[i].words));
        CU_ASSERT_FALSE(fake_host_failed_with(&stage.fake, "p1"));
    }
}

AC_TEST(accounts_that_are_no_json_are_told)
{
    struct stage stage = { .count = 0 };
    AC_REQUIRE(begin(&stage, "user:password"));
    stage_add(&stage, "example.test", "one.auth.test", "v1", "auth.test");

    CU_ASSERT_EQUAL(stage_present(&stage), ACMECORE_E_CONFIG);
    CU_ASSERT(fake_host_failed_with(&stage.fake, "no JSON object"));
}

AC_TEST(there_is_nothing_to_clean_up)
{
    struct stage stage = { .count = 0 };
    AC_REQUIRE(begin(&stage, ACCOUNTS));
    stage_add(&stage, "example.test", "one.auth.test", "v1", "auth.test");

    CU_ASSERT_EQUAL(stage_cleanup(&stage), ACMECORE_OK);
    CU_ASSERT_EQUAL(stage.api.count, 0);
}

AC_SUITE("dns01-acmedns/acmedns", AC_CASE(the_account_is_that_of_the_records_name),
         AC_CASE(a_missing_cname_is_told_with_its_target),
         AC_CASE(without_a_look_at_dns_the_file_names_the_account),
         AC_CASE(a_third_value_would_push_out_the_first),
         AC_CASE(refusals_are_told_apart), AC_CASE(accounts_that_are_no_json_are_told),
         AC_CASE(there_is_nothing_to_clean_up))
