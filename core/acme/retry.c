/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/conversation.h"

#include "acme/wire.h"
#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

#define NETWORK_DELAY_MS   300
#define SERVER_DELAY_MS    500
#define DELAY_DOUBLINGS    6
#define LIMITED_TRIES      4 /* a 429 is waited for three times */
#define NONCE_AT_ONCE      5
#define NONCE_DELAY_MS     50
#define NONCE_DELAY_MAX_MS 250
#define MS_PER_S           1000
#define JITTER_PART        10 /* a tenth above, never below (A.12) */

int64_t ac_retry_after_of(const struct ac_exchange *exchange)
{
    return ac_clock_retry_after(ac_exchange_header(exchange, "Retry-After", 0),
                                ac_exchange_header(exchange, "Date", 0));
}

enum ac_code ac_retry_time_is_up(const char *what, const char *url,
                                 struct ac_error *err)
{
    return ac_fail(err, AC_E_TIMEOUT,
                   "the time is up, waiting for the answer to %s (%s)", what, url);
}

static int64_t with_jitter(int64_t delay_ms)
{
    return delay_ms + ac_clock_jitter((uint32_t)(delay_ms / JITTER_PART) + 1);
}

static int64_t back_off(int64_t first_ms, unsigned tries)
{
    unsigned doublings = tries < DELAY_DOUBLINGS ? tries : DELAY_DOUBLINGS;

    return with_jitter(first_ms << doublings);
}

/* Counts one more try when there may be one and its time comes before the deadline. */
static bool can_wait(unsigned *tries, unsigned limit, int64_t delay_ms,
                     int64_t deadline_ms, int64_t *ret_due_at_ms)
{
    int64_t due_at_ms = ac_clock_after_ms(delay_ms);

    if (*tries + 1 >= limit || due_at_ms >= deadline_ms)
        return false;
    ++*tries;
    *ret_due_at_ms = due_at_ms;
    return true;
}

static bool can_repeat_network(const struct ac_exchange *exchange,
                               struct ac_tries *tries, const struct ac_error *err,
                               int64_t deadline_ms, int64_t *ret_due_at_ms)
{
    if (err->code != AC_E_NETWORK || ac_exchange_is_untrusted(exchange))
        return false;
    return can_wait(&tries->network, AC_CLIENT_NETWORK_TRIES,
                    back_off(NETWORK_DELAY_MS, tries->network), deadline_ms,
                    ret_due_at_ms);
}

/* A longer Retry-After is an answer, not a wait. */
static bool can_repeat_refused(const struct ac_exchange *exchange,
                               const struct ac_problem *problem, bool is_repeatable,
                               struct ac_tries *tries, int64_t deadline_ms,
                               int64_t *ret_due_at_ms)
{
    int64_t after_s = ac_retry_after_of(exchange);
    bool is_limited = problem->status == 429 || ac_problem_is(problem, "rateLimited");

    if (after_s > AC_CLIENT_WAIT_MAX_S)
        return false;
    if (is_limited) { /* without a time it is for a person: a paused name, for example
                       */
        return after_s >= 0
               && can_wait(&tries->limited, LIMITED_TRIES,
                           with_jitter(after_s * MS_PER_S), deadline_ms, ret_due_at_ms);
    }
    /* 503: it was not processed. Any other 5xx leaves that open. */
    if (problem->status < 500 || (problem->status != 503 && !is_repeatable))
        return false;
    return can_wait(&tries->server, AC_CLIENT_SERVER_TRIES,
                    after_s >= 0 ? with_jitter(after_s * MS_PER_S)
                                 : back_off(SERVER_DELAY_MS, tries->server),
                    deadline_ms, ret_due_at_ms);
}

/* Where the CA's explanation or its terms stand (6.6, 7.3.3). */
static enum ac_code read_help(const struct ac_exchange *exchange,
                              struct ac_problem *problem, struct ac_error *err)
{
    AC_AUTO(ac_words) urls = { 0 };
    char buffer[AC_PROBLEM_TEXT_MAX];

    AC_TRY(ac_exchange_links(exchange, "terms-of-service", &urls, err));
    if (!ac_problem_is(problem, "userActionRequired"))
        ac_words_done(&urls);
    AC_TRY(ac_exchange_links(exchange, "help", &urls, err));
    if (urls.count == 0)
        return AC_OK;
    ac_text_clean(buffer, sizeof(buffer), urls.items[0], strlen(urls.items[0]));
    return ac_memory_copy_text(buffer, &problem->help, err);
}

static enum ac_code read_problem(const struct ac_exchange *exchange,
                                 struct ac_problem **ret_problem, struct ac_error *err)
{
    AC_AUTO(ac_problem) *problem = NULL;
    size_t size = 0;
    const char *body = ac_exchange_body(exchange, &size);

    AC_TRY(ac_problem_from_answer(ac_exchange_status(exchange), body, size, &problem,
                                  err));
    AC_TRY(read_help(exchange, problem, err));
    *ret_problem = AC_TAKE(problem);
    return AC_OK;
}

static uint32_t retry_after_for_error(const struct ac_exchange *exchange)
{
    int64_t after_s = ac_retry_after_of(exchange);

    return after_s > 0 ? (uint32_t)after_s : 0;
}

/* 2xx: AC_OK, *ret_problem NULL; 4xx and 5xx: AC_OK and a problem; else AC_E_PROTOCOL.
 */
static enum ac_code read_answer(const struct ac_exchange *exchange,
                                struct ac_problem **ret_problem, struct ac_error *err)
{
    long status = ac_exchange_status(exchange);

    if (status >= 400 && status <= 599)
        return read_problem(exchange, ret_problem, err);
    if (status >= 200 && status <= 299)
        return AC_OK;
    if (status >= 300 && status <= 399) {
        return ac_fail(err, AC_E_PROTOCOL,
                       "%s answered with a redirection (%ld), which is not followed",
                       ac_exchange_url(exchange), status);
    }
    return ac_fail(err, AC_E_PROTOCOL, "%s answered with the unusable status %ld",
                   ac_exchange_url(exchange), status);
}

enum ac_verdict ac_retry_judge_fetch(const struct ac_exchange *exchange,
                                     struct ac_tries *tries, int64_t deadline_ms,
                                     int64_t *ret_due_at_ms, struct ac_error *err)
{
    AC_AUTO(ac_problem) *problem = NULL;
    struct ac_error reason = { 0 };

    *err = (struct ac_error){ .code = AC_OK };
    if (ac_exchange_result(exchange, &reason) != AC_OK) {
        *err = reason;
        return can_repeat_network(exchange, tries, err, deadline_ms, ret_due_at_ms)
                   ? AC_VERDICT_AGAIN
                   : AC_VERDICT_FAIL;
    }
    if (read_answer(exchange, &problem, err) != AC_OK)
        return AC_VERDICT_FAIL;
    if (problem == NULL)
        return AC_VERDICT_TAKE;
    (void)ac_problem_fail(problem, retry_after_for_error(exchange), err);
    return can_repeat_refused(exchange, problem, true, tries, deadline_ms,
                              ret_due_at_ms)
               ? AC_VERDICT_AGAIN
               : AC_VERDICT_FAIL;
}

static void wait_until(struct ac_post *post, int64_t due_at_ms)
{
    post->state = AC_POST_WAITING;
    post->due_at_ms = due_at_ms;
}

static void judge_failure(struct ac_post *post, const struct ac_error *err)
{
    bool may_have_arrived = ac_exchange_is_ambiguous(post->exchange);
    int64_t due_at_ms = 0;

    if ((!may_have_arrived || post->is_repeatable)
        && can_repeat_network(post->exchange, &post->tries, err,
                              post->client->deadline_ms, &due_at_ms)) {
        wait_until(post, due_at_ms);
        return;
    }

    struct ac_error error = *err;
    if (err->code == AC_E_NETWORK && ac_clock_left_ms(post->client->deadline_ms) == 0)
        (void)ac_retry_time_is_up(post->what, post->url, &error);
    post->is_ambiguous = may_have_arrived;
    ac_post_end(post, &error);
}

static int64_t nonce_delay(unsigned tries)
{
    int64_t delay_ms = NONCE_DELAY_MS;

    if (tries <= NONCE_AT_ONCE)
        return 0;
    for (unsigned i = NONCE_AT_ONCE + 1; i < tries && delay_ms < NONCE_DELAY_MAX_MS;
         i++)
        delay_ms *= 2;
    return with_jitter(delay_ms < NONCE_DELAY_MAX_MS ? delay_ms : NONCE_DELAY_MAX_MS);
}

static bool has_nonce_patience(struct ac_tries *tries, int64_t now_ms)
{
    if (tries->nonce++ == 0)
        tries->nonce_since_ms = now_ms;
    return tries->nonce < AC_CLIENT_NONCE_TRIES
           && now_ms - tries->nonce_since_ms < AC_CLIENT_NONCE_TOTAL_MS;
}

/*
 * 6.5: the retry must use the nonce of this very answer. The purse is left alone: a
 * stale nonce in it costs one request and brings a fresh one, no more than a newNonce
 * would. Only a CA that sends no nonce here makes the others worthless.
 */
static enum ac_code take_nonce_back(struct ac_post *post, struct ac_error *err)
{
    const char *nonce = ac_exchange_header(post->exchange, "Replay-Nonce", 0);

    if (ac_nonce_is_valid(nonce))
        return ac_memory_copy_text(nonce, &post->nonce, err);
    ac_nonces_clear(post->client->nonces);
    return AC_OK;
}

static void judge_bad_nonce(struct ac_post *post, int64_t now_ms)
{
    struct ac_error error = { 0 };
    int64_t due_at_ms = 0;

    if (!has_nonce_patience(&post->tries, now_ms)) {
        (void)ac_fail(&error, AC_E_PROTOCOL, "the CA rejected %u nonces in a row",
                      post->tries.nonce);
        ac_post_end(post, &error);
        return;
    }
    due_at_ms = ac_clock_after_ms(nonce_delay(post->tries.nonce));
    if (take_nonce_back(post, &error) != AC_OK) {
        ac_post_end(post, &error);
    } else {
        wait_until(post, due_at_ms);
    }
}

/* RFC 9110 10.2.2 allows a path alone; the host is then the one that answered. */
static enum ac_code read_location(struct ac_post *post, struct ac_error *err)
{
    const char *location = ac_exchange_header(post->exchange, "Location", 0);
    const char *host = strstr(post->url, "://");
    int origin = 0;

    if (location == NULL || host == NULL)
        return AC_OK;
    if (location[0] == '/' && location[1] != '/')
        origin = (int)(host + 3 + strcspn(host + 3, "/?#") - post->url);
    AC_TRY(
        ac_memory_format(&post->location, err, "%.*s%s", origin, post->url, location));
    if (!ac_wire_is_url(post->location)) {
        free(post->location);
        post->location = NULL;
    }
    return AC_OK;
}

static void judge_refusal(struct ac_post *post, struct ac_problem **problem,
                          int64_t now_ms)
{
    struct ac_client *client = post->client;
    struct ac_error error = { 0 };
    int64_t due_at_ms = 0;

    if (ac_problem_is(*problem, "badNonce")) {
        judge_bad_nonce(post, now_ms);
        return;
    }
    post->tries.nonce = 0;
    if (can_repeat_refused(post->exchange, *problem, post->is_repeatable, &post->tries,
                           client->deadline_ms, &due_at_ms)) {
        wait_until(post, due_at_ms);
        return;
    }
    if (read_location(post, &error) == AC_OK)
        (void)ac_problem_fail(*problem, retry_after_for_error(post->exchange), &error);
    /* A gateway that gave up (502, 504) does not know what the CA did. */
    post->is_ambiguous = (*problem)->status >= 500 && (*problem)->status != 503;
    post->problem = AC_TAKE(*problem);
    ac_post_end(post, &error);
}

static void judge_answer(struct ac_post *post, int64_t now_ms)
{
    AC_AUTO(ac_problem) *problem = NULL;
    struct ac_error error = { .code = AC_OK };
    enum ac_code code = read_answer(post->exchange, &problem, &error);

    if (!ac_problem_is(problem, "badNonce")) {
        ac_nonces_put(post->client->nonces,
                      ac_exchange_header(post->exchange, "Replay-Nonce", 0), now_ms);
    }
    if (code == AC_OK && problem) {
        judge_refusal(post, &problem, now_ms);
        return;
    }
    if (code == AC_OK && read_location(post, &error) == AC_OK)
        error = (struct ac_error){ .code = AC_OK };
    ac_post_end(post, &error);
}

void ac_retry_judge(struct ac_post *post, int64_t now_ms)
{
    struct ac_error error = { 0 };

    if (ac_exchange_result(post->exchange, &error) == AC_OK) {
        judge_answer(post, now_ms);
    } else {
        judge_failure(post, &error);
    }
}
