/* SPDX-License-Identifier: Apache-2.0 */
#include "net/http_exchange.h"

#include "base/clock.h"
#include "net/link.h"

#include <assert.h>
#include <stdlib.h>
#include <strings.h>

bool ac_exchange_is_done(const struct ac_exchange *exchange)
{
    return exchange->is_done;
}

enum ac_code ac_exchange_result(const struct ac_exchange *exchange,
                                struct ac_error *err)
{
    assert(exchange->is_done);
    if (exchange->error.code != AC_OK)
        *err = exchange->error;
    return exchange->error.code;
}

bool ac_exchange_is_ambiguous(const struct ac_exchange *exchange)
{
    return exchange->is_ambiguous;
}

bool ac_exchange_is_untrusted(const struct ac_exchange *exchange)
{
    return exchange->is_untrusted;
}

long ac_exchange_status(const struct ac_exchange *exchange)
{
    return exchange->status;
}

const char *ac_exchange_header(const struct ac_exchange *exchange, const char *name,
                               size_t index)
{
    const struct ac_words *headers = &exchange->answer_headers;

    for (size_t i = 0; i + 1 < headers->count; i += 2) {
        if (strcasecmp(headers->items[i], name) == 0 && index-- == 0)
            return headers->items[i + 1];
    }
    return NULL;
}

const char *ac_exchange_body(const struct ac_exchange *exchange, size_t *ret_size)
{
    *ret_size = exchange->answer.size;
    /* What an answer before a redirect left in the buffer is no body. */
    return exchange->answer.size > 0 ? ac_text_get(&exchange->answer) : "";
}

const char *ac_exchange_url(const struct ac_exchange *exchange)
{
    return exchange->url;
}

bool ac_exchange_was_redirected(const struct ac_exchange *exchange)
{
    return exchange->redirects > 0;
}

int64_t ac_exchange_elapsed_ms(const struct ac_exchange *exchange)
{
    int64_t end_ms = exchange->is_done ? exchange->ended_ms : ac_clock_now_ms();

    return end_ms - exchange->started_ms;
}

void ac_exchange_leave(struct ac_exchange *exchange)
{
    if (!exchange->is_under_way)
        return;
    if (exchange->previous != NULL) {
        exchange->previous->next = exchange->next;
    } else {
        exchange->http->under_way = exchange->next;
    }
    if (exchange->next != NULL)
        exchange->next->previous = exchange->previous;
    exchange->is_under_way = false;
}

void ac_exchange_free(struct ac_exchange *exchange)
{
    if (exchange == NULL)
        return;
    ac_transfer_end(exchange);
    ac_exchange_leave(exchange);
    exchange->http->curl->slist_free_all(exchange->header_list);
    exchange->http->curl->slist_free_all(exchange->connect_list);
    ac_words_done(&exchange->headers);
    ac_words_done(&exchange->answer_headers);
    ac_text_done(&exchange->answer);
    ac_url_done(&exchange->parts);
    free(exchange->url);
    free(exchange->body);
    free(exchange);
}

/* Against the URL of the answer (RFC 8288 3.1); what is no URL is left out. */
static enum ac_code add_resolved(const struct ac_exchange *exchange, const char *target,
                                 struct ac_words *urls, struct ac_error *err)
{
    AC_AUTO_TEXT char *url = NULL;
    struct ac_error reason = { 0 };
    enum ac_code code =
        ac_url_resolve(exchange->http->curl, exchange->url, target, &url, &reason);

    if (code == AC_E_INVALID)
        return AC_OK;
    if (code == AC_OK)
        return ac_words_add(urls, url, err);
    *err = reason;
    return code;
}

enum ac_code ac_exchange_links(const struct ac_exchange *exchange, const char *relation,
                               struct ac_words *urls, struct ac_error *err)
{
    AC_AUTO(ac_words) targets = { 0 };
    const char *value;

    for (size_t i = 0; (value = ac_exchange_header(exchange, "Link", i)) != NULL; i++)
        AC_TRY(ac_link_find(value, relation, &targets, err));
    for (size_t i = 0; i < targets.count; i++)
        AC_TRY(add_resolved(exchange, targets.items[i], urls, err));
    return AC_OK;
}
