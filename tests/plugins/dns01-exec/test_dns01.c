/* SPDX-License-Identifier: Apache-2.0 */
/* The plugin through its table, with a hook written to the contract of each dialect. */
#include "hook.h"

AC_TEST(certbot_hook_is_called_once_each_and_gets_its_output_back)
{
    HOOK("certbot",
         "if [ -z \"${CERTBOT_AUTH_OUTPUT+x}\" ]; then\n"
         "  words auth \"$CERTBOT_DOMAIN\" \"$CERTBOT_VALIDATION\" "
         "\"$CERTBOT_REMAINING_CHALLENGES\" \"$CERTBOT_ALL_DOMAINS\" "
         "\"${CERTBOT_TOKEN-}\"\n"
         "  echo; echo \"  id-$CERTBOT_DOMAIN  \"\n"
         "else words cleanup \"$CERTBOT_DOMAIN\" \"$CERTBOT_AUTH_OUTPUT\"; fi");

    AC_REQUIRE(PRESENT(two, 2) == ACMECORE_OK);
    RESTART();
    AC_REQUIRE(CLEANUP(two, 2) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(
        hook_record(),
        "<auth><example.com><" VALUE_1 "><1><example.com,www.example.org><>\n"
        "<auth><www.example.org><" VALUE_2 "><0><example.com,www.example.org><>\n"
        "<cleanup><example.com><id-example.com>\n"
        "<cleanup><www.example.org><id-www.example.org>\n");
}

AC_TEST(certbot_output_is_forgotten_after_cleanup)
{
    HOOK("certbot", "words \"${CERTBOT_AUTH_OUTPUT-none}\"; echo 17");

    AC_REQUIRE(PRESENT(two, 1) == ACMECORE_OK);
    AC_REQUIRE(CLEANUP(two, 1) == ACMECORE_OK);
    AC_REQUIRE(CLEANUP(two, 1) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(hook_record(), "<none>\n<17>\n<>\n");
}

AC_TEST(certbot_cleanup_may_be_another_hook)
{
    struct fake_host fake;
    int results[2] = { 0, 0 };
    bool is_started = fake_host_start(&fake, &acmecore_plugin);

    AC_REQUIRE(is_started);
    fake_host_set(&fake, "cleanup-command", hook_write("undo", "words undo"));
    __attribute__((cleanup(hook_close))) void *self =
        hook_open(&fake, "certbot", hook_write("hook", "words do"));
    AC_REQUIRE(self != NULL);

    AC_REQUIRE(PRESENT(two, 1) == ACMECORE_OK);
    AC_REQUIRE(CLEANUP(two, 1) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(hook_record(), "<do>\n<undo>\n");
}

AC_TEST(dehydrated_hook_is_called_for_each_name)
{
    HOOK("dehydrated",
         "case $1 in deploy_challenge|clean_challenge) words \"$@\";; esac");

    AC_REQUIRE(PRESENT(two, 2) == ACMECORE_OK);
    AC_REQUIRE(CLEANUP(two, 1) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(hook_record(),
                           "<deploy_challenge><example.com><token-1><" VALUE_1 ">\n"
                           "<deploy_challenge><www.example.org><-token2><" VALUE_2 ">\n"
                           "<clean_challenge><example.com><token-1><" VALUE_1 ">\n");
}

AC_TEST(dehydrated_chain_is_one_call)
{
    HOOK("dehydrated-chain", "verb=$1; shift; while [ $# -gt 0 ]; do\n"
                             "words \"$verb\" \"$1\" \"$3\"; shift 3; done; words end");

    AC_REQUIRE(PRESENT(two, 2) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(hook_record(),
                           "<deploy_challenge><example.com><" VALUE_1 ">\n"
                           "<deploy_challenge><www.example.org><" VALUE_2 ">\n<end>\n");
}

AC_TEST(dehydrated_chain_that_fails_fails_all)
{
    HOOK("dehydrated-chain", "echo no >&2; exit 1");

    CU_ASSERT_EQUAL(PRESENT(two, 2), ACMECORE_E_REFUSED);
    CU_ASSERT_EQUAL(results[0], ACMECORE_E_REFUSED);
    CU_ASSERT_EQUAL(results[1], ACMECORE_E_REFUSED);
    CU_ASSERT_EQUAL(fake.ctx.failure_count, 2);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "www.example.org"));
}

AC_TEST(lego_hook_gets_name_and_value)
{
    HOOK("lego", "words \"$@\" \"$EXEC_MODE\"");

    AC_REQUIRE(PRESENT(two, 1) == ACMECORE_OK);
    AC_REQUIRE(CLEANUP(two, 1) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(hook_record(),
                           "<present><_acme-challenge.example.com.><" VALUE_1 "><>\n"
                           "<cleanup><_acme-challenge.example.com.><" VALUE_1 "><>\n");
}

AC_TEST(lego_raw_hook_gets_what_the_ca_gave)
{
    HOOK("lego-raw", "words \"$@\" \"$EXEC_MODE\"");

    AC_REQUIRE(PRESENT(two + 1, 1) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(
        hook_record(), "<present><--><www.example.org><-token2><-token2.thumb><RAW>\n");
}

AC_TEST(uacme_hook_is_done_after_begin)
{
    HOOK("uacme", "test $# -eq 5 && words \"$@\" \"$UACME_METHOD\"");

    AC_REQUIRE(PRESENT(two, 1) == ACMECORE_OK);
    AC_REQUIRE(CLEANUP(two, 1) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(hook_record(),
                           "<begin><dns-01><example.com><token-1><" VALUE_1 "><begin>\n"
                           "<done><dns-01><example.com><token-1><" VALUE_1 "><done>\n");
}

AC_TEST(uacme_hook_that_declines_is_not_called_again)
{
    HOOK("uacme", "words \"$1\" \"$3\"; test \"$3\" != example.com");

    CU_ASSERT_EQUAL(PRESENT(two, 2), ACMECORE_E_REFUSED);
    CU_ASSERT_EQUAL(results[0], ACMECORE_E_REFUSED);
    CU_ASSERT_EQUAL(results[1], ACMECORE_OK);
    RESTART();
    AC_REQUIRE(CLEANUP(two, 2) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(hook_record(), "<begin><example.com>\n"
                                          "<begin><www.example.org>\n"
                                          "<done><www.example.org>\n");
}

AC_TEST(uacme_hook_that_was_killed_is_told_failed)
{
    HOOK("uacme", "words \"$1\"; test \"$1\" = failed || kill -9 $$");

    CU_ASSERT_EQUAL(PRESENT(two, 1), ACMECORE_E_REFUSED);
    AC_REQUIRE(CLEANUP(two, 1) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(hook_record(), "<begin>\n<failed>\n");
}

AC_TEST(mod_md_hook_is_torn_down_without_a_value)
{
    HOOK("mod_md", "words \"$@\"");

    AC_REQUIRE(PRESENT(two, 1) == ACMECORE_OK);
    AC_REQUIRE(CLEANUP(two, 1) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(hook_record(), "<setup><example.com><" VALUE_1 ">\n"
                                          "<teardown><example.com>\n");
}

AC_TEST(lexicon_is_called_with_its_provider)
{
    struct fake_host fake;
    int results[2] = { 0, 0 };
    bool is_started = fake_host_start(&fake, &acmecore_plugin);

    AC_REQUIRE(is_started);
    fake_host_set(&fake, "provider", "cloudflare");
    fake_host_set(&fake, "environment-file",
                  "LEXICON_CLOUDFLARE_AUTH_TOKEN='s3 cret'\n");
    __attribute__((cleanup(hook_close))) void *self = hook_open(
        &fake, "lexicon",
        hook_write("lexicon", "words \"$@\" \"$LEXICON_CLOUDFLARE_AUTH_TOKEN\""));
    AC_REQUIRE(self != NULL);

    AC_REQUIRE(PRESENT(two + 1, 1) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(
        hook_record(),
        "<--delegated=example.org><cloudflare><create><example.org><TXT>"
        "<--name=_acme-challenge.www.example.org.><--content=" VALUE_2 "><s3 cret>\n");
}

/* As the real acme.sh looks to a script: helpers, and main "$@" in its last line. */
#define ACME_SH                                                                        \
    "_initpath() { test -d \"$LE_WORKING_DIR\" && INIT=yes; }\n"                       \
    "_saveaccountconf() { echo \"$1=$2\" >> \"$LE_WORKING_DIR/account.conf\"; }\n"     \
    "_err() { echo \"$@\" >&2; }\n"                                                    \
    "main() { \"$@\"; }\n"                                                             \
    "main \"$@\"\n"
#define DNS_X                                                                          \
    "dns_x_add() { test \"$INIT\" = yes || return 1; echo add \"$1\" \"$2\" >> "       \
    "\"$DOMAIN_CONF\"; _saveaccountconf X_KEY \"$X_KEY\"; }\n"                         \
    "dns_x_rm() { _err 'no such record'; return 1; }\n"

AC_TEST(acme_sh_script_is_found_sourced_and_called)
{
    struct fake_host fake;
    int results[2] = { 0, 0 };
    char text[256];
    bool is_started = fake_host_start(&fake, &acmecore_plugin);

    AC_REQUIRE(is_started && mkdir(ac_test_path("acme"), 0700) == 0);
    AC_REQUIRE(mkdir(ac_test_path("acme/dnsapi"), 0700) == 0);
    AC_REQUIRE(
        ac_test_write_file(ac_test_path("acme/acme.sh"), ACME_SH, strlen(ACME_SH)));
    AC_REQUIRE(
        ac_test_write_file(ac_test_path("acme/dnsapi/dns_x.sh"), DNS_X, strlen(DNS_X)));
    fake_host_set(&fake, "provider", "x");
    fake_host_set(&fake, "environment-file", "X_KEY=k\n");
    __attribute__((cleanup(hook_close))) void *self =
        hook_open(&fake, "acme.sh", ac_test_path("acme"));
    AC_REQUIRE(self != NULL);

    AC_REQUIRE(PRESENT(two, 1) == ACMECORE_OK);
    AC_REQUIRE(ac_test_read_file(ac_test_path("plugin-folder/acme.sh/domain.conf"),
                                 text, sizeof(text))
               > 0);
    CU_ASSERT_STRING_EQUAL(text, "add _acme-challenge.example.com " VALUE_1 "\n");
    AC_REQUIRE(ac_test_read_file(ac_test_path("plugin-folder/acme.sh/account.conf"),
                                 text, sizeof(text))
               > 0);
    CU_ASSERT_STRING_EQUAL(text, "X_KEY=k\n");

    CU_ASSERT_EQUAL(CLEANUP(two, 1), ACMECORE_E_REFUSED);
    CU_ASSERT_TRUE(fake_host_failed_with(
        &fake, "(dialect acme.sh), rm for example.com: it ended with exit code 1; it "
               "said: no such record"));
}

AC_TEST(native_hook_does_the_batch_in_one_call)
{
    HOOK("native", "words \"$@\"; cat >> \"$R\"; echo >> \"$R\"");

    AC_REQUIRE(PRESENT(two, 2) == ACMECORE_OK);

    CU_ASSERT_PTR_NOT_NULL(strstr(hook_record(), "<present><dns-01><example.com>"));
    CU_ASSERT_PTR_NOT_NULL(strstr(hook_record(), "\n{\"schema\":1,"));
}

AC_TEST(native_hook_speaks_for_each_challenge)
{
    HOOK("native", "echo '{\"results\":[{\"status\":\"error\",\"detail\":\"quota\"},'\n"
                   "echo '{\"status\":\"ok\",\"data\":\"id 9\"}]}'; words \"$1\"\n"
                   "test $1 = present || cat >> \"$R\"");

    CU_ASSERT_EQUAL(PRESENT(two, 2), ACMECORE_E_REFUSED);
    CU_ASSERT_EQUAL(results[0], ACMECORE_E_REFUSED);
    CU_ASSERT_EQUAL(results[1], ACMECORE_OK);
    CU_ASSERT_TRUE(fake_host_failed_with(
        &fake, "hook (dialect native), present for example.com: quota"));
    (void)CLEANUP(two, 2);
    CU_ASSERT_PTR_NOT_NULL(strstr(hook_record(), "\"data\":\"id 9\"}]}"));
}

AC_TEST(native_hook_can_be_probed)
{
    HOOK("native", "test \"$1\" != probe || exit 75");

    AC_REQUIRE(PRESENT(two, 2) == ACMECORE_OK);

    CU_ASSERT_EQUAL(PROBE(two, 2), ACMECORE_PENDING);
    CU_ASSERT_EQUAL(results[0], ACMECORE_PENDING);
    CU_ASSERT_EQUAL(results[1], ACMECORE_PENDING);
}

AC_SUITE("dns01-exec/dns01",
         AC_CASE(certbot_hook_is_called_once_each_and_gets_its_output_back),
         AC_CASE(certbot_output_is_forgotten_after_cleanup),
         AC_CASE(certbot_cleanup_may_be_another_hook),
         AC_CASE(dehydrated_hook_is_called_for_each_name),
         AC_CASE(dehydrated_chain_is_one_call),
         AC_CASE(dehydrated_chain_that_fails_fails_all),
         AC_CASE(lego_hook_gets_name_and_value),
         AC_CASE(lego_raw_hook_gets_what_the_ca_gave),
         AC_CASE(uacme_hook_is_done_after_begin),
         AC_CASE(uacme_hook_that_declines_is_not_called_again),
         AC_CASE(uacme_hook_that_was_killed_is_told_failed),
         AC_CASE(mod_md_hook_is_torn_down_without_a_value),
         AC_CASE(lexicon_is_called_with_its_provider),
         AC_CASE(acme_sh_script_is_found_sourced_and_called),
         AC_CASE(native_hook_does_the_batch_in_one_call),
         AC_CASE(native_hook_speaks_for_each_challenge),
         AC_CASE(native_hook_can_be_probed))
