/* SPDX-License-Identifier: Apache-2.0 */
#include "dump.h"

#include <string.h>

#include "check.h"

/* From a real 2.4. */
static const char whole[] =
    "Included configuration files:\n"
    "  (*) /etc/apache2/apache2.conf\n"
    "    (19) /etc/apache2/ports.conf\n"
    "VirtualHost configuration:\n"
    "[::1]:18443            is a NameVirtualHost\n"
    "         default server bar.test (/a (x):3.conf:7)\n"
    "         port 18443 namevhost bar.test (/a (x):3.conf:7)\n"
    "                 alias ali.bar\n"
    "                 wild alias *.c.test\n"
    "         port 18443 namevhost two.test (/b.conf:9)\n"
    "*:80                   two.test (/b.conf:9)\n"
    "*:*                    is a NameVirtualHost\n"
    "         default server m1.test (macro 'vh' (defined on line 11 of \"/h.conf\") "
    "used "
    "on line 17 of \"/h.conf\":1)\n"
    "         port * namevhost m1.test (macro 'vh' (defined on line 11 of \"/h.conf\") "
    "used on line 17 of \"/h.conf\":1)\n"
    "ServerRoot: \"/etc/apache2\"\n"
    "Main DocumentRoot: \"/var/www/html\"\n"
    "PidFile: \"/var/run/apache2/apache2.pid\"\n"
    "Define: DUMP_VHOSTS\n"
    "Define: FOO=bar\n"
    "User: name=\"www-data\" id=33\n"
    "Loaded Modules:\n"
    " core_module (static)\n"
    " ssl_module (shared)\n";

AC_TEST(all_that_apache_says_is_read)
{
    APACHE_AUTO_DUMP dump = { 0 };

    AC_REQUIRE(apache_dump_parse(whole, strlen(whole), &dump));

    AC_REQUIRE(dump.files.count == 2 && dump.host_count == 3);
    CU_ASSERT_STRING_EQUAL(dump.files.items[1], "/etc/apache2/ports.conf");
    CU_ASSERT_STRING_EQUAL(dump.server_root, "/etc/apache2");
    CU_ASSERT_STRING_EQUAL(dump.pid_file, "/var/run/apache2/apache2.pid");
    CU_ASSERT_TRUE(apache_list_has(&dump.modules, "ssl_module"));
    CU_ASSERT_FALSE(apache_list_has(&dump.modules, "headers_module"));
}

AC_TEST(a_host_has_its_place_names_and_addresses)
{
    APACHE_AUTO_DUMP dump = { 0 };

    AC_REQUIRE(apache_dump_parse(whole, strlen(whole), &dump));

    const struct apache_host *first = &dump.hosts[0];
    CU_ASSERT_STRING_EQUAL(first->file, "/a (x):3.conf");
    CU_ASSERT_EQUAL(first->line, 7);
    CU_ASSERT_STRING_EQUAL(first->name, "bar.test");
    CU_ASSERT_TRUE(apache_list_has(&first->aliases, "ali.bar"));
    CU_ASSERT_TRUE(apache_list_has(&first->patterns, "*.c.test"));
    CU_ASSERT_TRUE(apache_list_has(&first->defaults, "[::1]:18443"));
    CU_ASSERT_FALSE(first->is_macro);
}

AC_TEST(a_host_at_two_addresses_is_one_host)
{
    APACHE_AUTO_DUMP dump = { 0 };

    AC_REQUIRE(apache_dump_parse(whole, strlen(whole), &dump));

    const struct apache_host *second = &dump.hosts[1];
    CU_ASSERT_EQUAL(second->addresses.count, 2);
    CU_ASSERT_FALSE(apache_list_has(&second->defaults, "[::1]:18443"));
    CU_ASSERT_TRUE(apache_list_has(&second->defaults, "*:80"));
}

AC_TEST(what_a_macro_makes_is_told_apart)
{
    APACHE_AUTO_DUMP dump = { 0 };

    AC_REQUIRE(apache_dump_parse(whole, strlen(whole), &dump));

    CU_ASSERT_TRUE(dump.hosts[2].is_macro);
    CU_ASSERT_STRING_EQUAL(dump.hosts[2].addresses.items[0], "*:*");
}

AC_TEST(nonsense_is_passed_over)
{
    static const char *const texts[] = {
        "",
        "VirtualHost configuration:\n*:80\n*:80 \n*:80 a.test\n*:80 a.test (\n"
        "*:80 a.test (x:y)\n*:80 a.test (x:0)\n*:80 a.test (x:99999999999999999999)\n",
        "VirtualHost configuration:\n   alias x\n  default server\n   port 80 "
        "namevhost \n",
        "ServerRoot: \"\nServerRoot: x\nDefine: \n",
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        APACHE_AUTO_DUMP dump = { 0 };
        AC_REQUIRE(apache_dump_parse(texts[i], strlen(texts[i]), &dump));
        CU_ASSERT_EQUAL(dump.host_count, 0);
        CU_ASSERT_PTR_NULL(dump.server_root);
    }
}

AC_TEST(defined_variables_are_put_in)
{
    APACHE_AUTO_DUMP dump = { 0 };
    APACHE_AUTO_TEXT text = { 0 };
    APACHE_AUTO_TEXT unknown = { 0 };

    AC_REQUIRE(apache_dump_parse(whole, strlen(whole), &dump));
    AC_REQUIRE(apache_dump_expand(&dump, "/x/${FOO}/${FOO}.pem", &text));
    AC_REQUIRE(apache_dump_expand(&dump, "${NOT}/${", &unknown));

    CU_ASSERT_STRING_EQUAL(text.bytes, "/x/bar/bar.pem");
    CU_ASSERT_STRING_EQUAL(unknown.bytes, "${NOT}/${");
}

AC_SUITE("installer-apache/dump", AC_CASE(all_that_apache_says_is_read),
         AC_CASE(a_host_has_its_place_names_and_addresses),
         AC_CASE(a_host_at_two_addresses_is_one_host),
         AC_CASE(what_a_macro_makes_is_told_apart), AC_CASE(nonsense_is_passed_over),
         AC_CASE(defined_variables_are_put_in))
