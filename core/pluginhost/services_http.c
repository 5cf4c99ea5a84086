/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/services_dry.h"

#include "base/clock.h"
#include "base/curl.h"
#include "pluginhost/request_rules.h"

#include <poll.h>
#include <string.h>

#define REDIRECTS_MAX 10L /* as Let's Encrypt follows */
#define REQUEST_1_0   (offsetof(struct acmecore_request, answer_arg) + sizeof(void *))
#define STATUS        "HTTP/"
#define LINES_MAX     (64u * 1024u) /* bytes of the header lines of an answer */

/* One exchange, with its repetitions. */
struct exchange {
    struct acmecore_host_ctx *ctx;
    const struct ac_curl *curl;
    struct acmecore_request request; /* full length */
    enum ac_request_way way;
    CURL *easy;
    struct curl_slist *headers;
    acmecore_sink *body;
    void *arg;
    struct ac_words lines; /* of the answer that is coming in */
    size_t lines_size;
    bool is_told;     /* the plugin has them */
    int64_t limit_ms; /* when its own time is over */
    unsigned tries;
    struct ac_request_outcome outcome; /* of the last try */
    bool is_decided;                   /* whether there is another try */
    int64_t wait_ms;                   /* until it; -1: there is none */
    size_t received;                   /* in this try */
    int sink_status;                   /* what ended it early; ACMECORE_OK: nothing */
};

/* Some providers want a token in the query, which no message may have. */
static int shown_size(const struct exchange *exchange)
{
    return (int)strcspn(exchange->request.url, "?");
}

static void exchange_done(struct exchange *exchange)
{
    if (exchange->headers)
        exchange->curl->slist_free_all(exchange->headers);
    if (exchange->easy)
        exchange->curl->easy_cleanup(exchange->easy);
    ac_words_done(&exchange->lines);
}

static int64_t left_ms(const struct exchange *exchange)
{
    struct acmecore_host_ctx *ctx = exchange->ctx;
    int64_t call_ms = ctx->host.remaining_ms(ctx);
    int64_t own_ms = exchange->request.timeout_ms > 0
                         ? exchange->limit_ms - ac_clock_now_ms()
                         : call_ms;

    return own_ms < call_ms ? own_ms : call_ms;
}

/* What the server has said by now, before its body or after. */
static void read_answer(struct exchange *exchange)
{
    struct ac_request_outcome *outcome = &exchange->outcome;
    const struct ac_curl *curl = exchange->curl;
    curl_off_t retry_after_s = 0;

    outcome->is_answered = curl->easy_getinfo(exchange->easy, CURLINFO_RESPONSE_CODE,
                                              &outcome->http_status)
                               == CURLE_OK
                           && outcome->http_status > 0;
    if (curl->easy_getinfo(exchange->easy, CURLINFO_RETRY_AFTER, &retry_after_s)
        == CURLE_OK)
        outcome->retry_after_s = (int64_t)retry_after_s;
}

/* Once a try: what the plugin has seen of its answer cannot be taken back. */
static void decide(struct exchange *exchange)
{
    if (exchange->is_decided)
        return;
    read_answer(exchange);
    exchange->wait_ms =
        ac_request_wait_ms(&exchange->request, &exchange->outcome, exchange->tries);
    if (exchange->ctx->is_hasty || exchange->wait_ms >= left_ms(exchange))
        exchange->wait_ms = -1;
    exchange->is_decided = true;
}

static bool keep_line(struct exchange *exchange, const char *bytes, size_t size)
{
    AC_AUTO_TEXT char *line = NULL;
    struct ac_error why = { 0 };

    if (size > LINES_MAX - exchange->lines_size) {
        exchange->sink_status =
            exchange->ctx->host.fail(exchange->ctx, ACMECORE_E_REFUSED,
                                     "the answer's header is over %u bytes", LINES_MAX);
        return false;
    }
    exchange->lines_size += size;
    if (ac_memory_copy_bytes(bytes, size, &line, &why) == AC_OK
        && ac_words_add(&exchange->lines, line, &why) == AC_OK)
        return true;
    exchange->sink_status =
        exchange->ctx->host.fail(exchange->ctx, ACMECORE_E_SYSTEM, "%s", why.detail);
    return false;
}

/* Only kept: whether this answer is the last is not known before its end. */
static size_t receive_line(char *bytes, size_t size, size_t count, void *arg)
{
    struct exchange *exchange = arg;
    size_t total = size * count;
    size_t length = total;

    while (length > 0 && (bytes[length - 1] == '\r' || bytes[length - 1] == '\n'))
        length--;
    if (length >= strlen(STATUS) && memcmp(bytes, STATUS, strlen(STATUS)) == 0) {
        ac_words_done(&exchange->lines);
        exchange->lines_size = 0;
        return total;
    }
    return length == 0 || keep_line(exchange, bytes, length) ? total : 0;
}

static void tell_lines(struct exchange *exchange)
{
    const struct acmecore_request *request = &exchange->request;
    const struct ac_words *lines = &exchange->lines;

    if (!request->answer || exchange->is_told)
        return;
    exchange->is_told = true;
    for (size_t i = 0; i < lines->count && exchange->sink_status == ACMECORE_OK; i++) {
        exchange->sink_status = request->answer(request->answer_arg, lines->items[i],
                                                strlen(lines->items[i]));
    }
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
    /* Of an answer that is not the last the plugin sees nothing. */
    decide(exchange);
    if (exchange->wait_ms >= 0)
        return total;
    tell_lines(exchange);
    if (exchange->sink_status == ACMECORE_OK && exchange->body && total > 0)
        exchange->sink_status = exchange->body(exchange->arg, bytes, total);
    return exchange->sink_status == ACMECORE_OK ? total : 0;
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
    if (!ac_request_is_well_formed(&exchange->request))
        return ctx->host.fail(ctx, ACMECORE_E_INVALID, "http: bad request");
    exchange->way = ac_request_way_of(&exchange->request);
    if (exchange->way == AC_REQUEST_NEVER) {
        return ctx->host.fail(ctx, ACMECORE_E_INVALID,
                              "http: %.*s: only https is allowed, plain http to this "
                              "machine, and a GET without headers and body",
                              shown_size(exchange), exchange->request.url);
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

static bool set_redirects(const struct exchange *exchange)
{
    const struct ac_curl *curl = exchange->curl;
    CURL *easy = exchange->easy;

    return curl->easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
               == CURLE_OK
           && curl->easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L) == CURLE_OK
           && curl->easy_setopt(easy, CURLOPT_MAXREDIRS, REDIRECTS_MAX) == CURLE_OK
           && curl->easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L) == CURLE_OK
           && curl->easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L) == CURLE_OK;
}

static bool set_trust(const struct exchange *exchange)
{
    static const char *const protocols[] = { [AC_REQUEST_TLS] = "https",
                                             [AC_REQUEST_LOCAL] = "http",
                                             [AC_REQUEST_LOOK] = "http,https" };
    const struct ac_curl *curl = exchange->curl;
    CURL *easy = exchange->easy;

    if (curl->easy_setopt(easy, CURLOPT_PROTOCOLS_STR, protocols[exchange->way])
        != CURLE_OK)
        return false;
    if (exchange->way == AC_REQUEST_LOOK)
        return set_redirects(exchange);
    /* A proxy of the environment is not this machine. */
    if (exchange->way == AC_REQUEST_LOCAL)
        return curl->easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK;
    return !exchange->request.ca_path
           || curl->easy_setopt(easy, CURLOPT_CAINFO, exchange->request.ca_path)
                  == CURLE_OK;
}

/* Not 0 ends the transfer. */
static int look_for_stop(void *arg, curl_off_t to_get, curl_off_t got,
                         curl_off_t to_send, curl_off_t sent)
{
    const struct exchange *exchange = arg;

    (void)to_get, (void)got, (void)to_send, (void)sent;
    if (!strcmp(exchange->request.method, "GET"))
        return ac_services_is_stopped(exchange->ctx);
    return ac_services_left_ms(exchange->ctx) <= 0;
}

static bool set_stop(struct exchange *exchange)
{
    const struct ac_curl *curl = exchange->curl;
    CURL *easy = exchange->easy;

    return curl->easy_setopt(easy, CURLOPT_NOPROGRESS, 0L) == CURLE_OK
           && curl->easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, look_for_stop)
                  == CURLE_OK
           && curl->easy_setopt(easy, CURLOPT_XFERINFODATA, exchange) == CURLE_OK;
}

static bool set_up(struct exchange *exchange)
{
    const struct ac_curl *curl = exchange->curl;

    exchange->easy = curl->easy_init();
    if (!exchange->easy || !add_headers(exchange))
        return false;
    CURL *easy = exchange->easy;
    return curl->easy_setopt(easy, CURLOPT_URL, exchange->request.url) == CURLE_OK
           && curl->easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK
           && curl->easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive) == CURLE_OK
           && curl->easy_setopt(easy, CURLOPT_WRITEDATA, exchange) == CURLE_OK
           && curl->easy_setopt(easy, CURLOPT_HTTPHEADER, exchange->headers) == CURLE_OK
           && set_stop(exchange) && set_trust(exchange) && set_method(exchange)
           && (!exchange->request.answer
               || (curl->easy_setopt(easy, CURLOPT_HEADERFUNCTION, receive_line)
                       == CURLE_OK
                   && curl->easy_setopt(easy, CURLOPT_HEADERDATA, exchange)
                          == CURLE_OK));
}

static bool set_deadline(const struct exchange *exchange)
{
    int64_t left = left_ms(exchange);
    long timeout_ms = left < INT32_MAX ? (long)left : (long)INT32_MAX;

    /* 0 would be no limit. */
    return exchange->curl->easy_setopt(exchange->easy, CURLOPT_TIMEOUT_MS,
                                       timeout_ms > 0 ? timeout_ms : 1L)
           == CURLE_OK;
}

static int status_of(CURLcode code)
{
    switch (code) {
    case CURLE_OK:
        return ACMECORE_OK;
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_ABORTED_BY_CALLBACK:
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

static bool is_unreached(CURLcode code)
{
    return code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST;
}

static bool is_broken(CURLcode code)
{
    return code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR
           || code == CURLE_GOT_NOTHING || code == CURLE_PARTIAL_FILE;
}

static CURLcode try_once(struct exchange *exchange)
{
    if (!set_deadline(exchange))
        return CURLE_OUT_OF_MEMORY;
    CURLcode code = exchange->curl->easy_perform(exchange->easy);
    exchange->outcome.was_unreached = is_unreached(code);
    exchange->outcome.was_broken = is_broken(code);
    decide(exchange);
    return code;
}

static void wait_for_stop(const struct acmecore_host_ctx *ctx, int wait_ms)
{
    struct pollfd core = { .fd = ac_services_stop_fd(ctx), .events = POLLIN };

    if (!ac_services_is_stopped(ctx))
        (void)poll(&core, 1, wait_ms);
}

/* Until an answer stands, or the last try is over. */
static CURLcode perform(struct exchange *exchange)
{
    struct acmecore_host_ctx *ctx = exchange->ctx;

    for (;;) {
        exchange->outcome = (struct ac_request_outcome){ 0 };
        exchange->is_decided = false;
        exchange->wait_ms = -1;
        exchange->received = 0;
        exchange->tries++;
        CURLcode code = try_once(exchange);
        if (exchange->sink_status != ACMECORE_OK || exchange->wait_ms < 0)
            return code;
        ctx->host.log(ctx, ACMECORE_DEBUG, "%.*s: %s %ld; trying again in %lld ms",
                      shown_size(exchange), exchange->request.url,
                      code == CURLE_OK ? "HTTP" : exchange->curl->easy_strerror(code),
                      exchange->outcome.http_status, (long long)exchange->wait_ms);
        wait_for_stop(ctx, (int)exchange->wait_ms);
        if (ac_services_is_stopped(ctx))
            return CURLE_ABORTED_BY_CALLBACK;
    }
}

static int conclude(struct exchange *exchange, CURLcode code, long *ret_code)
{
    struct acmecore_host_ctx *ctx = exchange->ctx;

    if (code == CURLE_OK)
        tell_lines(exchange);
    if (exchange->sink_status != ACMECORE_OK)
        return exchange->sink_status;
    if (code != CURLE_OK) {
        return ctx->host.fail(ctx, status_of(code), "%.*s: %s", shown_size(exchange),
                              exchange->request.url,
                              exchange->curl->easy_strerror(code));
    }
    if (ret_code)
        *ret_code = exchange->outcome.http_status;
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

    ctx->request_count++;
    int status = check_request(&exchange, request);
    if (status != ACMECORE_OK)
        return status;
    if (!(ctx->uses & (ACMECORE_USES_NETWORK | ACMECORE_USES_COMMANDS))) {
        return ctx->host.fail(ctx, ACMECORE_E_UNSUPPORTED,
                              "http: the plugin does not say that it uses the network "
                              "(ACMECORE_USES_NETWORK)");
    }
    if (ctx->is_dry_run && !ac_request_is_harmless(&exchange.request))
        return ac_dry_http(ctx, &exchange.request);
    exchange.limit_ms = ac_clock_after_ms(exchange.request.timeout_ms);
    if (ctx->host.remaining_ms(ctx) <= 0)
        return ctx->host.fail(ctx, ACMECORE_E_TIMEOUT, "http: no time is left");
    if (ac_curl_get(&exchange.curl, &err) != AC_OK)
        return ctx->host.fail(ctx, ACMECORE_E_UNSUPPORTED, "%s", err.detail);
    if (!set_up(&exchange))
        return ctx->host.fail(ctx, ACMECORE_E_SYSTEM, "http: cannot be set up");
    CURLcode code = perform(&exchange);
    return conclude(&exchange, code, ret_code);
}
