/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What http.c, http_transfer.c, http_outcome.c and http_exchange.c know together: the
 * struct behind ac_http and the one behind ac_exchange. Nobody else includes this.
 */
#ifndef AC_NET_HTTP_EXCHANGE_H
#define AC_NET_HTTP_EXCHANGE_H

#include "net/http.h"

#include "base/curl.h"
#include "net/http_url.h"
#include "net/trust.h"

#define AC_HTTP_IDLE_MAX 16u /* easy handles kept for the next exchange */

struct ac_http_site {
    char *ca_path; /* or NULL */
    bool can_use_plain_http;
    enum ac_trust trust; /* what verified last is tried first; NOBODY: nothing yet */
};

struct ac_http {
    const struct ac_curl *curl;
    CURLM *multi;
    char *user_agent;
    struct ac_http_site *site; /* where a request says nothing else */
    const char *bundle;        /* or NULL; see trust.h */
    struct ac_exchange *under_way;
    CURL *idle[AC_HTTP_IDLE_MAX];
    size_t idle_count;
    struct curl_waitfd *waits; /* of ac_http_wait, kept for the next one */
    size_t wait_capacity;
    struct ac_http_counters counters;
    uint64_t done_depth; /* greatest depth of those that are done */
};

/* Why one of our callbacks stopped libcurl. */
enum ac_exchange_stop {
    AC_EXCHANGE_NOT_STOPPED,
    AC_EXCHANGE_HEADERS_TOO_LONG,
    AC_EXCHANGE_BODY_TOO_LONG,
    AC_EXCHANGE_NO_MEMORY,
    AC_EXCHANGE_NOT_PUBLIC
};

struct ac_exchange {
    struct ac_http *http;      /* lent, as is the site */
    struct ac_http_site *site; /* never NULL */
    struct ac_exchange *next, *previous;
    CURL *easy; /* NULL unless under way */

    /* The question. */
    enum ac_http_method method;
    char *url; /* of the present hop */
    struct ac_url parts;
    struct ac_words headers;
    struct curl_slist *header_list; /* the same with Host, for libcurl */
    char *body;
    size_t body_size;
    size_t body_sent;
    size_t body_max;
    int64_t deadline_ms;
    bool follows_redirects, is_plain, is_foreign, stays_public;
    bool is_public_only, uses_proxy;
    struct curl_slist *connect_list; /* from connect_to, or NULL */
    enum ac_trust trust;
    bool has_tried[AC_TRUST_COUNT];
    unsigned redirects;
    int64_t started_ms, ended_ms;
    uint64_t depth; /* a Lamport clock: see ac_http_counters.round_trips */

    /* The answer. */
    struct ac_text answer;
    struct ac_words answer_headers; /* name, value, name, value, ... */
    size_t header_size;
    enum ac_exchange_stop stop;
    char curl_text[CURL_ERROR_SIZE];
    long status;
    bool is_under_way, is_done, is_sent, is_ambiguous, is_untrusted;
    struct ac_error error; /* code AC_OK: it came whole */
};

/*
 * http_transfer.c: one attempt over libcurl. Start also restarts, for the exchange's
 * present url and trust. End takes the facts of the attempt and the easy handle away;
 * harmless when there is none.
 */
AC_MUST enum ac_code ac_transfer_start(struct ac_exchange *exchange,
                                       struct ac_error *err);
void ac_transfer_end(struct ac_exchange *exchange);

/*
 * http_outcome.c: an attempt ended. Either another one starts (the other trust anchors,
 * a redirect) or the exchange is done.
 */
void ac_outcome_settle(struct ac_exchange *exchange, CURLcode result);
/* Sets the trust to begin with, at the start and after each redirect. */
void ac_outcome_begin_trust(struct ac_exchange *exchange);

/* http_exchange.c: off the list of those that are under way; harmless when not on it.
 */
void ac_exchange_leave(struct ac_exchange *exchange);

/* http_fault.c: the sentence for an attempt that failed; before ac_transfer_end. */
enum ac_code ac_fault_describe(const struct ac_exchange *exchange, CURLcode result,
                               struct ac_error *err);
/* After CURLE_PEER_FAILED_VERIFICATION: trusted, but not this host's certificate. */
bool ac_fault_is_other_name(const struct ac_exchange *exchange);

#endif
