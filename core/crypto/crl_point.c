/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/chain_parts.h"
#include "crypto/crl_parts.h"

#include <string.h>
#include <strings.h>

#define URL_MAX    2048 /* as net/http_url takes them */
#define POINTS_MAX 16   /* distribution points of a certificate */

/* The number of its OID below id-ce, 2.5.29; 0: another one. */
enum {
    CE_CRL_NUMBER = 20,
    CE_DELTA = 27,
    CE_POINT = 28,
    CE_AUTHORITY_KEY = 35
};

/* 5.2.5 */
enum {
    POINT_NAME = 0,
    POINT_ONLY_CA = 2,
    POINT_INDIRECT = 4,
    POINT_ONLY_ATTRIBUTES = 5,
    NAME_FULL = 0,
    NAME_URI = 6
};

/* ---- of the certificate */

/* URL number `index`; false when there is none. Of one that is no URL "" comes. */
static bool get_url(const struct ac_chain *chain, unsigned index, char url[URL_MAX + 1])
{
    size_t size = URL_MAX;
    unsigned reasons = 0;
    int status = gnutls_x509_crt_get_crl_dist_points(chain->certificates[0], index, url,
                                                     &size, &reasons, NULL);

    if (status != GNUTLS_SAN_URI || size > URL_MAX) {
        url[0] = '\0';
        return status >= 0 || status == GNUTLS_E_SHORT_MEMORY_BUFFER;
    }
    url[size] = '\0';
    if (strlen(url) != size)
        url[0] = '\0';
    return true;
}

enum ac_code ac_crl_find_url(const struct ac_chain *chain, char **ret_url,
                             struct ac_error *err)
{
    char url[URL_MAX + 1];

    for (unsigned i = 0; i < POINTS_MAX && get_url(chain, i, url); i++) {
        if (strncasecmp(url, "http://", 7) == 0 || strncasecmp(url, "https://", 8) == 0)
            return ac_memory_copy_text(url, ret_url, err);
    }
    return ac_fail(err, AC_E_NOTFOUND,
                   "the certificate does not say where revocations are published");
}

static bool has_url(const struct ac_chain *chain, const struct ac_der *wanted)
{
    char url[URL_MAX + 1];

    for (unsigned i = 0; i < POINTS_MAX && get_url(chain, i, url); i++) {
        if (url[0] != '\0' && ac_der_is(wanted, url, strlen(url)))
            return true;
    }
    return false;
}

/* ---- of the list */

static unsigned number_of(const struct ac_der *oid)
{
    static const unsigned char id_ce[] = { 0x55, 0x1d };

    if (oid->left != sizeof id_ce + 1 || memcmp(oid->at, id_ce, sizeof id_ce) != 0)
        return 0;
    return oid->at[sizeof id_ce];
}

/* Is one of these names one that the certificate gives? */
static bool is_of(struct ac_der names, const struct ac_chain *chain)
{
    struct ac_der_item name;

    while (ac_der_next(&names, &name)) {
        if (name.tag == (AC_DER_TAGGED | NAME_URI) && has_url(chain, &name.content))
            return true;
    }
    return false;
}

static enum ac_code check_name(struct ac_der name, const struct ac_chain *chain,
                               struct ac_error *err)
{
    struct ac_der_item full;

    if (ac_der_take(&name, AC_DER_HOLDING | NAME_FULL, &full)
        && is_of(full.content, chain))
        return AC_OK;
    return ac_fail(err, AC_E_INVALID,
                   "the list is of another distribution point than the certificate's");
}

/* What it leaves out by its reasons alone may be revoked elsewhere: what it has is. */
static enum ac_code check_point(struct ac_der value, const struct ac_chain *chain,
                                struct ac_error *err)
{
    struct ac_der_item point;
    struct ac_der_item part;

    if (!ac_der_take(&value, AC_DER_SEQUENCE, &point))
        return ac_fail(err, AC_E_INVALID, "the list's distribution point is no DER");
    while (ac_der_next(&point.content, &part)) {
        bool is_set = part.content.left == 1 && part.content.at[0] != 0;

        if (part.tag == (AC_DER_HOLDING | POINT_NAME))
            AC_TRY(check_name(part.content, chain, err));
        if (is_set && part.tag == (AC_DER_TAGGED | POINT_ONLY_CA))
            return ac_fail(err, AC_E_INVALID, "the list is of CA certificates only");
        if (is_set && part.tag == (AC_DER_TAGGED | POINT_ONLY_ATTRIBUTES))
            return ac_fail(err, AC_E_INVALID, "the list is of attributes only");
        if (is_set && part.tag == (AC_DER_TAGGED | POINT_INDIRECT)) {
            return ac_fail(err, AC_E_INVALID,
                           "the list speaks for other issuers (an indirect one)");
        }
    }
    return point.content.left == 0
               ? AC_OK
               : ac_fail(err, AC_E_INVALID, "the list's distribution point is no DER");
}

static enum ac_code check_extension(const struct ac_crl_extension *extension,
                                    const struct ac_chain *chain, struct ac_error *err)
{
    switch (number_of(&extension->oid)) {
    case CE_POINT:
        return check_point(extension->value, chain, err);
    case CE_DELTA:
        return ac_fail(err, AC_E_INVALID, "the list has changes only (a delta)");
    case CE_CRL_NUMBER:
    case CE_AUTHORITY_KEY:
        return AC_OK;
    default:
        break;
    }
    if (!extension->is_critical)
        return AC_OK;
    return ac_fail(
        err, AC_E_INVALID,
        "the list has a critical extension that is not known (RFC 5280 5.2)");
}

enum ac_code ac_crl_check_extensions(struct ac_der list, const struct ac_chain *chain,
                                     struct ac_error *err)
{
    struct ac_crl_extension extension;

    while (ac_crl_next_extension(&list, &extension))
        AC_TRY(check_extension(&extension, chain, err));
    if (list.left == 0)
        return AC_OK;
    return ac_fail(err, AC_E_INVALID, "the list's extensions are no DER");
}
