/* SPDX-License-Identifier: Apache-2.0 */
#include "servers.h"

#include "site.h"

AC_TEST(tls_servers_get_the_certificate_that_matches_most)
{
    struct fake_host fake;
    AUTO_CONFIG config = { 0 };
    AUTO_SERVERS servers = { 0 };

    AC_REQUIRE(site_load(&fake,
                         "http {\n"
                         "server { listen 80; server_name www.example.com; }\n"
                         "server { listen 443 ssl; server_name www.example.com; }\n"
                         "server { listen [::]:443 ssl http2; server_name "
                         "mail.example.com other.test; ssl_certificate /a; "
                         "ssl_certificate_key /b; }\n"
                         "server { ssl on; server_name other.test; }\n"
                         "}\nstream { server { listen 1 ssl; } }\n",
                         &config)
               == ACMECORE_OK);
    AC_REQUIRE(servers_find(&config, both, 2, &servers));

    AC_REQUIRE(servers.count == 3);
    CU_ASSERT_EQUAL(servers.items[0].chosen, 0);
    CU_ASSERT_EQUAL(servers.items[0].place.certificate, CONFIG_NONE);
    CU_ASSERT_TRUE(config_is(&config, servers.items[0].after, "server_name"));
    CU_ASSERT_EQUAL(servers.items[0].stranger, CONFIG_NONE);
    CU_ASSERT_EQUAL(servers.items[1].chosen, 1);
    CU_ASSERT_TRUE(config_is(&config, servers.items[1].stranger, "server_name"));
    CU_ASSERT_TRUE(
        config_is(&config, servers.items[1].place.certificate, "ssl_certificate"));
    CU_ASSERT_TRUE(
        config_is(&config, servers.items[1].place.key, "ssl_certificate_key"));
    CU_ASSERT_EQUAL(servers.items[2].chosen, CONFIG_NONE);
}

AC_TEST(second_certificate_is_seen)
{
    struct fake_host fake;
    AUTO_CONFIG config = { 0 };
    AUTO_SERVERS servers = { 0 };

    AC_REQUIRE(site_load(&fake,
                         "http { server { listen 1 ssl; ssl_certificate /rsa; "
                         "ssl_certificate /ec; } }",
                         &config)
               == ACMECORE_OK);
    AC_REQUIRE(servers_find(&config, both, 2, &servers) && servers.count == 1);

    CU_ASSERT_NOT_EQUAL(servers.items[0].place.more, CONFIG_NONE);
}

AC_SUITE("installer-nginx/servers",
         AC_CASE(tls_servers_get_the_certificate_that_matches_most),
         AC_CASE(second_certificate_is_seen))
