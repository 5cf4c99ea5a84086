/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/conversation.h"

#include "acme/jws.h"
#include "acme/wire.h"
#include "base/clock.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define CONTENT_TYPE  "Content-Type: application/jose+json" /* 6.2: exactly this */
#define HEADERS_COUNT 4                                     /* with the NULL */

static void append(struct ac_client *client, struct ac_post *post)
{
    post->previous = client->last;
    if (client->last) {
        client->last->next = post;
    } else {
        client->first = post;
    }
    client->last = post;
    client->wake_at_ms = 0;
}

static void unlink_post(struct ac_post *post)
{
    struct ac_client *client = post->client;

    if (post->previous) {
        post->previous->next = post->next;
    } else {
        client->first = post->next;
    }
    if (post->next) {
        post->next->previous = post->previous;
    } else {
        client->last = post->previous;
    }
}

static enum ac_code copy_request(const struct ac_post_request *request,
                                 struct ac_post *post, struct ac_error *err)
{
    const char *accept = request->accept ? request->accept : "application/json";

    post->what = request->what;
    post->why = request->why;
    post->section = request->section;
    post->is_keyed = request->is_keyed;
    post->is_order = request->is_order;
    post->is_repeatable = request->is_repeatable;
    post->is_private = request->is_private;
    AC_TRY(ac_memory_copy_text(request->url, &post->url, err));
    AC_TRY(ac_memory_copy_text(accept, &post->accept, err));
    return request->payload ? ac_memory_copy_text(request->payload, &post->payload, err)
                            : AC_OK;
}

static void free_parts(struct ac_post *post)
{
    ac_exchange_free(post->exchange);
    ac_problem_free(post->problem);
    ac_json_free(post->json);
    free(post->location);
    free(post->nonce);
    free(post->accept);
    free(post->payload);
    free(post->url);
    free(post);
}

static void consume_expectation(struct ac_client *client,
                                const struct ac_post_request *request)
{
    /* An order is what comes before the posts that are expected. */
    if (client->window.expected > 0 && !request->is_order)
        client->window.expected--;
}

enum ac_code ac_client_post(struct ac_client *client,
                            const struct ac_post_request *request,
                            struct ac_post **ret_post, struct ac_error *err)
{
    struct ac_post *post = NULL;
    enum ac_code code;

    if (!ac_wire_is_url(request->url))
        return ac_fail(err, AC_E_PROTOCOL, "%s has no usable URL", request->what);
    if (client->key == NULL || (client->kid == NULL && !request->is_keyed)) {
        return ac_fail(err, AC_E_USAGE, "%s needs an account at this CA",
                       request->what);
    }
    AC_TRY(ac_memory_new(1, sizeof(*post), &post, err));
    code = copy_request(request, post, err);
    if (code != AC_OK) {
        free_parts(post);
        return code;
    }

    post->client = client;
    append(client, post);
    consume_expectation(client, request);
    *ret_post = post;
    return AC_OK;
}

bool ac_post_is_done(const struct ac_post *post)
{
    return post->state == AC_POST_DONE;
}

enum ac_code ac_post_result(const struct ac_post *post, struct ac_error *err)
{
    assert(post->state == AC_POST_DONE);
    if (post->error.code != AC_OK && err)
        *err = post->error;
    return post->error.code;
}

bool ac_post_is_ambiguous(const struct ac_post *post)
{
    return post->is_ambiguous;
}

const struct ac_problem *ac_post_problem(const struct ac_post *post)
{
    return post->problem;
}

/* The exchange that ended the post, if it had an answer. */
static const struct ac_exchange *answer_of(const struct ac_post *post)
{
    return post->state == AC_POST_DONE ? post->exchange : NULL;
}

long ac_post_status(const struct ac_post *post)
{
    return answer_of(post) ? ac_exchange_status(post->exchange) : 0;
}

const char *ac_post_url(const struct ac_post *post)
{
    return post->url;
}

static enum ac_code parse_json(struct ac_post *post, struct ac_error *err)
{
    struct ac_error reason = { 0 };
    size_t size = 0;
    const char *body = ac_post_body(post, &size);
    enum ac_code code = ac_json_parse(body, size, &post->json, &reason);

    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "no memory for the answer to %s", post->what);
    if (code != AC_OK) {
        return ac_fail(err, AC_E_PROTOCOL, "the answer to %s (%s) is no JSON: %s",
                       post->what, post->url, reason.detail);
    }
    return AC_OK;
}

enum ac_code ac_post_json(struct ac_post *post, const struct ac_json **ret_json,
                          struct ac_error *err)
{
    if (post->json == NULL)
        AC_TRY(parse_json(post, err));
    if (!ac_json_is_object(post->json)) {
        return ac_fail(err, AC_E_PROTOCOL, "the answer to %s (%s) is no JSON object",
                       post->what, post->url);
    }
    *ret_json = post->json;
    return AC_OK;
}

const char *ac_post_body(const struct ac_post *post, size_t *ret_size)
{
    *ret_size = 0;
    return answer_of(post) ? ac_exchange_body(post->exchange, ret_size) : "";
}

const char *ac_post_header(const struct ac_post *post, const char *name)
{
    return answer_of(post) ? ac_exchange_header(post->exchange, name, 0) : NULL;
}

const char *ac_post_location(const struct ac_post *post)
{
    return post->location;
}

int64_t ac_post_retry_after(const struct ac_post *post)
{
    return answer_of(post) ? ac_retry_after_of(post->exchange) : -1;
}

enum ac_code ac_post_links(const struct ac_post *post, const char *relation,
                           struct ac_words *urls, struct ac_error *err)
{
    if (answer_of(post) == NULL)
        return AC_OK;
    return ac_exchange_links(post->exchange, relation, urls, err);
}

void ac_post_free(struct ac_post *post)
{
    if (post == NULL)
        return;
    unlink_post(post);
    post->client->wake_at_ms = 0; /* a nonce or a rate may be free for another */
    free_parts(post);
}

/* ---- inside */

void ac_post_end(struct ac_post *post, const struct ac_error *error)
{
    post->error = *error;
    if (error->code != AC_OK)
        ac_error_about(&post->error, "%s", post->what);
    post->state = AC_POST_DONE;
    post->client->has_news = true;
}

static int64_t exchange_deadline(const struct ac_client *client)
{
    int64_t deadline_ms = ac_clock_after_ms(AC_CLIENT_REQUEST_MS);

    return deadline_ms < client->deadline_ms ? deadline_ms : client->deadline_ms;
}

static enum ac_code start(struct ac_post *post, const struct ac_text *body,
                          struct ac_error *err)
{
    struct ac_client *client = post->client;
    AC_AUTO_TEXT char *accept = NULL;
    AC_AUTO_TEXT char *language = NULL;

    AC_TRY(ac_memory_format(&accept, err, "Accept: %s", post->accept));
    AC_TRY(ac_memory_format(&language, err, "Accept-Language: %s", client->language));

    const char *const headers[HEADERS_COUNT] = { CONTENT_TYPE, accept, language, NULL };
    struct ac_http_request request = {
        .method = AC_HTTP_POST,
        .url = post->url,
        .headers = headers,
        .body = body->bytes,
        .body_size = body->size,
        .body_max = AC_CLIENT_JSON_MAX,
        .deadline_ms = exchange_deadline(client),
        .site = client->site,
    };
    return ac_http_start(client->http, &request, &post->exchange, err);
}

static enum ac_code sign_and_start(struct ac_post *post, const char *nonce,
                                   struct ac_error *err)
{
    const struct ac_client *client = post->client;
    const struct ac_jws_header header = {
        .nonce = nonce,
        .url = post->url,
        .kid = post->is_keyed ? NULL : client->kid,
    };
    AC_AUTO(ac_text) body = { 0 };

    AC_TRY(ac_jws_sign(client->key, &header, post->payload, &body, err));
    return start(post, &body, err);
}

void ac_post_send(struct ac_post *post, char *nonce, int64_t now_ms)
{
    struct ac_error error = { 0 };

    ac_exchange_free(AC_TAKE(post->exchange));
    post->number = ++post->client->number;
    post->sent_at_ms = now_ms;
    enum ac_code code = sign_and_start(post, nonce, &error);

    if (code == AC_OK) {
        post->state = AC_POST_FLYING;
        ac_trace_post(post, nonce);
    }
    free(nonce);
    if (code == AC_OK)
        return;
    /* The URL is the CA's: one that may not be asked is its fault. */
    if (code == AC_E_INVALID)
        error.code = AC_E_PROTOCOL;
    ac_post_end(post, &error);
}

enum ac_code ac_post_fetch(struct ac_client *client, enum ac_http_method method,
                           const char *url, struct ac_exchange **ret_exchange,
                           struct ac_error *err)
{
    AC_AUTO_TEXT char *language = NULL;

    AC_TRY(ac_memory_format(&language, err, "Accept-Language: %s", client->language));

    const char *const headers[] = { "Accept: application/json", language, NULL };
    struct ac_http_request request = {
        .method = method,
        .url = url,
        .headers = headers,
        .body_max = AC_CLIENT_JSON_MAX,
        .deadline_ms = exchange_deadline(client),
        .follows_redirects = method == AC_HTTP_GET,
        .site = client->site,
    };
    return ac_http_start(client->http, &request, ret_exchange, err);
}
