/* SPDX-License-Identifier: Apache-2.0 */
#include "match.h"

#include "check.h"

static char *aliases[] = { (char[]){ "www.a.test" }, (char[]){ "two.b.test" } };
static char *patterns[] = { (char[]){ "*.c.test" }, (char[]){ "d?.test" } };
static char *defaults[] = { (char[]){ "192.0.2.1:443" },
                            (char[]){ "[2001:db8::1]:443" } };

static const struct apache_host host = {
    .name = (char[]){ "a.test" },
    .aliases = { aliases, 2, 2 },
    .patterns = { patterns, 2, 2 },
    .defaults = { defaults, 2, 2 },
};

AC_TEST(a_name_is_matched_as_apache_matches_it)
{
    static const struct {
        const char *identifier;
        enum apache_match match;
    } cases[] = {
        { "a.test", APACHE_MATCH_NAMED },       { "WWW.A.test", APACHE_MATCH_NAMED },
        { "*.c.test", APACHE_MATCH_NAMED },     { "x.c.test", APACHE_MATCH_PATTERN },
        { "x.y.c.test", APACHE_MATCH_PATTERN }, { "d1.test", APACHE_MATCH_PATTERN },
        { "d12.test", APACHE_MATCH_NONE },      { "c.test", APACHE_MATCH_NONE },
        { "*.a.test", APACHE_MATCH_COVERED },   { "*.b.test", APACHE_MATCH_COVERED },
        { "*.test", APACHE_MATCH_COVERED },     { "*.other.test", APACHE_MATCH_NONE },
        { "192.0.2.1", APACHE_MATCH_NAMED },    { "2001:db8:0::1", APACHE_MATCH_NAMED },
        { "192.0.2.2", APACHE_MATCH_NONE },     { "other.test", APACHE_MATCH_NONE },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CU_ASSERT_EQUAL(apache_match(&host, true, cases[i].identifier), cases[i].match);
}

AC_TEST(a_host_without_a_name_serves_the_rest)
{
    const struct apache_host unnamed = { .name = (char[]){ "localhost" },
                                         .defaults = { defaults, 1, 1 } };
    const struct apache_host second = { .name = (char[]){ "localhost" } };

    CU_ASSERT_EQUAL(apache_match(&unnamed, false, "x.test"), APACHE_MATCH_REST);
    CU_ASSERT_EQUAL(apache_match(&unnamed, true, "x.test"), APACHE_MATCH_NONE);
    CU_ASSERT_EQUAL(apache_match(&second, false, "x.test"), APACHE_MATCH_NONE);
    CU_ASSERT_EQUAL(apache_match(&unnamed, false, "*.x.test"), APACHE_MATCH_NONE);
}

AC_TEST(a_wildcard_covers_one_label)
{
    CU_ASSERT_TRUE(apache_match_covers("*.a.test", "x.A.test"));
    CU_ASSERT_FALSE(apache_match_covers("*.a.test", "x.y.a.test"));
    CU_ASSERT_FALSE(apache_match_covers("*.a.test", "a.test"));
    CU_ASSERT_FALSE(apache_match_covers("*.a.test", "*.a.test"));
    CU_ASSERT_FALSE(apache_match_covers("a.test", "a.test"));
    CU_ASSERT_FALSE(apache_match_covers("*.a.test", ".a.test"));
}

AC_TEST(patterns_take_any_text)
{
    CU_ASSERT_TRUE(apache_match_pattern("*", "anything"));
    CU_ASSERT_TRUE(apache_match_pattern("a*b*c", "aXbYbZc"));
    CU_ASSERT_TRUE(apache_match_pattern("a*", "a"));
    CU_ASSERT_FALSE(apache_match_pattern("a*b", "aXc"));
    CU_ASSERT_FALSE(apache_match_pattern("a", "ab"));
    CU_ASSERT_FALSE(apache_match_pattern("", "a"));
}

AC_TEST(a_port_is_read_behind_the_address)
{
    CU_ASSERT_EQUAL(apache_port_of("*:443"), 443);
    CU_ASSERT_EQUAL(apache_port_of("[::1]:8443"), 8443);
    CU_ASSERT_EQUAL(apache_port_of("*:*"), 0);
    CU_ASSERT_EQUAL(apache_port_of("*"), 0);
}

AC_SUITE("installer-apache/match", AC_CASE(a_name_is_matched_as_apache_matches_it),
         AC_CASE(a_host_without_a_name_serves_the_rest),
         AC_CASE(a_wildcard_covers_one_label), AC_CASE(patterns_take_any_text),
         AC_CASE(a_port_is_read_behind_the_address))
