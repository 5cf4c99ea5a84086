/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/served_talk.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define PIECE_SIZE 2048

static const struct ac_talk_protocol *const protocols[] = {
    &ac_talk_ldap,  &ac_talk_xmpp,  &ac_talk_xmpp_server, &ac_talk_postgres,
    &ac_talk_mysql, &ac_talk_sieve, &ac_talk_nntp,        NULL,
};

const struct ac_talk_protocol *ac_talk_find(const char *word)
{
    for (size_t i = 0; protocols[i]; i++) {
        if (strcmp(protocols[i]->word, word) == 0)
            return protocols[i];
    }
    return NULL;
}

void ac_talk_begin(struct ac_talk *talk, const struct ac_talk_protocol *protocol,
                   const char *name)
{
    *talk = (struct ac_talk){ .protocol = protocol, .name = name };
    protocol->begin(talk);
}

short ac_talk_events(const struct ac_talk *talk)
{
    return talk->sent_size < talk->sending_size ? POLLIN | POLLOUT : POLLIN;
}

static bool is_later(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

/* 0, or why the connection is of no use any more. */
static int send_rest(struct ac_talk *talk, int fd)
{
    while (talk->sent_size < talk->sending_size) {
        ssize_t sent =
            send(fd, talk->sending + talk->sent_size,
                 talk->sending_size - talk->sent_size, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (sent < 0)
            return is_later(errno) ? 0 : errno;
        talk->sent_size += (size_t)sent;
    }
    return 0;
}

/* All that has come; never more than the limit, which take sees to. */
static enum ac_talk_state read_all(struct ac_talk *talk, int fd)
{
    enum ac_talk_state state = AC_TALK_MORE;
    uint8_t piece[PIECE_SIZE];

    while (state == AC_TALK_MORE) {
        ssize_t got = recv(fd, piece, sizeof piece, MSG_DONTWAIT);

        if (got < 0 && is_later(errno))
            return AC_TALK_MORE;
        if (got < 0)
            return ac_talk_fail(talk, "the connection broke: %s", strerror(errno));
        if (got == 0) {
            return ac_talk_fail(talk, "the server hung up before TLS began (%s)",
                                talk->protocol->word);
        }
        state = ac_talk_take(talk, piece, (size_t)got);
    }
    return state;
}

enum ac_talk_state ac_talk_step(struct ac_talk *talk, int fd)
{
    int error = send_rest(talk, fd);
    enum ac_talk_state state = talk->is_last ? AC_TALK_MORE : read_all(talk, fd);

    /* What it said before it hung up tells more. */
    if (state == AC_TALK_MORE && error == 0)
        error = send_rest(talk, fd);
    if (state == AC_TALK_MORE && error != 0)
        return ac_talk_fail(talk, "the connection broke: %s", strerror(error));
    if (talk->is_last && talk->sent_size == talk->sending_size)
        return AC_TALK_READY;
    return state;
}

enum ac_talk_state ac_talk_take(struct ac_talk *talk, const void *bytes, size_t size)
{
    /* In all, however often a protocol forgets. */
    if (size > AC_TALK_RECEIVED_MAX - talk->received_total) {
        return ac_talk_fail(talk, "the server said more than %u bytes before TLS (%s)",
                            AC_TALK_RECEIVED_MAX, talk->protocol->word);
    }
    memcpy(talk->received + talk->received_size, bytes, size);
    talk->received_size += size;
    talk->received_total += size;
    talk->received[talk->received_size] = '\0';
    return talk->protocol->take(talk);
}

void ac_talk_say(struct ac_talk *talk, const void *bytes, size_t size)
{
    if (size > AC_TALK_SENDING_MAX - talk->sending_size)
        return; /* ours, and short: names are checked before */
    memcpy(talk->sending + talk->sending_size, bytes, size);
    talk->sending_size += size;
}

void ac_talk_forget(struct ac_talk *talk, size_t size)
{
    talk->received_size -= size;
    memmove(talk->received, talk->received + size, talk->received_size + 1);
}

enum ac_talk_state ac_talk_fail(struct ac_talk *talk, const char *format, ...)
{
    char text[AC_TALK_REASON_SIZE];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    (void)ac_text_clean(talk->reason, sizeof talk->reason, text, strlen(text));
    return AC_TALK_FAILED;
}
