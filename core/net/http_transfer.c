/* SPDX-License-Identifier: Apache-2.0 */
#include "net/http_exchange.h"

#include "base/clock.h"
#include "net/public.h"

#include <stdlib.h>
#include <string.h>

#define CONNECT_MAX_MS 20000

struct option {
    CURLoption name;
    long value;
};

/* Options of every transfer. What is not here is libcurl's default: no netrc, no
 * cookies, no Accept-Encoding (so nothing is ever unpacked), no HTTP/0.9. */
static const struct option always[] = {
    { CURLOPT_NOSIGNAL, 1L },
    /* A name server that does not answer must not hold up the end of an exchange. */
    { CURLOPT_QUICK_EXIT, 1L },
    { CURLOPT_PATH_AS_IS, 1L },
    { CURLOPT_DISALLOW_USERNAME_IN_URL, 1L },
    { CURLOPT_FOLLOWLOCATION, 0L }, /* http_outcome.c does */
    { CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS },
    { CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2 },
    { CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L },
    { CURLOPT_TCP_KEEPALIVE, 1L },
    { CURLOPT_UPLOAD_BUFFERSIZE, 16384L },
};

/* The CA: its connections are shared. */
static const struct option of_ours[] = {
    { CURLOPT_PIPEWAIT, 1L }, /* one handshake, then HTTP/2 streams */
    { CURLOPT_CERTINFO, 1L }, /* for the sentence when it is not trusted */
};

/* Somebody else: nothing is shared. */
static const struct option of_foreign[] = {
    { CURLOPT_FRESH_CONNECT, 1L },
    { CURLOPT_FORBID_REUSE, 1L },
};

static const struct option without_verification[] = {
    { CURLOPT_SSL_VERIFYPEER, 0L },
    { CURLOPT_SSL_VERIFYHOST, 0L },
};

static size_t take_header(char *bytes, size_t size, size_t count, void *arg)
{
    struct ac_exchange *exchange = arg;

    (void)bytes;
    exchange->header_size += size * count;
    if (exchange->header_size <= AC_HTTP_HEADERS_MAX)
        return size * count;
    exchange->stop = AC_EXCHANGE_HEADERS_TOO_LONG;
    return 0;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *arg)
{
    struct ac_exchange *exchange = arg;
    struct ac_error ignored;
    size_t length = size * count;

    if (length > exchange->body_max - exchange->answer.size) {
        exchange->stop = AC_EXCHANGE_BODY_TOO_LONG;
        return 0;
    }
    if (ac_text_add(&exchange->answer, bytes, length, &ignored) == AC_OK)
        return length;
    exchange->stop = AC_EXCHANGE_NO_MEMORY;
    return 0;
}

static size_t give_body(char *buffer, size_t size, size_t count, void *arg)
{
    struct ac_exchange *exchange = arg;
    size_t length = exchange->body_size - exchange->body_sent;

    if (length > size * count)
        length = size * count;
    memcpy(buffer, exchange->body + exchange->body_sent, length);
    exchange->body_sent += length;
    return length;
}

/* Then the address is the proxy's. Those are the variables that libcurl looks at. */
static bool goes_by_proxy(const struct ac_exchange *exchange)
{
    static const char *const variables[] = { "http_proxy", "https_proxy", "HTTPS_PROXY",
                                             "all_proxy", "ALL_PROXY" };
    bool is_set = false;

    for (size_t i = 0; i < AC_COUNT(variables) && !is_set; i++) {
        const char *value = getenv(variables[i]);

        is_set = value && value[0] != '\0';
    }
    return is_set && (exchange->uses_proxy || !exchange->is_foreign);
}

/*
 * libcurl sends a request again by itself when a kept connection turns out to be dead.
 * A POST whose body went out may have been done, and its nonce is used: the answer to a
 * second copy would hide that (badNonce, and then a second order). So it ends here as
 * ambiguous, and the caller reads the state again (RFC 8555 7.4).
 */
static int permit_request(void *arg, char *connected, char *local, int connected_port,
                          int local_port)
{
    struct ac_exchange *exchange = arg;

    (void)local;
    (void)connected_port;
    (void)local_port;
    if (exchange->is_public_only && !goes_by_proxy(exchange)
        && !ac_public_is_address(connected)) {
        exchange->stop = AC_EXCHANGE_NOT_PUBLIC;
        return CURL_PREREQFUNC_ABORT;
    }
    return exchange->body_sent > 0 ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

static CURLcode set_options(const struct ac_exchange *exchange,
                            const struct option *options, size_t count)
{
    CURLcode result = CURLE_OK;

    for (size_t i = 0; i < count && result == CURLE_OK; i++) {
        result = exchange->http->curl->easy_setopt(exchange->easy, options[i].name,
                                                   options[i].value);
    }
    return result;
}

static CURLcode set_text(const struct ac_exchange *exchange, CURLoption name,
                         const char *value)
{
    return exchange->http->curl->easy_setopt(exchange->easy, name, value);
}

static CURLcode set_pointer(const struct ac_exchange *exchange, CURLoption name,
                            void *value)
{
    return exchange->http->curl->easy_setopt(exchange->easy, name, value);
}

static CURLcode set_callbacks(struct ac_exchange *exchange)
{
    const struct ac_curl *curl = exchange->http->curl;
    CURL *easy = exchange->easy;
    curl_write_callback on_header = take_header;
    curl_write_callback on_body = take_body;
    curl_prereq_callback on_request = permit_request;

    /* None of these can fail. */
    (void)curl->easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    (void)curl->easy_setopt(easy, CURLOPT_HEADERDATA, (void *)exchange);
    (void)curl->easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    (void)curl->easy_setopt(easy, CURLOPT_WRITEDATA, (void *)exchange);
    (void)curl->easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_request);
    (void)curl->easy_setopt(easy, CURLOPT_PREREQDATA, (void *)exchange);
    (void)curl->easy_setopt(easy, CURLOPT_PRIVATE, (void *)exchange);
    return set_pointer(exchange, CURLOPT_ERRORBUFFER, exchange->curl_text);
}

static CURLcode set_method(struct ac_exchange *exchange)
{
    const struct ac_curl *curl = exchange->http->curl;
    curl_read_callback on_read = give_body;

    if (exchange->method == AC_HTTP_GET)
        return curl->easy_setopt(exchange->easy, CURLOPT_HTTPGET, 1L);
    if (exchange->method == AC_HTTP_HEAD)
        return curl->easy_setopt(exchange->easy, CURLOPT_NOBODY, 1L);
    (void)curl->easy_setopt(exchange->easy, CURLOPT_POST, 1L);
    (void)curl->easy_setopt(exchange->easy, CURLOPT_READFUNCTION, on_read);
    (void)curl->easy_setopt(exchange->easy, CURLOPT_READDATA, (void *)exchange);
    return curl->easy_setopt(exchange->easy, CURLOPT_POSTFIELDSIZE_LARGE,
                             (curl_off_t)exchange->body_size);
}

static CURLcode set_limits(const struct ac_exchange *exchange)
{
    const struct ac_curl *curl = exchange->http->curl;
    long left_ms = ac_clock_left_ms(exchange->deadline_ms);
    long connect_ms = left_ms < CONNECT_MAX_MS ? left_ms : CONNECT_MAX_MS;

    /* 0 would mean for ever; ac_http_wait ends those whose time is over. */
    (void)curl->easy_setopt(exchange->easy, CURLOPT_TIMEOUT_MS, left_ms + 1);
    (void)curl->easy_setopt(exchange->easy, CURLOPT_CONNECTTIMEOUT_MS, connect_ms + 1);
    /* The Content-Length of an answer to HEAD announces nothing. */
    if (exchange->method == AC_HTTP_HEAD)
        return CURLE_OK;
    return curl->easy_setopt(exchange->easy, CURLOPT_MAXFILESIZE_LARGE,
                             (curl_off_t)exchange->body_max);
}

static CURLcode set_trust(const struct ac_exchange *exchange)
{
    CURLcode result;

    if (exchange->trust == AC_TRUST_NOBODY) {
        return set_options(exchange, without_verification,
                           AC_COUNT(without_verification));
    }
    if (exchange->trust == AC_TRUST_SYSTEM)
        return CURLE_OK;
    result = set_text(exchange, CURLOPT_CAINFO,
                      exchange->trust == AC_TRUST_FILE ? exchange->site->ca_path
                                                       : exchange->http->bundle);
    return result != CURLE_OK ? result : set_text(exchange, CURLOPT_CAPATH, NULL);
}

static CURLcode set_peer(const struct ac_exchange *exchange)
{
    CURLcode result = set_trust(exchange);

    if (result == CURLE_OK && exchange->is_foreign)
        result = set_options(exchange, of_foreign, AC_COUNT(of_foreign));
    if (result == CURLE_OK && exchange->is_foreign && !exchange->uses_proxy)
        result = set_text(exchange, CURLOPT_PROXY, "");
    if (result == CURLE_OK && !exchange->is_foreign)
        result = set_options(exchange, of_ours, AC_COUNT(of_ours));
    if (result == CURLE_OK && exchange->connect_list != NULL)
        result = set_pointer(exchange, CURLOPT_CONNECT_TO, exchange->connect_list);
    return result;
}

static CURLcode set_up(struct ac_exchange *exchange)
{
    CURLcode result = set_options(exchange, always, AC_COUNT(always));

    if (result == CURLE_OK)
        result = set_callbacks(exchange);
    if (result == CURLE_OK)
        result = set_text(exchange, CURLOPT_URL, exchange->url);
    if (result == CURLE_OK) {
        result = set_text(exchange, CURLOPT_PROTOCOLS_STR,
                          exchange->parts.is_plain ? "http" : "https");
    }
    if (result == CURLE_OK)
        result = set_text(exchange, CURLOPT_USERAGENT, exchange->http->user_agent);
    if (result == CURLE_OK)
        result = set_pointer(exchange, CURLOPT_HTTPHEADER, exchange->header_list);
    if (result == CURLE_OK)
        result = set_method(exchange);
    if (result == CURLE_OK)
        result = set_limits(exchange);
    if (result == CURLE_OK)
        result = set_peer(exchange);
    return result;
}

static enum ac_code add_to_list(const struct ac_exchange *exchange, const char *line,
                                struct curl_slist **list, struct ac_error *err)
{
    struct curl_slist *longer = exchange->http->curl->slist_append(*list, line);

    if (longer == NULL)
        return ac_fail(err, AC_E_NOMEM, "no memory for an HTTP header");
    *list = longer;
    return AC_OK;
}

/*
 * Host goes out as it is written in the URL: libcurl would leave out a default port,
 * and some servers compare it with the url that we sign (RFC 8555 6.4).
 */
static enum ac_code make_header_list(struct ac_exchange *exchange, struct ac_error *err)
{
    AC_AUTO_TEXT char *host = NULL;

    exchange->http->curl->slist_free_all(exchange->header_list);
    exchange->header_list = NULL;
    AC_TRY(ac_memory_format(&host, err, "Host: %s", exchange->parts.authority));
    AC_TRY(add_to_list(exchange, host, &exchange->header_list, err));
    /* An answer 100 would only cost a round trip. */
    AC_TRY(add_to_list(exchange, "Expect:", &exchange->header_list, err));
    for (size_t i = 0; i < exchange->headers.count; i++) {
        AC_TRY(add_to_list(exchange, exchange->headers.items[i], &exchange->header_list,
                           err));
    }
    return AC_OK;
}

static enum ac_code take_easy(struct ac_exchange *exchange, struct ac_error *err)
{
    struct ac_http *http = exchange->http;

    if (http->idle_count > 0) {
        exchange->easy = http->idle[--http->idle_count];
    } else {
        exchange->easy = http->curl->easy_init();
    }
    if (exchange->easy == NULL)
        return ac_fail(err, AC_E_NOMEM, "no memory for an HTTP exchange");
    return AC_OK;
}

static void give_easy_back(struct ac_exchange *exchange)
{
    struct ac_http *http = exchange->http;

    http->curl->easy_reset(exchange->easy); /* keeps the connections */
    if (http->idle_count < AC_HTTP_IDLE_MAX) {
        http->idle[http->idle_count++] = exchange->easy;
    } else {
        http->curl->easy_cleanup(exchange->easy);
    }
    exchange->easy = NULL;
}

static void forget_answer(struct ac_exchange *exchange)
{
    exchange->answer.size = 0;
    exchange->answer.limit = exchange->body_max;
    exchange->header_size = 0;
    exchange->stop = AC_EXCHANGE_NOT_STOPPED;
    exchange->curl_text[0] = '\0';
    exchange->status = 0;
    exchange->body_sent = 0;
    exchange->is_sent = false;
}

enum ac_code ac_transfer_start(struct ac_exchange *exchange, struct ac_error *err)
{
    const struct ac_curl *curl = exchange->http->curl;
    CURLcode result;
    CURLMcode added = CURLM_OK;

    forget_answer(exchange);
    AC_TRY(make_header_list(exchange, err));
    AC_TRY(take_easy(exchange, err));
    result = set_up(exchange);
    if (result == CURLE_OK)
        added = curl->multi_add_handle(exchange->http->multi, exchange->easy);
    if (result == CURLE_OK && added == CURLM_OK)
        return AC_OK;

    give_easy_back(exchange);
    if (result == CURLE_OUT_OF_MEMORY || added == CURLM_OUT_OF_MEMORY)
        return ac_fail(err, AC_E_NOMEM, "no memory for an HTTP exchange");
    return ac_fail(err, AC_E_SYSTEM, "libcurl refuses an HTTP exchange: %s",
                   result != CURLE_OK ? curl->easy_strerror(result)
                                      : curl->multi_strerror(added));
}

/* Sizes of libcurl are signed; a negative one means that it does not know. */
static uint64_t find_size(const struct ac_exchange *exchange, CURLINFO name)
{
    curl_off_t size = 0;

    (void)exchange->http->curl->easy_getinfo(exchange->easy, name, &size);
    return size > 0 ? (uint64_t)size : 0;
}

static void count(struct ac_exchange *exchange)
{
    struct ac_http_counters *counters = &exchange->http->counters;
    long request_size = 0;

    (void)exchange->http->curl->easy_getinfo(exchange->easy, CURLINFO_REQUEST_SIZE,
                                             &request_size);
    exchange->is_sent = request_size > 0;
    if (!exchange->is_sent || exchange->is_foreign)
        return;
    counters->requests++;
    counters->bytes_sent +=
        (uint64_t)request_size + find_size(exchange, CURLINFO_SIZE_UPLOAD_T);
    counters->bytes_received +=
        exchange->header_size + find_size(exchange, CURLINFO_SIZE_DOWNLOAD_T);
}

void ac_transfer_end(struct ac_exchange *exchange)
{
    if (exchange->easy == NULL)
        return;
    count(exchange);
    (void)exchange->http->curl->multi_remove_handle(exchange->http->multi,
                                                    exchange->easy);
    give_easy_back(exchange);
}
