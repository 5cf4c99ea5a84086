/* SPDX-License-Identifier: Apache-2.0 */
#include "address.h"

#include "check.h"

#include <netinet/in.h>
#include <string.h>

AC_TEST(path_or_port_of_this_machine_is_taken)
{
    static const struct {
        const char *text;
        sa_family_t family;
    } good[] = {
        { "/run/haproxy/admin.sock", AF_UNIX },
        { "127.0.0.1:9999", AF_INET },
        { "127.8.9.1:1", AF_INET },
        { "localhost:80", AF_INET },
        { "[::1]:9999", AF_INET6 },
    };

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct address address;

        CU_ASSERT_PTR_NULL(address_parse(good[i].text, &address));
        CU_ASSERT_EQUAL(address.bytes.ss_family, good[i].family);
        CU_ASSERT_NOT_EQUAL(address.size, 0);
    }
}

AC_TEST(key_does_not_leave_this_machine)
{
    static const char *const wrong[] = { "192.0.2.1:9999", "[2001:db8::1]:9999",
                                         "0.0.0.0:1", "[::]:1" };

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct address address;
        const char *why = address_parse(wrong[i], &address);

        AC_REQUIRE(why != NULL);
        CU_ASSERT_PTR_NOT_NULL(strstr(why, "in the clear"));
    }
}

AC_TEST(what_is_no_address_is_refused)
{
    static const char *const wrong[] = { "",           ":",
                                         "admin.sock", "example.com:1",
                                         "[]:1",       "127.0.0.1:x",
                                         "127.0.0.1",  "::1" };
    char path[200] = "/";

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct address address;

        CU_ASSERT_PTR_NOT_NULL(address_parse(wrong[i], &address));
    }
    memset(path + 1, 'a', sizeof(path) - 2);
    CU_ASSERT_PTR_NOT_NULL(address_parse(path, &(struct address){ 0 }));
}

AC_SUITE("installer-haproxy/address", AC_CASE(path_or_port_of_this_machine_is_taken),
         AC_CASE(key_does_not_leave_this_machine),
         AC_CASE(what_is_no_address_is_refused))
