/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/wire.h"
#include "check.h"
#include "document.h"

#include <stdlib.h>

AC_TEST(http_and_https_with_a_host_are_urls)
{
    CU_ASSERT(ac_wire_is_url("https://ca.example/acme?x=%2F#y"));
    CU_ASSERT(ac_wire_is_url("HTTP://[::1]:14000/"));
    CU_ASSERT_FALSE(ac_wire_is_url(NULL));
    CU_ASSERT_FALSE(ac_wire_is_url(""));
    CU_ASSERT_FALSE(ac_wire_is_url("https://"));
    CU_ASSERT_FALSE(ac_wire_is_url("https:///path"));
    CU_ASSERT_FALSE(ac_wire_is_url("/acme/order"));
    CU_ASSERT_FALSE(ac_wire_is_url("file:///etc/passwd"));
    CU_ASSERT_FALSE(ac_wire_is_url("https://ca.example/a b"));
    CU_ASSERT_FALSE(ac_wire_is_url("https://ca.example/\r\nX: y"));
    CU_ASSERT_FALSE(ac_wire_is_url("https://ca.example/\x7f"));
    CU_ASSERT_FALSE(ac_wire_is_url("https://ca.example/\xc3\xa4"));
}

AC_TEST(url_has_a_longest_size)
{
    char url[AC_WIRE_URL_MAX + 2];

    memset(url, 'a', sizeof(url));
    memcpy(url, "https://", 8);
    url[AC_WIRE_URL_MAX + 1] = '\0';
    CU_ASSERT_FALSE(ac_wire_is_url(url));
    url[AC_WIRE_URL_MAX] = '\0';
    CU_ASSERT(ac_wire_is_url(url));
}

AC_TEST(bad_url_is_named_by_its_member)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO_TEXT char *url = NULL;
    AC_REQUIRE_OK(
        document_parse("{\"a\":7,\"b\":\"ftp://x/\",\"c\":null}", &json, &err));

    AC_REQUIRE_CODE(ac_wire_url(json, "thing", "a", &url, &err), AC_E_PROTOCOL);
    CU_ASSERT_STRING_EQUAL(err.detail, "the CA's thing: a is no text");
    AC_REQUIRE_CODE(ac_wire_url(json, "thing", "b", &url, &err), AC_E_PROTOCOL);
    CU_ASSERT_STRING_EQUAL(err.detail,
                           "the CA's thing: b is no usable URL: \"ftp://x/\"");
    AC_REQUIRE_CODE(ac_wire_url(json, "thing", "c", &url, &err), AC_E_PROTOCOL);
    CU_ASSERT_STRING_EQUAL(err.detail, "the CA's thing has no c URL");
    AC_REQUIRE_OK(ac_wire_url_or_null(json, "thing", "c", &url, &err));
    CU_ASSERT_PTR_NULL(url);
}

AC_TEST(urls_come_without_doubles_and_within_the_limit)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(ac_words) urls = { 0 };
    AC_AUTO(ac_words) none = { 0 };
    AC_REQUIRE_OK(document_parse(
        "{\"u\":[\"https://a/1\",\"https://a/1\",\"https://a/2\"],\"o\":{},\"n\":[1]}",
        &json, &err));

    AC_REQUIRE_OK(ac_wire_urls(json, "thing", "u", 3, &urls, &err));
    AC_REQUIRE_OK(ac_wire_urls(json, "thing", "absent", 3, &none, &err));

    CU_ASSERT_EQUAL(urls.count, 2);
    CU_ASSERT_EQUAL(none.count, 0);
    AC_REQUIRE_CODE(ac_wire_urls(json, "thing", "u", 2, &none, &err), AC_E_PROTOCOL);
    AC_REQUIRE_CODE(ac_wire_urls(json, "thing", "o", 2, &none, &err), AC_E_PROTOCOL);
    AC_REQUIRE_CODE(ac_wire_urls(json, "thing", "n", 2, &none, &err), AC_E_PROTOCOL);
}

AC_TEST(identifier_is_folded)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *dns = NULL;
    AC_AUTO(ac_json) *ip = NULL;
    struct ac_identifier identifier = { 0 };
    AC_REQUIRE_OK(
        document_parse("{\"type\":\"dns\",\"value\":\"foo.EXAMPLE.com\"}", &dns, &err));
    AC_REQUIRE_OK(
        document_parse("{\"type\":\"ip\",\"value\":\"2001:DB8:0::1\"}", &ip, &err));

    AC_REQUIRE_OK(ac_wire_identifier(dns, "thing", &identifier, &err));
    CU_ASSERT_STRING_EQUAL(identifier.value, "foo.example.com");
    AC_REQUIRE_OK(ac_wire_identifier(ip, "thing", &identifier, &err));
    CU_ASSERT_STRING_EQUAL(identifier.value, "2001:db8::1");
}

AC_TEST(odd_identifiers_are_refused)
{
    static const char *const odd[] = {
        "{}",
        "[]",
        "\"example.org\"",
        "{\"type\":\"dns\"}",
        "{\"type\":\"dns\",\"value\":7}",
        "{\"type\":\"dns\",\"value\":\"a..b\"}",
        "{\"type\":\"dns\",\"value\":\"\"}",
        "{\"type\":\"dns\",\"value\":\"192.0.2.1\"}",
        "{\"type\":\"ip\",\"value\":\"example.org\"}",
        "{\"type\":\"permanent-identifier\",\"value\":\"example.org\"}",
    };

    for (size_t i = 0; i < AC_COUNT(odd); i++) {
        struct ac_error err = { 0 };
        AC_AUTO(ac_json) *json = NULL;
        struct ac_identifier identifier = { 0 };
        AC_REQUIRE_OK(document_parse(odd[i], &json, &err));
        AC_REQUIRE_CODE(ac_wire_identifier(json, "thing", &identifier, &err),
                        AC_E_PROTOCOL);
        CU_ASSERT_EQUAL(identifier.value[0], '\0');
    }
}

AC_TEST(date_that_is_none_is_zero)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    AC_REQUIRE_OK(document_parse(
        "{\"a\":\"2016-01-05T14:09:07.99Z\",\"b\":\"soon\",\"c\":7}", &json, &err));

    CU_ASSERT_EQUAL(ac_wire_date(json, "a"), 1452002947);
    CU_ASSERT_EQUAL(ac_wire_date(json, "b"), 0);
    CU_ASSERT_EQUAL(ac_wire_date(json, "c"), 0);
    CU_ASSERT_EQUAL(ac_wire_date(json, "d"), 0);
}

AC_TEST(text_to_show_is_clean_and_bounded)
{
    struct ac_error err = { 0 };
    char text[AC_WIRE_TEXT_MAX * 2];
    AC_AUTO_TEXT char *clean = NULL;
    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    text[0] = '\033';

    AC_REQUIRE_OK(ac_wire_clean(text, &clean, &err));

    CU_ASSERT(strlen(clean) <= AC_WIRE_TEXT_MAX);
    CU_ASSERT_PTR_NULL(strchr(clean, '\033'));
}

AC_TEST(status_must_be_known)
{
    static const char *const names[] = { "on", "off" };
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(ac_json) *odd = NULL;
    size_t index = 0;
    AC_REQUIRE_OK(document_parse("{\"status\":\"off\"}", &json, &err));
    AC_REQUIRE_OK(document_parse("{\"status\":\"canceled\"}", &odd, &err));

    AC_REQUIRE_OK(ac_wire_status(json, "thing", names, 2, &index, &err));
    CU_ASSERT_EQUAL(index, 1);
    AC_REQUIRE_CODE(ac_wire_status(odd, "thing", names, 2, &index, &err),
                    AC_E_PROTOCOL);
    CU_ASSERT_STRING_EQUAL(err.detail,
                           "the CA's thing has the unknown status \"canceled\"");
    AC_REQUIRE_CODE(ac_wire_status(NULL, "thing", names, 2, &index, &err),
                    AC_E_PROTOCOL);
}

AC_SUITE("acme/wire", AC_CASE(http_and_https_with_a_host_are_urls),
         AC_CASE(url_has_a_longest_size), AC_CASE(bad_url_is_named_by_its_member),
         AC_CASE(urls_come_without_doubles_and_within_the_limit),
         AC_CASE(identifier_is_folded), AC_CASE(odd_identifiers_are_refused),
         AC_CASE(date_that_is_none_is_zero), AC_CASE(text_to_show_is_clean_and_bounded),
         AC_CASE(status_must_be_known))
