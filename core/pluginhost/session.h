/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One plugin and its one instance, from "load" to "close": each operation of
 * host/message in, its reply out. Inside of serve.c, apart for its size.
 */
#ifndef AC_PLUGINHOST_SESSION_H
#define AC_PLUGINHOST_SESSION_H

#include "pluginhost/loader.h"
#include "pluginhost/services.h"

struct ac_dns;

struct ac_session {
    struct ac_channel *channel; /* lent */
    struct ac_loaded loaded;
    struct acmecore_host_ctx services;
    void *self;         /* what open() gave */
    struct ac_dns *dns; /* NULL: it is no dns solver, or not open; owned */
    bool is_loaded;
    bool is_open;
    bool is_closed;   /* the core said so */
    bool is_confined; /* to be, before anything of a plugin runs */
    bool has_entered; /* it is */
    int first_socket; /* systemd's; closed for a plugin that has no use for them */
    int socket_count;
};

/* Does what the message says and queues the reply. Fails only when it cannot reply. */
AC_MUST enum ac_code ac_session_handle(struct ac_session *session,
                                       struct ac_message *message,
                                       struct ac_error *err);
/* Closes the instance if it is open. */
void ac_session_done(struct ac_session *session);

#endif
