/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/served_parts.h"

#include "base/clock.h"
#include "base/memory.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HERE                                                                           \
    "::127.0.0.1:443" /* a place that need not be looked up; nobody goes there */

void ac_served_end_talk(struct ac_served_sight *sight)
{
    free(sight->talk);
    sight->talk = NULL;
    if (sight->fd >= 0)
        (void)close(sight->fd);
    sight->fd = -1;
}

static void fail(struct ac_served_sight *sight, const char *why)
{
    ac_served_give_up(sight, why);
    ac_served_end_talk(sight);
    ac_served_end_easy(sight);
}

/* A copy of the socket: libcurl keeps its own while we talk, and so counts how many
 * connections there are. */
void ac_served_begin_talk(struct ac_served_sight *sight)
{
    const struct ac_curl *curl = sight->look->curl;
    curl_socket_t fd = CURL_SOCKET_BAD;

    if (curl->easy_getinfo(sight->easy, CURLINFO_ACTIVESOCKET, &fd) == CURLE_OK
        && fd != CURL_SOCKET_BAD)
        sight->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    sight->talk = malloc(sizeof *sight->talk);
    if (sight->fd < 0 || !sight->talk) {
        fail(sight, "there is no memory to talk to it");
        return;
    }
    sight->talk_until_ms = ac_clock_after_ms(AC_SERVED_EACH_MS);
    ac_talk_begin(sight->talk, sight->protocol, sight->item->name);
}

/* ---- libcurl gets the socket back */

static curl_socket_t give_socket(void *arg, curlsocktype purpose,
                                 struct curl_sockaddr *address)
{
    struct ac_served_sight *sight = arg;
    int fd = sight->fd;

    (void)purpose, (void)address;
    sight->fd = -1; /* it is closed by libcurl from now on */
    return fd >= 0 ? fd : CURL_SOCKET_BAD;
}

static int say_connected(void *arg, curl_socket_t fd, curlsocktype purpose)
{
    (void)arg, (void)fd, (void)purpose;
    return CURL_SOCKOPT_ALREADY_CONNECTED;
}

/* No ALPN: what follows is no HTTP, and servers refuse what they do not know. */
static bool set_socket(struct ac_served_sight *sight)
{
    const struct ac_curl *curl = sight->look->curl;
    CURL *easy = sight->easy;

    return curl->easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, give_socket) == CURLE_OK
           && curl->easy_setopt(easy, CURLOPT_OPENSOCKETDATA, sight) == CURLE_OK
           && curl->easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, say_connected)
                  == CURLE_OK
           && curl->easy_setopt(easy, CURLOPT_SSL_ENABLE_ALPN, 0L) == CURLE_OK
           && curl->multi_add_handle(sight->look->multi, easy) == CURLM_OK;
}

static void upgrade(struct ac_served_sight *sight)
{
    const char *name = sight->item->name;
    bool is_v6 = strchr(name, ':') != NULL;
    char url[AC_SERVED_URL_SIZE];

    free(sight->talk);
    sight->talk = NULL;
    ac_served_end_easy(sight); /* it closes its socket, without a word to the server */
    sight->is_upgrading = true;
    (void)snprintf(url, sizeof url, "https://%s%s%s/", is_v6 ? "[" : "", name,
                   is_v6 ? "]" : "");
    if (!ac_served_begin(sight, url, HERE) || !set_socket(sight))
        fail(sight, "there is no memory for a handshake");
}

/* ---- all talks */

static void step(struct ac_served_sight *sight)
{
    char why[AC_TALK_REASON_SIZE];

    switch (ac_talk_step(sight->talk, sight->fd)) {
    case AC_TALK_READY:
        upgrade(sight);
        return;
    case AC_TALK_FAILED:
        fail(sight, sight->talk->reason);
        return;
    case AC_TALK_MORE:
        if (ac_clock_now_ms() < sight->talk_until_ms)
            return;
        (void)snprintf(why, sizeof why, "no answer before TLS (%s)",
                       sight->protocol->word);
        fail(sight, why);
        return;
    }
}

/* One that has become a handshake is begun by the next curl_multi_perform. */
size_t ac_served_talk_all(struct ac_served_look *look)
{
    size_t count = 0;

    for (size_t i = 0; i < look->count; i++) {
        struct ac_served_sight *sight = &look->sights[i];

        if (!sight->talk)
            continue;
        step(sight);
        count += sight->talk || sight->easy;
    }
    return count;
}

unsigned ac_served_talk_fds(const struct ac_served_look *look, struct curl_waitfd *fds,
                            unsigned max)
{
    unsigned count = 0;

    for (size_t i = 0; i < look->count && count < max; i++) {
        const struct ac_served_sight *sight = &look->sights[i];

        if (!sight->talk)
            continue;
        fds[count++] = (struct curl_waitfd){
            .fd = sight->fd,
            .events = ac_talk_events(sight->talk) & POLLOUT
                          ? CURL_WAIT_POLLIN | CURL_WAIT_POLLOUT
                          : CURL_WAIT_POLLIN,
        };
    }
    return count;
}

int64_t ac_served_talk_until_ms(const struct ac_served_look *look)
{
    int64_t until_ms = look->deadline_ms;

    for (size_t i = 0; i < look->count; i++) {
        const struct ac_served_sight *sight = &look->sights[i];

        if (sight->talk && sight->talk_until_ms < until_ms)
            until_ms = sight->talk_until_ms;
    }
    return until_ms;
}
