/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes from one socket to another, untouched; its end is passed on as an end.
 */
#ifndef TLSALPN01_FLOW_H
#define TLSALPN01_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Both sockets are borrowed and do not block. */
struct flow {
    int from, to;
    uint8_t *rest; /* read and not yet taken by `to`; owned */
    size_t rest_at, rest_size;
    bool has_ended; /* `from` has nothing more */
};

enum flow_state {
    FLOW_OPEN,
    FLOW_DONE,  /* all is passed on, and that it was all */
    FLOW_BROKEN /* a socket failed, or there was no memory */
};

/* Moves what can be moved now, and not for long. */
enum flow_state flow_move(struct flow *flow);

/* Something to be sent before the rest; false without memory. */
bool flow_queue(struct flow *flow, const void *data, size_t size);

/* What flow_move() waits for. */
bool flow_wants_input(const struct flow *flow);
bool flow_wants_output(const struct flow *flow);

void flow_drop(struct flow *flow);

#endif
