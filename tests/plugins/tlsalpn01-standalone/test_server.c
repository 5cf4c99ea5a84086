/* SPDX-License-Identifier: Apache-2.0 */
#include "server.h"

#include <sys/resource.h>

#include "scene.h"

#define CROWD 300
#define TIGHT 100 /* more visitors than there are descriptors left */

AC_TEST(validators_are_answered_and_only_them)
{
    struct scene scene;

    AC_REQUIRE(scene_begin(&scene, false) || ac_check_is_torture());
    if (scene.server) {
        struct seen good =
            visitor_visit(scene_step, &scene, scene.port, "A.test", "acme-tls/1");
        struct seen stranger =
            visitor_visit(scene_step, &scene, scene.port, "b.test", "acme-tls/1");
        struct seen browser =
            visitor_visit(scene_step, &scene, scene.port, "a.test", "h2,http/1.1");

        CU_ASSERT_EQUAL(good.code, 0);
        CU_ASSERT_STRING_EQUAL(good.protocol, "acme-tls/1");
        CU_ASSERT_TRUE(stranger.code != 0 && browser.code != 0);
        CU_ASSERT_EQUAL(server_relays(scene.server), 0);
        scene_end(&scene);
    }
}

AC_TEST(crowd_that_stays_does_not_keep_a_validator_out)
{
    static int crowd[CROWD];
    struct scene scene;

    if (ac_check_is_torture())
        return; /* each visitor allocates */
    AC_REQUIRE(scene_begin(&scene, true) || ac_check_is_torture());
    if (scene.server) {
        for (size_t i = 0; i < CROWD; i++) {
            crowd[i] = net_connect(AF_INET, scene.port);
            (void)net_send(crowd[i], i % 2 ? "\x16\x03\x01\x02" : "GET");
            scene_step(&scene, -1);
        }

        struct seen seen =
            visitor_visit(scene_step, &scene, scene.port, "a.test", "acme-tls/1");

        CU_ASSERT_EQUAL(seen.code, 0);
        CU_ASSERT_EQUAL(server_relays(scene.server), CROWD / 2);
        for (size_t i = 0; i < CROWD; i++)
            (void)close(crowd[i]);
        scene_end(&scene);
    }
}

/* In a process of its own: its limit of open files becomes tight. */
static int run_out_of_descriptors(void)
{
    struct scene scene;
    struct rlimit limit = { 0 };
    int crowd[TIGHT], spare[TIGHT];
    size_t spares = 0;

    if (!scene_begin(&scene, true) || getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 1;
    for (size_t i = 0; i < TIGHT; i++)
        crowd[i] = net_connect(AF_INET, scene.port);
    limit.rlim_cur = (rlim_t)crowd[TIGHT - 1] + 20;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 2;
    for (int i = 0; i < 10; i++)
        scene_step(&scene, -1);
    while (spares < TIGHT && (spare[spares] = dup(0)) >= 0)
        spares++;
    if (spares == TIGHT)
        return 3;
    for (size_t i = 0; i < spares; i++)
        (void)close(spare[i]);
    for (size_t i = 0; i < TIGHT; i++)
        (void)close(crowd[i]);
    /* It listens again by the clock, a second later at most. */
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    struct seen seen =
        visitor_visit(scene_step, &scene, scene.port, "a.test", "acme-tls/1");
    scene_end(&scene);
    return seen.code == 0 ? 0 : 4;
}

AC_TEST(want_of_descriptors_passes)
{
    CU_ASSERT_EQUAL(net_in_child(run_out_of_descriptors), 0);
}

AC_TEST(freeing_closes_all_there_is)
{
    struct scene scene;
    int before = dup(0);
    int client = -1, after = -1;

    (void)close(before);
    AC_REQUIRE(scene_begin(&scene, true) || ac_check_is_torture());
    if (scene.server) {
        client = net_connect(AF_INET, scene.port);
        (void)net_send(client, "GET / HTTP/1.0\r\n\r\n");
        int backend = scene_accept(&scene);
        int silent = net_connect(AF_INET, scene.port);
        scene_step(&scene, -1);

        scene_end(&scene);
        (void)close(backend);
        (void)close(silent);
        (void)close(client);
        after = dup(0);
        CU_ASSERT_EQUAL(after, before);
        (void)close(after);
    }
}

AC_TEST(listeners_stay_the_callers_when_it_does_not_start)
{
    struct listeners listeners = { .fds = { -1 }, .count = 1 };
    struct backend backend = { .is_set = false };
    struct proofs proofs = { 0 };
    struct fake_host fake;
    struct server *server = NULL;

    AC_REQUIRE(fake_host_start(&fake, NULL));

    CU_ASSERT_EQUAL(server_start(&fake.host, &proofs, &backend, &listeners, &server),
                    ACMECORE_E_SYSTEM);
    CU_ASSERT_EQUAL(listeners.count, 1);
    CU_ASSERT_PTR_NULL(server);
}

AC_TEST(leaving_keeps_what_is_passed_through_and_nothing_else)
{
    struct scene scene;
    bool is_kept[1024] = { false };
    size_t count = 0;
    char got[8] = "";

    AC_REQUIRE(scene_begin(&scene, true) || ac_check_is_torture());
    if (scene.server) {
        int client = net_connect(AF_INET, scene.port);
        (void)net_send(client, "GET");
        int backend = scene_accept(&scene);
        int silent = net_connect(AF_INET, scene.port);
        scene_step(&scene, -1);
        CU_ASSERT_EQUAL(scene_read(&scene, backend, got, 3), 3);

        CU_ASSERT_TRUE(server_leave(scene.server));
        server_mark(scene.server, is_kept, 1024);

        for (size_t i = 0; i < 1024; i++)
            count += is_kept[i];
        CU_ASSERT_EQUAL(count, 3); /* both ends, and what is waited at */
        CU_ASSERT_TRUE(is_kept[server_fd(scene.server)]);
        CU_ASSERT_TRUE(scene_is_ended(&scene, silent));
        (void)net_send(backend, "back");
        CU_ASSERT_EQUAL(scene_read(&scene, client, got, 4), 4);
        (void)close(silent);
        (void)close(backend);
        (void)close(client);
        scene_end(&scene);
    }
}

AC_SUITE("tlsalpn01-standalone/server", AC_CASE(validators_are_answered_and_only_them),
         AC_CASE(crowd_that_stays_does_not_keep_a_validator_out),
         AC_CASE(want_of_descriptors_passes), AC_CASE(freeing_closes_all_there_is),
         AC_CASE(listeners_stay_the_callers_when_it_does_not_start),
         AC_CASE(leaving_keeps_what_is_passed_through_and_nothing_else))
