/* SPDX-License-Identifier: Apache-2.0 */
#include "host/call.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

static void destroy(struct ac_call *call)
{
    ac_message_done(&call->message);
    ac_json_free(call->reply);
    free(call);
}

bool ac_call_is_done(const struct ac_call *call)
{
    return call->is_done;
}

enum ac_code ac_call_result(const struct ac_call *call,
                            const struct ac_json **ret_reply, struct ac_error *err)
{
    if (!call->is_done)
        return ac_fail(err, AC_E_PLUGIN, "%s has not ended yet", call->op);
    if (!call->reply) {
        *err = call->error;
        return err->code;
    }
    *ret_reply = call->reply;
    return AC_OK;
}

void ac_call_cancel(struct ac_call *call)
{
    call->is_cancelled = true;
}

void ac_call_free(struct ac_call *call)
{
    if (!call)
        return;
    call->is_dropped = true;
    if (!call->is_listed)
        destroy(call);
}

enum ac_code ac_calls_add(struct ac_calls *calls, const char *op,
                          struct ac_message *message, int64_t deadline_ms,
                          struct ac_call **ret_call, struct ac_error *err)
{
    AC_AUTO(ac_message) taken = *message;
    struct ac_call *call = NULL;

    *message = (struct ac_message){ 0 };
    AC_TRY(ac_memory_grow(&calls->items, &calls->capacity, calls->count + 1,
                          sizeof(struct ac_call *), err));
    AC_TRY(ac_json_set_number(taken.json, "id", calls->last_id + 1, err));
    AC_TRY(ac_memory_new(1, sizeof *call, &call, err));
    *call = (struct ac_call){ .op = op,
                              .id = ++calls->last_id,
                              .began_ms = ac_clock_now_ms(),
                              .deadline_ms = deadline_ms,
                              .message = taken,
                              .is_listed = true };
    taken = (struct ac_message){ 0 };
    calls->items[calls->count++] = call;
    *ret_call = call;
    return AC_OK;
}

struct ac_call *ac_calls_running(const struct ac_calls *calls)
{
    return calls->count > 0 && calls->items[0]->is_sent ? calls->items[0] : NULL;
}

struct ac_call *ac_calls_next(const struct ac_calls *calls)
{
    return calls->count > 0 && !calls->items[0]->is_sent ? calls->items[0] : NULL;
}

enum ac_code ac_calls_tell(const struct ac_calls *calls, struct ac_channel *channel,
                           struct ac_error *err)
{
    AC_AUTO(ac_message) message = { 0 };
    struct ac_call *running = ac_calls_running(calls);

    if (!running || !running->is_cancelled || running->is_told)
        return AC_OK;
    running->is_told = true;
    AC_TRY(ac_json_new(&message.json, err, "{s:s}", "event", "cancel"));
    return ac_channel_put(channel, &message, err);
}

struct ac_call *ac_calls_late(const struct ac_calls *calls)
{
    int64_t now_ms = ac_clock_now_ms();

    for (size_t i = 0; i < calls->count; i++) {
        if (!calls->items[i]->is_sent && now_ms >= calls->items[i]->deadline_ms)
            return calls->items[i];
    }
    return NULL;
}

static void unlist(struct ac_calls *calls, struct ac_call *call)
{
    size_t i = 0;

    while (calls->items[i] != call)
        i++;
    calls->count--;
    memmove(&calls->items[i], &calls->items[i + 1],
            (calls->count - i) * sizeof(struct ac_call *));
    call->is_listed = false;
}

int64_t ac_calls_late_at_ms(const struct ac_calls *calls)
{
    int64_t late_at_ms = AC_CLOCK_NEVER;

    for (size_t i = 0; i < calls->count; i++) {
        const struct ac_call *call = calls->items[i];
        int64_t grace_ms = call->is_sent ? AC_PROCESS_GRACE_MS : 0;
        if (call->deadline_ms < late_at_ms - grace_ms)
            late_at_ms = call->deadline_ms + grace_ms;
    }
    return late_at_ms;
}

void ac_calls_end(struct ac_calls *calls, struct ac_call *call, struct ac_json **reply,
                  const struct ac_error *error)
{
    unlist(calls, call);
    call->is_done = true;
    ac_message_done(&call->message);
    if (reply && *reply) {
        call->reply = AC_TAKE(*reply);
    } else {
        call->error = *error;
    }
    if (call->is_dropped)
        destroy(call);
}

void ac_calls_end_all(struct ac_calls *calls, const struct ac_error *error)
{
    while (calls->count > 0)
        ac_calls_end(calls, calls->items[calls->count - 1], NULL, error);
}

void ac_calls_done(struct ac_calls *calls)
{
    free((void *)calls->items);
    *calls = (struct ac_calls){ 0 };
}
