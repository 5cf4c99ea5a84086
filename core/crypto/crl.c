/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/crl.h"

#include "base/clock.h"
#include "crypto/crl_parts.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UTC_TIME_SIZE 13 /* "261122081500Z" */
#define TIME_SIZE     15 /* "20261122081500Z" */
#define V2            1

static const char *const reason_names[AC_CRL_REASON_MAX + 1] = {
    [0] = "unspecified",        [1] = "keyCompromise", [2] = "cACompromise",
    [3] = "affiliationChanged", [4] = "superseded",    [5] = "cessationOfOperation",
    [6] = "certificateHold",    [8] = "removeFromCRL", [9] = "privilegeWithdrawn",
    [10] = "aACompromise",
};

const char *ac_crl_reason_name(int reason)
{
    bool is_known = reason >= 0 && reason <= AC_CRL_REASON_MAX && reason_names[reason];

    return reason_names[is_known ? reason : AC_CRL_UNSPECIFIED];
}

void ac_crl_free(struct ac_crl *crl)
{
    if (!crl)
        return;
    ac_text_done(&crl->der);
    free(crl);
}

int64_t ac_crl_this_update(const struct ac_crl *crl)
{
    return crl->this_update;
}

int64_t ac_crl_next_update(const struct ac_crl *crl)
{
    return crl->next_update;
}

size_t ac_crl_count(const struct ac_crl *crl)
{
    return crl->count;
}

const struct ac_text *ac_crl_der(const struct ac_crl *crl)
{
    return &crl->der;
}

static enum ac_code fail_der(struct ac_error *err)
{
    return ac_fail(err, AC_E_INVALID, "it is no certificate revocation list in DER");
}

/* ---- times and numbers */

static bool is_time(const struct ac_der_item *item)
{
    size_t size = item->tag == AC_DER_UTC_TIME ? UTC_TIME_SIZE : TIME_SIZE;

    if (item->tag != AC_DER_UTC_TIME && item->tag != AC_DER_TIME)
        return false;
    if (item->content.left != size || item->content.at[size - 1] != 'Z')
        return false;
    for (size_t i = 0; i < size - 1; i++) {
        if (!isdigit(item->content.at[i]))
            return false;
    }
    return true;
}

/* 4.1.2.5: both kinds, in Zulu and with seconds. */
static bool read_time(const struct ac_der_item *item, int64_t *ret_utc)
{
    const char *digits = (const char *)item->content.at;
    char text[AC_CLOCK_TEXT_SIZE];
    struct ac_error ignored = { 0 };
    int year_size = item->tag == AC_DER_UTC_TIME ? 2 : 4;
    const char *century = "";

    if (!is_time(item))
        return false;
    if (year_size == 2)
        century = digits[0] >= '5' ? "19" : "20";
    const char *rest = digits + year_size;
    (void)snprintf(text, sizeof text, "%s%.*s-%.2s-%.2sT%.2s:%.2s:%.2sZ", century,
                   year_size, digits, rest, rest + 2, rest + 4, rest + 6, rest + 8);
    return ac_clock_parse(text, ret_utc, &ignored) == AC_OK;
}

static bool read_serial(const struct ac_der *octets, char serial[AC_CRL_SERIAL_SIZE])
{
    static const char digits[] = "0123456789abcdef";

    if (octets->left == 0 || octets->left > AC_CRL_SERIAL_MAX)
        return false;
    for (size_t i = 0; i < octets->left; i++) {
        serial[2 * i] = digits[octets->at[i] >> 4];
        serial[2 * i + 1] = digits[octets->at[i] & 0xf];
    }
    serial[2 * octets->left] = '\0';
    return true;
}

/* ---- entries */

bool ac_crl_next_extension(struct ac_der *list, struct ac_crl_extension *ret_extension)
{
    struct ac_der rest = *list;
    struct ac_der_item sequence;
    struct ac_der_item oid;
    struct ac_der_item flag;
    struct ac_der_item value;

    *ret_extension = (struct ac_crl_extension){ 0 };
    if (!ac_der_take(&rest, AC_DER_SEQUENCE, &sequence)
        || !ac_der_take(&sequence.content, AC_DER_OID, &oid))
        return false;
    if (ac_der_take(&sequence.content, AC_DER_BOOLEAN, &flag))
        ret_extension->is_critical = flag.content.left != 1 || flag.content.at[0] != 0;
    if (!ac_der_take(&sequence.content, AC_DER_OCTETS, &value)
        || sequence.content.left > 0)
        return false;
    ret_extension->oid = oid.content;
    ret_extension->value = value.content;
    *list = rest;
    return true;
}

static int read_reason(struct ac_der value)
{
    struct ac_der_item number;

    if (!ac_der_take(&value, AC_DER_ENUMERATED, &number) || number.content.left != 1
        || number.content.at[0] > AC_CRL_REASON_MAX
        || !reason_names[number.content.at[0]])
        return AC_CRL_UNSPECIFIED;
    return number.content.at[0];
}

/* 5.3: one that is critical and not known makes the whole list useless; that is how an
 * entry of an indirect list names its issuer (5.3.3). */
static bool read_details(struct ac_der list, struct ac_crl_entry *entry)
{
    static const unsigned char reason_oid[] = { 0x55, 0x1d, 0x15 };
    struct ac_crl_extension extension;

    while (ac_crl_next_extension(&list, &extension)) {
        if (ac_der_is(&extension.oid, reason_oid, sizeof reason_oid)) {
            entry->reason = read_reason(extension.value);
        } else if (extension.is_critical) {
            return false;
        }
    }
    return list.left == 0;
}

static bool read_entry(struct ac_der *entries, struct ac_crl_entry *entry)
{
    struct ac_der_item sequence;
    struct ac_der_item serial;
    struct ac_der_item date;
    struct ac_der_item details;

    *entry = (struct ac_crl_entry){ 0 };
    if (!ac_der_take(entries, AC_DER_SEQUENCE, &sequence)
        || !ac_der_take(&sequence.content, AC_DER_INTEGER, &serial)
        || !read_serial(&serial.content, entry->serial)
        || !ac_der_next(&sequence.content, &date))
        return false;
    if (!read_time(&date, &entry->revoked_at))
        entry->revoked_at = 0;
    if (ac_der_take(&sequence.content, AC_DER_SEQUENCE, &details)
        && !read_details(details.content, entry))
        return false;
    return sequence.content.left == 0;
}

bool ac_crl_next(const struct ac_crl *crl, size_t *position,
                 struct ac_crl_entry *ret_entry)
{
    struct ac_der rest = { crl->entries.at + *position, crl->entries.left - *position };

    if (rest.left == 0 || !read_entry(&rest, ret_entry))
        return false;
    *position = crl->entries.left - rest.left;
    return true;
}

static enum ac_code count_entries(struct ac_crl *crl, struct ac_error *err)
{
    struct ac_crl_entry entry;
    size_t position = 0;

    while (ac_crl_next(crl, &position, &entry))
        crl->count++;
    if (position == crl->entries.left)
        return AC_OK;
    return ac_fail(err, AC_E_INVALID,
                   "entry %zu of the list is no DER, or has a critical extension that "
                   "is not known (RFC 5280 5.3)",
                   crl->count + 1);
}

/* ---- the list */

static enum ac_code read_frame(struct ac_der der, struct ac_crl_frame *frame,
                               struct ac_error *err)
{
    struct ac_der_item outer;
    struct ac_der_item list;
    struct ac_der_item algorithm;
    struct ac_der_item bits;

    if (!ac_der_take(&der, AC_DER_SEQUENCE, &outer) || der.left > 0
        || !ac_der_take(&outer.content, AC_DER_SEQUENCE, &list)
        || !ac_der_take(&outer.content, AC_DER_SEQUENCE, &algorithm)
        || !ac_der_take(&outer.content, AC_DER_BIT_STRING, &bits)
        || outer.content.left > 0 || bits.content.left < 2 || bits.content.at[0] != 0)
        return fail_der(err);
    frame->signed_part = list.whole;
    frame->inside = list.content;
    frame->algorithm = algorithm.whole;
    frame->signature = (struct ac_der){ bits.content.at + 1, bits.content.left - 1 };
    return AC_OK;
}

static enum ac_code check_times(const struct ac_crl *crl, int64_t utc,
                                struct ac_error *err)
{
    char text[AC_CLOCK_TEXT_SIZE];

    if (crl->this_update > utc + AC_CRL_SKEW_S) {
        return ac_fail(err, AC_E_INVALID, "the list is of a time to come: %s",
                       ac_clock_format(crl->this_update, text));
    }
    if (crl->next_update <= utc) {
        return ac_fail(err, AC_E_INVALID, "the list is stale: it ended at %s",
                       ac_clock_format(crl->next_update, text));
    }
    return AC_OK;
}

/* 5.1.2.5: nextUpdate is no option. Without one nobody could tell an old list. */
static enum ac_code read_times(struct ac_der *inside, struct ac_crl *crl,
                               struct ac_error *err)
{
    struct ac_der_item begins;
    struct ac_der_item ends;

    if (!ac_der_next(inside, &begins) || !read_time(&begins, &crl->this_update))
        return ac_fail(err, AC_E_INVALID, "the list does not say when it was made");
    if (!ac_der_next(inside, &ends) || !read_time(&ends, &crl->next_update))
        return ac_fail(err, AC_E_INVALID, "the list does not say when it ends");
    return AC_OK;
}

/* Version 2, since 1 has no extensions; the algorithm twice the same (5.1.1.2). */
static enum ac_code read_beginning(const struct ac_crl_frame *frame,
                                   struct ac_der *inside, struct ac_error *err)
{
    struct ac_der_item version;
    struct ac_der_item algorithm;

    if (ac_der_take(inside, AC_DER_INTEGER, &version)
        && (version.content.left != 1 || version.content.at[0] != V2))
        return ac_fail(err, AC_E_INVALID, "the list has an unknown version");
    if (!ac_der_take(inside, AC_DER_SEQUENCE, &algorithm)
        || !ac_der_is(&algorithm.whole, frame->algorithm.at, frame->algorithm.left))
        return fail_der(err);
    return AC_OK;
}

static enum ac_code read_inside(const struct ac_crl_frame *frame,
                                const struct ac_chain *chain, struct ac_crl *crl,
                                struct ac_error *err)
{
    struct ac_der inside = frame->inside;
    struct ac_der_item name;
    struct ac_der_item item;

    AC_TRY(read_beginning(frame, &inside, err));
    if (!ac_der_take(&inside, AC_DER_SEQUENCE, &name))
        return fail_der(err);
    AC_TRY(ac_crl_check_issuer(&name.whole, chain, err));
    AC_TRY(read_times(&inside, crl, err));
    crl->entries = (struct ac_der){ inside.at, 0 };
    if (ac_der_take(&inside, AC_DER_SEQUENCE, &item))
        crl->entries = item.content;
    if (ac_der_take(&inside, AC_DER_HOLDING, &item)) {
        struct ac_der_item list;

        if (!ac_der_take(&item.content, AC_DER_SEQUENCE, &list))
            return fail_der(err);
        AC_TRY(ac_crl_check_extensions(list.content, chain, err));
    }
    return inside.left == 0 ? AC_OK : fail_der(err);
}

enum ac_code ac_crl_read(struct ac_text *der, const struct ac_chain *chain, int64_t utc,
                         struct ac_crl **ret_crl, struct ac_error *err)
{
    AC_AUTO(ac_crl) *crl = NULL;
    struct ac_crl_frame frame;

    AC_TRY(ac_memory_new(1, sizeof *crl, &crl, err));
    crl->der = *der;
    *der = (struct ac_text){ 0 };
    const struct ac_der whole = { (const unsigned char *)ac_text_get(&crl->der),
                                  crl->der.size };
    AC_TRY(read_frame(whole, &frame, err));
    AC_TRY(ac_crl_check_signature(&frame, chain, err));
    AC_TRY(read_inside(&frame, chain, crl, err));
    AC_TRY(count_entries(crl, err));
    AC_TRY(check_times(crl, utc, err));
    *ret_crl = AC_TAKE(crl);
    return AC_OK;
}
