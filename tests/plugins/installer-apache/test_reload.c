/* SPDX-License-Identifier: Apache-2.0 */
#include "reload.h"

#include "change.h"
#include "scene.h"
#include "undo.h"

#define SAID                                                                           \
    "Included configuration files:\n  (*) @\nServerRoot: \"~\"\nPidFile: \"~/pid\"\n"

/* One file changed; the server is this very process. */
static bool start(struct scene *scene)
{
    APACHE_AUTO_CHANGES changes = { 0 };
    char pid[32];

    (void)snprintf(pid, sizeof pid, "%ld\n", (long)getpid());
    if (!scene_start(scene, NULL) || !scene_write("pid", pid))
        return false;
    scene_say(scene, SAID);
    return apache_changes_add_new(&changes, ac_test_path("new"), "news")
           && apache_undo_save(&scene->fake.host, &changes) == ACMECORE_OK
           && apache_changes_make(&scene->fake.host, &changes) == ACMECORE_OK;
}

static bool is_there(const char *name)
{
    return access(ac_test_path(name), F_OK) == 0;
}

static const char *last_call(const struct scene *scene)
{
    return scene->call_count > 0 ? scene->calls[scene->call_count - 1] : "";
}

AC_TEST(a_commit_tests_and_then_reloads)
{
    SCENE_AUTO scene;

    AC_REQUIRE(start(&scene));
    AC_REQUIRE(apache_commit(&scene.fake.host) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(scene.calls[0], "/bin/true -t");
    CU_ASSERT_STRING_EQUAL(last_call(&scene), "/bin/true -k graceful");
    CU_ASSERT_TRUE(is_there("plugin-folder/reload"));
}

AC_TEST(without_a_stage_a_commit_does_nothing)
{
    SCENE_AUTO scene;

    AC_REQUIRE(scene_start(&scene, NULL));

    CU_ASSERT_EQUAL(apache_commit(&scene.fake.host), ACMECORE_OK);
    CU_ASSERT_EQUAL(apache_rollback(&scene.fake.host), ACMECORE_OK);
    CU_ASSERT_EQUAL(apache_finish(&scene.fake.host), ACMECORE_OK);
    CU_ASSERT_EQUAL(scene.call_count, 0);
}

AC_TEST(a_configuration_that_is_refused_is_not_reloaded)
{
    SCENE_AUTO scene;

    AC_REQUIRE(start(&scene));
    scene.exit_code = 1;
    AC_REQUIRE(apache_commit(&scene.fake.host) == ACMECORE_E_CONFIG);

    CU_ASSERT_EQUAL(scene.call_count, 1);
    CU_ASSERT_FALSE(is_there("plugin-folder/reload"));
}

AC_TEST(a_server_that_does_not_run_is_not_started)
{
    SCENE_AUTO scene;

    AC_REQUIRE(start(&scene));
    AC_REQUIRE(unlink(ac_test_path("pid")) == 0);
    AC_REQUIRE(apache_commit(&scene.fake.host) == ACMECORE_E_REFUSED);

    CU_ASSERT_TRUE(fake_host_failed_with(&scene.fake, "Apache is not running"));
    CU_ASSERT_PTR_NULL(strstr(last_call(&scene), "graceful"));
}

AC_TEST(a_rollback_before_the_commit_tells_nobody)
{
    SCENE_AUTO scene;

    AC_REQUIRE(start(&scene));
    AC_REQUIRE(apache_rollback(&scene.fake.host) == ACMECORE_OK);

    CU_ASSERT_FALSE(is_there("new") || is_there("plugin-folder/undo"));
    CU_ASSERT_EQUAL(scene.call_count, 0);
}

AC_TEST(a_rollback_after_the_commit_tells_the_server)
{
    SCENE_AUTO scene;

    AC_REQUIRE(start(&scene));
    AC_REQUIRE(apache_commit(&scene.fake.host) == ACMECORE_OK);
    AC_REQUIRE(apache_rollback(&scene.fake.host) == ACMECORE_OK);

    CU_ASSERT_FALSE(is_there("new") || is_there("plugin-folder/undo")
                    || is_there("plugin-folder/reload"));
    CU_ASSERT_STRING_EQUAL(last_call(&scene), "/bin/true -k graceful");
}

AC_TEST(a_server_that_ended_is_told_by_the_probe_and_started_by_the_rollback)
{
    SCENE_AUTO scene;
    int results[2] = { 0 };

    AC_REQUIRE(start(&scene));
    AC_REQUIRE(scene_write("plugin-folder/reload", "999999999 5 6\n"));
    AC_REQUIRE(unlink(ac_test_path("pid")) == 0);
    AC_REQUIRE(apache_probe(&scene.fake.host, 2, results) == ACMECORE_E_REFUSED);
    CU_ASSERT_EQUAL(results[1], ACMECORE_E_REFUSED);
    CU_ASSERT_TRUE(fake_host_failed_with(&scene.fake, "Apache ended when it was told"));

    AC_REQUIRE(apache_rollback(&scene.fake.host) == ACMECORE_OK);
    CU_ASSERT_STRING_EQUAL(last_call(&scene), "/usr/bin/setsid -w /bin/true -k start");
}

static bool was_called(const struct scene *scene, const char *call)
{
    for (size_t i = 0; i < scene->call_count; i++) {
        if (strcmp(scene->calls[i], call) == 0)
            return true;
    }
    return false;
}

/* The server is gone, and was told with these words behind the numbers. */
static bool lose_server(struct scene *scene, const char *boot, const char *unit)
{
    char told[256];

    (void)snprintf(told, sizeof told, "999999999 5 6 %s %s\n", boot, unit);
    return start(scene) && scene_write("plugin-folder/reload", told)
           && unlink(ac_test_path("pid")) == 0;
}

static bool roll_back_without_server(struct scene *scene, const char *boot,
                                     const char *unit)
{
    return lose_server(scene, boot, unit)
           && apache_rollback(&scene->fake.host) == ACMECORE_OK;
}

AC_TEST(a_service_that_begins_slowly_has_no_second_server_beside_it)
{
    SCENE_AUTO scene;

    AC_REQUIRE(lose_server(&scene, "-", "httpd.service"));
    scene.failing = "is-active"; /* before it is started */
    scene.failing_max = 1;
    scene.exit_code = 3;
    AC_REQUIRE(apache_rollback(&scene.fake.host) == ACMECORE_OK);

    CU_ASSERT_TRUE(was_called(&scene, "/usr/bin/systemctl start httpd.service"));
    CU_ASSERT_STRING_EQUAL(last_call(&scene),
                           "/usr/bin/systemctl is-active httpd.service");
    CU_ASSERT_TRUE(fake_host_logged(&scene.fake, "see that it runs"));
}

/* As systemd itself does with Restart=. */
AC_TEST(a_service_that_is_being_started_has_no_second_server_beside_it)
{
    SCENE_AUTO scene;

    AC_REQUIRE(lose_server(&scene, "-", "httpd.service"));
    scene.failing = "is-active";
    scene.exit_code = 3;
    scene.output = "activating\n";
    AC_REQUIRE(apache_rollback(&scene.fake.host) == ACMECORE_OK);

    CU_ASSERT_TRUE(was_called(&scene, "/usr/bin/systemctl start httpd.service"));
    CU_ASSERT_FALSE(was_called(&scene, "/usr/bin/setsid -w /bin/true -k start"));
}

/* A supervisor's, say: to start it starts nothing. */
AC_TEST(a_server_whose_service_is_active_without_it_is_started_by_itself)
{
    SCENE_AUTO scene;

    AC_REQUIRE(lose_server(&scene, "-", "supervisor.service"));
    AC_REQUIRE(apache_rollback(&scene.fake.host) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(last_call(&scene), "/usr/bin/setsid -w /bin/true -k start");
    CU_ASSERT_FALSE(was_called(&scene, "/usr/bin/systemctl start supervisor.service"));
}

/* That this started nothing is seen. */
AC_TEST(a_server_of_a_service_is_started_through_systemd_and_else_by_itself)
{
    SCENE_AUTO scene;

    AC_REQUIRE(lose_server(&scene, "-", "apache2@x.service"));
    scene.failing = "is-active";
    scene.exit_code = 3;
    AC_REQUIRE(apache_rollback(&scene.fake.host) == ACMECORE_OK);

    CU_ASSERT_TRUE(was_called(&scene, "/usr/bin/systemctl start apache2@x.service"));
    CU_ASSERT_STRING_EQUAL(last_call(&scene), "/usr/bin/setsid -w /bin/true -k start");
}

AC_TEST(nobody_asked_for_a_server_after_the_machine_was_started_anew)
{
    SCENE_AUTO scene;

    AC_REQUIRE(roll_back_without_server(&scene, "01234567-89ab-cdef-0123-456789abcdef",
                                        "apache2.service"));

    CU_ASSERT_FALSE(is_there("new") || is_there("plugin-folder/undo")
                    || is_there("plugin-folder/reload"));
    CU_ASSERT_PTR_NULL(strstr(last_call(&scene), "start"));
    CU_ASSERT_TRUE(fake_host_logged(&scene.fake, "it is not started"));
}

AC_TEST(a_server_that_runs_again_after_the_machine_was_started_anew_is_told)
{
    SCENE_AUTO scene;
    char told[128];

    AC_REQUIRE(start(&scene));
    (void)snprintf(told, sizeof told,
                   "%ld 0 6 01234567-89ab-cdef-0123-456789abcdef -\n", (long)getpid());
    AC_REQUIRE(scene_write("plugin-folder/reload", told));
    AC_REQUIRE(apache_rollback(&scene.fake.host) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(last_call(&scene), "/bin/true -k graceful");
}

AC_TEST(a_rollback_that_is_refused_can_be_repeated)
{
    SCENE_AUTO scene;

    AC_REQUIRE(start(&scene));
    AC_REQUIRE(apache_commit(&scene.fake.host) == ACMECORE_OK);
    scene.exit_code = 1;
    AC_REQUIRE(apache_rollback(&scene.fake.host) == ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(is_there("plugin-folder/undo"));
    scene.exit_code = 0;
    AC_REQUIRE(apache_rollback(&scene.fake.host) == ACMECORE_OK);
    CU_ASSERT_FALSE(is_there("plugin-folder/undo"));
}

AC_TEST(a_reload_that_is_not_over_is_pending)
{
    SCENE_AUTO scene;
    int result = 0;
    char told[64];

    AC_REQUIRE(start(&scene));
    CU_ASSERT_EQUAL(apache_probe(&scene.fake.host, 1, &result), ACMECORE_OK);
    AC_REQUIRE(apache_commit(&scene.fake.host) == ACMECORE_OK);
    (void)snprintf(told, sizeof told, "%ld 0 1\n", (long)getpid());
    AC_REQUIRE(scene_write("plugin-folder/reload", told));
    CU_ASSERT_EQUAL(apache_probe(&scene.fake.host, 1, &result), ACMECORE_OK);
    CU_ASSERT_EQUAL(result, ACMECORE_OK);
}

AC_TEST(what_is_finished_is_not_rolled_back)
{
    SCENE_AUTO scene;

    AC_REQUIRE(start(&scene));
    AC_REQUIRE(apache_finish(&scene.fake.host) == ACMECORE_OK);
    AC_REQUIRE(apache_rollback(&scene.fake.host) == ACMECORE_OK);

    CU_ASSERT_TRUE(is_there("new"));
}

AC_TEST(what_was_refused_of_several_fails_at_the_commit)
{
    SCENE_AUTO scene;

    AC_REQUIRE(scene_start(&scene, NULL));
    AC_REQUIRE(apache_undo_refuse(&scene.fake.host) == ACMECORE_OK);
    AC_REQUIRE(apache_commit(&scene.fake.host) == ACMECORE_E_CONFIG);

    CU_ASSERT_EQUAL(scene.call_count, 0);
    AC_REQUIRE(apache_rollback(&scene.fake.host) == ACMECORE_OK);
    CU_ASSERT_EQUAL(apache_commit(&scene.fake.host), ACMECORE_OK);
}

/* The server's record cannot be removed: a folder has its name. */
AC_TEST(what_was_proven_is_finished_and_not_taken_back_by_a_later_rollback)
{
    SCENE_AUTO scene;

    AC_REQUIRE(start(&scene));
    AC_REQUIRE(apache_commit(&scene.fake.host) == ACMECORE_OK);
    AC_REQUIRE(unlink(ac_test_path("plugin-folder/reload")) == 0
               && mkdir(ac_test_path("plugin-folder/reload"), 0700) == 0);
    AC_REQUIRE(apache_finish(&scene.fake.host) != ACMECORE_OK);
    AC_REQUIRE(apache_rollback(&scene.fake.host) != ACMECORE_OK);
    AC_REQUIRE(rmdir(ac_test_path("plugin-folder/reload")) == 0);
    AC_REQUIRE(apache_rollback(&scene.fake.host) == ACMECORE_OK);

    CU_ASSERT_TRUE(is_there("new"));
    CU_ASSERT_FALSE(is_there("plugin-folder/undo") || is_there("plugin-folder/proven"));
    CU_ASSERT_STRING_EQUAL(last_call(&scene), "/bin/true -k graceful");
}

/* As a process leaves it that is killed between the two. */
AC_TEST(what_is_noted_as_proven_is_kept)
{
    SCENE_AUTO scene;

    AC_REQUIRE(start(&scene));
    AC_REQUIRE(apache_undo_prove(&scene.fake.host) == ACMECORE_OK);
    CU_ASSERT_TRUE(apache_undo_is_proven(&scene.fake.host));
    AC_REQUIRE(apache_rollback(&scene.fake.host) == ACMECORE_OK);

    CU_ASSERT_TRUE(is_there("new"));
    CU_ASSERT_FALSE(is_there("plugin-folder/undo") || is_there("plugin-folder/proven"));
}

AC_SUITE("installer-apache/reload", AC_CASE(a_commit_tests_and_then_reloads),
         AC_CASE(without_a_stage_a_commit_does_nothing),
         AC_CASE(a_configuration_that_is_refused_is_not_reloaded),
         AC_CASE(a_server_that_does_not_run_is_not_started),
         AC_CASE(a_rollback_before_the_commit_tells_nobody),
         AC_CASE(a_rollback_after_the_commit_tells_the_server),
         AC_CASE(a_server_that_ended_is_told_by_the_probe_and_started_by_the_rollback),
         AC_CASE(a_server_of_a_service_is_started_through_systemd_and_else_by_itself),
         AC_CASE(a_service_that_begins_slowly_has_no_second_server_beside_it),
         AC_CASE(a_service_that_is_being_started_has_no_second_server_beside_it),
         AC_CASE(a_server_whose_service_is_active_without_it_is_started_by_itself),
         AC_CASE(nobody_asked_for_a_server_after_the_machine_was_started_anew),
         AC_CASE(a_server_that_runs_again_after_the_machine_was_started_anew_is_told),
         AC_CASE(a_rollback_that_is_refused_can_be_repeated),
         AC_CASE(a_reload_that_is_not_over_is_pending),
         AC_CASE(what_is_finished_is_not_rolled_back),
         AC_CASE(what_was_refused_of_several_fails_at_the_commit),
         AC_CASE(what_was_proven_is_finished_and_not_taken_back_by_a_later_rollback),
         AC_CASE(what_is_noted_as_proven_is_kept))
