/* SPDX-License-Identifier: Apache-2.0 */
#include "flow.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define PIECE_SIZE ((size_t)32768)
#define PIECES_MAX 8 /* then the other connections have their turn */

static bool send_rest(struct flow *flow);
static bool pass_piece(struct flow *flow, bool *ret_is_idle);
static ssize_t send_now(int fd, const uint8_t *data, size_t size);

enum flow_state flow_move(struct flow *flow)
{
    bool is_idle = false;

    for (int i = 0; i < PIECES_MAX && !is_idle; i++) {
        if (flow->rest && !send_rest(flow))
            return FLOW_BROKEN;
        if (flow->rest)
            return FLOW_OPEN;
        if (flow->has_ended) {
            (void)shutdown(flow->to, SHUT_WR);
            return FLOW_DONE;
        }
        if (!pass_piece(flow, &is_idle))
            return FLOW_BROKEN;
    }
    return FLOW_OPEN;
}

bool flow_queue(struct flow *flow, const void *data, size_t size)
{
    uint8_t *copy = malloc(size);

    if (!copy)
        return false;
    memcpy(copy, data, size);
    flow->rest = copy;
    flow->rest_at = 0;
    flow->rest_size = size;
    return true;
}

bool flow_wants_input(const struct flow *flow)
{
    return !flow->rest && !flow->has_ended;
}

bool flow_wants_output(const struct flow *flow)
{
    return flow->rest;
}

void flow_drop(struct flow *flow)
{
    free(flow->rest);
    flow->rest = NULL;
}

static bool send_rest(struct flow *flow)
{
    ssize_t sent =
        send_now(flow->to, flow->rest + flow->rest_at, flow->rest_size - flow->rest_at);

    if (sent < 0)
        return false;
    flow->rest_at += (size_t)sent;
    if (flow->rest_at == flow->rest_size)
        flow_drop(flow);
    return true;
}

static bool pass_piece(struct flow *flow, bool *ret_is_idle)
{
    uint8_t piece[PIECE_SIZE];
    ssize_t size = recv(flow->from, piece, sizeof piece, MSG_DONTWAIT);
    ssize_t sent = 0;

    if (size < 0) {
        *ret_is_idle = true;
        return errno == EAGAIN || errno == EINTR;
    }
    flow->has_ended = size == 0;
    if (size == 0)
        return true;
    sent = send_now(flow->to, piece, (size_t)size);
    if (sent < 0)
        return false;
    return sent == size || flow_queue(flow, piece + sent, (size_t)(size - sent));
}

/* How much was taken, perhaps nothing; -1: the socket is broken. */
static ssize_t send_now(int fd, const uint8_t *data, size_t size)
{
    ssize_t sent = send(fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL);

    if (sent < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    return sent;
}
