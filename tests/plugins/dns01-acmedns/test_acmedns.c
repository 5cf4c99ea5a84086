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

/* What is presented next is this value alone. */
static void have(struct stage *stage, const char *value)
{
    stage->count = 0;
    stage_add(stage, "example.test", "one.auth.test", value, "auth.test");
}

AC_TEST(a_value_that_is_there_is_not_sent_again)
{
    struct stage stage = { .api.answers = { { 200, "{}" }, { 200, "{}" } } };
    AC_REQUIRE(begin(&stage, ACCOUNTS));
    stage_add(&stage, "example.test", "one.auth.test", "v1", "auth.test");
    stage_add(&stage, "example.test", "one.auth.test", "v2", "auth.test");
    AC_REQUIRE(stage_present(&stage) == ACMECORE_OK);

    have(&stage, "v2");
    CU_ASSERT_EQUAL(stage_present(&stage), ACMECORE_OK);
    have(&stage, "v1");
    CU_ASSERT_EQUAL(stage_present(&stage), ACMECORE_OK);

    CU_ASSERT_EQUAL(stage.api.count, 2);
}

AC_TEST(the_same_value_twice_in_a_batch_is_one)
{
    struct stage stage = { .api.answers = { { 200, "{}" }, { 200, "{}" } } };
    AC_REQUIRE(begin(&stage, ACCOUNTS));
    stage_add(&stage, "example.test", "one.auth.test", "v1", "auth.test");
    stage_add(&stage, "example.test", "one.auth.test", "v2", "auth.test");
    stage_add(&stage, "example.test", "one.auth.test", "v1", "auth.test");

    CU_ASSERT_EQUAL(stage_present(&stage), ACMECORE_OK);
    CU_ASSERT_EQUAL(stage.api.count, 2);
}

AC_TEST(a_value_that_was_pushed_out_is_sent_again)
{
    struct stage stage = {
        .api.answers = { { 200, "{}" }, { 200, "{}" }, { 200, "{}" }, { 200, "{}" } }
    };
    static const char *const values[] = { "v1", "v2", "v3", "v2", "v3", "v1" };
    AC_REQUIRE(begin(&stage, ACCOUNTS));

    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        have(&stage, values[i]);
        AC_REQUIRE(stage_present(&stage) == ACMECORE_OK);
    }

    CU_ASSERT_EQUAL(stage.api.count, 4);
    CU_ASSERT(stage_sent(&stage, 3, "v1"));
}

AC_TEST(after_a_failure_nothing_is_taken_for_granted)
{
    struct stage stage = { .api.answers = {
                               { 200, "{}" }, { 500, "{}" }, { 200, "{}" } } };
    AC_REQUIRE(begin(&stage, ACCOUNTS));
    have(&stage, "v1");
    AC_REQUIRE(stage_present(&stage) == ACMECORE_OK);
    have(&stage, "v2");
    CU_ASSERT_EQUAL(stage_present(&stage), ACMECORE_E_NETWORK);

    have(&stage, "v1");
    CU_ASSERT_EQUAL(stage_present(&stage), ACMECORE_OK);

    CU_ASSERT_EQUAL(stage.api.count, 3);
}

AC_TEST(what_was_cleaned_up_is_sent_when_it_is_asked_for_anew)
{
    struct stage stage = { .api.answers = { { 200, "{}" }, { 200, "{}" } } };
    AC_REQUIRE(begin(&stage, ACCOUNTS));
    have(&stage, "v1");
    AC_REQUIRE(stage_present(&stage) == ACMECORE_OK);
    AC_REQUIRE(stage_cleanup(&stage) == ACMECORE_OK);

    CU_ASSERT_EQUAL(stage_present(&stage), ACMECORE_OK);
    CU_ASSERT_EQUAL(stage.api.count, 2);
}

AC_TEST(a_note_that_cannot_be_written_is_a_warning)
{
    struct stage stage = { .api.answers = { { 200, "{}" } } };
    AC_REQUIRE(begin(&stage, ACCOUNTS));
    stage.fake.ctx.file_status = ACMECORE_E_SYSTEM;
    have(&stage, "v1");

    CU_ASSERT_EQUAL(stage_present(&stage), ACMECORE_OK);
    CU_ASSERT(
        fake_host_logged(&stage.fake, "WARN what one.auth.test has cannot be noted"));
}

AC_TEST(each_name_has_its_own_reason)
{
    struct stage stage = { .api.answers = { { 500, "{}" } } };
    AC_REQUIRE(begin(&stage, ACCOUNTS));
    stage_add(&stage, "example.test", "one.auth.test", "v1", "auth.test");
    stage_add(&stage, "other.test", "_acme-challenge.other.test", "v2", "other.test");

    CU_ASSERT_NOT_EQUAL(stage_present(&stage), ACMECORE_OK);

    CU_ASSERT(fake_host_failed_at(&stage.fake, 0, "HTTP 500"));
    CU_ASSERT(fake_host_failed_at(&stage.fake, 1, "no account is for"));
}

AC_TEST(without_accounts_that_is_told)
{
    struct stage stage = { .count = 0 };
    AC_REQUIRE(begin(&stage, ACCOUNTS));
    fake_host_unset(&stage.fake, "accounts");
    have(&stage, "v1");

    CU_ASSERT_EQUAL(stage_present(&stage), ACMECORE_E_NOTFOUND);
    CU_ASSERT(fake_host_failed_at(&stage.fake, 0, "accounts cannot be read"));
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
         AC_CASE(a_value_that_is_there_is_not_sent_again),
         AC_CASE(the_same_value_twice_in_a_batch_is_one),
         AC_CASE(a_value_that_was_pushed_out_is_sent_again),
         AC_CASE(after_a_failure_nothing_is_taken_for_granted),
         AC_CASE(what_was_cleaned_up_is_sent_when_it_is_asked_for_anew),
         AC_CASE(a_note_that_cannot_be_written_is_a_warning),
         AC_CASE(each_name_has_its_own_reason), AC_CASE(without_accounts_that_is_told),
         AC_CASE(refusals_are_told_apart), AC_CASE(accounts_that_are_no_json_are_told),
         AC_CASE(there_is_nothing_to_clean_up))
