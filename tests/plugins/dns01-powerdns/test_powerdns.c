/* SPDX-License-Identifier: Apache-2.0 */
/* The real server is in tests/e2e/test_powerdns.py. */
#include "provider_stage.h"

#define ZONE_URL "http://127.0.0.1:8081/api/v1/servers/localhost/zones/example.test."
#define EMPTY    "{\"rrsets\":[]}"
#define NAME     "_acme-challenge.example.test"

static bool begin(struct stage *stage)
{
    if (!fake_host_start(&stage->fake, &acmecore_plugin))
        return false;
    fake_host_set(&stage->fake, "api-key", "secret");
    return stage_open(stage);
}

AC_TEST(names_of_a_zone_are_read_and_changed_once)
{
    struct stage stage = { .api.answers = { { 200, EMPTY }, { 204, NULL } } };
    AC_REQUIRE(begin(&stage));
    stage_add(&stage, "a.example.test", "_acme-challenge.a.example.test", "v1",
              "example.test");
    stage_add(&stage, "b.example.test", "_acme-challenge.b.example.test", "v2",
              "example.test");

    AC_REQUIRE(stage_present(&stage) == ACMECORE_OK);

    CU_ASSERT_EQUAL(stage.api.count, 2);
    CU_ASSERT(stage_asked(&stage, 0, "GET " ZONE_URL));
    CU_ASSERT(stage_asked(&stage, 1, "PATCH " ZONE_URL));
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.api.asked[1].headers, "X-API-Key: secret\n"));
    CU_ASSERT(stage_sent(&stage, 1, "\"\\\"v1\\\"\""));
    CU_ASSERT(stage_sent(&stage, 1, "\"\\\"v2\\\"\""));
}

AC_TEST(a_value_is_escaped_and_cut_into_strings)
{
    char rest[287] = "";
    char value[301] = "";
    char content[700] = "";
    struct stage stage = { .api.answers = { { 200, EMPTY }, { 204, NULL } } };
    AC_REQUIRE(begin(&stage));
    memset(rest, 'a', sizeof rest - 1);
    (void)snprintf(value, sizeof value, "ca.test; q=\"\\\x01%s", rest);
    stage_add(&stage, "example.test", NAME, value, "example.test");

    AC_REQUIRE(stage_present(&stage) == ACMECORE_OK);

    /* JSON escapes each of the record's own escapes once more. */
    (void)snprintf(content, sizeof content,
                   "\"\\\"ca.test; q=\\\\\\\"\\\\\\\\\\\\001%.241s\\\" \\\"%.45s\\\"\"",
                   value + 14, value + 255);
    CU_ASSERT(stage_sent(&stage, 1, content));
}

AC_TEST(a_value_is_known_however_it_is_written)
{
    static const struct {
        const char *content;
        bool is_ours;
    } cases[] = {
        { "\\\"a;b\\\\\\\"\\\"", true },          /* "a;b\"" */
        { "\\\"a\\\\059b\\\\034\\\"", true },     /* "a\059b\034" */
        { "\\\"a;\\\" \\\"b\\\\\\\"\\\"", true }, /* "a;" "b\"" */
        { "\\\"a;b\\\"", false },
        { "\\\"a;b\\\\\\\"c\\\"", false },
        { "\\\"a;b\\\\\\\"", false }, /* without its end */
        { "\\\"a;b\\\\\\\"\\\"x", false },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char present[400];
        struct stage stage = { .api.answers = { { 200, present }, { 204, NULL } } };
        (void)snprintf(present, sizeof present,
                       "{\"rrsets\":[{\"name\":\"" NAME ".\",\"type\":\"TXT\","
                       "\"records\":[{\"content\":\"%s\"}]}]}",
                       cases[i].content);
        AC_REQUIRE(begin(&stage));
        stage_add(&stage, "example.test", NAME, "a;b\"", "example.test");

        AC_REQUIRE(stage_cleanup(&stage) == ACMECORE_OK);

        CU_ASSERT_EQUAL(stage_sent(&stage, 1, "DELETE"), cases[i].is_ours);
    }
}

AC_TEST(a_value_that_is_too_long_is_refused)
{
    char value[1026] = "";
    struct stage stage = { .count = 0 };
    AC_REQUIRE(begin(&stage));
    memset(value, 'a', sizeof value - 1);
    stage_add(&stage, "example.test", NAME, value, "example.test");

    CU_ASSERT_EQUAL(stage_present(&stage), ACMECORE_E_INVALID);
    CU_ASSERT_EQUAL(stage.api.count, 0);
}

AC_TEST(the_same_challenge_twice_is_one_record)
{
    struct stage stage = { .api.answers = { { 200, EMPTY }, { 204, NULL } } };
    AC_REQUIRE(begin(&stage));
    stage_add(&stage, "example.test", NAME, "v1", "example.test");
    stage_add(&stage, "example.test", NAME, "v2", "example.test");
    stage_add(&stage, "example.test", NAME, "v1", "example.test");

    AC_REQUIRE(stage_present(&stage) == ACMECORE_OK);

    CU_ASSERT(stage_sent(&stage, 1,
                         "\"records\":[{\"content\":\"\\\"v1\\\"\",\"disabled\":false},"
                         "{\"content\":\"\\\"v2\\\"\",\"disabled\":false}]"));
}

AC_TEST(a_set_that_others_have_a_part_in_keeps_its_ttl)
{
    static const char of_others[] =
        "{\"rrsets\":[{\"name\":\"" NAME ".\",\"type\":\"TXT\",\"ttl\":3600,"
        "\"records\":[{\"content\":\"\\\"other\\\"\"}]}]}";
    static const char ours[] =
        "{\"rrsets\":[{\"name\":\"" NAME ".\",\"type\":\"TXT\",\"ttl\":3600,"
        "\"records\":[{\"content\":\"\\\"v1\\\"\"}]}]}";
    struct stage stage = { .api.answers = { { 200, of_others },
                                            { 204, NULL },
                                            { 200, of_others },
                                            { 204, NULL },
                                            { 200, ours },
                                            { 204, NULL } } };
    AC_REQUIRE(begin(&stage));
    stage_add(&stage, "example.test", NAME, "v1", "example.test");

    AC_REQUIRE(stage_present(&stage) == ACMECORE_OK);
    AC_REQUIRE(stage_cleanup(&stage) == ACMECORE_OK);
    AC_REQUIRE(stage_present(&stage) == ACMECORE_OK);

    CU_ASSERT(stage_sent(&stage, 1, "\"ttl\":3600"));
    CU_ASSERT(stage_sent(&stage, 3, "\"ttl\":3600"));
    CU_ASSERT(stage_sent(&stage, 5, "\"ttl\":60"));
    CU_ASSERT(stage_asked(&stage, 0, "GET " ZONE_URL));
}

AC_TEST(values_of_others_are_sent_back_with_ours)
{
    struct stage
        stage = { .api.answers = {
                      { 200,
                        "{\"rrsets\":[{\"name\":\"_acme-challenge.example.test.\","
                        "\"type\":\"TXT\",\"records\":[{\"content\":\"\\\"other\\\"\","
                        "\"disabled\":true},"
                        "{\"content\":\"\\\"v1\\\"\"}]}]}" },
                      { 204, NULL } } };
    AC_REQUIRE(begin(&stage));
    stage_add(&stage, "example.test", "_acme-challenge.example.test", "v1",
              "example.test");

    AC_REQUIRE(stage_cleanup(&stage) == ACMECORE_OK);

    CU_ASSERT(stage_sent(&stage, 1, "REPLACE"));
    CU_ASSERT(stage_sent(&stage, 1, "other\\\"\",\"disabled\":true"));
    CU_ASSERT_FALSE(stage_sent(&stage, 1, "v1"));
}

AC_TEST(a_set_that_becomes_empty_is_deleted)
{
    struct stage stage = { .api.answers = { { 200, EMPTY }, { 204, NULL } } };
    AC_REQUIRE(begin(&stage));
    stage_add(&stage, "example.test", "_acme-challenge.example.test", "v1",
              "example.test");

    AC_REQUIRE(stage_cleanup(&stage) == ACMECORE_OK);

    CU_ASSERT(stage_sent(&stage, 1, "DELETE"));
}

AC_TEST(each_zone_has_its_own_end)
{
    struct stage stage = { .api.answers = { { 404, "{\"error\":\"Not Found\"}" },
                                            { 200, EMPTY },
                                            { 204, NULL } } };
    AC_REQUIRE(begin(&stage));
    stage_add(&stage, "a.no.test", "_acme-challenge.a.no.test", "v1", "no.test");
    stage_add(&stage, "a.example.test", "_acme-challenge.a.example.test", "v2",
              "example.test");
    stage_add(&stage, "b.no.test", "_acme-challenge.b.no.test", "v3", "no.test");

    CU_ASSERT_EQUAL(stage_present(&stage), ACMECORE_E_CONFIG);

    CU_ASSERT_EQUAL(stage.results[0], ACMECORE_E_CONFIG);
    CU_ASSERT_EQUAL(stage.results[1], ACMECORE_OK);
    CU_ASSERT_EQUAL(stage.results[2], ACMECORE_E_CONFIG);
    CU_ASSERT(fake_host_failed_with(&stage.fake, "has no zone no.test"));
}

AC_TEST(each_zone_has_its_own_reason)
{
    struct stage stage = { .api.answers = {
                               { 404, NULL }, { 200, EMPTY }, { 422, NULL } } };
    AC_REQUIRE(begin(&stage));
    stage_add(&stage, "a.no.test", "_acme-challenge.a.no.test", "v1", "no.test");
    stage_add(&stage, "nobody.test", "_acme-challenge.nobody.test", "v2", NULL);
    stage_add(&stage, "a.example.test", "_acme-challenge.a.example.test", "v3",
              "example.test");
    stage_add(&stage, "b.no.test", "_acme-challenge.b.no.test", "v4", "no.test");

    CU_ASSERT_NOT_EQUAL(stage_present(&stage), ACMECORE_OK);

    CU_ASSERT(fake_host_failed_at(&stage.fake, 0, "has no zone no.test"));
    CU_ASSERT(fake_host_failed_at(&stage.fake, 1, "nobody.test is not known"));
    CU_ASSERT(fake_host_failed_at(&stage.fake, 2, "HTTP 422"));
    CU_ASSERT(fake_host_failed_at(&stage.fake, 3, "has no zone no.test"));
}

AC_TEST(the_zone_of_the_option_is_cleaned_and_holds_back_what_is_not_in_it)
{
    struct stage stage = { .api.answers = { { 200, EMPTY }, { 204, NULL } } };
    AC_REQUIRE(begin(&stage));
    fake_host_set(&stage.fake, "zone", "Example.Test.");
    stage_add(&stage, "example.test", "example.test", "v1", NULL);
    stage_add(&stage, "other.test", "_acme-challenge.other.test", "v2", "other.test");
    stage_add(&stage, "noexample.test", "noexample.test", "v3", NULL);
    stage_add(&stage, "a.example.test", "_acme-challenge.a.Example.test", "v4", NULL);

    CU_ASSERT_EQUAL(stage_present(&stage), ACMECORE_E_CONFIG);

    CU_ASSERT(stage_asked(&stage, 1, "PATCH " ZONE_URL));
    CU_ASSERT(stage_sent(&stage, 1, "v1"));
    CU_ASSERT(stage_sent(&stage, 1, "v4"));
    CU_ASSERT_FALSE(stage_sent(&stage, 1, "v2"));
    CU_ASSERT_FALSE(stage_sent(&stage, 1, "v3"));
    CU_ASSERT_EQUAL(stage.results[0], ACMECORE_OK);
    CU_ASSERT_EQUAL(stage.results[1], ACMECORE_E_CONFIG);
    CU_ASSERT_EQUAL(stage.results[2], ACMECORE_E_CONFIG);
    CU_ASSERT_EQUAL(stage.results[3], ACMECORE_OK);
    CU_ASSERT(fake_host_failed_at(&stage.fake, 1,
                                  "other.test is not in the zone example.test"));
}

AC_TEST(a_zone_that_is_longer_than_a_name_is_refused)
{
    char zone[300];
    struct stage stage = { .count = 0 };
    AC_REQUIRE(begin(&stage));
    memset(zone, 'a', sizeof zone - 1);
    zone[sizeof zone - 1] = '\0';
    fake_host_set(&stage.fake, "zone", zone);
    stage_add(&stage, "example.test", "_acme-challenge.example.test", "v1", NULL);

    CU_ASSERT_EQUAL(stage_present(&stage), ACMECORE_E_CONFIG);
    CU_ASSERT_EQUAL(stage.api.count, 0);
}

AC_TEST(refusals_are_told_apart)
{
    static const struct {
        long code;
        int status;
        const char *words;
    } cases[] = { { 401, ACMECORE_E_CONFIG, "does not take the API key" },
                  { 422, ACMECORE_E_REFUSED,
                    "HTTP 422 of the zone example.test: because" },
                  { 500, ACMECORE_E_NETWORK, "HTTP 500" } };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct stage stage = { .api.answers = {
                                   { cases[i].code, "{\"error\":\"because\"}" } } };
        AC_REQUIRE(begin(&stage));
        stage_add(&stage, "example.test", "_acme-challenge.example.test", "v1",
                  "example.test");

        CU_ASSERT_EQUAL(stage_present(&stage), cases[i].status);
        CU_ASSERT(fake_host_failed_with(&stage.fake, cases[i].words));
    }
}

AC_TEST(a_zone_that_nobody_knows_is_asked_for)
{
    struct stage stage = { .count = 0 };
    AC_REQUIRE(begin(&stage));
    stage_add(&stage, "example.test", "_acme-challenge.example.test", "v1", NULL);

    CU_ASSERT_EQUAL(stage_present(&stage), ACMECORE_E_CONFIG);
    CU_ASSERT(fake_host_failed_with(&stage.fake, "set the option zone"));
}

AC_TEST(what_is_no_json_is_no_zone)
{
    struct stage stage = { .api.answers = { { 200, "<html>" }, { 204, NULL } } };
    AC_REQUIRE(begin(&stage));
    stage_add(&stage, "example.test", "_acme-challenge.example.test", "v1",
              "example.test");

    CU_ASSERT_NOT_EQUAL(stage_present(&stage), ACMECORE_OK);
    CU_ASSERT_EQUAL(stage.api.count, 1);
}

AC_SUITE("dns01-powerdns/powerdns", AC_CASE(names_of_a_zone_are_read_and_changed_once),
         AC_CASE(a_value_is_escaped_and_cut_into_strings),
         AC_CASE(a_value_is_known_however_it_is_written),
         AC_CASE(a_value_that_is_too_long_is_refused),
         AC_CASE(the_same_challenge_twice_is_one_record),
         AC_CASE(a_set_that_others_have_a_part_in_keeps_its_ttl),
         AC_CASE(values_of_others_are_sent_back_with_ours),
         AC_CASE(a_set_that_becomes_empty_is_deleted),
         AC_CASE(each_zone_has_its_own_end), AC_CASE(each_zone_has_its_own_reason),
         AC_CASE(the_zone_of_the_option_is_cleaned_and_holds_back_what_is_not_in_it),
         AC_CASE(a_zone_that_is_longer_than_a_name_is_refused),
         AC_CASE(refusals_are_told_apart),
         AC_CASE(a_zone_that_nobody_knows_is_asked_for),
         AC_CASE(what_is_no_json_is_no_zone))
