/* SPDX-License-Identifier: Apache-2.0 */
/* The whole plugin, through its table. */
#include <acmecore/plugin.h>

#include "hook_run.h"
#include "vector.h"

static void plugin_close(void *const *self)
{
    if (*self)
        acmecore_plugin.close(*self);
}

static void *plugin_open(struct fake_host *fake, const char *dialect, const char *body)
{
    void *self = NULL;

    if (!fake_host_start(fake, &acmecore_plugin))
        return NULL;
    fake->ctx.run = hook_run;
    fake_host_set(fake, "dialect", dialect);
    fake_host_set(fake, "command", hook_write("hook", body));
    return acmecore_plugin.open(&fake->host, &self) == ACMECORE_OK ? self : NULL;
}

#define PLUGIN(dialect, body)                                                          \
    struct fake_host fake;                                                             \
    int results[2] = { 0, 0 };                                                         \
    __attribute__((cleanup(plugin_close))) void *self =                                \
        plugin_open(&fake, dialect, body);                                             \
                                                                                       \
    AC_REQUIRE(self != NULL)

#define OPS acmecore_plugin.ops.installer

/* Another process. */
#define RESTART()                                                                      \
    do {                                                                               \
        acmecore_plugin.close(self);                                                   \
        self = NULL;                                                                   \
        AC_REQUIRE(acmecore_plugin.open(&fake.host, &self) == ACMECORE_OK);            \
    } while (0)

AC_TEST(phases_know_the_batch_in_later_processes)
{
    PLUGIN("native", "words \"$1\" \"$ACMECORE_NAME_1\" \"$ACMECORE_NAME_2\"");

    AC_REQUIRE(OPS->stage(self, both, 2, results) == ACMECORE_OK);
    RESTART();
    AC_REQUIRE(OPS->commit(self) == ACMECORE_OK);
    AC_REQUIRE(OPS->probe(self, both, 1, results) == ACMECORE_OK);
    RESTART();
    AC_REQUIRE(OPS->finish(self) == ACMECORE_OK && OPS->finish(self) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(hook_record(), "<stage><www><mail>\n<commit><www><mail>\n"
                                          "<probe><www><>\n<finish><www><mail>\n");
}

AC_TEST(certificate_that_was_not_staged_is_not_committed)
{
    PLUGIN(
        "native",
        "words \"$1\" \"$ACMECORE_NAME_1\" \"$ACMECORE_COUNT\"\n[ \"$1\" = commit ] || "
        "echo '{\"results\":[{\"status\":\"error\"},{\"status\":\"ok\"}]}'");

    AC_REQUIRE(!ac_check_is_torture()); /* it would take too long */
    AC_REQUIRE(OPS->stage(self, both, 2, results) == ACMECORE_E_REFUSED);
    AC_REQUIRE(OPS->commit(self) == ACMECORE_OK);

    CU_ASSERT_EQUAL(results[0], ACMECORE_E_REFUSED);
    CU_ASSERT_STRING_EQUAL(hook_record(), "<stage><www><2>\n<commit><mail><1>\n");
}

AC_TEST(rollback_is_the_command_s_own)
{
    PLUGIN("native", "words \"$1\"");

    AC_REQUIRE(!ac_check_is_torture()); /* it would take too long */
    AC_REQUIRE(OPS->stage(self, both, 2, results) == ACMECORE_OK
               && OPS->commit(self) == ACMECORE_OK);
    RESTART();
    AC_REQUIRE(OPS->rollback(self) == ACMECORE_OK
               && OPS->rollback(self) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(hook_record(), "<stage>\n<commit>\n<rollback>\n");
}

AC_TEST(hook_without_rollback_installs_what_was_there_before)
{
    PLUGIN("dehydrated", "words \"$1\" \"$2\"");

    AC_REQUIRE(!ac_check_is_torture()); /* it would take too long */
    AC_REQUIRE(OPS->stage(self, both, 2, results) == ACMECORE_OK
               && OPS->commit(self) == ACMECORE_OK);
    RESTART();
    AC_REQUIRE(OPS->rollback(self) == ACMECORE_OK
               && OPS->rollback(self) == ACMECORE_OK);

    CU_ASSERT_PTR_NOT_NULL(strstr(hook_record(), "<deploy_cert><*.example.com>\n"
                                                 "<deploy_cert><example.com>\n"));
    CU_ASSERT_TRUE(
        fake_host_logged(&fake, "of 1 certificates no version was deployed"));
}

AC_TEST(rollback_of_what_was_only_staged_runs_no_hook)
{
    PLUGIN("lego", "words ran");

    AC_REQUIRE(OPS->stage(self, both, 2, results) == ACMECORE_OK
               && OPS->rollback(self) == ACMECORE_OK
               && OPS->commit(self) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(hook_record(), "");
}

AC_TEST(commit_that_fails_says_why_and_can_be_undone)
{
    PLUGIN("native", "words \"$1\"; [ \"$1\" != commit ] || { echo no >&2; exit 3; }");

    AC_REQUIRE(!ac_check_is_torture()); /* it would take too long */
    AC_REQUIRE(OPS->stage(self, both, 1, results) == ACMECORE_OK);
    AC_REQUIRE(OPS->commit(self) == ACMECORE_E_REFUSED);
    CU_ASSERT_TRUE(fake_host_failed_with(&fake,
                                         "commit for www: it ended with exit code "
                                         "3; it said: no"));
    AC_REQUIRE(OPS->rollback(self) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(hook_record(), "<stage>\n<commit>\n<rollback>\n");
    CU_ASSERT_STRING_EQUAL(fake.ctx.stranger, "");
}

AC_TEST(stage_that_fails_is_rolled_back)
{
    PLUGIN("native", "words \"$1\" \"$ACMECORE_COUNT\"; [ \"$1\" != stage ]");

    AC_REQUIRE(!ac_check_is_torture()); /* it would take too long */
    AC_REQUIRE(OPS->stage(self, both, 2, results) == ACMECORE_E_REFUSED);
    RESTART();
    AC_REQUIRE(OPS->rollback(self) == ACMECORE_OK
               && OPS->rollback(self) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(hook_record(), "<stage><2>\n<rollback><2>\n");
}

#define FIRST_CANNOT_BE_STAGED                                                         \
    "words \"$1\" \"$ACMECORE_NAME_1\" \"$ACMECORE_COUNT\"\n"                          \
    "[ \"$1\" != stage ] || "                                                          \
    "echo '{\"results\":[{\"status\":\"error\"},{\"status\":\"ok\"}]}'"

AC_TEST(what_was_left_out_is_rolled_back_before_the_others_are_finished)
{
    PLUGIN("native", FIRST_CANNOT_BE_STAGED);

    AC_REQUIRE(!ac_check_is_torture()); /* it would take too long */
    AC_REQUIRE(OPS->stage(self, both, 2, results) == ACMECORE_E_REFUSED
               && OPS->commit(self) == ACMECORE_OK);
    RESTART();
    AC_REQUIRE(OPS->finish(self) == ACMECORE_OK && OPS->finish(self) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(hook_record(), "<stage><www><2>\n<commit><mail><1>\n"
                                          "<rollback><www><1>\n<finish><mail><1>\n");
}

AC_TEST(rollback_is_of_those_that_were_left_out_too)
{
    PLUGIN("native", FIRST_CANNOT_BE_STAGED);

    AC_REQUIRE(!ac_check_is_torture()); /* it would take too long */
    AC_REQUIRE(OPS->stage(self, both, 2, results) == ACMECORE_E_REFUSED
               && OPS->commit(self) == ACMECORE_OK
               && OPS->rollback(self) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(hook_record(), "<stage><www><2>\n<commit><mail><1>\n"
                                          "<rollback><www><2>\n");
}

AC_TEST(hook_without_rollback_is_not_told_of_those_that_were_left_out)
{
    PLUGIN("dehydrated", "words \"$1\" \"${2##*/}\"; "
                         "[ \"$1 $2\" != 'sync_cert /s/www/privkey.pem' ]");

    AC_REQUIRE(!ac_check_is_torture()); /* it would take too long */
    AC_REQUIRE(OPS->stage(self, both, 2, results) == ACMECORE_E_REFUSED
               && OPS->commit(self) == ACMECORE_OK
               && OPS->rollback(self) == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(hook_record(), "<sync_cert><privkey.pem>\n<sync_cert><>\n"
                                          "<deploy_cert><*.example.com>\n");
}

AC_SUITE("installer-exec/installer", AC_CASE(phases_know_the_batch_in_later_processes),
         AC_CASE(certificate_that_was_not_staged_is_not_committed),
         AC_CASE(rollback_is_the_command_s_own),
         AC_CASE(hook_without_rollback_installs_what_was_there_before),
         AC_CASE(rollback_of_what_was_only_staged_runs_no_hook),
         AC_CASE(commit_that_fails_says_why_and_can_be_undone),
         AC_CASE(stage_that_fails_is_rolled_back),
         AC_CASE(what_was_left_out_is_rolled_back_before_the_others_are_finished),
         AC_CASE(rollback_is_of_those_that_were_left_out_too),
         AC_CASE(hook_without_rollback_is_not_told_of_those_that_were_left_out))
