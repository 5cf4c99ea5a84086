/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "crypto/extension.h"

#include <string.h>

static struct ac_datum lend(const char *bytes, size_t size)
{
    return (struct ac_datum){ { (unsigned char *)bytes, (unsigned int)size } };
}

AC_TEST(names_are_added_in_their_order)
{
    static const char der[] = "\x30\x0c\x82\x04"
                              "a.B2\x87\x04\xc0\x00\x02\x01";
    struct ac_error err = { 0 };
    AC_AUTO(ac_identifiers) identifiers = { 0 };
    struct ac_datum extension = lend(der, sizeof(der) - 1);

    AC_REQUIRE_OK(ac_extension_names(&extension, "the thing", &identifiers, &err));

    AC_REQUIRE(identifiers.count == 2);
    CU_ASSERT_STRING_EQUAL(identifiers.items[0].value, "a.b2");
    CU_ASSERT_STRING_EQUAL(identifiers.items[1].value, "192.0.2.1");
}

AC_TEST(names_of_other_kinds_are_refused_with_their_subject)
{
    static const char der[] = "\x30\x05\x81\x03"
                              "a@b";
    struct ac_error err = { 0 };
    AC_AUTO(ac_identifiers) identifiers = { 0 };
    struct ac_datum extension = lend(der, sizeof(der) - 1);

    AC_REQUIRE_CODE(ac_extension_names(&extension, "the thing", &identifiers, &err),
                    AC_E_INVALID);

    CU_ASSERT_STRING_EQUAL(
        err.detail,
        "the thing has a name of another kind: rfc822Name (an e-mail address)");
}

AC_TEST(bytes_that_are_no_names_are_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_identifiers) identifiers = { 0 };
    struct ac_datum extension = lend("\x30\x05\x81", 3);

    AC_REQUIRE_CODE(ac_extension_names(&extension, "the thing", &identifiers, &err),
                    AC_E_INVALID);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "the names of the thing"));
}

AC_TEST(only_the_status_request_feature_is_must_staple)
{
    struct ac_datum staple = lend("\x30\x03\x02\x01\x05", 5);
    struct ac_datum both = lend("\x30\x06\x02\x01\x11\x02\x01\x05", 8);
    struct ac_datum other = lend("\x30\x03\x02\x01\x11", 5);
    struct ac_datum broken = lend("\x30\x03\x02", 3);

    CU_ASSERT_TRUE(ac_extension_must_staple(&staple));
    CU_ASSERT_TRUE(ac_extension_must_staple(&both));
    CU_ASSERT_FALSE(ac_extension_must_staple(&other));
    CU_ASSERT_FALSE(ac_extension_must_staple(&broken));
}

AC_SUITE("crypto/extension", AC_CASE(names_are_added_in_their_order),
         AC_CASE(names_of_other_kinds_are_refused_with_their_subject),
         AC_CASE(bytes_that_are_no_names_are_refused),
         AC_CASE(only_the_status_request_feature_is_must_staple))
