/* SPDX-License-Identifier: Apache-2.0 */
#include "subject.h"

#include <string.h>

#include "check.h"

AC_TEST(name_is_asked_for_as_it_is)
{
    struct subject subject;

    AC_REQUIRE(subject_read("xn--bcher-kva.example", &subject));

    CU_ASSERT_STRING_EQUAL(subject.server_name, "xn--bcher-kva.example");
    CU_ASSERT_EQUAL(subject.address_size, 0);
}

/* PROTOCOL F.5 */
AC_TEST(ipv4_address_is_asked_for_by_its_reverse_name)
{
    struct subject subject;

    AC_REQUIRE(subject_read("192.0.2.1", &subject));

    CU_ASSERT_STRING_EQUAL(subject.server_name, "1.2.0.192.in-addr.arpa");
    CU_ASSERT_EQUAL(subject.address_size, 4);
    CU_ASSERT_EQUAL(memcmp(subject.address, "\xc0\x00\x02\x01", 4), 0);
}

AC_TEST(ipv6_address_is_asked_for_by_its_reverse_name)
{
    struct subject subject;

    AC_REQUIRE(subject_read("2001:db8::1", &subject));

    CU_ASSERT_STRING_EQUAL(
        subject.server_name,
        "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
    CU_ASSERT_EQUAL(subject.address_size, 16);
    CU_ASSERT_EQUAL(memcmp(subject.address, "\x20\x01\x0d\xb8", 4), 0);
    CU_ASSERT_EQUAL(subject.address[15], 1);
}

AC_TEST(what_is_no_name_is_refused)
{
    char name[SUBJECT_NAME_MAX + 2];
    struct subject subject;

    memset(name, 'a', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';

    CU_ASSERT_FALSE(subject_read("", &subject));
    CU_ASSERT_FALSE(subject_read(name, &subject));
    CU_ASSERT_TRUE(subject_read(name + 1, &subject));
}

AC_SUITE("tlsalpn01-standalone/subject", AC_CASE(name_is_asked_for_as_it_is),
         AC_CASE(ipv4_address_is_asked_for_by_its_reverse_name),
         AC_CASE(ipv6_address_is_asked_for_by_its_reverse_name),
         AC_CASE(what_is_no_name_is_refused))
