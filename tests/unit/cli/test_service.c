/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/service.h"

#include "base/memory.h"
#include "check.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A socket as a service manager has it, at this path; "@…" is one without a file. */
static int listen_at(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    size_t size = strlen(path);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0 || size >= sizeof address.sun_path)
        return -1;
    memcpy(address.sun_path, path, size);
    if (path[0] == '@')
        address.sun_path[0] = '\0';
    if (bind(fd, (const struct sockaddr *)&address,
             (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size))
        != 0)
        return -1;
    return fd;
}

static void check_at(const char *path)
{
    AC_AUTO_FD int fd = listen_at(path);
    char message[128] = "";

    AC_REQUIRE(fd >= 0);
    AC_REQUIRE(setenv("NOTIFY_SOCKET", path, 1) == 0);
    ac_service_notify("READY=1\nSTATUS=%s", "waits");
    (void)unsetenv("NOTIFY_SOCKET");

    CU_ASSERT(recv(fd, message, sizeof message - 1, 0) > 0);
    CU_ASSERT_STRING_EQUAL(message, "READY=1\nSTATUS=waits");
}

AC_TEST(the_service_manager_is_told)
{
    char name[64];

    check_at(ac_test_path("notify"));
    (void)snprintf(name, sizeof name, "@acmecore-test-%d", (int)getpid());
    check_at(name);
}

AC_TEST(without_one_nothing_happens)
{
    (void)unsetenv("NOTIFY_SOCKET");
    ac_service_notify("READY=1");
    AC_REQUIRE(setenv("NOTIFY_SOCKET", "relative", 1) == 0);
    ac_service_notify("READY=1");
    AC_REQUIRE(setenv("NOTIFY_SOCKET", "/nonexistent/socket", 1) == 0);
    ac_service_notify("READY=1");
    CU_ASSERT_EQUAL(unsetenv("NOTIFY_SOCKET"), 0);
}

AC_SUITE("cli/service", AC_CASE(the_service_manager_is_told),
         AC_CASE(without_one_nothing_happens))
