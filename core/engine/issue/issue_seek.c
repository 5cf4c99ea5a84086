/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The answer to newOrder was lost, and with it the order's URL, which the CA gives only
 * once (RFC 8555 7.4). Where the CA has a list of the account's orders (7.1.2.1), an
 * order that is as ours was asked for, and that no run has noted, is taken over.
 */
#include "acme/orders.h"
#include "base/log.h"
#include "engine/issue/issue_steps.h"

#include <string.h>

#define SEEK_MS         15000 /* for list and orders; another order costs less then */
#define SEEK_ORDERS_MAX 20    /* the last of the list: ours was made just now */
#define SEEK_SPARE_S    60    /* one that expires sooner is of no use */

void ac_issue_drop_seek(struct ac_issue *issue)
{
    ac_orders_free(issue->sought);
    issue->sought = NULL;
}

enum ac_code ac_issue_begin_seek(struct ac_issue *issue, const struct ac_error *why,
                                 struct ac_error *err)
{
    issue->lost = *why;
    issue->seek_until_ms = ac_clock_after_ms(SEEK_MS);
    return ac_orders_new(issue->client, NULL, SEEK_ORDERS_MAX, &issue->sought, err);
}

/* A CA may name its own default where no profile was asked for. */
static bool is_as_asked(const struct ac_issue *issue, const struct ac_order *order)
{
    bool is_open = order->status == AC_ORDER_PENDING || order->status == AC_ORDER_READY;
    bool is_late =
        order->expires != 0 && order->expires < ac_clock_utc() + SEEK_SPARE_S;

    return order->url && is_open && !is_late
           && ac_identifiers_is_same_set(&issue->here.identifiers, &order->identifiers)
           && order->not_before == issue->not_before
           && order->not_after == issue->not_after
           && (!issue->profile
               || (order->profile && strcmp(order->profile, issue->profile) == 0));
}

/* The last that is ours. One that another run has noted is that run's. */
static enum ac_code choose(struct ac_issue *issue, struct ac_order_list *list,
                           struct ac_error *err)
{
    AC_AUTO(ac_words) noted = { 0 };

    AC_TRY(ac_journal_orders(issue->settings.store, &noted, err));
    for (size_t i = list->count; i-- > 0;) {
        struct ac_order *order = &list->items[i].order;

        if (!is_as_asked(issue, order) || ac_words_has(&noted, order->url))
            continue;
        issue->order = *order;
        *order = (struct ac_order){ 0 };
        return AC_OK;
    }
    return ac_fail(err, AC_E_NOTFOUND, "no order of the account's list is it");
}

static enum ac_code find(struct ac_issue *issue, struct ac_error *err)
{
    AC_AUTO(ac_order_list) list = { 0 };

    if (!ac_orders_is_done(issue->sought)) {
        return ac_fail(err, AC_E_TIMEOUT,
                       "the list of the account's orders takes too long");
    }
    AC_TRY(ac_orders_take(issue->sought, &list, err));
    return choose(issue, &list, err);
}

enum ac_code ac_issue_seek(struct ac_issue *issue, bool *ret_is_over,
                           struct ac_error *err)
{
    struct ac_error why = { 0 };

    ac_orders_step(issue->sought);
    *ret_is_over =
        ac_orders_is_done(issue->sought) || ac_clock_now_ms() >= issue->seek_until_ms;
    if (!*ret_is_over)
        return AC_OK;
    enum ac_code code = find(issue, &why);
    ac_issue_drop_seek(issue);
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    if (code == AC_OK) {
        ac_issue_warn(issue,
                      "the CA's answer to the new order was lost (%s); the account's "
                      "list of orders has it, and it is taken from there",
                      issue->lost.detail);
        return AC_OK;
    }
    ac_log(AC_LOG_INFO, "issue.sought", "certificate", issue->here.name, "why",
           why.detail, NULL);
    ac_issue_warn(issue,
                  "the CA's answer to the new order was lost (%s); it is ordered once "
                  "more, and the first order may stay at the CA until it expires",
                  issue->lost.detail);
    return AC_OK;
}
