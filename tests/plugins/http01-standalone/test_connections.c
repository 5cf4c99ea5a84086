/* SPDX-License-Identifier: Apache-2.0 */
#include "connections.h"

#include "net.h"

/* Two ends of a connection; the far one reads 0 once the near one is shut down. */
struct pair {
    int near, far;
};

static struct pair make_pair(void)
{
    int fds[2] = { -1, -1 };

    (void)socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds);
    return (struct pair){ fds[0], fds[1] };
}

static bool is_ended(struct pair pair)
{
    char byte;

    return recv(pair.far, &byte, 1, MSG_DONTWAIT) == 0;
}

static void close_pair(struct pair pair)
{
    (void)close(pair.near);
    (void)close(pair.far);
}

static void remove_if(struct connections *connections, struct connection *connection)
{
    if (connection)
        connections_remove(connections, connection);
}

AC_TEST(old_connection_is_ended_and_young_one_is_not)
{
    struct connections connections = { .room = 10 };
    struct pair old = make_pair(), young = make_pair();
    struct connection *first = connections_add(&connections, old.near, 1000);
    struct connection *second = connections_add(&connections, young.near, 1001);

    connections_expire(&connections, 1000 + CONNECTIONS_AGE_MAX_MS);
    CU_ASSERT_FALSE(is_ended(old));
    connections_expire(&connections, 1001 + CONNECTIONS_AGE_MAX_MS);
    CU_ASSERT_TRUE(is_ended(old));
    CU_ASSERT_FALSE(is_ended(young));

    remove_if(&connections, first);
    remove_if(&connections, second);
    CU_ASSERT_EQUAL(connections.count, 0);
    close_pair(old);
    close_pair(young);
}

AC_TEST(oldest_one_gives_way_when_there_is_no_room)
{
    struct connections connections = { .room = 2 };
    struct pair pairs[3] = { make_pair(), make_pair(), make_pair() };
    struct connection *added[3];

    for (size_t i = 0; i < 3; i++)
        added[i] = connections_add(&connections, pairs[i].near, 0);

    CU_ASSERT_TRUE(is_ended(pairs[0]));
    CU_ASSERT_FALSE(is_ended(pairs[1]));
    CU_ASSERT_FALSE(is_ended(pairs[2]));
    for (size_t i = 0; i < 3; i++) {
        remove_if(&connections, added[i]);
        close_pair(pairs[i]);
    }
}

AC_TEST(removal_anywhere_keeps_the_rest_in_order)
{
    struct connections connections = { .room = 10 };
    struct pair pair = make_pair();
    struct connection *added[4];

    for (int i = 0; i < 4; i++)
        added[i] = connections_add(&connections, pair.near, i);
    remove_if(&connections, added[1]);
    remove_if(&connections, added[3]);
    remove_if(&connections, added[0]);

    CU_ASSERT_EQUAL(connections.count, 1);
    CU_ASSERT_PTR_EQUAL(connections.oldest, added[2]);
    CU_ASSERT_PTR_EQUAL(connections.newest, added[2]);
    remove_if(&connections, added[2]);
    CU_ASSERT_PTR_NULL(connections.oldest);
    CU_ASSERT_PTR_NULL(connections.newest);
    close_pair(pair);
}

AC_SUITE("http01-standalone/connections",
         AC_CASE(old_connection_is_ended_and_young_one_is_not),
         AC_CASE(oldest_one_gives_way_when_there_is_no_room),
         AC_CASE(removal_anywhere_keeps_the_rest_in_order))
