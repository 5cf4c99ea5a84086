/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request to one address of a server, and its answer.
 */
#ifndef RFC2136_EXCHANGE_H
#define RFC2136_EXCHANGE_H

#include "session.h"

#define EXCHANGE_STRANGE_MAX 64 /* messages that answer nothing, of one exchange */

struct attempt {
    struct patience patience;
    int64_t wait_ms;     /* of this patience */
    struct tsig_mac mac; /* of the request */
    bool is_udp;
    bool is_garbage; /* what came was no answer */
    int error;       /* errno of the transport */
    ldns_pkt *packet;
};

/* With the share of the time that is left for the address `index`. */
struct attempt attempt_at(const struct session *session, size_t index, bool is_udp);

/*
 * Sends session->request to the current address, signed, and again where that may help.
 * The request is left unsigned, as it was; it is full when there was no memory to sign.
 *
 * attempt   its packet is set on TRANSPORT_OK, and belongs to the caller
 */
enum transport_status exchange(struct session *session, struct attempt *attempt);

/* Its parts, for who sends several requests at once. */
enum transport_status exchange_connect(struct session *session,
                                       struct attempt *attempt);
bool exchange_sign(struct session *session, struct tsig_mac *ret_mac);

/* Classifies attempt->packet, which session->answer holds the bytes of. */
void exchange_judge(const struct session *session, const struct attempt *attempt,
                    struct reply *reply);

#endif
