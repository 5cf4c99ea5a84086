/* SPDX-License-Identifier: Apache-2.0 */
/* The whole plugin, through its table, over loopback. */
#include <acmecore/plugin.h>

#include "fake_host.h"
#include "net.h"

#define PREFIX      "/.well-known/acme-challenge/"
#define WATCHED_MAX 16
#define CROWD       50

static const struct acmecore_challenge one = {
    .struct_size = sizeof(one),
    .type = "http-01",
    .identifier = "example.com",
    .token = "token-1",
    .key_authorization = "token-1.thumb",
};

static const struct acmecore_challenge two = {
    .struct_size = sizeof(two),
    .type = "http-01",
    .identifier = "www.example.com",
    .token = "token-2",
    .key_authorization = "token-2.thumb",
};

static const struct acmecore_challenge *const both[] = { &one, &two };

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
    (void)poll(fds, count + 1, NET_TURN_MS);
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

static int status_of(struct site *site, int family, const char *target)
{
    const char *answer =
        net_ask(step, site, family, site->port, net_request("GET", target));

    return strncmp(answer, "HTTP/1.1 ", 9) == 0 ? (int)strtol(answer + 9, NULL, 10) : 0;
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
    if (status_of(&site, AF_INET, PREFIX "token-1") != 200)
        return 3;
    acmecore_plugin.close(site.self);
    return 0;
}

AC_TEST(batch_is_served_until_it_is_cleaned_up)
{
    struct site site;
    int results[2] = { ACMECORE_OK, ACMECORE_OK };

    AC_REQUIRE(start(&site));
    CU_ASSERT_EQUAL(status_of(&site, AF_INET, PREFIX "token-1"), 404);
    CU_ASSERT_EQUAL(present_both(&site), ACMECORE_OK);
    CU_ASSERT_EQUAL(status_of(&site, AF_INET, PREFIX "token-1"), 200);
    CU_ASSERT_EQUAL(status_of(&site, AF_INET, PREFIX "token-2"), 200);
    CU_ASSERT_EQUAL(status_of(&site, AF_INET, PREFIX "token-3"), 404);

    acmecore_batch *cleanup = acmecore_plugin.ops.solver->cleanup;
    CU_ASSERT_EQUAL(cleanup(site.self, both, 1, results), ACMECORE_OK);
    CU_ASSERT_EQUAL(cleanup(site.self, both, 1, results), ACMECORE_OK);
    CU_ASSERT_EQUAL(status_of(&site, AF_INET, PREFIX "token-1"), 404);
    CU_ASSERT_EQUAL(status_of(&site, AF_INET, PREFIX "token-2"), 200);
    CU_ASSERT_STRING_EQUAL(site.fake.ctx.stranger, "");
    acmecore_plugin.close(site.self);
}

AC_TEST(both_families_are_answered)
{
    struct site site;

    AC_REQUIRE(start(&site));
    AC_REQUIRE(present_both(&site) == ACMECORE_OK || ac_check_is_torture());

    CU_ASSERT_EQUAL(status_of(&site, AF_INET, PREFIX "token-1"), 200);
    CU_ASSERT_TRUE(!net_has_ipv6()
                   || status_of(&site, AF_INET6, PREFIX "token-1") == 200);
    acmecore_plugin.close(site.self);
}

AC_TEST(many_validators_at_once_get_the_same_answer)
{
    struct site site;
    int clients[CROWD];
    size_t served = 0;

    AC_REQUIRE(start(&site));
    (void)present_both(&site);
    for (size_t i = 0; i < CROWD; i++) {
        clients[i] = net_connect(AF_INET, site.port);
        (void)net_send(clients[i],
                       net_request("GET", i % 2 ? PREFIX "token-1" : PREFIX "token-2"));
    }

    for (size_t i = 0; i < CROWD; i++) {
        char answer[1024];

        if (net_receive(step, &site, clients[i], answer, sizeof(answer))
            && strcmp(net_body(answer), i % 2 ? "token-1.thumb" : "token-2.thumb") == 0)
            served++;
        (void)close(clients[i]);
    }
    CU_ASSERT_EQUAL(served, CROWD);
    acmecore_plugin.close(site.self);
}

AC_TEST(repeated_request_is_answered_each_time)
{
    struct site site;

    AC_REQUIRE(start(&site));
    (void)present_both(&site);

    for (int i = 0; i < 5; i++)
        CU_ASSERT_EQUAL(status_of(&site, AF_INET, PREFIX "token-1"), 200);
    acmecore_plugin.close(site.self);
}

AC_TEST(bad_challenge_fails_alone)
{
    static char huge[10 * 1024 + 1];
    struct acmecore_challenge bad = one, long_one = one;
    const struct acmecore_challenge *const batch[] = { &bad, &one, &long_one };
    int results[3] = { ACMECORE_OK, ACMECORE_OK, ACMECORE_OK };
    struct site site;

    AC_REQUIRE(start(&site));
    memset(huge, 'a', sizeof(huge) - 1);
    bad.token = "../../x";
    long_one.token = huge;

    int status = acmecore_plugin.ops.solver->present(site.self, batch, 3, results);

    CU_ASSERT_EQUAL(status, ACMECORE_E_INVALID);
    CU_ASSERT_EQUAL(results[0], ACMECORE_E_INVALID);
    CU_ASSERT_EQUAL(results[1], ACMECORE_OK);
    CU_ASSERT_EQUAL(results[2], ACMECORE_E_INVALID);
    CU_ASSERT_TRUE(fake_host_failed_with(&site.fake, "base64url"));
    CU_ASSERT_EQUAL(status_of(&site, AF_INET, PREFIX "token-1"), 200);
    acmecore_plugin.close(site.self);
}

AC_TEST(key_authorization_without_end_or_text_is_refused)
{
    static char huge[4096];
    struct acmecore_challenge bad = one;
    const struct acmecore_challenge *const batch[] = { &bad };
    int result = ACMECORE_OK;
    struct site site;

    AC_REQUIRE(start(&site));
    memset(huge, 'a', sizeof(huge) - 1);

    bad.key_authorization = huge;
    CU_ASSERT_EQUAL(acmecore_plugin.ops.solver->present(site.self, batch, 1, &result),
                    ACMECORE_E_INVALID);
    bad.key_authorization = "";
    CU_ASSERT_EQUAL(acmecore_plugin.ops.solver->present(site.self, batch, 1, &result),
                    ACMECORE_E_INVALID);
    acmecore_plugin.close(site.self);
}

AC_TEST(token_with_two_values_is_refused)
{
    struct acmecore_challenge other = one;
    const struct acmecore_challenge *const batch[] = { &one, &other };
    int results[2] = { ACMECORE_OK, ACMECORE_OK };
    struct site site;

    AC_REQUIRE(start(&site));
    other.key_authorization = "token-1.other";

    (void)acmecore_plugin.ops.solver->present(site.self, batch, 2, results);

    CU_ASSERT_EQUAL(results[0], ACMECORE_OK);
    CU_ASSERT_EQUAL(results[1], ACMECORE_E_INVALID);
    acmecore_plugin.close(site.self);
}

AC_TEST(spent_time_ends_the_batch)
{
    int results[2] = { ACMECORE_OK, ACMECORE_OK };
    struct site site;

    AC_REQUIRE(start(&site));
    site.fake.ctx.remaining_ms = 0;

    int status = acmecore_plugin.ops.solver->present(site.self, both, 2, results);

    CU_ASSERT_EQUAL(status, ACMECORE_E_TIMEOUT);
    CU_ASSERT_EQUAL(results[1], ACMECORE_E_TIMEOUT);
    CU_ASSERT_EQUAL(status_of(&site, AF_INET, PREFIX "token-1"), 404);
    acmecore_plugin.close(site.self);
}

AC_TEST(taken_port_is_found_at_open)
{
    struct site site;
    struct fake_host second;
    void *self = NULL;
    char text[64];

    AC_REQUIRE(start(&site));
    AC_REQUIRE(fake_host_start(&second, &acmecore_plugin));
    fake_host_set(&second, "port", net_port_text(site.port));

    int status = acmecore_plugin.open(&second.host, &self);

    CU_ASSERT_EQUAL(status, ACMECORE_E_REFUSED);
    (void)snprintf(text, sizeof(text), ":%u: %s (process %ld)", (unsigned)site.port,
                   net_own_name(), (long)getpid());
    CU_ASSERT_TRUE(fake_host_failed_with(&second, text));
    CU_ASSERT_PTR_NULL(self);
    acmecore_plugin.close(site.self);
}

AC_TEST(closing_frees_port_and_descriptors)
{
    struct site site;
    int before = dup(0);
    int after = -1, again = -1;

    (void)close(before);
    AC_REQUIRE(start(&site));
    (void)present_both(&site);
    (void)status_of(&site, AF_INET, PREFIX "token-1");
    int idle = net_connect(AF_INET, site.port);
    step(&site, -1);

    acmecore_plugin.close(site.self);
    (void)close(idle);

    after = dup(0);
    CU_ASSERT_EQUAL(after, before);
    again = net_bind(AF_INET, site.port, true);
    CU_ASSERT_TRUE(again >= 0);
    (void)close(again);
    (void)close(after);
}

AC_TEST(watch_tells_how_many_it_wants)
{
    struct site site;
    struct pollfd fds[WATCHED_MAX] = { { .fd = -1 } };

    AC_REQUIRE(start(&site));

    size_t wanted = acmecore_plugin.ops.solver->watch(site.self, NULL, 0);
    CU_ASSERT_EQUAL(wanted, net_has_ipv6() ? 2 : 1);
    CU_ASSERT_EQUAL(acmecore_plugin.ops.solver->watch(site.self, fds, WATCHED_MAX),
                    wanted);
    CU_ASSERT_TRUE(fds[0].fd >= 0);
    CU_ASSERT_EQUAL(fds[0].events, POLLIN);
    acmecore_plugin.close(site.self);
}

AC_TEST(socket_of_a_service_manager_is_served)
{
    CU_ASSERT_EQUAL(net_in_child(serve_handed_over_socket), 0);
}

AC_SUITE("http01-standalone/standalone",
         AC_CASE(batch_is_served_until_it_is_cleaned_up),
         AC_CASE(both_families_are_answered),
         AC_CASE(many_validators_at_once_get_the_same_answer),
         AC_CASE(repeated_request_is_answered_each_time),
         AC_CASE(bad_challenge_fails_alone),
         AC_CASE(key_authorization_without_end_or_text_is_refused),
         AC_CASE(token_with_two_values_is_refused), AC_CASE(spent_time_ends_the_batch),
         AC_CASE(taken_port_is_found_at_open),
         AC_CASE(closing_frees_port_and_descriptors),
         AC_CASE(watch_tells_how_many_it_wants),
         AC_CASE(socket_of_a_service_manager_is_served))
