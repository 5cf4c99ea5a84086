/* SPDX-License-Identifier: Apache-2.0 */
/* A stand-in server with pages and limits is in tests/e2e/test_cloudflare.py. */
#include "provider_stage.h"

#define API "https://api.cloudflare.com/client/v4"
#define ZONE                                                                           \
    "{\"success\":true,\"result\":[{\"id\":\"0a1b\",\"name\":\"example.test\"}]}"
#define NONE "{\"success\":true,\"result\":[],\"result_info\":{\"total_pages\":0}}"
#define DONE "{\"success\":true,\"result\":{}}"
#define OURS                                                                           \
    "{\"success\":true,\"result\":[{\"id\":\"aa01\",\"name\":"                         \
    "\"_acme-challenge.example.test\",\"content\":\"\\\"v1\\\"\"}],"                   \
    "\"result_info\":{\"total_pages\":2}}"
#define OTHERS                                                                         \
    "{\"success\":true,\"result\":[{\"id\":\"bb02\",\"name\":"                         \
    "\"_acme-challenge.example.test\",\"content\":\"other\"}],"                        \
    "\"result_info\":{\"total_pages\":2}}"

static bool begin(struct stage *stage)
{
    if (!fake_host_start(&stage->fake, &acmecore_plugin))
        return false;
    fake_host_set(&stage->fake, "api-token", "secret");
    return stage_open(stage);
}

AC_TEST(names_of_a_zone_are_one_batch)
{
    struct stage stage = { .api.answers = {
                               { 200, ZONE }, { 200, NONE }, { 200, DONE } } };
    AC_REQUIRE(begin(&stage));
    stage_add(&stage, "a.example.test", "_acme-challenge.a.example.test", "v1",
              "example.test");
    stage_add(&stage, "b.example.test", "_acme-challenge.b.example.test", "v2",
              "example.test");

    AC_REQUIRE(stage_present(&stage) == ACMECORE_OK);

    CU_ASSERT(stage_asked(&stage, 0, "GET " API "/zones?name=example.test"));
    CU_ASSERT(stage_asked(
        &stage, 1, "GET " API "/zones/0a1b/dns_records?type=TXT&per_page=100&page=1"));
    CU_ASSERT(stage_asked(&stage, 2, "POST " API "/zones/0a1b/dns_records/batch"));
    CU_ASSERT(stage_sent(&stage, 2, "\"posts\""));
    CU_ASSERT(stage_sent(&stage, 2, "v2"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(stage.api.asked[2].headers, "Authorization: Bearer secret\n"));
}

AC_TEST(only_ours_is_deleted_whatever_page_it_is_on)
{
    struct stage stage = {
        .api.answers = { { 200, ZONE }, { 200, OTHERS }, { 200, OURS }, { 200, DONE } }
    };
    AC_REQUIRE(begin(&stage));
    stage_add(&stage, "example.test", "_acme-challenge.example.test", "v1",
              "example.test");

    AC_REQUIRE(stage_cleanup(&stage) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(stage.api.asked[3].body,
                           "{\"deletes\":[{\"id\":\"aa01\"}]}");
}

AC_TEST(what_is_there_is_not_written_again)
{
    struct stage stage = { .api.answers = {
                               { 200, ZONE }, { 200, OURS }, { 200, OTHERS } } };
    AC_REQUIRE(begin(&stage));
    stage_add(&stage, "example.test", "_acme-challenge.example.test", "v1",
              "example.test");

    CU_ASSERT_EQUAL(stage_present(&stage), ACMECORE_OK);
    CU_ASSERT_EQUAL(stage.api.count, 3);
}

AC_TEST(a_zone_that_the_token_does_not_see_is_named)
{
    struct stage stage = { .api.answers = { { 200, NONE } } };
    AC_REQUIRE(begin(&stage));
    stage_add(&stage, "example.test", "_acme-challenge.example.test", "v1",
              "example.test");

    CU_ASSERT_EQUAL(stage_present(&stage), ACMECORE_E_CONFIG);
    CU_ASSERT(
        fake_host_failed_with(&stage.fake, "api-token sees no zone example.test"));
}

AC_TEST(an_id_that_would_lead_elsewhere_is_refused)
{
    struct stage stage = {
        .api.answers = { { 200,
                           "{\"success\":true,\"result\":[{\"id\":\"../user\"}]}" } }
    };
    AC_REQUIRE(begin(&stage));
    stage_add(&stage, "example.test", "_acme-challenge.example.test", "v1",
              "example.test");

    CU_ASSERT_EQUAL(stage_present(&stage), ACMECORE_E_CONFIG);
    CU_ASSERT_EQUAL(stage.api.count, 1);
}

AC_TEST(with_its_id_the_zone_is_not_looked_for)
{
    struct stage stage = { .api.answers = { { 200, NONE }, { 200, DONE } } };
    AC_REQUIRE(fake_host_start(&stage.fake, &acmecore_plugin));
    fake_host_set(&stage.fake, "api-token", "secret");
    fake_host_set(&stage.fake, "zone-id", "0a1b");
    AC_REQUIRE(stage_open(&stage));
    stage_add(&stage, "example.test", "_acme-challenge.example.test", "v1",
              "example.test");

    CU_ASSERT_EQUAL(stage_present(&stage), ACMECORE_OK);
    CU_ASSERT(stage_asked(&stage, 1, "POST " API "/zones/0a1b/dns_records/batch"));
}

AC_TEST(refusals_are_told_apart)
{
    static const struct {
        long code;
        int status;
        const char *words;
    } cases[] = { { 403, ACMECORE_E_CONFIG, "needs Zone:Read and DNS:Edit" },
                  { 429, ACMECORE_E_NETWORK, "HTTP 429" },
                  { 404, ACMECORE_E_REFUSED, "no such thing" } };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct stage stage = { .api.answers = {
                                   { cases[i].code,
                                     "{\"success\":false,\"errors\":[{\"code\":1,"
                                     "\"message\":\"no such thing\"}]}" } } };
        AC_REQUIRE(begin(&stage));
        stage_add(&stage, "example.test", "_acme-challenge.example.test", "v1",
                  "example.test");

        CU_ASSERT_EQUAL(stage_present(&stage), cases[i].status);
        CU_ASSERT(fake_host_failed_with(&stage.fake, cases[i].words));
    }
}

AC_TEST(a_400_is_the_tokens_fault_only_where_the_api_says_so)
{
    static const struct {
        const char *answer;
        int status;
        const char *words;
    } cases[] = {
        { "{\"errors\":[{\"code\":6003,\"message\":\"Invalid request headers\"}]}",
          ACMECORE_E_CONFIG, "needs Zone:Read and DNS:Edit" },
        { "{\"errors\":[{\"code\":81045,\"message\":\"The record quota is used up\"}]}",
          ACMECORE_E_REFUSED, "HTTP 400 of the zone example.test: The record quota" },
        { "{\"errors\":[]}", ACMECORE_E_REFUSED, "HTTP 400" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct stage stage = { .api.answers = { { 400, cases[i].answer } } };
        AC_REQUIRE(begin(&stage));
        stage_add(&stage, "example.test", "_acme-challenge.example.test", "v1",
                  "example.test");

        CU_ASSERT_EQUAL(stage_present(&stage), cases[i].status);
        CU_ASSERT(fake_host_failed_with(&stage.fake, cases[i].words));
    }
}

AC_TEST(a_limit_says_when_to_come_back)
{
    static const struct {
        const char *header, *words;
    } cases[] = { { "Retry-After: 300", "ask again in 300 s" },
                  { "retry-after: 99999999999999999999", "ask again in" },
                  { "Retry-After: Fri, 31 Dec 1999 23:59:59 GMT", "HTTP 429" },
                  { "Retry-After:", "HTTP 429" },
                  { "X-Other: 5", "HTTP 429 of the zone" } };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct stage stage = { .api = { .answers = { { 429, "{}" } },
                                        .header = cases[i].header } };
        AC_REQUIRE(begin(&stage));
        stage_add(&stage, "example.test", "_acme-challenge.example.test", "v1",
                  "example.test");

        CU_ASSERT_EQUAL(stage_present(&stage), ACMECORE_E_NETWORK);
        CU_ASSERT(fake_host_failed_with(&stage.fake, cases[i].words));
    }
}

AC_TEST(the_same_challenge_twice_is_one_record)
{
    struct stage stage = { .api.answers = {
                               { 200, ZONE }, { 200, NONE }, { 200, DONE } } };
    AC_REQUIRE(begin(&stage));
    stage_add(&stage, "example.test", "_acme-challenge.example.test", "v1",
              "example.test");
    stage_add(&stage, "example.test", "_acme-challenge.example.test", "v1",
              "example.test");

    AC_REQUIRE(stage_present(&stage) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(
        stage.api.asked[2].body,
        "{\"posts\":[{\"type\":\"TXT\",\"name\":\"_acme-challenge.example.test\","
        "\"content\":\"\\\"v1\\\"\",\"ttl\":60}]}");
}

AC_TEST(a_batch_is_what_the_smallest_plan_takes)
{
    CU_ASSERT_EQUAL(acmecore_plugin.ops.solver->max_batch, 200);
}

AC_TEST(without_a_token_that_is_told)
{
    struct stage stage = { .count = 0 };
    AC_REQUIRE(begin(&stage));
    fake_host_unset(&stage.fake, "api-token");
    stage_add(&stage, "example.test", "_acme-challenge.example.test", "v1",
              "example.test");

    CU_ASSERT_EQUAL(stage_present(&stage), ACMECORE_E_NOTFOUND);
    CU_ASSERT(fake_host_failed_with(&stage.fake, "the option api-token is not set"));
    CU_ASSERT(fake_host_failed_at(&stage.fake, 0, "the option api-token is not set"));
}

AC_TEST(a_zone_id_that_is_none_is_refused_at_once)
{
    struct stage stage = { .count = 0 };
    AC_REQUIRE(fake_host_start(&stage.fake, &acmecore_plugin));
    fake_host_set(&stage.fake, "api-token", "secret");
    fake_host_set(&stage.fake, "zone-id", "example.test");

    CU_ASSERT_FALSE(stage_open(&stage));
    CU_ASSERT(fake_host_failed_with(&stage.fake, "zone-id is no id"));
}

AC_SUITE("dns01-cloudflare/cloudflare", AC_CASE(names_of_a_zone_are_one_batch),
         AC_CASE(only_ours_is_deleted_whatever_page_it_is_on),
         AC_CASE(what_is_there_is_not_written_again),
         AC_CASE(a_zone_that_the_token_does_not_see_is_named),
         AC_CASE(an_id_that_would_lead_elsewhere_is_refused),
         AC_CASE(with_its_id_the_zone_is_not_looked_for),
         AC_CASE(refusals_are_told_apart),
         AC_CASE(a_400_is_the_tokens_fault_only_where_the_api_says_so),
         AC_CASE(a_limit_says_when_to_come_back),
         AC_CASE(the_same_challenge_twice_is_one_record),
         AC_CASE(a_batch_is_what_the_smallest_plan_takes),
         AC_CASE(without_a_token_that_is_told),
         AC_CASE(a_zone_id_that_is_none_is_refused_at_once))
