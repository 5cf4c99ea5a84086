/* SPDX-License-Identifier: Apache-2.0 */
#include "settings.h"

#include "check.h"
#include "fake_host.h"

#include <string.h>

#define SECRET   "AAECAwQFBgcICQoLDA0ODw=="
#define KEY_FILE "key \"k1\" { algorithm hmac-sha512; secret \"" SECRET "\"; };"

extern const struct acmecore_plugin acmecore_plugin;

static struct fake_host fake;
static struct settings settings;

static bool start(void)
{
    memset(&settings, 0, sizeof settings);
    if (!fake_host_start(&fake, &acmecore_plugin))
        return false;
    fake_host_set(&fake, "server", "192.0.2.1");
    return true;
}

/* With these two options it is E_CONFIG, and says `text`. */
static bool is_refused(const char *name, const char *value, const char *text)
{
    fake_host_set(&fake, name, value);
    return settings_read(&fake.host, &settings) == ACMECORE_E_CONFIG
           && fake_host_failed_with(&fake, text);
}

AC_TEST(server_alone_is_enough)
{
    AC_REQUIRE(start());

    CU_ASSERT_EQUAL(settings_read(&fake.host, &settings), ACMECORE_OK);
    CU_ASSERT_EQUAL(settings.server_count, 1);
    CU_ASSERT_STRING_EQUAL(settings.servers[0].port, "53");
    CU_ASSERT_EQUAL(settings.ttl, 60);
    CU_ASSERT_FALSE(settings.is_udp);
    CU_ASSERT_PTR_NULL(settings.zone);
    CU_ASSERT_STRING_EQUAL(fake.ctx.stranger, "");
    settings_drop(&settings);
}

AC_TEST(all_options_are_read)
{
    AC_REQUIRE(start());
    fake_host_set(&fake, "server", "[2001:db8::1]:5353");
    fake_host_set(&fake, "zone", "Example.COM.");
    fake_host_set(&fake, "ttl", "120");
    fake_host_set(&fake, "protocol", "udp");
    fake_host_set(&fake, "tsig-key-file", KEY_FILE);

    CU_ASSERT_EQUAL(settings_read(&fake.host, &settings), ACMECORE_OK);
    CU_ASSERT_EQUAL(settings.server_count, 2);
    CU_ASSERT_STRING_EQUAL(settings.servers[1].host, "2001:db8::1");
    CU_ASSERT_EQUAL(settings.ttl, 120);
    CU_ASSERT_TRUE(settings.is_udp);
    CU_ASSERT_STRING_EQUAL(name_format(settings.zone).text, "example.com");
    settings_drop(&settings);
}

AC_TEST(wrong_option_is_named)
{
    AC_REQUIRE(start());
    CU_ASSERT_TRUE(is_refused("server", "a:b:c", "option server: \"a:b:c\" is no"));

    AC_REQUIRE(start());
    CU_ASSERT_TRUE(is_refused("zone", "a..b", "option zone: \"a..b\" is no"));

    AC_REQUIRE(start());
    CU_ASSERT_TRUE(is_refused("protocol", "TCP", "neither tcp nor udp"));

    AC_REQUIRE(start());
    fake_host_unset(&fake, "server");
    CU_ASSERT_TRUE(is_refused("ttl", "60", "option server: name the primary"));
}

AC_TEST(more_servers_than_there_is_room_for_are_refused)
{
    AC_REQUIRE(start());
    for (int i = 1; i < SERVERS_MAX; i++)
        fake_host_set(&fake, "server", "192.0.2.2");

    CU_ASSERT_TRUE(is_refused("server", "192.0.2.3", "more than 16 servers"));
}

AC_TEST(key_comes_from_a_key_file)
{
    struct tsig_key key;

    AC_REQUIRE(start());
    fake_host_set(&fake, "tsig-key-file", KEY_FILE);

    CU_ASSERT_EQUAL(settings_load_key(&fake.host, &key), ACMECORE_OK);
    CU_ASSERT_STRING_EQUAL(key.text, "k1");
    CU_ASSERT_STRING_EQUAL(tsig_algorithm_name(&key), "hmac-sha512");
    CU_ASSERT_EQUAL(key.secret_size, 16);
    tsig_key_wipe(&key);
}

AC_TEST(key_comes_from_name_and_secret)
{
    struct tsig_key key;

    AC_REQUIRE(start());
    fake_host_set(&fake, "tsig-name", "k2");
    fake_host_set(&fake, "tsig-secret", "\n " SECRET "\r\n");

    CU_ASSERT_EQUAL(settings_load_key(&fake.host, &key), ACMECORE_OK);
    CU_ASSERT_STRING_EQUAL(key.text, "k2");
    CU_ASSERT_STRING_EQUAL(tsig_algorithm_name(&key), "hmac-sha256");
    CU_ASSERT_EQUAL(key.secret_size, 16);

    fake_host_set(&fake, "tsig-algorithm", "hmac-sha384");
    CU_ASSERT_EQUAL(settings_load_key(&fake.host, &key), ACMECORE_OK);
    CU_ASSERT_STRING_EQUAL(tsig_algorithm_name(&key), "hmac-sha384");
    tsig_key_wipe(&key);
}

AC_TEST(name_chooses_in_a_key_file)
{
    struct tsig_key key;

    AC_REQUIRE(start());
    fake_host_set(&fake, "tsig-key-file",
                  KEY_FILE " key two { algorithm hmac-sha1; secret AAAA; };");
    CU_ASSERT_EQUAL(settings_load_key(&fake.host, &key), ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "several keys"));

    fake_host_set(&fake, "tsig-name", "two");
    CU_ASSERT_EQUAL(settings_load_key(&fake.host, &key), ACMECORE_OK);
    CU_ASSERT_STRING_EQUAL(key.text, "two");
    tsig_key_wipe(&key);
}

AC_TEST(half_a_key_is_refused)
{
    AC_REQUIRE(start());
    CU_ASSERT_TRUE(is_refused("tsig-name", "k", "secret is missing"));

    AC_REQUIRE(start());
    CU_ASSERT_TRUE(is_refused("tsig-secret", SECRET, "tsig-name is missing"));

    AC_REQUIRE(start());
    fake_host_set(&fake, "tsig-key-file", KEY_FILE);
    fake_host_set(&fake, "tsig-name", "k1");
    CU_ASSERT_TRUE(is_refused("tsig-secret", SECRET, "give one of them"));
}

AC_TEST(bad_key_is_explained_without_its_secret)
{
    AC_REQUIRE(start());
    CU_ASSERT_TRUE(is_refused("tsig-key-file", "\nkey k {\nsecret \"c2VjcmV0;\n",
                              "line 3 of the file: a quote"));
    CU_ASSERT_FALSE(fake_host_failed_with(&fake, "c2VjcmV0"));

    AC_REQUIRE(start());
    CU_ASSERT_TRUE(is_refused("tsig-key-file",
                              "key k { algorithm hmac-md5; secret \"c2VjcmV0\"; };",
                              "option tsig-key-file: hmac-md5 is broken"));

    AC_REQUIRE(start());
    fake_host_set(&fake, "tsig-name", "k");
    CU_ASSERT_TRUE(is_refused("tsig-secret", "c2VjcmV0!", "the secret is no base64"));
    CU_ASSERT_FALSE(fake_host_failed_with(&fake, "c2VjcmV0"));
}

AC_SUITE("dns01-rfc2136/settings", AC_CASE(server_alone_is_enough),
         AC_CASE(all_options_are_read), AC_CASE(wrong_option_is_named),
         AC_CASE(more_servers_than_there_is_room_for_are_refused),
         AC_CASE(key_comes_from_a_key_file), AC_CASE(key_comes_from_name_and_secret),
         AC_CASE(name_chooses_in_a_key_file), AC_CASE(half_a_key_is_refused),
         AC_CASE(bad_key_is_explained_without_its_secret))
