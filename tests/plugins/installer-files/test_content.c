/* SPDX-License-Identifier: Apache-2.0 */
#include "content.h"

#include "material.h"

static bool makes(struct fake_host *fake, enum settings_kind kind, const char *text)
{
    FILES_AUTO_BLOB blob = { 0 };

    return content_make(&fake->host, kind, &material, &blob) == ACMECORE_OK
           && strcmp(blob.bytes, text) == 0;
}

AC_TEST(each_kind_has_its_parts)
{
    struct fake_host fake;

    AC_REQUIRE(fake_host_start(&fake, &acmecore_plugin) && material_write());

    AC_REQUIRE(makes(&fake, SETTINGS_KEY, MATERIAL_KEY));
    AC_REQUIRE(makes(&fake, SETTINGS_CERT, MATERIAL_CERT));
    AC_REQUIRE(makes(&fake, SETTINGS_CHAIN, MATERIAL_CHAIN));
    AC_REQUIRE(makes(&fake, SETTINGS_FULLCHAIN, MATERIAL_CERT MATERIAL_CHAIN));
    AC_REQUIRE(
        makes(&fake, SETTINGS_COMBINED, MATERIAL_KEY MATERIAL_CERT MATERIAL_CHAIN));
}

AC_TEST(key_that_is_in_a_token_cannot_be_copied)
{
    struct fake_host fake;
    struct acmecore_certificate certificate = material;
    FILES_AUTO_BLOB blob = { 0 };

    certificate.key_path = NULL;
    AC_REQUIRE(fake_host_start(&fake, &acmecore_plugin));

    CU_ASSERT_EQUAL(content_make(&fake.host, SETTINGS_COMBINED, &certificate, &blob),
                    ACMECORE_E_CONFIG);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "option combined: the key of www is in "
                                                "a token"));
}

AC_TEST(text_is_compared_by_its_bytes)
{
    struct fake_host fake;
    char one[] = "a", other[] = "b";
    struct files_blob there = { one, 1, 2 }, fresh = { other, 1, 2 };

    AC_REQUIRE(fake_host_start(&fake, &acmecore_plugin));

    CU_ASSERT_TRUE(content_is_same(&fake.host, SETTINGS_KEY, &there, &there));
    CU_ASSERT_FALSE(content_is_same(&fake.host, SETTINGS_KEY, &there, &fresh));
}

AC_SUITE("installer-files/content", AC_CASE(each_kind_has_its_parts),
         AC_CASE(key_that_is_in_a_token_cannot_be_copied),
         AC_CASE(text_is_compared_by_its_bytes))
