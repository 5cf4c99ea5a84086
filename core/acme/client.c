/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/conversation.h"

#include "acme/wire.h"
#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

static enum ac_code fill(struct ac_client *client,
                         const struct ac_client_settings *settings,
                         struct ac_error *err)
{
    client->http = settings->http;
    client->site = settings->site;
    client->deadline_ms = settings->deadline_ms;
    client->nonce_rate = settings->nonce_rate;
    client->order_rate = settings->order_rate;
    client->other_rate = settings->other_rate;
    client->window.width = AC_CLIENT_WINDOW_START;
    client->wake_at_ms = AC_CLOCK_NEVER;
    AC_TRY(ac_memory_copy_text(settings->directory_url, &client->directory_url, err));
    AC_TRY(ac_memory_copy_text(settings->language ? settings->language : "en",
                               &client->language, err));
    return ac_nonces_new(&client->nonces, err);
}

enum ac_code ac_client_new(const struct ac_client_settings *settings,
                           struct ac_client **ret_client, struct ac_error *err)
{
    AC_AUTO(ac_client) *client = NULL;

    AC_TRY(ac_memory_new(1, sizeof(*client), &client, err));
    AC_TRY(fill(client, settings, err));
    *ret_client = AC_TAKE(client);
    return AC_OK;
}

void ac_client_free(struct ac_client *client)
{
    if (client == NULL)
        return;
    ac_opening_done(&client->opening);
    ac_window_done(&client->window);
    ac_nonces_free(client->nonces);
    ac_key_free(client->key);
    free(client->kid);
    free(client->language);
    free(client->directory_url);
    free(client);
}

static bool is_due(const struct ac_post *post, int64_t now_ms)
{
    return post->state == AC_POST_WAITING && post->due_at_ms <= now_ms;
}

static struct ac_rate *rate_of(struct ac_client *client, const struct ac_post *post)
{
    return post->is_order ? &client->order_rate : &client->other_rate;
}

static void collect_posts(struct ac_client *client, int64_t now_ms)
{
    for (struct ac_post *post = client->first; post; post = post->next) {
        if (post->state != AC_POST_FLYING || !ac_exchange_is_done(post->exchange))
            continue;
        ac_trace_answer(post->number, post->exchange);
        ac_retry_judge(post, now_ms);
    }
}

/* The post's own nonce (6.5: after badNonce) or one of the purse; NULL: none. */
static char *find_nonce(struct ac_client *client, struct ac_post *post, int64_t now_ms)
{
    return post->nonce ? AC_TAKE(post->nonce) : ac_nonces_take(client->nonces, now_ms);
}

/* Returns how many posts lack nothing but a nonce. */
static size_t start_posts(struct ac_client *client, int64_t now_ms)
{
    size_t waiting = 0;

    for (struct ac_post *post = client->first; post; post = post->next) {
        struct ac_rate *rate = rate_of(client, post);
        if (!is_due(post, now_ms) || ac_rate_ready_at_ms(rate, now_ms) > now_ms)
            continue;
        char *nonce = find_nonce(client, post, now_ms);
        if (nonce == NULL) {
            waiting++;
            continue;
        }
        (void)ac_rate_take(rate, now_ms);
        ac_post_send(post, nonce, now_ms);
    }
    return waiting;
}

static void end_all(struct ac_client *client, const struct ac_error *error)
{
    for (struct ac_post *post = client->first; post; post = post->next) {
        if (post->state != AC_POST_DONE)
            ac_post_end(post, error);
    }
}

static void time_out_all(struct ac_client *client)
{
    for (struct ac_post *post = client->first; post; post = post->next) {
        struct ac_error error = { 0 };
        if (post->state == AC_POST_DONE)
            continue;
        post->is_ambiguous = post->state == AC_POST_FLYING;
        ac_exchange_free(AC_TAKE(post->exchange));
        (void)ac_retry_time_is_up(post->what, post->url, &error);
        ac_post_end(post, &error);
    }
    ac_window_done(&client->window);
    client->window.expected = 0;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t post_wake_at_ms(struct ac_client *client, const struct ac_post *post,
                               int64_t now_ms)
{
    if (post->state == AC_POST_DONE)
        return AC_CLOCK_NEVER;
    if (post->state == AC_POST_FLYING || client->opening.state != AC_OPENING_DONE)
        return client->deadline_ms;
    if (post->due_at_ms > now_ms)
        return earlier(post->due_at_ms, client->deadline_ms);

    int64_t ready_at_ms = ac_rate_ready_at_ms(rate_of(client, post), now_ms);
    return ready_at_ms > now_ms ? earlier(ready_at_ms, client->deadline_ms)
                                : client->deadline_ms;
}

static int64_t opening_wake_at_ms(const struct ac_client *client)
{
    if (client->opening.state == AC_OPENING_WAITING)
        return earlier(client->opening.due_at_ms, client->deadline_ms);
    return client->opening.state == AC_OPENING_FLYING ? client->deadline_ms
                                                      : AC_CLOCK_NEVER;
}

static int64_t next_wake_at_ms(struct ac_client *client, size_t waiting, int64_t now_ms)
{
    int64_t wake_at_ms = opening_wake_at_ms(client);

    for (const struct ac_post *post = client->first; post; post = post->next)
        wake_at_ms = earlier(wake_at_ms, post_wake_at_ms(client, post, now_ms));
    if (client->opening.state == AC_OPENING_DONE)
        wake_at_ms = earlier(wake_at_ms, ac_window_wake_at_ms(client, waiting, now_ms));
    return wake_at_ms;
}

void ac_client_step(struct ac_client *client)
{
    int64_t now_ms = ac_clock_now_ms();
    size_t waiting = 0;

    client->has_news = false;
    ac_opening_step(client, now_ms);
    collect_posts(client, now_ms);
    ac_window_collect(client, now_ms);

    if (client->opening.state == AC_OPENING_FAILED) {
        end_all(client, &client->opening.error);
    } else if (now_ms >= client->deadline_ms) {
        time_out_all(client);
    } else if (client->opening.state == AC_OPENING_DONE) {
        waiting = start_posts(client, now_ms);
        ac_window_fill(client, waiting, now_ms);
    }
    client->wake_at_ms =
        client->has_news ? now_ms : next_wake_at_ms(client, waiting, now_ms);
}

int64_t ac_client_wake_at_ms(const struct ac_client *client)
{
    return client->wake_at_ms;
}

void ac_client_open(struct ac_client *client)
{
    if (client->opening.state != AC_OPENING_NOT_ASKED)
        return;
    client->opening.state = AC_OPENING_WAITING;
    client->wake_at_ms = 0;
}

bool ac_client_is_open(const struct ac_client *client)
{
    return client->opening.state == AC_OPENING_DONE
           || client->opening.state == AC_OPENING_FAILED;
}

enum ac_code ac_client_directory(const struct ac_client *client,
                                 const struct ac_directory **ret_directory,
                                 struct ac_error *err)
{
    if (client->opening.state == AC_OPENING_DONE) {
        *ret_directory = client->opening.directory;
        return AC_OK;
    }
    if (client->opening.state != AC_OPENING_FAILED) {
        return ac_fail(err, AC_E_NOTFOUND, "the directory %s has not been read yet",
                       client->directory_url);
    }
    if (err)
        *err = client->opening.error;
    return client->opening.error.code;
}

bool ac_client_clock(const struct ac_client *client, int64_t *ret_ahead_s)
{
    *ret_ahead_s = client->opening.ahead_s;
    return client->opening.has_clock;
}

void ac_client_expect(struct ac_client *client, size_t posts)
{
    if (posts > client->window.expected)
        client->window.expected = posts;
    client->wake_at_ms = 0;
}

void ac_client_set_key(struct ac_client *client, struct ac_key **key)
{
    ac_key_free(client->key);
    client->key = AC_TAKE(*key);
}

void ac_client_swap_key(struct ac_client *client, struct ac_key **key)
{
    struct ac_key *before = client->key;

    client->key = *key;
    *key = before;
}

enum ac_code ac_client_set_kid(struct ac_client *client, const char *kid,
                               struct ac_error *err)
{
    char *copy = NULL;

    if (!ac_wire_is_url(kid))
        return ac_fail(err, AC_E_INVALID, "the account's URL cannot be used");
    AC_TRY(ac_memory_copy_text(kid, &copy, err));
    free(client->kid);
    client->kid = copy;
    return AC_OK;
}

const struct ac_key *ac_client_key(const struct ac_client *client)
{
    return client->key;
}

const char *ac_client_kid(const struct ac_client *client)
{
    return client->kid;
}
