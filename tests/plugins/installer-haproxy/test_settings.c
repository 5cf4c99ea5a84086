/* SPDX-License-Identifier: Apache-2.0 */
#include "settings.h"

#include "check.h"
#include "fake_host.h"

#include <sys/un.h>

AC_TEST(file_alone_is_enough)
{
    struct fake_host fake;
    struct settings settings;

    AC_REQUIRE(fake_host_start(&fake, &acmecore_plugin));
    fake_host_set(&fake, "file", "/etc/haproxy/%n.pem");
    AC_REQUIRE(settings_read(&fake.host, &settings) == ACMECORE_OK);

    CU_ASSERT_FALSE(settings.has_socket);
    CU_ASSERT_PTR_NULL(settings.list);
    CU_ASSERT_EQUAL(settings.access.mode, 0600);
    CU_ASSERT_EQUAL(settings.runtime.talk.timeout_ms, 10000);
}

AC_TEST(socket_and_list_are_read)
{
    struct fake_host fake;
    struct settings settings;

    AC_REQUIRE(fake_host_start(&fake, &acmecore_plugin));
    fake_host_set(&fake, "file", "/etc/haproxy/a.pem");
    fake_host_set(&fake, "socket", "/run/haproxy.sock");
    fake_host_set(&fake, "crt-list", "/etc/haproxy/list");
    AC_REQUIRE(settings_read(&fake.host, &settings) == ACMECORE_OK);

    CU_ASSERT_TRUE(settings.has_socket);
    CU_ASSERT_STRING_EQUAL(settings.runtime.list, "/etc/haproxy/list");
    CU_ASSERT_EQUAL(settings.runtime.talk.address.bytes.ss_family, AF_UNIX);
}

AC_TEST(wrong_setting_is_named)
{
    static const char *const wrong[][2] = {
        { "file", "/etc/%x" },
        { "socket", "192.0.2.1:9999" },
        { "crt-list", "/etc/a list" },
        { "mode", "0" },
    };

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct fake_host fake;
        struct settings settings;

        AC_REQUIRE(fake_host_start(&fake, &acmecore_plugin));
        fake_host_set(&fake, wrong[i][0], wrong[i][1]);
        fake_host_set(&fake, "file", "/etc/haproxy/a.pem");
        CU_ASSERT_EQUAL(settings_read(&fake.host, &settings), ACMECORE_E_CONFIG);
        CU_ASSERT_TRUE(fake_host_failed_with(&fake, wrong[i][0]));
        CU_ASSERT_TRUE(fake_host_failed_with(&fake, wrong[i][1]));
    }
}

AC_SUITE("installer-haproxy/settings", AC_CASE(file_alone_is_enough),
         AC_CASE(socket_and_list_are_read), AC_CASE(wrong_setting_is_named))
