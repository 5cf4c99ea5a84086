/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Private to served.c and served_upgrade.c: looks at servers that are under way.
 */
#ifndef AC_PLUGINHOST_SERVED_PARTS_H
#define AC_PLUGINHOST_SERVED_PARTS_H

#include "base/curl.h"
#include "pluginhost/served.h"
#include "pluginhost/served_talk.h"

#define AC_SERVED_EACH_MS      10000 /* for one connection, talk or handshake */
#define AC_SERVED_ADDRESS_SIZE 300
#define AC_SERVED_URL_SIZE     600

struct ac_served_look;

/* One of them. Where libcurl cannot begin TLS by itself it connects, we talk, and it
 * gets the socket back for the handshake. */
struct ac_served_sight {
    struct ac_served_look *look;
    struct ac_served *item;
    CURL *easy; /* NULL: none is under way */
    struct curl_slist *connect;
    const struct ac_talk_protocol *protocol; /* NULL: libcurl does it all */
    struct ac_talk *talk;                    /* while we talk; owned */
    int64_t talk_until_ms;
    int fd;            /* of the talk, until libcurl has it; -1: none */
    bool is_upgrading; /* the talk is over, TLS begins */
};

struct ac_served_look {
    const struct ac_curl *curl;
    CURLM *multi;
    struct ac_served_sight *sights; /* one for each item */
    size_t count;
    int64_t deadline_ms;
};

/* Its reason, cleaned. */
void ac_served_give_up(const struct ac_served_sight *sight, const char *why);
/* Begins an exchange of libcurl's, which goes to connect_to ("::host:port"). */
bool ac_served_begin(struct ac_served_sight *sight, const char *url,
                     const char *connect_to);
void ac_served_end_easy(struct ac_served_sight *sight);

/* ---- served_upgrade.c */

/* libcurl has connected: begins to talk. */
void ac_served_begin_talk(struct ac_served_sight *sight);
/* Goes on with all talks; how many there are still. */
size_t ac_served_talk_all(struct ac_served_look *look);
/* Fills what their sockets are to be watched for, for curl_multi_poll. */
unsigned ac_served_talk_fds(const struct ac_served_look *look, struct curl_waitfd *fds,
                            unsigned max);
/* When the first of them has to be over. */
int64_t ac_served_talk_until_ms(const struct ac_served_look *look);
void ac_served_end_talk(struct ac_served_sight *sight);

#endif
