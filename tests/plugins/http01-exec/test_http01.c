/* SPDX-License-Identifier: Apache-2.0 */
/* What is not as in dns01-exec: the type, the token, and the dialects that have both.
 */
#include "../dns01-exec/hook.h"

static const struct acmecore_challenge *const one[] = { &http_1 };

AC_TEST(only_http_01_is_offered)
{
    const char *const *types = acmecore_plugin.ops.solver->types;

    CU_ASSERT_STRING_EQUAL(acmecore_plugin.name, "http01-exec");
    CU_ASSERT_STRING_EQUAL(types[0], "http-01");
    CU_ASSERT_PTR_NULL(types[1]);
}

AC_TEST(certbot_hook_gets_the_token)
{
    HOOK("certbot", "words \"$CERTBOT_TOKEN\" \"$CERTBOT_VALIDATION\"");

    AC_REQUIRE(PRESENT(one, 1) == ACMECORE_OK);
    AC_REQUIRE(CLEANUP(one, 1) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(hook_record(), "<token-1><token-1.thumb>\n"
                                          "<token-1><token-1.thumb>\n");
}

AC_TEST(uacme_hook_writes_the_file)
{
    HOOK("uacme", "case $1.$2 in begin.http-01) printf %s \"$5\" > \"$R.$4\";;\n"
                  "done.http-01) rm \"$R.$4\";; *) exit 1;; esac");
    char text[64];

    AC_REQUIRE(PRESENT(one, 1) == ACMECORE_OK);
    CU_ASSERT_EQUAL(
        ac_test_read_file(ac_test_path("record.token-1"), text, sizeof(text)), 13);
    AC_REQUIRE(CLEANUP(one, 1) == ACMECORE_OK);
    CU_ASSERT_EQUAL(
        ac_test_read_file(ac_test_path("record.token-1"), text, sizeof(text)), -1);
}

AC_TEST(dehydrated_hook_gets_the_content)
{
    HOOK("dehydrated", "words \"$@\" \"$CHALLENGETYPE\"");

    AC_REQUIRE(PRESENT(one, 1) == ACMECORE_OK);
    CU_ASSERT_STRING_EQUAL(hook_record(), "<deploy_challenge><example.com><token-1>"
                                          "<token-1.thumb><http-01>\n");
}

AC_TEST(dialect_that_knows_dns_only_is_refused)
{
    static const char *const dialects[] = { "lego",     "lego-raw", "mod_md",
                                            "mod_md-2", "lexicon",  "acme.sh" };

    for (size_t i = 0; i < sizeof(dialects) / sizeof(*dialects); i++) {
        struct fake_host fake;

        AC_REQUIRE(fake_host_start(&fake, &acmecore_plugin));
        CU_ASSERT_PTR_NULL(hook_open(&fake, dialects[i], "/bin/sh"));
        CU_ASSERT(fake_host_failed_with(&fake, "use it with dns01-exec")
                  || ac_check_is_torture());
    }
}

AC_SUITE("http01-exec/http01", AC_CASE(only_http_01_is_offered),
         AC_CASE(certbot_hook_gets_the_token), AC_CASE(uacme_hook_writes_the_file),
         AC_CASE(dehydrated_hook_gets_the_content),
         AC_CASE(dialect_that_knows_dns_only_is_refused))
