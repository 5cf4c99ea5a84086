/* SPDX-License-Identifier: Apache-2.0 */
#include "phase.h"

#include "hook_run.h"
#include "vector.h"

static struct phase_call call; /* large */

struct scene {
    struct fake_host fake;
    struct settings settings;
    struct batch batch;
    int results[2];
};

static void scene_drop(struct scene *scene)
{
    settings_drop(&scene->settings);
    batch_drop(&scene->batch);
}

#define SCENE(name) __attribute__((cleanup(scene_drop))) struct scene name = { 0 }

/* Both certificates, in this phase, to a hook; false in torture. */
static bool run(struct scene *scene, const char *dialect, enum phase phase,
                const char *body)
{
    if (!fake_host_start(&scene->fake, &acmecore_plugin))
        return false;
    scene->fake.ctx.run = hook_run;
    fake_host_set(&scene->fake, "dialect", dialect);
    fake_host_set(&scene->fake, "command", hook_write("hook", body));
    call =
        (struct phase_call){ .host = &scene->fake.host, .settings = &scene->settings };
    if (settings_read(&scene->fake.host, &scene->settings) != ACMECORE_OK
        || !batch_describe(&scene->batch, both, 2))
        return false;
    (void)phase_run(&call, phase, &scene->batch, scene->results);
    return true;
}

AC_TEST(whole_batch_is_one_call)
{
    SCENE(s);

    AC_REQUIRE(run(&s, "native", PHASE_COMMIT, "words \"$1\" \"$ACMECORE_COUNT\""));

    CU_ASSERT_EQUAL(s.results[0], ACMECORE_OK);
    CU_ASSERT(strcmp(hook_record(), "<commit><2>\n") == 0 || ac_check_is_torture());
}

AC_TEST(answer_is_for_each)
{
    SCENE(s);

    AC_REQUIRE(run(&s, "native", PHASE_STAGE,
                   "echo '{\"results\":[{\"status\":\"ok\"},{\"status\":\"error\","
                   "\"detail\":\"no pool\"}]}'"));

    CU_ASSERT_EQUAL(s.results[0], ACMECORE_OK);
    CU_ASSERT(s.results[1] == ACMECORE_E_REFUSED || ac_check_is_torture());
    CU_ASSERT(fake_host_failed_with(&s.fake, "stage for mail: no pool")
              || ac_check_is_torture());
}

AC_TEST(phase_that_is_not_done_is_left_out_but_commit_is_not)
{
    SCENE(stage);
    SCENE(commit);

    AC_REQUIRE(!ac_check_is_torture()); /* it would take too long */
    AC_REQUIRE(run(&stage, "native", PHASE_STAGE, "exit 64"));
    CU_ASSERT_EQUAL(stage.results[0], ACMECORE_OK);
    CU_ASSERT(call.is_none);
    AC_REQUIRE(run(&commit, "native", PHASE_COMMIT, "exit 64"));
    CU_ASSERT(commit.results[0] == ACMECORE_E_REFUSED || ac_check_is_torture());
}

AC_TEST(probe_may_be_pending)
{
    SCENE(by_code);
    SCENE(by_answer);

    AC_REQUIRE(!ac_check_is_torture()); /* it would take too long */
    AC_REQUIRE(run(&by_code, "native", PHASE_PROBE, "exit 75"));
    CU_ASSERT(by_code.results[1] == ACMECORE_PENDING || ac_check_is_torture());
    AC_REQUIRE(
        run(&by_answer, "native", PHASE_COMMIT,
            "echo '{\"results\":[{\"status\":\"pending\"},{\"status\":\"ok\"}]}'"));
    CU_ASSERT(by_answer.results[0] == ACMECORE_E_INVALID || ac_check_is_torture());
}

AC_TEST(other_dialects_are_called_for_each)
{
    SCENE(s);

    AC_REQUIRE(run(&s, "dehydrated", PHASE_COMMIT,
                   "words \"$1\" \"$2\"; [ \"$2\" != '*.example.com' ]"));

    CU_ASSERT_EQUAL(s.results[0], ACMECORE_OK);
    CU_ASSERT(s.results[1] == ACMECORE_E_REFUSED || ac_check_is_torture());
    CU_ASSERT(strcmp(hook_record(), "<deploy_cert><example.com>\n"
                                    "<deploy_cert><*.example.com>\n")
                  == 0
              || ac_check_is_torture());
}

AC_TEST(phase_without_a_verb_runs_nothing)
{
    SCENE(s);

    AC_REQUIRE(run(&s, "lego", PHASE_STAGE, "words ran"));

    CU_ASSERT_TRUE(call.is_none);
    CU_ASSERT_STRING_EQUAL(hook_record(), "");
}

AC_TEST(folder_of_hooks_runs_in_order_with_a_lineage_of_the_name)
{
    SCENE(s);

    AC_REQUIRE(!ac_check_is_torture()); /* it would take too long */
    AC_REQUIRE(mkdir(ac_test_path("d"), 0700) == 0);
    (void)hook_write("d/2", "words 2 \"${RENEWED_LINEAGE##*/}\"");
    (void)hook_write("d/1", "words 1 \"$RENEWED_DOMAINS\"");
    AC_REQUIRE(fake_host_start(&s.fake, &acmecore_plugin));
    s.fake.ctx.run = hook_run;
    fake_host_set(&s.fake, "dialect", "certbot");
    fake_host_set(&s.fake, "command", ac_test_path("d"));
    call = (struct phase_call){ .host = &s.fake.host, .settings = &s.settings };
    AC_REQUIRE(settings_read(&s.fake.host, &s.settings) == ACMECORE_OK
               && batch_describe(&s.batch, both, 1));
    AC_REQUIRE(phase_run(&call, PHASE_COMMIT, &s.batch, s.results) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(hook_record(), "<1><example.com *.example.com>\n<2><www>\n");
}

AC_TEST(dehydrated_finds_the_files_by_domain_and_by_alias)
{
    SCENE(s);

    AC_REQUIRE(!ac_check_is_torture()); /* it would take too long */
    AC_REQUIRE(run(&s, "dehydrated", PHASE_COMMIT,
                   "words \"$(readlink \"$CERTDIR/$2\")\" "
                   "\"$(readlink \"$CERTDIR/$alias\")\""));

    CU_ASSERT_STRING_EQUAL(hook_record(), "</s/www></s/www>\n</s/mail></s/mail>\n");
}

AC_TEST(hook_that_floods_and_fails_is_cut)
{
    SCENE(s);

    AC_REQUIRE(!ac_check_is_torture()); /* it would take too long */
    AC_REQUIRE(run(&s, "native", PHASE_COMMIT,
                   "head -c 300000 /dev/zero | tr '\\0' x; echo last; exit 1"));

    CU_ASSERT(fake_host_failed_with(&s.fake, "last (30000") || ac_check_is_torture());
    CU_ASSERT_TRUE(strlen(s.fake.ctx.failure) < 1024);
}

AC_TEST(hook_that_hangs_is_killed)
{
    SCENE(s);

    AC_REQUIRE(!ac_check_is_torture()); /* it would take too long */
    AC_REQUIRE(fake_host_start(&s.fake, &acmecore_plugin));
    fake_host_set(&s.fake, "timeout", "1");
    s.fake.ctx.run = hook_run;
    s.fake.ctx.remaining_ms = 150;
    fake_host_set(&s.fake, "command", hook_write("hook", "exec sleep 60"));
    call = (struct phase_call){ .host = &s.fake.host, .settings = &s.settings };
    AC_REQUIRE(settings_read(&s.fake.host, &s.settings) == ACMECORE_OK
               && batch_describe(&s.batch, both, 1));
    AC_REQUIRE(phase_run(&call, PHASE_COMMIT, &s.batch, s.results)
               == ACMECORE_E_TIMEOUT);

    CU_ASSERT_TRUE(fake_host_failed_with(&s.fake, "and was killed"));
}

AC_SUITE("installer-exec/phase", AC_CASE(whole_batch_is_one_call),
         AC_CASE(answer_is_for_each),
         AC_CASE(phase_that_is_not_done_is_left_out_but_commit_is_not),
         AC_CASE(probe_may_be_pending), AC_CASE(other_dialects_are_called_for_each),
         AC_CASE(phase_without_a_verb_runs_nothing),
         AC_CASE(folder_of_hooks_runs_in_order_with_a_lineage_of_the_name),
         AC_CASE(dehydrated_finds_the_files_by_domain_and_by_alias),
         AC_CASE(hook_that_floods_and_fails_is_cut), AC_CASE(hook_that_hangs_is_killed))
