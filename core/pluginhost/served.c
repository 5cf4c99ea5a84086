/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/served.h"

#include "base/clock.h"
#include "base/curl.h"
#include "base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONNECTIONS_MAX 64L
#define EACH_MS         10000 /* for one handshake */
#define URL_SIZE        600
#define ADDRESS_SIZE    300

/* In which protocols libcurl can begin TLS, and their ports. */
static const struct protocol {
    const char *word, *scheme, *port;
} protocols[] = {
    { NULL, "https", "443" },  { "smtp", "smtp", "25" }, { "imap", "imap", "143" },
    { "pop3", "pop3", "110" }, { "ftp", "ftp", "21" },
};

struct look {
    const struct ac_curl *curl;
    CURLM *multi;
    CURL **easies;                /* one for each */
    struct curl_slist **connects; /* likewise */
    struct ac_served *items;
    size_t count;
    int64_t deadline_ms;
};

static void look_done(struct look *look)
{
    for (size_t i = 0; look->easies && i < look->count; i++) {
        if (look->easies[i]) {
            (void)look->curl->multi_remove_handle(look->multi, look->easies[i]);
            look->curl->easy_cleanup(look->easies[i]);
        }
        if (look->connects[i])
            look->curl->slist_free_all(look->connects[i]);
    }
    if (look->multi)
        (void)look->curl->multi_cleanup(look->multi);
    free((void *)look->easies);
    free((void *)look->connects);
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
    return find_protocol(word) != &protocols[0];
}

/* ---- one of them */

/* "host:port" as it is, with the port where it has none. */
static void complete(const char *address, const char *port, char text[ADDRESS_SIZE])
{
    const char *end = strrchr(address, ']');
    const char *colon = strrchr(end ? end : address, ':');
    /* An address of IPv6 without brackets has colons, and no port. */
    bool is_bare = !end && colon && strchr(address, ':') != colon;

    if (is_bare) {
        (void)snprintf(text, ADDRESS_SIZE, "[%s]:%s", address, port);
    } else {
        (void)snprintf(text, ADDRESS_SIZE, "%s%s%s", address, colon ? "" : ":",
                       colon ? "" : port);
    }
}

static bool set_all(const struct look *look, size_t index, const char *url)
{
    const struct ac_curl *curl = look->curl;
    CURL *easy = look->easies[index];
    int64_t left_ms = look->deadline_ms - ac_clock_now_ms();
    long limit_ms = (long)(left_ms < EACH_MS ? left_ms : EACH_MS);

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
        { CURLOPT_FORBID_REUSE, 1L },
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
           && curl->easy_setopt(easy, CURLOPT_PRIVATE, &look->items[index]) == CURLE_OK
           && curl->easy_setopt(easy, CURLOPT_CONNECT_TO, look->connects[index])
                  == CURLE_OK;
}

/* The URL has the name, which is what is asked for; the connection goes elsewhere. */
static enum ac_code begin_one(struct look *look, size_t index, struct ac_error *err)
{
    const struct ac_served *item = &look->items[index];
    const struct protocol *protocol = find_protocol(item->starttls);
    bool is_v6 = strchr(item->name, ':') != NULL;
    char address[ADDRESS_SIZE];
    char connect_to[ADDRESS_SIZE + 2];
    char url[URL_SIZE];

    complete(item->address, protocol->port, address);
    (void)snprintf(connect_to, sizeof connect_to, "::%s", address);
    (void)snprintf(url, sizeof url, "%s://%s%s%s:%s/", protocol->scheme,
                   is_v6 ? "[" : "", item->name, is_v6 ? "]" : "", protocol->port);
    look->connects[index] = look->curl->slist_append(NULL, connect_to);
    look->easies[index] = look->curl->easy_init();
    if (!look->connects[index] || !look->easies[index] || !set_all(look, index, url)
        || look->curl->multi_add_handle(look->multi, look->easies[index]) != CURLM_OK)
        return ac_fail(err, AC_E_NOMEM, "no memory to look at %s", address);
    return AC_OK;
}

/* The leaf, as libcurl gives what it was shown; NULL: there was none. */
static const char *find_leaf(const struct look *look, CURL *easy)
{
    struct curl_certinfo *info = NULL;

    if (look->curl->easy_getinfo(easy, CURLINFO_CERTINFO, &info) != CURLE_OK || !info
        || info->num_of_certs < 1)
        return NULL;
    for (const struct curl_slist *line = info->certinfo[0]; line; line = line->next) {
        if (strncmp(line->data, "Cert:", 5) == 0)
            return line->data + 5;
    }
    return NULL;
}

/* What came after the handshake does not matter: a mail server may want a login. */
static void end_one(const struct look *look, CURL *easy, CURLcode result)
{
    struct ac_served *item = NULL;
    const char *leaf = find_leaf(look, easy);
    struct ac_error why = { 0 };

    if (look->curl->easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&item) != CURLE_OK
        || !item)
        return;
    if (leaf) {
        item->is_seen = ac_x509_read(leaf, &item->facts, &why) == AC_OK;
        (void)ac_text_clean(item->reason, sizeof item->reason, why.detail,
                            strlen(why.detail));
        return;
    }
    const char *text = result == CURLE_OK ? "no certificate was shown"
                                          : look->curl->easy_strerror(result);
    (void)ac_text_clean(item->reason, sizeof item->reason, text, strlen(text));
}

/* ---- all */

static void take_ended(const struct look *look)
{
    CURLMsg *message;
    int left;

    while ((message = look->curl->multi_info_read(look->multi, &left))) {
        if (message->msg == CURLMSG_DONE)
            end_one(look, message->easy_handle, message->data.result);
    }
}

static enum ac_code drive(const struct look *look, struct ac_error *err)
{
    int running = 1;

    while (running > 0 && ac_clock_now_ms() < look->deadline_ms) {
        CURLMcode code = look->curl->multi_perform(look->multi, &running);

        take_ended(look);
        if (code == CURLM_OK && running > 0) {
            code = look->curl->multi_poll(look->multi, NULL, 0,
                                          ac_clock_left_ms(look->deadline_ms), NULL);
        }
        if (code != CURLM_OK) {
            return ac_fail(err, AC_E_SYSTEM, "libcurl failed: %s",
                           look->curl->multi_strerror(code));
        }
    }
    return AC_OK;
}

enum ac_code ac_served_look(struct ac_served *items, size_t count, int64_t deadline_ms,
                            struct ac_error *err)
{
    __attribute__((cleanup(look_done))) struct look look = {
        .items = items, .count = count, .deadline_ms = deadline_ms
    };

    AC_TRY(ac_curl_get(&look.curl, err));
    AC_TRY(ac_memory_new(count + 1, sizeof(CURL *), (void *)&look.easies, err));
    AC_TRY(ac_memory_new(count + 1, sizeof(struct curl_slist *), (void *)&look.connects,
                         err));
    look.multi = look.curl->multi_init();
    if (!look.multi)
        return ac_fail(err, AC_E_NOMEM, "no memory to look at servers");
    (void)look.curl->multi_setopt(look.multi, CURLMOPT_MAX_TOTAL_CONNECTIONS,
                                  CONNECTIONS_MAX);
    for (size_t i = 0; i < count; i++) {
        (void)snprintf(items[i].reason, sizeof items[i].reason,
                       "no answer within the time there was");
        AC_TRY(begin_one(&look, i, err));
    }
    return drive(&look, err);
}
