/* SPDX-License-Identifier: Apache-2.0 */
#include "net/http_exchange.h"

#include "base/clock.h"
#include "net/public.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define WHITE " \t\r\n"

/* libcurl trims, but of an empty value it leaves the CR. */
static enum ac_code add_trimmed(struct ac_words *words, const char *value,
                                struct ac_error *err)
{
    const char *start = value + strspn(value, WHITE);
    size_t size = strlen(start);

    while (size > 0 && strchr(WHITE, start[size - 1]) != NULL)
        size--;
    return ac_words_addf(words, err, "%.*s", (int)size, start);
}

/* Name and value of each header of the last answer, in order, as our own copies. */
static enum ac_code copy_headers(struct ac_exchange *exchange, struct ac_error *err)
{
    const struct ac_curl *curl = exchange->http->curl;
    struct curl_header *header = NULL;

    ac_words_done(&exchange->answer_headers);
    exchange->answer_headers = (struct ac_words){ 0 };
    for (;;) {
        header = curl->easy_nextheader(exchange->easy, CURLH_HEADER, -1, header);
        if (header == NULL)
            return AC_OK;
        AC_TRY(ac_words_add(&exchange->answer_headers, header->name, err));
        AC_TRY(add_trimmed(&exchange->answer_headers, header->value, err));
    }
}

/* AC_OK when a whole answer came. */
static enum ac_code collect(struct ac_exchange *exchange, CURLcode result,
                            struct ac_error *err)
{
    (void)exchange->http->curl->easy_getinfo(exchange->easy, CURLINFO_RESPONSE_CODE,
                                             &exchange->status);
    /* Nobody needs thousands of headers of an answer that is refused for them. */
    if (exchange->stop == AC_EXCHANGE_NOT_STOPPED)
        AC_TRY(copy_headers(exchange, err));
    exchange->is_untrusted = result == CURLE_PEER_FAILED_VERIFICATION;
    if (result != CURLE_OK)
        return ac_fault_describe(exchange, result, err);
    return AC_OK;
}

static void finish(struct ac_exchange *exchange, const struct ac_error *error)
{
    struct ac_http *http = exchange->http;

    ac_transfer_end(exchange);
    ac_exchange_leave(exchange);
    exchange->error = *error;
    if (error->code != AC_OK)
        exchange->error.http_status = exchange->status;
    exchange->is_done = true;
    exchange->is_ambiguous = error->code != AC_OK && exchange->is_sent;
    exchange->ended_ms = ac_clock_now_ms();
    if (exchange->is_foreign)
        return;
    if (http->done_depth < exchange->depth)
        http->done_depth = exchange->depth;
    if (error->code == AC_OK && !exchange->parts.is_plain)
        exchange->site->trust = exchange->trust;
}

static void start_again(struct ac_exchange *exchange)
{
    struct ac_error error = { 0 };

    ac_transfer_end(exchange);
    if (ac_transfer_start(exchange, &error) != AC_OK)
        finish(exchange, &error);
}

/* The next trust anchors for this exchange, if there are any. */
static bool find_trust(struct ac_exchange *exchange)
{
    const bool offered[AC_TRUST_COUNT] = {
        /* The CA file is trust in a CA, not in whoever else is asked. */
        [AC_TRUST_FILE] = exchange->site->ca_path != NULL && !exchange->is_foreign,
        [AC_TRUST_BUNDLE] = exchange->http->bundle != NULL,
        [AC_TRUST_SYSTEM] = true,
    };

    if (!ac_trust_find(offered, exchange->has_tried, &exchange->trust))
        return false;
    exchange->has_tried[exchange->trust] = true;
    return true;
}

void ac_outcome_begin_trust(struct ac_exchange *exchange)
{
    memset(exchange->has_tried, 0, sizeof exchange->has_tried);
    exchange->trust = exchange->site->trust;
    if (exchange->is_foreign && exchange->is_plain) {
        exchange->trust = AC_TRUST_NOBODY;
    } else if (exchange->is_foreign || exchange->trust == AC_TRUST_NOBODY) {
        (void)find_trust(exchange);
    } else {
        exchange->has_tried[exchange->trust] = true;
    }
}

/* Nothing but a handshake was sent, so the same request can go out once more. */
static bool takes_other_trust(struct ac_exchange *exchange, CURLcode result)
{
    return result == CURLE_PEER_FAILED_VERIFICATION
           && exchange->trust != AC_TRUST_NOBODY && !ac_fault_is_other_name(exchange)
           && find_trust(exchange);
}

static bool is_redirect(const struct ac_exchange *exchange)
{
    switch (exchange->status) {
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
        return exchange->method == AC_HTTP_GET && exchange->follows_redirects
               && ac_exchange_header(exchange, "Location", 0) != NULL;
    default:
        return false;
    }
}

/* A validator goes to these two ports, and never home (PROTOCOL A.8). */
static enum ac_code check_public(const struct ac_exchange *exchange,
                                 const struct ac_url *parts, struct ac_error *err)
{
    if (!exchange->stays_public)
        return AC_OK;
    if (!ac_public_has_web_port(parts->place)) {
        return ac_fail(err, AC_E_INVALID, "%s is neither port 80 nor port 443",
                       parts->place);
    }
    if (!ac_public_is_host(parts->host)
        && strcasecmp(parts->host, exchange->parts.host) != 0) {
        return ac_fail(err, AC_E_INVALID, "%s is no public address", parts->host);
    }
    return AC_OK;
}

/* RFC 9110 15.4: url, parts and trust become those of the next hop. */
static enum ac_code turn_to(struct ac_exchange *exchange, const char *location,
                            struct ac_error *err)
{
    const struct ac_curl *curl = exchange->http->curl;
    AC_AUTO_TEXT char *url = NULL;
    AC_AUTO(ac_url) parts = { 0 };

    AC_TRY(ac_url_resolve(curl, exchange->url, location, &url, err));
    AC_TRY(ac_url_parse(curl, url, &parts, err));
    if (parts.is_plain && !exchange->parts.is_plain)
        return ac_fail(err, AC_E_INVALID, "%s is not https", url);
    AC_TRY(check_public(exchange, &parts, err));

    free(exchange->url);
    exchange->url = AC_TAKE(url);
    ac_url_done(&exchange->parts);
    exchange->parts = parts;
    parts = (struct ac_url){ 0 };
    ac_outcome_begin_trust(exchange);
    return AC_OK;
}

static enum ac_code follow(struct ac_exchange *exchange, struct ac_error *err)
{
    struct ac_error reason = { 0 };
    enum ac_code code;

    if (++exchange->redirects > AC_HTTP_REDIRECTS) {
        return ac_fail(err, AC_E_PROTOCOL, "%s redirects more than %d times",
                       exchange->parts.place, AC_HTTP_REDIRECTS);
    }
    code = turn_to(exchange, ac_exchange_header(exchange, "Location", 0), &reason);
    if (code == AC_E_INVALID) {
        return ac_fail(err, AC_E_PROTOCOL, "%s redirects to where we do not go: %s",
                       exchange->parts.place, reason.detail);
    }
    if (code != AC_OK)
        *err = reason;
    if (code == AC_OK && !exchange->is_foreign) {
        exchange->depth++;
        if (exchange->http->counters.round_trips < exchange->depth)
            exchange->http->counters.round_trips = exchange->depth;
    }
    return code;
}

void ac_outcome_settle(struct ac_exchange *exchange, CURLcode result)
{
    struct ac_error error = { 0 };

    if (takes_other_trust(exchange, result)) {
        start_again(exchange);
        return;
    }
    if (collect(exchange, result, &error) == AC_OK && is_redirect(exchange)
        && follow(exchange, &error) == AC_OK) {
        start_again(exchange);
        return;
    }
    finish(exchange, &error);
}
