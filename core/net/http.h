/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many bounded HTTP exchanges at once over one curl_multi. The loop drives it.
 *
 * An exchange is a value to come: start it, let the loop turn, and when it is done read
 * status, headers and body from it. Each has its own deadline and limits. Nothing here
 * knows ACME. Nothing blocks but ac_http_wait, which is the program's one wait.
 */
#ifndef AC_NET_HTTP_H
#define AC_NET_HTTP_H

#include "base/memory.h"
#include "base/text.h"

#include <poll.h>
#include <stdbool.h>

#define AC_HTTP_BODY_MAX    (1024u * 1024u) /* unless the request says less or more */
#define AC_HTTP_HEADERS_MAX (64u * 1024u)   /* all header lines of an answer together */
#define AC_HTTP_REDIRECTS   10

struct ac_http;
struct ac_http_site;
struct ac_exchange;

struct ac_http_settings {
    const char *user_agent;  /* "acmecore/0.1.0 (…)"; " libcurl/x" is added */
    const char *ca_path;     /* more trust anchors (PEM) beside the system's; or NULL */
    bool can_use_plain_http; /* --insecure-http: http:// URLs are let through */
};

/*
 * A server, or several of one owner, that are reached in a way of their own: with more
 * trust anchors than the system's, or without TLS. What verified there last is tried
 * first. AC_E_USAGE: ca_path (or NULL) cannot be read or holds no certificate.
 */
AC_MUST enum ac_code ac_http_site_new(const char *ca_path, bool can_use_plain_http,
                                      struct ac_http_site **ret_site,
                                      struct ac_error *err);
/* After the exchanges with it. */
void ac_http_site_free(struct ac_http_site *site);
AC_DEFINE_DROP(ac_http_site, ac_http_site_free)

enum ac_http_method {
    AC_HTTP_GET,
    AC_HTTP_HEAD,
    AC_HTTP_POST
};

struct ac_http_request {
    enum ac_http_method method;
    const char *url;            /* copied */
    const char *const *headers; /* "Name: value", NULL-terminated, copied; or NULL */
    const void *body;           /* POST; copied */
    size_t body_size;
    size_t body_max;           /* of the answer; 0: AC_HTTP_BODY_MAX */
    int64_t deadline_ms;       /* monotonic (ac_clock); total, connect included */
    bool follows_redirects;    /* GET only; never from https to http */
    bool is_plain;             /* http:// is right here (self-check of http-01) */
    struct ac_http_site *site; /* borrowed; NULL: the one of the settings */
    const char *connect_to;    /* "host:port" to connect to instead; or NULL */
    bool is_foreign;           /* not the CA: not counted, own connections, no proxy */
    /* Redirects are followed to the ports 80 and 443 only, and not to this machine or
     * a private network by address, unless the one who redirects is there (public.h).
     */
    bool stays_public;
    /* Nobody there is asked at all, however the name leads to it: a stranger chose the
     * URL. Where a proxy is set, it is the proxy's to say. */
    bool is_public_only;
    bool uses_proxy; /* although it is foreign */
};

/* What this program sent so far (is_foreign left out). */
struct ac_http_counters {
    uint64_t requests;
    /* The longest chain of exchanges in which each was started after the one before it
     * had ended: what latency multiplies. */
    uint64_t round_trips;
    uint64_t bytes_sent;
    uint64_t bytes_received;
};

/* Opens libcurl. AC_E_USAGE: ca_path cannot be read or holds no certificate. */
AC_MUST enum ac_code ac_http_new(const struct ac_http_settings *settings,
                                 struct ac_http **ret_http, struct ac_error *err);
/* Exchanges must have been freed before. Takes NULL. */
void ac_http_free(struct ac_http *http);
AC_DEFINE_DROP(ac_http, ac_http_free)

/*
 * Starts one exchange. AC_E_INVALID: the URL is no http(s) URL, has credentials or
 * control characters, or is http:// where that is not allowed.
 */
AC_MUST enum ac_code ac_http_start(struct ac_http *http,
                                   const struct ac_http_request *request,
                                   struct ac_exchange **ret_exchange,
                                   struct ac_error *err);
bool ac_exchange_is_done(const struct ac_exchange *exchange);
/*
 * How it ended, once done: AC_OK when an answer with a status came whole; AC_E_NETWORK
 * (cannot resolve, connect refused, TLS not trusted, reset, cut short, deadline: each
 * its own sentence naming host and port) or AC_E_PROTOCOL (over a limit, not HTTP).
 */
AC_MUST enum ac_code ac_exchange_result(const struct ac_exchange *exchange,
                                        struct ac_error *err);
/* True when the request may have reached the server although no answer came (A.3). */
bool ac_exchange_is_ambiguous(const struct ac_exchange *exchange);
/* AC_E_NETWORK because the server's certificate is not trusted, or not for this host:
 * a second try will see the same. */
bool ac_exchange_is_untrusted(const struct ac_exchange *exchange);
long ac_exchange_status(const struct ac_exchange *exchange);
/* The index-th header of this name (any case) or NULL; lent, white space trimmed. */
const char *ac_exchange_header(const struct ac_exchange *exchange, const char *name,
                               size_t index);
/* The body, NUL-terminated after *ret_size bytes; never NULL; lent. */
const char *ac_exchange_body(const struct ac_exchange *exchange, size_t *ret_size);
/* The URL that answered in the end (after redirects); lent. */
const char *ac_exchange_url(const struct ac_exchange *exchange);
/* Is that another URL than was asked for? */
bool ac_exchange_was_redirected(const struct ac_exchange *exchange);
int64_t ac_exchange_elapsed_ms(const struct ac_exchange *exchange);
/* One that is under way is cancelled. Takes NULL. */
void ac_exchange_free(struct ac_exchange *exchange);
AC_DEFINE_DROP(ac_exchange, ac_exchange_free)

/*
 * The wait: until one of our connections or one of `fds` (borrowed; revents are set) is
 * ready or timeout_ms passed (curl's own timers may end it sooner). Then lets libcurl
 * work and marks finished exchanges as done. fds may be NULL when count is 0.
 */
AC_MUST enum ac_code ac_http_wait(struct ac_http *http, struct pollfd *fds,
                                  size_t count, int timeout_ms, struct ac_error *err);
struct ac_http_counters ac_http_counters(const struct ac_http *http);

/*
 * RFC 8288: the targets of all Link headers of the answer with this relation, resolved
 * against the exchange's URL, appended to `urls`. Garbage links are left out.
 */
AC_MUST enum ac_code ac_exchange_links(const struct ac_exchange *exchange,
                                       const char *relation, struct ac_words *urls,
                                       struct ac_error *err);

#endif
