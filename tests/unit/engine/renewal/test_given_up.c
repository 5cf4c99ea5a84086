/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/renewal/given_up.h"

#include <string.h>
#include <unistd.h>

#include "check.h"

static char name[] = "www";

/* What syncing is good for shows in base; here it would only take time. */
int fsync(int fd)
{
    (void)fd;
    return 0;
}

static enum ac_code hold(bool is_given_up, struct ac_store **ret_store,
                         struct ac_error *err)
{
    AC_AUTO(ac_state) state = { 0 };

    state.origin.version = 1;
    state.origin.is_given_up = is_given_up;
    AC_TRY(ac_store_open(ac_test_path("state"), ret_store, err));
    return ac_state_save(&state, *ret_store, name, err);
}

static bool is_given_up(const struct ac_store *store)
{
    AC_AUTO(ac_state) state = { 0 };
    struct ac_error ignored;

    return ac_state_load(store, name, &state, &ignored) == AC_OK
           && state.origin.is_given_up;
}

AC_TEST(what_its_configuration_has_no_more_is_noted)
{
    const struct ac_upkeep_item item = { .name = name,
                                         .configured = AC_UPKEEP_NOT_CONFIGURED,
                                         .is_unwanted = true };
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;

    AC_REQUIRE_OK(hold(false, &store, &err));
    AC_REQUIRE_OK(ac_given_up_note(store, &item, &err));

    CU_ASSERT_TRUE(is_given_up(store));
}

AC_TEST(what_is_wanted_again_is_noted_too)
{
    const struct ac_upkeep_item item = { .name = name, .was_given_up = true };
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;

    AC_REQUIRE_OK(hold(true, &store, &err));
    AC_REQUIRE_OK(ac_given_up_note(store, &item, &err));

    CU_ASSERT_FALSE(is_given_up(store));
}

AC_TEST(where_nothing_changed_nothing_is_written)
{
    static const struct ac_upkeep_item items[] = {
        { .name = name },
        { .name = name, .configured = AC_UPKEEP_NOT_CONFIGURED },
        { .name = name,
          .configured = AC_UPKEEP_NOT_CONFIGURED,
          .is_unwanted = true,
          .was_given_up = true },
        { .name = name,
          .configured = AC_UPKEEP_NOT_CONFIGURED,
          .was_given_up = true }, /* by another configuration */
    };
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;

    AC_REQUIRE_OK(ac_store_open(ac_test_path("none"), &store, &err));
    for (size_t i = 0; i < AC_COUNT(items); i++)
        AC_REQUIRE_OK(ac_given_up_note(store, &items[i], &err));

    CU_ASSERT_NOT_EQUAL(access(ac_test_path("none"), F_OK), 0);
}

AC_SUITE("engine/given_up", AC_CASE(what_its_configuration_has_no_more_is_noted),
         AC_CASE(what_is_wanted_again_is_noted_too),
         AC_CASE(where_nothing_changed_nothing_is_written))
