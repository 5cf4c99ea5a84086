/* SPDX-License-Identifier: Apache-2.0 */
/* The whole plugin, through its table, over loopback. */
#include <acmecore/plugin.h>

#include "fake_host.h"
#include "visitor.h"

#define WATCHED_MAX 16
#define CROWD       30

static const struct acmecore_challenge one = {
    .struct_size = sizeof(one),
    .type = "tls-alpn-01",
    .identifier = "example.com",
    .token = "token-1",
    .key_authorization = "token-1.thumb",
};

static const struct acmecore_challenge two = {
    .struct_size = sizeof(two),
    .type = "tls-alpn-01",
    .identifier = "2001:db8::1",
    .token = "token-2",
    .key_authorization = "token-2.thumb",
};

static const struct acmecore_challenge *const both[] = { &one, &two };
static const char two_name[] =
    "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa";

struct site {
    struct fake_host fake;
    void *self;
    uint16_t port;
};

static void step(void *arg, int client_fd)
{
    struct site *site = arg;
    struct pollfd fds[WATCHED_MAX + 1];
    size_t count = acmecore_plugin.ops.solver->watch(site->self, fds, WATCHED_MAX);

    fds[count] = (struct pollfd){ .fd = client_fd, .events = POLLIN };
    (void)poll(fds, count + 1, client_fd >= 0 ? NET_TURN_MS : 0);
    acmecore_plugin.ops.solver->serve(site->self, fds, count);
}

static bool start(struct site *site)
{
    memset(site, 0, sizeof(*site));
    site->port = net_free_port();
    if (!fake_host_start(&site->fake, &acmecore_plugin))
        return false;
    fake_host_set(&site->fake, "port", net_port_text(site->port));
    return acmecore_plugin.open(&site->fake.host, &site->self) == ACMECORE_OK;
}

static int present_both(struct site *site)
{
    int results[2] = { ACMECORE_OK, ACMECORE_OK };

    return acmecore_plugin.ops.solver->present(site->self, both, 2, results);
}

static bool is_shown(struct site *site, const char *name)
{
    return visitor_visit(step, site, site->port, name, "acme-tls/1").code == 0;
}

AC_TEST(batch_is_shown_until_it_is_cleaned_up)
{
    struct site site;
    int results[2] = { ACMECORE_OK, ACMECORE_OK };
    acmecore_batch *cleanup = acmecore_plugin.ops.solver->cleanup;

    AC_REQUIRE(start(&site));
    CU_ASSERT_FALSE(is_shown(&site, "example.com"));
    CU_ASSERT_EQUAL(present_both(&site), ACMECORE_OK);
    CU_ASSERT_EQUAL(present_both(&site), ACMECORE_OK);
    CU_ASSERT_TRUE(is_shown(&site, "example.com"));
    CU_ASSERT_TRUE(is_shown(&site, two_name));
    CU_ASSERT_FALSE(is_shown(&site, "www.example.com"));
    CU_ASSERT_EQUAL(acmecore_plugin.ops.solver->probe(site.self, both, 2, results),
                    ACMECORE_OK);

    CU_ASSERT_EQUAL(cleanup(site.self, both, 1, results), ACMECORE_OK);
    CU_ASSERT_EQUAL(cleanup(site.self, both, 1, results), ACMECORE_OK);
    CU_ASSERT_FALSE(is_shown(&site, "example.com"));
    CU_ASSERT_TRUE(is_shown(&site, two_name));
    CU_ASSERT_STRING_EQUAL(site.fake.ctx.stranger, "");
    acmecore_plugin.close(site.self);
}

AC_TEST(many_validators_at_once_see_it)
{
    struct site site;
    size_t shown = 0;

    AC_REQUIRE(start(&site));
    (void)present_both(&site);
    for (int i = 0; i < CROWD; i++)
        shown += is_shown(&site, i % 2 ? "example.com" : two_name);

    CU_ASSERT_EQUAL(shown, CROWD);
    acmecore_plugin.close(site.self);
}

AC_TEST(second_order_for_a_name_is_pending)
{
    struct site site;
    struct acmecore_challenge other = one;
    const struct acmecore_challenge *const batch[] = { &one, &other };
    int results[2] = { ACMECORE_OK, ACMECORE_OK };

    other.key_authorization = "token-3.thumb";
    AC_REQUIRE(start(&site));
    (void)acmecore_plugin.ops.solver->present(site.self, batch, 2, results);

    (void)acmecore_plugin.ops.solver->probe(site.self, batch, 2, results);
    CU_ASSERT_EQUAL(results[0], ACMECORE_OK);
    CU_ASSERT_EQUAL(results[1], ACMECORE_PENDING);
    (void)acmecore_plugin.ops.solver->cleanup(site.self, batch, 1, results);
    (void)acmecore_plugin.ops.solver->probe(site.self, batch + 1, 1, results);
    CU_ASSERT_EQUAL(results[0], ACMECORE_OK);
    (void)acmecore_plugin.ops.solver->probe(site.self, both + 1, 1, results);
    CU_ASSERT_EQUAL(results[0], ACMECORE_E_INVALID);
    acmecore_plugin.close(site.self);
}

AC_TEST(bad_challenge_fails_alone)
{
    static char huge[4096];
    struct acmecore_challenge nameless = one, empty = one, long_one = one;
    const struct acmecore_challenge *const batch[] = { &nameless, &one, &empty,
                                                       &long_one };
    int results[4] = { ACMECORE_OK, ACMECORE_OK, ACMECORE_OK, ACMECORE_OK };
    struct site site;

    AC_REQUIRE(start(&site));
    memset(huge, 'a', sizeof(huge) - 1);
    nameless.identifier = huge;
    empty.key_authorization = "";
    long_one.key_authorization = huge;

    CU_ASSERT_EQUAL(acmecore_plugin.ops.solver->present(site.self, batch, 4, results),
                    ACMECORE_E_INVALID);
    CU_ASSERT_EQUAL(results[0], ACMECORE_E_INVALID);
    CU_ASSERT_EQUAL(results[1], ACMECORE_OK);
    CU_ASSERT_EQUAL(results[2], ACMECORE_E_INVALID);
    CU_ASSERT_EQUAL(results[3], ACMECORE_E_INVALID);
    acmecore_plugin.close(site.self);
}

AC_TEST(spent_time_ends_the_batch)
{
    struct site site;

    AC_REQUIRE(start(&site));
    site.fake.ctx.remaining_ms = 0;

    CU_ASSERT_EQUAL(present_both(&site), ACMECORE_E_TIMEOUT);
    CU_ASSERT_FALSE(is_shown(&site, "example.com"));
    acmecore_plugin.close(site.self);
}

AC_TEST(taken_port_says_how_to_stand_before_the_server)
{
    struct site site;
    struct fake_host second;
    void *self = NULL;

    AC_REQUIRE(start(&site));
    AC_REQUIRE(fake_host_start(&second, &acmecore_plugin));
    fake_host_set(&second, "port", net_port_text(site.port));

    CU_ASSERT_EQUAL(acmecore_plugin.open(&second.host, &self), ACMECORE_E_REFUSED);
    CU_ASSERT_TRUE(fake_host_failed_with(&second, "port, redirect and backend"));
    CU_ASSERT_PTR_NULL(self);
    acmecore_plugin.close(site.self);
}

AC_TEST(wrong_options_close_the_port_again)
{
    static const char *const names[] = { "backend", "proxy-protocol", "redirect" };
    uint16_t port = net_free_port();

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct fake_host fake;
        void *self = NULL;

        AC_REQUIRE(fake_host_start(&fake, &acmecore_plugin));
        fake_host_set(&fake, "port", net_port_text(port));
        fake_host_set(&fake, names[i], "nonsense");
        CU_ASSERT_EQUAL(acmecore_plugin.open(&fake.host, &self), ACMECORE_E_CONFIG);
        CU_ASSERT_TRUE(fake_host_failed_with(&fake, names[i]));
        int again = net_bind(AF_INET, port, true);
        CU_ASSERT_TRUE(again >= 0);
        (void)close(again);
    }
}

AC_TEST(closing_frees_port_and_descriptors)
{
    struct site site;
    int before = dup(0);

    (void)close(before);
    AC_REQUIRE(start(&site));
    (void)present_both(&site);
    (void)is_shown(&site, "example.com");
    int idle = net_connect(AF_INET, site.port);
    step(&site, -1);

    acmecore_plugin.close(site.self);
    (void)close(idle);

    int after = dup(0);
    CU_ASSERT_EQUAL(after, before);
    (void)close(after);
    int again = net_bind(AF_INET, site.port, true);
    CU_ASSERT_TRUE(again >= 0);
    (void)close(again);
}

static int serve_handed_over_socket(void)
{
    struct site site = { 0 };
    char pid[32];
    int fd = fcntl(net_bind(AF_INET, 0, true), F_DUPFD_CLOEXEC, 40);

    (void)snprintf(pid, sizeof(pid), "%ld", (long)getpid());
    site.port = net_port_of(fd);
    if (dup2(fd, 3) != 3 || setenv("LISTEN_PID", pid, 1) != 0
        || setenv("LISTEN_FDS", "1", 1) != 0
        || !fake_host_start(&site.fake, &acmecore_plugin))
        return 1;
    if (acmecore_plugin.open(&site.fake.host, &site.self) != ACMECORE_OK
        || present_both(&site) != ACMECORE_OK)
        return 2;
    if (!is_shown(&site, "example.com"))
        return 3;
    acmecore_plugin.close(site.self);
    return 0;
}

AC_TEST(socket_of_a_service_manager_is_served)
{
    CU_ASSERT_EQUAL(net_in_child(serve_handed_over_socket), 0);
}

AC_SUITE("tlsalpn01-standalone/tlsalpn01",
         AC_CASE(batch_is_shown_until_it_is_cleaned_up),
         AC_CASE(many_validators_at_once_see_it),
         AC_CASE(second_order_for_a_name_is_pending),
         AC_CASE(bad_challenge_fails_alone), AC_CASE(spent_time_ends_the_batch),
         AC_CASE(taken_port_says_how_to_stand_before_the_server),
         AC_CASE(wrong_options_close_the_port_again),
         AC_CASE(closing_frees_port_and_descriptors),
         AC_CASE(socket_of_a_service_manager_is_served))
