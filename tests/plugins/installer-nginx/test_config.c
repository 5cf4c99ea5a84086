/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include "site.h"

#include <sys/stat.h>
#include <unistd.h>

/* Index of the nth directive with this name. */
static size_t find(const struct config *config, const char *name, size_t nth)
{
    for (size_t i = 0; i < config->count; i++) {
        if (config_is(config, i, name) && nth-- == 0)
            return i;
    }
    return CONFIG_NONE;
}

AC_TEST(directives_know_block_and_line)
{
    struct fake_host fake;
    AUTO_CONFIG config = { 0 };
    char word[TOKEN_VALUE_MAX];

    AC_REQUIRE(
        site_load(&fake, "user a;\nhttp {\n server { listen 1 ssl; }\n}\n", &config)
        == ACMECORE_OK);
    AC_REQUIRE(config.count == 4);

    CU_ASSERT_EQUAL(find(&config, "listen", 0), 3);
    CU_ASSERT_EQUAL(config.directives[3].parent, 2);
    CU_ASSERT_EQUAL(config.directives[2].parent, 1);
    CU_ASSERT_EQUAL(config.directives[1].parent, CONFIG_NONE);
    CU_ASSERT_EQUAL(config_line_of(&config, 3), 3);
    CU_ASSERT_TRUE(config_word(&config, 3, 2, word));
    CU_ASSERT_STRING_EQUAL(word, "ssl");
    CU_ASSERT_FALSE(config_word(&config, 3, 3, word));
    CU_ASSERT_EQUAL(config_next(&config, 1, 1), 2);
    CU_ASSERT_EQUAL(config_next(&config, 1, 2), CONFIG_NONE);
}

AC_TEST(includes_are_followed_relative_to_the_folder)
{
    struct fake_host fake;
    AUTO_CONFIG config = { 0 };

    AC_REQUIRE(mkdir(ac_test_path("d"), 0700) == 0 && site_write("d/1.conf", "a 1;\n")
               && site_write("d/2.conf", "a 2;\nb { include one; }\n")
               && site_write("one", "c;"));
    AC_REQUIRE(site_load(&fake,
                         "http { include d/*.conf; include none/*; }\ninclude one;",
                         &config)
               == ACMECORE_OK);

    CU_ASSERT_EQUAL(config.directives[find(&config, "a", 1)].parent, 0);
    CU_ASSERT_EQUAL(config.directives[find(&config, "c", 0)].parent,
                    find(&config, "b", 0));
    CU_ASSERT_EQUAL(config.directives[find(&config, "c", 1)].parent, CONFIG_NONE);
    CU_ASSERT_EQUAL(config.file_count, 4);
}

AC_TEST(file_that_is_included_by_two_paths_is_one)
{
    struct fake_host fake;
    AUTO_CONFIG config = { 0 };

    AC_REQUIRE(mkdir(ac_test_path("d"), 0700) == 0 && site_write("d/one", "a 1;\n")
               && symlink("d", ac_test_path("e")) == 0
               && symlink("d/one", ac_test_path("link")) == 0);
    AC_REQUIRE(site_load(&fake, "include d/one; include e/one; include link;", &config)
               == ACMECORE_OK);

    CU_ASSERT_EQUAL(config.file_count, 2);
    CU_ASSERT_EQUAL(config.directives[find(&config, "a", 0)].file, 1);
    CU_ASSERT_EQUAL(config.directives[find(&config, "a", 2)].file, 1);
}

AC_TEST(what_cannot_be_understood_is_named_with_its_line)
{
    static const struct {
        const char *text, *words;
    } wrong[] = {
        { "a;\nb", "nginx.conf:2: the directive does not end" },
        { "a {\n b;\n", "nginx.conf:3: a } is missing" },
        { "a;\n}\n", "nginx.conf:2: a } too many" },
        { "a;\n;\n", "nginx.conf:2: a directive was expected" },
        { "a;\ninclude none;", "nginx.conf:2: what it includes cannot be found" },
        { "include a b;", "nginx.conf:1: include has one file" },
        { "a 'b;", "does not end with" },
        { "content_by_lua_block { {", "the Lua in it has no end" },
        { "include nginx.conf;", "too deep" },
    };

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct fake_host fake;
        AUTO_CONFIG config = { 0 };

        AC_REQUIRE(site_load(&fake, wrong[i].text, &config) == ACMECORE_E_CONFIG);
        CU_ASSERT_TRUE(fake_host_failed_with(&fake, wrong[i].words));
    }
}

AC_TEST(lua_is_left_out)
{
    struct fake_host fake;
    AUTO_CONFIG config = { 0 };

    AC_REQUIRE(site_load(&fake, "x_by_lua_block { if a then b = '}' end }\nc;", &config)
               == ACMECORE_OK);
    CU_ASSERT_EQUAL(config.count, 2);
}

AC_TEST(file_that_is_missing_is_told)
{
    struct fake_host fake;
    AUTO_CONFIG config = { 0 };

    AC_REQUIRE(fake_host_start(&fake, NULL));
    CU_ASSERT_NOT_EQUAL(config_load(&fake.host, "/nonexistent/nginx.conf", &config),
                        ACMECORE_OK);
    CU_ASSERT_NOT_EQUAL(fake.ctx.failure_count, 0);
}

AC_SUITE("installer-nginx/config", AC_CASE(directives_know_block_and_line),
         AC_CASE(includes_are_followed_relative_to_the_folder),
         AC_CASE(file_that_is_included_by_two_paths_is_one),
         AC_CASE(what_cannot_be_understood_is_named_with_its_line),
         AC_CASE(lua_is_left_out), AC_CASE(file_that_is_missing_is_told))
