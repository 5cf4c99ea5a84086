/* SPDX-License-Identifier: Apache-2.0 */
#include "trouble.h"

#include "fake_host.h"
#include "site.h"

AC_TEST(denied_permission_names_path_and_user)
{
    struct fake_host fake;
    char user[64];

    AC_REQUIRE(fake_host_start(&fake, NULL));
    (void)snprintf(user, sizeof(user), "user id %u, group id %u", (unsigned)geteuid(),
                   (unsigned)getegid());

    int status =
        webroot_trouble(&fake.host, ACMECORE_E_SYSTEM, "write", "/www/x", EACCES);

    CU_ASSERT_EQUAL(status, ACMECORE_E_SYSTEM);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "cannot write /www/x: "));
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, user));
}

AC_TEST(each_known_cause_says_what_to_do)
{
    static const struct {
        int error;
        const char *text;
    } cases[] = {
        { EXDEV, "leads out of the web root: remove it" },
        { ELOOP, "is not followed: remove it" },
        { ENOSPC, "the disk is full: make room" },
        { EROFS, "read-only" },
        { ENOENT, "create it, or correct the option `path`" },
    };
    struct fake_host fake;

    AC_REQUIRE(fake_host_start(&fake, NULL));

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        (void)webroot_trouble(&fake.host, ACMECORE_E_CONFIG, "open", "/www",
                              cases[i].error);
        CU_ASSERT_TRUE(fake_host_failed_with(&fake, cases[i].text));
    }
}

AC_TEST(unknown_cause_is_given_in_the_words_of_the_system)
{
    struct fake_host fake;

    AC_REQUIRE(fake_host_start(&fake, NULL));

    (void)webroot_trouble(&fake.host, ACMECORE_E_SYSTEM, "read", "/www", EIO);

    CU_ASSERT_STRING_EQUAL(fake.ctx.failure, "cannot read /www: Input/output error");
}

AC_SUITE("http01-webroot/trouble", AC_CASE(denied_permission_names_path_and_user),
         AC_CASE(each_known_cause_says_what_to_do),
         AC_CASE(unknown_cause_is_given_in_the_words_of_the_system))
