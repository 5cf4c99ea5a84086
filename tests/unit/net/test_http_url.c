/* SPDX-License-Identifier: Apache-2.0 */
#include "net/http_url.h"

#include "base/text.h"
#include "check.h"

#include <string.h>

static void expect_refusal(const char *text, const char *why)
{
    struct ac_error err = { 0 };
    const struct ac_curl *curl = NULL;
    AC_AUTO(ac_url) url = { 0 };

    AC_REQUIRE_OK(ac_curl_get(&curl, &err));
    AC_REQUIRE_CODE(ac_url_parse(curl, text, &url, &err), AC_E_INVALID);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, why));
    CU_ASSERT_PTR_NULL(url.authority);
}

static void expect_parts(const char *text, const char *authority, const char *place)
{
    struct ac_error err = { 0 };
    const struct ac_curl *curl = NULL;
    AC_AUTO(ac_url) url = { 0 };

    AC_REQUIRE_OK(ac_curl_get(&curl, &err));
    AC_REQUIRE_OK(ac_url_parse(curl, text, &url, &err));

    CU_ASSERT_STRING_EQUAL(url.authority, authority);
    CU_ASSERT_STRING_EQUAL(url.place, place);
    CU_ASSERT_EQUAL(url.is_plain, strncmp(text, "http:", 5) == 0);
    CU_ASSERT_EQUAL(strncmp(url.place, url.host, strlen(url.host)), 0);
}

static void expect_target(const char *base, const char *target, const char *want)
{
    struct ac_error err = { 0 };
    const struct ac_curl *curl = NULL;
    AC_AUTO_TEXT char *url = NULL;

    AC_REQUIRE_OK(ac_curl_get(&curl, &err));
    AC_REQUIRE_OK(ac_url_resolve(curl, base, target, &url, &err));

    CU_ASSERT_STRING_EQUAL(url, want);
}

AC_TEST(url_is_taken_apart)
{
    expect_parts("https://ca.example", "ca.example", "ca.example:443");
    expect_parts("https://ca.example/acme?x=%2f#y", "ca.example", "ca.example:443");
    expect_parts("http://ca.example:14000/dir", "ca.example:14000", "ca.example:14000");
    expect_parts("HTTPS://ca.example:443?a", "ca.example:443", "ca.example:443");
    expect_parts("https://[::1]:14000/dir", "[::1]:14000", "[::1]:14000");
}

AC_TEST(other_schemes_are_refused)
{
    expect_refusal("", "neither https:// nor http://");
    expect_refusal("ca.example/dir", "neither https:// nor http://");
    expect_refusal("file:///etc/passwd", "neither https:// nor http://");
    expect_refusal("ftp://ca.example/", "neither https:// nor http://");
    expect_refusal("https:/ca.example/", "neither https:// nor http://");
    expect_refusal("data:text/plain,x", "neither https:// nor http://");
}

AC_TEST(credentials_are_refused)
{
    expect_refusal("https://user@ca.example/", "credentials");
    expect_refusal("https://user:word@ca.example/", "credentials");
    expect_refusal("https://@ca.example/", "credentials");
    expect_refusal("https://ca.example\\@evil.example/", "credentials");
}

AC_TEST(strange_hosts_are_refused)
{
    expect_refusal("https://", "no host");
    expect_refusal("https:///dir", "no host");
    expect_refusal("https://:443/dir", "no URL");
    expect_refusal("https://h%6fst/", "no host has");
    expect_refusal("https://a\\b/", "no host has");
    expect_refusal("https://ca.example:/", "port");
    expect_refusal("https://ca.example:0x50/", "no URL");
    expect_refusal("https://ca.example:99999/", "no URL");
    expect_refusal("https://[::1/", "no URL");
}

AC_TEST(spaces_controls_and_foreign_letters_are_refused)
{
    expect_refusal("https://ca.example/a b", "a space");
    expect_refusal(" https://ca.example/", "a space");
    expect_refusal("https://ca.example/\r\nHost: x", "a control");
    expect_refusal("https://ca.example/\x7f", "a control");
    expect_refusal("https://ca.example/\xc3\xa4", "non-ASCII");
}

AC_TEST(url_in_a_refusal_is_clean_text)
{
    struct ac_error err = { 0 };
    const struct ac_curl *curl = NULL;
    AC_AUTO(ac_url) url = { 0 };

    AC_REQUIRE_OK(ac_curl_get(&curl, &err));
    AC_REQUIRE_CODE(ac_url_parse(curl, "https://ca.example/\x1b[31m", &url, &err),
                    AC_E_INVALID);

    CU_ASSERT_PTR_NULL(strchr(err.detail, '\x1b'));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "https://ca.example/"));
}

AC_TEST(url_that_is_too_long_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) text = { 0 };

    AC_REQUIRE_OK(
        ac_text_addf(&text, &err, "https://ca.example/%0*d", (int)AC_URL_MAX, 0));

    expect_refusal(ac_text_get(&text), "too long");
}

AC_TEST(relative_targets_are_resolved)
{
    expect_target("https://ca.example/a/b?c", "/d", "https://ca.example/d");
    expect_target("https://ca.example/a/b?c", "d", "https://ca.example/a/d");
    expect_target("https://ca.example/a/b", "../d", "https://ca.example/d");
    expect_target("https://ca.example/a/b", "?d", "https://ca.example/a/b?d");
    expect_target("https://ca.example/a", "//b.example/x", "https://b.example/x");
}

AC_TEST(absolute_targets_stay_byte_for_byte)
{
    expect_target("https://ca.example/a", "https://CA.example:443/%7e/../x?%2F",
                  "https://CA.example:443/%7e/../x?%2F");
    expect_target("https://ca.example/a", "data:text/plain,terms",
                  "data:text/plain,terms");
}

AC_TEST(targets_that_are_no_url_are_refused)
{
    struct ac_error err = { 0 };
    const struct ac_curl *curl = NULL;
    AC_AUTO_TEXT char *url = NULL;

    AC_REQUIRE_OK(ac_curl_get(&curl, &err));
    AC_REQUIRE_CODE(ac_url_resolve(curl, "https://ca.example/", "/a b", &url, &err),
                    AC_E_INVALID);
    AC_REQUIRE_CODE(ac_url_resolve(curl, "https://ca.example/", "//a@[", &url, &err),
                    AC_E_INVALID);

    CU_ASSERT_PTR_NULL(url);
}

AC_SUITE("net/http_url", AC_CASE(url_is_taken_apart),
         AC_CASE(other_schemes_are_refused), AC_CASE(credentials_are_refused),
         AC_CASE(strange_hosts_are_refused),
         AC_CASE(spaces_controls_and_foreign_letters_are_refused),
         AC_CASE(url_in_a_refusal_is_clean_text),
         AC_CASE(url_that_is_too_long_is_refused),
         AC_CASE(relative_targets_are_resolved),
         AC_CASE(absolute_targets_stay_byte_for_byte),
         AC_CASE(targets_that_are_no_url_are_refused))
