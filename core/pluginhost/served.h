/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which certificates servers serve: many handshakes at once, each with a name (SNI),
 * plain or after STARTTLS. Nothing is believed: any certificate is taken, because the
 * question is which it is.
 */
#ifndef AC_PLUGINHOST_SERVED_H
#define AC_PLUGINHOST_SERVED_H

#include "pluginhost/x509.h"

#define AC_SERVED_REASON_SIZE 256

/* Where to look, and what was seen there. */
struct ac_served {
    const char *address;  /* "host", "host:port", "[2001:db8::1]:443"; lent */
    const char *starttls; /* a word of ac_served_is_protocol; NULL: TLS at once */
    const char *name;     /* asked for; lent */
    bool is_seen;
    struct ac_x509_facts facts;
    char reason[AC_SERVED_REASON_SIZE]; /* not seen: why, clean */
};

#define AC_SERVED_WORDS                                                                \
    "smtp, imap, pop3, ftp, ldap, xmpp, xmpp-server, postgres, mysql, sieve, nntp"
bool ac_served_is_protocol(const char *word);
/* Looks at all. Fails only when nothing could be asked. */
AC_MUST enum ac_code ac_served_look(struct ac_served *items, size_t count,
                                    int64_t deadline_ms, struct ac_error *err);

#endif
