/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LDAP: the extended operation StartTLS (RFC 4511 section 4.14), in BER.
 */
#include "pluginhost/served_talk.h"

#include <string.h>

#define MESSAGE_ID   1
#define MESSAGE_MAX  8192 /* bytes of the answer */
#define LENGTH_MAX   4    /* bytes of a length in the long form */
#define TAG_INTEGER  0x02
#define TAG_OCTETS   0x04
#define TAG_ENUM     0x0A
#define TAG_SEQUENCE 0x30
#define TAG_EXTENDED 0x78 /* [APPLICATION 24], RFC 4511 section 4.12 */
#define SHOWN        120  /* bytes of the diagnostic message */

/* What is left of an element. */
struct span {
    const uint8_t *at;
    size_t size;
};

enum found {
    WHOLE,
    PART, /* of it, so far */
    BAD   /* it is no BER, or not what was asked for */
};

/* SEQUENCE { messageID 1, [APPLICATION 23] { [0] the OID of StartTLS } } */
static void begin(struct ac_talk *talk)
{
    static const char request[] = "\x30\x1d\x02\x01\x01\x77\x18\x80\x16"
                                  "1.3.6.1.4.1.1466.20037";

    ac_talk_say(talk, request, sizeof request - 1);
}

/* Of the long form `first` says how many bytes follow. */
static enum found read_length(struct span *span, size_t *ret_length)
{
    size_t length = 0;

    if (span->size == 0)
        return PART;
    size_t count = *span->at & 0x80 ? *span->at & 0x7Fu : 0;
    if (count == 0)
        length = *span->at & 0x7Fu;
    if (count > LENGTH_MAX || (count == 0 && *span->at & 0x80))
        return BAD; /* the indefinite form is none of LDAP's */
    if (span->size < 1 + count)
        return PART;
    for (size_t i = 1; i <= count; i++)
        length = length << 8 | span->at[i];
    span->at += 1 + count;
    span->size -= 1 + count;
    *ret_length = length;
    return WHOLE;
}

/* Takes the next element off; *ret_inside is what it has. */
static enum found take_element(struct span *span, uint8_t tag, struct span *ret_inside)
{
    struct span rest = *span;
    size_t length = 0;

    if (rest.size == 0)
        return PART;
    if (*rest.at != tag)
        return BAD;
    rest.at++;
    rest.size--;
    enum found found = read_length(&rest, &length);
    if (found != WHOLE)
        return found;
    if (length > MESSAGE_MAX)
        return BAD;
    if (length > rest.size)
        return PART;
    *ret_inside = (struct span){ rest.at, length };
    *span = (struct span){ rest.at + length, rest.size - length };
    return WHOLE;
}

static bool take_byte(struct span *span, uint8_t tag, uint8_t *ret_byte)
{
    struct span inside;

    if (take_element(span, tag, &inside) != WHOLE || inside.size != 1)
        return false;
    *ret_byte = *inside.at;
    return true;
}

/* After the result: the DN that was matched, and words for a person. */
static enum ac_talk_state refuse(struct ac_talk *talk, uint8_t result,
                                 struct span response)
{
    struct span inside = { talk->received, 0 };

    enum found found = take_element(&response, TAG_OCTETS, &inside);

    if (found == WHOLE)
        found = take_element(&response, TAG_OCTETS, &inside);
    if (found != WHOLE)
        inside.size = 0;
    int shown = inside.size < SHOWN ? (int)inside.size : SHOWN;
    return ac_talk_fail(talk, "the server refuses StartTLS: LDAP result %u%s%.*s",
                        result, shown > 0 ? ": " : "", shown, (const char *)inside.at);
}

static enum ac_talk_state take(struct ac_talk *talk)
{
    struct span span = { talk->received, talk->received_size };
    struct span message = { 0 };
    struct span response = { 0 };
    uint8_t id = 0;
    uint8_t result = 0;

    enum found found = take_element(&span, TAG_SEQUENCE, &message);
    if (found == PART)
        return AC_TALK_MORE;
    if (found == BAD || !take_byte(&message, TAG_INTEGER, &id) || id != MESSAGE_ID
        || take_element(&message, TAG_EXTENDED, &response) != WHOLE
        || !take_byte(&response, TAG_ENUM, &result))
        return ac_talk_fail(talk, "what answers speaks no LDAP, or not to us");
    return result == 0 ? AC_TALK_READY : refuse(talk, result, response);
}

const struct ac_talk_protocol ac_talk_ldap = { "ldap", "389", begin, take };
