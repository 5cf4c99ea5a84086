/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One signed conversation with one CA: signed POSTs, many at once, with nonces, bounded
 * retries and the CA's rate limits. The only user of nonce and jws.
 *
 * A post is a value to come. The loop calls ac_client_step after each wait.
 */
#ifndef AC_ACME_CLIENT_H
#define AC_ACME_CLIENT_H

#include "acme/directory.h"
#include "acme/problem.h"
#include "base/rate.h"
#include "crypto/key.h"
#include "net/http.h"

#define AC_CLIENT_JSON_MAX       (1024u * 1024u) /* a JSON answer */
#define AC_CLIENT_NONCE_TRIES    100 /* SERVERS: 90 % rejection is a test of Pebble's */
#define AC_CLIENT_NONCE_TOTAL_MS 20000
#define AC_CLIENT_NETWORK_TRIES  4  /* of a request that may be repeated */
#define AC_CLIENT_SERVER_TRIES   4  /* 5xx, each after its Retry-After or a back-off */
#define AC_CLIENT_WAIT_MAX_S     30 /* a longer Retry-After is an answer, not a wait */
#define AC_CLIENT_REQUEST_MS     60000 /* one exchange; the deadline may be nearer */
#define AC_CLIENT_WINDOW_START   10 /* nonces wanted at first; doubles a round trip */

struct ac_client;
struct ac_post;

struct ac_client_settings {
    struct ac_http *http;      /* borrowed; outlives the client */
    struct ac_http_site *site; /* the CA's servers; borrowed likewise; or NULL */
    const char *directory_url; /* copied */
    const char *language;      /* Accept-Language */
    int64_t deadline_ms;       /* of the whole run */
    /* The CA's published limits, or zero structs. */
    struct ac_rate nonce_rate, order_rate, other_rate;
};

AC_MUST enum ac_code ac_client_new(const struct ac_client_settings *settings,
                                   struct ac_client **ret_client, struct ac_error *err);
/* Its posts must have been freed before. */
void ac_client_free(struct ac_client *client);
AC_DEFINE_DROP(ac_client, ac_client_free)

/* The loop: start what may start, take in what has ended. */
void ac_client_step(struct ac_client *client);
int64_t ac_client_wake_at_ms(const struct ac_client *client);

/* Begins to fetch the directory (GET; also done by the first post). */
void ac_client_open(struct ac_client *client);
/* Has that ended, well or not? */
bool ac_client_is_open(const struct ac_client *client);
/* The directory (lent), or why there is none. */
AC_MUST enum ac_code ac_client_directory(const struct ac_client *client,
                                         const struct ac_directory **ret_directory,
                                         struct ac_error *err);
/* By how much the CA's clock was ahead of ours when it answered for its directory
 * (negative: behind). False: that has not been asked, or does not say. */
bool ac_client_clock(const struct ac_client *client, int64_t *ret_ahead_s);
/* Says how many posts will soon want nonces at once, so that they are fetched beside
 * requests that run anyway (DESIGN 4). */
void ac_client_expect(struct ac_client *client, size_t posts);

/* The account key, taken; kid may be NULL until the account is known. */
void ac_client_set_key(struct ac_client *client, struct ac_key **key);
/* The key and *key change places; the posts that are sent from now on have the other.
 */
void ac_client_swap_key(struct ac_client *client, struct ac_key **key);
AC_MUST enum ac_code ac_client_set_kid(struct ac_client *client, const char *kid,
                                       struct ac_error *err);
const struct ac_key *ac_client_key(const struct ac_client *client);
const char *ac_client_kid(const struct ac_client *client);

struct ac_post_request {
    const char *url;     /* copied, sent byte for byte */
    const char *payload; /* JSON text, copied; NULL: POST-as-GET */
    const char *accept;  /* media type, or NULL: application/json */
    const char *what;    /* static: "newOrder"; for messages and --trace */
    const char *why;     /* static: one sentence for --trace */
    const char *section; /* static: "RFC 8555 7.4" */
    bool is_keyed;       /* the public key instead of the kid (newAccount, 7.3) */
    bool is_order;       /* counts against the CA's newOrder limit */
    /* May be sent again when it is unknown whether it arrived: reading, newAccount. */
    bool is_repeatable;
    bool is_private; /* --trace must not show the payload (EAB) */
};

AC_MUST enum ac_code ac_client_post(struct ac_client *client,
                                    const struct ac_post_request *request,
                                    struct ac_post **ret_post, struct ac_error *err);
bool ac_post_is_done(const struct ac_post *post);
/*
 * AC_OK: a 2xx answer. AC_E_PROBLEM, AC_E_RATE_LIMITED: the CA refused
 * (ac_post_problem). AC_E_NETWORK, AC_E_PROTOCOL, AC_E_TIMEOUT: no usable answer within
 * the bounds.
 */
AC_MUST enum ac_code ac_post_result(const struct ac_post *post, struct ac_error *err);
/* After AC_E_NETWORK: it may have been carried out; read the object, then decide. */
bool ac_post_is_ambiguous(const struct ac_post *post);
/* NULL unless the CA refused. Lent. */
const struct ac_problem *ac_post_problem(const struct ac_post *post);
long ac_post_status(const struct ac_post *post);
const char *ac_post_url(const struct ac_post *post);
/* The answer as a JSON object, lent. AC_E_PROTOCOL: it is none. */
AC_MUST enum ac_code ac_post_json(struct ac_post *post, const struct ac_json **ret_json,
                                  struct ac_error *err);
const char *ac_post_body(const struct ac_post *post, size_t *ret_size);
/* The first header of this name (any case), or NULL. Lent. */
const char *ac_post_header(const struct ac_post *post, const char *name);
/* Location, absolute; NULL when absent or bad. Lent. */
const char *ac_post_location(const struct ac_post *post);
/* Seconds from Retry-After (not negative), or -1. */
int64_t ac_post_retry_after(const struct ac_post *post);
AC_MUST enum ac_code ac_post_links(const struct ac_post *post, const char *relation,
                                   struct ac_words *urls, struct ac_error *err);
/* Takes NULL; one under way is cancelled. */
void ac_post_free(struct ac_post *post);
AC_DEFINE_DROP(ac_post, ac_post_free)

#endif
