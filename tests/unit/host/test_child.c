/* SPDX-License-Identifier: Apache-2.0 */
#include "host/child.h"

#include "base/memory.h"
#include "check.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

AC_TEST(environment_is_clean_and_the_socket_named)
{
    struct ac_error err = { 0 };
    struct ac_child child;
    AC_AUTO_FD int control_fd = -1;
    AC_AUTO_FD int output_fd = -1;

    AC_REQUIRE_OK(ac_child_prepare("/bin/true", &control_fd, &output_fd, &child, &err));

    CU_ASSERT_STRING_EQUAL(child.envp[0], "PATH=/usr/sbin:/usr/bin:/sbin:/bin");
    CU_ASSERT_STRING_EQUAL(child.envp[1], "LANG=C.UTF-8");
    CU_ASSERT_PTR_NULL(child.envp[2]);
    CU_ASSERT_STRING_EQUAL(child.argv[2], "3");
    ac_child_done(&child);
    CU_ASSERT_EQUAL(child.control_fd, -1);
}

AC_TEST(sockets_from_the_service_manager_go_along)
{
    struct ac_error err = { 0 };
    struct ac_child child;
    char pid[32];
    AC_AUTO_FD int control_fd = -1;
    AC_AUTO_FD int output_fd = -1;

    /* given: descriptors 3 and 4, as sd_listen_fds(3) has them */
    AC_REQUIRE(dup2(0, 3) == 3 && dup2(0, 4) == 4);
    (void)snprintf(pid, sizeof pid, "%d", getpid());
    AC_REQUIRE(!setenv("LISTEN_FDS", "2", 1) && !setenv("LISTEN_PID", pid, 1));
    enum ac_code code =
        ac_child_prepare("/bin/true", &control_fd, &output_fd, &child, &err);
    AC_REQUIRE(!unsetenv("LISTEN_FDS") && !unsetenv("LISTEN_PID"));
    AC_REQUIRE(close(3) == 0 && close(4) == 0);

    AC_REQUIRE_OK(code);
    CU_ASSERT_EQUAL(child.listen_count, 2);
    CU_ASSERT_STRING_EQUAL(child.argv[2], "5");
    CU_ASSERT_STRING_EQUAL(child.envp[2], "LISTEN_FDS=2");
    CU_ASSERT(child.control_fd > 5 && child.output_fd > 5 && child.null_fd > 5);
    ac_child_done(&child);
}

AC_TEST(sockets_for_another_process_are_not_ours)
{
    struct ac_error err = { 0 };
    struct ac_child child;
    AC_AUTO_FD int control_fd = -1;
    AC_AUTO_FD int output_fd = -1;

    AC_REQUIRE(!setenv("LISTEN_FDS", "1", 1) && !setenv("LISTEN_PID", "1", 1));
    enum ac_code code =
        ac_child_prepare("/bin/true", &control_fd, &output_fd, &child, &err);
    AC_REQUIRE(!unsetenv("LISTEN_FDS") && !unsetenv("LISTEN_PID"));

    AC_REQUIRE_OK(code);
    CU_ASSERT_EQUAL(child.listen_count, 0);
    ac_child_done(&child);
}

AC_TEST(a_place_is_made_for_the_plugin_alone)
{
    struct ac_error err = { 0 };
    struct stat status;

    AC_REQUIRE_OK(ac_child_make_place(ac_test_path("plugins/dns01"), &err));

    AC_REQUIRE(stat(ac_test_path("plugins/dns01"), &status) == 0);
    CU_ASSERT_EQUAL(status.st_mode & 07777, 0700);
}

AC_TEST(a_host_that_cannot_be_executed_is_named)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(ac_child_check("/bin/sh", &err));
    AC_REQUIRE_CODE(ac_child_check("bin/sh", &err), AC_E_SYSTEM);
    AC_REQUIRE_CODE(ac_child_check("/nonexistent/host", &err), AC_E_SYSTEM);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "/nonexistent/host"));
}

AC_SUITE("host/child", AC_CASE(a_place_is_made_for_the_plugin_alone),
         AC_CASE(a_host_that_cannot_be_executed_is_named),
         AC_CASE(environment_is_clean_and_the_socket_named),
         AC_CASE(sockets_from_the_service_manager_go_along),
         AC_CASE(sockets_for_another_process_are_not_ours))
