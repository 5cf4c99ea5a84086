/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/orders.h"

#include "acme/account.h"
#include "acme/wire.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SHOWN_MAX 80 /* of a wrong value in a message */

enum state {
    ACCOUNT,
    PAGES,
    ORDERS,
    DONE
};

struct ac_orders {
    struct ac_client *client; /* borrowed */
    size_t limit;
    enum state state;
    struct ac_error error;
    struct ac_post *post;    /* the account, or a page */
    struct ac_words visited; /* URLs of pages, the present one is the last */
    struct ac_words urls;    /* of orders; limit at most */
    struct ac_order_list list;
    struct ac_post **posts; /* one for each of the list; NULL: not begun, or taken in */
    size_t begun_count;
};

void ac_order_list_done(struct ac_order_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].url);
        ac_order_done(&list->items[i].order);
    }
    free(list->items);
    *list = (struct ac_order_list){ 0 };
}

static enum ac_code ask_page(struct ac_orders *orders, const char *url,
                             struct ac_error *err)
{
    const struct ac_post_request request = {
        .url = url,
        .what = "orders",
        .why = "Reads the list of the account's orders.",
        .section = "RFC 8555 7.1.2.1",
        .is_repeatable = true,
    };

    AC_TRY(ac_words_add(&orders->visited, url, err));
    AC_TRY(ac_client_post(orders->client, &request, &orders->post, err));
    orders->state = PAGES;
    return AC_OK;
}

enum ac_code ac_orders_new(struct ac_client *client, const char *url, size_t limit,
                           struct ac_orders **ret_orders, struct ac_error *err)
{
    AC_AUTO(ac_orders) *orders = NULL;

    assert(limit > 0 && limit <= AC_ORDERS_MAX);
    AC_TRY(ac_memory_new(1, sizeof *orders, (void *)&orders, err));
    orders->client = client;
    orders->limit = limit;
    if (url) {
        AC_TRY(ask_page(orders, url, err));
    } else {
        AC_TRY(ac_account_read(client, &orders->post, err));
    }
    *ret_orders = AC_TAKE(orders);
    return AC_OK;
}

static void free_posts(struct ac_orders *orders)
{
    ac_post_free(AC_TAKE(orders->post));
    for (size_t i = 0; orders->posts && i < orders->list.count; i++)
        ac_post_free(orders->posts[i]);
    free((void *)orders->posts);
    orders->posts = NULL;
}

void ac_orders_free(struct ac_orders *orders)
{
    if (orders == NULL)
        return;
    free_posts(orders);
    ac_words_done(&orders->visited);
    ac_words_done(&orders->urls);
    ac_order_list_done(&orders->list);
    free(orders);
}

/* ---- the account */

static enum ac_code read_account(struct ac_orders *orders, struct ac_error *err)
{
    AC_AUTO(ac_account) account = { 0 };

    if (!ac_post_is_done(orders->post))
        return AC_OK;
    AC_TRY(ac_account_finish(orders->client, orders->post, &account, err));
    ac_post_free(AC_TAKE(orders->post));
    if (!account.orders_url) {
        return ac_fail(err, AC_E_NOTFOUND,
                       "this CA gives no list of an account's orders");
    }
    return ask_page(orders, account.orders_url, err);
}

/* ---- pages */

static enum ac_code parse_page(const struct ac_post *post, struct ac_json **ret_json,
                               struct ac_error *err)
{
    struct ac_error reason = { 0 };
    size_t size = 0;
    const char *body = ac_post_body(post, &size);
    enum ac_code code = ac_json_parse(body, size, ret_json, &reason);

    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "no memory for the list of orders");
    if (code == AC_OK)
        return AC_OK;
    return ac_fail(err, AC_E_PROTOCOL, "the CA's list of orders (%s) is no JSON: %s",
                   ac_post_url(post), reason.detail);
}

static void drop_first(struct ac_words *words)
{
    free(words->items[0]);
    memmove((void *)words->items, (void *)(words->items + 1),
            words->count * sizeof *words->items); /* with the NULL at the end */
    words->count--;
}

static enum ac_code add_order(struct ac_orders *orders, const struct ac_json *entry,
                              struct ac_error *err)
{
    const char *url = ac_json_as_text(entry);

    if (!ac_wire_is_url(url)) {
        return ac_fail(err, AC_E_PROTOCOL,
                       "the CA's list of orders has something that is no usable URL: "
                       "\"%.*s\"",
                       SHOWN_MAX, url ? url : "");
    }
    if (ac_words_has(&orders->urls, url))
        return AC_OK;
    if (orders->urls.count == orders->limit) {
        drop_first(&orders->urls);
        orders->list.is_cut = true;
    }
    return ac_words_add(&orders->urls, url, err);
}

static enum ac_code take_page(struct ac_orders *orders, struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;

    AC_TRY(ac_post_result(orders->post, err));
    AC_TRY(parse_page(orders->post, &json, err));
    /* SERVERS: step-ca gives the bare array. */
    const struct ac_json *array =
        ac_json_is_array(json) ? json : ac_json_get(json, "orders");
    if ((!array && !ac_json_is_object(json)) || (array && !ac_json_is_array(array))) {
        return ac_fail(err, AC_E_PROTOCOL, "the CA's list of orders (%s) is no list",
                       ac_post_url(orders->post));
    }
    for (size_t i = 0; i < ac_json_count(array); i++)
        AC_TRY(add_order(orders, ac_json_at(array, i), err));
    return AC_OK;
}

/* Scheme, host and port, as written. */
static size_t origin_size(const char *url)
{
    size_t scheme = strcspn(url, ":") + strlen("://");

    return scheme + strcspn(url + scheme, "/?#");
}

/* A list stays where it began, and no page of it comes twice. */
static bool can_follow(const struct ac_orders *orders, const char *next)
{
    const char *first = orders->visited.items[0];
    size_t size = origin_size(first);

    return orders->visited.count < AC_ORDERS_PAGES_MAX && ac_wire_is_url(next)
           && origin_size(next) == size && strncasecmp(first, next, size) == 0
           && !ac_words_has(&orders->visited, next);
}

static enum ac_code begin_orders(struct ac_orders *orders, struct ac_error *err)
{
    struct ac_order_list *list = &orders->list;
    size_t count = orders->urls.count;

    AC_TRY(ac_memory_new(count + 1, sizeof *list->items, (void *)&list->items, err));
    AC_TRY(ac_memory_new(count + 1, sizeof(struct ac_post *), (void *)&orders->posts,
                         err));
    for (; list->count < count; list->count++) {
        AC_TRY(ac_memory_copy_text(orders->urls.items[list->count],
                                   &list->items[list->count].url, err));
    }
    orders->state = ORDERS;
    return AC_OK;
}

static enum ac_code read_page(struct ac_orders *orders, struct ac_error *err)
{
    AC_AUTO(ac_words) next = { 0 };

    if (!ac_post_is_done(orders->post))
        return AC_OK;
    AC_TRY(take_page(orders, err));
    AC_TRY(ac_post_links(orders->post, "next", &next, err));
    ac_post_free(AC_TAKE(orders->post));
    if (next.count > 0 && can_follow(orders, next.items[0]))
        return ask_page(orders, next.items[0], err);
    orders->list.is_cut = orders->list.is_cut || next.count > 0;
    return begin_orders(orders, err);
}

/* ---- orders */

static enum ac_code take_order(struct ac_listed_order *listed, struct ac_post *post,
                               struct ac_error *err)
{
    enum ac_code code = ac_order_update(&listed->order, post, &listed->error);

    return code == AC_E_NOMEM ? ac_fail(err, code, "%s", listed->error.detail) : AC_OK;
}

/* How many are under way still. */
static enum ac_code collect(struct ac_orders *orders, size_t *ret_count,
                            struct ac_error *err)
{
    *ret_count = 0;
    for (size_t i = 0; i < orders->begun_count; i++) {
        if (!orders->posts[i])
            continue;
        if (!ac_post_is_done(orders->posts[i])) {
            ++*ret_count;
            continue;
        }
        AC_TRY(take_order(&orders->list.items[i], orders->posts[i], err));
        ac_post_free(AC_TAKE(orders->posts[i]));
    }
    return AC_OK;
}

static enum ac_code read_orders(struct ac_orders *orders, struct ac_error *err)
{
    size_t under_way;

    AC_TRY(collect(orders, &under_way, err));
    while (orders->begun_count < orders->list.count
           && under_way < AC_ORDERS_AT_ONCE_MAX) {
        size_t index = orders->begun_count++;

        AC_TRY(ac_order_read(orders->client, orders->list.items[index].url,
                             &orders->posts[index], err));
        under_way++;
    }
    if (under_way == 0)
        orders->state = DONE;
    return AC_OK;
}

void ac_orders_step(struct ac_orders *orders)
{
    static enum ac_code (*const steps[])(struct ac_orders *, struct ac_error *) = {
        [ACCOUNT] = read_account,
        [PAGES] = read_page,
        [ORDERS] = read_orders,
    };

    for (enum state before = DONE; orders->state != DONE && orders->state != before;) {
        before = orders->state;
        if (steps[before](orders, &orders->error) != AC_OK)
            orders->state = DONE;
    }
    if (orders->state == DONE)
        free_posts(orders);
}

bool ac_orders_is_done(const struct ac_orders *orders)
{
    return orders->state == DONE;
}

enum ac_code ac_orders_take(struct ac_orders *orders, struct ac_order_list *ret_list,
                            struct ac_error *err)
{
    assert(orders->state == DONE);
    if (orders->error.code != AC_OK) {
        *err = orders->error;
        return err->code;
    }
    *ret_list = orders->list;
    orders->list = (struct ac_order_list){ 0 };
    return AC_OK;
}
