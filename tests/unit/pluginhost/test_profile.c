/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/profile.h"

#include "check.h"
#include "confined.h"

#include <acmecore/plugin.h>

#include <string.h>
#include <sys/resource.h>

/* What holds after entering; a bit for each. */
enum {
    ENTERED = 1,
    HIDDEN = 2,
    HARD_LIMITS = 4,
    FEW_PROCESSES = 8
};

static int look(const void *arg)
{
    const struct ac_profile *profile = arg;
    struct ac_error err = { 0 };
    struct rlimit files = { 0 };
    struct rlimit processes = { 0 };
    int seen = 0;

    if (ac_profile_enter(profile, &err) == AC_OK)
        seen |= ENTERED;
    if (prctl(PR_GET_DUMPABLE, 0UL, 0UL, 0UL, 0UL) == 0)
        seen |= HIDDEN;
    if (getrlimit(RLIMIT_FSIZE, &files) == 0 && files.rlim_max != RLIM_INFINITY)
        seen |= HARD_LIMITS;
    if (getrlimit(RLIMIT_NPROC, &processes) == 0 && processes.rlim_max <= 1024)
        seen |= FEW_PROCESSES;
    return seen;
}

AC_TEST(a_plugin_is_hidden_and_its_limits_are_hard)
{
    const struct ac_profile profile = { .uses = ACMECORE_USES_NETWORK };

    CU_ASSERT_TRUE(ac_profile_is_confined(&profile));
    CU_ASSERT_EQUAL(confined(look, &profile), ENTERED | HIDDEN | HARD_LIMITS);
}

AC_TEST(who_runs_commands_is_hidden_and_keeps_limits_that_commands_may_lift)
{
    const struct ac_profile profile = { .uses = ACMECORE_USES_COMMANDS };

    CU_ASSERT_FALSE(ac_profile_is_confined(&profile));
    CU_ASSERT_EQUAL(confined(look, &profile), ENTERED | HIDDEN);
}

AC_TEST(a_user_of_its_own_has_few_processes_commands_included)
{
    const struct ac_profile plugin = { .uses = ACMECORE_USES_NETWORK,
                                       .has_own_user = true };
    const struct ac_profile commands = { .uses = ACMECORE_USES_COMMANDS,
                                         .has_own_user = true };

    CU_ASSERT_EQUAL(confined(look, &plugin),
                    ENTERED | HIDDEN | HARD_LIMITS | FEW_PROCESSES);
    CU_ASSERT_EQUAL(confined(look, &commands), ENTERED | HIDDEN | FEW_PROCESSES);
}

AC_TEST(a_refusal_of_the_kernel_gets_the_parts_that_are_closed)
{
    const char *reason = "/etc/x: Permission denied";

    const char *least = ac_profile_hint(0, reason);
    const char *network = ac_profile_hint(ACMECORE_USES_NETWORK, reason);
    const char *files = ac_profile_hint(ACMECORE_USES_FILES, "Operation not permitted");

    CU_ASSERT_PTR_NOT_NULL(strstr(least, "ACMECORE_USES_NETWORK"));
    CU_ASSERT_PTR_NULL(strstr(network, "ACMECORE_USES_NETWORK"));
    CU_ASSERT_PTR_NOT_NULL(strstr(network, "ACMECORE_USES_FILES"));
    CU_ASSERT_PTR_NULL(strstr(files, "ACMECORE_USES_FILES"));
    CU_ASSERT_PTR_NOT_NULL(strstr(files, "ACMECORE_USES_SOCKETS"));
    CU_ASSERT_PTR_NULL(
        strstr(ac_profile_hint(ACMECORE_USES_SOCKETS, reason), "SOCKETS"));
    CU_ASSERT_PTR_NOT_NULL(strstr(files, "isolation = none"));
}

AC_TEST(any_other_reason_and_an_open_process_get_no_hint)
{
    CU_ASSERT_STRING_EQUAL(ac_profile_hint(0, "no such zone"), "");
    CU_ASSERT_STRING_EQUAL(
        ac_profile_hint(ACMECORE_USES_COMMANDS, "x: Permission denied"), "");
}

AC_SUITE("pluginhost/profile", AC_CASE(a_plugin_is_hidden_and_its_limits_are_hard),
         AC_CASE(who_runs_commands_is_hidden_and_keeps_limits_that_commands_may_lift),
         AC_CASE(a_user_of_its_own_has_few_processes_commands_included),
         AC_CASE(a_refusal_of_the_kernel_gets_the_parts_that_are_closed),
         AC_CASE(any_other_reason_and_an_open_process_get_no_hint))
