/* SPDX-License-Identifier: Apache-2.0 */
#include "handover.h"

#include <sys/un.h>

#include "fake_host.h"
#include "net.h"

#define FIRST_FD 3

static const struct listen_terms terms = { .port = 80, .instead = "wait for it" };

enum child_result {
    CHILD_GOOD,
    CHILD_CANNOT_START,
    CHILD_BAD_STATUS,
    CHILD_BAD_COUNT,
    CHILD_BAD_SOCKET,
    CHILD_BAD_MESSAGE
};

/* What a service manager does: descriptors from 3 on, and two variables. */
static bool hand_over(const int *fds, int count, const char *pid)
{
    char own_pid[32], number[8];

    (void)snprintf(own_pid, sizeof(own_pid), "%ld", (long)getpid());
    (void)snprintf(number, sizeof(number), "%d", count);
    for (int i = 0; i < count; i++) {
        if (dup2(fds[i], FIRST_FD + i) < 0)
            return false;
    }
    return setenv("LISTEN_PID", pid ? pid : own_pid, 1) == 0
           && setenv("LISTEN_FDS", number, 1) == 0;
}

/* Sockets at numbers that dup2 does not tread on. */
static int far(int fd)
{
    return fcntl(fd, F_DUPFD_CLOEXEC, 40);
}

static int take_listening_ones(void)
{
    struct fake_host fake;
    struct listeners listeners = { 0 };
    int fds[4] = { far(net_bind(AF_INET, 0, true)), far(net_bind(AF_INET, 0, false)),
                   far(STDIN_FILENO), far(net_bind(AF_INET, 0, true)) };
    uint16_t port = net_port_of(fds[0]);

    if (!fake_host_start(&fake, &acmecore_plugin) || !hand_over(fds, 4, NULL))
        return CHILD_CANNOT_START;
    if (handover_take(&fake.host, &terms, 80, &listeners) != ACMECORE_OK)
        return CHILD_BAD_STATUS;
    if (listeners.count != 2)
        return CHILD_BAD_COUNT;
    if (net_port_of(listeners.fds[0]) != port
        || !(fcntl(listeners.fds[0], F_GETFD) & FD_CLOEXEC)
        || !(fcntl(listeners.fds[0], F_GETFL) & O_NONBLOCK)
        || !(fcntl(FIRST_FD, F_GETFD) & FD_CLOEXEC))
        return CHILD_BAD_SOCKET;
    return CHILD_GOOD;
}

static int take_one_of_two(void)
{
    struct fake_host fake;
    struct listeners listeners = { 0 };
    int fds[3] = { far(net_bind(AF_INET, 0, true)), far(net_bind(AF_INET, 0, true)),
                   far(net_bind(AF_INET, 0, false)) };
    uint16_t port = net_port_of(fds[1]);

    if (!fake_host_start(&fake, &acmecore_plugin) || !hand_over(fds, 3, NULL))
        return CHILD_CANNOT_START;
    if (handover_take(&fake.host, &terms, port, &listeners) != ACMECORE_OK)
        return CHILD_BAD_STATUS;
    if (listeners.count != 1)
        return CHILD_BAD_COUNT;
    return net_port_of(listeners.fds[0]) == port ? CHILD_GOOD : CHILD_BAD_SOCKET;
}

static int take_twice(void)
{
    struct fake_host fake;
    struct listeners listeners = { 0 };
    int fd = far(net_bind(AF_INET, 0, true));

    if (!fake_host_start(&fake, &acmecore_plugin) || !hand_over(&fd, 1, NULL))
        return CHILD_CANNOT_START;
    for (int i = 0; i < 2; i++) {
        if (handover_take(&fake.host, &terms, 80, &listeners) != ACMECORE_OK)
            return CHILD_BAD_STATUS;
        if (listeners.count != 1)
            return CHILD_BAD_COUNT;
        listeners_close(&listeners);
    }
    return CHILD_GOOD;
}

static int take_with_other_port(void)
{
    struct fake_host fake;
    struct listeners listeners = { 0 };
    int fd = far(net_bind(AF_INET, 0, true));
    uint16_t port = net_port_of(fd);
    char text[96];

    if (!fake_host_start(&fake, &acmecore_plugin) || !hand_over(&fd, 1, NULL))
        return CHILD_CANNOT_START;
    if (handover_take(&fake.host, &terms, port, &listeners) != ACMECORE_OK
        || handover_take(&fake.host, &terms, 79, &listeners) != ACMECORE_E_CONFIG)
        return CHILD_BAD_STATUS;
    (void)snprintf(text, sizeof(text),
                   "option port is 79, but the socket handed over "
                   "by systemd listens on 127.0.0.1:%u",
                   (unsigned)port);
    return fake_host_failed_with(&fake, text) ? CHILD_GOOD : CHILD_BAD_MESSAGE;
}

static int take_for_another_process(void)
{
    struct fake_host fake;
    struct listeners listeners = { 0 };
    int fd = far(net_bind(AF_INET, 0, true));

    if (!fake_host_start(&fake, &acmecore_plugin) || !hand_over(&fd, 1, "1"))
        return CHILD_CANNOT_START;
    if (handover_take(&fake.host, &terms, 80, &listeners) != ACMECORE_OK)
        return CHILD_BAD_STATUS;
    return listeners.count == 0 ? CHILD_GOOD : CHILD_BAD_COUNT;
}

static int take_without_any_listening(void)
{
    struct fake_host fake;
    struct listeners listeners = { 0 };
    int fd = far(STDIN_FILENO);

    if (!fake_host_start(&fake, &acmecore_plugin) || !hand_over(&fd, 1, NULL))
        return CHILD_CANNOT_START;
    if (handover_take(&fake.host, &terms, 80, &listeners) != ACMECORE_OK)
        return CHILD_BAD_STATUS;
    if (!fake_host_logged(&fake, "WARN none of the 1 descriptors handed over"))
        return CHILD_BAD_MESSAGE;
    return listeners.count == 0 ? CHILD_GOOD : CHILD_BAD_COUNT;
}

static int take_with_broken_variables(void)
{
    static const char *const values[] = { "",   "x", "-1", "1x", "99999999999999999999",
                                          " 1", "0" };
    struct fake_host fake;
    struct listeners listeners = { 0 };
    int fd = far(net_bind(AF_INET, 0, true));

    if (!fake_host_start(&fake, &acmecore_plugin) || !hand_over(&fd, 1, NULL))
        return CHILD_CANNOT_START;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        if (setenv("LISTEN_FDS", values[i], 1) != 0)
            return CHILD_CANNOT_START;
        if (handover_take(&fake.host, &terms, 80, &listeners) != ACMECORE_OK)
            return CHILD_BAD_STATUS;
        if (listeners.count != 0)
            return CHILD_BAD_COUNT;
    }
    return CHILD_GOOD;
}

static int take_local_socket(void)
{
    struct fake_host fake;
    struct listeners listeners = { 0 };
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = far(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));

    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s",
                   ac_test_path("socket"));
    if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0
        || listen(fd, 1) != 0 || !fake_host_start(&fake, &acmecore_plugin)
        || !hand_over(&fd, 1, NULL))
        return CHILD_CANNOT_START;
    if (handover_take(&fake.host, &terms, 8080, &listeners) != ACMECORE_OK)
        return CHILD_BAD_STATUS;
    return listeners.count == 1 ? CHILD_GOOD : CHILD_BAD_COUNT;
}

AC_TEST(listening_sockets_are_taken_and_others_left)
{
    CU_ASSERT_EQUAL(net_in_child(take_listening_ones), CHILD_GOOD);
}

AC_TEST(of_several_ports_only_that_of_the_option_is_taken)
{
    CU_ASSERT_EQUAL(net_in_child(take_one_of_two), CHILD_GOOD);
}

AC_TEST(sockets_can_be_taken_again_after_they_were_closed)
{
    CU_ASSERT_EQUAL(net_in_child(take_twice), CHILD_GOOD);
}

AC_TEST(set_port_that_differs_is_an_error)
{
    CU_ASSERT_EQUAL(net_in_child(take_with_other_port), CHILD_GOOD);
}

AC_TEST(sockets_for_another_process_are_left)
{
    CU_ASSERT_EQUAL(net_in_child(take_for_another_process), CHILD_GOOD);
}

AC_TEST(descriptors_that_do_not_listen_are_told)
{
    CU_ASSERT_EQUAL(net_in_child(take_without_any_listening), CHILD_GOOD);
}

AC_TEST(broken_variables_count_as_none)
{
    CU_ASSERT_EQUAL(net_in_child(take_with_broken_variables), CHILD_GOOD);
}

AC_TEST(local_socket_behind_a_proxy_is_taken_whatever_the_port)
{
    CU_ASSERT_EQUAL(net_in_child(take_local_socket), CHILD_GOOD);
}

AC_SUITE("http01-standalone/handover",
         AC_CASE(listening_sockets_are_taken_and_others_left),
         AC_CASE(of_several_ports_only_that_of_the_option_is_taken),
         AC_CASE(sockets_can_be_taken_again_after_they_were_closed),
         AC_CASE(set_port_that_differs_is_an_error),
         AC_CASE(sockets_for_another_process_are_left),
         AC_CASE(descriptors_that_do_not_listen_are_told),
         AC_CASE(broken_variables_count_as_none),
         AC_CASE(local_socket_behind_a_proxy_is_taken_whatever_the_port))
