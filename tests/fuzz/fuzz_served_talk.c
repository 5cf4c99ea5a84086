/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What servers say before TLS begins: the first byte chooses the protocol, the second
 * how it comes in pieces. No more is kept than the limit, and a talk that has failed
 * says why.
 */
#include "pluginhost/served_talk.h"

#include <stddef.h>
#include <string.h>

/* NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        __builtin_trap();
}

/* NOLINTNEXTLINE(readability-identifier-naming) */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const words[] = { "ldap",  "xmpp",  "xmpp-server", "postgres",
                                         "mysql", "sieve", "nntp" };
    static struct ac_talk talk;
    enum ac_talk_state state = AC_TALK_MORE;

    if (size < 2)
        return 0;
    size_t piece = data[1] % 64 + 1u;
    ac_talk_begin(&talk, ac_talk_find(words[data[0] % 7]), "a.example");
    for (size_t at = 2; at < size && state == AC_TALK_MORE; at += piece)
        state = ac_talk_take(&talk, data + at, size - at < piece ? size - at : piece);
    require(talk.received_size <= AC_TALK_RECEIVED_MAX);
    require(talk.sending_size <= AC_TALK_SENDING_MAX);
    require((state == AC_TALK_FAILED) == (talk.reason[0] != '\0'));
    require(strnlen(talk.reason, sizeof talk.reason) < sizeof talk.reason);
    return 0;
}
