/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include "engine/issue/issue_steps.h"

#include "keys.h"

#define CURRENT "state/certs/" STAGE_CERT "/current/"

/* test_issue.c has the run with each allocation failing; these are about decisions. */

static bool read_key(char bytes[16384])
{
    return ac_test_read_file(ac_test_path(CURRENT "privkey.pem"), bytes, 16384) > 0;
}

static enum ac_code give_key_of(const char *source, struct ac_wanted *wanted,
                                struct ac_error *err)
{
    AC_AUTO(ac_secret) pem = { 0 };
    const char *path = ac_test_path("mine.pem");

    AC_TRY(ac_keys_read(source, &pem, err));
    if (!ac_test_write_file(path, pem.bytes, pem.size))
        return ac_fail(err, AC_E_SYSTEM, "no file");
    return ac_memory_copy_text(path, &wanted->key, err);
}

/* A file with the key of tests/data/keys/p384.pem. */
static enum ac_code give_key(struct ac_wanted *wanted, struct ac_error *err)
{
    return give_key_of(AC_TEST_DATA "/keys/p384.pem", wanted, err);
}

/* The same file, with another key. */
static enum ac_code give_other_key(struct ac_wanted *wanted, struct ac_error *err)
{
    return give_key_of(AC_TEST_DATA "/keys/p256.pem", wanted, err);
}

static enum ac_code give_no_key(struct ac_wanted *wanted, struct ac_error *err)
{
    return ac_memory_copy_text("/nowhere/key.pem", &wanted->key, err);
}

static enum ac_code give_account_key(struct ac_wanted *wanted, struct ac_error *err)
{
    char folder[512];

    (void)snprintf(folder, sizeof folder, "%s", ac_test_path("state/accounts"));
    AC_AUTO(ac_words) names = { 0 };
    AC_TRY(ac_file_list(folder, &names, err));
    if (names.count == 0)
        return ac_fail(err, AC_E_SYSTEM, "no account");
    return ac_memory_format(&wanted->key, err, "%s/%s/key.pem", folder, names.items[0]);
}

static enum ac_code reuse(struct ac_wanted *wanted, struct ac_error *err)
{
    (void)err;
    wanted->reuse_key = true;
    return AC_OK;
}

static enum ac_code reuse_of_another_type(struct ac_wanted *wanted,
                                          struct ac_error *err)
{
    (void)err;
    wanted->reuse_key = true;
    wanted->key_type = AC_KEY_ECDSA_P384;
    return AC_OK;
}

static enum ac_code want_staple(struct ac_wanted *wanted, struct ac_error *err)
{
    (void)err;
    wanted->must_staple = true;
    return AC_OK;
}

/* Has the certificate the key of this file? */
static enum ac_code is_key_of(const char *path, bool *ret_is, struct ac_error *err)
{
    char stored[16384] = "";
    AC_AUTO(ac_key) *ours = NULL;
    AC_AUTO(ac_key) *given = NULL;
    AC_AUTO(ac_secret) pem = { 0 };

    CU_ASSERT_TRUE(read_key(stored));
    AC_TRY(ac_secret_copy(stored, strlen(stored), &pem, err));
    AC_TRY(ac_key_parse(&pem, &ours, err));
    AC_TRY(ac_keys_load(path, &given, err));
    return ac_key_is_same(ours, given, ret_is, err);
}

AC_TEST(a_given_key_is_the_certificates)
{
    struct ac_error err = { 0 };
    bool is_same = false;

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    stage.wish = give_key;
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    AC_REQUIRE_OK(is_key_of(AC_TEST_DATA "/keys/p384.pem", &is_same, &err));
    CU_ASSERT_TRUE(is_same);
}

AC_TEST(a_key_that_is_not_there_ends_it_before_the_ca_is_asked)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    stage.wish = give_no_key;
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.error.detail, "/nowhere/key.pem"));
    CU_ASSERT_EQUAL(fake_ca.request_count, 0);
}

AC_TEST(the_key_of_an_account_is_refused)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(stage_run("http", &err));
    stage.wish = give_account_key;
    stage.status = "pending";
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.error.detail, "11.1"));
    CU_ASSERT_EQUAL(stage_requests("/finalize/"), 1);
}

static void check_reuse(enum ac_code (*again)(struct ac_wanted *, struct ac_error *),
                        bool wants_same)
{
    char first[16384], second[16384];
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(stage_run("http", &err));
    AC_REQUIRE(read_key(first));
    stage.wish = again;
    stage.status = "pending";
    memset(stage.names, 0, sizeof stage.names);
    AC_REQUIRE_OK(stage_run("http", &err));
    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.version, 2);
    AC_REQUIRE(read_key(second));

    CU_ASSERT_EQUAL(strcmp(first, second) == 0, wants_same);
}

AC_TEST(reuse_key_keeps_it)
{
    check_reuse(reuse, true);
}

AC_TEST(each_version_has_a_new_key_otherwise)
{
    check_reuse(NULL, false);
}

AC_TEST(a_key_of_another_type_is_not_reused)
{
    check_reuse(reuse_of_another_type, false);
}

AC_TEST(a_compromised_key_is_not_reused_in_spite_of_all)
{
    char first[16384], second[16384];
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(stage_run("http", &err));
    AC_REQUIRE(read_key(first));
    AC_REQUIRE_OK(stage_note_compromised(ac_test_path(CURRENT "privkey.pem"), &err));
    stage.wish = reuse;
    AC_REQUIRE_OK(stage_run("http", &err));
    AC_REQUIRE(read_key(second));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_STRING_NOT_EQUAL(first, second);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.warning, "compromised"));
}

AC_TEST(order_of_a_key_that_was_compromised_since_is_not_continued)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(stage_finalize_in_vain(&err));
    AC_REQUIRE_OK(stage_note_compromised(
        ac_test_path("state/certs/" STAGE_CERT "/order-key.pem"), &err));
    stage.ca.issue_reads = 0;
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_FALSE(stage.is_resumed);
    CU_ASSERT_EQUAL(stage.orders, 2);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.warning, "compromised"));
}

/* One order is finalized with the first wish; the next run has the second and --force.
 */
static enum ac_code force_after(
    enum ac_code (*before)(struct ac_wanted *, struct ac_error *),
    enum ac_code (*after)(struct ac_wanted *, struct ac_error *), struct ac_error *err)
{
    stage.wish = before;
    stage.ca.issue_reads = STAGE_MANY_READS;
    AC_TRY(stage_interrupted("issue", err));
    stage.wish = after;
    stage.ca.issue_reads = 0;
    stage.begins_anew = true;
    AC_TRY(stage_run("http", err));
    CU_ASSERT_EQUAL(stage.code, AC_OK);
    return AC_OK;
}

/* What is under way has the key that is held, and --force is given without it. */
AC_TEST(force_wants_a_new_key_when_none_is_to_be_reused)
{
    char first[16384], second[16384];
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(stage_run("http", &err));
    AC_REQUIRE(read_key(first));
    AC_REQUIRE_OK(force_after(reuse, NULL, &err));
    AC_REQUIRE(read_key(second));

    CU_ASSERT_EQUAL(stage.orders, 3);
    CU_ASSERT_STRING_NOT_EQUAL(first, second);
}

AC_TEST(force_wants_the_key_that_is_held_when_it_is_to_be_reused)
{
    char first[16384], second[16384];
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(stage_run("http", &err));
    AC_REQUIRE(read_key(first));
    AC_REQUIRE_OK(force_after(NULL, reuse, &err));
    AC_REQUIRE(read_key(second));

    CU_ASSERT_EQUAL(stage.orders, 3);
    CU_ASSERT_STRING_EQUAL(first, second);
}

AC_TEST(force_continues_what_reuses_the_key_that_is_held)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(stage_run("http", &err));
    AC_REQUIRE_OK(force_after(reuse, reuse, &err));
    CU_ASSERT_EQUAL(stage.orders, 2);

    /* Where none of that type is held there is none to reuse. */
    stage.begins_anew = false;
    AC_REQUIRE_OK(force_after(reuse_of_another_type, reuse_of_another_type, &err));
    CU_ASSERT_EQUAL(stage.orders, 3);
}

AC_TEST(force_wants_the_key_that_the_file_has_now)
{
    struct ac_error err = { 0 };
    bool is_same = false;

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(force_after(give_key, give_key, &err));
    CU_ASSERT_EQUAL(stage.orders, 1);
    stage.begins_anew = false;
    AC_REQUIRE_OK(force_after(give_key, give_other_key, &err));

    CU_ASSERT_EQUAL(stage.orders, 3);
    AC_REQUIRE_OK(is_key_of(AC_TEST_DATA "/keys/p256.pem", &is_same, &err));
    CU_ASSERT_TRUE(is_same);
}

AC_TEST(a_damaged_key_is_not_reused_and_costs_no_renewal)
{
    char first[16384], second[16384];
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(stage_run("http", &err));
    AC_REQUIRE(read_key(first));
    AC_REQUIRE(ac_test_write_file(ac_test_path(CURRENT "privkey.pem"), first, 60));
    stage.wish = reuse;
    stage.status = "pending";
    memset(stage.names, 0, sizeof stage.names);
    AC_REQUIRE_OK(stage_run("http", &err));
    AC_REQUIRE(read_key(second));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.version, 2);
    CU_ASSERT(strlen(second) > 60);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.warning, "privkey.pem"));
}

AC_TEST(a_given_key_that_is_compromised_is_refused)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(stage_run("http", &err));
    AC_REQUIRE_OK(stage_note_compromised(AC_TEST_DATA "/keys/p384.pem", &err));
    stage.wish = give_key;
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.error.detail, "compromised"));
    CU_ASSERT_EQUAL(stage_requests("/finalize/"), 1);
}

AC_TEST(a_certificate_without_the_staple_that_was_asked_for_is_not_kept)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    stage.wish = want_staple;
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_E_PROTOCOL);
    CU_ASSERT_PTR_NOT_NULL(strstr(stage.error.detail, "must-staple"));
    CU_ASSERT_FALSE(stage_has_file("current/cert.pem"));
}

AC_SUITE("engine/issue_key", AC_CASE(a_given_key_is_the_certificates),
         AC_CASE(a_key_that_is_not_there_ends_it_before_the_ca_is_asked),
         AC_CASE(the_key_of_an_account_is_refused), AC_CASE(reuse_key_keeps_it),
         AC_CASE(each_version_has_a_new_key_otherwise),
         AC_CASE(a_key_of_another_type_is_not_reused),
         AC_CASE(a_compromised_key_is_not_reused_in_spite_of_all),
         AC_CASE(order_of_a_key_that_was_compromised_since_is_not_continued),
         AC_CASE(force_wants_a_new_key_when_none_is_to_be_reused),
         AC_CASE(force_wants_the_key_that_is_held_when_it_is_to_be_reused),
         AC_CASE(force_continues_what_reuses_the_key_that_is_held),
         AC_CASE(force_wants_the_key_that_the_file_has_now),
         AC_CASE(a_damaged_key_is_not_reused_and_costs_no_renewal),
         AC_CASE(a_given_key_that_is_compromised_is_refused),
         AC_CASE(a_certificate_without_the_staple_that_was_asked_for_is_not_kept))
