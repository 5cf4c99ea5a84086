/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/conversation.h"

#include "base/log.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Longer bodies are not even compacted; the log cuts what is longer than a line. */
#define BODY_MAX (64u * 1024u)

/* What the protected header says beside the URL (6.2). The nonce is spent by now. */
static void say_header(const struct ac_post *post, const char *nonce)
{
    const char *kid = post->is_keyed ? NULL : post->client->kid;
    const char *algorithm = ac_key_jws_algorithm(post->client->key);

    ac_log_say(AC_LOG_TRACE, "[%" PRIu64 "]   signed %s, %s%s, nonce %s", post->number,
               algorithm, kid ? "kid " : "jwk: the public key itself", kid ? kid : "",
               nonce);
}

/* Never the JWS as it is sent: its signature is nobody's business. */
static void say_payload(const struct ac_post *post)
{
    if (post->payload == NULL) {
        ac_log_say(AC_LOG_TRACE,
                   "[%" PRIu64 "]   payload empty: POST-as-GET (RFC 8555 6.3)",
                   post->number);
    } else if (post->is_private) {
        ac_log_say(AC_LOG_TRACE, "[%" PRIu64 "]   payload not shown", post->number);
    } else {
        ac_log_say(AC_LOG_TRACE, "[%" PRIu64 "]   payload %s", post->number,
                   post->payload);
    }
}

void ac_trace_post(const struct ac_post *post, const char *nonce)
{
    if (!ac_log_wants(AC_LOG_TRACE))
        return;
    ac_log_say(AC_LOG_TRACE, "[%" PRIu64 "] %s (%s): %s", post->number, post->what,
               post->section ? post->section : "RFC 8555", post->why ? post->why : "");
    ac_log_say(AC_LOG_TRACE, "[%" PRIu64 "]   POST %s", post->number, post->url);
    say_header(post, nonce);
    say_payload(post);
}

/* The requests that nobody signs. */
static const struct {
    const char *what, *section, *why;
} fetches[] = {
    { "directory", "RFC 8555 7.1.1", "Says at which URLs the CA takes requests." },
    { "newNonce", "RFC 8555 7.2",
      "Each signed request needs a fresh nonce; this brings one." },
    { "renewalInfo", "RFC 9773 4.1",
      "Asks when the CA would like the certificate to be renewed." },
};

void ac_trace_fetch(uint64_t number, const char *what, const char *method,
                    const char *url)
{
    if (!ac_log_wants(AC_LOG_TRACE))
        return;
    for (size_t i = 0; i < AC_COUNT(fetches); i++) {
        if (strcmp(what, fetches[i].what) != 0)
            continue;
        ac_log_say(AC_LOG_TRACE, "[%" PRIu64 "] %s (%s): %s", number, what,
                   fetches[i].section, fetches[i].why);
    }
    ac_log_say(AC_LOG_TRACE, "[%" PRIu64 "]   %s %s", number, method, url);
}

static void say_headers(uint64_t number, const struct ac_exchange *exchange)
{
    static const char *const names[] = { "Location", "Retry-After", "Content-Type" };
    const char *link = NULL;

    for (size_t i = 0; i < AC_COUNT(names); i++) {
        const char *value = ac_exchange_header(exchange, names[i], 0);
        if (value)
            ac_log_say(AC_LOG_TRACE, "[%" PRIu64 "]   %s: %s", number, names[i], value);
    }
    for (size_t i = 0; (link = ac_exchange_header(exchange, "Link", i)); i++)
        ac_log_say(AC_LOG_TRACE, "[%" PRIu64 "]   Link: %s", number, link);
}

static void say_body(uint64_t number, const struct ac_exchange *exchange)
{
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO_TEXT char *text = NULL;
    struct ac_error ignored = { 0 };
    size_t size = 0;
    const char *body = ac_exchange_body(exchange, &size);

    if (size == 0)
        return;
    if (size <= BODY_MAX && ac_json_parse(body, size, &json, &ignored) == AC_OK
        && ac_json_write(json, &text, &ignored) == AC_OK) {
        ac_log_say(AC_LOG_TRACE, "[%" PRIu64 "]   body %s", number, text);
    } else {
        ac_log_say(AC_LOG_TRACE, "[%" PRIu64 "]   body of %zu bytes", number, size);
    }
}

void ac_trace_answer(uint64_t number, const struct ac_exchange *exchange)
{
    struct ac_error error = { 0 };

    if (!ac_log_wants(AC_LOG_TRACE))
        return;
    if (ac_exchange_result(exchange, &error) != AC_OK) {
        ac_log_say(AC_LOG_TRACE, "[%" PRIu64 "] no answer: %s", number, error.detail);
        return;
    }
    ac_log_say(AC_LOG_TRACE, "[%" PRIu64 "] answer %ld after %" PRId64 " ms, %s",
               number, ac_exchange_status(exchange), ac_exchange_elapsed_ms(exchange),
               ac_exchange_header(exchange, "Replay-Nonce", 0) ? "with a fresh nonce"
                                                               : "without a nonce");
    say_headers(number, exchange);
    say_body(number, exchange);
}
