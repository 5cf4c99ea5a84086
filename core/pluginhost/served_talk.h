/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is said to a server before TLS begins, in protocols that libcurl does not know:
 * a few bytes there and back, over a socket that is connected and never blocks. What a
 * server answers is bounded and believed in nothing but that TLS may begin.
 */
#ifndef AC_PLUGINHOST_SERVED_TALK_H
#define AC_PLUGINHOST_SERVED_TALK_H

#include "base/text.h"

#include <stdint.h>

#define AC_TALK_RECEIVED_MAX (16u * 1024u) /* bytes of a server before TLS */
#define AC_TALK_SENDING_MAX  1024u
#define AC_TALK_REASON_SIZE  256

enum ac_talk_state {
    AC_TALK_MORE,  /* it goes on when the socket is ready */
    AC_TALK_READY, /* TLS may begin */
    AC_TALK_FAILED /* talk->reason */
};

struct ac_talk;

/* A protocol: what is said at the beginning, and what to an answer. */
struct ac_talk_protocol {
    const char *word; /* as a person names it */
    const char *port; /* where there is none */
    void (*begin)(struct ac_talk *talk);
    /* More has come; all of it since the last ac_talk_forget is in talk->received. */
    enum ac_talk_state (*take)(struct ac_talk *talk);
};

struct ac_talk {
    const struct ac_talk_protocol *protocol;
    const char *name; /* of the server, as it is asked for; lent */
    int step;         /* of the protocol's own */
    bool has_offer;   /* likewise */
    bool is_last;     /* TLS begins when all is sent, without an answer */
    size_t received_size, received_total;
    size_t sending_size, sent_size;
    uint8_t received[AC_TALK_RECEIVED_MAX + 1]; /* ends with NUL */
    uint8_t sending[AC_TALK_SENDING_MAX];
    char reason[AC_TALK_REASON_SIZE]; /* clean */
};

/* NULL: there is none of that name here. */
const struct ac_talk_protocol *ac_talk_find(const char *word);

void ac_talk_begin(struct ac_talk *talk, const struct ac_talk_protocol *protocol,
                   const char *name);
/* Sends and reads what can be done now. */
enum ac_talk_state ac_talk_step(struct ac_talk *talk, int fd);
/* What to wait for, as poll has it. */
short ac_talk_events(const struct ac_talk *talk);
/* Bytes that the server sent: what ac_talk_step reads. */
enum ac_talk_state ac_talk_take(struct ac_talk *talk, const void *bytes, size_t size);

/* ---- for the protocols */

void ac_talk_say(struct ac_talk *talk, const void *bytes, size_t size);
/* The first bytes of what was received are dealt with. */
void ac_talk_forget(struct ac_talk *talk, size_t size);
enum ac_talk_state ac_talk_fail(struct ac_talk *talk, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

extern const struct ac_talk_protocol ac_talk_ldap, ac_talk_xmpp, ac_talk_xmpp_server,
    ac_talk_postgres, ac_talk_mysql, ac_talk_sieve, ac_talk_nntp;

#endif
