/* SPDX-License-Identifier: Apache-2.0 */
/*
 * XMPP (RFC 6120 section 5): a stream is opened, its features offer starttls, and
 * <proceed/> lets TLS begin. The few elements are looked for as words: no XML of a
 * stranger's is parsed.
 */
#include "pluginhost/served_talk.h"

#include <stdio.h>
#include <string.h>

#define OPENING_SIZE 600
#define TLS          "urn:ietf:params:xml:ns:xmpp-tls"

enum {
    FEATURES,
    PROCEED
};

static void open_stream(struct ac_talk *talk, const char *namespace)
{
    char text[OPENING_SIZE];

    /* The name is one of letters, digits and "-_.:" (session_served). */
    int size = snprintf(text, sizeof text,
                        "<?xml version='1.0'?><stream:stream to='%.255s' xmlns='%s' "
                        "xmlns:stream='http://etherx.jabber.org/streams' "
                        "version='1.0'>",
                        talk->name, namespace);
    ac_talk_say(talk, text, (size_t)size);
}

static void begin_client(struct ac_talk *talk)
{
    open_stream(talk, "jabber:client");
}

static void begin_server(struct ac_talk *talk)
{
    open_stream(talk, "jabber:server");
}

static bool says(const struct ac_talk *talk, const char *words)
{
    return memmem(talk->received, talk->received_size, words, strlen(words)) != NULL;
}

static enum ac_talk_state take_features(struct ac_talk *talk)
{
    static const char request[] = "<starttls xmlns='" TLS "'/>";

    if (says(talk, "</stream:stream>") || says(talk, "<stream:error")) {
        return ac_talk_fail(talk, "the server refuses the stream (%s)",
                            talk->protocol->word);
    }
    if (!says(talk, "</stream:features>") && !says(talk, "<stream:features/>"))
        return AC_TALK_MORE;
    if (!says(talk, "<starttls") || !says(talk, TLS)) {
        return ac_talk_fail(talk, "the server does not offer starttls (%s)",
                            talk->protocol->word);
    }
    ac_talk_forget(talk, talk->received_size);
    ac_talk_say(talk, request, sizeof request - 1);
    talk->step = PROCEED;
    return AC_TALK_MORE;
}

static enum ac_talk_state take(struct ac_talk *talk)
{
    if (talk->step == FEATURES)
        return take_features(talk);
    if (says(talk, "<failure") || says(talk, "</stream:stream>")) {
        return ac_talk_fail(talk, "the server refuses starttls (%s)",
                            talk->protocol->word);
    }
    const uint8_t *proceed =
        memmem(talk->received, talk->received_size, "<proceed", strlen("<proceed"));
    bool is_whole = proceed
                    && memchr(proceed, '>',
                              talk->received_size - (size_t)(proceed - talk->received));
    return is_whole ? AC_TALK_READY : AC_TALK_MORE;
}

const struct ac_talk_protocol ac_talk_xmpp = { "xmpp", "5222", begin_client, take };
const struct ac_talk_protocol ac_talk_xmpp_server = { "xmpp-server", "5269",
                                                      begin_server, take };
