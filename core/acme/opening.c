/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/conversation.h"

#include "base/clock.h"

#include <string.h>

#define DATE_MAX  INT64_C(4102444800) /* 2100-01-01: what says later is no clock */
#define AGE_MAX_S 86400               /* of an answer from some cache */

static void fail(struct ac_client *client, const struct ac_error *error)
{
    client->opening.state = AC_OPENING_FAILED;
    client->opening.error = *error;
    client->has_news = true;
}

static void start(struct ac_client *client)
{
    struct ac_opening *opening = &client->opening;
    struct ac_error error = { 0 };
    enum ac_code code = ac_post_fetch(client, AC_HTTP_GET, client->directory_url,
                                      &opening->exchange, &error);

    if (code == AC_E_INVALID) /* a person gave this URL */
        error.code = AC_E_USAGE;
    if (code != AC_OK) {
        fail(client, &error);
        return;
    }
    opening->state = AC_OPENING_FLYING;
    opening->number = ++client->number;
    ac_trace_fetch(opening->number, "directory", "GET", client->directory_url);
}

/* RFC 9110 6.6.1, RFC 9111 5.1: when the answer was made, and since then. */
static void note_clock(struct ac_opening *opening)
{
    const char *date = ac_exchange_header(opening->exchange, "Date", 0);
    int64_t age_s =
        ac_clock_retry_after(ac_exchange_header(opening->exchange, "Age", 0), NULL);
    int64_t utc = 0;
    struct ac_error ignored;

    if (!date || ac_clock_parse_http(date, &utc, &ignored) != AC_OK
        || utc < AC_CLOCK_FLOOR || utc > DATE_MAX || age_s > AGE_MAX_S)
        return;
    opening->has_clock = true;
    opening->ahead_s = utc + (age_s > 0 ? age_s : 0) - ac_clock_utc();
}

static void parse(struct ac_client *client, int64_t now_ms)
{
    struct ac_opening *opening = &client->opening;
    struct ac_error error = { 0 };
    size_t size = 0;
    const char *body = ac_exchange_body(opening->exchange, &size);

    ac_nonces_put(client->nonces,
                  ac_exchange_header(opening->exchange, "Replay-Nonce", 0), now_ms);
    if (ac_directory_parse(client->directory_url, body, size, &opening->directory,
                           &error)
        != AC_OK) {
        ac_error_about(&error, "%s", client->directory_url);
        fail(client, &error);
        return;
    }
    note_clock(opening);
    opening->state = AC_OPENING_DONE;
}

static void refuse(struct ac_client *client, struct ac_error *error)
{
    /* 404 and the like from no ACME server at all */
    if (error->code == AC_E_PROBLEM && error->problem[0] == '\0') {
        long status = error->http_status;
        (void)ac_fail(
            error, AC_E_PROTOCOL,
            "%s answered with status %ld; is this the URL of an ACME directory?",
            client->directory_url, status);
        error->http_status = status;
    }
    fail(client, error);
}

static void collect(struct ac_client *client, int64_t now_ms)
{
    struct ac_opening *opening = &client->opening;
    struct ac_error error = { 0 };

    ac_trace_answer(opening->number, opening->exchange);
    switch (ac_retry_judge_fetch(opening->exchange, &opening->tries,
                                 client->deadline_ms, &opening->due_at_ms, &error)) {
    case AC_VERDICT_TAKE:
        parse(client, now_ms);
        break;
    case AC_VERDICT_AGAIN:
        opening->state = AC_OPENING_WAITING;
        break;
    case AC_VERDICT_FAIL:
        refuse(client, &error);
        break;
    }
    ac_exchange_free(AC_TAKE(opening->exchange));
}

static bool is_open(const struct ac_opening *opening)
{
    return opening->state == AC_OPENING_DONE || opening->state == AC_OPENING_FAILED;
}

void ac_opening_step(struct ac_client *client, int64_t now_ms)
{
    struct ac_opening *opening = &client->opening;
    struct ac_error error = { 0 };

    if (opening->state == AC_OPENING_NOT_ASKED && client->first)
        opening->state = AC_OPENING_WAITING;
    if (opening->state == AC_OPENING_FLYING && ac_exchange_is_done(opening->exchange))
        collect(client, now_ms);
    if (opening->state == AC_OPENING_NOT_ASKED || is_open(opening))
        return;
    if (now_ms >= client->deadline_ms) {
        ac_exchange_free(AC_TAKE(opening->exchange));
        (void)ac_retry_time_is_up("the directory", client->directory_url, &error);
        fail(client, &error);
        return;
    }
    if (opening->state == AC_OPENING_WAITING && opening->due_at_ms <= now_ms)
        start(client);
}

void ac_opening_done(struct ac_opening *opening)
{
    ac_exchange_free(opening->exchange);
    ac_directory_free(opening->directory);
}
