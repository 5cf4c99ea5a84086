/* SPDX-License-Identifier: Apache-2.0 */
#include "address.h"

#include <string.h>

#include "check.h"

/* The address as it comes out again; "" when it is not taken. */
static struct address_text there_and_back(const char *text)
{
    struct address address;

    if (!address_parse(text, 8080, &address))
        return (struct address_text){ "" };
    return address_format(address_socket(&address));
}

AC_TEST(addresses_are_read_as_people_write_them)
{
    CU_ASSERT_STRING_EQUAL(there_and_back("127.0.0.1").text, "127.0.0.1:8080");
    CU_ASSERT_STRING_EQUAL(there_and_back("0.0.0.0").text, "0.0.0.0:8080");
    CU_ASSERT_STRING_EQUAL(there_and_back("::1").text, "[::1]:8080");
    CU_ASSERT_STRING_EQUAL(there_and_back("[::1]").text, "[::1]:8080");
    CU_ASSERT_STRING_EQUAL(there_and_back("2001:DB8:0:0::1").text,
                           "[2001:db8::1]:8080");
    CU_ASSERT_STRING_EQUAL(there_and_back("::ffff:192.0.2.1").text,
                           "[::ffff:192.0.2.1]:8080");
    CU_ASSERT_STRING_EQUAL(there_and_back("fe80::1%lo").text, "[fe80::1]:8080");
}

AC_TEST(anything_else_is_no_address)
{
    static const char *const texts[] = {
        "",         "localhost", "127.0.0.1:80", "[::1]:80",
        "127.1",    "256.0.0.1", "[127.0.0.1]",  "[]",
        "[",        ":",         "::1]",         "fe80::1%no-such-interface",
        "fe80::1%", " 127.0.0.1"
    };
    char longest[300];

    memset(longest, ':', sizeof(longest));
    longest[sizeof(longest) - 1] = '\0';
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        CU_ASSERT_STRING_EQUAL(there_and_back(texts[i]).text, "");
    CU_ASSERT_STRING_EQUAL(there_and_back(longest).text, "");
}

AC_TEST(any_address_has_the_port)
{
    struct address four = address_any(AF_INET, 80);
    struct address six = address_any(AF_INET6, 80);

    CU_ASSERT_STRING_EQUAL(address_format(address_socket(&four)).text, "0.0.0.0:80");
    CU_ASSERT_STRING_EQUAL(address_format(address_socket(&six)).text, "[::]:80");
    CU_ASSERT_EQUAL(address_port(address_socket(&four)), 80);
    CU_ASSERT_EQUAL(address_port(address_socket(&six)), 80);
}

AC_TEST(local_socket_has_no_port)
{
    struct address local = { .storage = { .ss_family = AF_UNIX } };

    CU_ASSERT_EQUAL(address_port(address_socket(&local)), 0);
    CU_ASSERT_STRING_EQUAL(address_format(address_socket(&local)).text,
                           "a local socket");
}

AC_SUITE("http01-standalone/address", AC_CASE(addresses_are_read_as_people_write_them),
         AC_CASE(anything_else_is_no_address), AC_CASE(any_address_has_the_port),
         AC_CASE(local_socket_has_no_port))
