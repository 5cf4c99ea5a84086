/* SPDX-License-Identifier: Apache-2.0 */
#include "vector.h"

#include "hook_run.h"

/* The plugin with a deploy script x.sh; its result. */
static int deploy(struct fake_host *fake, const char *body)
{
    void *self = NULL;
    int result = ACMECORE_E_INVALID;
    const struct acmecore_certificate *one = &www;
    const struct acmecore_installer *ops = acmecore_plugin.ops.installer;

    if (!fake_host_start(fake, &acmecore_plugin)
        || !ac_test_write_file(ac_test_path("x.sh"), body, strlen(body)))
        return result;
    fake->ctx.run = hook_run;
    fake_host_set(fake, "dialect", "acme.sh");
    fake_host_set(fake, "command", ac_test_folder());
    fake_host_set(fake, "provider", "x");
    fake_host_set(fake, "environment-file",
                  "DEPLOY_X_HOST=one.example\nR='r'\nCERT_PFX_PATH=/s/www.pfx\n");
    if (acmecore_plugin.open(&fake->host, &self) != ACMECORE_OK)
        return result;
    result = ops->stage(self, &one, 1, &(int){ 0 });
    if (result == ACMECORE_OK)
        result = ops->commit(self);
    acmecore_plugin.close(self);
    return result;
}

AC_TEST(script_is_called_with_five_paths)
{
    VECTOR(v);
    const char *end = NULL;

    AC_REQUIRE(vector_write(&v, "acme.sh", PHASE_COMMIT));
    end = strstr(v.argv, "|acme.sh|");

    AC_REQUIRE(end != NULL);
    CU_ASSERT_EQUAL(strncmp(v.argv, "/bin/sh|-c|", 11), 0);
    CU_ASSERT_EQUAL(strncmp(end,
                            "|acme.sh|/hook|/home/acme/deploy/haproxy.sh|haproxy|"
                            "example.com|/s/www/privkey.pem|/s/www/cert.pem|"
                            "/s/www/chain.pem|/s/www/fullchain.pem|",
                            strlen("|acme.sh|/hook|/home/acme/deploy/haproxy.sh|")),
                    0);
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "CERT_KEY_PATH"), "/s/www/privkey.pem");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "LE_WORKING_DIR"), "/state/acme.sh");
}

AC_TEST(reload_begins_in_the_folder_of_the_certificate)
{
    VECTOR(v);

    AC_REQUIRE(vector_write(&v, "acme.sh-reload", PHASE_COMMIT));

    CU_ASSERT_STRING_EQUAL(v.argv,
                           "/bin/sh|-c|cd \"$1\" && shift && exec \"$@\"\n|acme.sh|"
                           "/s/www|/hook|--first|");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "CERT_FULLCHAIN_PATH"),
                           "/s/www/fullchain.pem");
    CU_ASSERT_STRING_EQUAL(vector_env(&v, "Le_Domain"), "example.com");
}

AC_TEST(script_without_acme_sh_finds_the_helpers)
{
    struct fake_host fake;

    AC_REQUIRE(deploy(&fake,
                      "x_deploy() {\n"
                      "[ \"$1 $2 $5\" = \"example.com /s/www/privkey.pem "
                      "/s/www/fullchain.pem\" ] || return 9\n"
                      "[ \"$# $6\" = \"6 /s/www.pfx\" ] || return 10\n"
                      "_getdeployconf DEPLOY_X_HOST\n"
                      "[ \"$DEPLOY_X_HOST\" = one.example ] || return 2\n"
                      "_getdeployconf DEPLOY_X_PORT\n"
                      "[ -z \"$DEPLOY_X_PORT\" ] || return 3\n"
                      "_savedeployconf DEPLOY_X_PORT \"4 '4\\\"3\"\n"
                      "_getdeployconf DEPLOY_X_PORT\n"
                      "[ \"$DEPLOY_X_PORT\" = \"4 '4\\\"3\" ] || return 4\n"
                      "_cleardeployconf DEPLOY_X_PORT\n"
                      "_contains abc b && _startswith abc a && _endswith abc c "
                      "|| return 5\n"
                      "[ \"$(printf 'a b' | _url_encode)\" = %61%20%62 ] || "
                      "return 6\n"
                      "[ \"$(printf ab | _base64)\" = YWI= ] || return 7\n"
                      "[ \"$(_math 2 + 3)\" = 5 ] && [ \"$(_getfield a,b 2)\" = b "
                      "] || return 8\n"
                      "_debug hidden; _info done; }\n")
               == ACMECORE_OK);
    CU_ASSERT_EQUAL(access(ac_test_path("plugin-folder/acme.sh/saved"), F_OK), 0);
}

AC_TEST(script_that_fails_is_told_with_its_words)
{
    struct fake_host fake;

    AC_REQUIRE(!ac_check_is_torture()); /* it would take too long */
    AC_REQUIRE(deploy(&fake, "x_deploy() { _err 'no such pool'; return 1; }\n")
               == ACMECORE_E_REFUSED);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake, "it said: no such pool"));
}

AC_TEST(acme_sh_of_the_user_is_sourced_when_it_is_there)
{
    struct fake_host fake;
    static const char acme_sh[] = "_initpath() { mine=yes; }\n"
                                  "main() { \"$@\"; }\nmain \"$@\"\n";

    AC_REQUIRE(!ac_check_is_torture()); /* it would take too long */
    AC_REQUIRE(ac_test_write_file(ac_test_path("acme.sh"), acme_sh, strlen(acme_sh)));
    AC_REQUIRE(deploy(&fake, "x_deploy() { [ \"$mine\" = yes ]; }\n") == ACMECORE_OK);
    CU_ASSERT_EQUAL(fake.ctx.failure_count, 0);
}

AC_SUITE("installer-exec/acme_sh", AC_CASE(script_is_called_with_five_paths),
         AC_CASE(reload_begins_in_the_folder_of_the_certificate),
         AC_CASE(script_without_acme_sh_finds_the_helpers),
         AC_CASE(script_that_fails_is_told_with_its_words),
         AC_CASE(acme_sh_of_the_user_is_sourced_when_it_is_there))
