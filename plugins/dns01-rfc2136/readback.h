/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks, at the server that accepted an update, whether it did something: servers
 * answer NOERROR and ignore a TXT record beside a CNAME (RFC 2136 §3.4.2.2), and keep
 * one below a delegation without ever serving it.
 */
#ifndef RFC2136_READBACK_H
#define RFC2136_READBACK_H

#include "update.h"

/*
 * Turns the reply of those items into REPLY_ALIAS or REPLY_DELEGATED that the server
 * has proven to have ignored. A record that is merely not there yet is logged: a
 * secondary that forwards updates and a signing server need a moment.
 */
void readback(struct session *session, struct update_item *const *items, size_t count);

/*
 * The same for removals that were refused: those whose record the server serves no more
 * (or never did, because it refused to add it, too) are REPLY_DONE.
 */
void readback_absent(struct session *session, struct update_item *const *items,
                     size_t count);

#endif
