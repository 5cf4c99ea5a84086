/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/renewal.h"

#include "acme/conversation.h"
#include "acme/wire.h"
#include "base/clock.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define WHAT "renewalInfo"

enum query_state {
    QUERY_WAITING, /* until due_at_ms */
    QUERY_FLYING,
    QUERY_DONE
};

struct ac_renewal_query {
    struct ac_client *client; /* lent */
    char *url;
    enum query_state state;
    int64_t due_at_ms, deadline_ms;
    struct ac_tries tries;
    struct ac_exchange *exchange; /* under way, or NULL */
    uint64_t number;              /* of that one, for --trace */
    int64_t check_after_s;
    struct ac_renewal renewal;
    struct ac_error error; /* when done */
};

/* ---- what the CA says */

static enum ac_code read_date(const struct ac_json *window, const char *member,
                              int64_t *ret_utc, struct ac_error *err)
{
    const char *text = ac_json_text_or(window, member, NULL);
    struct ac_error ignored = { 0 };

    if (text == NULL || ac_clock_parse(text, ret_utc, &ignored) != AC_OK
        || *ret_utc < 0) {
        return ac_fail(err, AC_E_PROTOCOL,
                       "the CA's suggested renewal window has no usable %s", member);
    }
    return AC_OK;
}

static enum ac_code read_window(const struct ac_json *json, struct ac_renewal *renewal,
                                struct ac_error *err)
{
    const struct ac_json *window = ac_json_get(json, "suggestedWindow");

    if (!ac_json_is_object(window)) {
        return ac_fail(err, AC_E_PROTOCOL,
                       "the CA's renewal information has no suggested window");
    }
    AC_TRY(read_date(window, "start", &renewal->start, err));
    AC_TRY(read_date(window, "end", &renewal->end, err));
    if (renewal->end <= renewal->start) {
        return ac_fail(err, AC_E_PROTOCOL,
                       "the CA's suggested renewal window ends before it begins");
    }
    return AC_OK;
}

enum ac_code ac_renewal_parse(const char *body, size_t size,
                              struct ac_renewal *ret_renewal, struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(ac_renewal) renewal = { 0 };
    struct ac_error reason = { 0 };
    enum ac_code code = ac_json_parse(body, size, &json, &reason);

    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "no memory for renewal information");
    if (code != AC_OK) {
        return ac_fail(err, AC_E_PROTOCOL,
                       "the CA's renewal information is no JSON: %s", reason.detail);
    }
    AC_TRY(read_window(json, &renewal, err));
    if (ac_wire_is_url(ac_json_text_or(json, "explanationURL", NULL))) {
        AC_TRY(ac_wire_clean_member(json, "explanationURL", &renewal.explanation_url,
                                    err));
    }
    *ret_renewal = renewal;
    renewal = (struct ac_renewal){ 0 };
    return AC_OK;
}

void ac_renewal_done(struct ac_renewal *renewal)
{
    free(renewal->explanation_url);
    *renewal = (struct ac_renewal){ 0 };
}

/* ---- asking */

/* 4.1: the base, "/" and the id; Pebble's base ends without a slash, others' with one.
 */
static enum ac_code join(const char *base, const char *id, char **ret_url,
                         struct ac_error *err)
{
    size_t size = strlen(base);

    if (size > 0 && base[size - 1] == '/')
        size--;
    return ac_memory_format(ret_url, err, "%.*s/%s", (int)size, base, id);
}

enum ac_code ac_renewal_ask(struct ac_client *client, const char *certificate_id,
                            struct ac_renewal_query **ret_query, struct ac_error *err)
{
    AC_AUTO(ac_renewal_query) *query = NULL;
    const struct ac_directory *directory = NULL;

    AC_TRY(ac_client_directory(client, &directory, err));
    if (directory->renewal_info == NULL)
        return ac_fail(err, AC_E_NOTFOUND, "this CA has no renewal information");
    AC_TRY(ac_memory_new(1, sizeof(*query), &query, err));
    query->client = client;
    query->check_after_s = AC_RENEWAL_CHECK_S;
    query->deadline_ms = ac_clock_after_ms(AC_RENEWAL_QUERY_MS);
    if (query->deadline_ms > client->deadline_ms)
        query->deadline_ms = client->deadline_ms;
    AC_TRY(join(directory->renewal_info, certificate_id, &query->url, err));
    *ret_query = AC_TAKE(query);
    return AC_OK;
}

static void end(struct ac_renewal_query *query, const struct ac_error *error)
{
    query->error = *error;
    query->state = QUERY_DONE;
}

static enum ac_code start_exchange(struct ac_renewal_query *query, struct ac_error *err)
{
    AC_AUTO_TEXT char *language = NULL;

    AC_TRY(ac_memory_format(&language, err, "Accept-Language: %s",
                            query->client->language));

    const char *const headers[] = { "Accept: application/json", language, NULL };
    struct ac_http_request request = {
        .method = AC_HTTP_GET,
        .site = query->client->site,
        .url = query->url,
        .headers = headers,
        .body_max = AC_RENEWAL_BODY_MAX,
        .deadline_ms = query->deadline_ms,
    };
    return ac_http_start(query->client->http, &request, &query->exchange, err);
}

static void start(struct ac_renewal_query *query, int64_t now_ms)
{
    struct ac_client *client = query->client;
    struct ac_error error = { 0 };
    int64_t ready_at_ms = ac_rate_ready_at_ms(&client->other_rate, now_ms);

    if (ready_at_ms > now_ms) {
        query->due_at_ms = ready_at_ms;
        return;
    }
    (void)ac_rate_take(&client->other_rate, now_ms);
    if (start_exchange(query, &error) != AC_OK) {
        /* The URL is the CA's: one that may not be asked is its fault. */
        if (error.code == AC_E_INVALID)
            error.code = AC_E_PROTOCOL;
        end(query, &error);
        return;
    }
    query->state = QUERY_FLYING;
    query->number = ++client->number;
    ac_trace_fetch(query->number, WHAT, "GET", query->url);
}

/* 4.3.2. Also of a refusal: 429 and 503 say when to come back. */
static void read_retry_after(struct ac_renewal_query *query)
{
    int64_t after_s = ac_retry_after_of(query->exchange);

    if (after_s < 0)
        return;
    if (after_s < AC_RENEWAL_CHECK_MIN_S)
        after_s = AC_RENEWAL_CHECK_MIN_S;
    if (after_s > AC_RENEWAL_CHECK_MAX_S)
        after_s = AC_RENEWAL_CHECK_MAX_S;
    query->check_after_s = after_s;
}

/* 4.3.3: what is no renewal information is asked for again in hours, whatever its
 * Retry-After says. */
static void take(struct ac_renewal_query *query)
{
    struct ac_error error = { 0 };
    size_t size = 0;
    const char *body = ac_exchange_body(query->exchange, &size);

    if (ac_renewal_parse(body, size, &query->renewal, &error) == AC_OK)
        read_retry_after(query);
    end(query, &error);
}

static void collect(struct ac_renewal_query *query)
{
    struct ac_error error = { 0 };

    ac_trace_answer(query->number, query->exchange);
    switch (ac_retry_judge_fetch(query->exchange, &query->tries, query->deadline_ms,
                                 &query->due_at_ms, &error)) {
    case AC_VERDICT_TAKE:
        take(query);
        break;
    case AC_VERDICT_AGAIN:
        query->state = QUERY_WAITING;
        break;
    case AC_VERDICT_FAIL:
        read_retry_after(query);
        end(query, &error);
        break;
    }
    ac_exchange_free(AC_TAKE(query->exchange));
}

void ac_renewal_query_step(struct ac_renewal_query *query)
{
    int64_t now_ms = ac_clock_now_ms();
    struct ac_error error = { 0 };

    if (query->state == QUERY_FLYING && ac_exchange_is_done(query->exchange))
        collect(query);
    if (query->state == QUERY_DONE)
        return;
    if (now_ms >= query->deadline_ms) {
        (void)ac_retry_time_is_up(WHAT, query->url, &error);
        end(query, &error);
        return;
    }
    if (query->state == QUERY_WAITING && query->due_at_ms <= now_ms)
        start(query, now_ms);
}

bool ac_renewal_query_is_done(const struct ac_renewal_query *query)
{
    return query->state == QUERY_DONE;
}

int64_t ac_renewal_query_wake_at_ms(const struct ac_renewal_query *query)
{
    if (query->state == QUERY_DONE)
        return AC_CLOCK_NEVER;
    if (query->state == QUERY_WAITING && query->due_at_ms < query->deadline_ms)
        return query->due_at_ms;
    return query->deadline_ms;
}

enum ac_code ac_renewal_query_result(const struct ac_renewal_query *query,
                                     const struct ac_renewal **ret_renewal,
                                     struct ac_error *err)
{
    assert(query->state == QUERY_DONE);
    if (query->error.code != AC_OK) {
        *err = query->error;
        return err->code;
    }
    *ret_renewal = &query->renewal;
    return AC_OK;
}

int64_t ac_renewal_query_check_after_s(const struct ac_renewal_query *query)
{
    return query->check_after_s;
}

void ac_renewal_query_free(struct ac_renewal_query *query)
{
    if (query == NULL)
        return;
    ac_exchange_free(query->exchange);
    ac_renewal_done(&query->renewal);
    free(query->url);
    free(query);
}
