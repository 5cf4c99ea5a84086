/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/deployments.h"

#include "command_line.h"
#include "fake_run.h"

struct scene {
    struct ac_options options;
    struct ac_context context;
    struct ac_words names;
    struct ac_deployments deployments;
};

static void scene_drop(struct scene *scene)
{
    ac_deployments_done(&scene->deployments);
    ac_words_done(&scene->names);
    ac_context_done(&scene->context);
}
#define SCENE __attribute__((cleanup(scene_drop))) struct scene

static enum ac_code begin(struct scene *scene, struct ac_error *err)
{
    fake_reset();
    fake.tells_deployments = true;
    scene->options.command = AC_COMMAND_DEPLOY;
    scene->options.is_quiet = true;
    scene->context.options = &scene->options;
    scene->context.directory_url = CA_URL;
    scene->deployments.context = &scene->context;
    return ac_words_add(&scene->names, "www", err);
}

AC_TEST(each_is_counted_and_told_in_the_document)
{
    struct ac_error err = { 0 };
    struct ac_error why = { 0 };
    SCENE scene = { 0 };
    const struct ac_deployments_wish wish = { .names = &scene.names };
    AC_AUTO(ac_json) *document = NULL;

    AC_REQUIRE_OK(begin(&scene, &err));
    AC_REQUIRE_OK(ac_deployments_run(&scene.deployments, &wish, &err));
    AC_REQUIRE_OK(ac_json_new(&document, &err, "{}"));
    AC_REQUIRE_OK(ac_deployments_add(&scene.deployments, document, &err));
    ac_deployments_verdict(&scene.deployments, &why);

    CU_ASSERT_EQUAL(scene.deployments.live, 1);
    CU_ASSERT_EQUAL(ac_json_count(ac_json_get(document, "deployments")), 1);
    CU_ASSERT_EQUAL(why.code, AC_OK);
}

AC_TEST(one_that_waits_is_no_failure_and_one_that_failed_is)
{
    struct ac_error err = { 0 };
    struct ac_error why = { 0 };
    SCENE scene = { 0 };
    const struct ac_deployments_wish wish = { .names = &scene.names };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(begin(&scene, &err));
    fake.deployment = AC_DEPLOY_WAITING;
    AC_REQUIRE_OK(ac_deployments_run(&scene.deployments, &wish, &err));
    ac_deployments_verdict(&scene.deployments, &why);
    CU_ASSERT_EQUAL(why.code, AC_OK);
    fake.deployment = AC_DEPLOY_FAILED;
    (void)ac_fail(&fake.deploy_error, AC_E_PLUGIN, "it is down");
    AC_REQUIRE_OK(ac_deployments_run(&scene.deployments, &wish, &err));
    ac_deployments_verdict(&scene.deployments, &why);

    CU_ASSERT_EQUAL(why.code, AC_E_INSTALLER);
    CU_ASSERT_PTR_NOT_NULL(strstr(why.detail, "it is down"));
}

AC_TEST(dry_run_that_fails_has_changed_nothing)
{
    struct ac_error err = { 0 };
    struct ac_error why = { 0 };
    SCENE scene = { 0 };
    const struct ac_deployments_wish wish = { .names = &scene.names,
                                              .is_dry_run = true };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(begin(&scene, &err));
    fake.deployment = AC_DEPLOY_FAILED;
    (void)ac_fail(&fake.deploy_error, AC_E_PLUGIN, "it is down");
    AC_REQUIRE_OK(ac_deployments_run(&scene.deployments, &wish, &err));
    ac_deployments_verdict(&scene.deployments, &why);

    CU_ASSERT_PTR_NOT_NULL(strstr(why.detail, "it is down; nothing was changed"));
    CU_ASSERT_PTR_NULL(strstr(why.detail, "renew"));
    CU_ASSERT_PTR_NULL(
        ac_json_get(ac_json_at(scene.deployments.all, 0), "rolled_back"));
}

AC_TEST(failures_of_a_dry_run_are_counted_among_all_that_were_planned)
{
    struct ac_error why = { 0 };
    const struct ac_deployments deployments = {
        .failed = 1,
        .planned = 2,
        .is_dry_run = true,
        .first = { .code = AC_E_PLUGIN, .detail = "it is down" },
    };

    ac_deployments_verdict(&deployments, &why);

    CU_ASSERT_PTR_NOT_NULL(strstr(why.detail, "1 of 3 deployments failed"));
}

AC_TEST(signal_is_what_it_ended_with_whatever_failed_before)
{
    struct ac_error why = { 0 };
    const struct ac_deployments deployments = {
        .failed = 1,
        .first = { .code = AC_E_PLUGIN, .detail = "it is down" },
        .stopped = { .code = AC_E_CANCELLED, .detail = "ended by SIGTERM" },
    };

    ac_deployments_verdict(&deployments, &why);

    CU_ASSERT_EQUAL(why.code, AC_E_CANCELLED);
}

AC_TEST(what_is_served_is_said_as_it_is)
{
    struct ac_error err = { 0 };
    struct ac_error undone = { 0 };
    struct ac_error stuck = { 0 };
    SCENE scene = { 0 };
    const struct ac_deployments_wish wish = { .names = &scene.names };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(begin(&scene, &err));
    fake.deployment = AC_DEPLOY_FAILED;
    (void)ac_fail(&fake.deploy_error, AC_E_PLUGIN, "it is down");
    AC_REQUIRE_OK(ac_deployments_run(&scene.deployments, &wish, &err));
    ac_deployments_verdict(&scene.deployments, &undone);
    scene.deployments.stuck = 1; /* as one is told of that could not be undone */
    ac_deployments_verdict(&scene.deployments, &stuck);

    CU_ASSERT_PTR_NOT_NULL(
        strstr(undone.detail, "what was served before is served still"));
    CU_ASSERT_PTR_NULL(strstr(stuck.detail, "served still"));
    CU_ASSERT_PTR_NOT_NULL(strstr(stuck.detail, "what is served now is not known"));
}

AC_TEST(nothing_looked_at_adds_nothing)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *document = NULL;

    AC_REQUIRE_OK(ac_json_new(&document, &err, "{}"));
    AC_REQUIRE_OK(ac_deployments_add(NULL, document, &err));

    CU_ASSERT_EQUAL(ac_json_count(document), 0);
}

AC_SUITE("cli/deployments", AC_CASE(each_is_counted_and_told_in_the_document),
         AC_CASE(one_that_waits_is_no_failure_and_one_that_failed_is),
         AC_CASE(dry_run_that_fails_has_changed_nothing),
         AC_CASE(failures_of_a_dry_run_are_counted_among_all_that_were_planned),
         AC_CASE(signal_is_what_it_ended_with_whatever_failed_before),
         AC_CASE(what_is_served_is_said_as_it_is),
         AC_CASE(nothing_looked_at_adds_nothing))
