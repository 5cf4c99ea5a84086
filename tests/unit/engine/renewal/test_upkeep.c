/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/renewal/upkeep.h"

#include <unistd.h>

#include "holding.h"

/* What syncing is good for shows in base; here it would only take time. */
int fsync(int fd)
{
    (void)fd;
    return 0;
}

/* A configuration that wants "www" (and "api", when it says two). */
struct wish {
    size_t count;
    const char *www; /* its names */
};

static const char *name_of(void *arg, size_t index)
{
    (void)arg;
    return index == 0 ? "www" : "api";
}

static enum ac_code load_wish(void *arg, size_t index, struct ac_wanted *ret_wanted,
                              struct ac_error *err)
{
    const struct wish *wish = arg;

    return make_wanted(index == 0 ? wish->www : "api.example", ret_wanted, err);
}

static enum ac_code survey(struct ac_store *store, struct wish *wish, int64_t utc,
                           struct ac_upkeep *ret_upkeep, struct ac_error *err)
{
    const struct ac_upkeep_source source = { .path = "/a.conf",
                                             .count = wish ? wish->count : 0,
                                             .name = name_of,
                                             .load = load_wish,
                                             .arg = wish };
    const struct ac_upkeep_settings settings = { .store = store,
                                                 .source = wish ? &source : NULL,
                                                 .utc = utc };

    return ac_upkeep_survey(&settings, ret_upkeep, err);
}

/* state.json of version 1 of "www", as an issue for these names writes it. */
static enum ac_code note_version(struct ac_store *store, const char *names,
                                 const char *configuration, struct ac_error *err)
{
    AC_AUTO(ac_state) state = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };
    char identity[AC_SHA256_HEX_SIZE];

    AC_TRY(make_wanted(names, &wanted, err));
    AC_TRY(ac_wanted_identity(&wanted, identity, err));
    state.origin.version = 1;
    state.origin.not_before = AC_PKI_BEFORE;
    state.origin.not_after = AC_PKI_AFTER;
    AC_TRY(ac_memory_copy_text("01", &state.origin.serial, err));
    AC_TRY(ac_memory_copy_text("ab", &state.origin.fingerprint, err));
    AC_TRY(ac_memory_copy_text("a.b", &state.origin.renewal_id, err));
    AC_TRY(ac_memory_copy_text(identity, &state.origin.identity, err));
    if (configuration)
        AC_TRY(ac_memory_copy_text(configuration, &state.origin.configuration, err));
    state.renewal.next_check_at = AC_PKI_NOW + 3600;
    return ac_state_save(&state, store, "www", err);
}

AC_TEST(each_question_has_its_names_and_what_nobody_wants_has_none)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_words) windows = { 0 };
    AC_AUTO(ac_words) lists = { 0 };
    struct ac_upkeep_item items[] = {
        { .name = (char *)"window", .wants_check = true },
        { .name = (char *)"list", .wants_crl = true },
        { .name = (char *)"gone",
          .wants_check = true,
          .wants_crl = true,
          .is_unwanted = true },
    };
    struct ac_upkeep upkeep = { .items = items, .count = AC_COUNT(items) };

    AC_REQUIRE_OK(ac_upkeep_names(&upkeep, AC_UPKEEP_WINDOW, &windows, &err));
    AC_REQUIRE_OK(ac_upkeep_names(&upkeep, AC_UPKEEP_CRL, &lists, &err));

    AC_REQUIRE(windows.count == 1 && lists.count == 1);
    CU_ASSERT_STRING_EQUAL(windows.items[0], "window");
    CU_ASSERT_STRING_EQUAL(lists.items[0], "list");
}

AC_TEST(an_empty_store_has_nothing_to_do)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_upkeep) upkeep = { 0 };

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(survey(store, NULL, AC_PKI_NOW, &upkeep, &err));

    CU_ASSERT_EQUAL(upkeep.count, 0);
    CU_ASSERT_EQUAL(ac_upkeep_next_at(&upkeep), AC_PLAN_NEVER);
}

AC_TEST(what_is_held_is_due_when_its_time_has_come)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_upkeep) fresh = { 0 };
    AC_AUTO(ac_upkeep) due = { 0 };
    int64_t at = ac_plan_renew_at("www", AC_PKI_BEFORE, AC_PKI_AFTER);

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE_OK(survey(store, NULL, AC_PKI_NOW, &fresh, &err));
    AC_REQUIRE_OK(survey(store, NULL, at, &due, &err));

    AC_REQUIRE(fresh.count == 1 && due.count == 1);
    CU_ASSERT_FALSE(ac_upkeep_is_due(&fresh.items[0], AC_PKI_NOW));
    CU_ASSERT_EQUAL(ac_upkeep_next_at(&fresh), at);
    CU_ASSERT_TRUE(ac_upkeep_is_due(&due.items[0], at));
    CU_ASSERT_EQUAL(due.items[0].plan.reason, AC_PLAN_LIFETIME);
    CU_ASSERT_EQUAL(due.items[0].not_after, AC_PKI_AFTER);
}

/* The files are not read when state.json speaks of them: they would be found damaged.
 */
AC_TEST(what_state_says_of_the_current_version_is_enough)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_upkeep) upkeep = { 0 };

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE_OK(note_version(store, "example.org", NULL, &err));
    AC_REQUIRE(ac_test_write_file(
        ac_test_path("state/certs/www/versions/0001/fullchain.pem"), "x", 1));
    AC_REQUIRE_OK(survey(store, NULL, AC_PKI_NOW, &upkeep, &err));

    AC_REQUIRE(upkeep.count == 1);
    CU_ASSERT_EQUAL(upkeep.items[0].plan.reason, AC_PLAN_FRESH);
    CU_ASSERT_FALSE(upkeep.items[0].wants_check);
}

AC_TEST(a_file_that_is_gone_is_no_secret_before_its_certificate_is_due)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_upkeep) upkeep = { 0 };

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE_OK(note_version(store, "example.org", NULL, &err));
    AC_REQUIRE(unlink(ac_test_path("state/certs/www/versions/0001/chain.pem")) == 0);
    AC_REQUIRE_OK(survey(store, NULL, AC_PKI_NOW, &upkeep, &err));

    AC_REQUIRE(upkeep.count == 1 && upkeep.items[0].damage != NULL);
    CU_ASSERT_EQUAL(upkeep.items[0].plan.reason, AC_PLAN_DAMAGED);
    CU_ASSERT_TRUE(ac_upkeep_is_due(&upkeep.items[0], AC_PKI_NOW));
    CU_ASSERT_PTR_NOT_NULL(strstr(upkeep.items[0].damage, "chain.pem is missing"));
}

AC_TEST(a_state_of_another_version_is_not_believed)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_upkeep) upkeep = { 0 };

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE_OK(note_version(store, "example.org", NULL, &err));
    AC_REQUIRE_OK(hold(store, usual_names, &err)); /* version 2 */
    AC_REQUIRE(unlink(ac_test_path("state/certs/www/versions/0002/fullchain.pem"))
               == 0);
    AC_REQUIRE_OK(survey(store, NULL, AC_PKI_NOW, &upkeep, &err));

    AC_REQUIRE(upkeep.count == 1);
    CU_ASSERT_EQUAL(upkeep.items[0].plan.reason, AC_PLAN_DAMAGED);
}

AC_TEST(a_window_is_to_be_asked_for_when_it_is_old)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_upkeep) upkeep = { 0 };

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE_OK(note_version(store, "example.org", NULL, &err));
    AC_REQUIRE_OK(survey(store, NULL, AC_PKI_NOW + 3601, &upkeep, &err));

    AC_REQUIRE(upkeep.count == 1);
    CU_ASSERT_TRUE(upkeep.items[0].wants_check);
}

AC_TEST(a_configuration_adds_what_is_missing_and_sees_what_changed)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_upkeep) same = { 0 };
    AC_AUTO(ac_upkeep) other = { 0 };
    struct wish wish = { 2, "example.org" };
    struct wish changed = { 1, "example.org,www.example.org" };

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE_OK(note_version(store, "example.org", "/a.conf", &err));
    AC_REQUIRE_OK(survey(store, &wish, AC_PKI_NOW, &same, &err));
    AC_REQUIRE_OK(survey(store, &changed, AC_PKI_NOW, &other, &err));

    AC_REQUIRE(same.count == 2 && other.count == 1);
    CU_ASSERT_STRING_EQUAL(same.items[0].name, "api");
    CU_ASSERT_EQUAL(same.items[0].plan.reason, AC_PLAN_MISSING);
    CU_ASSERT_EQUAL(same.items[1].plan.reason, AC_PLAN_FRESH);
    CU_ASSERT_EQUAL(other.items[0].plan.reason, AC_PLAN_CHANGED);
    CU_ASSERT_EQUAL(other.items[0].configured, 0);
}

AC_TEST(a_state_that_is_lost_is_no_change)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_upkeep) same = { 0 };
    AC_AUTO(ac_upkeep) other = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };
    struct wish wish = { 1, "example.org" };
    struct wish changed = { 1, "example.org,www.example.org" };

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE_OK(make_wanted("example.org", &wanted, &err));
    AC_REQUIRE_OK(ac_wanted_save(&wanted, store, &err));
    AC_REQUIRE_OK(survey(store, &wish, AC_PKI_NOW, &same, &err));
    AC_REQUIRE_OK(survey(store, &changed, AC_PKI_NOW, &other, &err));

    AC_REQUIRE(same.count == 1 && other.count == 1);
    CU_ASSERT_EQUAL(same.items[0].plan.reason, AC_PLAN_FRESH);
    CU_ASSERT_EQUAL(other.items[0].plan.reason, AC_PLAN_CHANGED);
}

AC_TEST(what_a_configuration_has_no_more_is_left_alone)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_upkeep) upkeep = { 0 };
    struct wish none = { 0, NULL };

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE_OK(note_version(store, "example.org", "/a.conf", &err));
    AC_REQUIRE_OK(survey(store, &none, AC_PKI_AFTER, &upkeep, &err));

    AC_REQUIRE(upkeep.count == 1);
    CU_ASSERT_TRUE(upkeep.items[0].is_unwanted);
    CU_ASSERT_FALSE(ac_upkeep_is_due(&upkeep.items[0], AC_PKI_AFTER));
    CU_ASSERT_EQUAL(ac_upkeep_next_at(&upkeep), AC_PLAN_NEVER);
}

AC_TEST(configuration_is_the_same_however_its_path_was_written)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_upkeep) upkeep = { 0 };
    struct wish none = { 0, NULL };

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE_OK(note_version(store, "example.org", "/etc/.././a.conf", &err));
    AC_REQUIRE_OK(survey(store, &none, AC_PKI_AFTER, &upkeep, &err));

    AC_REQUIRE(upkeep.count == 1);
    CU_ASSERT_TRUE(upkeep.items[0].is_unwanted);
}

static enum ac_code revoke_to_go(struct ac_store *store, struct ac_error *err)
{
    AC_AUTO(ac_state) state = { 0 };
    AC_AUTO(ac_state_revoked) revoked = { .version = 1 };

    AC_TRY(ac_state_load(store, "www", &state, err));
    AC_TRY(ac_memory_copy_text("ab", &revoked.fingerprint, err));
    AC_TRY(ac_memory_copy_text("cd", &revoked.key_fingerprint, err));
    AC_TRY(ac_memory_copy_text("superseded", &revoked.reason, err));
    AC_TRY(ac_memory_copy_text(AC_STATE_THEN_ARCHIVE, &revoked.then, err));
    AC_TRY(ac_state_add_revoked(&state, &revoked, err));
    return ac_state_save(&state, store, "www", err);
}

AC_TEST(what_was_revoked_in_order_to_go_is_not_replaced)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_upkeep) upkeep = { 0 };

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE_OK(note_version(store, "example.org", NULL, &err));
    AC_REQUIRE_OK(revoke_to_go(store, &err));
    AC_REQUIRE_OK(survey(store, NULL, AC_PKI_NOW, &upkeep, &err));

    AC_REQUIRE(upkeep.count == 1);
    CU_ASSERT_EQUAL(upkeep.items[0].end, AC_UPKEEP_ARCHIVED);
    CU_ASSERT_FALSE(ac_upkeep_is_due(&upkeep.items[0], AC_PKI_NOW));
}

AC_TEST(only_the_names_asked_for_are_looked_at)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_words) names = { 0 };
    AC_AUTO(ac_upkeep) upkeep = { 0 };
    struct ac_upkeep_settings settings = { .names = &names, .utc = AC_PKI_NOW };

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    settings.store = store;
    AC_REQUIRE_OK(ac_words_add(&names, "www", &err));
    AC_REQUIRE_OK(ac_upkeep_survey(&settings, &upkeep, &err));
    CU_ASSERT_EQUAL(upkeep.count, 1);

    AC_REQUIRE_OK(ac_words_add(&names, "nobody", &err));
    ac_upkeep_done(&upkeep);
    AC_REQUIRE_CODE(ac_upkeep_survey(&settings, &upkeep, &err), AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "\"nobody\""));
}

AC_TEST(what_failed_for_another_wish_keeps_nobody_waiting)
{
    struct ac_error err = { 0 };
    struct ac_error why = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_state) state = { 0 };
    AC_AUTO(ac_upkeep) same = { 0 };
    AC_AUTO(ac_upkeep) other = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };
    char identity[AC_SHA256_HEX_SIZE];
    struct wish wish = { 1, "wrong.example" };
    struct wish corrected = { 1, "right.example" };

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(make_wanted("wrong.example", &wanted, &err));
    AC_REQUIRE_OK(ac_wanted_identity(&wanted, identity, &err));
    (void)ac_fail(&why, AC_E_PROBLEM, "no");
    AC_REQUIRE_OK(
        ac_state_note_failure(&state, &why, AC_PKI_NOW, AC_PKI_NOW + DAY, &err));
    AC_REQUIRE_OK(ac_memory_copy_text(identity, &state.trouble.identity, &err));
    AC_REQUIRE_OK(ac_state_save(&state, store, "www", &err));

    AC_REQUIRE_OK(survey(store, &wish, AC_PKI_NOW, &same, &err));
    AC_REQUIRE_OK(survey(store, &corrected, AC_PKI_NOW, &other, &err));

    AC_REQUIRE(same.count == 1 && other.count == 1);
    CU_ASSERT_FALSE(ac_upkeep_is_due(&same.items[0], AC_PKI_NOW));
    CU_ASSERT_TRUE(ac_upkeep_is_due(&other.items[0], AC_PKI_NOW));
}

/* What `status` sees between two looks of a timer, the last of which it failed in. */
static enum ac_code survey_between(struct ac_store *store, int64_t looked_at,
                                   struct ac_upkeep *ret_upkeep, struct ac_error *err)
{
    const struct ac_upkeep_settings settings = {
        .store = store,
        .utc = looked_at + 3600,
        .next_look_at = looked_at + 86400,
        .looked_at = looked_at,
    };

    return ac_upkeep_survey(&settings, ret_upkeep, err);
}

AC_TEST(what_failed_before_its_moment_is_due_since_that_look)
{
    struct ac_error err = { 0 };
    struct ac_error why = { .code = AC_E_NETWORK };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_state) state = { 0 };
    AC_AUTO(ac_upkeep) before = { 0 };
    AC_AUTO(ac_upkeep) after = { 0 };
    int64_t looked_at =
        ac_plan_renew_at("www", AC_PKI_BEFORE, AC_PKI_AFTER) - 86400 / 2;

    AC_REQUIRE_OK(open_and_hold(&store, &err));
    AC_REQUIRE_OK(note_version(store, "example.org", NULL, &err));
    AC_REQUIRE_OK(survey_between(store, looked_at, &before, &err));
    AC_REQUIRE_OK(ac_state_load(store, "www", &state, &err));
    AC_REQUIRE_OK(ac_state_note_failure(&state, &why, looked_at, looked_at + 60, &err));
    AC_REQUIRE_OK(ac_state_save(&state, store, "www", &err));
    AC_REQUIRE_OK(survey_between(store, looked_at, &after, &err));

    AC_REQUIRE(before.count == 1 && after.count == 1);
    CU_ASSERT_EQUAL(before.items[0].plan.reason, AC_PLAN_FRESH);
    CU_ASSERT_EQUAL(after.items[0].plan.reason, AC_PLAN_LIFETIME);
    CU_ASSERT_EQUAL(after.items[0].plan.attempt_at, looked_at + 60);
}

AC_SUITE("engine/upkeep", AC_CASE(what_failed_for_another_wish_keeps_nobody_waiting),
         AC_CASE(what_failed_before_its_moment_is_due_since_that_look),
         AC_CASE(each_question_has_its_names_and_what_nobody_wants_has_none),
         AC_CASE(an_empty_store_has_nothing_to_do),
         AC_CASE(what_is_held_is_due_when_its_time_has_come),
         AC_CASE(what_state_says_of_the_current_version_is_enough),
         AC_CASE(a_file_that_is_gone_is_no_secret_before_its_certificate_is_due),
         AC_CASE(a_state_of_another_version_is_not_believed),
         AC_CASE(a_window_is_to_be_asked_for_when_it_is_old),
         AC_CASE(a_configuration_adds_what_is_missing_and_sees_what_changed),
         AC_CASE(a_state_that_is_lost_is_no_change),
         AC_CASE(what_a_configuration_has_no_more_is_left_alone),
         AC_CASE(configuration_is_the_same_however_its_path_was_written),
         AC_CASE(what_was_revoked_in_order_to_go_is_not_replaced),
         AC_CASE(only_the_names_asked_for_are_looked_at))
