/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ends connections that take too long or too much room. An idle timeout alone lets a
 * client stay for ever with one byte every few seconds; a validator needs milliseconds.
 */
#ifndef STANDALONE_CONNECTIONS_H
#define STANDALONE_CONNECTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONNECTIONS_AGE_MAX_MS 20000

struct connection {
    struct connection *older, *newer;
    int64_t started_ms; /* monotonic */
    int fd;             /* borrowed */
    bool is_ended;      /* shut down; the server is about to close it */
};

struct connections {
    struct connection *oldest, *newest;
    size_t count;
    size_t room; /* with more than so many, the oldest have to go */
};

/* Returns NULL without memory: the connection is shut down. */
struct connection *connections_add(struct connections *connections, int fd,
                                   int64_t now_ms);

void connections_remove(struct connections *connections, struct connection *connection);

/* Shuts down what is older than CONNECTIONS_AGE_MAX_MS. */
void connections_expire(struct connections *connections, int64_t now_ms);

#endif
