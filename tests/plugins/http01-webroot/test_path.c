/* SPDX-License-Identifier: Apache-2.0 */
#include "path.h"

#include <string.h>

#include "check.h"

static struct webroot_rule rule_of(const char *value)
{
    struct webroot_rule rule = { 0 };

    CU_ASSERT_PTR_NULL(webroot_rule_parse(value, &rule));
    return rule;
}

AC_TEST(token_of_base64url_is_safe)
{
    char longest[WEBROOT_TOKEN_MAX + 1];

    memset(longest, '_', sizeof(longest));
    longest[WEBROOT_TOKEN_MAX] = '\0';

    CU_ASSERT_TRUE(
        webroot_token_is_safe("LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0"));
    CU_ASSERT_TRUE(webroot_token_is_safe("a"));
    CU_ASSERT_TRUE(webroot_token_is_safe("-_09AZaz"));
    CU_ASSERT_TRUE(webroot_token_is_safe(longest));
}

AC_TEST(token_with_any_other_character_is_not_safe)
{
    static const char good[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    for (int character = 1; character < 256; character++) {
        char token[] = { 'a', (char)character, 'b', '\0' };

        CU_ASSERT_EQUAL(webroot_token_is_safe(token), strchr(good, character) != NULL);
    }
}

AC_TEST(hostile_tokens_are_not_safe)
{
    static char huge[10 * 1024 + 1];

    memset(huge, 'a', sizeof(huge) - 1);

    CU_ASSERT_FALSE(webroot_token_is_safe(""));
    CU_ASSERT_FALSE(webroot_token_is_safe("."));
    CU_ASSERT_FALSE(webroot_token_is_safe(".."));
    CU_ASSERT_FALSE(webroot_token_is_safe("../../x"));
    CU_ASSERT_FALSE(webroot_token_is_safe("/etc/passwd"));
    CU_ASSERT_FALSE(webroot_token_is_safe("%2e%2e"));
    CU_ASSERT_FALSE(webroot_token_is_safe("abc="));
    CU_ASSERT_FALSE(webroot_token_is_safe(huge));
    CU_ASSERT_FALSE(webroot_token_is_safe(huge + 10 * 1024 - WEBROOT_TOKEN_MAX - 1));
}

AC_TEST(path_alone_is_the_default)
{
    struct webroot_rule rule = rule_of("/srv/a=b");

    CU_ASSERT_EQUAL(rule.pattern_size, 0);
    CU_ASSERT_STRING_EQUAL(rule.root, "/srv/a=b");
}

AC_TEST(path_with_a_name_is_for_that_name)
{
    struct webroot_rule rule = rule_of("*.example.com=/srv/x=y");

    CU_ASSERT_EQUAL(rule.pattern_size, strlen("*.example.com"));
    CU_ASSERT_STRING_EQUAL(rule.root, "/srv/x=y");
}

AC_TEST(malformed_path_is_refused_with_the_reason)
{
    static const struct {
        const char *value, *reason;
    } cases[] = {
        { "", "the folder must be absolute, such as /var/www/html" },
        { "www", "the folder must be absolute, such as /var/www/html" },
        { "example.com=www", "the folder must be absolute, such as /var/www/html" },
        { "example.com=", "the folder must be absolute, such as /var/www/html" },
        { "=/srv", "before '=' stands a name or *.name, international names as xn--" },
        { "*=/srv", "before '=' stands a name or *.name, international names as xn--" },
        { "*.=/srv",
          "before '=' stands a name or *.name, international names as xn--" },
        { "a.*.b=/srv",
          "before '=' stands a name or *.name, international names as xn--" },
        { "m\xc3\xbcller.example=/srv",
          "before '=' stands a name or *.name, international names as xn--" },
        { "a..b=/srv", "the name before '=' has an empty label" },
        { ".a=/srv", "the name before '=' has an empty label" },
        { "a.=/srv", "the name before '=' has an empty label" },
        { "*..a=/srv", "the name before '=' has an empty label" },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct webroot_rule rule = { .root = "untouched" };
        const char *reason = webroot_rule_parse(cases[i].value, &rule);

        AC_REQUIRE(reason != NULL);
        CU_ASSERT_STRING_EQUAL(reason, cases[i].reason);
        CU_ASSERT_STRING_EQUAL(rule.root, "untouched");
    }
}

AC_TEST(overlong_path_is_refused)
{
    static char value[PATH_MAX];
    static char pattern[WEBROOT_PATTERN_MAX + 10];
    struct webroot_rule rule = { 0 };

    memset(value, 'a', sizeof(value) - 1);
    value[0] = '/';
    memset(pattern, 'a', sizeof(pattern) - 1);
    memcpy(pattern + WEBROOT_PATTERN_MAX + 1, "=/srv", sizeof("=/srv"));

    CU_ASSERT_STRING_EQUAL(webroot_rule_parse(value, &rule),
                           "the folder's path is too long");
    CU_ASSERT_STRING_EQUAL(webroot_rule_parse(pattern, &rule),
                           "the name before '=' is longer than a DNS name");
}

AC_TEST(longest_match_wins_whatever_the_order)
{
    const struct webroot_rule rules[] = {
        rule_of("/default"),
        rule_of("*.com=/com"),
        rule_of("*.a.example.com=/wild-a"),
        rule_of("b.example.com=/exact"),
        rule_of("*.example.com=/wild"),
    };
    static const struct {
        const char *name, *root;
    } cases[] = {
        { "b.example.com", "/exact" },      { "B.EXAMPLE.COM", "/exact" },
        { "c.example.com", "/wild" },       { "a.example.com", "/wild" },
        { "x.a.example.com", "/wild-a" },   { "x.y.a.example.com", "/wild-a" },
        { "example.com", "/com" },          { "notexample.com", "/com" },
        { "example.org", "/default" },      { "com", "/default" },
        { "b.example.com.org", "/default" }
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct webroot_rule *rule =
            webroot_rule_find(rules, sizeof(rules) / sizeof(rules[0]), cases[i].name);

        AC_REQUIRE(rule != NULL);
        CU_ASSERT_STRING_EQUAL(rule->root, cases[i].root);
    }
}

AC_TEST(exact_name_wins_over_a_wildcard_of_the_same_length)
{
    const struct webroot_rule rules[] = { rule_of("*.b.c=/wild"), rule_of("a.b.c=/a") };

    CU_ASSERT_STRING_EQUAL(webroot_rule_find(rules, 2, "a.b.c")->root, "/a");
}

AC_TEST(address_can_have_a_root_of_its_own)
{
    const struct webroot_rule rules[] = { rule_of("2001:db8::1=/six"),
                                          rule_of("192.0.2.1=/four") };

    CU_ASSERT_STRING_EQUAL(webroot_rule_find(rules, 2, "2001:db8::1")->root, "/six");
    CU_ASSERT_STRING_EQUAL(webroot_rule_find(rules, 2, "192.0.2.1")->root, "/four");
}

AC_TEST(name_that_no_rule_matches_has_no_root)
{
    const struct webroot_rule rules[] = { rule_of("*.example.com=/wild") };

    CU_ASSERT_PTR_NULL(webroot_rule_find(rules, 1, "example.com"));
    CU_ASSERT_PTR_NULL(webroot_rule_find(rules, 1, ""));
    CU_ASSERT_PTR_NULL(webroot_rule_find(rules, 0, "a.example.com"));
}

AC_TEST(rules_for_the_same_names_are_the_same)
{
    struct webroot_rule plain = rule_of("/a");
    struct webroot_rule other = rule_of("/b");
    struct webroot_rule name = rule_of("example.com=/a");
    struct webroot_rule upper = rule_of("EXAMPLE.com=/b");
    struct webroot_rule longer = rule_of("example.com.au=/b");

    CU_ASSERT_TRUE(webroot_rule_is_same(&plain, &other));
    CU_ASSERT_TRUE(webroot_rule_is_same(&name, &upper));
    CU_ASSERT_FALSE(webroot_rule_is_same(&name, &longer));
    CU_ASSERT_FALSE(webroot_rule_is_same(&plain, &name));
}

AC_SUITE("http01-webroot/path", AC_CASE(token_of_base64url_is_safe),
         AC_CASE(token_with_any_other_character_is_not_safe),
         AC_CASE(hostile_tokens_are_not_safe), AC_CASE(path_alone_is_the_default),
         AC_CASE(path_with_a_name_is_for_that_name),
         AC_CASE(malformed_path_is_refused_with_the_reason),
         AC_CASE(overlong_path_is_refused),
         AC_CASE(longest_match_wins_whatever_the_order),
         AC_CASE(exact_name_wins_over_a_wildcard_of_the_same_length),
         AC_CASE(address_can_have_a_root_of_its_own),
         AC_CASE(name_that_no_rule_matches_has_no_root),
         AC_CASE(rules_for_the_same_names_are_the_same))
