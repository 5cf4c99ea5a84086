/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/renewal/status.h"

#include "holding.h"

#include <string.h>
#include <unistd.h>

/* What syncing is good for shows in base; here it would only take time. */
int fsync(int fd)
{
    (void)fd;
    return 0;
}

static enum ac_code survey(struct ac_store *store, int64_t utc, bool has_lives,
                           struct ac_status *ret_status, struct ac_error *err)
{
    const struct ac_upkeep_settings settings = { .store = store, .utc = utc };

    return ac_status_survey(&settings, has_lives, ret_status, err);
}

/* The same with certificate.json, as each has it. */
static enum ac_code open_and_remember(struct ac_store **ret_store, struct ac_error *err)
{
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_TRY(open_and_hold(ret_store, err));
    AC_TRY(make_wanted("example.org", &wanted, err));
    return ac_wanted_save(&wanted, *ret_store, err);
}

/* One more failure of "www", to be tried again in an hour. */
static enum ac_code fail_once(struct ac_store *store, int64_t utc, struct ac_error *err)
{
    AC_AUTO(ac_state) state = { 0 };
    struct ac_error why = { 0 };

    (void)!ac_fail(&why, AC_E_CHALLENGE, "no answer");
    AC_TRY(ac_state_load(store, "www", &state, err));
    AC_TRY(ac_state_note_failure(&state, &why, utc, utc + 3600, err));
    return ac_state_save(&state, store, "www", err);
}

AC_TEST(fresh_one_is_fine_and_knows_how_much_of_its_life_is_used)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_status) status = { 0 };

    AC_REQUIRE_OK(open_and_remember(&store, &err));
    AC_REQUIRE_OK(survey(store, AC_PKI_NOW + 45 * DAY, false, &status, &err));

    AC_REQUIRE(status.count == 1);
    CU_ASSERT_EQUAL(status.items[0].level, AC_STATUS_FINE);
    CU_ASSERT_EQUAL(status.items[0].not_before, AC_PKI_BEFORE);
    CU_ASSERT_EQUAL(ac_status_used(&status.items[0], status.utc), 500);
    CU_ASSERT_EQUAL(status.at_level[AC_STATUS_FINE], 1);
    CU_ASSERT_EQUAL(status.items[0].life_count, 0);
}

AC_TEST(due_one_is_due_until_it_is_overdue)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_status) soon = { 0 };
    AC_AUTO(ac_status) late = { 0 };
    int64_t due_at = ac_plan_renew_at("www", AC_PKI_BEFORE, AC_PKI_AFTER);

    AC_REQUIRE_OK(open_and_remember(&store, &err));
    AC_REQUIRE_OK(survey(store, due_at + DAY, false, &soon, &err));
    AC_REQUIRE_OK(survey(store, due_at + 2 * DAY, false, &late, &err));

    AC_REQUIRE(soon.count == 1 && late.count == 1);
    CU_ASSERT_EQUAL(soon.items[0].level, AC_STATUS_DUE);
    CU_ASSERT_FALSE(soon.items[0].is_overdue);
    CU_ASSERT_EQUAL(late.items[0].level, AC_STATUS_FAILING);
    CU_ASSERT_TRUE(late.items[0].is_overdue);
}

AC_TEST(one_whose_renewal_fails_is_failing_and_says_why)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_status) status = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    int64_t due_at = ac_plan_renew_at("www", AC_PKI_BEFORE, AC_PKI_AFTER);

    AC_REQUIRE_OK(open_and_remember(&store, &err));
    AC_REQUIRE_OK(fail_once(store, due_at, &err));
    AC_REQUIRE_OK(survey(store, due_at + 60, false, &status, &err));

    AC_REQUIRE(status.count == 1);
    CU_ASSERT_EQUAL(status.items[0].level, AC_STATUS_FAILING);
    CU_ASSERT_EQUAL(status.items[0].plan.attempt_at, due_at + 3600);
    AC_REQUIRE_OK(ac_status_item_to_json(&status.items[0], status.utc, &json, &err));
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(ac_json_get(json, "trouble"), "message", ""),
                           "no answer");
}

AC_TEST(expired_one_has_used_all_of_its_life)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_status) status = { 0 };

    AC_REQUIRE_OK(open_and_remember(&store, &err));
    AC_REQUIRE_OK(survey(store, AC_PKI_AFTER, false, &status, &err));

    AC_REQUIRE(status.count == 1);
    CU_ASSERT_EQUAL(status.items[0].level, AC_STATUS_EXPIRED);
    CU_ASSERT_EQUAL(ac_status_used(&status.items[0], status.utc), 1000);
    CU_ASSERT_EQUAL(status.at_level[AC_STATUS_EXPIRED], 1);
}

AC_TEST(damaged_one_is_failing_although_it_is_not_due)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_status) status = { 0 };
    AC_AUTO(ac_json) *json = NULL;

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE(
        ac_test_write_file(ac_test_path("state/certs/www/certificate.json"), "{", 1));
    AC_REQUIRE_OK(survey(store, AC_PKI_NOW, false, &status, &err));
    AC_REQUIRE(status.count == 1);
    AC_REQUIRE_OK(ac_status_item_to_json(&status.items[0], AC_PKI_NOW, &json, &err));

    CU_ASSERT_EQUAL(status.items[0].level, AC_STATUS_FAILING);
    CU_ASSERT_EQUAL(status.items[0].plan.reason, AC_PLAN_FRESH);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(ac_json_text_or(json, "damage", ""), "certificate.json is damaged"));
}

AC_TEST(lives_of_all_versions_are_read_on_request)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_status) status = { 0 };

    AC_REQUIRE_OK(open_and_remember(&store, &err));
    AC_REQUIRE_OK(hold(store, usual_names, &err));
    AC_REQUIRE_OK(survey(store, AC_PKI_NOW, true, &status, &err));

    AC_REQUIRE(status.count == 1 && status.items[0].life_count == 2);
    CU_ASSERT_EQUAL(status.items[0].lives[0].version, 1);
    CU_ASSERT_FALSE(status.items[0].lives[0].is_current);
    CU_ASSERT_TRUE(status.items[0].lives[1].is_current);
    CU_ASSERT_EQUAL(status.items[0].lives[1].not_after, AC_PKI_AFTER);
}

static const char *name_of(void *arg, size_t index)
{
    (void)arg, (void)index;
    return "missing";
}

/* Of a certificate that is wanted and was never issued, so long after the look that was
 * expected. */
static enum ac_code survey_missing(struct ac_store *store, int64_t late_s,
                                   struct ac_status *ret_status, struct ac_error *err)
{
    const struct ac_upkeep_source source = { .path = "/a.conf",
                                             .count = 1,
                                             .name = name_of };
    const struct ac_upkeep_settings settings = { .store = store,
                                                 .source = &source,
                                                 .utc = AC_PKI_NOW,
                                                 .expected_at = AC_PKI_NOW - late_s };

    return ac_status_survey(&settings, false, ret_status, err);
}

AC_TEST(missing_one_is_failing_when_nobody_looks_any_more)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_status) soon = { 0 };
    AC_AUTO(ac_status) late = { 0 };
    AC_AUTO(ac_status) unknown = { 0 };

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(survey_missing(store, DAY, &soon, &err));
    AC_REQUIRE_OK(survey_missing(store, 2 * DAY, &late, &err));
    AC_REQUIRE_OK(survey_missing(store, AC_PKI_NOW, &unknown, &err));

    AC_REQUIRE(soon.count == 1 && late.count == 1 && unknown.count == 1);
    CU_ASSERT_EQUAL(soon.items[0].level, AC_STATUS_DUE);
    CU_ASSERT_FALSE(soon.items[0].is_overdue);
    CU_ASSERT_EQUAL(late.items[0].level, AC_STATUS_FAILING);
    CU_ASSERT_TRUE(late.items[0].is_overdue);
    CU_ASSERT_EQUAL(unknown.items[0].level, AC_STATUS_DUE);
}

AC_SUITE("engine/status",
         AC_CASE(fresh_one_is_fine_and_knows_how_much_of_its_life_is_used),
         AC_CASE(due_one_is_due_until_it_is_overdue),
         AC_CASE(one_whose_renewal_fails_is_failing_and_says_why),
         AC_CASE(expired_one_has_used_all_of_its_life),
         AC_CASE(damaged_one_is_failing_although_it_is_not_due),
         AC_CASE(lives_of_all_versions_are_read_on_request),
         AC_CASE(missing_one_is_failing_when_nobody_looks_any_more))
