/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "base/clock.h"
#include "cli/report.h"
#include "engine/accounts/account_file.h"
#include "engine/run/run_account.h"

#include <stdlib.h>

/* An account: what the store has of it, and what the CA says. */
struct shown {
    struct ac_json *held; /* account.json */
    struct ac_account account;
    struct ac_order_list orders; /* --orders */
    const char *key_type;
    char *thumbprint;
};

static void shown_done(struct shown *shown)
{
    ac_json_free(shown->held);
    ac_account_done(&shown->account);
    ac_order_list_done(&shown->orders);
    free(shown->thumbprint);
}
AC_DEFINE_DROP_VALUE(shown, shown_done)

/* ---- --orders */

static enum ac_code add_order_text(const struct ac_listed_order *listed,
                                   struct ac_text *text, struct ac_error *err)
{
    const struct ac_order *order = &listed->order;
    char expires[AC_CLOCK_TEXT_SIZE];
    AC_AUTO(ac_words) names = { 0 };

    AC_TRY(ac_text_addf(text, err, "\n%s\n", listed->url));
    if (!order->url) {
        return ac_text_addf(text, err, "  cannot be read: %s\n", listed->error.detail);
    }
    AC_TRY(ac_text_addf(text, err, "  status   %s\n",
                        ac_order_status_name(order->status)));
    if (order->expires) {
        AC_TRY(ac_text_addf(text, err, "  expires  %s\n",
                            ac_clock_format(order->expires, expires)));
    }
    AC_TRY(ac_identifiers_words(&order->identifiers, &names, err));
    AC_TRY(ac_text_addf(text, err, "  names    "));
    AC_TRY(ac_words_join(&names, ", ", text, err));
    return ac_text_addf(text, err, "\n");
}

static enum ac_code add_orders_text(const struct shown *shown, struct ac_text *text,
                                    struct ac_error *err)
{
    const struct ac_order_list *orders = &shown->orders;

    if (!shown->account.orders_url) {
        return ac_text_addf(text, err, "  orders   this CA gives no list of them\n");
    }
    AC_TRY(ac_text_addf(text, err, "  orders   %zu%s\n", orders->count,
                        orders->is_cut ? ", the last of a longer list" : ""));
    for (size_t i = 0; i < orders->count; i++)
        AC_TRY(add_order_text(&orders->items[i], text, err));
    return AC_OK;
}

static enum ac_code set_read(const struct ac_order *order, struct ac_json *one,
                             struct ac_error *err)
{
    AC_AUTO(ac_words) names = { 0 };

    AC_TRY(ac_json_set_text(one, "status", ac_order_status_name(order->status), err));
    AC_TRY(ac_json_set_time(one, "expires", order->expires, err));
    AC_TRY(ac_identifiers_words(&order->identifiers, &names, err));
    return ac_json_set_words(one, "identifiers", &names, err);
}

static enum ac_code add_order_json(const struct ac_listed_order *listed,
                                   struct ac_json *array, struct ac_error *err)
{
    AC_AUTO(ac_json) *one = NULL;

    AC_TRY(ac_json_new(&one, err, "{s:s}", "url", listed->url));
    if (listed->order.url) {
        AC_TRY(set_read(&listed->order, one, err));
    } else {
        AC_TRY(ac_json_set_text(one, "problem", listed->error.detail, err));
    }
    return ac_json_append(array, &one, err);
}

static enum ac_code set_orders(const struct ac_order_list *orders,
                               struct ac_json *document, struct ac_error *err)
{
    AC_AUTO(ac_json) *array = NULL;

    AC_TRY(ac_json_new(&array, err, "[]"));
    for (size_t i = 0; i < orders->count; i++)
        AC_TRY(add_order_json(&orders->items[i], array, err));
    AC_TRY(ac_json_set(document, "order_list", &array, err));
    return ac_json_set_bool(document, "order_list_is_cut", orders->is_cut, err);
}

/* ---- the account */

static enum ac_code show_text(const struct ac_context *context,
                              const struct shown *shown, struct ac_error *err)
{
    const struct ac_account *account = &shown->account;
    const char *name = ac_json_text_or(shown->held, "name", NULL);
    const char *terms = ac_json_text_or(shown->held, "terms_of_service", NULL);
    AC_AUTO(ac_text) text = { 0 };

    AC_TRY(ac_text_addf(&text, err, "%s\n  status   %s\n  CA       %s\n  contact  ",
                        account->url, account->status, context->directory_url));
    AC_TRY(ac_words_join(&account->contacts, ", ", &text, err));
    AC_TRY(ac_text_addf(&text, err, "%s\n  key      %s, thumbprint %s\n",
                        account->contacts.count > 0 ? "" : "the CA tells none",
                        shown->key_type, shown->thumbprint));
    if (name)
        AC_TRY(ac_text_addf(&text, err, "  name     %s (--account %s)\n", name, name));
    if (terms)
        AC_TRY(ac_text_addf(&text, err, "  agreed   to %s\n", terms));
    if (context->options->shows_orders)
        AC_TRY(add_orders_text(shown, &text, err));
    return ac_report_print(ac_text_get(&text), err);
}

static enum ac_code set_optional(struct ac_json *document, const char *member,
                                 const char *text, struct ac_error *err)
{
    return text ? ac_json_set_text(document, member, text, err) : AC_OK;
}

static enum ac_code show_json(const struct ac_context *context,
                              const struct shown *shown, struct ac_error *err)
{
    const struct ac_account *account = &shown->account;
    AC_AUTO(ac_json) *document = NULL;

    AC_TRY(ac_command_document(AC_COMMAND_ACCOUNT_SHOW, &document, err));
    AC_TRY(ac_json_set_text(document, "directory", context->directory_url, err));
    AC_TRY(set_optional(document, "account", ac_json_text_or(shown->held, "name", NULL),
                        err));
    AC_TRY(ac_json_set_text(document, "url", account->url, err));
    AC_TRY(ac_json_set_text(document, "status", account->status, err));
    AC_TRY(ac_json_set_words(document, "contact", &account->contacts, err));
    AC_TRY(ac_json_set_text(document, "key_type", shown->key_type, err));
    AC_TRY(ac_json_set_text(document, "thumbprint", shown->thumbprint, err));
    AC_TRY(set_optional(document, "terms_of_service",
                        ac_json_text_or(shown->held, "terms_of_service", NULL), err));
    AC_TRY(set_optional(document, "orders", account->orders_url, err));
    if (context->options->shows_orders && account->orders_url)
        AC_TRY(set_orders(&shown->orders, document, err));
    return ac_report_print_json(document, err);
}

enum ac_code ac_command_account_show(struct ac_context *context, bool *ret_is_told,
                                     struct ac_error *err)
{
    AC_AUTO(shown) shown = { 0 };
    AC_AUTO_TEXT char *folder = NULL;

    (void)ret_is_told;
    AC_TRY(ac_account_find(context, &folder, &shown.held, err));
    AC_TRY(ac_context_run(context, err));
    AC_TRY(ac_run_read_account(context->run, &shown.account, err));
    if (context->options->shows_orders && shown.account.orders_url) {
        AC_TRY(ac_run_list_orders(context->run, shown.account.orders_url, &shown.orders,
                                  err));
    }
    AC_TRY(ac_account_file_describe(context->store, folder, &shown.key_type,
                                    &shown.thumbprint, err));
    return context->options->is_json ? show_json(context, &shown, err)
                                     : show_text(context, &shown, err);
}
