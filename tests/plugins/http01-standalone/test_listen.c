/* SPDX-License-Identifier: Apache-2.0 */
#include "listen.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "fake_host.h"
#include "net.h"

static const struct listen_terms terms = { .port = 80, .instead = "wait for it" };

static bool start(struct fake_host *fake, uint16_t port, const char *address)
{
    if (!fake_host_start(fake, &acmecore_plugin))
        return false;
    fake_host_set(fake, "port", net_port_text(port));
    if (address)
        fake_host_set(fake, "address", address);
    return true;
}

static bool can_connect(int family, uint16_t port)
{
    int fd = net_connect(family, port);

    if (fd >= 0)
        (void)close(fd);
    return fd >= 0;
}

static int open_low_port_as_nobody(void)
{
    struct fake_host fake;
    struct listeners listeners;
    int status = 0;

    /* A new network namespace has its own idea of where low ports end: 1024. */
    if (unshare(CLONE_NEWNET) != 0)
        return 0;
    if (!start(&fake, 81, "127.0.0.1") || setresuid(65534, 65534, 65534) != 0)
        return 1;
    status = listeners_open(&fake.host, &terms, &listeners);
    if (status != ACMECORE_E_CONFIG)
        return 2;
    if (!fake_host_failed_with(&fake, "cannot listen on 127.0.0.1:81: user id 65534"))
        return 3;
    return fake_host_failed_with(&fake, "CAP_NET_BIND_SERVICE") ? 0 : 4;
}

AC_TEST(without_address_both_families_listen)
{
    struct fake_host fake;
    struct listeners listeners = { 0 };
    uint16_t port = net_free_port();

    AC_REQUIRE(start(&fake, port, NULL));
    AC_REQUIRE(listeners_open(&fake.host, &terms, &listeners) == ACMECORE_OK);

    CU_ASSERT_EQUAL(listeners.count, net_has_ipv6() ? 2 : 1);
    CU_ASSERT_TRUE(can_connect(AF_INET, port));
    CU_ASSERT_EQUAL(can_connect(AF_INET6, port), net_has_ipv6());
    listeners_close(&listeners);
}

/* From here on the kernel of this process has no IPv6. */
static bool deny_ipv6(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET6, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAFNOSUPPORT),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {
        .len = sizeof(filter) / sizeof(filter[0]),
        .filter = filter,
    };

    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
           && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static int open_without_ipv6(void)
{
    struct fake_host fake;
    struct listeners listeners = { 0 };

    if (!start(&fake, net_free_port(), NULL) || !deny_ipv6())
        return 1;
    if (listeners_open(&fake.host, &terms, &listeners) != ACMECORE_OK)
        return 2;
    if (listeners.count != 1 || fake.ctx.log[0] != '\0')
        return 3;
    listeners_close(&listeners);
    fake_host_set(&fake, "address", "::1");
    return listeners_open(&fake.host, &terms, &listeners) == ACMECORE_E_SYSTEM ? 0 : 4;
}

AC_TEST(kernel_without_ipv6_is_nothing_to_complain_about)
{
    CU_ASSERT_EQUAL(net_in_child(open_without_ipv6), 0);
}

AC_TEST(named_address_listens_alone)
{
    struct fake_host fake;
    struct listeners listeners = { 0 };
    uint16_t port = net_free_port();

    AC_REQUIRE(start(&fake, port, "127.0.0.1"));
    AC_REQUIRE(listeners_open(&fake.host, &terms, &listeners) == ACMECORE_OK);

    CU_ASSERT_EQUAL(listeners.count, 1);
    CU_ASSERT_TRUE(can_connect(AF_INET, port));
    CU_ASSERT_FALSE(can_connect(AF_INET6, port));
    listeners_close(&listeners);
}

AC_TEST(several_addresses_listen_together)
{
    struct fake_host fake;
    struct listeners listeners = { 0 };
    uint16_t port = net_free_port();

    AC_REQUIRE(start(&fake, port, "127.0.0.1"));
    fake_host_set(&fake, "address", net_has_ipv6() ? "[::1]" : "127.0.0.2");
    AC_REQUIRE(listeners_open(&fake.host, &terms, &listeners) == ACMECORE_OK);

    CU_ASSERT_EQUAL(listeners.count, 2);
    listeners_close(&listeners);
}

AC_TEST(sockets_neither_block_nor_outlive_an_exec)
{
    struct fake_host fake;
    struct listeners listeners = { 0 };

    AC_REQUIRE(start(&fake, net_free_port(), "127.0.0.1"));
    AC_REQUIRE(listeners_open(&fake.host, &terms, &listeners) == ACMECORE_OK);

    CU_ASSERT_TRUE(fcntl(listeners.fds[0], F_GETFL) & O_NONBLOCK);
    CU_ASSERT_TRUE(fcntl(listeners.fds[0], F_GETFD) & FD_CLOEXEC);
    listeners_close(&listeners);
}

AC_TEST(taken_port_names_address_and_program)
{
    struct fake_host fake;
    struct listeners listeners = { 0 };
    int holder = net_bind(AF_INET, 0, true);
    uint16_t port = net_port_of(holder);
    char text[128];

    AC_REQUIRE(holder >= 0 && start(&fake, port, NULL));

    CU_ASSERT_EQUAL(listeners_open(&fake.host, &terms, &listeners), ACMECORE_E_REFUSED);
    (void)snprintf(text, sizeof(text), "cannot listen on 0.0.0.0:%u: %s (process %ld)",
                   (unsigned)port, net_own_name(), (long)getpid());
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, text));
    CU_ASSERT_EQUAL(listeners.count, 0);
    (void)close(holder);
}

static uint16_t taken_port;

static int open_taken_port(void)
{
    struct fake_host fake;
    struct listeners listeners = { 0 };

    if (!start(&fake, taken_port, NULL))
        return 1;
    if (listeners_open(&fake.host, &terms, &listeners) != ACMECORE_E_REFUSED)
        return 2;
    return fake_host_failed_with(&fake, "another run of acmecore (process ") ? 0 : 3;
}

/* The one that has the port, we, was not started by who started the one that wants it.
 */
AC_TEST(another_run_that_has_the_port_is_waited_for)
{
    int holder = net_bind(AF_INET, 0, true);
    char name[16];

    AC_REQUIRE(holder >= 0 && prctl(PR_GET_NAME, name) == 0);
    AC_REQUIRE(prctl(PR_SET_NAME, "acmecore-plugin") == 0);
    taken_port = net_port_of(holder);

    int status = net_in_child(open_taken_port);

    (void)prctl(PR_SET_NAME, name);
    CU_ASSERT_EQUAL(status, 0);
    (void)close(holder);
}

AC_TEST(another_solver_of_the_same_run_is_told_as_one)
{
    struct fake_host fake;
    struct listeners listeners = { 0 };
    int holder = net_bind(AF_INET, 0, true);
    char name[16];

    AC_REQUIRE(prctl(PR_GET_NAME, name) == 0);
    AC_REQUIRE(holder >= 0 && start(&fake, net_port_of(holder), NULL));
    AC_REQUIRE(prctl(PR_SET_NAME, "acmecore-plugin") == 0);

    int status = listeners_open(&fake.host, &terms, &listeners);

    (void)prctl(PR_SET_NAME, name);
    CU_ASSERT_EQUAL(status, ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(
        fake_host_failed_with(&fake, "another solver of this run (process "));
    (void)close(holder);
}

/* Also for root: as somebody else, who may not look. */
static int open_port_that_a_hidden_one_has(void)
{
    struct fake_host fake;
    struct listeners listeners = { 0 };

    if (!start(&fake, taken_port, "127.0.0.1"))
        return 1;
    if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0)
        return 2;
    if (listeners_open(&fake.host, &terms, &listeners) != ACMECORE_E_REFUSED)
        return 3;
    return fake_host_failed_with(&fake, "another solver of this run (process ") ? 0 : 4;
}

/* Says so once it is hidden, and waits to be killed. */
static pid_t start_hidden(int listening_fd, int tell_fd)
{
    pid_t pid = fork();

    if (pid != 0)
        return pid;
    if (listening_fd >= 0 && prctl(PR_SET_NAME, "acmecore-plugin") == 0
        && prctl(PR_SET_DUMPABLE, 0UL, 0UL, 0UL, 0UL) == 0
        && write(tell_fd, "!", 1) == 1)
        (void)pause();
    _exit(0);
}

/* As all plugin hosts are, for the other ones of the run. */
AC_TEST(another_solver_of_the_same_run_that_is_hidden_may_be_it)
{
    int holder = net_bind(AF_INET, 0, true);
    char told = 0;
    int ends[2];

    AC_REQUIRE(holder >= 0 && pipe2(ends, O_CLOEXEC) == 0);
    taken_port = net_port_of(holder);
    pid_t pid = start_hidden(holder, ends[1]);
    (void)close(holder);
    (void)close(ends[1]);
    ssize_t got = read(ends[0], &told, 1);

    int status = net_in_child(open_port_that_a_hidden_one_has);

    (void)close(ends[0]);
    if (pid > 0 && kill(pid, SIGKILL) == 0)
        (void)waitpid(pid, NULL, 0);
    AC_REQUIRE(pid > 0 && got == 1);
    CU_ASSERT_EQUAL(status, 0);
}

AC_TEST(port_that_is_taken_for_ipv6_only_is_not_half_opened)
{
    struct fake_host fake;
    struct listeners listeners = { 0 };
    int family = net_has_ipv6() ? AF_INET6 : AF_INET;
    int holder = net_bind(family, 0, true);
    uint16_t port = net_port_of(holder);

    AC_REQUIRE(holder >= 0 && start(&fake, port, NULL));

    CU_ASSERT_EQUAL(listeners_open(&fake.host, &terms, &listeners), ACMECORE_E_REFUSED);
    CU_ASSERT_FALSE(family == AF_INET6 && can_connect(AF_INET, port));
    (void)close(holder);
}

AC_TEST(port_bound_by_a_silent_program_is_told_without_a_name)
{
    struct fake_host fake;
    struct listeners listeners = { 0 };
    int holder = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in any = { .sin_family = AF_INET };

    AC_REQUIRE(bind(holder, (const struct sockaddr *)&any, sizeof(any)) == 0);
    AC_REQUIRE(start(&fake, net_port_of(holder), NULL));

    CU_ASSERT_EQUAL(listeners_open(&fake.host, &terms, &listeners), ACMECORE_E_REFUSED);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "another program holds the port"));
    (void)close(holder);
}

AC_TEST(low_port_without_privilege_says_what_to_do)
{
    CU_ASSERT_EQUAL(geteuid() == 0 ? net_in_child(open_low_port_as_nobody) : 0, 0);
}

AC_TEST(wrong_options_are_refused)
{
    static const struct {
        const char *port, *address, *text;
    } cases[] = {
        { "0", NULL, "option port" },
        { "65536", NULL, "option port" },
        { "80x", NULL, "option port" },
        { "8080", "localhost", "\"localhost\" is not an IP address" },
        { "8080", "127.0.0.1:80", "the port has an option of its own" },
        { "8080", "192.0.2.1", "192.0.2.1:8080: this machine does not have" },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fake_host fake;
        struct listeners listeners = { 0 };

        AC_REQUIRE(fake_host_start(&fake, &acmecore_plugin));
        fake_host_set(&fake, "port", cases[i].port);
        if (cases[i].address)
            fake_host_set(&fake, "address", cases[i].address);
        CU_ASSERT_EQUAL(listeners_open(&fake.host, &terms, &listeners),
                        ACMECORE_E_CONFIG);
        CU_ASSERT_TRUE(fake_host_failed_with(&fake, cases[i].text));
    }
}

AC_SUITE("http01-standalone/listen", AC_CASE(without_address_both_families_listen),
         AC_CASE(kernel_without_ipv6_is_nothing_to_complain_about),
         AC_CASE(named_address_listens_alone),
         AC_CASE(several_addresses_listen_together),
         AC_CASE(sockets_neither_block_nor_outlive_an_exec),
         AC_CASE(taken_port_names_address_and_program),
         AC_CASE(another_run_that_has_the_port_is_waited_for),
         AC_CASE(another_solver_of_the_same_run_is_told_as_one),
         AC_CASE(another_solver_of_the_same_run_that_is_hidden_may_be_it),
         AC_CASE(port_that_is_taken_for_ipv6_only_is_not_half_opened),
         AC_CASE(port_bound_by_a_silent_program_is_told_without_a_name),
         AC_CASE(low_port_without_privilege_says_what_to_do),
         AC_CASE(wrong_options_are_refused))
