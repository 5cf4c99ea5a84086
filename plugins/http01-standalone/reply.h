/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a request is answered (RFC 8555 §8.3). Pure: nothing of the request comes back.
 */
#ifndef STANDALONE_REPLY_H
#define STANDALONE_REPLY_H

#include "answers.h"

struct reply {
    unsigned status;
    char *body;        /* lent by the answers, or static; never written to */
    const char *type;  /* Content-Type */
    const char *allow; /* Allow; or NULL */
    const char *token; /* ours, when it was found; or NULL */
};

/* `target` is the path as it came, not unescaped; or an absolute http URL. */
struct reply reply_to(const struct answers *answers, const char *method,
                      const char *target);

#endif
