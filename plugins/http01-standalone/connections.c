/* SPDX-License-Identifier: Apache-2.0 */
#include "connections.h"

#include <stdlib.h>
#include <sys/socket.h>

static void shed(struct connections *connections);
static void end(struct connection *connection);

struct connection *connections_add(struct connections *connections, int fd,
                                   int64_t now_ms)
{
    struct connection *added = calloc(1, sizeof *added);

    if (!added) {
        (void)shutdown(fd, SHUT_RDWR);
        return NULL;
    }
    added->fd = fd;
    added->started_ms = now_ms;
    added->older = connections->newest;
    if (connections->newest) {
        connections->newest->newer = added;
    } else {
        connections->oldest = added;
    }
    connections->newest = added;
    connections->count++;
    shed(connections);
    return added;
}

void connections_remove(struct connections *connections, struct connection *connection)
{
    if (connection->older) {
        connection->older->newer = connection->newer;
    } else {
        connections->oldest = connection->newer;
    }
    if (connection->newer) {
        connection->newer->older = connection->older;
    } else {
        connections->newest = connection->older;
    }
    connections->count--;
    free(connection);
}

void connections_expire(struct connections *connections, int64_t now_ms)
{
    struct connection *here = connections->oldest;

    while (here && now_ms - here->started_ms > CONNECTIONS_AGE_MAX_MS) {
        end(here);
        here = here->newer;
    }
}

/* Whoever has been here longest is the least likely to be a validator. */
static void shed(struct connections *connections)
{
    struct connection *here = connections->oldest;
    size_t left = connections->count;

    while (here && left > connections->room) {
        end(here);
        here = here->newer;
        left--;
    }
}

static void end(struct connection *connection)
{
    if (!connection->is_ended)
        (void)shutdown(connection->fd, SHUT_RDWR);
    connection->is_ended = true;
}
