/* SPDX-License-Identifier: Apache-2.0 */
#include "linger.h"

#include "scene.h"

#define LIMIT_MS 20000

static size_t wait_and_read(int fd, char *buffer, size_t size)
{
    struct pollfd wait = { .fd = fd, .events = POLLIN };

    (void)poll(&wait, 1, NET_TURN_MS * scene_turns());
    ssize_t got = recv(fd, buffer, size, MSG_DONTWAIT);
    return got > 0 ? (size_t)got : 0;
}

static bool is_ended_soon(int fd)
{
    struct pollfd wait = { .fd = fd, .events = POLLIN };
    char byte;

    (void)poll(&wait, 1, NET_TURN_MS * scene_turns());
    ssize_t got = recv(fd, &byte, 1, MSG_DONTWAIT);
    return got == 0 || (got < 0 && errno != EAGAIN);
}

struct pair {
    int client, backend;
};

/* A connection that is passed through when the server's process ends. */
static struct pair leave(struct scene *scene, int64_t limit_ms, char *const *then)
{
    struct pair pair = { .client = net_connect(AF_INET, scene->port), .backend = -1 };
    char got[8];

    (void)net_send(pair.client, "GET");
    pair.backend = scene_accept(scene);
    (void)scene_read(scene, pair.backend, got, 3);
    linger(scene->server, limit_ms, then);
    scene_end(scene);
    return pair;
}

static void hang_up(struct pair *pair)
{
    (void)close(pair->client);
    (void)close(pair->backend);
    while (waitpid(-1, NULL, 0) > 0) {
    }
}

AC_TEST(connection_outlives_the_server)
{
    struct scene scene;
    char got[8] = "";

    AC_REQUIRE(scene_begin(&scene, true) || ac_check_is_torture());
    if (scene.server) {
        struct pair pair = leave(&scene, LIMIT_MS, NULL);

        (void)net_send(pair.client, "more");
        CU_ASSERT_EQUAL(wait_and_read(pair.backend, got, sizeof(got)), 4);
        (void)net_send(pair.backend, "back");
        CU_ASSERT_EQUAL(wait_and_read(pair.client, got, sizeof(got)), 4);
        (void)shutdown(pair.backend, SHUT_WR);
        CU_ASSERT_TRUE(is_ended_soon(pair.client));
        hang_up(&pair);
    }
}

AC_TEST(port_is_free_at_once)
{
    struct scene scene;

    AC_REQUIRE(scene_begin(&scene, true) || ac_check_is_torture());
    if (scene.server) {
        uint16_t port = scene.port;
        struct pair pair = leave(&scene, LIMIT_MS, NULL);

        /* The process that sees it through begins by closing what listens. */
        int fd = -1;
        for (int i = 0; i < scene_turns() && fd < 0; i++) {
            fd = net_bind(AF_INET, port, true);
            (void)poll(NULL, 0, fd < 0 ? NET_TURN_MS : 0);
        }
        CU_ASSERT_TRUE(fd >= 0);
        (void)close(fd);
        hang_up(&pair);
    }
}

AC_TEST(limit_cuts_what_does_not_end)
{
    struct scene scene;

    AC_REQUIRE(scene_begin(&scene, true) || ac_check_is_torture());
    if (scene.server) {
        struct pair pair = leave(&scene, 10, NULL);

        CU_ASSERT_TRUE(is_ended_soon(pair.client));
        CU_ASSERT_TRUE(is_ended_soon(pair.backend));
        hang_up(&pair);
    }
}

AC_TEST(command_is_run_at_the_end)
{
    static char program[] = "/bin/sh", option[] = "-c";
    static char script[PATH_MAX + 16];
    char *const then[] = { program, option, script, NULL };
    struct scene scene;

    (void)snprintf(script, sizeof(script), ": > %s", ac_test_path("ended"));
    AC_REQUIRE(scene_begin(&scene, true) || ac_check_is_torture());
    if (scene.server) {
        struct pair pair = leave(&scene, LIMIT_MS, then);

        CU_ASSERT_TRUE(access(ac_test_path("ended"), F_OK) != 0);
        hang_up(&pair);
        CU_ASSERT_EQUAL(access(ac_test_path("ended"), F_OK), 0);
    }
}

AC_SUITE("tlsalpn01-standalone/linger", AC_CASE(connection_outlives_the_server),
         AC_CASE(port_is_free_at_once), AC_CASE(limit_cuts_what_does_not_end),
         AC_CASE(command_is_run_at_the_end))
