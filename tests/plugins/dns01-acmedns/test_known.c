/* SPDX-License-Identifier: Apache-2.0 */
#include "known.h"

#include "check.h"
#include "fake_host.h"

#include <stdio.h>
#include <string.h>

static int add(struct fake_host *fake, const char *value)
{
    char newest[KNOWN_VALUE_SIZE] = "";
    int status = known_doubt(&fake->host, "one", newest);

    return status == ACMECORE_OK ? known_add(&fake->host, "one", newest, value)
                                 : status;
}

static int forget(struct fake_host *fake, const char *value)
{
    const struct acmecore_challenge challenge = { .struct_size = sizeof challenge,
                                                  .record_value = value };
    const struct acmecore_challenge *const challenges[] = { &challenge };

    return known_forget(&fake->host, challenges, 1);
}

AC_TEST(the_two_newest_values_of_an_account_are_known)
{
    struct fake_host fake;
    AC_REQUIRE(fake_host_start(&fake, NULL));

    AC_REQUIRE(add(&fake, "v1") == ACMECORE_OK);
    AC_REQUIRE(add(&fake, "v2") == ACMECORE_OK);
    AC_REQUIRE(add(&fake, "v3") == ACMECORE_OK);

    CU_ASSERT_FALSE(known_has(&fake.host, "one", "v1"));
    CU_ASSERT(known_has(&fake.host, "one", "v2"));
    CU_ASSERT(known_has(&fake.host, "one", "v3"));
    CU_ASSERT_FALSE(known_has(&fake.host, "two", "v3"));
}

AC_TEST(nothing_is_known_while_a_value_is_on_its_way)
{
    struct fake_host fake;
    char newest[KNOWN_VALUE_SIZE] = "";
    AC_REQUIRE(fake_host_start(&fake, NULL));
    AC_REQUIRE(add(&fake, "v1") == ACMECORE_OK);

    AC_REQUIRE(known_doubt(&fake.host, "one", newest) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(newest, "v1");
    CU_ASSERT_FALSE(known_has(&fake.host, "one", "v1"));
}

AC_TEST(a_forgotten_value_keeps_its_place)
{
    struct fake_host fake;
    AC_REQUIRE(fake_host_start(&fake, NULL));
    AC_REQUIRE(add(&fake, "v1") == ACMECORE_OK);
    AC_REQUIRE(add(&fake, "v2") == ACMECORE_OK);

    AC_REQUIRE(forget(&fake, "v2") == ACMECORE_OK);
    CU_ASSERT(known_has(&fake.host, "one", "v1"));
    CU_ASSERT_FALSE(known_has(&fake.host, "one", "v2"));
    AC_REQUIRE(add(&fake, "v3") == ACMECORE_OK);

    /* The server has v2 and v3 now. */
    CU_ASSERT_FALSE(known_has(&fake.host, "one", "v1"));
}

AC_TEST(a_damaged_file_says_nothing_and_is_written_anew)
{
    static const char *const texts[] = {
        "", "[]", "{\"one\":", "{\"one\":7}", "{\"one\":[7,{}]}", "{\"one\":[\"v1\"]}"
    };
    char path[PATH_MAX + 16];
    struct fake_host fake;
    AC_REQUIRE(fake_host_start(&fake, NULL));
    (void)snprintf(path, sizeof path, "%s/values.json", fake.folder);

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        AC_REQUIRE(
            fake.host.write_file(fake.host.ctx, path, 0600, texts[i], strlen(texts[i]))
            == ACMECORE_OK);
        CU_ASSERT_FALSE(known_has(&fake.host, "one", "v2"));
        AC_REQUIRE(forget(&fake, "v1") == ACMECORE_OK);
        AC_REQUIRE(add(&fake, "v2") == ACMECORE_OK);
        CU_ASSERT(known_has(&fake.host, "one", "v2"));
    }
}

AC_TEST(what_cannot_be_put_in_doubt_is_not_sent)
{
    struct fake_host fake;
    char newest[KNOWN_VALUE_SIZE] = "";
    AC_REQUIRE(fake_host_start(&fake, NULL));
    AC_REQUIRE(add(&fake, "v1") == ACMECORE_OK);
    fake.ctx.file_status = ACMECORE_E_SYSTEM;

    CU_ASSERT_EQUAL(known_doubt(&fake.host, "one", newest), ACMECORE_E_SYSTEM);
    CU_ASSERT_EQUAL(forget(&fake, "v1"), ACMECORE_E_SYSTEM);
    CU_ASSERT_EQUAL(forget(&fake, "v2"), ACMECORE_OK);
}

AC_SUITE("dns01-acmedns/known", AC_CASE(the_two_newest_values_of_an_account_are_known),
         AC_CASE(nothing_is_known_while_a_value_is_on_its_way),
         AC_CASE(a_forgotten_value_keeps_its_place),
         AC_CASE(a_damaged_file_says_nothing_and_is_written_anew),
         AC_CASE(what_cannot_be_put_in_doubt_is_not_sent))
