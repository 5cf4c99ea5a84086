/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Protocols of lines: ManageSieve (RFC 5804 section 2.2) and NNTP (RFC 4642 section 2).
 */
#include "pluginhost/served_talk.h"

#include <string.h>
#include <strings.h>

#define SHOWN 120 /* bytes of a line of the server's */

enum {
    GREETING,
    REPLY
};

typedef enum ac_talk_state take_line(struct ac_talk *talk, const char *line);

static bool begins_with(const char *line, const char *word)
{
    return strncasecmp(line, word, strlen(word)) == 0;
}

static enum ac_talk_state ask(struct ac_talk *talk)
{
    static const char command[] = "STARTTLS\r\n";

    talk->step = REPLY;
    ac_talk_say(talk, command, sizeof command - 1);
    return AC_TALK_MORE;
}

static enum ac_talk_state refuse(struct ac_talk *talk, const char *line)
{
    return ac_talk_fail(talk, "the server refuses STARTTLS (%s): %.*s",
                        talk->protocol->word, SHOWN, line);
}

/* A line that is not whole yet stays. */
static enum ac_talk_state take_lines(struct ac_talk *talk, take_line *take)
{
    enum ac_talk_state state = AC_TALK_MORE;
    char *end;

    while (state == AC_TALK_MORE
           && (end = memchr(talk->received, '\n', talk->received_size))) {
        size_t size = (size_t)(end - (char *)talk->received);

        *end = '\0';
        if (size > 0 && end[-1] == '\r')
            end[-1] = '\0';
        state = take(talk, (const char *)talk->received);
        ac_talk_forget(talk, size + 1);
    }
    return state;
}

static void wait_for_greeting(struct ac_talk *talk)
{
    talk->step = GREETING;
}

/* ---- ManageSieve: capabilities, then OK; OK again to STARTTLS */

static enum ac_talk_state take_sieve_line(struct ac_talk *talk, const char *line)
{
    if (begins_with(line, "NO") || begins_with(line, "BYE"))
        return refuse(talk, line);
    if (begins_with(line, "\"STARTTLS\""))
        talk->has_offer = true;
    if (!begins_with(line, "OK"))
        return AC_TALK_MORE;
    if (talk->step == REPLY)
        return AC_TALK_READY;
    return talk->has_offer ? ask(talk)
                           : ac_talk_fail(talk, "the server does not offer STARTTLS "
                                                "(sieve)");
}

static enum ac_talk_state take_sieve(struct ac_talk *talk)
{
    return take_lines(talk, take_sieve_line);
}

const struct ac_talk_protocol ac_talk_sieve = { "sieve", "4190", wait_for_greeting,
                                                take_sieve };

/* ---- NNTP: 200 or 201, then 382 */

static enum ac_talk_state take_nntp_line(struct ac_talk *talk, const char *line)
{
    if (talk->step == GREETING
        && (begins_with(line, "200") || begins_with(line, "201")))
        return ask(talk);
    return talk->step == REPLY && begins_with(line, "382") ? AC_TALK_READY
                                                           : refuse(talk, line);
}

static enum ac_talk_state take_nntp(struct ac_talk *talk)
{
    return take_lines(talk, take_nntp_line);
}

const struct ac_talk_protocol ac_talk_nntp = { "nntp", "119", wait_for_greeting,
                                               take_nntp };
