/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/held/recall.h"

#include "engine/deploy/deployment.h"

#include <unistd.h>

#include "holding.h"

/* What syncing is good for shows in base; here it would only take time. */
int fsync(int fd)
{
    (void)fd;
    return 0;
}

static enum ac_code recall(struct ac_store *store, struct ac_state *ret_state,
                           struct ac_error *err)
{
    AC_TRY(ac_recall_origin(store, "www", err));
    ac_state_done(ret_state);
    return ac_state_load(store, "www", ret_state, err);
}

/* As a run noted it for this version, which may not be the current one. */
static enum ac_code note_version(struct ac_store *store, int64_t version,
                                 struct ac_error *err)
{
    AC_AUTO(ac_state) state = { .origin.version = version };

    AC_TRY(ac_memory_copy_text("of that version", &state.origin.serial, err));
    AC_TRY(ac_memory_copy_text("wished for", &state.origin.identity, err));
    AC_TRY(
        ac_memory_copy_text("https://that.test/dir", &state.origin.directory_url, err));
    state.trouble.next_attempt_at = AC_PKI_AFTER;
    return ac_state_save(&state, store, "www", err);
}

AC_TEST(lost_note_comes_back_from_the_files_and_the_wish)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_wanted) wanted = { 0 };
    AC_AUTO(ac_state) state = { 0 };
    AC_AUTO(ac_held) held = { 0 };

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE_OK(make_wanted("example.org", &wanted, &err));
    AC_REQUIRE_OK(ac_memory_copy_text("/a.conf", &wanted.configuration, &err));
    AC_REQUIRE_OK(ac_wanted_save(&wanted, store, &err));
    AC_REQUIRE_OK(recall(store, &state, &err));
    AC_REQUIRE_OK(ac_held_load(store, "www", &held, &err));

    CU_ASSERT_EQUAL(state.origin.version, 1);
    CU_ASSERT_EQUAL(state.origin.not_before, held.not_before);
    CU_ASSERT_EQUAL(state.origin.not_after, AC_PKI_AFTER);
    CU_ASSERT_STRING_EQUAL(state.origin.serial, held.serial);
    CU_ASSERT_STRING_EQUAL(state.origin.fingerprint, held.fingerprint);
    CU_ASSERT_STRING_EQUAL(state.origin.directory_url, DIRECTORY);
    CU_ASSERT_STRING_EQUAL(state.origin.configuration, "/a.conf");
    CU_ASSERT_PTR_NULL(state.origin.identity);
}

/* That it was served is not known any more. */
AC_TEST(its_installers_are_to_be_told_again)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_wanted) wanted = { 0 };
    AC_AUTO(ac_state) state = { 0 };
    struct ac_solver_spec *spec;

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE_OK(make_wanted("example.org", &wanted, &err));
    AC_REQUIRE_OK(
        ac_wanted_add_installer(&wanted, "web", "installer-files", &spec, &err));
    AC_REQUIRE_OK(ac_wanted_save(&wanted, store, &err));
    AC_REQUIRE_OK(recall(store, &state, &err));

    CU_ASSERT_EQUAL(ac_deployments_count(&state, 1, AC_DEPLOYMENT_PENDING), 1);
    CU_ASSERT_EQUAL(ac_deployments_due_at(&state, 1, AC_PKI_AFTER), 0);
}

AC_TEST(without_a_wish_the_files_alone_are_noted)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_state) state = { 0 };

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE_OK(recall(store, &state, &err));

    CU_ASSERT_EQUAL(state.origin.version, 1);
    CU_ASSERT_PTR_NULL(state.origin.directory_url);
}

/* A run was killed as it went back to another version. */
AC_TEST(note_of_another_version_becomes_one_of_this)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_state) state = { 0 };

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE_OK(note_version(store, 7, &err));
    AC_REQUIRE_OK(recall(store, &state, &err));

    CU_ASSERT_EQUAL(state.origin.version, 1);
    CU_ASSERT_STRING_EQUAL(state.origin.identity, "wished for");
    CU_ASSERT_PTR_NOT_NULL(ac_state_find_earlier(&state, 7));
    CU_ASSERT_EQUAL(state.trouble.next_attempt_at, 0);
}

AC_TEST(what_is_noted_stays)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_state) state = { 0 };

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE_OK(recall(store, &state, &err));
    state.trouble.next_attempt_at = AC_PKI_AFTER;
    AC_REQUIRE_OK(ac_state_save(&state, store, "www", &err));
    AC_REQUIRE_OK(recall(store, &state, &err));

    CU_ASSERT_EQUAL(state.trouble.next_attempt_at, AC_PKI_AFTER);
}

AC_TEST(one_that_a_run_works_on_is_left_to_it)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_lock) *lock = NULL;

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE_OK(ac_store_lock(store, AC_STORE_CERTIFICATES, "www", &lock, &err));

    CU_ASSERT_EQUAL(ac_recall_origin(store, "www", &err), AC_E_LOCKED);
}

AC_SUITE("engine/recall", AC_CASE(lost_note_comes_back_from_the_files_and_the_wish),
         AC_CASE(its_installers_are_to_be_told_again),
         AC_CASE(without_a_wish_the_files_alone_are_noted),
         AC_CASE(note_of_another_version_becomes_one_of_this),
         AC_CASE(what_is_noted_stays), AC_CASE(one_that_a_run_works_on_is_left_to_it))
