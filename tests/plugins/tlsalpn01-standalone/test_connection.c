/* SPDX-License-Identifier: Apache-2.0 */
/* Through a server, which is what makes connections; the stages are seen from outside.
 */
#include "connection.h"

#include <sys/epoll.h>

#include "scene.h"

#define FLOOD ((size_t)2 * 1024 * 1024)

/* A visitor whose words the backend has got; the backend's end. */
static int pass_through(struct scene *scene, int client, const void *data, size_t size)
{
    char got[VISITOR_HELLO_MAX];
    int backend = -1;

    scene_send(client, data, size);
    backend = scene_accept(scene);
    CU_ASSERT_EQUAL(scene_read(scene, backend, got, size), size);
    CU_ASSERT_EQUAL(memcmp(got, data, size), 0);
    return backend;
}

AC_TEST(backend_reads_the_hello_as_it_came)
{
    struct scene scene;
    struct written hello = visitor_hello("a.test", "h2,http/1.1");
    struct written stranger = visitor_hello("b.test", "acme-tls/1");

    AC_REQUIRE(scene_begin(&scene, true) || ac_check_is_torture());
    if (scene.server) {
        int one = net_connect(AF_INET, scene.port);
        int two = net_connect(AF_INET, scene.port);
        (void)close(pass_through(&scene, one, hello.data, hello.size));
        (void)close(pass_through(&scene, two, stranger.data, stranger.size));
        (void)close(one);
        (void)close(two);
        scene_end(&scene);
    }
}

AC_TEST(hello_in_pieces_is_waited_for_and_answered)
{
    struct scene scene;
    struct written hello = visitor_hello("a.test", "acme-tls/1");
    uint8_t answer[6];

    AC_REQUIRE(scene_begin(&scene, true) || ac_check_is_torture());
    if (scene.server) {
        int client = net_connect(AF_INET, scene.port);

        for (size_t at = 0; at < hello.size; at += 7) {
            size_t left = hello.size - at;

            scene_send(client, hello.data + at, left < 7 ? left : 7);
            scene_step(&scene, -1);
        }
        CU_ASSERT_EQUAL(scene_read(&scene, client, answer, sizeof(answer)), 6);
        CU_ASSERT_EQUAL(answer[0], 22); /* handshake: ServerHello */
        CU_ASSERT_EQUAL(answer[5], 2);
        CU_ASSERT_EQUAL(server_relays(scene.server), 0);
        (void)close(client);
        scene_end(&scene);
    }
}

AC_TEST(half_of_a_hello_wakes_nobody)
{
    struct scene scene;
    struct written hello = visitor_hello("a.test", "acme-tls/1");

    AC_REQUIRE(scene_begin(&scene, true) || ac_check_is_torture());
    if (scene.server) {
        int client = net_connect(AF_INET, scene.port);
        struct pollfd wait = { .fd = server_fd(scene.server), .events = POLLIN };

        scene_send(client, hello.data, 50);
        scene_step(&scene, client);
        scene_step(&scene, -1);

        CU_ASSERT_EQUAL(poll(&wait, 1, 0), 0);
        (void)close(client);
        scene_end(&scene);
    }
}

AC_TEST(end_in_the_middle_of_a_hello_is_passed_on)
{
    struct scene scene;
    char got[64];

    AC_REQUIRE(scene_begin(&scene, true) || ac_check_is_torture());
    if (scene.server) {
        int client = net_connect(AF_INET, scene.port);
        scene_send(client, "\x16\x03\x01\x02", 4);
        scene_step(&scene, -1);
        (void)shutdown(client, SHUT_WR);
        int backend = scene_accept(&scene);

        CU_ASSERT_EQUAL(scene_read(&scene, backend, got, sizeof(got)), 4);
        (void)net_send(backend, "good bye");
        CU_ASSERT_EQUAL(scene_read(&scene, client, got, 8), 8);
        (void)close(backend);
        CU_ASSERT_TRUE(scene_is_ended(&scene, client));
        (void)close(client);
        scene_end(&scene);
    }
}

AC_TEST(half_close_is_kept_in_both_directions)
{
    struct scene scene;
    char got[64];

    AC_REQUIRE(scene_begin(&scene, true) || ac_check_is_torture());
    if (scene.server) {
        int client = net_connect(AF_INET, scene.port);
        int backend = pass_through(&scene, client, "GET /", 5);

        (void)shutdown(backend, SHUT_WR);
        CU_ASSERT_EQUAL(scene_read(&scene, client, got, sizeof(got)), 0);
        (void)net_send(client, "more");
        CU_ASSERT_EQUAL(scene_read(&scene, backend, got, 4), 4);
        (void)shutdown(client, SHUT_WR);
        CU_ASSERT_TRUE(scene_is_ended(&scene, backend));
        (void)close(backend);
        (void)close(client);
        scene_step(&scene, -1);
        CU_ASSERT_EQUAL(server_relays(scene.server), 0);
        scene_end(&scene);
    }
}

AC_TEST(reader_who_stalls_gets_all_in_the_end)
{
    static char bytes[FLOOD], got[FLOOD];
    struct scene scene;

    AC_REQUIRE(scene_begin(&scene, true) || ac_check_is_torture());
    if (scene.server) {
        int client = net_connect(AF_INET, scene.port);
        int backend = pass_through(&scene, client, "GET /", 5);
        size_t sent = 0, used = 0;

        memset(bytes, 'x', sizeof(bytes));
        (void)fcntl(backend, F_SETFL, O_NONBLOCK);
        for (int turn = 0; turn < 2000 && used < FLOOD; turn++) {
            ssize_t size = send(backend, bytes, FLOOD - sent, MSG_NOSIGNAL);

            sent += size > 0 ? (size_t)size : 0;
            scene_step(&scene, -1);
            if (turn < 20) /* nothing is read at first */
                continue;
            size = recv(client, got + used, FLOOD - used, MSG_DONTWAIT);
            used += size > 0 ? (size_t)size : 0;
        }
        CU_ASSERT_EQUAL(used, FLOOD);
        (void)close(backend);
        (void)close(client);
        scene_end(&scene);
    }
}

AC_TEST(without_a_backend_others_are_closed)
{
    struct scene scene;

    AC_REQUIRE(scene_begin(&scene, false) || ac_check_is_torture());
    if (scene.server) {
        int client = net_connect(AF_INET, scene.port);
        (void)net_send(client, "GET / HTTP/1.0\r\n\r\n");

        CU_ASSERT_TRUE(scene_is_ended(&scene, client));
        CU_ASSERT_STRING_EQUAL(scene.fake.ctx.log, "");
        (void)close(client);
        scene_end(&scene);
    }
}

AC_TEST(backend_that_is_away_is_told_once)
{
    struct scene scene;

    AC_REQUIRE(scene_begin(&scene, true) || ac_check_is_torture());
    if (scene.server) {
        (void)close(scene.backend_fd);
        scene.backend_fd = -1;
        for (int i = 0; i < 3; i++) {
            int client = net_connect(AF_INET, scene.port);

            (void)net_send(client, "GET");
            CU_ASSERT_TRUE(scene_is_ended(&scene, client));
            (void)close(client);
        }
        char *first = strstr(scene.fake.ctx.log, "WARN a connection could not be");
        CU_ASSERT_TRUE(first && !strstr(first + 1, "WARN"));
        scene_end(&scene);
    }
}

AC_TEST(header_comes_before_the_first_octet)
{
    struct scene scene;
    char got[256] = "";

    AC_REQUIRE(scene_begin(&scene, true) || ac_check_is_torture());
    server_free(scene.server);
    scene.server = NULL;
    if (scene.backend.is_set) {
        struct listeners listeners = { .fds = { net_bind(AF_INET, scene.port, true) },
                                       .count = 1 };

        scene.backend.wants_header = true;
        (void)fcntl(listeners.fds[0], F_SETFL, O_NONBLOCK);
        if (server_start(&scene.fake.host, &scene.proofs, &scene.backend, &listeners,
                         &scene.server)
            == ACMECORE_OK) {
            int client = net_connect(AF_INET, scene.port);
            (void)net_send(client, "GET /");
            int backend = scene_accept(&scene);

            (void)shutdown(client, SHUT_WR);
            (void)scene_read(&scene, backend, got, sizeof(got) - 1);
            CU_ASSERT_EQUAL(strncmp(got, "PROXY TCP4 127.0.0.1 127.0.0.1 ", 31), 0);
            CU_ASSERT_PTR_NOT_NULL(strstr(got, "\r\nGET /"));
            (void)close(backend);
            (void)close(client);
        }
        listeners_close(&listeners);
        scene_end(&scene);
    }
}

/* ---- by the clock, without a server */

struct alone {
    struct fake_host fake;
    struct proofs proofs;
    struct service service;
    struct connection *connection;
    int ends[2]; /* ours, the visitor's */
};

static bool begin_alone(struct alone *alone)
{
    memset(alone, 0, sizeof(*alone));
    if (!fake_host_start(&alone->fake, NULL)
        || socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, alone->ends) != 0)
        return false;
    alone->service = (struct service){ .host = &alone->fake.host,
                                       .proofs = &alone->proofs,
                                       .epoll_fd = epoll_create1(0) };
    alone->connection = connection_new(&alone->service, alone->ends[0], 1000);
    return alone->connection;
}

static void end_alone(struct alone *alone)
{
    if (alone->connection)
        connection_free(alone->connection);
    (void)close(alone->ends[1]);
    (void)close(alone->service.epoll_fd);
}

AC_TEST(silent_visitor_is_let_go_in_time)
{
    struct alone alone;

    AC_REQUIRE(begin_alone(&alone) || ac_check_is_torture());
    if (alone.connection) {
        connection_expire(alone.connection, 1000 + CONNECTION_HELLO_MS);
        CU_ASSERT_EQUAL(alone.connection->stage, CONNECTION_HELLO);
        connection_expire(alone.connection, 1000 + CONNECTION_HELLO_MS + 1);
        CU_ASSERT_EQUAL(alone.connection->stage, CONNECTION_GONE);
    }
    end_alone(&alone);
}

AC_TEST(unfinished_handshake_is_let_go_in_time)
{
    struct alone alone;

    AC_REQUIRE(begin_alone(&alone) || ac_check_is_torture());
    if (alone.connection) {
        alone.connection->stage = CONNECTION_PARTING;
        connection_expire(alone.connection, 1000 + CONNECTION_YOUNG_MS);
        CU_ASSERT_EQUAL(alone.connection->stage, CONNECTION_PARTING);
        connection_expire(alone.connection, 1000 + CONNECTION_YOUNG_MS + 1);
        CU_ASSERT_EQUAL(alone.connection->stage, CONNECTION_GONE);
    }
    end_alone(&alone);
}

AC_TEST(what_is_passed_through_has_no_limit_of_time)
{
    struct alone alone;

    AC_REQUIRE(begin_alone(&alone) || ac_check_is_torture());
    if (alone.connection) {
        alone.connection->stage = CONNECTION_RELAYING;
        connection_expire(alone.connection, INT64_MAX);
        CU_ASSERT_EQUAL(alone.connection->stage, CONNECTION_RELAYING);
    }
    end_alone(&alone);
}

AC_TEST(place_that_is_needed_is_given_up)
{
    struct alone one, two;

    AC_REQUIRE(begin_alone(&one) || ac_check_is_torture());
    if (one.connection)
        connection_hurry(one.connection);
    CU_ASSERT_TRUE(one.connection && one.connection->stage == CONNECTION_GONE);
    end_alone(&one);
    AC_REQUIRE(begin_alone(&two) || ac_check_is_torture());
    if (two.connection) {
        two.connection->stage = CONNECTION_ANSWERING;
        connection_hurry(two.connection);
    }
    CU_ASSERT_TRUE(two.connection && two.connection->stage == CONNECTION_GONE);
    end_alone(&two);
}

AC_SUITE("tlsalpn01-standalone/connection", AC_CASE(backend_reads_the_hello_as_it_came),
         AC_CASE(hello_in_pieces_is_waited_for_and_answered),
         AC_CASE(half_of_a_hello_wakes_nobody),
         AC_CASE(end_in_the_middle_of_a_hello_is_passed_on),
         AC_CASE(half_close_is_kept_in_both_directions),
         AC_CASE(reader_who_stalls_gets_all_in_the_end),
         AC_CASE(without_a_backend_others_are_closed),
         AC_CASE(backend_that_is_away_is_told_once),
         AC_CASE(header_comes_before_the_first_octet),
         AC_CASE(silent_visitor_is_let_go_in_time),
         AC_CASE(unfinished_handshake_is_let_go_in_time),
         AC_CASE(what_is_passed_through_has_no_limit_of_time),
         AC_CASE(place_that_is_needed_is_given_up))
