/* SPDX-License-Identifier: Apache-2.0 */
#include "listen.h"

#include <string.h>

#include "check.h"

static const char said[] = "Loaded Modules:\n ssl_module (shared)\n"
                           "Define: ON\nDefine: PORT=8443\n";

static bool read_places(const char *text, struct apache_list *places)
{
    APACHE_AUTO_DUMP dump = { 0 };

    /* The modules come last in what Apache says. */
    return apache_dump_parse(said, strlen(said), &dump)
           && apache_listen_read(text, strlen(text), &dump, places);
}

AC_TEST(what_counts_is_read)
{
    APACHE_AUTO_LIST places = { 0 };

    AC_REQUIRE(read_places("Listen 80\n listen \"[::1]:81\" http\n#Listen 82\n"
                           "<IfModule ssl_module>\nListen 443\n</IfModule>\n"
                           "<IfModule mod_ssl.c>\nListen ${PORT}\n</IfModule>\n"
                           "<IfDefine ON>\nListen 127.0.0.1:83\n</IfDefine>\n",
                           &places));

    CU_ASSERT_EQUAL(places.count, 5);
    CU_ASSERT_TRUE(apache_listen_has(&places, 443));
    CU_ASSERT_TRUE(apache_listen_has(&places, 8443));
    CU_ASSERT_TRUE(apache_listen_has(&places, 81));
    CU_ASSERT_TRUE(apache_listen_has(&places, 83));
    CU_ASSERT_FALSE(apache_listen_has(&places, 82));
}

AC_TEST(what_does_not_count_is_not)
{
    APACHE_AUTO_LIST places = { 0 };

    AC_REQUIRE(read_places(
        "<IfModule mod_gnutls.c>\nListen 1\n<IfModule ssl_module>\nListen 2\n"
        "</IfModule>\nListen 3\n</IfModule>\n"
        "<IfModule !ssl_module>\nListen 4\n</IfModule>\n"
        "<IfDefine OFF>\nListen 5\n</IfDefine>\nListen\n"
        "<IfDefine !OFF>\nListen 6\n</IfDefine>\n",
        &places));

    CU_ASSERT_EQUAL(places.count, 1);
    CU_ASSERT_TRUE(apache_listen_has(&places, 6));
}

AC_TEST(the_new_port_is_open_where_the_old_ones_are)
{
    APACHE_AUTO_LIST anywhere = { 0 };
    APACHE_AUTO_LIST here = { 0 };
    APACHE_AUTO_TEXT all = { 0 };
    APACHE_AUTO_TEXT some = { 0 };

    AC_REQUIRE(read_places("Listen 192.0.2.1:80\nListen 80\n", &anywhere));
    AC_REQUIRE(read_places(
        "Listen 127.0.0.1:80\nListen 127.0.0.1:81\nListen [::1]:80\n", &here));
    AC_REQUIRE(apache_listen_write(&anywhere, 443, "", &all));
    AC_REQUIRE(apache_listen_write(&here, 443, "\t", &some));

    CU_ASSERT_STRING_EQUAL(all.bytes, "Listen 443 https\n");
    CU_ASSERT_STRING_EQUAL(some.bytes,
                           "\tListen 127.0.0.1:443 https\n\tListen [::1]:443 https\n");
}

AC_SUITE("installer-apache/listen", AC_CASE(what_counts_is_read),
         AC_CASE(what_does_not_count_is_not),
         AC_CASE(the_new_port_is_open_where_the_old_ones_are))
