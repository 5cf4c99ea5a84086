/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Databases: PostgreSQL's SSLRequest (its protocol, section "SSL Session Encryption"),
 * and the SSLRequest packet of MySQL and MariaDB, after their greeting.
 */
#include "pluginhost/served_talk.h"

#include <string.h>

#define SHOWN 120 /* bytes of a server's words */

/* ---- PostgreSQL: a request of 8 bytes, an answer of 1 */

static void begin_postgres(struct ac_talk *talk)
{
    static const uint8_t request[] = { 0, 0, 0, 8, 0x04, 0xD2, 0x16, 0x2F };

    ac_talk_say(talk, request, sizeof request);
}

static enum ac_talk_state take_postgres(struct ac_talk *talk)
{
    if (talk->received_size == 1 && talk->received[0] == 'S')
        return AC_TALK_READY;
    if (talk->received[0] == 'N')
        return ac_talk_fail(talk, "the server does not offer TLS (postgres)");
    return ac_talk_fail(talk, "what answers is no PostgreSQL, or refuses TLS");
}

const struct ac_talk_protocol ac_talk_postgres = { "postgres", "5432", begin_postgres,
                                                   take_postgres };

/* ---- MySQL: packets of a size (3 bytes, little-endian), a number and a body */

#define HEADER_SIZE      4
#define PACKET_MIN       1
#define PACKET_MAX       4096
#define PROTOCOL_10      10
#define PACKET_ERROR     0xFF
#define ERROR_WORDS_AT   3 /* behind its number; "#" and 5 bytes of state may follow */
#define ERROR_STATE_SIZE 6
#define AFTER_VERSION    13   /* thread id, 8 bytes of salt, a zero: then the flags */
#define CLIENT_SSL       0x08 /* of the second byte of the flags: 0x0800 */

static void wait_for_greeting(struct ac_talk *talk)
{
    talk->step = 0;
}

static enum ac_talk_state refuse_mysql(struct ac_talk *talk, const uint8_t *body,
                                       size_t size)
{
    size_t at = ERROR_WORDS_AT;

    if (size > at && body[at] == '#')
        at += ERROR_STATE_SIZE;
    if (at > size)
        at = size;
    int shown = size - at < SHOWN ? (int)(size - at) : SHOWN;
    return ac_talk_fail(talk, "the server refuses the connection (mysql): %.*s", shown,
                        (const char *)body + at);
}

/* Flags: protocol 4.1, TLS, secure connection; packets of 16 MiB; UTF-8; 23 zeros. */
static enum ac_talk_state ask_mysql(struct ac_talk *talk, uint8_t number)
{
    uint8_t request[HEADER_SIZE + 32] = { 32,   0,    0,    (uint8_t)(number + 1),
                                          0x00, 0x8A, 0x00, 0x00,
                                          0x00, 0x00, 0x00, 0x01,
                                          33 };

    ac_talk_say(talk, request, sizeof request);
    talk->is_last = true;
    return AC_TALK_MORE;
}

static enum ac_talk_state take_greeting(struct ac_talk *talk, const uint8_t *body,
                                        size_t size)
{
    if (body[0] == PACKET_ERROR)
        return refuse_mysql(talk, body, size);
    const uint8_t *end = memchr(body + 1, '\0', size - 1);
    if (body[0] != PROTOCOL_10 || !end
        || (size_t)(body + size - end) < 1 + AFTER_VERSION + 2)
        return ac_talk_fail(talk, "what answers is no MySQL");
    if (!(end[1 + AFTER_VERSION + 1] & CLIENT_SSL))
        return ac_talk_fail(talk, "the server does not offer TLS (mysql)");
    return ask_mysql(talk, talk->received[3]);
}

static enum ac_talk_state take_mysql(struct ac_talk *talk)
{
    const uint8_t *bytes = talk->received;

    if (talk->is_last || talk->received_size < HEADER_SIZE)
        return AC_TALK_MORE;
    size_t size = bytes[0] | (size_t)bytes[1] << 8 | (size_t)bytes[2] << 16;
    if (size < PACKET_MIN || size > PACKET_MAX)
        return ac_talk_fail(talk, "what answers is no MySQL");
    if (talk->received_size < HEADER_SIZE + size)
        return AC_TALK_MORE;
    return take_greeting(talk, bytes + HEADER_SIZE, size);
}

const struct ac_talk_protocol ac_talk_mysql = { "mysql", "3306", wait_for_greeting,
                                                take_mysql };
