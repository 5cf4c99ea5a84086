/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/services.h"

#include "base/clock.h"
#include "base/curl.h"

#include <string.h>

#define URL_MAX       8192
#define METHOD_MAX    16
#define HEADERS_MAX   100
#define HEADER_MAX    8192
#define REDIRECTS_MAX 10L /* as Let's Encrypt follows */
#define REQUEST_1_0   (offsetof(struct acmecore_request, body_size) + sizeof(size_t))

/* One exchange. */
struct exchange {
    struct acmecore_host_ctx *ctx;
    const struct ac_curl *curl;
    struct acmecore_request request; /* full length */
    bool is_look;                    /* plain http: a look at a challenge's answer */
    CURL *easy;
    struct curl_slist *headers;
    acmecore_sink *body;
    void *arg;
    size_t received;
    int sink_status; /* what ended it early; ACMECORE_OK: nothing */
};

static void exchange_done(struct exchange *exchange)
{
    if (exchange->headers)
        exchange->curl->slist_free_all(exchange->headers);
    if (exchange->easy)
        exchange->curl->easy_cleanup(exchange->easy);
}

static size_t receive(char *bytes, size_t size, size_t count, void *arg)
{
    struct exchange *exchange = arg;
    size_t total = size * count;
    size_t limit =
        exchange->request.max_body ? exchange->request.max_body : AC_SERVICES_BODY_MAX;

    if (total > limit - exchange->received) {
        exchange->sink_status = exchange->ctx->host.fail(
            exchange->ctx, ACMECORE_E_REFUSED, "the answer is over %zu bytes", limit);
        return 0;
    }
    exchange->received += total;
    if (exchange->body && total > 0)
        exchange->sink_status = exchange->body(exchange->arg, bytes, total);
    return exchange->sink_status == ACMECORE_OK ? total : 0;
}

static bool is_line(const char *text, size_t maximum)
{
    size_t size = strnlen(text, maximum + 1);

    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)text[i] < ' ' || text[i] == '\x7F')
            return false;
    }
    return size > 0 && size <= maximum;
}

static bool are_headers(const char *const *headers)
{
    size_t count = 0;

    while (headers && headers[count]) {
        if (!is_line(headers[count], HEADER_MAX) || ++count > HEADERS_MAX)
            return false;
    }
    return true;
}

static bool is_request(const struct acmecore_request *request)
{
    return ac_text_is_made_of(request->method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ", 1,
                              METHOD_MAX)
           && request->url && is_line(request->url, URL_MAX)
           && are_headers(request->headers) && (request->body || !request->body_size);
}

/* Nothing of ours goes out with it, so nothing can be read on the way. */
static bool is_harmless(const struct acmecore_request *request)
{
    bool has_headers = request->headers && request->headers[0];

    return !strcmp(request->method, "GET") && !has_headers && request->body_size == 0;
}

static int check_request(struct exchange *exchange,
                         const struct acmecore_request *request)
{
    struct acmecore_host_ctx *ctx = exchange->ctx;

    if (!request || request->struct_size < REQUEST_1_0)
        return ctx->host.fail(ctx, ACMECORE_E_INVALID, "http: bad request struct");
    memcpy(&exchange->request, request,
           request->struct_size < sizeof *request ? request->struct_size
                                                  : sizeof *request);
    if (!is_request(request))
        return ctx->host.fail(ctx, ACMECORE_E_INVALID, "http: bad request");
    exchange->is_look = !strncmp(request->url, "http://", strlen("http://"));
    if (exchange->is_look && !is_harmless(request)) {
        return ctx->host.fail(ctx, ACMECORE_E_INVALID,
                              "http: only a GET without headers and body may go over "
                              "plain http");
    }
    return ACMECORE_OK;
}

static bool add_headers(struct exchange *exchange)
{
    const char *const *headers = exchange->request.headers;

    for (size_t i = 0; headers && headers[i]; i++) {
        struct curl_slist *longer =
            exchange->curl->slist_append(exchange->headers, headers[i]);
        if (!longer)
            return false;
        exchange->headers = longer;
    }
    return true;
}

static bool set_method(const struct exchange *exchange)
{
    const struct ac_curl *curl = exchange->curl;
    const struct acmecore_request *request = &exchange->request;
    CURL *easy = exchange->easy;
    bool is_set = true;

    if (!strcmp(request->method, "HEAD"))
        return curl->easy_setopt(easy, CURLOPT_NOBODY, 1L) == CURLE_OK;
    if (request->body) {
        is_set =
            curl->easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                              (curl_off_t)request->body_size)
                == CURLE_OK
            && curl->easy_setopt(easy, CURLOPT_POSTFIELDS, request->body) == CURLE_OK;
    }
    return is_set
           && curl->easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method)
                  == CURLE_OK;
}

static bool set_trust(const struct exchange *exchange)
{
    const struct ac_curl *curl = exchange->curl;
    CURL *easy = exchange->easy;

    if (!exchange->is_look)
        return curl->easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK;
    return curl->easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK
           && curl->easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
                  == CURLE_OK
           && curl->easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L) == CURLE_OK
           && curl->easy_setopt(easy, CURLOPT_MAXREDIRS, REDIRECTS_MAX) == CURLE_OK
           && curl->easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L) == CURLE_OK
           && curl->easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L) == CURLE_OK;
}

static bool set_up(struct exchange *exchange, int64_t left_ms)
{
    const struct ac_curl *curl = exchange->curl;
    long timeout_ms = left_ms < INT32_MAX ? (long)left_ms : (long)INT32_MAX;

    exchange->easy = curl->easy_init();
    if (!exchange->easy || !add_headers(exchange))
        return false;
    CURL *easy = exchange->easy;
    return curl->easy_setopt(easy, CURLOPT_URL, exchange->request.url) == CURLE_OK
           && curl->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK
           && curl->easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout_ms) == CURLE_OK
           && curl->easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive) == CURLE_OK
           && curl->easy_setopt(easy, CURLOPT_WRITEDATA, exchange) == CURLE_OK
           && curl->easy_setopt(easy, CURLOPT_HTTPHEADER, exchange->headers) == CURLE_OK
           && set_trust(exchange) && set_method(exchange);
}

static int status_of(CURLcode code)
{
    switch (code) {
    case CURLE_OK:
        return ACMECORE_OK;
    case CURLE_OPERATION_TIMEDOUT:
        return ACMECORE_E_TIMEOUT;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return ACMECORE_E_INVALID;
    case CURLE_OUT_OF_MEMORY:
        return ACMECORE_E_SYSTEM;
    default:
        return ACMECORE_E_NETWORK;
    }
}

static int perform(struct exchange *exchange, long *ret_code)
{
    struct acmecore_host_ctx *ctx = exchange->ctx;
    CURLcode code = exchange->curl->easy_perform(exchange->easy);
    int status = status_of(code);

    if (exchange->sink_status != ACMECORE_OK)
        return exchange->sink_status;
    if (status != ACMECORE_OK) {
        return ctx->host.fail(ctx, status, "%s: %s", exchange->request.url,
                              exchange->curl->easy_strerror(code));
    }
    if (ret_code
        && exchange->curl->easy_getinfo(exchange->easy, CURLINFO_RESPONSE_CODE,
                                        ret_code)
               != CURLE_OK)
        return ACMECORE_E_SYSTEM;
    return ACMECORE_OK;
}

int ac_service_http(struct acmecore_host_ctx *ctx,
                    const struct acmecore_request *request, long *ret_code,
                    acmecore_sink *body, void *arg)
{
    __attribute__((cleanup(exchange_done))) struct exchange exchange = { .ctx = ctx,
                                                                         .body = body,
                                                                         .arg = arg };
    struct ac_error err = { 0 };
    int64_t left_ms = ctx->host.remaining_ms(ctx);

    int status = check_request(&exchange, request);
    if (status != ACMECORE_OK)
        return status;
    if (left_ms <= 0)
        return ctx->host.fail(ctx, ACMECORE_E_TIMEOUT, "http: no time is left");
    if (ac_curl_get(&exchange.curl, &err) != AC_OK)
        return ctx->host.fail(ctx, ACMECORE_E_UNSUPPORTED, "%s", err.detail);
    if (!set_up(&exchange, left_ms))
        return ctx->host.fail(ctx, ACMECORE_E_SYSTEM, "http: cannot be set up");
    return perform(&exchange, ret_code);
}
