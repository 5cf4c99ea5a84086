/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of an account's orders (RFC 8555 7.1.2.1): its pages, then each order. A CA
 * need not have one.
 *
 * The reading is a value to come. Its owner steps it after each turn of the loop.
 */
#ifndef AC_ACME_ORDERS_H
#define AC_ACME_ORDERS_H

#include "acme/order.h"

#define AC_ORDERS_MAX         100 /* that are kept of one list, and read */
#define AC_ORDERS_PAGES_MAX   100 /* of one list */
#define AC_ORDERS_AT_ONCE_MAX 10  /* each beyond the first wants a nonce of its own */

struct ac_listed_order {
    char *url;
    struct ac_order order; /* url NULL: it could not be read */
    struct ac_error error; /* why */
};

struct ac_order_list {
    struct ac_listed_order *items; /* owned; in the order of the list */
    size_t count;
    bool is_cut; /* the list is longer, or its pages lead nowhere */
};
void ac_order_list_done(struct ac_order_list *list);
AC_DEFINE_DROP_VALUE(ac_order_list, ac_order_list_done)

struct ac_orders;

/*
 * Begins to read.
 *
 * client  has key and account; outlives this
 * url     of the list, copied; NULL: the account is read first, and says it
 * limit   the last so many of the list, where CAs put the newest; AC_ORDERS_MAX at most
 */
AC_MUST enum ac_code ac_orders_new(struct ac_client *client, const char *url,
                                   size_t limit, struct ac_orders **ret_orders,
                                   struct ac_error *err);
/* Takes NULL; what is under way is cancelled. */
void ac_orders_free(struct ac_orders *orders);
AC_DEFINE_DROP(ac_orders, ac_orders_free)

/* Goes as far as it can without waiting. */
void ac_orders_step(struct ac_orders *orders);
bool ac_orders_is_done(const struct ac_orders *orders);
/*
 * Once done: the orders, handed over. One that cannot be read hides no other.
 * AC_E_NOTFOUND: this CA gives no list. AC_E_PROTOCOL: it is no list of URLs.
 */
AC_MUST enum ac_code ac_orders_take(struct ac_orders *orders,
                                    struct ac_order_list *ret_list,
                                    struct ac_error *err);

#endif
