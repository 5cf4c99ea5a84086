/* SPDX-License-Identifier: Apache-2.0 */
/* A talk before TLS without a socket: what a server says comes byte by byte. */
#ifndef AC_TESTS_UNIT_PLUGINHOST_TALKING_H
#define AC_TESTS_UNIT_PLUGINHOST_TALKING_H

#include "check.h"
#include "pluginhost/served_talk.h"

#include <stdlib.h>
#include <string.h>

static struct ac_talk talk; /* large */

static void talk_in(const char *protocol)
{
    ac_talk_begin(&talk, ac_talk_find(protocol), "a.example");
}

static inline enum ac_talk_state hear_bytes(const char *bytes, size_t size)
{
    enum ac_talk_state state = AC_TALK_MORE;

    for (size_t i = 0; i < size && state == AC_TALK_MORE; i++)
        state = ac_talk_take(&talk, bytes + i, 1);
    return state;
}

/* Text, or an array of bytes whose last one is not meant. */
#define HEAR(text) hear_bytes(text, sizeof(text) - 1)

static inline bool has_said(const char *words)
{
    return memmem(talk.sending, talk.sending_size, words, strlen(words)) != NULL;
}

static inline bool has_reason(const char *words)
{
    return strstr(talk.reason, words) != NULL;
}

#endif
