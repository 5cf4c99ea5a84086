/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operations that wait for one plugin host, in the order they were asked for; the
 * first one is under way once it is sent. Inside of process.c, apart for its size.
 *
 * A call has two owners, the list and whoever started it; the last one frees it.
 */
#ifndef AC_HOST_CALL_H
#define AC_HOST_CALL_H

#include "host/process.h"

struct ac_call {
    const char *op;
    int64_t id;
    int64_t began_ms;
    int64_t deadline_ms;
    struct ac_message message; /* until it is sent */
    struct ac_json *reply;
    struct ac_error error; /* why there is no reply */
    bool is_sent;
    bool is_cancelled; /* nobody has a use for it any more: it is to stop */
    bool is_told;      /* the plugin host knows */
    bool is_done;
    bool is_listed;  /* the list still has it */
    bool is_dropped; /* nobody waits for it */
};

struct ac_calls {
    struct ac_call **items; /* owned, first come first served */
    size_t count;
    size_t capacity;
    int64_t last_id;
};

/* Appends one; *message is taken. *ret_call is lent until ac_call_free. */
AC_MUST enum ac_code ac_calls_add(struct ac_calls *calls, const char *op,
                                  struct ac_message *message, int64_t deadline_ms,
                                  struct ac_call **ret_call, struct ac_error *err);
/* The one under way, or NULL. */
struct ac_call *ac_calls_running(const struct ac_calls *calls);
/* The next to send, or NULL: none, or one is under way. */
struct ac_call *ac_calls_next(const struct ac_calls *calls);
/* Queues for the plugin host that the one under way is to stop, if it is; once. */
AC_MUST enum ac_code ac_calls_tell(const struct ac_calls *calls,
                                   struct ac_channel *channel, struct ac_error *err);
/* The first that is not the running one and is past its deadline, or NULL. */
struct ac_call *ac_calls_late(const struct ac_calls *calls);
/* When the first of all, the running one with its grace, is past its deadline. */
int64_t ac_calls_late_at_ms(const struct ac_calls *calls);
/* Ends one with its reply (taken) or, when that is NULL, with a copy of *error. */
void ac_calls_end(struct ac_calls *calls, struct ac_call *call, struct ac_json **reply,
                  const struct ac_error *error);
/* Ends all that are left with a copy of *error. */
void ac_calls_end_all(struct ac_calls *calls, const struct ac_error *error);
/* The list must be empty of calls. */
void ac_calls_done(struct ac_calls *calls);

#endif
