/* SPDX-License-Identifier: Apache-2.0 */
#include "net/public.h"

#include "base/memory.h"

#include "check.h"

AC_TEST(the_ports_of_the_web_are_80_and_443)
{
    CU_ASSERT(ac_public_has_web_port("a.test:80"));
    CU_ASSERT(ac_public_has_web_port("[2001:db8::1]:443"));
    CU_ASSERT_FALSE(ac_public_has_web_port("a.test:8080"));
    CU_ASSERT_FALSE(ac_public_has_web_port("a.test:0443"));
    CU_ASSERT_FALSE(ac_public_has_web_port("[2001:db8::80]:22"));
    CU_ASSERT_FALSE(ac_public_has_web_port("a.test"));
}

AC_TEST(names_and_addresses_of_others_are_public)
{
    static const char *const hosts[] = {
        "a.test",        "localhost.test",   "notlocalhost", "8.8.8.8",
        "172.32.0.1",    "192.167.255.255",  "100.128.0.1",  "11.0.0.1",
        "[2001:db8::1]", "[::ffff:8.8.8.8]",
    };

    for (size_t i = 0; i < AC_COUNT(hosts); i++)
        CU_ASSERT(ac_public_is_host(hosts[i]));
}

AC_TEST(this_machine_and_what_is_behind_it_is_not_public_however_it_is_written)
{
    static const char *const hosts[] = {
        "localhost",
        "LocalHost.",
        "www.localhost",
        "127.0.0.1",
        "127.1",
        "0x7f000001",
        "2130706433",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "[::1]",
        "[::]",
        "[fe80::1]",
        "[fd00::1]",
        "[fc00::1]",
        "[fec0::1]",
        "[ff02::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:10.0.0.1]",
        "[::127.0.0.1]",
        "[fe80::1%25eth0]",
        "[]",
        "[x",
    };

    for (size_t i = 0; i < AC_COUNT(hosts); i++)
        CU_ASSERT_FALSE(ac_public_is_host(hosts[i]));
}

AC_TEST(address_of_a_connection_is_public_or_not)
{
    CU_ASSERT_TRUE(ac_public_is_address("192.0.2.1"));
    CU_ASSERT_TRUE(ac_public_is_address("2001:db8::1"));
    CU_ASSERT_FALSE(ac_public_is_address("127.0.0.1"));
    CU_ASSERT_FALSE(ac_public_is_address("::1"));
    CU_ASSERT_FALSE(ac_public_is_address("fe80::1"));
    CU_ASSERT_FALSE(ac_public_is_address("::ffff:10.0.0.1"));
    CU_ASSERT_FALSE(ac_public_is_address("what"));
}

AC_TEST(host_of_a_url_is_public_or_not)
{
    CU_ASSERT_TRUE(ac_public_is_url("https://ca.example/acme/directory"));
    CU_ASSERT_TRUE(ac_public_is_url("http://[2001:db8::1]:8080/list"));
    CU_ASSERT_FALSE(ac_public_is_url("https://127.0.0.1:14000/dir"));
    CU_ASSERT_FALSE(ac_public_is_url("http://[::1]/list?http://ca.example"));
    CU_ASSERT_FALSE(ac_public_is_url("http://localhost/list"));
    CU_ASSERT_FALSE(ac_public_is_url("http://[::1"));
    CU_ASSERT_FALSE(ac_public_is_url("http://"));
}

AC_SUITE(
    "net/public", AC_CASE(the_ports_of_the_web_are_80_and_443),
    AC_CASE(names_and_addresses_of_others_are_public),
    AC_CASE(this_machine_and_what_is_behind_it_is_not_public_however_it_is_written),
    AC_CASE(address_of_a_connection_is_public_or_not),
    AC_CASE(host_of_a_url_is_public_or_not))
