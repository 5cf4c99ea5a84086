/* SPDX-License-Identifier: Apache-2.0 */
#include "net/http.h"

#include "base/clock.h"
#include "net/http_exchange.h"

#include <stdlib.h>
#include <string.h>

#define CONNECTIONS_A_HOST_MAX 6L /* HTTP/1.1; one is enough for HTTP/2 */
#define CONNECTIONS_KEPT_MAX   32L

static enum ac_code open_multi(struct ac_http *http, struct ac_error *err)
{
    const struct ac_curl *curl = http->curl;

    http->multi = curl->multi_init();
    if (http->multi == NULL)
        return ac_fail(err, AC_E_NOMEM, "no memory for HTTP");
    /* None of these can fail. */
    (void)curl->multi_setopt(http->multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
    (void)curl->multi_setopt(http->multi, CURLMOPT_MAX_HOST_CONNECTIONS,
                             CONNECTIONS_A_HOST_MAX);
    (void)curl->multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, CONNECTIONS_KEPT_MAX);
    return AC_OK;
}

static enum ac_code set_up(struct ac_http *http,
                           const struct ac_http_settings *settings,
                           struct ac_error *err)
{
    AC_TRY(ac_http_site_new(settings->ca_path, settings->can_use_plain_http,
                            &http->site, err));
    AC_TRY(ac_curl_get(&http->curl, err));
    /* A libcurl that reads one file by itself needs no help. */
    if (http->curl->version_info(CURLVERSION_NOW)->cainfo == NULL)
        http->bundle = ac_trust_find_bundle();
    /* RFC 8555 6.1: also the name and version of the HTTP library. */
    AC_TRY(ac_memory_format(&http->user_agent, err, "%s libcurl/%s",
                            settings->user_agent,
                            http->curl->version_info(CURLVERSION_NOW)->version));
    return open_multi(http, err);
}

enum ac_code ac_http_new(const struct ac_http_settings *settings,
                         struct ac_http **ret_http, struct ac_error *err)
{
    AC_AUTO(ac_http) *http = NULL;

    AC_TRY(ac_memory_new(1, sizeof *http, &http, err));
    AC_TRY(set_up(http, settings, err));
    *ret_http = AC_TAKE(http);
    return AC_OK;
}

void ac_http_free(struct ac_http *http)
{
    if (http == NULL)
        return;
    while (http->idle_count > 0)
        http->curl->easy_cleanup(http->idle[--http->idle_count]);
    if (http->multi != NULL)
        (void)http->curl->multi_cleanup(http->multi);
    free(http->waits);
    free(http->user_agent);
    ac_http_site_free(http->site);
    free(http);
}

/* A line break would begin a header, or a request, of somebody else's choice. */
static enum ac_code copy_headers(const char *const *headers, struct ac_words *ret_copy,
                                 struct ac_error *err)
{
    for (size_t i = 0; headers != NULL && headers[i] != NULL; i++) {
        if (strpbrk(headers[i], "\r\n") != NULL) {
            return ac_fail(err, AC_E_INVALID, "a header has a line break: %s",
                           headers[i]);
        }
        AC_TRY(ac_words_add(ret_copy, headers[i], err));
    }
    return AC_OK;
}

/* For this place only, not for where it redirects to. */
static enum ac_code make_connect_list(struct ac_exchange *exchange, const char *place,
                                      struct ac_error *err)
{
    AC_AUTO_TEXT char *entry = NULL;

    if (place == NULL)
        return AC_OK;
    AC_TRY(ac_memory_format(&entry, err, "%s:%s", exchange->parts.place, place));
    exchange->connect_list = exchange->http->curl->slist_append(NULL, entry);
    if (exchange->connect_list == NULL)
        return ac_fail(err, AC_E_NOMEM, "no memory for an HTTP exchange");
    return AC_OK;
}

static enum ac_code copy_request(struct ac_exchange *exchange,
                                 const struct ac_http_request *request,
                                 struct ac_error *err)
{
    exchange->method = request->method;
    exchange->body_max = request->body_max > 0 ? request->body_max : AC_HTTP_BODY_MAX;
    exchange->deadline_ms = request->deadline_ms;
    exchange->follows_redirects = request->follows_redirects;
    exchange->is_plain = request->is_plain;
    exchange->is_foreign = request->is_foreign;
    exchange->stays_public = request->stays_public;
    exchange->is_public_only = request->is_public_only;
    exchange->uses_proxy = request->uses_proxy;
    AC_TRY(ac_url_parse(exchange->http->curl, request->url, &exchange->parts, err));
    if (exchange->parts.is_plain && !request->is_plain
        && !exchange->site->can_use_plain_http) {
        return ac_fail(err, AC_E_INVALID, "the URL %.300s is refused: it is not https",
                       request->url);
    }
    AC_TRY(ac_memory_copy_text(request->url, &exchange->url, err));
    AC_TRY(copy_headers(request->headers, &exchange->headers, err));
    if (request->body_size > 0) {
        AC_TRY(ac_memory_copy_bytes(request->body, request->body_size, &exchange->body,
                                    err));
        exchange->body_size = request->body_size;
    }
    return make_connect_list(exchange, request->connect_to, err);
}

static void join(struct ac_exchange *exchange)
{
    struct ac_http *http = exchange->http;

    exchange->next = http->under_way;
    if (exchange->next != NULL)
        exchange->next->previous = exchange;
    http->under_way = exchange;
    exchange->is_under_way = true;
    if (exchange->is_foreign)
        return;
    exchange->depth = http->done_depth + 1;
    if (http->counters.round_trips < exchange->depth)
        http->counters.round_trips = exchange->depth;
}

enum ac_code ac_http_start(struct ac_http *http, const struct ac_http_request *request,
                           struct ac_exchange **ret_exchange, struct ac_error *err)
{
    AC_AUTO(ac_exchange) *exchange = NULL;

    AC_TRY(ac_memory_new(1, sizeof *exchange, &exchange, err));
    exchange->http = http;
    exchange->site = request->site != NULL ? request->site : http->site;
    AC_TRY(copy_request(exchange, request, err));
    exchange->started_ms = ac_clock_now_ms();
    ac_outcome_begin_trust(exchange);
    AC_TRY(ac_transfer_start(exchange, err));
    join(exchange);
    *ret_exchange = AC_TAKE(exchange);
    return AC_OK;
}

static enum ac_code check_multi(const struct ac_http *http, CURLMcode result,
                                struct ac_error *err)
{
    if (result == CURLM_OK)
        return AC_OK;
    if (result == CURLM_OUT_OF_MEMORY)
        return ac_fail(err, AC_E_NOMEM, "no memory for HTTP");
    return ac_fail(err, AC_E_SYSTEM, "libcurl fails: %s",
                   http->curl->multi_strerror(result));
}

/*
 * libcurl does not time those that wait for a connection, and a scripted clock is not
 * known to it.
 */
static void end_overdue(struct ac_http *http)
{
    int64_t now_ms = ac_clock_now_ms();
    struct ac_exchange *next;

    for (struct ac_exchange *at = http->under_way; at != NULL; at = next) {
        next = at->next;
        if (at->deadline_ms <= now_ms)
            ac_outcome_settle(at, CURLE_OPERATION_TIMEDOUT);
    }
}

/* Takes what libcurl has finished; some of it starts again. */
static size_t settle_finished(struct ac_http *http)
{
    const struct ac_curl *curl = http->curl;
    size_t count = 0;
    int left = 0;

    for (;;) {
        const CURLMsg *message = curl->multi_info_read(http->multi, &left);
        struct ac_exchange *exchange = NULL;

        if (message == NULL)
            return count;
        (void)curl->easy_getinfo(message->easy_handle, CURLINFO_PRIVATE,
                                 (char **)&exchange);
        ac_outcome_settle(exchange, message->data.result);
        count++;
    }
}

static enum ac_code work(struct ac_http *http, struct ac_error *err)
{
    int running = 0;

    do {
        AC_TRY(
            check_multi(http, http->curl->multi_perform(http->multi, &running), err));
    } while (settle_finished(http) > 0);
    end_overdue(http);
    return AC_OK;
}

static size_t count_under_way(const struct ac_http *http)
{
    size_t count = 0;

    for (const struct ac_exchange *at = http->under_way; at != NULL; at = at->next)
        count++;
    return count;
}

/* No longer than until the first deadline. */
static int shorten(const struct ac_http *http, int timeout_ms)
{
    for (const struct ac_exchange *at = http->under_way; at != NULL; at = at->next) {
        int left_ms = ac_clock_left_ms(at->deadline_ms);

        if (left_ms < timeout_ms)
            timeout_ms = left_ms;
    }
    return timeout_ms;
}

static void to_waits(const struct pollfd *fds, size_t count, struct curl_waitfd *waits)
{
    for (size_t i = 0; i < count; i++) {
        waits[i] = (struct curl_waitfd){ .fd = fds[i].fd };
        if ((fds[i].events & POLLIN) != 0)
            waits[i].events |= CURL_WAIT_POLLIN;
        if ((fds[i].events & POLLPRI) != 0)
            waits[i].events |= CURL_WAIT_POLLPRI;
        if ((fds[i].events & POLLOUT) != 0)
            waits[i].events |= CURL_WAIT_POLLOUT;
    }
}

/* libcurl tells of POLLHUP and POLLERR by POLLIN or POLLOUT, asked for or not. */
static void from_waits(const struct curl_waitfd *waits, size_t count,
                       struct pollfd *fds)
{
    for (size_t i = 0; i < count; i++) {
        int revents = 0;

        if ((waits[i].revents & CURL_WAIT_POLLIN) != 0)
            revents |= POLLIN;
        if ((waits[i].revents & CURL_WAIT_POLLPRI) != 0)
            revents |= POLLPRI;
        if ((waits[i].revents & CURL_WAIT_POLLOUT) != 0)
            revents |= POLLOUT;
        if ((revents & ~fds[i].events) != 0)
            revents = (revents & fds[i].events) | POLLHUP;
        fds[i].revents = (short)revents;
    }
}

enum ac_code ac_http_wait(struct ac_http *http, struct pollfd *fds, size_t count,
                          int timeout_ms, struct ac_error *err)
{
    size_t before = count_under_way(http);
    CURLMcode result;

    AC_TRY(ac_memory_grow(&http->waits, &http->wait_capacity, count,
                          sizeof *http->waits, err));
    to_waits(fds, count, http->waits);
    /* What was started since the last wait goes out before we sleep. */
    AC_TRY(work(http, err));
    timeout_ms = count_under_way(http) < before ? 0 : shorten(http, timeout_ms);
    result = http->curl->multi_poll(http->multi, http->waits, (unsigned)count,
                                    timeout_ms, NULL);
    AC_TRY(check_multi(http, result, err));
    from_waits(http->waits, count, fds);
    return work(http, err);
}

struct ac_http_counters ac_http_counters(const struct ac_http *http)
{
    return http->counters;
}
