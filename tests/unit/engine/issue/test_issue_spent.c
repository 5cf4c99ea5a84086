/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include "engine/held/held.h"

#include <sys/stat.h>
#include <unistd.h>

/* test_issue.c has the run with each allocation failing; these are about decisions. */

#define STATE "state/certs/" STAGE_CERT "/state.json"

/* The certificate is stored, and its run could not note that. */
static enum ac_code store_and_fail(enum ac_code (*wish)(struct ac_wanted *,
                                                        struct ac_error *),
                                   struct ac_error *err)
{
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    stage.keeps_chain = true;
    stage.wish = wish;
    AC_TRY(stage_interrupted("validate", err));
    (void)!mkdir(ac_test_path(STATE), 0700);
    AC_TRY(stage_run("http", err));
    CU_ASSERT_EQUAL(stage.code, AC_E_STORE);
    CU_ASSERT_EQUAL(stage.version, 1);
    return rmdir(ac_test_path(STATE)) == 0
               ? AC_OK
               : ac_fail(err, AC_E_SYSTEM, "there is no folder");
}

/* What a new order gives is another certificate. */
static void forget_chain(const char *phase)
{
    if (strcmp(phase, "validate") == 0)
        stage.keeps_chain = false;
}

static enum ac_code reuse(struct ac_wanted *wanted, struct ac_error *err)
{
    (void)err;
    wanted->reuse_key = true;
    return AC_OK;
}

static void check_force(enum ac_code (*wish)(struct ac_wanted *, struct ac_error *))
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(store_and_fail(wish, &err));
    stage.begins_anew = true;
    stage.hook = forget_chain;
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.version, 2);
    CU_ASSERT_EQUAL(stage.orders, 2);
    CU_ASSERT_FALSE(stage_has_file("order.json"));
}

AC_TEST(force_wants_another_than_is_stored_already)
{
    check_force(NULL);
}

AC_TEST(force_wants_another_of_the_same_key_too)
{
    check_force(reuse);
}

/* As revoking does. */
static enum ac_code note_revoked(struct ac_error *err)
{
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_held) held = { 0 };
    AC_AUTO(ac_state_revoked) revoked = { .revoked_at = fake_utc() };

    AC_TRY(ac_store_open(ac_test_path("state"), &store, err));
    AC_TRY(ac_held_load(store, STAGE_CERT, &held, err));
    AC_TRY(ac_memory_copy_text(held.fingerprint, &revoked.fingerprint, err));
    AC_TRY(ac_memory_copy_text("f", &revoked.key_fingerprint, err));
    AC_TRY(ac_memory_copy_text("superseded", &revoked.reason, err));
    AC_TRY(ac_state_add_revoked(&held.state, &revoked, err));
    return ac_state_save(&held.state, store, STAGE_CERT, err);
}

AC_TEST(what_was_revoked_since_is_not_kept)
{
    struct ac_error err = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(store_and_fail(NULL, &err));
    AC_REQUIRE_OK(note_revoked(&err));
    stage.hook = forget_chain;
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.version, 2);
    CU_ASSERT_EQUAL(stage.orders, 2);
}

AC_SUITE("engine/issue_spent", AC_CASE(force_wants_another_than_is_stored_already),
         AC_CASE(force_wants_another_of_the_same_key_too),
         AC_CASE(what_was_revoked_since_is_not_kept))
