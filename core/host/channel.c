/* SPDX-License-Identifier: Apache-2.0 */
#include "host/message.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEADER_SIZE 8
#define READ_SIZE   16384
/* One whole frame may wait while another is made; more is a peer that does not read. */
#define OUTPUT_MAX (2u * (HEADER_SIZE + AC_MESSAGE_JSON_MAX + AC_MESSAGE_BLOB_MAX))

/* Bytes that may hold a secret: grown by copy, and what is left behind is wiped. */
struct buffer {
    struct ac_secret room;
    size_t start; /* bytes before are spent */
    size_t end;
};

struct ac_channel {
    int fd;
    struct buffer input;
    struct buffer output;
};

static size_t buffer_size(const struct buffer *buffer)
{
    return buffer->end - buffer->start;
}

static const uint8_t *buffer_bytes(const struct buffer *buffer)
{
    return buffer->room.bytes + buffer->start;
}

/* Room for `size` more bytes at the end. */
static enum ac_code buffer_reserve(struct buffer *buffer, size_t size,
                                   struct ac_error *err)
{
    struct ac_secret grown = { 0 };
    size_t used = buffer_size(buffer);

    if (buffer->room.size - buffer->end >= size)
        return AC_OK;
    AC_TRY(ac_secret_new((used + size) * 2, &grown, err));
    if (used > 0)
        memcpy(grown.bytes, buffer_bytes(buffer), used);
    ac_secret_wipe(&buffer->room);
    *buffer = (struct buffer){ .room = grown, .start = 0, .end = used };
    return AC_OK;
}

static void buffer_add(struct buffer *buffer, const void *bytes, size_t size)
{
    if (size > 0)
        memcpy(buffer->room.bytes + buffer->end, bytes, size);
    buffer->end += size;
}

/* An emptied buffer is given back: between frames a channel holds nothing. */
static void buffer_spend(struct buffer *buffer, size_t size)
{
    buffer->start += size;
    if (buffer->start < buffer->end)
        return;
    ac_secret_wipe(&buffer->room);
    *buffer = (struct buffer){ 0 };
}

void ac_message_done(struct ac_message *message)
{
    ac_json_free(AC_TAKE(message->json));
    ac_secret_wipe(&message->blob);
}

enum ac_code ac_channel_new(int *fd, struct ac_channel **ret_channel,
                            struct ac_error *err)
{
    struct ac_channel *channel = NULL;
    int flags = fcntl(*fd, F_GETFL);

    if (flags < 0 || fcntl(*fd, F_SETFL, flags | O_NONBLOCK) < 0
        || fcntl(*fd, F_SETFD, FD_CLOEXEC) < 0)
        return ac_fail_errno(err, AC_E_SYSTEM, errno, "descriptor %d", *fd);
    AC_TRY(ac_memory_new(1, sizeof *channel, &channel, err));
    channel->fd = *fd;
    *fd = -1;
    *ret_channel = channel;
    return AC_OK;
}

void ac_channel_free(struct ac_channel *channel)
{
    if (!channel)
        return;
    (void)close(channel->fd);
    ac_secret_wipe(&channel->input.room);
    ac_secret_wipe(&channel->output.room);
    free(channel);
}

int ac_channel_fd(const struct ac_channel *channel)
{
    return channel->fd;
}

bool ac_channel_has_output(const struct ac_channel *channel)
{
    return buffer_size(&channel->output) > 0;
}

size_t ac_channel_output_size(const struct ac_channel *channel)
{
    return buffer_size(&channel->output);
}

bool ac_channel_has_input(const struct ac_channel *channel)
{
    return buffer_size(&channel->input) > 0;
}

static enum ac_code put_frame(struct ac_channel *channel, const char *text,
                              const struct ac_secret *blob, struct ac_error *err)
{
    size_t text_size = strlen(text);
    size_t size = HEADER_SIZE + text_size + blob->size;

    if (text_size > AC_MESSAGE_JSON_MAX || blob->size > AC_MESSAGE_BLOB_MAX)
        return ac_fail(err, AC_E_INVALID, "message of %zu bytes is too long", size);
    if (size > OUTPUT_MAX - buffer_size(&channel->output))
        return ac_fail(err, AC_E_NETWORK, "the other end does not read");
    AC_TRY(buffer_reserve(&channel->output, size, err));

    uint32_t sizes[2] = { htonl((uint32_t)text_size), htonl((uint32_t)blob->size) };
    buffer_add(&channel->output, sizes, sizeof sizes);
    buffer_add(&channel->output, text, text_size);
    buffer_add(&channel->output, blob->bytes, blob->size);
    return AC_OK;
}

enum ac_code ac_channel_put(struct ac_channel *channel, struct ac_message *message,
                            struct ac_error *err)
{
    AC_AUTO(ac_message) taken = *message;
    AC_AUTO_TEXT char *text = NULL;

    *message = (struct ac_message){ 0 };
    AC_TRY(ac_json_write(taken.json, &text, err));
    return put_frame(channel, text, &taken.blob, err);
}

enum ac_code ac_channel_flush(struct ac_channel *channel, struct ac_error *err)
{
    while (ac_channel_has_output(channel)) {
        ssize_t sent = send(channel->fd, buffer_bytes(&channel->output),
                            buffer_size(&channel->output), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return AC_OK;
        if (sent <= 0)
            return ac_fail_errno(err, AC_E_NETWORK, errno, "socket");
        buffer_spend(&channel->output, (size_t)sent);
    }
    return AC_OK;
}

struct sizes {
    size_t json;
    size_t blob;
};

/* False while the header is not whole. */
static bool read_sizes(const struct ac_channel *channel, struct sizes *ret_sizes)
{
    uint32_t sizes[2];

    if (buffer_size(&channel->input) < HEADER_SIZE)
        return false;
    memcpy(sizes, buffer_bytes(&channel->input), sizeof sizes);
    *ret_sizes = (struct sizes){ ntohl(sizes[0]), ntohl(sizes[1]) };
    return true;
}

static enum ac_code parse_frame(const uint8_t *bytes, const struct sizes *sizes,
                                struct ac_message *ret_message, struct ac_error *err)
{
    AC_AUTO(ac_message) message = { .json_size = sizes->json };
    struct ac_error why = { 0 };
    enum ac_code code =
        ac_json_parse((const char *)bytes, sizes->json, &message.json, &why);

    if (code == AC_E_INVALID)
        return ac_fail(err, AC_E_PROTOCOL, "message: %s", why.detail);
    if (code != AC_OK) {
        *err = why;
        return code;
    }
    if (!ac_json_is_object(message.json))
        return ac_fail(err, AC_E_PROTOCOL, "message is no JSON object");
    AC_TRY(ac_secret_copy(bytes + sizes->json, sizes->blob, &message.blob, err));
    *ret_message = message;
    message = (struct ac_message){ 0 };
    return AC_OK;
}

/* The next frame out of what is here. AC_E_NOTFOUND: it is not whole. */
static enum ac_code take_frame(struct ac_channel *channel,
                               struct ac_message *ret_message, struct ac_error *err)
{
    struct sizes sizes = { 0 };

    if (!read_sizes(channel, &sizes))
        return ac_fail(err, AC_E_NOTFOUND, "no message yet");
    if (sizes.json > AC_MESSAGE_JSON_MAX || sizes.blob > AC_MESSAGE_BLOB_MAX) {
        return ac_fail(err, AC_E_PROTOCOL, "message of %zu and %zu bytes is too long",
                       sizes.json, sizes.blob);
    }

    size_t size = HEADER_SIZE + sizes.json + sizes.blob;
    if (buffer_size(&channel->input) < size)
        return ac_fail(err, AC_E_NOTFOUND, "no message yet");
    AC_TRY(parse_frame(buffer_bytes(&channel->input) + HEADER_SIZE, &sizes, ret_message,
                       err));
    buffer_spend(&channel->input, size);
    return AC_OK;
}

/*
 * AC_E_NOTFOUND: nothing came. The buffer grows with what came, not with what was
 * announced, and not at all for a look at an idle socket: most looks find nothing.
 */
static enum ac_code read_more(struct ac_channel *channel, struct ac_error *err)
{
    uint8_t bytes[READ_SIZE];
    ssize_t got;

    do {
        got = recv(channel->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    } while (got < 0 && errno == EINTR);
    if (got == 0)
        return ac_fail(err, AC_E_NETWORK, "the other end is gone");
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return ac_fail(err, AC_E_NOTFOUND, "no message yet");
    if (got < 0)
        return ac_fail_errno(err, AC_E_NETWORK, errno, "socket");

    enum ac_code code = buffer_reserve(&channel->input, (size_t)got, err);
    if (code == AC_OK)
        buffer_add(&channel->input, bytes, (size_t)got);
    explicit_bzero(bytes, (size_t)got);
    return code;
}

enum ac_code ac_channel_get(struct ac_channel *channel, struct ac_message *ret_message,
                            struct ac_error *err)
{
    for (;;) {
        enum ac_code code = take_frame(channel, ret_message, err);
        if (code != AC_E_NOTFOUND)
            return code;
        AC_TRY(read_more(channel, err));
    }
}
