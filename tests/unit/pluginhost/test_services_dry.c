/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/services_dry.h"

#include "base/clock.h"
#include "base/file.h"
#include "check.h"

#include <stdio.h>
#include <string.h>

#define LIMIT_MS 20000

static enum ac_code start(struct acmecore_host_ctx *ctx, struct ac_error *err)
{
    AC_TRY(ac_services_init(ctx, NULL, ac_test_path("own"), err));
    ctx->is_dry_run = true;
    ac_services_begin(ctx, ac_clock_after_ms(LIMIT_MS));
    return AC_OK;
}

/* Everything that would be changed, a line each. */
static const char *changes(const struct acmecore_host_ctx *ctx)
{
    static char text[4096];

    text[0] = '\0';
    for (size_t i = 0; i < ctx->changes.count; i++) {
        size_t used = strlen(text);

        (void)snprintf(text + used, sizeof text - used, "%s\n", ctx->changes.items[i]);
    }
    return text;
}

AC_TEST(file_that_all_may_read_is_told_as_a_diff)
{
    struct ac_error err = { 0 };
    AC_AUTO(acmecore_host_ctx) ctx = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(start(&ctx, &err));
    AC_REQUIRE_OK(ac_file_replace(ac_test_path("page"), 0644, "one\ntwo\n", 8, &err));
    CU_ASSERT_EQUAL(
        ctx.host.write_file(&ctx, ac_test_path("page"), 0644, "one\nsix\n", 8),
        ACMECORE_OK);

    CU_ASSERT_PTR_NOT_NULL(
        strstr(changes(&ctx), "@@ -1,2 +1,2 @@\n one\n-two\n+six\n"));
    CU_ASSERT_EQUAL(
        ctx.host.write_file(&ctx, ac_test_path("page"), 0644, "one\ntwo\n", 8),
        ACMECORE_OK);
    CU_ASSERT_PTR_NULL(strstr(changes(&ctx), "-one"));
}

AC_TEST(who_may_run_nothing_tells_of_a_file_without_a_diff)
{
    struct ac_error err = { 0 };
    AC_AUTO(acmecore_host_ctx) ctx = { 0 };

    AC_REQUIRE_OK(start(&ctx, &err));
    AC_REQUIRE_OK(ac_file_replace(ac_test_path("page"), 0644, "one\n", 4, &err));
    ctx.uses = ACMECORE_USES_FILES;

    AC_REQUIRE(ctx.host.write_file(&ctx, ac_test_path("page"), 0644, "six\n", 4)
               == ACMECORE_OK);

    CU_ASSERT_EQUAL(ctx.changes.count, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(changes(&ctx), "would write /"));
    CU_ASSERT_EQUAL(ctx.fails.count, 0);
}

AC_TEST(what_is_private_is_never_shown)
{
    static const char key[] = "-----BEGIN PRIVATE KEY-----\nsecret\n";
    struct ac_error err = { 0 };
    AC_AUTO(acmecore_host_ctx) ctx = { 0 };

    AC_REQUIRE_OK(start(&ctx, &err));
    AC_REQUIRE_OK(ac_file_replace(ac_test_path("mine"), 0600, "secret\n", 7, &err));
    AC_REQUIRE(ctx.host.write_file(&ctx, ac_test_path("new"), 0600, "secret\n", 7)
               == 0);
    AC_REQUIRE(ctx.host.write_file(&ctx, ac_test_path("mine"), 0644, "secret\n", 7)
               == 0);
    AC_REQUIRE(ctx.host.write_file(&ctx, ac_test_path("key"), 0644, key, sizeof key - 1)
               == 0);

    CU_ASSERT_EQUAL(ctx.changes.count, 3);
    CU_ASSERT_PTR_NULL(strstr(changes(&ctx), "secret"));
    CU_ASSERT_FALSE(ac_file_exists(ac_test_path("new")));
}

AC_TEST(own_folder_is_written_and_others_are_not)
{
    struct ac_error err = { 0 };
    AC_AUTO(acmecore_host_ctx) ctx = { 0 };

    AC_REQUIRE_OK(start(&ctx, &err));
    AC_REQUIRE_OK(ac_file_make_folders(ac_test_path("own"), 0700, &err));
    AC_REQUIRE(ctx.host.write_file(&ctx, ac_test_path("own/note"), 0600, "x", 1) == 0);
    CU_ASSERT_FALSE(ac_dry_is_own(&ctx, ac_test_path("own/../mine")));
    CU_ASSERT_FALSE(ac_dry_is_own(&ctx, ac_test_path("owner")));
    AC_REQUIRE(ctx.host.remove_file(&ctx, ac_test_path("nothing")) == 0);

    CU_ASSERT_TRUE(ac_file_exists(ac_test_path("own/note")));
    CU_ASSERT_EQUAL(ctx.changes.count, 0);
    AC_REQUIRE_OK(ac_file_replace(ac_test_path("there"), 0600, "x", 1, &err));
    AC_REQUIRE(ctx.host.remove_file(&ctx, ac_test_path("there")) == 0);
    CU_ASSERT_TRUE(ac_file_exists(ac_test_path("there")));
    CU_ASSERT_PTR_NOT_NULL(strstr(changes(&ctx), "would remove"));
}

AC_TEST(commands_are_told_and_not_run)
{
    static const char *const argv[] = { "/bin/false", "a b", NULL };
    static const char *const env[] = { NULL };
    const struct acmecore_command command = { .struct_size = sizeof command,
                                              .argv = argv,
                                              .env = env };
    const struct acmecore_request request = { .struct_size = sizeof request,
                                              .method = "PUT",
                                              .url = "https://api.test/x" };
    struct ac_error err = { 0 };
    AC_AUTO(acmecore_host_ctx) ctx = { 0 };
    int exit_code = 9;

    AC_REQUIRE_OK(start(&ctx, &err));
    AC_REQUIRE(ctx.host.run(&ctx, &command, &exit_code, NULL, NULL) == ACMECORE_OK);
    CU_ASSERT_EQUAL(ac_dry_http(&ctx, &request), ACMECORE_E_UNSUPPORTED);

    CU_ASSERT_EQUAL(exit_code, 0);
    CU_ASSERT_STRING_EQUAL(changes(&ctx),
                           "would run /bin/false a b\n"
                           "would send a request to https://api.test/x\n");
}

AC_SUITE("pluginhost/services_dry", AC_CASE(file_that_all_may_read_is_told_as_a_diff),
         AC_CASE(who_may_run_nothing_tells_of_a_file_without_a_diff),
         AC_CASE(what_is_private_is_never_shown),
         AC_CASE(own_folder_is_written_and_others_are_not),
         AC_CASE(commands_are_told_and_not_run))
