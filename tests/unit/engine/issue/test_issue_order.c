/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include <sys/stat.h>

#include <unistd.h>

#define MANY_POLLS 100000
#define PROBLEM(type, status)                                                          \
    "{\"type\":\"" STAGE_ACME type "\",\"detail\":\"no\",\"status\":" #status "}"

/* test_issue.c has the run with each allocation failing; these are about decisions. */

AC_TEST(order_that_is_ready_at_once_needs_no_challenge)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(
        &(struct stage_ca){ .name_count = 2, .valid_names = 2, .new_status = "ready" });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.tells, 0);
    CU_ASSERT_EQUAL(stage_requests("/authorization/"), 0);
    CU_ASSERT_STRING_EQUAL(fake_solvers.log, "");
}

AC_TEST(order_that_is_valid_at_once_has_a_key_that_is_not_ours)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1, .new_status = "valid" });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_PROTOCOL);
    CU_ASSERT_EQUAL(stage.version, 0);
    CU_ASSERT_FALSE(stage_has_file("order.json"));
}

AC_TEST(order_for_other_identifiers_is_refused)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 2, .foreign_name = "victim.test" });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_PROTOCOL);
    CU_ASSERT_STRING_EQUAL(fake_solvers.log, "");
    CU_ASSERT_FALSE(stage_has_file("order.json"));
}

AC_TEST(order_is_noted_before_anything_is_asked_about_it)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(stage_interrupted("authorize", &err));

    CU_ASSERT(stage_has_file("order.json"));
    CU_ASSERT_EQUAL(stage_requests("/order/"), 0);
}

AC_TEST(order_that_stays_processing_is_continued_by_the_next_run)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1, .issue_reads = MANY_POLLS });
    AC_REQUIRE_OK(stage_run("http", &err));
    CU_ASSERT_EQUAL(stage.code, AC_E_TIMEOUT);
    CU_ASSERT(stage_has_file("order-key.pem"));

    stage.ca.issue_reads = 1;
    AC_REQUIRE_OK(stage_run("http", &err));
    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT(stage.is_resumed);
    CU_ASSERT_EQUAL(stage.orders, 1);
    CU_ASSERT_EQUAL(stage.finalizes, 1);
}

AC_TEST(processing_order_without_its_key_is_replaced)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1, .issue_reads = MANY_POLLS });
    AC_REQUIRE_OK(stage_run("http", &err));
    AC_REQUIRE(unlink(ac_test_path("state/certs/" STAGE_CERT "/order-key.pem")) == 0);

    stage.ca.issue_reads = 0;
    AC_REQUIRE_OK(stage_run("http", &err));
    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_FALSE(stage.is_resumed);
    CU_ASSERT_EQUAL(stage.orders, 2);
}

/* It may be the key of a certificate that is issued already. */
AC_TEST(processing_order_whose_key_cannot_be_read_is_kept)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1, .issue_reads = 100000 });
    AC_REQUIRE_OK(stage_run("http", &err));
    AC_REQUIRE(chmod(ac_test_path("state/certs/site/order-key.pem"), 0644) == 0);
    stage.ca.issue_reads = 0;
    AC_REQUIRE_OK(stage_run("http", &err));
    CU_ASSERT_NOT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.error.detail, "order-key.pem"));
    CU_ASSERT_EQUAL(stage.orders, 1);
    CU_ASSERT(stage_has_file("order.json"));

    AC_REQUIRE(chmod(ac_test_path("state/certs/site/order-key.pem"), 0600) == 0);
    AC_REQUIRE_OK(stage_run("http", &err));
    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.orders, 1);
}

static void put_in_the_way(const char *phase)
{
    if (strcmp(phase, "account") == 0) {
        (void)mkdir(ac_test_path("state/certs"), 0700);
        (void)ac_test_write_file(ac_test_path("state/certs/site"), "", 0);
    }
}

AC_TEST(order_that_could_not_be_noted_is_not_asked_for)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    stage.hook = put_in_the_way;
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_STORE);
    CU_ASSERT_EQUAL(stage.orders, 0);
}

/* A.3: its URL is in the answer alone. */
AC_TEST(order_whose_answer_was_lost_is_ordered_once_more)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    fake_ca_rule((struct fake_rule){ .url = "/new-order",
                                     .times = 1,
                                     .failure = AC_E_NETWORK,
                                     .is_ambiguous = true });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage_requests("/new-order"), 2);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.warning, "new order was lost"));
}

AC_TEST(order_whose_answer_is_always_lost_ends_the_run)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    fake_ca_rule((struct fake_rule){ .url = "/new-order",
                                     .times = 99,
                                     .failure = AC_E_NETWORK,
                                     .is_ambiguous = true });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_NETWORK);
    CU_ASSERT_EQUAL(stage_requests("/new-order"), 2);
    CU_ASSERT_FALSE(stage_has_file("order.json"));
}

AC_TEST(order_that_is_refused_leaves_nothing_noted)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    fake_ca_rule((struct fake_rule){
        .url = "/new-order",
        .times = 99,
        .status = 400,
        .body = "{\"type\":\"" STAGE_ACME "rejectedIdentifier\",\"detail\":\"no\"}" });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_PROBLEM);
    CU_ASSERT_FALSE(stage_has_file("order.json"));
}

AC_TEST(order_that_the_ca_forgot_is_replaced)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(stage_interrupted("validate", &err));
    fake_ca_rule((struct fake_rule){ .url = "/order/",
                                     .times = 1,
                                     .status = 404,
                                     .body = PROBLEM("malformed", 404) });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_FALSE(stage.is_resumed);
    CU_ASSERT_EQUAL(stage.orders, 2);
    CU_ASSERT_EQUAL(stage.problem[0], '\0');
}

AC_TEST(ca_that_is_ill_does_not_cost_the_order)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(stage_interrupted("validate", &err));
    fake_ca_rule((struct fake_rule){ .url = "/order/",
                                     .times = AC_CLIENT_SERVER_TRIES,
                                     .status = 500,
                                     .body = PROBLEM("serverInternal", 500) });
    AC_REQUIRE_OK(stage_run("http", &err));
    CU_ASSERT_EQUAL(stage.code, AC_E_PROBLEM);
    CU_ASSERT(stage_has_file("order.json"));

    AC_REQUIRE_OK(stage_run("http", &err));
    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.orders, 1);
}

AC_TEST(new_terms_do_not_cost_the_order)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(stage_interrupted("validate", &err));
    fake_ca_rule((struct fake_rule){ .url = "/order/",
                                     .times = 1,
                                     .status = 403,
                                     .body = PROBLEM("userActionRequired", 403) });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_PROBLEM);
    CU_ASSERT_STRING_EQUAL(stage.problem, "userActionRequired");
    CU_ASSERT(stage_has_file("order.json"));
}

AC_TEST(nonces_that_are_refused_do_not_cost_the_order)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(stage_interrupted("validate", &err));
    fake_ca_rule((struct fake_rule){
        .url = "/nonce", .times = 99, .status = 403, .nonce = "", .body = "<html>" });
    AC_REQUIRE_OK(stage_run("http", &err));
    CU_ASSERT_EQUAL(stage.code, AC_E_NETWORK);
    CU_ASSERT(stage_has_file("order.json"));

    stage_mend();
    AC_REQUIRE_OK(stage_run("http", &err));
    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.orders, 1);
}

AC_TEST(order_that_became_invalid_meanwhile_is_replaced)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(stage_interrupted("validate", &err));
    stage.status = "invalid";
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.orders, 2);
    CU_ASSERT_FALSE(stage_has_file("order.json"));
}

AC_TEST(order_with_a_dead_authorization_is_replaced_and_noted)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 2 });
    AC_REQUIRE_OK(stage_interrupted("authorize", &err));
    stage.names[1].status = STAGE_DEACTIVATED;
    AC_REQUIRE_OK(stage_interrupted("respond", &err));
    CU_ASSERT_EQUAL(stage.orders, 2);
    CU_ASSERT_FALSE(stage.is_resumed);

    AC_REQUIRE_OK(stage_run("http", &err)); /* the second is continued */
    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.orders, 2);
    CU_ASSERT(stage.is_resumed);
}

/* SERVERS: step-ca leaves it pending for ever after a wrong answer. */
AC_TEST(order_with_a_failed_challenge_is_replaced)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(stage_interrupted("authorize", &err));
    stage.names[0].challenge = STAGE_INVALID;
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.orders, 2);
}

AC_TEST(same_order_given_again_is_gone_on_with)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(stage_interrupted("validate", &err));
    AC_REQUIRE(unlink(ac_test_path("state/certs/" STAGE_CERT "/order.json")) == 0);
    fake_ca_rule((struct fake_rule){ .url = "/new-order",
                                     .times = 1,
                                     .status = 201,
                                     .headers = "Location: https://ca.test/order/1\n",
                                     .body = stage_order() });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.orders, 1);
    CU_ASSERT_EQUAL(stage.tells, 1); /* it was told by the first run */
}

AC_TEST(account_that_the_ca_forgot_is_looked_up_once)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(stage_run("http", &err));
    fake_ca_rule((struct fake_rule){ .url = "/new-order",
                                     .times = 1,
                                     .status = 400,
                                     .body = PROBLEM("accountDoesNotExist", 400) });
    AC_REQUIRE_OK(stage_run("http", &err));
    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.accounts, 2);

    fake_ca_rule((struct fake_rule){ .url = "/new-order",
                                     .times = 9,
                                     .status = 400,
                                     .body = PROBLEM("accountDoesNotExist", 400) });
    AC_REQUIRE_OK(stage_run("http", &err));
    CU_ASSERT_EQUAL(stage.code, AC_E_PROBLEM);
    CU_ASSERT_STRING_EQUAL(stage.problem, "accountDoesNotExist");
    CU_ASSERT_EQUAL(stage.accounts, 3);
}

AC_TEST(account_lost_while_an_order_is_continued_is_looked_up)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(stage_interrupted("validate", &err));
    fake_ca_rule((struct fake_rule){ .url = "/order/",
                                     .times = 1,
                                     .status = 400,
                                     .body = PROBLEM("accountDoesNotExist", 400) });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT(stage.is_resumed);
    CU_ASSERT_EQUAL(stage.orders, 1);
}

AC_TEST(refused_order_says_why)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    fake_ca_rule((struct fake_rule){ .url = "/new-order",
                                     .times = 9,
                                     .status = 429,
                                     .headers = "Retry-After: 3978938\n",
                                     .body = PROBLEM("rateLimited", 429) });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_RATE_LIMITED);
    CU_ASSERT_EQUAL(stage.error.retry_after, 3978938);
    CU_ASSERT_STRING_EQUAL(stage.problem, "rateLimited");
    CU_ASSERT_EQUAL(stage_requests("/new-order"), 1);
    CU_ASSERT(stage_elapsed_ms() < 5000);
}

AC_SUITE("engine/issue_order", AC_CASE(order_that_is_ready_at_once_needs_no_challenge),
         AC_CASE(order_that_is_valid_at_once_has_a_key_that_is_not_ours),
         AC_CASE(order_for_other_identifiers_is_refused),
         AC_CASE(order_is_noted_before_anything_is_asked_about_it),
         AC_CASE(order_that_stays_processing_is_continued_by_the_next_run),
         AC_CASE(processing_order_without_its_key_is_replaced),
         AC_CASE(processing_order_whose_key_cannot_be_read_is_kept),
         AC_CASE(order_that_could_not_be_noted_is_not_asked_for),
         AC_CASE(order_whose_answer_was_lost_is_ordered_once_more),
         AC_CASE(order_whose_answer_is_always_lost_ends_the_run),
         AC_CASE(order_that_is_refused_leaves_nothing_noted),
         AC_CASE(order_that_the_ca_forgot_is_replaced),
         AC_CASE(ca_that_is_ill_does_not_cost_the_order),
         AC_CASE(new_terms_do_not_cost_the_order),
         AC_CASE(nonces_that_are_refused_do_not_cost_the_order),
         AC_CASE(order_that_became_invalid_meanwhile_is_replaced),
         AC_CASE(order_with_a_dead_authorization_is_replaced_and_noted),
         AC_CASE(order_with_a_failed_challenge_is_replaced),
         AC_CASE(same_order_given_again_is_gone_on_with),
         AC_CASE(account_that_the_ca_forgot_is_looked_up_once),
         AC_CASE(account_lost_while_an_order_is_continued_is_looked_up),
         AC_CASE(refused_order_says_why))
