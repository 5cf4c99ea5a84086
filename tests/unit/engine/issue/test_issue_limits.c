/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include "engine/accounts/account_file.h"

#define DAY_MS INT64_C(86400000)

static void limit(const char *url, const char *headers)
{
    fake_ca_rule((struct fake_rule){
        .url = url,
        .times = 1,
        .status = 429,
        .headers = headers,
        .body = "{\"type\":\"" STAGE_ACME "rateLimited\",\"detail\":\"too many\"}" });
}

static enum ac_code run_at(const char *directory, struct ac_error *err)
{
    AC_AUTO(ac_wanted) wanted = { 0 };

    stage.code = AC_OK;
    AC_TRY(stage_want("http", &wanted, err));
    free(wanted.directory_url);
    wanted.directory_url = NULL;
    AC_TRY(ac_memory_copy_text(directory, &wanted.directory_url, err));
    AC_TRY(stage_run_with(&wanted, err));
    stage.store = NULL;
    if (stage.code == AC_E_NOMEM || stage.is_out_of_memory)
        return ac_fail(err, AC_E_NOMEM, "out of memory");
    return AC_OK;
}

AC_TEST(nothing_is_asked_before_the_time_that_the_ca_gave)
{
    struct ac_error err = { 0 };

    stage_begin(&(struct stage_ca){ .name_count = 1 });
    limit("/new-order", "Retry-After: 7200\n");
    AC_REQUIRE_OK(stage_run("http", &err));
    size_t asked = fake_ca.request_count;
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_RATE_LIMITED);
    CU_ASSERT_EQUAL(fake_ca.request_count, asked);
    CU_ASSERT(stage.error.retry_after > 7000 && stage.error.retry_after <= 7200);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.error.detail, "too many"));
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.error.detail, "--force"));
}

AC_TEST(it_is_asked_again_after_that_time)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    limit("/new-order", "Retry-After: 7200\n");
    AC_REQUIRE_OK(stage_run("http", &err));
    fake_ca.now_ms += 7201000;
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
}

AC_TEST(force_asks_at_once)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    limit("/new-order", "Retry-After: 7200\n");
    AC_REQUIRE_OK(stage_run("http", &err));
    stage.begins_anew = true;
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
}

AC_TEST(order_in_flight_is_continued_all_the_same)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    limit("/finalize/", "Retry-After: 7200\n");
    AC_REQUIRE_OK(stage_run("http", &err));
    CU_ASSERT_EQUAL(stage.code, AC_E_RATE_LIMITED);
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.orders, 1);
}

AC_TEST(limit_at_one_ca_leads_to_the_next)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    limit("/new-order", "Retry-After: 7200\n");
    AC_REQUIRE_OK(stage_run("http", &err));
    AC_REQUIRE_OK(stage_want("http", &wanted, &err));
    AC_REQUIRE_OK(ac_words_add(&wanted.further, STAGE_OTHER_CA, &err));
    AC_REQUIRE_OK(stage_run_with(&wanted, &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.attempts, 1);
}

/* What stands before the CA may say anything. */
AC_TEST(outage_is_looked_at_again_after_an_hour)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    fake_ca_rule((struct fake_rule){ .url = "/dir",
                                     .times = 1,
                                     .status = 503,
                                     .headers = "Retry-After: 3600000\n",
                                     .body = "<html>" });
    AC_REQUIRE_OK(stage_run("http", &err));
    CU_ASSERT_EQUAL(stage.code, AC_E_NETWORK);
    AC_REQUIRE_OK(stage_run("http", &err));
    CU_ASSERT_EQUAL(stage.code, AC_E_RATE_LIMITED);
    CU_ASSERT_EQUAL(fake_ca.request_count, 1);
    fake_ca.now_ms += 3600000;
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
}

/* The stage's certificate lives for 97 days, and 7 are over when it comes. */
AC_TEST(long_time_for_the_account_does_not_end_what_is_held)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(stage_run("http", &err));
    CU_ASSERT_EQUAL(stage.code, AC_OK);
    fake_ca.now_ms += 60 * DAY_MS;
    limit("/dir", "Retry-After: 2592000\n");
    AC_REQUIRE_OK(stage_run("http", &err));
    CU_ASSERT_EQUAL(stage.code, AC_E_RATE_LIMITED);
    size_t asked = fake_ca.request_count;
    fake_ca.now_ms += 9 * DAY_MS;
    AC_REQUIRE_OK(stage_run("http", &err));
    CU_ASSERT_EQUAL(stage.code, AC_E_RATE_LIMITED);
    CU_ASSERT_EQUAL(fake_ca.request_count, asked);
    CU_ASSERT(stage.error.retry_after < 2 * DAY_MS / 1000);
    fake_ca.now_ms += 2 * DAY_MS; /* half of what is left then */
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.version, 2);
}

AC_TEST(name_that_failed_often_is_left_alone_where_the_ca_counts)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1, .bad_names = 1 });
    for (int i = 0; i < 5; i++) {
        AC_REQUIRE_OK(run_at(STAGE_LIMITED_CA, &err));
        CU_ASSERT_EQUAL(stage.code, AC_E_CHALLENGE);
    }
    AC_REQUIRE_OK(run_at(STAGE_LIMITED_CA, &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_RATE_LIMITED);
    CU_ASSERT_EQUAL(stage.orders, 5);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.error.detail, "a.test did not validate"));
    fake_ca.now_ms += 721000;
    AC_REQUIRE_OK(run_at(STAGE_LIMITED_CA, &err));
    CU_ASSERT_EQUAL(stage.orders, 6);
}

AC_TEST(orders_beyond_the_limit_wait_for_their_turn)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_json) *document = NULL;
    AC_AUTO_TEXT char *folder = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(run_at(STAGE_LIMITED_CA, &err));
    /* 299 others, by other certificates of this account. */
    AC_REQUIRE_OK(ac_store_open(ac_test_path("state"), &store, &err));
    AC_REQUIRE_OK(ac_account_file_folder(STAGE_LIMITED_CA, NULL, &folder, &err));
    AC_REQUIRE_OK(ac_json_new(&document, &err, "{}"));
    AC_REQUIRE_OK(
        ac_json_set_number(document, "orders_full_at", fake_utc() + 10800, &err));
    AC_REQUIRE_OK(
        ac_store_save(store, AC_STORE_ACCOUNTS, folder, "limits.json", document, &err));
    stage.begins_anew = false;
    AC_REQUIRE_OK(run_at(STAGE_LIMITED_CA, &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT(stage_elapsed_ms() >= 36000);
}

AC_SUITE("engine/issue_limits",
         AC_CASE(nothing_is_asked_before_the_time_that_the_ca_gave),
         AC_CASE(it_is_asked_again_after_that_time), AC_CASE(force_asks_at_once),
         AC_CASE(order_in_flight_is_continued_all_the_same),
         AC_CASE(limit_at_one_ca_leads_to_the_next),
         AC_CASE(outage_is_looked_at_again_after_an_hour),
         AC_CASE(long_time_for_the_account_does_not_end_what_is_held),
         AC_CASE(name_that_failed_often_is_left_alone_where_the_ca_counts),
         AC_CASE(orders_beyond_the_limit_wait_for_their_turn))
