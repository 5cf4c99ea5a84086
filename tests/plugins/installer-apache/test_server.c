/* SPDX-License-Identifier: Apache-2.0 */
#include "server.h"

#include <signal.h>
#include <sys/wait.h>

#include "scene.h"

static bool write_pid(const char *name, long pid)
{
    char text[32];

    (void)snprintf(text, sizeof text, "%ld\n", pid);
    return scene_write(name, text);
}

AC_TEST(the_server_of_a_pid_file_is_found)
{
    struct fake_host fake;
    struct apache_server server = { 0 };

    AC_REQUIRE(fake_host_start(&fake, NULL) && write_pid("pid", (long)getpid()));
    AC_REQUIRE(apache_server_find(&fake.host, ac_test_path("pid"), &server)
               == ACMECORE_OK);

    CU_ASSERT_EQUAL(server.pid, getpid());
    CU_ASSERT_TRUE(server.born_at > 0);
    CU_ASSERT_TRUE(apache_server_is_alive(&server));
    server.born_at++;
    CU_ASSERT_FALSE(apache_server_is_alive(&server));
}

AC_TEST(a_server_that_is_not_running_is_told)
{
    struct fake_host fake;
    struct apache_server server = { 0 };

    AC_REQUIRE(fake_host_start(&fake, NULL));
    AC_REQUIRE(apache_server_find(&fake.host, ac_test_path("none"), &server)
               == ACMECORE_E_REFUSED);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "Apache is not running"));
    AC_REQUIRE(scene_write("odd", "-1 x"));
    CU_ASSERT_EQUAL(apache_server_find(&fake.host, ac_test_path("odd"), &server),
                    ACMECORE_E_REFUSED);
}

AC_TEST(a_child_that_is_younger_than_the_signal_shows_that_it_came_through)
{
    struct apache_server server = { .pid = getpid(), .born_at = 1 };
    pid_t child = fork();

    if (child == 0) {
        (void)pause();
        _exit(0);
    }
    server.told_at = 1;
    CU_ASSERT_TRUE(apache_server_has_reloaded(&server));
    server.told_at = (unsigned long long)-1;
    CU_ASSERT_FALSE(apache_server_has_reloaded(&server));
    (void)kill(child, SIGKILL);
    (void)waitpid(child, NULL, 0);
}

AC_TEST(a_process_that_ended_is_not_alive_before_its_parent_knows)
{
    struct apache_server server = { 0 };
    siginfo_t info = { 0 };

    server.pid = fork();
    if (server.pid == 0)
        _exit(0);
    AC_REQUIRE(waitid(P_PID, (id_t)server.pid, &info, WEXITED | WNOWAIT) == 0);

    CU_ASSERT_FALSE(apache_server_is_alive(&server));
    (void)waitpid(server.pid, NULL, 0);
}

AC_TEST(where_processes_are_not_shown_it_is_taken_on_trust)
{
    const struct apache_server server = { .pid = 2, .born_at = 0, .told_at = 1 };

    CU_ASSERT_TRUE(apache_server_has_reloaded(&server));
}

AC_TEST(the_moment_is_remembered_across_processes)
{
    struct fake_host fake;
    struct apache_server server = { .pid = 42, .born_at = 7 };
    struct apache_server found = { 0 };

    AC_REQUIRE(fake_host_start(&fake, NULL));
    CU_ASSERT_EQUAL(apache_server_recall(&fake.host, &found), ACMECORE_E_NOTFOUND);
    AC_REQUIRE(apache_server_remember(&fake.host, &server) == ACMECORE_OK);
    AC_REQUIRE(apache_server_recall(&fake.host, &found) == ACMECORE_OK);

    CU_ASSERT_EQUAL(found.pid, 42);
    CU_ASSERT_EQUAL(found.born_at, 7);
    CU_ASSERT_TRUE(found.told_at > 0 && found.told_at == server.told_at);
    CU_ASSERT_STRING_EQUAL(found.boot, server.boot);
    CU_ASSERT_STRING_EQUAL(found.unit, server.unit);
    CU_ASSERT_FALSE(apache_server_is_of_other_boot(&found));
    AC_REQUIRE(apache_server_forget(&fake.host) == ACMECORE_OK);
    CU_ASSERT_EQUAL(apache_server_recall(&fake.host, &found), ACMECORE_E_NOTFOUND);
}

AC_TEST(a_process_of_another_boot_is_not_this_one)
{
    struct apache_server server = { .pid = getpid(), .boot = "another" };

    CU_ASSERT_TRUE(apache_server_is_of_other_boot(&server));
    CU_ASSERT_FALSE(apache_server_is_alive(&server));
    server.boot[0] = '\0';
    CU_ASSERT_TRUE(apache_server_is_alive(&server));
}

AC_TEST(what_an_older_version_remembered_is_understood)
{
    struct fake_host fake;
    struct apache_server found = { 0 };

    AC_REQUIRE(fake_host_start(&fake, NULL)
               && scene_write("plugin-folder/" APACHE_RELOAD_FILE, "42 7 8\n"));
    AC_REQUIRE(apache_server_recall(&fake.host, &found) == ACMECORE_OK);

    CU_ASSERT_EQUAL(found.told_at, 8);
    CU_ASSERT_STRING_EQUAL(found.boot, "");
    CU_ASSERT_STRING_EQUAL(found.unit, "");
}

AC_SUITE("installer-apache/server", AC_CASE(the_server_of_a_pid_file_is_found),
         AC_CASE(a_server_that_is_not_running_is_told),
         AC_CASE(a_child_that_is_younger_than_the_signal_shows_that_it_came_through),
         AC_CASE(a_process_that_ended_is_not_alive_before_its_parent_knows),
         AC_CASE(where_processes_are_not_shown_it_is_taken_on_trust),
         AC_CASE(the_moment_is_remembered_across_processes),
         AC_CASE(a_process_of_another_boot_is_not_this_one),
         AC_CASE(what_an_older_version_remembered_is_understood))
