/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One command to HAProxy's runtime socket, and its answer, within a time.
 */
#ifndef TALK_H
#define TALK_H

#include "address.h"
#include "blob.h"

#include <stdint.h>

#define TALK_ANSWER_MAX (256u * 1024u) /* bytes */

struct talk {
    const struct acmecore_host *host;
    struct address address;
    int64_t timeout_ms;
};

/* E_NOTFOUND, not recorded: nobody listens there. */
int talk_ask(const struct talk *talk, const struct files_blob *question,
             struct files_blob *ret_answer);

#endif
