/* SPDX-License-Identifier: Apache-2.0 */
#include "backend.h"

#include "fake_host.h"
#include "visitor.h"

static int read_options(const char *backend, const char *header,
                        const struct listeners *listeners, struct backend *ret_backend,
                        struct fake_host *fake)
{
    if (!fake_host_start(fake, &acmecore_plugin))
        return ACMECORE_E_SYSTEM;
    if (backend)
        fake_host_set(fake, "backend", backend);
    if (header)
        fake_host_set(fake, "proxy-protocol", header);
    return backend_read(&fake->host, listeners, ret_backend);
}

AC_TEST(without_the_option_there_is_none)
{
    const struct listeners none = { .count = 0 };
    struct fake_host fake;
    struct backend backend;

    AC_REQUIRE(read_options(NULL, NULL, &none, &backend, &fake) == ACMECORE_OK);

    CU_ASSERT_FALSE(backend.is_set);
    CU_ASSERT_STRING_EQUAL(fake.ctx.stranger, "");
}

AC_TEST(addresses_with_a_port_are_taken)
{
    static const struct {
        const char *text, *shown;
    } cases[] = {
        { "127.0.0.1:8443", "127.0.0.1:8443" },
        { "[::1]:443", "[::1]:443" },
        { "localhost:65535", "127.0.0.1:65535" },
    };
    const struct listeners none = { .count = 0 };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fake_host fake;
        struct backend backend;

        AC_REQUIRE(read_options(cases[i].text, "v1", &none, &backend, &fake)
                   == ACMECORE_OK);
        CU_ASSERT_TRUE(backend.is_set && backend.wants_header);
        CU_ASSERT_STRING_EQUAL(address_format(address_socket(&backend.address)).text,
                               cases[i].shown);
    }
}

AC_TEST(anything_else_is_refused_with_what_is_wanted)
{
    static const char *const cases[] = {
        "127.0.0.1",
        "::1",
        "::1:443",
        "www.example:443",
        ":443",
        "127.0.0.1:0",
        "127.0.0.1:65536",
        "127.0.0.1:44x",
        "127.0.0.1:",
        "127.0.0.1:-1",
        "[::1]",
        "[::1]443",
        "127.0.0.1: 1",
        "",
    };
    const struct listeners none = { .count = 0 };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fake_host fake;
        struct backend backend;

        CU_ASSERT_EQUAL(read_options(cases[i], NULL, &none, &backend, &fake),
                        ACMECORE_E_CONFIG);
        CU_ASSERT_TRUE(fake_host_failed_with(&fake, "127.0.0.1:8443"));
    }
}

AC_TEST(unknown_version_of_the_header_is_refused)
{
    const struct listeners none = { .count = 0 };
    struct fake_host fake;
    struct backend backend;

    CU_ASSERT_EQUAL(read_options("127.0.0.1:1", "v3", &none, &backend, &fake),
                    ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "\"v3\""));
}

AC_TEST(own_socket_is_no_backend)
{
    struct listeners listeners = { .fds = { net_bind(AF_INET, 0, true) }, .count = 1 };
    struct fake_host fake;
    struct backend backend;
    char text[32];

    AC_REQUIRE(listeners.fds[0] >= 0);
    uint16_t port = net_port_of(listeners.fds[0]);
    (void)snprintf(text, sizeof(text), "127.0.0.1:%u", (unsigned)port);
    CU_ASSERT_EQUAL(read_options(text, NULL, &listeners, &backend, &fake),
                    ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "listens itself"));
    (void)snprintf(text, sizeof(text), "127.0.0.2:%u", (unsigned)port);
    CU_ASSERT_EQUAL(read_options(text, NULL, &listeners, &backend, &fake), ACMECORE_OK);
    listeners_close(&listeners);
}

/* Of a connection from loopback to loopback, whose ports are in the line. */
AC_TEST(header_names_both_ends)
{
    int listener = net_bind(AF_INET, 0, true);
    uint16_t port = net_port_of(listener);
    int client = net_connect(AF_INET, port);
    int accepted = accept(listener, NULL, NULL);
    char text[BACKEND_HEADER_MAX], wanted[BACKEND_HEADER_MAX];

    AC_REQUIRE(accepted >= 0);
    size_t size = backend_header(accepted, text);
    (void)snprintf(wanted, sizeof(wanted), "PROXY TCP4 127.0.0.1 127.0.0.1 %u %u\r\n",
                   (unsigned)net_port_of(client), (unsigned)port);

    CU_ASSERT_EQUAL(size, strlen(wanted));
    CU_ASSERT_STRING_EQUAL(text, wanted);
    (void)close(accepted);
    (void)close(client);
    (void)close(listener);
}

AC_TEST(header_of_a_local_socket_says_unknown)
{
    char text[BACKEND_HEADER_MAX];
    int ends[2];

    AC_REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    CU_ASSERT_EQUAL(backend_header(ends[0], text), strlen("PROXY UNKNOWN\r\n"));
    CU_ASSERT_STRING_EQUAL(text, "PROXY UNKNOWN\r\n");
    (void)close(ends[0]);
    (void)close(ends[1]);
}

AC_TEST(connecting_does_not_wait)
{
    const struct listeners none = { .count = 0 };
    int listener = net_bind(AF_INET, 0, true);
    struct fake_host fake;
    struct backend backend;
    char text[32];

    (void)snprintf(text, sizeof(text), "127.0.0.1:%u", (unsigned)net_port_of(listener));
    AC_REQUIRE(read_options(text, NULL, &none, &backend, &fake) == ACMECORE_OK);
    int fd = backend_connect(&backend);

    CU_ASSERT_TRUE(fd >= 0);
    CU_ASSERT_TRUE(fcntl(fd, F_GETFL) & O_NONBLOCK);
    CU_ASSERT_TRUE(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    (void)close(fd);
    (void)close(listener);
}

AC_SUITE("tlsalpn01-standalone/backend", AC_CASE(without_the_option_there_is_none),
         AC_CASE(addresses_with_a_port_are_taken),
         AC_CASE(anything_else_is_refused_with_what_is_wanted),
         AC_CASE(unknown_version_of_the_header_is_refused),
         AC_CASE(own_socket_is_no_backend), AC_CASE(header_names_both_ends),
         AC_CASE(header_of_a_local_socket_says_unknown),
         AC_CASE(connecting_does_not_wait))
