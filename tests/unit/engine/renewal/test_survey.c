/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/renewal/survey.h"

#include <stdlib.h>
#include <unistd.h>

#include "holding.h"

/* What syncing is good for shows in base; here it would only take time. */
int fsync(int fd)
{
    (void)fd;
    return 0;
}

#define DUE_AT (AC_PKI_AFTER - DAY) /* all that is held is due by then */

/* As a run has noted it by a clock that was so far ahead. */
static enum ac_code note_failure(struct ac_store *store, int64_t ahead_s,
                                 struct ac_error *err)
{
    AC_AUTO(ac_state) state = { 0 };
    struct ac_error why = { 0 };
    int64_t utc = DUE_AT + ahead_s;

    (void)ac_fail(&why, AC_E_NETWORK, "nobody answers");
    AC_TRY(ac_state_note_failure(&state, &why, utc, utc + 3600, err));
    return ac_state_save(&state, store, "www", err);
}

static enum ac_code look_by(struct ac_store *store,
                            const struct ac_upkeep_source *source,
                            struct ac_upkeep_item *item, struct ac_error *err)
{
    const struct ac_upkeep_settings settings = { .store = store, .utc = DUE_AT };
    AC_AUTO(ac_survey) survey = {
        .settings = &settings, .source = source, .item = item, .calendar.store = store
    };

    *item = (struct ac_upkeep_item){ .name = (char *)"www",
                                     .configured = AC_UPKEEP_NOT_CONFIGURED,
                                     .deploy_at = AC_PLAN_NEVER };
    enum ac_code code = ac_survey_one(&survey, err);
    CU_ASSERT_TRUE(code != AC_OK || survey.is_ours);
    free(AC_TAKE(item->damage));
    return code;
}

static enum ac_code look(struct ac_store *store, struct ac_upkeep_item *item,
                         struct ac_error *err)
{
    static const struct ac_upkeep_source none;

    return look_by(store, &none, item, err);
}

AC_TEST(what_was_given_up_is_left_alone_while_the_configuration_is_wrong)
{
    static const struct ac_upkeep_source none;
    static const struct ac_upkeep_source wrong = { .is_wrong = true };
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_state) state = { 0 };
    struct ac_upkeep_item wanted;
    struct ac_upkeep_item given_up;
    struct ac_upkeep_item unasked;

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE_OK(look_by(store, &wrong, &wanted, &err));
    AC_REQUIRE_OK(ac_state_load(store, "www", &state, &err));
    state.origin.is_given_up = true;
    AC_REQUIRE_OK(ac_state_save(&state, store, "www", &err));
    AC_REQUIRE_OK(look_by(store, &wrong, &given_up, &err));
    AC_REQUIRE_OK(look_by(store, &none, &unasked, &err));

    CU_ASSERT_FALSE(wanted.is_unwanted || wanted.was_given_up);
    CU_ASSERT_TRUE(given_up.is_unwanted && given_up.was_given_up);
    CU_ASSERT_FALSE(ac_upkeep_is_due(&given_up, DUE_AT));
    CU_ASSERT_FALSE(unasked.is_unwanted);
}

AC_TEST(what_failed_rests)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    struct ac_upkeep_item item;

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE_OK(note_failure(store, 0, &err));
    AC_REQUIRE_OK(look(store, &item, &err));

    CU_ASSERT_TRUE(item.is_resting);
    CU_ASSERT_EQUAL(item.plan.attempt_at, DUE_AT + 3600);
}

AC_TEST(what_failed_by_a_clock_that_was_years_ahead_does_not_rest_until_then)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    struct ac_upkeep_item item;

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE_OK(note_failure(store, 8 * 365 * DAY, &err));
    AC_REQUIRE_OK(look(store, &item, &err));

    CU_ASSERT_FALSE(item.is_resting);
    CU_ASSERT_TRUE(ac_upkeep_is_due(&item, DUE_AT));
}

AC_SUITE("engine/survey",
         AC_CASE(what_was_given_up_is_left_alone_while_the_configuration_is_wrong),
         AC_CASE(what_failed_rests),
         AC_CASE(what_failed_by_a_clock_that_was_years_ahead_does_not_rest_until_then))
