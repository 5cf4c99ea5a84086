/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/conversation.h"

#include "base/clock.h"

/* A post that takes longer is not waited for: some CAs validate before they answer. */
#define PATIENCE_MS 500
/* After a failure that is final, when others may still bring nonces. */
#define PAUSE_MS 1000

struct supply {
    size_t soon;        /* nonces at hand or about to come */
    size_t all;         /* those of slow posts too */
    int64_t slow_at_ms; /* when the next post under way counts as slow */
};

static void count_post(const struct ac_post *post, int64_t now_ms,
                       struct supply *supply)
{
    int64_t slow_at_ms = post->sent_at_ms + PATIENCE_MS;

    if (post->nonce) {
        supply->soon++;
        supply->all++;
    }
    if (post->state != AC_POST_FLYING)
        return;
    supply->all++;
    if (slow_at_ms <= now_ms)
        return;
    supply->soon++;
    if (slow_at_ms < supply->slow_at_ms)
        supply->slow_at_ms = slow_at_ms;
}

/* Nonces are neither made nor lost by posts: each takes one and brings one back. */
static struct supply count_supply(const struct ac_client *client, int64_t now_ms)
{
    size_t at_hand = ac_nonces_count(client->nonces) + client->window.count;
    struct supply supply = { .soon = at_hand,
                             .all = at_hand,
                             .slow_at_ms = AC_CLOCK_NEVER };

    for (const struct ac_post *post = client->first; post; post = post->next)
        count_post(post, now_ms, &supply);
    return supply;
}

static size_t at_least_zero(size_t from, size_t take)
{
    return from > take ? from - take : 0;
}

/* How many more are wanted, whatever the window and the rate say. */
static size_t count_missing(const struct ac_client *client, size_t waiting,
                            const struct supply *supply)
{
    size_t expected = client->window.expected;
    size_t wanted = waiting > expected ? waiting : expected;
    size_t missing = at_least_zero(wanted, supply->soon);
    size_t room = at_least_zero(AC_NONCE_PURSE_MAX, supply->all);

    return missing < room ? missing : room;
}

static enum ac_code start(struct ac_client *client, struct ac_error *err)
{
    struct ac_window *window = &client->window;
    const char *url = client->opening.directory->new_nonce;
    struct ac_exchange **slot = &window->exchanges[window->count];

    AC_TRY(ac_post_fetch(client, window->uses_get ? AC_HTTP_GET : AC_HTTP_HEAD, url,
                         slot, err));
    window->is_head[window->count] = !window->uses_get;
    window->numbers[window->count++] = ++client->number;
    ac_trace_fetch(client->number, "newNonce", window->uses_get ? "GET" : "HEAD", url);
    return AC_OK;
}

static bool lacks_nonce(const struct ac_post *post)
{
    return post->state == AC_POST_WAITING && post->nonce == NULL;
}

/* Nothing that could still bring a nonce. */
static bool is_dry(const struct ac_client *client, int64_t now_ms)
{
    return count_supply(client, now_ms).all == 0;
}

/* What waits for a nonce was not sent: whoever refused that one has not refused this.
 */
static struct ac_error for_posts(const struct ac_error *error)
{
    struct ac_error about = *error;

    if (about.code == AC_E_PROBLEM)
        about.code = AC_E_NETWORK;
    ac_error_about(&about, "newNonce");
    return about;
}

static void give_up(struct ac_client *client, const struct ac_error *error,
                    int64_t now_ms)
{
    struct ac_window *window = &client->window;
    struct ac_error about = for_posts(error);

    window->expected = 0;
    window->tries = (struct ac_tries){ 0 };
    window->due_at_ms = now_ms;
    if (!is_dry(client, now_ms)) {
        window->due_at_ms = ac_clock_after_ms(PAUSE_MS);
        return;
    }
    for (struct ac_post *post = client->first; post; post = post->next) {
        if (lacks_nonce(post))
            ac_post_end(post, &about);
    }
}

void ac_window_fill(struct ac_client *client, size_t waiting, int64_t now_ms)
{
    struct ac_window *window = &client->window;
    struct supply supply = count_supply(client, now_ms);
    size_t missing = count_missing(client, waiting, &supply);
    struct ac_error error = { 0 };

    if (window->due_at_ms > now_ms)
        return;
    for (; missing > 0 && window->count < window->width; missing--) {
        if (ac_rate_ready_at_ms(&client->nonce_rate, now_ms) > now_ms)
            return;
        (void)ac_rate_take(&client->nonce_rate, now_ms);
        if (start(client, &error) != AC_OK) {
            if (error.code == AC_E_INVALID) /* the CA's own URL */
                error.code = AC_E_PROTOCOL;
            give_up(client, &error, now_ms);
            return;
        }
    }
}

int64_t ac_window_wake_at_ms(const struct ac_client *client, size_t waiting,
                             int64_t now_ms)
{
    const struct ac_window *window = &client->window;
    struct supply supply = count_supply(client, now_ms);

    if (count_missing(client, waiting, &supply) == 0)
        return waiting > 0 ? supply.slow_at_ms : AC_CLOCK_NEVER;
    if (window->due_at_ms > now_ms)
        return window->due_at_ms;
    if (window->count >= window->width)
        return AC_CLOCK_NEVER; /* one that comes back wakes us */
    return ac_rate_ready_at_ms(&client->nonce_rate, now_ms);
}

static void narrow(struct ac_window *window)
{
    window->width = window->width > 1 ? window->width / 2 : 1;
}

/*
 * One wider for each that came: while the window is used in full it doubles every round
 * trip (DESIGN 4).
 */
static void widen(struct ac_window *window)
{
    if (window->width < AC_NONCE_PURSE_MAX)
        window->width++;
    window->tries = (struct ac_tries){ 0 };
}

/* NO-01: HEAD is what 7.2 asks for; some only know GET. Each of a wave is refused. */
static bool is_head_refused(struct ac_window *window, size_t index,
                            const struct ac_error *error)
{
    if (!window->is_head[index]
        || (error->http_status != 405 && error->http_status != 501))
        return false;
    window->uses_get = true;
    return true;
}

static enum ac_verdict take(struct ac_client *client,
                            const struct ac_exchange *exchange, int64_t now_ms,
                            struct ac_error *error)
{
    const char *nonce = ac_exchange_header(exchange, "Replay-Nonce", 0);

    if (!ac_nonce_is_valid(nonce)) {
        (void)ac_fail(error, AC_E_PROTOCOL, "%s gave no usable nonce",
                      ac_exchange_url(exchange));
        return ++client->window.tries.server < AC_CLIENT_SERVER_TRIES ? AC_VERDICT_AGAIN
                                                                      : AC_VERDICT_FAIL;
    }
    ac_nonces_put(client->nonces, nonce, now_ms);
    widen(&client->window);
    return AC_VERDICT_TAKE;
}

/* A whole wave fails together: what is known already is not counted again. */
static enum ac_verdict judge(struct ac_client *client, size_t index, int64_t now_ms,
                             struct ac_error *error)
{
    struct ac_window *window = &client->window;
    const struct ac_exchange *exchange = window->exchanges[index];
    bool is_known = window->due_at_ms > now_ms;
    int64_t due_at_ms = now_ms;
    struct ac_tries tries = window->tries;
    enum ac_verdict verdict =
        ac_retry_judge_fetch(exchange, &tries, client->deadline_ms, &due_at_ms, error);

    if (verdict == AC_VERDICT_TAKE)
        return take(client, exchange, now_ms, error);
    if (verdict == AC_VERDICT_FAIL && is_head_refused(window, index, error))
        return AC_VERDICT_AGAIN;
    if (is_known)
        return AC_VERDICT_AGAIN;
    narrow(window);
    window->tries = tries;
    window->due_at_ms = due_at_ms;
    return verdict;
}

static void remove_at(struct ac_window *window, size_t index)
{
    ac_exchange_free(window->exchanges[index]);
    window->count--;
    window->exchanges[index] = window->exchanges[window->count];
    window->numbers[index] = window->numbers[window->count];
    window->is_head[index] = window->is_head[window->count];
    window->exchanges[window->count] = NULL;
}

void ac_window_collect(struct ac_client *client, int64_t now_ms)
{
    struct ac_window *window = &client->window;
    struct ac_error final = { .code = AC_OK };

    for (size_t i = window->count; i-- > 0;) {
        struct ac_error error = { .code = AC_OK };
        if (!ac_exchange_is_done(window->exchanges[i]))
            continue;
        ac_trace_answer(window->numbers[i], window->exchanges[i]);
        if (judge(client, i, now_ms, &error) == AC_VERDICT_FAIL)
            final = error;
        remove_at(window, i);
    }
    if (final.code != AC_OK)
        give_up(client, &final, now_ms);
}

void ac_window_done(struct ac_window *window)
{
    while (window->count > 0)
        remove_at(window, window->count - 1);
}
