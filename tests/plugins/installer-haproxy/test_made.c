/* SPDX-License-Identifier: Apache-2.0 */
#include "made.h"

#include "check.h"
#include "fake_host.h"
#include "list.h"

#include <unistd.h>

static const struct runtime_item idle = { .path = "/a.pem", .is_idle = true };
static const struct runtime_item used = { .path = "/b.pem", .is_known = true };

AC_TEST(only_what_was_not_served_is_noted)
{
    struct fake_host fake;
    FILES_AUTO_BLOB made = { 0 };

    AC_REQUIRE(fake_host_start(&fake, NULL));
    AC_REQUIRE(made_note(&fake.host, &used, 1) == ACMECORE_OK
               && access(ac_test_path("plugin-folder/made"), F_OK) != 0);
    AC_REQUIRE(made_note(&fake.host, &idle, 1) == ACMECORE_OK
               && made_load(&fake.host, &made) == ACMECORE_OK);

    CU_ASSERT_TRUE(list_has(&made, "/a.pem"));
    CU_ASSERT_FALSE(list_has(&made, "/b.pem"));
}

AC_TEST(what_a_commit_before_has_made_stays_noted)
{
    struct fake_host fake;
    FILES_AUTO_BLOB made = { 0 };
    const struct runtime_item second[] = { { .path = "/a.pem", .is_known = true },
                                           { .path = "/c.pem", .is_idle = true } };

    AC_REQUIRE(fake_host_start(&fake, NULL));
    AC_REQUIRE(made_note(&fake.host, &idle, 1) == ACMECORE_OK
               && made_note(&fake.host, second, 2) == ACMECORE_OK
               && made_note(&fake.host, &idle, 1) == ACMECORE_OK
               && made_load(&fake.host, &made) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(made.bytes, "/a.pem\n/c.pem\n");
}

AC_TEST(what_is_forgotten_is_noted_no_more)
{
    struct fake_host fake;
    FILES_AUTO_BLOB made = { 0 };

    AC_REQUIRE(fake_host_start(&fake, NULL));
    AC_REQUIRE(made_note(&fake.host, &idle, 1) == ACMECORE_OK
               && made_forget(&fake.host) == ACMECORE_OK
               && made_forget(&fake.host) == ACMECORE_OK);

    CU_ASSERT_EQUAL(made_load(&fake.host, &made), ACMECORE_OK);
    CU_ASSERT_EQUAL(made.size, 0);
}

AC_SUITE("installer-haproxy/made", AC_CASE(only_what_was_not_served_is_noted),
         AC_CASE(what_a_commit_before_has_made_stays_noted),
         AC_CASE(what_is_forgotten_is_noted_no_more))
