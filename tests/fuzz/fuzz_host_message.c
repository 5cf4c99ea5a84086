/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames from the other side of the fence, and the challenges in them. What is accepted
 * keeps to the limits and survives being written and read again.
 */
#include "host/message.h"

#include <string.h>
#include <sys/socket.h>

/* NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        __builtin_trap();
}

static void require_same_again(const struct ac_batch *batch)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(ac_batch) again = { 0 };

    require(ac_batch_to_json(batch, &json, &err) == AC_OK);
    require(ac_batch_from_json(json, &again, &err) == AC_OK);
    require(again.count == batch->count);
}

static void try_batch(const struct ac_json *json)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_batch) batch = { 0 };

    if (ac_batch_from_json(json, &batch, &err) != AC_OK) {
        require(err.detail[0] != '\0');
        return;
    }
    require(batch.count <= AC_MESSAGE_BATCH_MAX);
    for (size_t i = 0; i < batch.count; i++)
        require(strchr(batch.items[i].token, '/') == NULL);
    require_same_again(&batch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_channel) *channel = NULL;
    int ends[2];

    if (size > 100000 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return 0;
    AC_AUTO_FD int own = ends[0];
    AC_AUTO_FD int other = ends[1];
    require(ac_channel_new(&own, &channel, &err) == AC_OK);
    if (send(other, data, size, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)size)
        return 0;
    for (;;) {
        AC_AUTO(ac_message) message = { 0 };
        if (ac_channel_get(channel, &message, &err) != AC_OK)
            return 0;
        require(ac_json_is_object(message.json));
        require(message.blob.size <= AC_MESSAGE_BLOB_MAX);
        try_batch(ac_json_get(message.json, "challenges"));
    }
}
