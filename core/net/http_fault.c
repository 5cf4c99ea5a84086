/* SPDX-License-Identifier: Apache-2.0 */
#include "net/http_exchange.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define TIME_SIZE 32
#define WAY_SIZE  300

/* One way of failing, and its sentence. */
typedef enum ac_code describe(const struct ac_exchange *exchange, CURLcode result,
                              struct ac_error *err);

/* libcurl's own words: the special ones of this transfer, or else the general ones. */
static const char *words_of(const struct ac_exchange *exchange, CURLcode result)
{
    if (exchange->curl_text[0] != '\0')
        return exchange->curl_text;
    return exchange->http->curl->easy_strerror(result);
}

static enum ac_code headers_too_long(const struct ac_exchange *exchange,
                                     CURLcode result, struct ac_error *err)
{
    (void)result;
    return ac_fail(err, AC_E_PROTOCOL,
                   "the headers in the answer of %s are longer than %u bytes",
                   exchange->parts.place, AC_HTTP_HEADERS_MAX);
}

/* libcurl also says so when one header line goes over its limit (100 KB in 7.88). */
static enum ac_code no_memory(const struct ac_exchange *exchange, CURLcode result,
                              struct ac_error *err)
{
    long request_size = 0;

    (void)exchange->http->curl->easy_getinfo(exchange->easy, CURLINFO_REQUEST_SIZE,
                                             &request_size);
    if (result == CURLE_OUT_OF_MEMORY && request_size > 0)
        return headers_too_long(exchange, result, err);
    return ac_fail(err, AC_E_NOMEM, "no memory for the answer of %s",
                   exchange->parts.place);
}

static enum ac_code not_resolved(const struct ac_exchange *exchange, CURLcode result,
                                 struct ac_error *err)
{
    (void)result;
    return ac_fail(err, AC_E_NETWORK,
                   "cannot resolve %s: no name server knows it, or none answers",
                   exchange->parts.host);
}

static enum ac_code proxy_failed(const struct ac_exchange *exchange, CURLcode result,
                                 struct ac_error *err)
{
    return ac_fail(err, AC_E_NETWORK, "the proxy on the way to %s cannot be used: %s",
                   exchange->parts.place, words_of(exchange, result));
}

/* libcurl says whom it tried: "Failed to connect to H port N after 0 ms: …". A proxy or
 * connect_to makes that another than the one who was asked for. "" if nobody else. */
static void find_way(const struct ac_exchange *exchange, char text[WAY_SIZE])
{
    static const char intro[] = "Failed to connect to ";
    const char *whom = exchange->curl_text;
    bool is_bracketed = exchange->parts.host[0] == '['; /* not in libcurl's words */
    const char *host = exchange->parts.host + is_bracketed;
    size_t size = strlen(host) - is_bracketed;

    text[0] = '\0';
    if (strncmp(whom, intro, strlen(intro)) != 0)
        return;
    whom += strlen(intro);
    const char *end = strstr(whom, " after ");
    if (!end || (strncmp(whom, host, size) == 0 && whom[size] == ' '))
        return;
    (void)snprintf(text, WAY_SIZE, " by way of %.*s", (int)(end - whom), whom);
}

static enum ac_code not_connected(const struct ac_exchange *exchange, CURLcode result,
                                  struct ac_error *err)
{
    char way[WAY_SIZE];
    long number = 0;

    (void)result;
    (void)exchange->http->curl->easy_getinfo(exchange->easy, CURLINFO_OS_ERRNO,
                                             &number);
    find_way(exchange, way);
    if (number == 0) {
        return ac_fail(err, AC_E_NETWORK, "cannot connect to %s%s",
                       exchange->parts.place, way);
    }
    return ac_fail_errno(err, AC_E_NETWORK, (int)number, "cannot connect to %s%s",
                         exchange->parts.place, way);
}

/* "60 s", "0.3 s" */
static void format_time(int64_t ms, char text[TIME_SIZE])
{
    if (ms >= 10000) {
        (void)snprintf(text, TIME_SIZE, "%lld s", (long long)((ms + 500) / 1000));
    } else {
        (void)snprintf(text, TIME_SIZE, "%lld.%lld s", (long long)(ms / 1000),
                       (long long)(ms % 1000 / 100));
    }
}

static enum ac_code timed_out(const struct ac_exchange *exchange, CURLcode result,
                              struct ac_error *err)
{
    char time[TIME_SIZE];

    (void)result;
    format_time(ac_clock_now_ms() - exchange->started_ms, time);
    if (exchange->header_size > 0) {
        return ac_fail(err, AC_E_NETWORK, "the answer of %s did not end within %s",
                       exchange->parts.place, time);
    }
    return ac_fail(err, AC_E_NETWORK, "no answer from %s within %s",
                   exchange->parts.place, time);
}

/* What libcurl read from the certificate before it refused it; "" if nothing. */
static const char *find_in_certificate(const struct ac_exchange *exchange,
                                       const char *label)
{
    struct curl_certinfo *info = NULL;
    size_t size = strlen(label);

    (void)exchange->http->curl->easy_getinfo(exchange->easy, CURLINFO_CERTINFO, &info);
    if (info == NULL || info->num_of_certs < 1)
        return "";
    for (const struct curl_slist *at = info->certinfo[0]; at != NULL; at = at->next) {
        if (strncasecmp(at->data, label, size) == 0)
            return at->data + size;
    }
    return "";
}

static enum ac_code not_trusted(const struct ac_exchange *exchange, CURLcode result,
                                struct ac_error *err)
{
    const char *words = words_of(exchange, result);
    const char *issuer = find_in_certificate(exchange, "Issuer:");
    const char *start = find_in_certificate(exchange, "Start date:");
    const char *end = find_in_certificate(exchange, "Expire date:");
    char now[AC_CLOCK_TEXT_SIZE];

    if (ac_fault_is_other_name(exchange)) {
        return ac_fail(err, AC_E_NETWORK,
                       "the certificate of %s is for another name: %s",
                       exchange->parts.place, words);
    }
    /* "2026-11-22 04:05:06 GMT" against "2026-11-22T04:05:06Z": to the day is enough.
     */
    (void)ac_clock_format(ac_clock_utc(), now);
    if (end[0] != '\0' && strncmp(end, now, 10) < 0) {
        return ac_fail(err, AC_E_NETWORK,
                       "the certificate of %s is not trusted: it expired on %.10s, by "
                       "this machine's clock (%s); is that right?",
                       exchange->parts.place, end, now);
    }
    if (start[0] != '\0' && strncmp(start, now, 10) > 0) {
        return ac_fail(err, AC_E_NETWORK,
                       "the certificate of %s is not trusted: it is not valid before "
                       "%.10s, and this machine's clock says %s; is that right?",
                       exchange->parts.place, start, now);
    }
    if (issuer[0] != '\0') {
        return ac_fail(
            err, AC_E_NETWORK,
            "the certificate of %s is not trusted: its issuer (%.200s) is not "
            "known here; give its root with --ca-file",
            exchange->parts.place, issuer);
    }
    return ac_fail(err, AC_E_NETWORK,
                   "the certificate of %s is not trusted: %s; give its root with "
                   "--ca-file",
                   exchange->parts.place, words);
}

static enum ac_code no_handshake(const struct ac_exchange *exchange, CURLcode result,
                                 struct ac_error *err)
{
    return ac_fail(err, AC_E_NETWORK, "no TLS with %s: %s", exchange->parts.place,
                   words_of(exchange, result));
}

static enum ac_code ca_file_unusable(const struct ac_exchange *exchange,
                                     CURLcode result, struct ac_error *err)
{
    return ac_fail(err, AC_E_USAGE, "the CA file cannot be used: %s",
                   words_of(exchange, result));
}

static enum ac_code closed(const struct ac_exchange *exchange, CURLcode result,
                           struct ac_error *err)
{
    if (exchange->header_size > 0) {
        return ac_fail(err, AC_E_NETWORK, "the answer of %s was cut short: %s",
                       exchange->parts.place, words_of(exchange, result));
    }
    return ac_fail(err, AC_E_NETWORK, "%s closed the connection before answering",
                   exchange->parts.place);
}

static enum ac_code too_long(const struct ac_exchange *exchange, CURLcode result,
                             struct ac_error *err)
{
    (void)result;
    return ac_fail(err, AC_E_PROTOCOL, "the answer of %s is longer than %zu bytes",
                   exchange->parts.place, exchange->body_max);
}

static enum ac_code no_http(const struct ac_exchange *exchange, CURLcode result,
                            struct ac_error *err)
{
    return ac_fail(err, AC_E_PROTOCOL, "the answer of %s is not HTTP: %s",
                   exchange->parts.place, words_of(exchange, result));
}

static enum ac_code other(const struct ac_exchange *exchange, CURLcode result,
                          struct ac_error *err)
{
    return ac_fail(err, AC_E_NETWORK, "the exchange with %s failed: %s",
                   exchange->parts.place, words_of(exchange, result));
}

static const struct {
    CURLcode result;
    describe *describe;
} by_result[] = {
    { CURLE_OUT_OF_MEMORY, no_memory },
    { CURLE_COULDNT_RESOLVE_HOST, not_resolved },
    { CURLE_COULDNT_RESOLVE_PROXY, proxy_failed },
    { CURLE_PROXY, proxy_failed },
    { CURLE_COULDNT_CONNECT, not_connected },
    { CURLE_OPERATION_TIMEDOUT, timed_out },
    { CURLE_PEER_FAILED_VERIFICATION, not_trusted },
    { CURLE_SSL_CONNECT_ERROR, no_handshake },
    { CURLE_SSL_CACERT_BADFILE, ca_file_unusable },
    { CURLE_GOT_NOTHING, closed },
    { CURLE_RECV_ERROR, closed },
    { CURLE_SEND_ERROR, closed },
    { CURLE_PARTIAL_FILE, closed },
    { CURLE_HTTP2, closed },
    { CURLE_HTTP2_STREAM, closed },
    /* permit_request in http_transfer.c, and libcurl before it asks there. */
    { CURLE_ABORTED_BY_CALLBACK, closed },
    { CURLE_SEND_FAIL_REWIND, closed },
    { CURLE_FILESIZE_EXCEEDED, too_long },
    { CURLE_WEIRD_SERVER_REPLY, no_http },
    { CURLE_UNSUPPORTED_PROTOCOL, no_http }, /* also said of HTTP/0.9 */
};

static enum ac_code not_public(const struct ac_exchange *exchange, CURLcode result,
                               struct ac_error *err)
{
    char *address = NULL;

    (void)result;
    (void)exchange->http->curl->easy_getinfo(exchange->easy, CURLINFO_PRIMARY_IP,
                                             &address);
    return ac_fail(err, AC_E_PROTOCOL,
                   "%s is at %s, which is no public address: it is not asked",
                   exchange->parts.place, address ? address : "?");
}

static describe *const by_stop[] = {
    [AC_EXCHANGE_HEADERS_TOO_LONG] = headers_too_long,
    [AC_EXCHANGE_BODY_TOO_LONG] = too_long,
    [AC_EXCHANGE_NO_MEMORY] = no_memory,
    [AC_EXCHANGE_NOT_PUBLIC] = not_public,
};

enum ac_code ac_fault_describe(const struct ac_exchange *exchange, CURLcode result,
                               struct ac_error *err)
{
    if (exchange->stop != AC_EXCHANGE_NOT_STOPPED)
        return by_stop[exchange->stop](exchange, result, err);
    for (size_t i = 0; i < AC_COUNT(by_result); i++) {
        if (by_result[i].result == result)
            return by_result[i].describe(exchange, result, err);
    }
    return other(exchange, result, err);
}

bool ac_fault_is_other_name(const struct ac_exchange *exchange)
{
    return strstr(exchange->curl_text, "does not match") != NULL;
}
