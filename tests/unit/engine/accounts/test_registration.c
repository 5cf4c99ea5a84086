/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/accounts/account_file.h"
#include "stage.h"

#include <unistd.h>

#define PROBLEM(type, status)                                                          \
    "{\"type\":\"" STAGE_ACME type "\",\"detail\":\"so not\",\"status\":" #status "}"

static size_t questions;
static bool is_agreed_to;

static bool ask(void *arg, const char *url)
{
    (void)arg;
    questions += strcmp(url, "https://ca.test/terms") == 0;
    return is_agreed_to;
}

/* What a run that only registers comes to, and whether it made the account. */
static enum ac_code enrol(const struct ac_registration_settings *settings,
                          bool *ret_is_new, struct ac_error *err)
{
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_run) *run = NULL;
    const struct ac_account *account = NULL;

    AC_TRY(ac_store_open(ac_test_path("state"), &store, err));
    struct ac_run_settings run_settings = {
        .store = store,
        .place = { .directory_url = FAKE_DIRECTORY, .account = settings->account },
        .deadline_ms = ac_clock_after_ms((int64_t)STAGE_SECONDS * 1000),
        .registration = *settings,
    };
    AC_TRY(ac_run_new(&run_settings, &run, err));
    AC_TRY(ac_run_register(run, &account, err));
    *ret_is_new = account && account->is_new;
    return strcmp(ac_run_account_url(run), FAKE_KID) == 0
               ? AC_OK
               : ac_fail(err, AC_E_PROTOCOL, "another account");
}

static bool find_file(const char *item, char path[512])
{
    AC_AUTO_TEXT char *ca = NULL;
    struct ac_error err = { 0 };

    if (ac_store_ca_name(FAKE_DIRECTORY, &ca, &err) != AC_OK)
        return false;
    (void)snprintf(path, 512, "%s/accounts/%s/%s", ac_test_path("state"), ca, item);
    return access(path, F_OK) == 0;
}

static const struct ac_registration_settings agreed = { .agrees_to_terms = true };

AC_TEST(account_is_registered_once_and_then_loaded)
{
    struct ac_error err = { 0 };
    char path[512];
    bool is_new = false;

    stage_begin(&(struct stage_ca){ 0 });
    AC_REQUIRE_OK(enrol(&agreed, &is_new, &err));
    CU_ASSERT(is_new);
    CU_ASSERT(find_file("key.pem", path));
    CU_ASSERT(find_file("account.json", path));
    CU_ASSERT_PTR_NOT_NULL(strstr(fake_ca.requests[fake_ca.request_count - 1].payload,
                                  "\"termsOfServiceAgreed\":true"));

    size_t requests = fake_ca.request_count;
    AC_REQUIRE_OK(enrol(&agreed, &is_new, &err));
    CU_ASSERT_FALSE(is_new);
    CU_ASSERT_EQUAL(fake_ca.request_count, requests);
}

AC_TEST(nobody_agrees_but_the_user)
{
    struct ac_registration_settings settings = { .ask_terms = ask };
    struct ac_error err = { 0 };
    char path[512];
    bool is_new;

    stage_begin(&(struct stage_ca){ 0 });
    is_agreed_to = false;
    questions = 0;
    AC_REQUIRE_CODE(enrol(&settings, &is_new, &err), AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "https://ca.test/terms"));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "you did not agree"));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "--agree-tos"));
    CU_ASSERT_EQUAL(questions, 1);
    CU_ASSERT_EQUAL(stage.accounts, 0);
    CU_ASSERT_FALSE(find_file("key.pem", path));

    is_agreed_to = true;
    AC_REQUIRE_OK(enrol(&settings, &is_new, &err));
    CU_ASSERT_EQUAL(questions, 2);
    CU_ASSERT(is_new);
}

AC_TEST(without_anybody_to_ask_consent_must_be_given)
{
    struct ac_registration_settings settings = { 0 };
    struct ac_error err = { 0 };
    bool is_new;

    stage_begin(&(struct stage_ca){ 0 });
    AC_REQUIRE_CODE(enrol(&settings, &is_new, &err), AC_E_USAGE);

    CU_ASSERT_EQUAL(stage.accounts, 0);
}

/* newAccount is idempotent by key (7.3.1): the key outlives the run that was cut short.
 */
AC_TEST(key_of_a_registration_that_was_cut_short_is_used_again)
{
    static char before[8192], after[8192];
    struct ac_error err = { 0 };
    char path[512];
    bool is_new = true;

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ 0 });
    fake_ca_rule((struct fake_rule){ .url = "/new-account",
                                     .failure = AC_E_NETWORK,
                                     .is_ambiguous = true,
                                     .times = AC_CLIENT_NETWORK_TRIES });
    AC_REQUIRE_CODE(enrol(&agreed, &is_new, &err), AC_E_NETWORK);
    AC_REQUIRE(find_file("key.pem", path));
    AC_REQUIRE(ac_test_read_file(path, before, sizeof before) > 0);
    AC_REQUIRE_OK(enrol(&agreed, &is_new, &err));

    CU_ASSERT_FALSE(is_new); /* it was there already */
    AC_REQUIRE(ac_test_read_file(path, after, sizeof after) > 0);
    CU_ASSERT_STRING_EQUAL(before, after);
}

AC_TEST(damaged_files_are_named)
{
    static const struct {
        const char *item, *bytes;
    } cases[] = {
        { "key.pem", "no key" },
        { "account.json", "{\"schema\":1}" },
        { "account.json", "{\"schema\":1,\"url\":7}" },
        { "account.json", "{\"schema\":1,\"url\":\"no url\"}" },
        { "account.json", "no document" },
    };
    struct ac_error err = { 0 };
    char path[512];
    bool is_new;

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ 0 });
    AC_REQUIRE_OK(enrol(&agreed, &is_new, &err));
    for (size_t i = 0; i < AC_COUNT(cases); i++) {
        char good[8192];

        AC_REQUIRE(find_file(cases[i].item, path));
        AC_REQUIRE(ac_test_read_file(path, good, sizeof good) > 0);
        AC_REQUIRE(ac_test_write_file(path, cases[i].bytes, strlen(cases[i].bytes)));
        AC_REQUIRE_CODE(enrol(&agreed, &is_new, &err), AC_E_STORE);
        CU_ASSERT_EQUAL(err.code, AC_E_STORE);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, cases[i].item));
        AC_REQUIRE(ac_test_write_file(path, good, strlen(good)));
    }
    CU_ASSERT_EQUAL(stage.accounts, 1);
}

AC_TEST(two_runs_do_not_register_at_once)
{
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_lock) *lock = NULL;
    AC_AUTO_TEXT char *ca = NULL;
    struct ac_error err = { 0 };
    bool is_new;

    stage_begin(&(struct stage_ca){ 0 });
    AC_REQUIRE_OK(ac_store_open(ac_test_path("state"), &store, &err));
    AC_REQUIRE_OK(ac_store_ca_name(FAKE_DIRECTORY, &ca, &err));
    AC_REQUIRE_OK(ac_store_lock(store, AC_STORE_ACCOUNTS, ca, &lock, &err));
    AC_REQUIRE_CODE(enrol(&agreed, &is_new, &err), AC_E_LOCKED);

    CU_ASSERT_EQUAL(stage.accounts, 0);
}

AC_TEST(refusal_of_the_account_is_the_result)
{
    struct ac_error err = { 0 };
    char path[512];
    bool is_new;

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ 0 });
    fake_ca_rule((struct fake_rule){ .url = "/new-account",
                                     .times = 9,
                                     .status = 400,
                                     .body = PROBLEM("invalidContact", 400) });
    AC_REQUIRE_CODE(enrol(&agreed, &is_new, &err), AC_E_PROBLEM);

    CU_ASSERT_STRING_EQUAL(err.problem, "invalidContact");
    CU_ASSERT_FALSE(find_file("account.json", path));
}

static enum ac_code finish(struct ac_client *client,
                           struct ac_registration *registration, struct ac_error *err)
{
    for (int turn = 0; turn < 20 && !ac_registration_is_done(registration); turn++) {
        ac_client_step(client);
        ac_registration_step(registration);
        fake_ca_turn();
    }
    return ac_registration_result(registration, err);
}

AC_TEST(registration_is_tried_again_only_once)
{
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_client) *client = NULL;
    AC_AUTO(ac_registration) *registration = NULL;
    struct ac_error err = { 0 };

    stage_begin(&(struct stage_ca){ 0 });
    AC_REQUIRE_OK(ac_store_open(ac_test_path("state"), &store, &err));
    struct ac_client_settings settings = { .directory_url = FAKE_DIRECTORY,
                                           .deadline_ms = AC_CLOCK_NEVER };
    AC_REQUIRE_OK(ac_client_new(&settings, &client, &err));
    struct ac_registration_settings wish = agreed;
    wish.store = store;
    wish.client = client;
    wish.directory_url = FAKE_DIRECTORY;
    AC_REQUIRE_OK(ac_registration_new(&wish, &registration, &err));

    CU_ASSERT(ac_registration_again(registration, 0)); /* it is under way */
    CU_ASSERT_EQUAL(ac_registration_lookups(registration), 0);
    AC_REQUIRE_OK(finish(client, registration, &err));
    CU_ASSERT(ac_registration_again(registration, 0));
    CU_ASSERT_EQUAL(ac_registration_lookups(registration), 1);
    AC_REQUIRE_OK(finish(client, registration, &err));
    CU_ASSERT(
        ac_registration_again(registration, 0)); /* of another one, refused before */
    CU_ASSERT(ac_registration_is_done(registration));
    CU_ASSERT_FALSE(ac_registration_again(registration, 1));
}

AC_TEST(mac_key_is_read_in_any_base64_and_its_file_is_named)
{
    static const char *const good[] = { "AAECAwQFBgcICQoLDA0ODw",
                                        "AAECAwQFBgcICQoLDA0ODw==\n" };
    struct ac_error err = { 0 };

    for (size_t i = 0; i < AC_COUNT(good); i++) {
        AC_AUTO(ac_secret) key = { 0 };
        struct ac_secret file = { .bytes = (uint8_t *)good[i],
                                  .size = strlen(good[i]) };

        AC_REQUIRE_OK(ac_registration_read_mac_key(&file, "mac.key", &key, &err));
        CU_ASSERT_EQUAL(key.size, 16);
    }
    AC_AUTO(ac_secret) key = { 0 };
    struct ac_secret bad = { .bytes = (uint8_t *)"not*base64", .size = 10 };
    AC_REQUIRE_CODE(ac_registration_read_mac_key(&bad, "mac.key", &key, &err),
                    AC_E_USAGE);
    CU_ASSERT_EQUAL(err.code, AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "mac.key"));
}

static struct ac_lock *held_lock;

/* Another run registers, and is done a second later. */
static void release(const char *phase)
{
    (void)phase;
    if (held_lock && fake_ca.now_ms > stage.started_ms + 1000) {
        ac_lock_free(held_lock);
        held_lock = NULL;
    }
}

AC_TEST(run_that_registers_elsewhere_is_waited_for)
{
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO_TEXT char *ca = NULL;
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(ac_store_open(ac_test_path("state"), &store, &err));
    AC_REQUIRE_OK(ac_store_ca_name(FAKE_DIRECTORY, &ca, &err));
    AC_REQUIRE_OK(ac_store_lock(store, AC_STORE_ACCOUNTS, ca, &held_lock, &err));
    stage.hook = release;
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_PTR_NULL(held_lock);
    CU_ASSERT(stage_elapsed_ms() < 5000);
}

/* What the other run kept is ours, too. */
static void register_elsewhere(const char *phase)
{
    struct ac_error err = { 0 };
    bool is_new = false;

    if (strcmp(phase, "account") != 0 || !held_lock)
        return;
    ac_lock_free(held_lock);
    held_lock = NULL;
    stage.is_out_of_memory = enrol(&agreed, &is_new, &err) != AC_OK;
}

AC_TEST(account_that_another_run_made_meanwhile_is_taken)
{
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO_TEXT char *ca = NULL;
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(ac_store_open(ac_test_path("state"), &store, &err));
    AC_REQUIRE_OK(ac_store_ca_name(FAKE_DIRECTORY, &ca, &err));
    AC_REQUIRE_OK(ac_store_lock(store, AC_STORE_ACCOUNTS, ca, &held_lock, &err));
    stage.hook = register_elsewhere;
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.accounts, 1);
}

AC_TEST(accounts_by_name_are_apart)
{
    struct ac_registration_settings named = { .agrees_to_terms = true,
                                              .account = "ops" };
    struct ac_error err = { 0 };
    char path[512];
    bool is_new = false;

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ 0 });
    AC_REQUIRE_OK(enrol(&agreed, &is_new, &err));
    AC_REQUIRE_OK(enrol(&named, &is_new, &err));
    size_t requests = fake_ca.request_count;
    AC_REQUIRE_OK(enrol(&named, &is_new, &err));

    CU_ASSERT_EQUAL(fake_ca.request_count, requests);
    CU_ASSERT(find_file("../../accounts", path)); /* the CA's own one is there */
    CU_ASSERT_EQUAL(stage_requests("/new-account"), 2);
}

AC_TEST(account_that_was_deactivated_is_replaced_only_by_who_says_so)
{
    struct ac_registration_settings replacing = { .agrees_to_terms = true,
                                                  .replaces_retired = true };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO_TEXT char *ca = NULL;
    AC_AUTO_TEXT char *retired = NULL;
    struct ac_error err = { 0 };
    bool is_new = false;

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ 0 });
    AC_REQUIRE_OK(enrol(&agreed, &is_new, &err));
    AC_REQUIRE_OK(ac_store_open(ac_test_path("state"), &store, &err));
    AC_REQUIRE_OK(ac_store_ca_name(FAKE_DIRECTORY, &ca, &err));
    AC_REQUIRE_OK(ac_account_file_retire(store, ca, &retired, &err));
    size_t requests = fake_ca.request_count;
    AC_REQUIRE_CODE(enrol(&agreed, &is_new, &err), AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "acmecore account register"));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, retired));
    CU_ASSERT_EQUAL(fake_ca.request_count, requests);
    AC_REQUIRE_OK(enrol(&replacing, &is_new, &err));
    AC_REQUIRE_OK(enrol(&agreed, &is_new, &err)); /* there is one again */
}

AC_TEST(run_that_changes_the_account_is_waited_for)
{
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_lock) *claim = NULL;
    AC_AUTO_TEXT char *ca = NULL;
    struct ac_error err = { 0 };
    bool is_new = false;

    AC_REQUIRE(!ac_check_is_torture());
    stage_begin(&(struct stage_ca){ 0 });
    AC_REQUIRE_OK(enrol(&agreed, &is_new, &err));
    AC_REQUIRE_OK(ac_store_open(ac_test_path("state"), &store, &err));
    AC_REQUIRE_OK(ac_store_ca_name(FAKE_DIRECTORY, &ca, &err));
    AC_REQUIRE_OK(ac_store_claim(store, AC_STORE_ACCOUNTS, ca, &claim, &err));
    int64_t before_ms = fake_ca.now_ms;
    AC_REQUIRE_CODE(enrol(&agreed, &is_new, &err), AC_E_LOCKED);

    CU_ASSERT(fake_ca.now_ms - before_ms >= AC_REGISTRATION_LOCK_MS);
    CU_ASSERT(fake_ca.now_ms - before_ms < AC_REGISTRATION_LOCK_MS + 1000);
}

AC_TEST(account_that_is_there_needs_no_binding)
{
    const struct ac_error gone = { .code = AC_E_USAGE, .detail = "X is not set" };
    const struct ac_registration_settings settings = { .agrees_to_terms = true,
                                                       .eab_kid = "kid-1",
                                                       .trouble = &gone };
    struct ac_error err = { 0 };
    bool is_new = false;

    stage_begin(&(struct stage_ca){ 0 });
    AC_REQUIRE_OK(enrol(&agreed, &is_new, &err));
    size_t requests = fake_ca.request_count;
    AC_REQUIRE_OK(enrol(&settings, &is_new, &err));

    CU_ASSERT_FALSE(is_new);
    CU_ASSERT_EQUAL(fake_ca.request_count, requests);
}

AC_TEST(account_that_cannot_be_made_as_it_is_to_be_is_not_begun)
{
    const struct ac_error gone = { .code = AC_E_USAGE, .detail = "X is not set" };
    const struct ac_registration_settings settings = { .agrees_to_terms = true,
                                                       .eab_kid = "kid-1",
                                                       .trouble = &gone };
    struct ac_error err = { 0 };
    char path[512];
    bool is_new = false;

    stage_begin(&(struct stage_ca){ 0 });
    AC_REQUIRE_CODE(enrol(&settings, &is_new, &err), AC_E_USAGE);

    CU_ASSERT_STRING_EQUAL(err.detail, "a new account at " FAKE_DIRECTORY
                                       " cannot be made: X is not set");
    CU_ASSERT_EQUAL(fake_ca.request_count, 0);
    CU_ASSERT_FALSE(find_file("key.pem", path));
}

AC_SUITE("engine/registration", AC_CASE(run_that_registers_elsewhere_is_waited_for),
         AC_CASE(account_that_another_run_made_meanwhile_is_taken),
         AC_CASE(account_is_registered_once_and_then_loaded),
         AC_CASE(nobody_agrees_but_the_user),
         AC_CASE(without_anybody_to_ask_consent_must_be_given),
         AC_CASE(key_of_a_registration_that_was_cut_short_is_used_again),
         AC_CASE(damaged_files_are_named), AC_CASE(two_runs_do_not_register_at_once),
         AC_CASE(refusal_of_the_account_is_the_result),
         AC_CASE(registration_is_tried_again_only_once),
         AC_CASE(mac_key_is_read_in_any_base64_and_its_file_is_named),
         AC_CASE(account_that_is_there_needs_no_binding),
         AC_CASE(account_that_cannot_be_made_as_it_is_to_be_is_not_begun),
         AC_CASE(accounts_by_name_are_apart),
         AC_CASE(account_that_was_deactivated_is_replaced_only_by_who_says_so),
         AC_CASE(run_that_changes_the_account_is_waited_for))
