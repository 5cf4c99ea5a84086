/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Orders (RFC 8555 7.1.3): a request for one certificate.
 * Knows the wire form and the legal statuses. Knows no disk, plugin or clock.
 */
#ifndef AC_ACME_ORDER_H
#define AC_ACME_ORDER_H

#include "acme/client.h"
#include "base/identifier.h"

enum ac_order_status {
    AC_ORDER_PENDING,
    AC_ORDER_READY,
    AC_ORDER_PROCESSING,
    AC_ORDER_VALID,
    AC_ORDER_INVALID,
    AC_ORDER_STATUS_COUNT
};

struct ac_order {
    char *url; /* Location; the CA gives it only once */
    enum ac_order_status status;
    struct ac_identifiers identifiers;
    struct ac_words authorizations; /* URLs */
    char *finalize;
    char *certificate;             /* NULL until valid */
    char *profile;                 /* what the CA says it used, or NULL */
    int64_t expires;               /* UTC seconds, as the next; 0: not said */
    int64_t not_before, not_after; /* that were asked for */
    struct ac_problem *error;
};

struct ac_order_request {
    const struct ac_identifiers *identifiers;
    /* For each of them the domain above it that may be proven in its place (RFC 9444
     * 4.3), or NULL; or no array. */
    const char *const *ancestors;
    const char *profile;    /* or NULL */
    const char *not_before; /* RFC 3339, or NULL: never sent unless asked (OR-17) */
    const char *not_after;
    const char *replaces; /* RFC 9773 5, or NULL */
};

const char *ac_order_status_name(enum ac_order_status status);

/*
 * Reads an order object. AC_E_PROTOCOL: no object, unknown status (EX-02), no finalize
 * URL, an identifier or URL of a wrong type, valid without certificate.
 */
AC_MUST enum ac_code ac_order_parse(const struct ac_json *json, const char *url,
                                    struct ac_order *ret_order, struct ac_error *err);
void ac_order_done(struct ac_order *order);
AC_DEFINE_DROP_VALUE(ac_order, ac_order_done)

AC_MUST enum ac_code ac_order_create(struct ac_client *client,
                                     const struct ac_order_request *request,
                                     struct ac_post **ret_post, struct ac_error *err);
/* The new order. AC_E_PROTOCOL: no Location, or other identifiers than were asked for
 * (compared as sets, OR-02). 200 is taken like 201. */
AC_MUST enum ac_code ac_order_created(struct ac_post *post,
                                      const struct ac_identifiers *asked,
                                      struct ac_order *ret_order, struct ac_error *err);
AC_MUST enum ac_code ac_order_read(struct ac_client *client, const char *url,
                                   struct ac_post **ret_post, struct ac_error *err);
/*
 * Takes in the answer of reading or finalizing; the order is unchanged on failure.
 * AC_E_PROTOCOL: its status moved backwards (7.1.6), or identifiers or authorizations
 * changed (7.1.3).
 */
AC_MUST enum ac_code ac_order_update(struct ac_order *order, struct ac_post *post,
                                     struct ac_error *err);
/* Sends the CSR (DER). Not repeatable: read the order when the answer is lost. */
AC_MUST enum ac_code ac_order_finalize(struct ac_client *client,
                                       const struct ac_order *order, const void *csr,
                                       size_t csr_size, struct ac_post **ret_post,
                                       struct ac_error *err);
/* Starts the download (7.4.2); the body is the PEM chain. */
AC_MUST enum ac_code ac_order_download(struct ac_client *client, const char *url,
                                       struct ac_post **ret_post, struct ac_error *err);
/* AC_E_PROTOCOL unless the media type is application/pem-certificate-chain or absent.
 */
AC_MUST enum ac_code ac_order_downloaded(struct ac_post *post, const char **ret_pem,
                                         size_t *ret_size, struct ac_error *err);

#endif
