/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operations as messages between the core and one plugin host, over a socketpair.
 *
 * A frame is: 4 octets JSON size, 4 octets blob size (both big-endian), the JSON
 * document (an object), the blob. The blob carries bytes that must never be text:
 * secrets. Both ends check everything: a plugin host that was taken over must not harm
 * the core.
 *
 * Core to plugin host, each with an "id" that the reply repeats and "remaining_ms":
 *   {"op":"load","id":1,"path":P,"name":N,"folder":F}   reply: "plugin": the
 * descriptor; with "describe":true its code gets nothing that it says it uses
 *   {"op":"open","id":2,"options":{NAME:[V,…]},"secrets":[{"name":N,"size":S},…]}
 *   {"op":"present"|"cleanup"|"probe","id":3,"challenges":[{…},…]}
 *   {"op":"locate","id":4,"challenges":[{…},…]}   dns solvers; each result that is OK
 *       has "name", where the record lies after aliases, and "zone", its apex; or not;
 *       those of dns-persist-01 have "values", the TXT records that are there, if known
 *   {"op":"caa","id":5,"names":[{"name":N,"is_wildcard":B,"method":M},…],
 *    "identities":[I,…],"account_url":U,"resolvers":[A,…]}   needs no plugin; reply:
 *       "findings":[{"index":0,"text":"…"},…], index into names
 *   {"op":"stage"|"probe","id":6,"certificates":[{…},…]}   installers; "results" as
 *       above; {"op":"commit"|"rollback"|"finish","id":7}   these have none; in a dry
 *       run "changes":["a line",…], what would have been changed
 *   {"op":"served","id":8,"targets":[{"address":A,"name":N,"starttls":S},…]}   needs no
 *       plugin; results: {"sha256","names","issuer","not_after"}, or why not: {"text"}
 *   {"op":"inspect","id":9}   for plugin check; reply: "state", what the process holds
 *   {"op":"close","id":10}
 * Plugin host to core:
 *   {"reply":3,"status":0,"detail":"…","elapsed_ms":N,
 *    "results":[{"status":0},{"status":-3,"detail":"…"},…]}   one for each challenge
 *   {"event":"log","level":2,"text":"…"}
 * Knows no process and no plugin. Pure but for ac_channel_*, which moves bytes.
 */
#ifndef AC_HOST_MESSAGE_H
#define AC_HOST_MESSAGE_H

#include "base/json.h"
#include "base/secret.h"

#include <acmecore/plugin.h>

#define AC_MESSAGE_JSON_MAX     (4u * 1024u * 1024u)
#define AC_MESSAGE_BLOB_MAX     (256u * 1024u)
#define AC_MESSAGE_BATCH_MAX    1000 /* challenges in one operation */
#define AC_MESSAGE_DETAIL_MAX   512
#define AC_MESSAGE_TOKEN_MAX    512
#define AC_MESSAGE_KEY_AUTH_MAX 1024

/* One frame, in or out. */
struct ac_message {
    struct ac_json *json; /* owned */
    struct ac_secret blob;
    size_t json_size; /* [bytes] as it came */
};
void ac_message_done(struct ac_message *message);
AC_DEFINE_DROP_VALUE(ac_message, ac_message_done)

/* One end of the socketpair: bytes waiting to go out, bytes of a frame not yet whole.
 */
struct ac_channel;

/* Takes the descriptor (made non-blocking, close-on-exec) and nulls it to -1. */
AC_MUST enum ac_code ac_channel_new(int *fd, struct ac_channel **ret_channel,
                                    struct ac_error *err);
void ac_channel_free(struct ac_channel *channel);
AC_DEFINE_DROP(ac_channel, ac_channel_free)
int ac_channel_fd(const struct ac_channel *channel);
/* Are there bytes to go out (poll for POLLOUT)? */
bool ac_channel_has_output(const struct ac_channel *channel);
/* How many. */
size_t ac_channel_output_size(const struct ac_channel *channel);
/* Has more come than was taken? Those bytes are not in the socket any more. */
bool ac_channel_has_input(const struct ac_channel *channel);
/* Queues one frame; *message is emptied. */
AC_MUST enum ac_code ac_channel_put(struct ac_channel *channel,
                                    struct ac_message *message, struct ac_error *err);
/* Writes what the socket takes now. AC_E_NETWORK: the other end is gone. */
AC_MUST enum ac_code ac_channel_flush(struct ac_channel *channel, struct ac_error *err);
/*
 * Reads what is there now and gives the next whole frame. AC_E_NOTFOUND: none yet.
 * AC_E_NETWORK: the other end is gone. AC_E_PROTOCOL: over a limit, or no JSON object.
 */
AC_MUST enum ac_code ac_channel_get(struct ac_channel *channel,
                                    struct ac_message *ret_message,
                                    struct ac_error *err);

/*
 * A batch of challenges that owns its text; `items` are plugin-ABI structs whose
 * pointers lead into it, `pointers` is the array an operation takes.
 */
struct ac_batch {
    struct acmecore_challenge *items;
    const struct acmecore_challenge **pointers;
    size_t count;
    struct ac_words text; /* what the pointers lead into */
    size_t item_capacity, pointer_capacity;
};

/* Adds one (all text is copied). record_* may be NULL. AC_E_INVALID: a field that is
 * missing, too long or made of other characters than its grammar has. */
AC_MUST enum ac_code ac_batch_add(struct ac_batch *batch,
                                  const struct acmecore_challenge *challenge,
                                  struct ac_error *err);
/* As JSON array, for messages and for the journal; and back, checking every field. */
AC_MUST enum ac_code ac_batch_to_json(const struct ac_batch *batch,
                                      struct ac_json **ret_array, struct ac_error *err);
/* The same for `count` challenges from `first` on. */
AC_MUST enum ac_code ac_batch_part_to_json(const struct ac_batch *batch, size_t first,
                                           size_t count, struct ac_json **ret_array,
                                           struct ac_error *err);
AC_MUST enum ac_code ac_batch_from_json(const struct ac_json *array,
                                        struct ac_batch *ret_batch,
                                        struct ac_error *err);
void ac_batch_done(struct ac_batch *batch);
AC_DEFINE_DROP_VALUE(ac_batch, ac_batch_done)

#endif
