/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What came of a request, and the sentence that tells a person what to check.
 */
#ifndef RFC2136_REPLY_H
#define RFC2136_REPLY_H

#include <acmecore/plugin.h>

#include "server.h"
#include "tsig.h"

#define REPLY_TRAIL_MAX 320

enum reply_kind {
    REPLY_DONE,      /* NOERROR, and the signature is good */
    REPLY_REFUSED,   /* the RCODE says why */
    REPLY_BAD_KEY,   /* the TSIG error says why */
    REPLY_UNTRUSTED, /* an answer that anybody could have made */
    REPLY_UNUSABLE,  /* no server gave a usable answer; the trail says why */
    REPLY_LATE,      /* the host's deadline has passed */
    REPLY_ALIAS,     /* accepted and ignored: a CNAME or DNAME is there */
    REPLY_DELEGATED, /* accepted and never served: it lies in another zone */
    REPLY_TOO_LONG,  /* one record alone is over 64 KiB */
    REPLY_NO_MEMORY
};

struct reply {
    enum reply_kind kind;
    unsigned rcode;
    struct tsig_report tsig;
    char server[SERVER_TEXT_MAX];
    char trail[REPLY_TRAIL_MAX]; /* "192.0.2.1:53: connection refused; ..." */
    struct name_text other;      /* the zone that it is DELEGATED to */
};

/* What was asked for, in the words of the sentence. */
struct request_words {
    const char *verb;    /* "add" or "remove" */
    const char *records; /* "_acme-challenge.example.com and 3 more" */
    const char *zone;    /* "example.com" */
    const struct tsig_key *key;
};

/*
 * Classifies an answer.
 *
 * tsig   the judgement of its signature; NULL when the request was not signed
 */
enum reply_kind reply_classify(unsigned rcode, const struct tsig_report *tsig);

/* True when another server may do better (RFC 2136 §4): only then it is asked. */
bool reply_is_for_next_server(const struct reply *reply);

/* True when a part of what was asked for may be accepted. */
bool reply_is_about_content(const struct reply *reply);

/* True when one sentence tells both. */
bool reply_is_same(const struct reply *one, const struct reply *other);

/* "NOTAUTH"; never NULL. */
const char *reply_rcode_name(unsigned rcode);

/* Records the sentence, and returns the status that belongs to it. */
int reply_fail(const struct acmecore_host *host, const struct reply *reply,
               const struct request_words *words);

#endif
