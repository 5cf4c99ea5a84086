/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What client.c, opening.c, window.c, post.c, retry.c and trace.c know together: the
 * structs behind ac_client and ac_post. Nobody else but account.c and renewal.c
 * includes this.
 */
#ifndef AC_ACME_CONVERSATION_H
#define AC_ACME_CONVERSATION_H

#include "acme/client.h"
#include "acme/nonce.h"

/* What is tried again, and since when it fails. */
struct ac_tries {
    unsigned network;
    unsigned server;
    unsigned limited;
    unsigned nonce; /* badNonce answers in a row */
    int64_t nonce_since_ms;
};

enum ac_verdict {
    AC_VERDICT_TAKE,  /* a 2xx answer */
    AC_VERDICT_AGAIN, /* at *ret_due_at_ms */
    AC_VERDICT_FAIL   /* err says why */
};

enum ac_post_state {
    AC_POST_WAITING, /* until due_at_ms, for a nonce, or for a rate */
    AC_POST_FLYING,
    AC_POST_DONE
};

struct ac_post {
    struct ac_client *client;
    struct ac_post *previous, *next; /* in the client's list, oldest first */

    char *url, *payload, *accept;
    const char *what, *why, *section;
    bool is_keyed, is_order, is_repeatable, is_private;

    enum ac_post_state state;
    int64_t due_at_ms;
    int64_t sent_at_ms;
    char *nonce; /* the one that a badNonce brought; or NULL */
    struct ac_tries tries;
    struct ac_exchange *exchange; /* under way, or the last one */
    uint64_t number;              /* of that one, for --trace */

    struct ac_error error; /* when done; code AC_OK: a 2xx answer */
    bool is_ambiguous;
    struct ac_problem *problem;
    struct ac_json *json;
    char *location;
};

enum ac_opening_state {
    AC_OPENING_NOT_ASKED,
    AC_OPENING_WAITING, /* until due_at_ms */
    AC_OPENING_FLYING,
    AC_OPENING_DONE,
    AC_OPENING_FAILED
};

struct ac_opening {
    enum ac_opening_state state;
    int64_t due_at_ms;
    struct ac_tries tries;
    struct ac_exchange *exchange;
    uint64_t number;
    struct ac_directory *directory;
    bool has_clock;
    int64_t ahead_s; /* ac_client_clock */
    struct ac_error error;
};

/* The HEADs of newNonce that are under way. */
struct ac_window {
    struct ac_exchange *exchanges[AC_NONCE_PURSE_MAX];
    uint64_t numbers[AC_NONCE_PURSE_MAX];
    bool is_head[AC_NONCE_PURSE_MAX]; /* not GET, as it was sent */
    size_t count;
    size_t width;    /* how many may be */
    size_t expected; /* posts to come that want nonces at once */
    bool uses_get;   /* this CA refuses HEAD */
    int64_t due_at_ms;
    struct ac_tries tries;
};

struct ac_client {
    struct ac_http *http;      /* lent */
    struct ac_http_site *site; /* lent; or NULL */
    char *directory_url;
    char *language;
    int64_t deadline_ms;
    struct ac_rate nonce_rate, order_rate, other_rate;
    struct ac_key *key;
    char *kid;
    struct ac_nonces *nonces;
    struct ac_post *first, *last;
    struct ac_opening opening;
    struct ac_window window;
    uint64_t number; /* exchanges so far */
    bool has_news;   /* something ended in this step: its owner must not wait */
    int64_t wake_at_ms;
};

/* ---- opening.c: the directory */
void ac_opening_step(struct ac_client *client, int64_t now_ms);
void ac_opening_done(struct ac_opening *opening);

/* ---- window.c: nonces */
/* Takes in what came; a failure that is final fails the posts that wait for a nonce. */
void ac_window_collect(struct ac_client *client, int64_t now_ms);
/* Starts as many as `waiting` posts, or those expected, want beyond what is at hand. */
void ac_window_fill(struct ac_client *client, size_t waiting, int64_t now_ms);
/* When the next one could start for `waiting` posts. */
int64_t ac_window_wake_at_ms(const struct ac_client *client, size_t waiting,
                             int64_t now_ms);
void ac_window_done(struct ac_window *window);

/* ---- post.c */
/* Signs and sends with this nonce, which is taken. A failure ends the post. */
void ac_post_send(struct ac_post *post, char *nonce, int64_t now_ms);
void ac_post_end(struct ac_post *post, const struct ac_error *error);
/* Starts a GET or HEAD without signature. */
AC_MUST enum ac_code ac_post_fetch(struct ac_client *client, enum ac_http_method method,
                                   const char *url, struct ac_exchange **ret_exchange,
                                   struct ac_error *err);

/* ---- retry.c: what an answer means */
/* The post's exchange is done: the post ends or becomes due again. */
void ac_retry_judge(struct ac_post *post, int64_t now_ms);
/* The same for a request without signature, which may always be repeated. */
enum ac_verdict ac_retry_judge_fetch(const struct ac_exchange *exchange,
                                     struct ac_tries *tries, int64_t deadline_ms,
                                     int64_t *ret_due_at_ms, struct ac_error *err);
int64_t ac_retry_after_of(const struct ac_exchange *exchange);
/* The sentence for a run whose time is up. */
enum ac_code ac_retry_time_is_up(const char *what, const char *url,
                                 struct ac_error *err);

/* ---- trace.c: --trace */
void ac_trace_post(const struct ac_post *post, const char *nonce);
void ac_trace_fetch(uint64_t number, const char *what, const char *method,
                    const char *url);
void ac_trace_answer(uint64_t number, const struct ac_exchange *exchange);

#endif
