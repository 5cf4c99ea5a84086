/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#define STEP_MS 1000

struct scene {
    struct ac_store *store;
    struct ac_run *run;
};

static void scene_drop(struct scene *scene)
{
    ac_run_free(scene->run);
    ac_store_free(scene->store);
}

#define SCENE __attribute__((cleanup(scene_drop))) struct scene

static size_t shown;

static void count_progress(void *arg, const struct ac_progress *progress)
{
    (void)arg;
    shown += progress->phase != NULL && progress->waiting != NULL;
}

static enum ac_code scene_begin(struct scene *scene, struct ac_error *err)
{
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    shown = 0;
    AC_TRY(ac_store_open(ac_test_path("state"), &scene->store, err));
    stage.store = scene->store;
    struct ac_run_settings settings = {
        .store = scene->store,
        .place = { .directory_url = FAKE_DIRECTORY },
        .deadline_ms = ac_clock_after_ms((int64_t)STAGE_SECONDS * 1000),
        .registration = { .agrees_to_terms = true },
        .progress = count_progress,
        .progress_ms = STEP_MS,
    };
    return ac_run_new(&settings, &scene->run, err);
}

AC_TEST(new_run_asks_nobody_and_starts_nothing)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene, &err));

    CU_ASSERT_EQUAL(fake_ca.request_count, 0);
    CU_ASSERT_EQUAL(fake_solvers.started, 0);
    CU_ASSERT_PTR_NULL(ac_run_account_url(scene.run));
    CU_ASSERT_EQUAL(ac_run_counters(scene.run).requests, 0);
}

AC_TEST(directory_is_read_once)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };
    const struct ac_directory *directory = NULL;

    AC_REQUIRE_OK(scene_begin(&scene, &err));
    AC_REQUIRE_OK(ac_run_directory(scene.run, &directory, &err));
    AC_REQUIRE_OK(ac_run_directory(scene.run, &directory, &err));

    CU_ASSERT_STRING_EQUAL(directory->new_order, FAKE_ORDER_URL);
    CU_ASSERT_EQUAL(fake_ca.gets, 1);
}

AC_TEST(ca_that_is_silent_costs_no_more_than_the_deadline)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };
    const struct ac_directory *directory = NULL;

    AC_REQUIRE_OK(scene_begin(&scene, &err));
    fake_ca_rule((struct fake_rule){ .url = "/dir", .times = 9, .is_silent = true });
    int64_t began_ms = fake_ca.now_ms;
    AC_REQUIRE_CODE(ac_run_directory(scene.run, &directory, &err), AC_E_TIMEOUT);

    CU_ASSERT(fake_ca.now_ms - began_ms <= (int64_t)STAGE_SECONDS * 1000 + STEP_MS);
}

AC_TEST(signal_ends_any_wait)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };
    const struct ac_directory *directory = NULL;
    const struct ac_account *account = NULL;

    AC_REQUIRE_OK(scene_begin(&scene, &err));
    ac_clock_cancel(SIGTERM);
    AC_REQUIRE_CODE(ac_run_directory(scene.run, &directory, &err), AC_E_CANCELLED);
    CU_ASSERT_STRING_EQUAL(err.detail, "ended by SIGTERM");
    AC_REQUIRE_CODE(ac_run_register(scene.run, &account, &err), AC_E_CANCELLED);
    CU_ASSERT_EQUAL(fake_ca.request_count, 0);
    ac_clock_cancel(0);
}

AC_TEST(account_is_read_at_the_ca)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };
    AC_AUTO(ac_account) account = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene, &err));
    fake_ca_rule((struct fake_rule){ .url = "/account/1",
                                     .times = 9,
                                     .body = "{\"status\":\"valid\",\"contact\":["
                                             "\"mailto:a@example.org\"]}" });
    AC_REQUIRE_OK(ac_run_read_account(scene.run, &account, &err));

    CU_ASSERT_STRING_EQUAL(account.status, "valid");
    CU_ASSERT_EQUAL(account.contacts.count, 1);
    CU_ASSERT_STRING_EQUAL(ac_run_account_url(scene.run), FAKE_KID);
}

AC_TEST(account_that_the_ca_lost_is_registered_again)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };
    const struct ac_account *account = NULL;

    AC_REQUIRE_OK(scene_begin(&scene, &err));
    AC_REQUIRE_OK(ac_run_register(scene.run, &account, &err));
    AC_REQUIRE_OK(ac_run_register_again(scene.run, &account, &err));

    AC_REQUIRE(account != NULL);
    CU_ASSERT_STRING_EQUAL(account->url, ac_run_account_url(scene.run));
}

AC_TEST(changed_settings_are_checked_and_kept_without_the_ca)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };
    AC_AUTO(ac_wanted) kept = { 0 };
    SCENE scene = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene, &err));
    AC_REQUIRE_OK(stage_want("http", &wanted, &err));
    AC_REQUIRE_OK(ac_run_keep_wish(scene.run, &wanted, &err));
    AC_REQUIRE_OK(ac_wanted_load(scene.store, STAGE_CERT, &kept, &err));

    CU_ASSERT_EQUAL(fake_ca.request_count, 0);
    CU_ASSERT_EQUAL(kept.spec_count, wanted.spec_count);
}

AC_TEST(settings_that_cannot_be_used_are_not_kept)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };
    AC_AUTO(ac_wanted) kept = { 0 };
    SCENE scene = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene, &err));
    AC_REQUIRE_OK(stage_want("missing", &wanted, &err));
    AC_REQUIRE_CODE(ac_run_keep_wish(scene.run, &wanted, &err), AC_E_USAGE);
    AC_REQUIRE_CODE(ac_wanted_load(scene.store, STAGE_CERT, &kept, &err),
                    AC_E_NOTFOUND);

    CU_ASSERT_EQUAL(fake_ca.request_count, 0);
}

AC_TEST(progress_is_shown_while_nothing_moves)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };
    SCENE scene = { 0 };
    AC_AUTO(ac_issue) *issue = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(scene_begin(&scene, &err));
    stage.ca.issue_reads = 20; /* more than a minute */
    AC_REQUIRE_OK(stage_want("http", &wanted, &err));
    int64_t began_ms = fake_ca.now_ms;
    AC_REQUIRE_OK(ac_run_issue(scene.run, &wanted, &issue, &err));

    CU_ASSERT((int64_t)shown >= (fake_ca.now_ms - began_ms) / STEP_MS);
    CU_ASSERT_EQUAL(ac_run_counters(scene.run).requests, fake_ca.request_count);
}

AC_TEST(issue_that_cannot_begin_is_none)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };
    SCENE scene = { 0 };
    AC_AUTO(ac_lock) *lock = NULL;
    struct ac_issue *issue = NULL;

    AC_REQUIRE_OK(scene_begin(&scene, &err));
    AC_REQUIRE_OK(stage_want("http", &wanted, &err));
    AC_REQUIRE_OK(
        ac_store_lock(scene.store, AC_STORE_CERTIFICATES, STAGE_CERT, &lock, &err));
    AC_REQUIRE_CODE(ac_run_issue(scene.run, &wanted, &issue, &err), AC_E_LOCKED);

    CU_ASSERT_PTR_NULL(issue);
}

AC_SUITE("engine/run", AC_CASE(new_run_asks_nobody_and_starts_nothing),
         AC_CASE(directory_is_read_once),
         AC_CASE(ca_that_is_silent_costs_no_more_than_the_deadline),
         AC_CASE(signal_ends_any_wait), AC_CASE(account_is_read_at_the_ca),
         AC_CASE(account_that_the_ca_lost_is_registered_again),
         AC_CASE(changed_settings_are_checked_and_kept_without_the_ca),
         AC_CASE(settings_that_cannot_be_used_are_not_kept),
         AC_CASE(progress_is_shown_while_nothing_moves),
         AC_CASE(issue_that_cannot_begin_is_none))
