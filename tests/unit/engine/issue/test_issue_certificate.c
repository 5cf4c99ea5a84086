/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include "engine/issue/issue_steps.h"

#include <sys/stat.h>
#include <unistd.h>

#define PROBLEM(type, status)                                                          \
    "{\"type\":\"" STAGE_ACME type "\",\"detail\":\"so not\",\"status\":" #status "}"
#define NOT_SENT 1 /* a status that keeps the request from the CA */

/* test_issue.c has the run with each allocation failing; these are about decisions. */

static void finalize_rule(struct fake_rule rule)
{
    rule.url = "/finalize/";
    fake_ca_rule(rule);
}

static bool read_current(char bytes[16384])
{
    return ac_test_read_file(
               ac_test_path("state/certs/" STAGE_CERT "/current/fullchain.pem"), bytes,
               16384)
           > 0;
}

AC_TEST(key_is_on_disk_before_finalize_is_sent)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT(stage.had_key);
}

AC_TEST(finalize_answer_that_is_valid_already_needs_no_poll)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.reads, 0);
    CU_ASSERT_EQUAL(stage_requests("/order/"), 1);
}

AC_TEST(one_order_not_ready_is_survived)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    finalize_rule((struct fake_rule){
        .times = 1, .status = 403, .body = PROBLEM("orderNotReady", 403) });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage_requests("/finalize/"), 2);
    CU_ASSERT_EQUAL(stage.problem[0], '\0');
    CU_ASSERT(stage_elapsed_ms() < 3000);
}

static void go_back(const char *phase)
{
    if (strcmp(phase, "finalize") == 0 && stage_requests("/finalize/") == 1) {
        stage.status = "pending";
        stage.ca.validation_reads = stage.reads + 3;
    }
}

AC_TEST(order_that_is_pending_again_after_all_is_waited_for)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    stage.hook = go_back;
    finalize_rule((struct fake_rule){
        .times = 1, .status = 403, .body = PROBLEM("orderNotReady", 403) });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage_requests("/finalize/"), 2);
    CU_ASSERT_EQUAL(fake_solvers_did("present"), 1);
}

AC_TEST(order_not_ready_for_ever_ends_the_run)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    finalize_rule((struct fake_rule){
        .times = 99, .status = 403, .body = PROBLEM("orderNotReady", 403) });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_PROBLEM);
    CU_ASSERT_STRING_EQUAL(stage.problem, "orderNotReady");
    CU_ASSERT(stage_requests("/finalize/") <= 4);
    CU_ASSERT(stage_elapsed_ms() >= 15000); /* machines of a CA may need to agree */
    CU_ASSERT(stage_elapsed_ms() < 30000);
}

AC_TEST(lost_answer_to_a_finalize_that_arrived_is_no_failure)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1, .issue_reads = 2 });
    finalize_rule((struct fake_rule){
        .times = 1, .failure = AC_E_NETWORK, .is_ambiguous = true });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage_requests("/finalize/"), 1);
    CU_ASSERT_EQUAL(stage.finalizes, 1);
}

AC_TEST(finalize_that_was_lost_is_sent_again)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    finalize_rule((struct fake_rule){ .times = 1,
                                      .status = NOT_SENT,
                                      .failure = AC_E_NETWORK,
                                      .is_ambiguous = true });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.finalizes, 1);
}

AC_TEST(gateway_that_gave_up_is_asked_again_after_its_pause)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    finalize_rule((struct fake_rule){
        .times = 1, .status = 502, .body = "<html>", .headers = "Retry-After: 9\n" });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.finalizes, 1);
    CU_ASSERT(stage_elapsed_ms() >= 9000);
}

/* FI-04. */
AC_TEST(refused_csr_is_not_sent_again)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    finalize_rule((struct fake_rule){
        .times = 99, .status = 400, .body = PROBLEM("badCSR", 400) });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_PROBLEM);
    CU_ASSERT_STRING_EQUAL(stage.error.problem, "badCSR");
    CU_ASSERT_EQUAL(stage_requests("/finalize/"), 1);
}

AC_TEST(wrong_certificate_is_refused_and_the_good_one_stays)
{
    static const struct stage_ca wrong[] = {
        { .name_count = 2, .fault = AC_PKI_BROKEN_SIGNATURE },
        { .name_count = 2, .fault = AC_PKI_OTHER_LINK },
        { .name_count = 2, .fault = AC_PKI_FOREIGN_LINK },
        { .name_count = 2, .fault = AC_PKI_LEAF_LAST },
        { .name_count = 2, .leaf_name = "victim.test" },
    };
    static char before[16384], after[16384];
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 2 });
    AC_REQUIRE_OK(stage_run("http", &err));
    AC_REQUIRE(read_current(before));
    for (size_t i = 0; i < AC_COUNT(wrong); i++) {
        stage_begin(&wrong[i]);
        AC_REQUIRE_OK(stage_run("http", &err));

        CU_ASSERT_EQUAL(stage.code, AC_E_PROTOCOL);
        CU_ASSERT_PTR_NOT_NULL(strstr(stage.error.detail, "nothing was stored"));
        CU_ASSERT_EQUAL(stage.version, 0);
        CU_ASSERT_FALSE(stage_has_file("order.json"));
        CU_ASSERT_FALSE(stage_has_file("order-key.pem"));
        CU_ASSERT_FALSE(stage_has_file("versions/0002/cert.pem"));
        AC_REQUIRE(read_current(after));
        CU_ASSERT_STRING_EQUAL(before, after);
    }
}

/* Our clock may be what is wrong. */
AC_TEST(certificate_of_another_time_costs_neither_order_nor_key)
{
    static const struct stage_ca times[] = {
        { .name_count = 1, .has_expired_leaf = true },
        { .name_count = 1, .has_early_leaf = true },
    };
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    for (size_t i = 0; i < AC_COUNT(times); i++) {
        stage_begin(&times[i]);
        AC_REQUIRE_OK(stage_run("http", &err));
        CU_ASSERT_EQUAL(stage.code, AC_E_PROTOCOL);
        CU_ASSERT_PTR_NOT_NULL(strstr(stage.error.detail, "our clock says"));
        CU_ASSERT(stage_has_file("order-key.pem"));

        stage.ca.has_expired_leaf = stage.ca.has_early_leaf = false;
        AC_REQUIRE_OK(stage_run("http", &err));
        CU_ASSERT_EQUAL(stage.code, AC_OK);
        CU_ASSERT_EQUAL(stage.orders, 1);
    }
}

AC_TEST(certificate_that_is_not_valid_yet_is_waited_for_by_any_number_of_runs)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1, .has_early_leaf = true });
    for (unsigned run = 0; run < 2 * AC_ISSUE_RUNS_MAX; run++)
        AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.orders, 1);
    CU_ASSERT(stage_has_file("order-key.pem"));
}

AC_TEST(page_in_place_of_the_certificate_is_asked_for_again)
{
    static const struct fake_rule pages[] = {
        { .url = "/certificate/", .body = "<html>" },
        { .url = "/certificate/",
          .body = "-----BEGIN CERTIFICATE-----\nMIIB",
          .headers = "Content-Type: application/pem-certificate-chain\n" },
        { .url = "/certificate/", .status = 404, .body = "" },
    };
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    for (size_t i = 0; i < AC_COUNT(pages); i++) {
        struct fake_rule rule = pages[i];

        rule.times = AC_ISSUE_DOWNLOAD_MAX - 1;
        stage_begin(&(struct stage_ca){ .name_count = 1 });
        fake_ca_rule(rule);
        AC_REQUIRE_OK(stage_run("http", &err));

        CU_ASSERT_EQUAL(stage.code, AC_OK);
        CU_ASSERT_EQUAL(stage_requests("/certificate/"), AC_ISSUE_DOWNLOAD_MAX);
        CU_ASSERT_EQUAL(stage.problem[0], '\0');
    }
}

/* The notes about it cannot be written, but it is there. */
AC_TEST(certificate_that_is_in_place_is_not_stored_again)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(stage_interrupted("validate", &err));
    AC_REQUIRE(mkdir(ac_test_path("state/certs/site/state.json"), 0700) == 0);
    stage.keeps_chain = true;
    for (unsigned run = 0; run < 3; run++) {
        AC_REQUIRE_OK(stage_run("http", &err));
        CU_ASSERT_EQUAL(stage.code, AC_E_STORE);
        CU_ASSERT_PTR_NOT_NULL(
            strstr(stage.error.detail, "new certificate is in place (version 1)"));
        CU_ASSERT_EQUAL(stage.version, 1);
    }
    AC_REQUIRE(rmdir(ac_test_path("state/certs/site/state.json")) == 0);
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.version, 1);
    CU_ASSERT_EQUAL(stage.orders, 1);
    CU_ASSERT_FALSE(stage_has_file("order-key.pem"));
    CU_ASSERT_FALSE(stage_has_file("versions/0002/cert.pem"));
}

/* Killed between the two renames: the version has its name, nothing leads to it. */
AC_TEST(version_that_is_there_and_not_current_is_made_current)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(stage_interrupted("validate", &err));
    AC_REQUIRE(mkdir(ac_test_path("state/certs/site/current"), 0700) == 0);
    stage.keeps_chain = true;
    AC_REQUIRE_OK(stage_run("http", &err));
    CU_ASSERT_EQUAL(stage.code, AC_E_STORE);
    CU_ASSERT(stage_has_file("versions/0001/cert.pem"));
    AC_REQUIRE(rmdir(ac_test_path("state/certs/site/current")) == 0);
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.version, 1);
    CU_ASSERT(stage_has_file("current/cert.pem"));
    CU_ASSERT_FALSE(stage_has_file("versions/0002/cert.pem"));
}

AC_TEST(order_that_stays_ready_after_each_finalize_ends_the_run)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    finalize_rule((struct fake_rule){
        .times = 999,
        .body = "{\"status\":\"ready\",\"identifiers\":[{\"type\":\"dns\",\"value\":"
                "\"a.test\"}],\"authorizations\":[\"https://ca.test/authorization/"
                "1-0\"],\"finalize\":\"https://ca.test/finalize/1\"}" });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_PROTOCOL);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.error.detail, "does not move on"));
    CU_ASSERT_EQUAL(stage_requests("/finalize/"), AC_ISSUE_FINALIZE_MAX + 1);
    CU_ASSERT(stage_elapsed_ms() < 30000);
}

AC_TEST(each_certificate_is_a_version_with_a_key_of_its_own)
{
    static char first[16384], second[16384];
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(stage_run("http", &err));
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.version, 2);
    AC_REQUIRE(
        ac_test_read_file(ac_test_path("state/certs/site/versions/0001/privkey.pem"),
                          first, sizeof first)
        > 0);
    AC_REQUIRE(ac_test_read_file(ac_test_path("state/certs/site/current/privkey.pem"),
                                 second, sizeof second)
               > 0);
    CU_ASSERT_STRING_NOT_EQUAL(first, second);
}

static void finalize_elsewhere(const char *phase)
{
    if (strcmp(phase, "validate") == 0)
        stage.status = "valid";
}

AC_TEST(order_that_somebody_else_finalized_is_not_ours)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    stage.hook = finalize_elsewhere;
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_PROTOCOL);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.error.detail, "somebody else"));
    CU_ASSERT_EQUAL(stage_requests("/certificate/"), 0);
    CU_ASSERT_FALSE(stage_has_file("order.json"));
    CU_ASSERT_EQUAL(fake_solvers_did("cleanup"), 1);
}

AC_TEST(download_that_fails_is_taken_up_by_the_next_run)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    fake_ca_rule((struct fake_rule){ .url = "/certificate/",
                                     .failure = AC_E_NETWORK,
                                     .times = AC_CLIENT_NETWORK_TRIES });
    AC_REQUIRE_OK(stage_run("http", &err));
    CU_ASSERT_EQUAL(stage.code, AC_E_NETWORK);
    CU_ASSERT(stage_has_file("order-key.pem"));

    AC_REQUIRE_OK(stage_run("http", &err));
    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.finalizes, 1);
    CU_ASSERT_EQUAL(stage.orders, 1);
}

/* CE-08. */
AC_TEST(certificate_that_cannot_be_stored_is_not_lost)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(stage_interrupted("validate", &err));
    AC_REQUIRE(ac_test_write_file(ac_test_path("state/certs/site/versions"),
                                  "in the way", 10));
    AC_REQUIRE_OK(stage_run("http", &err));
    CU_ASSERT_EQUAL(stage.code, AC_E_STORE);
    CU_ASSERT(stage_has_file("order.json"));
    CU_ASSERT(stage_has_file("order-key.pem"));

    AC_REQUIRE(unlink(ac_test_path("state/certs/site/versions")) == 0);
    AC_REQUIRE_OK(stage_run("http", &err));
    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.version, 1);
    CU_ASSERT_EQUAL(stage.orders, 1);
}

/* A run that is killed in between leaves no certificate that cannot be renewed. */
AC_TEST(first_version_is_not_stored_before_its_wish)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(stage_interrupted("validate", &err));
    CU_ASSERT_FALSE(stage_has_file(AC_WANTED_DOCUMENT));
    AC_REQUIRE(ac_test_write_file(ac_test_path("state/certs/site/versions"),
                                  "in the way", 10));
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_STORE);
    CU_ASSERT(stage_has_file(AC_WANTED_DOCUMENT));
}

static void become_valid(const char *phase)
{
    if (strcmp(phase, "validate") == 0)
        stage.status = "valid";
}

/* OR-07: a CA that shows no progress, or takes a request late. */
AC_TEST(order_that_reads_pending_and_was_finalized_before_is_not_foreign)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1, .issue_reads = 100000 });
    AC_REQUIRE_OK(stage_interrupted("issue", &err));
    stage.status = "pending";
    stage.names[0].status = STAGE_PENDING;
    stage.names[0].challenge = STAGE_PROCESSING;
    stage.ca.validation_reads = 100000;
    stage.hook = become_valid;
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT(stage.is_resumed);
    CU_ASSERT_EQUAL(stage.orders, 1);
    CU_ASSERT_EQUAL(stage.finalizes, 1);
}

AC_SUITE("engine/issue_certificate", AC_CASE(key_is_on_disk_before_finalize_is_sent),
         AC_CASE(finalize_answer_that_is_valid_already_needs_no_poll),
         AC_CASE(one_order_not_ready_is_survived),
         AC_CASE(order_that_is_pending_again_after_all_is_waited_for),
         AC_CASE(order_not_ready_for_ever_ends_the_run),
         AC_CASE(lost_answer_to_a_finalize_that_arrived_is_no_failure),
         AC_CASE(finalize_that_was_lost_is_sent_again),
         AC_CASE(gateway_that_gave_up_is_asked_again_after_its_pause),
         AC_CASE(refused_csr_is_not_sent_again),
         AC_CASE(wrong_certificate_is_refused_and_the_good_one_stays),
         AC_CASE(certificate_of_another_time_costs_neither_order_nor_key),
         AC_CASE(certificate_that_is_not_valid_yet_is_waited_for_by_any_number_of_runs),
         AC_CASE(page_in_place_of_the_certificate_is_asked_for_again),
         AC_CASE(certificate_that_is_in_place_is_not_stored_again),
         AC_CASE(version_that_is_there_and_not_current_is_made_current),
         AC_CASE(order_that_stays_ready_after_each_finalize_ends_the_run),
         AC_CASE(each_certificate_is_a_version_with_a_key_of_its_own),
         AC_CASE(order_that_somebody_else_finalized_is_not_ours),
         AC_CASE(download_that_fails_is_taken_up_by_the_next_run),
         AC_CASE(certificate_that_cannot_be_stored_is_not_lost),
         AC_CASE(first_version_is_not_stored_before_its_wish),
         AC_CASE(order_that_reads_pending_and_was_finalized_before_is_not_foreign))
