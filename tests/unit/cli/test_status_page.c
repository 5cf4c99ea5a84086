/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "some_status.h"

#include <string.h>

AC_TEST(page_has_an_article_for_each_and_a_bar_for_each_version)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) text = { 0 };

    AC_REQUIRE_OK(ac_status_page(&some_status, &text, &err));

    const char *page = ac_text_get(&text);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(page, "<h1>4 certificates: 1 expired, 1 failing, 1 due, 1 fine</h1>"));
    CU_ASSERT_PTR_NOT_NULL(strstr(page, "<article class=\"expired\">\n<h2>gone.test"));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(page, "<title>version 2: 2026-12-16 to 2027-03-16</title>"));
    CU_ASSERT_PTR_NOT_NULL(strstr(page, "<title>renewal from 2027-02-14</title>"));
    CU_ASSERT_PTR_NOT_NULL(strstr(page, "<title>failed on 2027-01-15</title>"));
}

AC_TEST(text_from_outside_is_escaped)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) text = { 0 };

    AC_REQUIRE_OK(ac_status_page(&some_status, &text, &err));

    const char *page = ac_text_get(&text);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(page, "&lt;b&gt;\\x1B[31m &amp; &quot;no&quot;&lt;/b&gt;"));
    CU_ASSERT_PTR_NULL(strstr(page, "<b>"));
    CU_ASSERT_PTR_NULL(strchr(page, '\x1b'));
}

AC_TEST(damage_is_on_the_page)
{
    struct ac_status_item item = { .name = "www", .damage = "cert.pem & more" };
    const struct ac_status status = { .items = &item, .count = 1, .utc = NOW };
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) text = { 0 };

    AC_REQUIRE_OK(ac_status_page(&status, &text, &err));

    CU_ASSERT_PTR_NOT_NULL(strstr(
        ac_text_get(&text), "<p class=\"trouble\">damaged: cert.pem &amp; more</p>"));
}

AC_TEST(page_needs_nothing_from_elsewhere)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) text = { 0 };

    AC_REQUIRE_OK(ac_status_page(&some_status, &text, &err));

    const char *page = ac_text_get(&text);
    CU_ASSERT_PTR_NULL(strstr(page, "://"));
    CU_ASSERT_PTR_NULL(strstr(page, "url("));
    CU_ASSERT_PTR_NULL(strstr(page, "<script"));
    CU_ASSERT_PTR_NOT_NULL(strstr(page, "default-src 'none'"));
}

AC_SUITE("cli/status_page",
         AC_CASE(page_has_an_article_for_each_and_a_bar_for_each_version),
         AC_CASE(text_from_outside_is_escaped), AC_CASE(damage_is_on_the_page),
         AC_CASE(page_needs_nothing_from_elsewhere))
