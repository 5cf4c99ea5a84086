/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/dns_resolvers.h"

#include "check.h"

#include <string.h>

AC_TEST(addresses_are_read_with_and_without_port)
{
    static const struct {
        const char *given, *text;
    } cases[] = {
        { "192.0.2.1", "192.0.2.1" },
        { "192.0.2.1:53", "192.0.2.1" },
        { "192.0.2.1:5353", "192.0.2.1:5353" },
        { "2001:db8::1", "2001:db8::1" },
        { "[2001:db8::1]", "2001:db8::1" },
        { "[2001:db8::1]:5353", "[2001:db8::1]:5353" },
    };
    struct ac_error err = { 0 };
    char text[AC_DNS_ADDRESS_SIZE];

    for (size_t i = 0; i < AC_COUNT(cases); i++) {
        struct ac_dns_resolvers resolvers = { 0 };
        AC_REQUIRE_OK(ac_dns_resolvers_add(&resolvers, cases[i].given, &err));
        AC_REQUIRE(resolvers.count == 1);
        CU_ASSERT_STRING_EQUAL(ac_dns_address_text(&resolvers.items[0], text),
                               cases[i].text);
    }
}

AC_TEST(what_is_no_address_is_refused)
{
    static const char *const bad[] = { "",    "[2001:db8::1",        "192.0.2.1:",
                                       ":53", "192.0.2.1:123456789", "[::1]x" };
    struct ac_error err = { 0 };
    struct ac_dns_resolvers resolvers = { 0 };

    for (size_t i = 0; i < AC_COUNT(bad); i++)
        CU_ASSERT_EQUAL(ac_dns_resolvers_add(&resolvers, bad[i], &err), AC_E_USAGE);

    CU_ASSERT_EQUAL(resolvers.count, 0);
}

AC_TEST(name_of_a_resolver_is_looked_up_by_the_system)
{
    struct ac_error err = { 0 };
    struct ac_dns_resolvers resolvers = { 0 };

    AC_REQUIRE_OK(ac_dns_resolvers_add(&resolvers, "localhost:5353", &err));

    CU_ASSERT(resolvers.count > 0);
}

AC_TEST(more_resolvers_than_fit_are_left_out)
{
    struct ac_error err = { 0 };
    struct ac_dns_resolvers resolvers = { 0 };

    for (int i = 0; i < AC_DNS_RESOLVERS_MAX + 2; i++)
        AC_REQUIRE_OK(ac_dns_resolvers_add(&resolvers, "192.0.2.1", &err));

    CU_ASSERT_EQUAL(resolvers.count, AC_DNS_RESOLVERS_MAX);
}

AC_TEST(nameserver_lines_are_read_and_others_passed_over)
{
    static const char text[] =
        "# nameserver 192.0.2.9\nsearch example\n"
        "nameserver 192.0.2.1 # first\n nameserver\t2001:db8::1\r\n"
        "nameservers 192.0.2.8\nnameserver\nnameserver nonsense\n"
        "nameserver 192.0.2.2";
    struct ac_error err = { 0 };
    struct ac_dns_resolvers resolvers = { 0 };
    char first[AC_DNS_ADDRESS_SIZE];

    AC_REQUIRE(ac_test_write_file(ac_test_path("conf"), text, strlen(text)));
    AC_REQUIRE_OK(ac_dns_resolvers_read(ac_test_path("conf"), &resolvers, &err));

    AC_REQUIRE(resolvers.count == 3);
    CU_ASSERT_STRING_EQUAL(ac_dns_address_text(&resolvers.items[0], first),
                           "192.0.2.1");
    CU_ASSERT_STRING_EQUAL(ac_dns_address_text(&resolvers.items[1], first),
                           "2001:db8::1");
}

AC_TEST(machine_without_a_list_asks_itself)
{
    struct ac_error err = { 0 };
    struct ac_dns_resolvers resolvers = { 0 };
    char text[AC_DNS_ADDRESS_SIZE];

    AC_REQUIRE_OK(ac_dns_resolvers_read(ac_test_path("none"), &resolvers, &err));

    AC_REQUIRE(resolvers.count == 1);
    CU_ASSERT_STRING_EQUAL(ac_dns_address_text(&resolvers.items[0], text), "127.0.0.1");
}

AC_TEST(list_that_cannot_be_read_is_an_error)
{
    struct ac_error err = { 0 };
    struct ac_dns_resolvers resolvers = { 0 };

    AC_REQUIRE_CODE(ac_dns_resolvers_read(ac_test_folder(), &resolvers, &err),
                    AC_E_INVALID);

    CU_ASSERT_EQUAL(resolvers.count, 0);
}

AC_SUITE("pluginhost/dns_resolvers", AC_CASE(addresses_are_read_with_and_without_port),
         AC_CASE(what_is_no_address_is_refused),
         AC_CASE(name_of_a_resolver_is_looked_up_by_the_system),
         AC_CASE(more_resolvers_than_fit_are_left_out),
         AC_CASE(nameserver_lines_are_read_and_others_passed_over),
         AC_CASE(machine_without_a_list_asks_itself),
         AC_CASE(list_that_cannot_be_read_is_an_error))
