/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/order.h"

#include "acme/wire.h"
#include "crypto/base64url.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define WHAT       "order"
#define CHAIN_TYPE "application/pem-certificate-chain"

static const char *const status_names[AC_ORDER_STATUS_COUNT] = {
    [AC_ORDER_PENDING] = "pending",       [AC_ORDER_READY] = "ready",
    [AC_ORDER_PROCESSING] = "processing", [AC_ORDER_VALID] = "valid",
    [AC_ORDER_INVALID] = "invalid",
};

const char *ac_order_status_name(enum ac_order_status status)
{
    return (unsigned)status < AC_ORDER_STATUS_COUNT ? status_names[status] : "unknown";
}

static enum ac_code read_status(const struct ac_json *json, enum ac_order_status *ret,
                                struct ac_error *err)
{
    size_t index = 0;

    AC_TRY(
        ac_wire_status(json, WHAT, status_names, AC_ORDER_STATUS_COUNT, &index, err));
    *ret = (enum ac_order_status)index;
    return AC_OK;
}

/* One that stands twice (SERVERS: step-ca keeps doubles) counts once. */
static enum ac_code read_identifiers(const struct ac_json *json,
                                     struct ac_identifiers *identifiers,
                                     struct ac_error *err)
{
    const struct ac_json *array = ac_json_get(json, "identifiers");
    size_t count = ac_json_count(array);

    if (!ac_json_is_array(array) || count == 0)
        return ac_fail(err, AC_E_PROTOCOL, "the CA's order has no identifiers");
    if (count > AC_IDENTIFIERS_MAX) {
        return ac_fail(err, AC_E_PROTOCOL,
                       "the CA's order has %zu identifiers, %d at most", count,
                       AC_IDENTIFIERS_MAX);
    }
    for (size_t i = 0; i < count; i++) {
        struct ac_identifier identifier = { 0 };
        AC_TRY(ac_wire_identifier(ac_json_at(array, i), WHAT, &identifier, err));
        AC_TRY(ac_identifiers_add(identifiers, &identifier, err));
    }
    return AC_OK;
}

static enum ac_code read_members(const struct ac_json *json, struct ac_order *order,
                                 struct ac_error *err)
{
    AC_TRY(read_status(json, &order->status, err));
    AC_TRY(read_identifiers(json, &order->identifiers, err));
    AC_TRY(ac_wire_urls(json, WHAT, "authorizations", AC_IDENTIFIERS_MAX,
                        &order->authorizations, err));
    AC_TRY(ac_wire_url(json, WHAT, "finalize", &order->finalize, err));
    AC_TRY(ac_wire_url_or_null(json, WHAT, "certificate", &order->certificate, err));
    AC_TRY(ac_wire_clean_member(json, "profile", &order->profile, err));
    order->expires = ac_wire_date(json, "expires");
    order->not_before = ac_wire_date(json, "notBefore");
    order->not_after = ac_wire_date(json, "notAfter");
    return ac_problem_from_json(ac_json_get(json, "error"), &order->error, err);
}

enum ac_code ac_order_parse(const struct ac_json *json, const char *url,
                            struct ac_order *ret_order, struct ac_error *err)
{
    AC_AUTO(ac_order) order = { 0 };

    if (!ac_json_is_object(json))
        return ac_fail(err, AC_E_PROTOCOL, "the CA's order is no JSON object");
    AC_TRY(ac_memory_copy_text(url, &order.url, err));
    AC_TRY(read_members(json, &order, err));
    if (order.status == AC_ORDER_VALID && order.certificate == NULL) {
        return ac_fail(err, AC_E_PROTOCOL,
                       "the CA's order is valid, but has no certificate URL");
    }

    *ret_order = order;
    order = (struct ac_order){ 0 };
    return AC_OK;
}

void ac_order_done(struct ac_order *order)
{
    free(order->url);
    free(order->finalize);
    free(order->certificate);
    free(order->profile);
    ac_identifiers_done(&order->identifiers);
    ac_words_done(&order->authorizations);
    ac_problem_free(order->error);
    *order = (struct ac_order){ 0 };
}

static enum ac_code identifier_to_json(const struct ac_identifier *identifier,
                                       const char *ancestor, struct ac_json *array,
                                       struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;

    AC_TRY(ac_json_new(&json, err, "{s:s, s:s}", "type",
                       ac_identifier_type_name(identifier->type), "value",
                       identifier->value));
    if (ancestor)
        AC_TRY(ac_json_set_text(json, "ancestorDomain", ancestor, err));
    return ac_json_append(array, &json, err);
}

static enum ac_code set_identifiers(struct ac_json *json,
                                    const struct ac_order_request *request,
                                    struct ac_error *err)
{
    const struct ac_identifiers *identifiers = request->identifiers;
    AC_AUTO(ac_json) *array = NULL;

    AC_TRY(ac_json_new(&array, err, "[]"));
    for (size_t i = 0; i < identifiers->count; i++) {
        AC_TRY(identifier_to_json(&identifiers->items[i],
                                  request->ancestors ? request->ancestors[i] : NULL,
                                  array, err));
    }
    return ac_json_set(json, "identifiers", &array, err);
}

static enum ac_code set_if(struct ac_json *json, const char *name, const char *text,
                           struct ac_error *err)
{
    return text ? ac_json_set_text(json, name, text, err) : AC_OK;
}

static enum ac_code write_request(const struct ac_order_request *request,
                                  char **ret_payload, struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;

    AC_TRY(ac_json_new(&json, err, "{}"));
    AC_TRY(set_identifiers(json, request, err));
    AC_TRY(set_if(json, "profile", request->profile, err));
    AC_TRY(set_if(json, "notBefore", request->not_before, err));
    AC_TRY(set_if(json, "notAfter", request->not_after, err));
    AC_TRY(set_if(json, "replaces", request->replaces, err));
    return ac_json_write(json, ret_payload, err);
}

enum ac_code ac_order_create(struct ac_client *client,
                             const struct ac_order_request *request,
                             struct ac_post **ret_post, struct ac_error *err)
{
    const struct ac_directory *directory = NULL;
    AC_AUTO_TEXT char *payload = NULL;

    AC_TRY(ac_client_directory(client, &directory, err));
    AC_TRY(write_request(request, &payload, err));

    const struct ac_post_request post = {
        .url = directory->new_order,
        .payload = payload,
        .what = "newOrder",
        .why = "Asks for a certificate with these names.",
        .section = "RFC 8555 7.4",
        .is_order = true,
    };
    return ac_client_post(client, &post, ret_post, err);
}

enum ac_code ac_order_created(struct ac_post *post, const struct ac_identifiers *asked,
                              struct ac_order *ret_order, struct ac_error *err)
{
    AC_AUTO(ac_order) order = { 0 };
    const struct ac_json *json = NULL;

    AC_TRY(ac_post_result(post, err));
    if (ac_post_location(post) == NULL) {
        return ac_fail(err, AC_E_PROTOCOL,
                       "the CA's answer to newOrder does not say the order's URL (no "
                       "usable Location)");
    }
    AC_TRY(ac_post_json(post, &json, err));
    AC_TRY(ac_order_parse(json, ac_post_location(post), &order, err));
    if (!ac_identifiers_is_same_set(asked, &order.identifiers)) {
        return ac_fail(
            err, AC_E_PROTOCOL,
            "the CA made an order for other identifiers than were asked for");
    }

    *ret_order = order;
    order = (struct ac_order){ 0 };
    return AC_OK;
}

enum ac_code ac_order_read(struct ac_client *client, const char *url,
                           struct ac_post **ret_post, struct ac_error *err)
{
    const struct ac_post_request post = {
        .url = url,
        .what = WHAT,
        .why = "Asks how far the order is.",
        .section = "RFC 8555 7.1.3",
        .is_repeatable = true,
    };
    return ac_client_post(client, &post, ret_post, err);
}

/* 7.1.6: forwards, with steps left out; to invalid from anywhere but valid. */
static bool can_become(enum ac_order_status from, enum ac_order_status to)
{
    if (from == AC_ORDER_INVALID)
        return to == AC_ORDER_INVALID;
    return to >= from;
}

/* An order that was only known by its URL so far has nothing to compare with. */
static bool is_known(const struct ac_order *order)
{
    return order->finalize != NULL;
}

static enum ac_code check_change(const struct ac_order *from, const struct ac_order *to,
                                 struct ac_error *err)
{
    if (!is_known(from))
        return AC_OK;
    if (!can_become(from->status, to->status)) {
        return ac_fail(
            err, AC_E_PROTOCOL, "the order went backwards at the CA, from %s to %s",
            ac_order_status_name(from->status), ac_order_status_name(to->status));
    }
    /* 7.1.3: in any order (Pebble shuffles), but the same ones */
    if (!ac_identifiers_is_same_set(&from->identifiers, &to->identifiers)) {
        return ac_fail(err, AC_E_PROTOCOL,
                       "the CA changed the identifiers of the order");
    }
    if (!ac_words_is_same_set(&from->authorizations, &to->authorizations)) {
        return ac_fail(err, AC_E_PROTOCOL,
                       "the CA changed the authorizations of the order");
    }
    return AC_OK;
}

enum ac_code ac_order_update(struct ac_order *order, struct ac_post *post,
                             struct ac_error *err)
{
    AC_AUTO(ac_order) read = { 0 };
    const struct ac_json *json = NULL;
    const char *url = order->url ? order->url : ac_post_url(post);

    AC_TRY(ac_post_result(post, err));
    AC_TRY(ac_post_json(post, &json, err));
    AC_TRY(ac_order_parse(json, url, &read, err));
    AC_TRY(check_change(order, &read, err));
    if (read.profile == NULL) /* some say it only once */
        read.profile = AC_TAKE(order->profile);

    struct ac_order old = *order;
    *order = read;
    read = old; /* dropped at the end */
    return AC_OK;
}

enum ac_code ac_order_finalize(struct ac_client *client, const struct ac_order *order,
                               const void *csr, size_t csr_size,
                               struct ac_post **ret_post, struct ac_error *err)
{
    AC_AUTO_TEXT char *encoded = NULL;
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO_TEXT char *payload = NULL;

    AC_TRY(ac_base64url_encode(csr, csr_size, &encoded, err));
    AC_TRY(ac_json_new(&json, err, "{s:s}", "csr", encoded));
    AC_TRY(ac_json_write(json, &payload, err));

    const struct ac_post_request post = {
        .url = order->finalize,
        .payload = payload,
        .what = "finalize",
        .why = "All names are proven; sends the request with the certificate's key.",
        .section = "RFC 8555 7.4",
    };
    return ac_client_post(client, &post, ret_post, err);
}

enum ac_code ac_order_download(struct ac_client *client, const char *url,
                               struct ac_post **ret_post, struct ac_error *err)
{
    const struct ac_post_request post = {
        .url = url,
        .accept = CHAIN_TYPE,
        .what = "certificate",
        .why = "Fetches the certificate and those that lead to its root.",
        .section = "RFC 8555 7.4.2",
        .is_repeatable = true,
    };
    return ac_client_post(client, &post, ret_post, err);
}

/* The media type alone: parameters such as charset do not matter (9.1). */
static bool is_chain_type(const char *type)
{
    size_t size = strcspn(type, "; \t");

    return size == strlen(CHAIN_TYPE) && strncasecmp(type, CHAIN_TYPE, size) == 0;
}

enum ac_code ac_order_downloaded(struct ac_post *post, const char **ret_pem,
                                 size_t *ret_size, struct ac_error *err)
{
    const char *type = NULL;

    AC_TRY(ac_post_result(post, err));
    type = ac_post_header(post, "Content-Type");
    if (type && !is_chain_type(type)) {
        return ac_fail(err, AC_E_PROTOCOL,
                       "the CA sent \"%.80s\" in place of a certificate chain", type);
    }
    *ret_pem = ac_post_body(post, ret_size);
    return AC_OK;
}
