/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/held/rollback.h"

#include "engine/renewal/upkeep.h"
#include "holding.h"

#include <string.h>
#include <unistd.h>

/* What syncing is good for shows in base; here it would only take time. */
int fsync(int fd)
{
    (void)fd;
    return 0;
}

/* Two versions, the second one current. */
static enum ac_code begin(struct ac_store **ret_store, struct ac_error *err)
{
    AC_TRY(open_and_hold(ret_store, err));
    return hold(*ret_store, usual_names, err);
}

static unsigned current_of(const struct ac_store *store)
{
    struct ac_error err = { 0 };
    unsigned number = 0;

    return ac_version_current(store, "www", &number, &err) == AC_OK ? number : 0;
}

static enum ac_code write_item(const struct ac_store *store, const char *item,
                               const char *text, struct ac_error *err)
{
    AC_AUTO_TEXT char *path = NULL;

    AC_TRY(ac_store_path(store, AC_STORE_CERTIFICATES, "www", item, &path, err));
    return ac_test_write_file(path, text, strlen(text))
               ? AC_OK
               : ac_fail(err, AC_E_SYSTEM, "the test cannot write");
}

AC_TEST(the_one_before_becomes_current)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    struct ac_rollback rollback = { 0 };

    AC_REQUIRE_OK(begin(&store, &err));
    AC_REQUIRE_OK(ac_rollback(store, "www", 0, AC_PKI_NOW, &rollback, &err));

    CU_ASSERT_EQUAL(rollback.from, 2);
    CU_ASSERT_EQUAL(rollback.to, 1);
    CU_ASSERT_EQUAL(rollback.not_after, AC_PKI_AFTER);
    CU_ASSERT_EQUAL(current_of(store), 1);
    AC_REQUIRE_OK(ac_rollback(store, "www", 2, AC_PKI_NOW, &rollback, &err));
    CU_ASSERT_EQUAL(current_of(store), 2);
}

AC_TEST(renewal_leaves_it_alone_for_a_day)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_upkeep) upkeep = { 0 };
    struct ac_rollback rollback = { 0 };
    int64_t late = AC_PKI_AFTER - 10 * DAY;
    const struct ac_upkeep_settings settings = { .utc = late };

    AC_REQUIRE_OK(begin(&store, &err));
    AC_REQUIRE_OK(ac_rollback(store, "www", 0, late, &rollback, &err));
    CU_ASSERT_EQUAL(rollback.rest_until, late + AC_ROLLBACK_REST_S);
    struct ac_upkeep_settings with_store = settings;
    with_store.store = store;
    AC_REQUIRE_OK(ac_upkeep_survey(&with_store, &upkeep, &err));

    AC_REQUIRE(upkeep.count == 1);
    CU_ASSERT_EQUAL(upkeep.items[0].plan.attempt_at, rollback.rest_until);
    CU_ASSERT_FALSE(ac_upkeep_is_due(&upkeep.items[0], late));
    CU_ASSERT_TRUE(ac_upkeep_is_due(&upkeep.items[0], rollback.rest_until));
}

/* A look that has nothing to tell of it need not read its wish; and a configuration
 * that had it no more does not bring it back while it cannot be read. */
AC_TEST(what_goes_with_the_wish_stays_noted)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_state) state = {
        .origin = { .version = 2, .is_silent = true, .is_given_up = true }
    };
    AC_AUTO(ac_state) after = { 0 };
    struct ac_rollback rollback = { 0 };

    AC_REQUIRE_OK(begin(&store, &err));
    AC_REQUIRE_OK(ac_state_save(&state, store, "www", &err));
    AC_REQUIRE_OK(ac_rollback(store, "www", 1, AC_PKI_NOW, &rollback, &err));
    AC_REQUIRE_OK(ac_state_load(store, "www", &after, &err));

    CU_ASSERT_EQUAL(after.origin.version, 1);
    CU_ASSERT_TRUE(after.origin.is_silent);
    CU_ASSERT_TRUE(after.origin.is_given_up);
}

AC_TEST(rest_is_no_longer_than_half_of_what_is_left)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    struct ac_rollback rollback = { 0 };

    AC_REQUIRE_OK(begin(&store, &err));
    AC_REQUIRE_OK(ac_rollback(store, "www", 0, AC_PKI_AFTER - 3600, &rollback, &err));

    CU_ASSERT_EQUAL(rollback.rest_until, AC_PKI_AFTER - 1800);
}

AC_TEST(version_that_is_not_there_or_current_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    struct ac_rollback rollback = { 0 };

    AC_REQUIRE_OK(begin(&store, &err));
    AC_REQUIRE_CODE(ac_rollback(store, "www", 7, AC_PKI_NOW, &rollback, &err),
                    AC_E_USAGE);
    CU_ASSERT_STRING_EQUAL(err.detail, "www has no version 7; there is 1, 2");
    AC_REQUIRE_CODE(ac_rollback(store, "www", 2, AC_PKI_NOW, &rollback, &err),
                    AC_E_USAGE);
    CU_ASSERT_STRING_EQUAL(err.detail, "version 2 of www is current");
    AC_REQUIRE_OK(ac_rollback(store, "www", 1, AC_PKI_NOW, &rollback, &err));
    AC_REQUIRE_CODE(ac_rollback(store, "www", 0, AC_PKI_NOW, &rollback, &err),
                    AC_E_USAGE);
    CU_ASSERT_STRING_EQUAL(err.detail, "www has no earlier version");
}

AC_TEST(version_that_is_not_whole_does_not_become_current)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    struct ac_rollback rollback = { 0 };

    AC_REQUIRE_OK(begin(&store, &err));
    AC_REQUIRE_OK(write_item(store, "versions/0001/cert.pem", "x", &err));
    AC_REQUIRE_CODE(ac_rollback(store, "www", 1, AC_PKI_NOW, &rollback, &err),
                    AC_E_STORE);
    CU_ASSERT_STRING_EQUAL(err.detail, "version 1 of www cannot be used: cert.pem is "
                                       "not of the chain in fullchain.pem");
    CU_ASSERT_EQUAL(current_of(store), 2);
}

AC_TEST(version_that_has_expired_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    struct ac_rollback rollback = { 0 };

    AC_REQUIRE_OK(begin(&store, &err));
    AC_REQUIRE_CODE(ac_rollback(store, "www", 1, AC_PKI_AFTER + 1, &rollback, &err),
                    AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "version 1 of www expired at "));
}

AC_TEST(version_that_was_revoked_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_state) state = { 0 };
    AC_AUTO(ac_state_revoked) revoked = { 0 };
    struct ac_rollback rollback = { 0 };

    AC_REQUIRE_OK(begin(&store, &err));
    AC_REQUIRE_OK(ac_rollback(store, "www", 1, AC_PKI_NOW, &rollback, &err));
    AC_REQUIRE_OK(ac_state_load(store, "www", &state, &err));
    AC_REQUIRE_OK(
        ac_memory_copy_text(state.origin.fingerprint, &revoked.fingerprint, &err));
    AC_REQUIRE_OK(ac_memory_copy_text("ab", &revoked.key_fingerprint, &err));
    AC_REQUIRE_OK(ac_memory_copy_text("keyCompromise", &revoked.reason, &err));
    revoked.version = 1;
    AC_REQUIRE_OK(ac_state_add_revoked(&state, &revoked, &err));
    AC_REQUIRE_OK(ac_state_save(&state, store, "www", &err));
    AC_REQUIRE_OK(ac_version_switch(store, "www", 2, &err));
    AC_REQUIRE_CODE(ac_rollback(store, "www", 1, AC_PKI_NOW, &rollback, &err),
                    AC_E_USAGE);

    CU_ASSERT_STRING_EQUAL(err.detail, "version 1 of www was revoked (keyCompromise)");
    CU_ASSERT_EQUAL(current_of(store), 2);
}

AC_TEST(certificate_that_a_run_works_on_is_left_alone)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_lock) *lock = NULL;
    struct ac_rollback rollback = { 0 };

    AC_REQUIRE_OK(begin(&store, &err));
    AC_REQUIRE_OK(ac_store_lock(store, AC_STORE_CERTIFICATES, "www", &lock, &err));
    AC_REQUIRE_CODE(ac_rollback(store, "www", 0, AC_PKI_NOW, &rollback, &err),
                    AC_E_LOCKED);
}

AC_SUITE("engine/rollback", AC_CASE(the_one_before_becomes_current),
         AC_CASE(renewal_leaves_it_alone_for_a_day),
         AC_CASE(what_goes_with_the_wish_stays_noted),
         AC_CASE(rest_is_no_longer_than_half_of_what_is_left),
         AC_CASE(version_that_is_not_there_or_current_is_refused),
         AC_CASE(version_that_is_not_whole_does_not_become_current),
         AC_CASE(version_that_has_expired_is_refused),
         AC_CASE(version_that_was_revoked_is_refused),
         AC_CASE(certificate_that_a_run_works_on_is_left_alone))
