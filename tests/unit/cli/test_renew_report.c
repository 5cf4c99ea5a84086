/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/renew.h"

#include "command_line.h"
#include "fake_run.h"

/* A report in the making, and an item "www". */
struct scene {
    struct ac_options options;
    struct ac_context context;
    struct ac_upkeep upkeep;
    struct ac_renewals renewals;
    struct ac_upkeep_item item;
};

static void scene_drop(struct scene *scene)
{
    ac_renewals_done(&scene->renewals);
    ac_context_done(&scene->context);
}
#define SCENE __attribute__((cleanup(scene_drop))) struct scene

static enum ac_code scene_begin(struct scene *scene, struct ac_error *err)
{
    static char name[] = "www";

    fake_reset();
    scene->options.is_quiet = true;
    scene->context.options = &scene->options;
    scene->item.name = name;
    scene->renewals =
        (struct ac_renewals){ .context = &scene->context, .upkeep = &scene->upkeep };
    AC_TRY(ac_store_open(ac_test_path("state"), &scene->context.store, err));
    return ac_renewals_begin(&scene->renewals, err);
}

/* It ended with this code; begun or not. */
static enum ac_code add(struct scene *scene, enum ac_code code, bool is_begun,
                        struct ac_error *err)
{
    static struct ac_issue issue;
    struct ac_error why = { 0 };
    struct ac_wanted wanted = { 0 };
    const struct ac_fleet_end end = { .wanted = &wanted,
                                      .issue = is_begun ? &issue : NULL,
                                      .why = &why };

    (void)ac_fail(&why, code, "it went wrong");
    return ac_renewals_add(&scene->renewals, &scene->item, &end, err);
}

AC_TEST(failures_of_one_kind_are_that_kind)
{
    struct ac_error err = { 0 };
    struct ac_error verdict;
    SCENE scene = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene, &err));
    AC_REQUIRE_OK(add(&scene, AC_E_CHALLENGE, true, &err));
    AC_REQUIRE_OK(add(&scene, AC_E_CHALLENGE, true, &err));
    ac_renewals_verdict(&scene.renewals, &verdict);

    CU_ASSERT_EQUAL(verdict.code, AC_E_CHALLENGE);
    CU_ASSERT_TRUE(ac_capture_has(verdict.detail, "2 certificates failed"));
}

AC_TEST(failures_of_different_kinds_are_several)
{
    struct ac_error err = { 0 };
    struct ac_error verdict;
    SCENE scene = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene, &err));
    AC_REQUIRE_OK(add(&scene, AC_E_CHALLENGE, true, &err));
    AC_REQUIRE_OK(add(&scene, AC_E_STORE, false, &err));
    ac_renewals_verdict(&scene.renewals, &verdict);

    CU_ASSERT_EQUAL(verdict.code, AC_E_SEVERAL);
    CU_ASSERT_EQUAL(ac_report_exit_code(&verdict), 1);
}

AC_TEST(those_not_tried_are_no_failures_of_their_own)
{
    struct ac_error err = { 0 };
    struct ac_error verdict;
    SCENE scene = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene, &err));
    AC_REQUIRE_OK(add(&scene, AC_E_NETWORK, true, &err));
    AC_REQUIRE_OK(add(&scene, AC_E_NETWORK, false, &err));
    ac_renewals_verdict(&scene.renewals, &verdict);

    CU_ASSERT_EQUAL(verdict.code, AC_E_NETWORK);
    CU_ASSERT_EQUAL(scene.renewals.failed, 1);
    CU_ASSERT_EQUAL(scene.renewals.skipped, 1);
    CU_ASSERT_STRING_EQUAL(
        ac_json_text_or(ac_json_at(scene.renewals.certificates, 1), "result", ""),
        "skipped");
}

AC_TEST(without_failures_there_is_no_verdict)
{
    struct ac_error err = { 0 };
    struct ac_error verdict;
    SCENE scene = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene, &err));
    AC_REQUIRE_OK(ac_renewals_add_due(&scene.renewals, &scene.item, &err));
    AC_REQUIRE_OK(ac_renewals_add_unwanted(&scene.renewals, &scene.item, NULL, &err));
    ac_renewals_verdict(&scene.renewals, &verdict);

    CU_ASSERT_EQUAL(verdict.code, AC_OK);
    CU_ASSERT_EQUAL(ac_json_count(scene.renewals.certificates), 2);
}

AC_TEST(what_rests_after_a_failure_keeps_it_red)
{
    struct ac_error err = { 0 };
    struct ac_error verdict;
    struct ac_error of_watch;
    SCENE scene = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene, &err));
    scene.renewals.resting = 2;
    ac_renewals_verdict(&scene.renewals, &verdict);
    scene.renewals.is_watching = true;
    ac_renewals_verdict(&scene.renewals, &of_watch);

    CU_ASSERT_EQUAL(ac_report_exit_code(&verdict), 20);
    CU_ASSERT_EQUAL(of_watch.code, AC_OK);
}

AC_TEST(signal_is_what_it_ended_with_whatever_failed_before)
{
    struct ac_error err = { 0 };
    struct ac_error verdict;
    SCENE scene = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene, &err));
    AC_REQUIRE_OK(add(&scene, AC_E_CHALLENGE, true, &err));
    scene.renewals.deployments.stopped.code = AC_E_CANCELLED;
    ac_renewals_verdict(&scene.renewals, &verdict);

    CU_ASSERT_EQUAL(verdict.code, AC_E_CANCELLED);
}

AC_TEST(what_could_not_be_told_is_the_verdict_of_a_run_without_another)
{
    struct ac_error err = { 0 };
    struct ac_error full = { .code = AC_E_STORE, .detail = "standard output is full" };
    struct ac_error again = { .code = AC_E_NOMEM };
    struct ac_error verdict;
    struct ac_error of_failure;
    SCENE scene = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene, &err));
    ac_renewals_take_trouble(&scene.renewals, &full);
    ac_renewals_take_trouble(&scene.renewals, &again);
    ac_renewals_verdict(&scene.renewals, &verdict);
    AC_REQUIRE_OK(add(&scene, AC_E_CHALLENGE, true, &err));
    ac_renewals_verdict(&scene.renewals, &of_failure);

    CU_ASSERT_STRING_EQUAL(verdict.detail, "standard output is full");
    CU_ASSERT_EQUAL(of_failure.code, AC_E_CHALLENGE);
}

AC_TEST(deletion_that_is_finished_is_told)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene, &err));
    AC_REQUIRE_OK(ac_renewals_add_gone(&scene.renewals, &scene.item, NULL, &err));
    AC_REQUIRE_OK(ac_renewals_add_gone(&scene.renewals, &scene.item, "/a/www", &err));

    CU_ASSERT_STRING_EQUAL(
        ac_json_text_or(ac_json_at(scene.renewals.certificates, 0), "result", ""),
        "deleted");
    CU_ASSERT_STRING_EQUAL(
        ac_json_text_or(ac_json_at(scene.renewals.certificates, 1), "archive", ""),
        "/a/www");
}

AC_TEST(failure_is_the_verdict_whatever_was_not_tried_before_it)
{
    struct ac_error err = { 0 };
    struct ac_error verdict;
    SCENE scene = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene, &err));
    AC_REQUIRE_OK(add(&scene, AC_E_NETWORK, false, &err));
    AC_REQUIRE_OK(add(&scene, AC_E_CHALLENGE, true, &err));
    ac_renewals_verdict(&scene.renewals, &verdict);

    CU_ASSERT_EQUAL(ac_report_exit_code(&verdict), 4);
    CU_ASSERT_STRING_EQUAL(verdict.detail, "1 certificate failed; above is why");
}

AC_TEST(where_none_failed_it_is_told_why_they_were_not_tried)
{
    struct ac_error err = { 0 };
    struct ac_error verdict;
    SCENE scene = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene, &err));
    AC_REQUIRE_OK(add(&scene, AC_E_NETWORK, false, &err));
    ac_renewals_verdict(&scene.renewals, &verdict);

    CU_ASSERT_EQUAL(verdict.code, AC_E_NETWORK);
    CU_ASSERT_STRING_EQUAL(verdict.detail, "it went wrong");
}

AC_TEST(wrong_configuration_is_the_verdict_of_a_run_that_went_on)
{
    struct ac_error err = { 0 };
    struct ac_error verdict;
    struct ac_error of_failure;
    SCENE scene = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene, &err));
    scene.context.is_misconfigured = true;
    AC_REQUIRE_OK(ac_faults_add(&scene.context.faults,
                                (struct ac_place){ .path = "/a.conf", .line = 3 }, &err,
                                "so not"));
    ac_renewals_verdict(&scene.renewals, &verdict);
    AC_REQUIRE_OK(add(&scene, AC_E_CHALLENGE, true, &err));
    ac_renewals_verdict(&scene.renewals, &of_failure);

    CU_ASSERT_EQUAL(verdict.code, AC_E_USAGE);
    CU_ASSERT_STRING_EQUAL(verdict.detail, "/a.conf:3: so not");
    CU_ASSERT_EQUAL(of_failure.code, AC_E_CHALLENGE);
}

/* www as a run that was cut short left it, and the configuration wants it no more. */
static enum ac_code begin_unwanted(struct scene *scene, const char *journal,
                                   struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;

    AC_TRY(scene_begin(scene, err));
    scene->options.is_pruning = true;
    scene->item.is_unwanted = true;
    AC_TRY(ac_json_parse(journal, strlen(journal), &document, err));
    return ac_store_save(scene->context.store, AC_STORE_CERTIFICATES, "www",
                         "order.json", document, err);
}

static const char *result_of_first(const struct scene *scene)
{
    return ac_json_text_or(ac_json_at(scene->renewals.certificates, 0), "result", "");
}

AC_TEST(what_has_something_presented_is_not_archived)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };

    AC_REQUIRE_OK(begin_unwanted(&scene, "{\"presented\": [{}]}", &err));
    AC_REQUIRE_OK(ac_renewals_note(&scene.renewals, &scene.item, &err));

    CU_ASSERT_STRING_EQUAL(result_of_first(&scene), "unwanted");
    CU_ASSERT_TRUE(
        ac_store_has(scene.context.store, AC_STORE_CERTIFICATES, "www", "order.json"));
}

AC_TEST(what_has_an_order_alone_is_archived)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };

    AC_REQUIRE_OK(begin_unwanted(&scene, "{\"order\": {}}", &err));
    AC_REQUIRE_OK(ac_renewals_note(&scene.renewals, &scene.item, &err));

    CU_ASSERT_STRING_EQUAL(result_of_first(&scene), "archived");
}

AC_SUITE("cli/renew_report",
         AC_CASE(failure_is_the_verdict_whatever_was_not_tried_before_it),
         AC_CASE(where_none_failed_it_is_told_why_they_were_not_tried),
         AC_CASE(wrong_configuration_is_the_verdict_of_a_run_that_went_on),
         AC_CASE(what_has_something_presented_is_not_archived),
         AC_CASE(what_has_an_order_alone_is_archived),
         AC_CASE(what_rests_after_a_failure_keeps_it_red),
         AC_CASE(signal_is_what_it_ended_with_whatever_failed_before),
         AC_CASE(what_could_not_be_told_is_the_verdict_of_a_run_without_another),
         AC_CASE(deletion_that_is_finished_is_told),
         AC_CASE(failures_of_one_kind_are_that_kind),
         AC_CASE(failures_of_different_kinds_are_several),
         AC_CASE(those_not_tried_are_no_failures_of_their_own),
         AC_CASE(without_failures_there_is_no_verdict))
