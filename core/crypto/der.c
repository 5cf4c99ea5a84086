/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/der.h"

#include <string.h>

#define MANY_TAGS    0x1fu /* the number of the tag follows */
#define LONG_LENGTH  0x80u
#define LENGTH_BYTES 4u /* 4 GiB is beyond every limit */

/* X.690 10.1: definite, and in as few octets as it can be. */
static bool read_length(struct ac_der *der, size_t *ret_length)
{
    size_t count;
    size_t length = 0;

    if (der->left == 0)
        return false;
    unsigned first = *der->at++;
    der->left--;
    *ret_length = first;
    if (first < LONG_LENGTH)
        return true;
    count = first - LONG_LENGTH;
    if (count == 0 || count > LENGTH_BYTES || count > der->left || der->at[0] == 0)
        return false;
    for (; count > 0; count--, der->left--)
        length = length << 8 | *der->at++;
    *ret_length = length;
    return length >= LONG_LENGTH;
}

bool ac_der_next(struct ac_der *der, struct ac_der_item *ret_item)
{
    struct ac_der rest = *der;
    size_t length;

    if (rest.left == 0)
        return false;
    unsigned tag = *rest.at++;
    rest.left--;
    if ((tag & MANY_TAGS) == MANY_TAGS || !read_length(&rest, &length)
        || length > rest.left)
        return false;
    ret_item->tag = tag;
    ret_item->content = (struct ac_der){ rest.at, length };
    ret_item->whole = (struct ac_der){ der->at, der->left - rest.left + length };
    der->at = rest.at + length;
    der->left = rest.left - length;
    return true;
}

bool ac_der_take(struct ac_der *der, unsigned tag, struct ac_der_item *ret_item)
{
    return der->left > 0 && der->at[0] == tag && ac_der_next(der, ret_item);
}

bool ac_der_is(const struct ac_der *der, const void *octets, size_t size)
{
    return der->left == size && memcmp(der->at, octets, size) == 0;
}
