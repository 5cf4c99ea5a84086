/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/served.h"

#include "base/clock.h"
#include "base/memory.h"
#include "pluginhost/served_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONNECTIONS_MAX 64

/* In which protocols libcurl can begin TLS, and their ports. */
static const struct protocol {
    const char *word, *scheme, *port;
} protocols[] = {
    { NULL, "https", "443" },  { "smtp", "smtp", "25" }, { "imap", "imap", "143" },
    { "pop3", "pop3", "110" }, { "ftp", "ftp", "21" },
};

void ac_served_end_easy(struct ac_served_sight *sight)
{
    const struct ac_served_look *look = sight->look;

    if (sight->easy) {
        (void)look->curl->multi_remove_handle(look->multi, sight->easy);
        look->curl->easy_cleanup(sight->easy);
    }
    if (sight->connect)
        look->curl->slist_free_all(sight->connect);
    sight->easy = NULL;
    sight->connect = NULL;
}

static void look_done(struct ac_served_look *look)
{
    for (size_t i = 0; i < look->count; i++) {
        ac_served_end_easy(&look->sights[i]);
        ac_served_end_talk(&look->sights[i]);
    }
    if (look->multi)
        (void)look->curl->multi_cleanup(look->multi);
    free(look->sights);
}

static const struct protocol *find_protocol(const char *word)
{
    for (size_t i = 1; word && i < AC_COUNT(protocols); i++) {
        if (strcmp(protocols[i].word, word) == 0)
            return &protocols[i];
    }
    return &protocols[0];
}

bool ac_served_is_protocol(const char *word)
{
    return word && (find_protocol(word) != &protocols[0] || ac_talk_find(word));
}

void ac_served_give_up(const struct ac_served_sight *sight, const char *why)
{
    struct ac_served *item = sight->item;

    (void)ac_text_clean(item->reason, sizeof item->reason, why, strlen(why));
}

/* ---- one of them */

/* "host:port" as it is, with the port where it has none. */
static void complete(const char *address, const char *port,
                     char text[AC_SERVED_ADDRESS_SIZE])
{
    const char *end = strrchr(address, ']');
    const char *colon = strrchr(end ? end : address, ':');
    /* An address of IPv6 without brackets has colons, and no port. */
    bool is_bare = !end && colon && strchr(address, ':') != colon;

    if (is_bare) {
        (void)snprintf(text, AC_SERVED_ADDRESS_SIZE, "[%s]:%s", address, port);
    } else {
        (void)snprintf(text, AC_SERVED_ADDRESS_SIZE, "%s%s%s", address,
                       colon ? "" : ":", colon ? "" : port);
    }
}

static bool set_all(const struct ac_served_sight *sight, const char *url)
{
    const struct ac_curl *curl = sight->look->curl;
    CURL *easy = sight->easy;
    int64_t left_ms = sight->look->deadline_ms - ac_clock_now_ms();
    /* libcurl must not close what we are to talk on. */
    bool is_to_talk = sight->protocol && !sight->is_upgrading;
    long limit_ms = (long)(left_ms < AC_SERVED_EACH_MS ? left_ms : AC_SERVED_EACH_MS);

    const struct {
        CURLoption option;
        long value;
    } numbers[] = {
        { CURLOPT_CONNECT_ONLY, 1L },
        { CURLOPT_CERTINFO, 1L },
        { CURLOPT_SSL_VERIFYPEER, 0L },
        { CURLOPT_SSL_VERIFYHOST, 0L },
        { CURLOPT_USE_SSL, CURLUSESSL_ALL },
        { CURLOPT_FRESH_CONNECT, 1L },
        { CURLOPT_FORBID_REUSE, is_to_talk ? 0L : 1L },
        { CURLOPT_NOSIGNAL, 1L },
        { CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1 },
        { CURLOPT_TIMEOUT_MS, limit_ms > 0 ? limit_ms : 1L },
    };
    for (size_t i = 0; i < AC_COUNT(numbers); i++) {
        if (curl->easy_setopt(easy, numbers[i].option, numbers[i].value) != CURLE_OK)
            return false;
    }
    /* Any certificate is taken, so the machine's roots, a file each, need not be read
     * for each handshake. */
    return curl->easy_setopt(easy, CURLOPT_CAINFO, NULL) == CURLE_OK
           && curl->easy_setopt(easy, CURLOPT_CAPATH, NULL) == CURLE_OK
           && curl->easy_setopt(easy, CURLOPT_URL, url) == CURLE_OK
           && curl->easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK
           && curl->easy_setopt(easy, CURLOPT_PRIVATE, sight) == CURLE_OK
           && curl->easy_setopt(easy, CURLOPT_CONNECT_TO, sight->connect) == CURLE_OK;
}

bool ac_served_begin(struct ac_served_sight *sight, const char *url,
                     const char *connect_to)
{
    const struct ac_served_look *look = sight->look;

    sight->connect = look->curl->slist_append(NULL, connect_to);
    sight->easy = look->curl->easy_init();
    return sight->connect && sight->easy && set_all(sight, url);
}

/* The URL has the name, which is what is asked for; the connection goes elsewhere. */
static enum ac_code begin_one(struct ac_served_sight *sight, struct ac_error *err)
{
    const struct ac_served *item = sight->item;
    const struct protocol *protocol = find_protocol(item->starttls);
    const char *port = sight->protocol ? sight->protocol->port : protocol->port;
    bool is_v6 = strchr(item->name, ':') != NULL;
    char address[AC_SERVED_ADDRESS_SIZE];
    char connect_to[AC_SERVED_ADDRESS_SIZE + 2];
    char url[AC_SERVED_URL_SIZE];

    complete(item->address, port, address);
    (void)snprintf(connect_to, sizeof connect_to, "::%s", address);
    (void)snprintf(url, sizeof url, "%s://%s%s%s:%s/",
                   sight->protocol ? "http" : protocol->scheme, is_v6 ? "[" : "",
                   item->name, is_v6 ? "]" : "", port);
    if (!ac_served_begin(sight, url, connect_to)
        || sight->look->curl->multi_add_handle(sight->look->multi, sight->easy)
               != CURLM_OK)
        return ac_fail(err, AC_E_NOMEM, "no memory to look at %s", address);
    return AC_OK;
}

/* The leaf, as libcurl gives what it was shown; NULL: there was none. */
static const char *find_leaf(const struct ac_served_sight *sight)
{
    struct curl_certinfo *info = NULL;

    if (sight->look->curl->easy_getinfo(sight->easy, CURLINFO_CERTINFO, &info)
            != CURLE_OK
        || !info || info->num_of_certs < 1)
        return NULL;
    for (const struct curl_slist *line = info->certinfo[0]; line; line = line->next) {
        if (strncmp(line->data, "Cert:", 5) == 0)
            return line->data + 5;
    }
    return NULL;
}

/* What came after the handshake does not matter: a mail server may want a login. */
static void end_handshake(struct ac_served_sight *sight, CURLcode result)
{
    struct ac_served *item = sight->item;
    const char *leaf = find_leaf(sight);
    struct ac_error why = { 0 };

    if (leaf) {
        item->is_seen = ac_x509_read(leaf, &item->facts, &why) == AC_OK;
        ac_served_give_up(sight, why.detail);
        return;
    }
    ac_served_give_up(sight, result == CURLE_OK
                                 ? "no certificate was shown"
                                 : sight->look->curl->easy_strerror(result));
}

static void end_one(struct ac_served_look *look, CURL *easy, CURLcode result)
{
    struct ac_served_sight *sight = NULL;

    if (look->curl->easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&sight) != CURLE_OK
        || !sight)
        return;
    if (!sight->protocol || sight->is_upgrading) {
        end_handshake(sight, result);
    } else if (result == CURLE_OK) {
        ac_served_begin_talk(sight);
    } else {
        ac_served_give_up(sight, look->curl->easy_strerror(result));
    }
}

/* ---- all */

static void take_ended(struct ac_served_look *look)
{
    CURLMsg *message;
    int left;

    while ((message = look->curl->multi_info_read(look->multi, &left))) {
        if (message->msg == CURLMSG_DONE)
            end_one(look, message->easy_handle, message->data.result);
    }
}

static CURLMcode wait_for_more(const struct ac_served_look *look)
{
    struct curl_waitfd fds[CONNECTIONS_MAX];
    unsigned count = ac_served_talk_fds(look, fds, CONNECTIONS_MAX);

    return look->curl->multi_poll(
        look->multi, fds, count, ac_clock_left_ms(ac_served_talk_until_ms(look)), NULL);
}

static enum ac_code drive(struct ac_served_look *look, struct ac_error *err)
{
    int running = 1;
    size_t talking = 0;

    while ((running > 0 || talking > 0) && ac_clock_now_ms() < look->deadline_ms) {
        CURLMcode code = look->curl->multi_perform(look->multi, &running);

        take_ended(look);
        talking = ac_served_talk_all(look);
        if (code == CURLM_OK && (running > 0 || talking > 0))
            code = wait_for_more(look);
        if (code != CURLM_OK) {
            return ac_fail(err, AC_E_SYSTEM, "libcurl failed: %s",
                           look->curl->multi_strerror(code));
        }
    }
    return AC_OK;
}

static enum ac_code begin_all(struct ac_served_look *look, struct ac_served *items,
                              size_t count, struct ac_error *err)
{
    AC_TRY(ac_memory_new(count + 1, sizeof *look->sights, &look->sights, err));
    for (look->count = 0; look->count < count; look->count++) {
        struct ac_served *item = &items[look->count];

        look->sights[look->count] = (struct ac_served_sight){
            .look = look,
            .item = item,
            .protocol = item->starttls ? ac_talk_find(item->starttls) : NULL,
            .fd = -1,
        };
        (void)snprintf(item->reason, sizeof item->reason,
                       "no answer within the time there was");
    }
    for (size_t i = 0; i < count; i++)
        AC_TRY(begin_one(&look->sights[i], err));
    return AC_OK;
}

enum ac_code ac_served_look(struct ac_served *items, size_t count, int64_t deadline_ms,
                            struct ac_error *err)
{
    __attribute__((cleanup(
        look_done))) struct ac_served_look look = { .deadline_ms = deadline_ms };

    AC_TRY(ac_curl_get(&look.curl, err));
    look.multi = look.curl->multi_init();
    if (!look.multi)
        return ac_fail(err, AC_E_NOMEM, "no memory to look at servers");
    (void)look.curl->multi_setopt(look.multi, CURLMOPT_MAX_TOTAL_CONNECTIONS,
                                  (long)CONNECTIONS_MAX);
    AC_TRY(begin_all(&look, items, count, err));
    return drive(&look, err);
}
