/* SPDX-License-Identifier: Apache-2.0 */
#include "settings.h"

#include "fake_host.h"

#include "check.h"

AC_TEST(without_a_path_there_is_nothing_to_do)
{
    struct fake_host fake;
    struct settings settings;

    AC_REQUIRE(fake_host_start(&fake, &acmecore_plugin));

    CU_ASSERT_EQUAL(settings_read(&fake.host, &settings), ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "no file is wanted"));
}

AC_TEST(files_with_a_key_are_for_their_owner_alone)
{
    struct fake_host fake;
    struct settings settings;

    AC_REQUIRE(fake_host_start(&fake, &acmecore_plugin));
    fake_host_set(&fake, "key", "/etc/key.pem");
    AC_REQUIRE(settings_read(&fake.host, &settings) == ACMECORE_OK);

    CU_ASSERT_EQUAL(settings_access_of(&settings, SETTINGS_KEY).mode, 0600);
    CU_ASSERT_EQUAL(settings_access_of(&settings, SETTINGS_COMBINED).mode, 0600);
    CU_ASSERT_EQUAL(settings_access_of(&settings, SETTINGS_PKCS12).mode, 0600);
    CU_ASSERT_EQUAL(settings_access_of(&settings, SETTINGS_FULLCHAIN).mode, 0644);
}

AC_TEST(mode_is_for_all_files)
{
    struct fake_host fake;
    struct settings settings;

    AC_REQUIRE(fake_host_start(&fake, &acmecore_plugin));
    fake_host_set(&fake, "cert", "/etc/cert.pem");
    fake_host_set(&fake, "mode", "0640");
    AC_REQUIRE(settings_read(&fake.host, &settings) == ACMECORE_OK);

    CU_ASSERT_EQUAL(settings_access_of(&settings, SETTINGS_KEY).mode, 0640);
    CU_ASSERT_EQUAL(settings_access_of(&settings, SETTINGS_CERT).mode, 0640);
}

AC_TEST(wrong_setting_is_named)
{
    static const char *const wrong[][2] = {
        { "key", "/etc/%x" },
        { "mode", "rw" },
        { "owner", "no-such-user" },
        { "group", "no-such-group" },
    };

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct fake_host fake;
        struct settings settings;

        AC_REQUIRE(fake_host_start(&fake, &acmecore_plugin));
        fake_host_set(&fake, wrong[i][0], wrong[i][1]);
        CU_ASSERT_EQUAL(settings_read(&fake.host, &settings), ACMECORE_E_CONFIG);
        CU_ASSERT_TRUE(fake_host_failed_with(&fake, wrong[i][0]));
        CU_ASSERT_TRUE(fake_host_failed_with(&fake, wrong[i][1]));
    }
}

AC_SUITE("installer-files/settings", AC_CASE(without_a_path_there_is_nothing_to_do),
         AC_CASE(files_with_a_key_are_for_their_owner_alone),
         AC_CASE(mode_is_for_all_files), AC_CASE(wrong_setting_is_named))
