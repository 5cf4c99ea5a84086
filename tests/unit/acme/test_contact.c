/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/account.h"
#include "check.h"

#include <stdlib.h>
#include <string.h>

AC_TEST(address_becomes_a_mailto_url)
{
    static const struct {
        const char *text, *contact;
    } cases[] = {
        { "admin@example.org", "mailto:admin@example.org" },
        { "mailto:admin@example.org", "mailto:admin@example.org" },
        { "MAILTO:a+b@example.org", "mailto:a+b@example.org" },
        { "tel:+12025551212", "tel:+12025551212" },
    };

    for (size_t i = 0; i < AC_COUNT(cases); i++) {
        struct ac_error err = { 0 };
        AC_AUTO_TEXT char *contact = NULL;
        AC_REQUIRE_OK(ac_account_contact(cases[i].text, &contact, &err));
        CU_ASSERT_STRING_EQUAL(contact, cases[i].contact);
    }
}

AC_TEST(contact_that_no_ca_may_take_is_refused)
{
    static const char *const bad[] = {
        "mailto:a@example.org?subject=hi",
        "mailto:a@example.org,b@example.org",
        "a@example.org, b@example.org",
        "https://example.org/",
        "example.org",
        "",
        "mailto:",
        "@example.org",
        "a@",
        "a@b@c",
        "a@example.org\n",
        "a\x01@example.org",
        "\xc3\xa4@example.org",
        "<a@example.org>",
        "tel:",
    };

    for (size_t i = 0; i < AC_COUNT(bad); i++) {
        struct ac_error err = { 0 };
        AC_AUTO_TEXT char *contact = NULL;
        AC_REQUIRE_CODE(ac_account_contact(bad[i], &contact, &err), AC_E_USAGE);
        CU_ASSERT_PTR_NULL(contact);
    }
}

AC_TEST(contact_has_a_longest_size)
{
    struct ac_error err = { 0 };
    AC_AUTO_TEXT char *contact = NULL;
    char text[400];
    memset(text, 'a', sizeof(text));
    memcpy(text, "a@", 2);
    text[sizeof(text) - 1] = '\0';

    AC_REQUIRE_CODE(ac_account_contact(text, &contact, &err), AC_E_USAGE);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "too long"));
}

AC_SUITE("acme/contact", AC_CASE(address_becomes_a_mailto_url),
         AC_CASE(contact_that_no_ca_may_take_is_refused),
         AC_CASE(contact_has_a_longest_size))
