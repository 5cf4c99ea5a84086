/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "crypto/der.h"

#include <string.h>

#define OF(octets)                                                                     \
    {                                                                                  \
        (octets), sizeof(octets)                                                       \
    }

AC_TEST(items_come_one_after_the_other)
{
    static const unsigned char octets[] = { 0x02, 1, 7, 0x04, 2, 0xab, 0xcd };
    struct ac_der der = OF(octets);
    struct ac_der_item first;
    struct ac_der_item second;
    struct ac_der_item third;

    bool has_first = ac_der_next(&der, &first);
    bool has_second = ac_der_next(&der, &second);

    CU_ASSERT_TRUE(has_first && has_second);
    CU_ASSERT_EQUAL(first.tag, AC_DER_INTEGER);
    CU_ASSERT_TRUE(ac_der_is(&first.whole, octets, 3));
    CU_ASSERT_EQUAL(second.tag, AC_DER_OCTETS);
    CU_ASSERT_TRUE(ac_der_is(&second.content, octets + 5, 2));
    CU_ASSERT_FALSE(ac_der_next(&der, &third));
}

AC_TEST(another_tag_is_left_where_it_is)
{
    static const unsigned char octets[] = { 0x02, 1, 7 };
    struct ac_der der = OF(octets);
    struct ac_der_item item;

    CU_ASSERT_FALSE(ac_der_take(&der, AC_DER_SEQUENCE, &item));
    CU_ASSERT_EQUAL(der.left, sizeof octets);
    CU_ASSERT_TRUE(ac_der_take(&der, AC_DER_INTEGER, &item));
    CU_ASSERT_EQUAL(der.left, 0);
}

AC_TEST(long_length_is_read)
{
    unsigned char octets[3 + 200] = { 0x04, 0x81, 200 };
    struct ac_der der = OF(octets);
    struct ac_der_item item;

    bool has = ac_der_next(&der, &item);

    CU_ASSERT_TRUE(has);
    CU_ASSERT_EQUAL(item.content.left, 200);
}

/* X.690 10.1: one value has one form. */
AC_TEST(what_is_no_der_is_refused)
{
    static const struct {
        size_t size;
        unsigned char octets[8];
    } wrong[] = {
        { 1, { 0x30 } },                               /* no length */
        { 2, { 0x30, 0x80 } },                         /* indefinite */
        { 3, { 0x30, 0x02, 0x00 } },                   /* beyond the end */
        { 3, { 0x30, 0x81, 0x00 } },                   /* not the shortest */
        { 4, { 0x30, 0x81, 0x01, 0x00 } },             /* likewise */
        { 5, { 0x30, 0x82, 0x00, 0x80, 0x00 } },       /* likewise */
        { 2, { 0x30, 0x84 } },                         /* a length that is cut */
        { 7, { 0x30, 0x85, 1, 1, 1, 1, 1 } },          /* absurd */
        { 6, { 0x30, 0x84, 0xff, 0xff, 0xff, 0xff } }, /* 4 GiB */
        { 3, { 0x1f, 0x01, 0x00 } },                   /* tag of several octets */
    };

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct ac_der der = { wrong[i].octets, wrong[i].size };
        struct ac_der_item item;

        CU_ASSERT_FALSE(ac_der_next(&der, &item));
        CU_ASSERT_EQUAL(der.left, wrong[i].size);
    }
}

AC_SUITE("crypto/der", AC_CASE(items_come_one_after_the_other),
         AC_CASE(another_tag_is_left_where_it_is), AC_CASE(long_length_is_read),
         AC_CASE(what_is_no_der_is_refused))
