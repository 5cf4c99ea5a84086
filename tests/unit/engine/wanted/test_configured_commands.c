/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/wanted/configured_commands.h"

#include "check.h"
#include "engine/wanted/configured.h"

#include <string.h>
#include <sys/stat.h>

typedef enum ac_code check_function(const struct ac_config *config,
                                    struct ac_faults *faults, struct ac_error *err);

/* All faults of this text, as the loading, and then this check, tells them. */
static enum ac_code check(const char *text, check_function *more,
                          struct ac_faults *faults, struct ac_error *err)
{
    const char *path = ac_test_path("acmecore.conf");
    AC_AUTO(ac_config) *config = NULL;

    if (!ac_test_write_file(path, text, strlen(text)))
        return ac_fail(err, AC_E_SYSTEM, "the test cannot write");
    AC_TRY(ac_configured_load(path, faults, &config, err));
    return more ? more(config, faults, err) : AC_OK;
}

static bool has_one_fault(const char *text, check_function *more, unsigned line,
                          const char *message)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_faults) faults = { 0 };

    return check(text, more, &faults, &err) == AC_OK && faults.count == 1
           && faults.items[0].line == line && strstr(faults.items[0].message, message);
}

AC_TEST(sections_are_as_they_must_be)
{
    CU_ASSERT(has_one_fault("notify a { command = /a\nevents = {renewd} }", NULL, 1,
                            "there is no event \"renewd\"; did you mean renewed?"));
    CU_ASSERT(has_one_fault("notify a { command = /a expiring = soon }", NULL, 1,
                            "expiring is a share of the life or a time"));
    CU_ASSERT(has_one_fault("hook a { command = /a timeout = never }", NULL, 1,
                            "timeout is a number of seconds from 1 to 3600"));
}

AC_TEST(settings_lead_somewhere)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_faults) faults = { 0 };

    CU_ASSERT(has_one_fault("hook a { command = /a }\nnotify = a", NULL, 2,
                            "notify: there is no notify \"a\""));
    CU_ASSERT(has_one_fault("notify a { command = /a }\npost-hook = {/b, a}", NULL, 2,
                            "post-hook: there is no hook \"a\""));
    AC_REQUIRE_OK(check("notify a { command = /a }\nhook b { command = /b }\n"
                        "notify = {a, /c}\npre-hook = b\nfailure-hook = none\n",
                        NULL, &faults, &err));

    CU_ASSERT_EQUAL(faults.count, 0);
}

AC_TEST(programs_are_there_and_can_be_run)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_faults) faults = { 0 };

    CU_ASSERT(has_one_fault("notify a { command = /nowhere/tell }",
                            ac_configured_check_programs, 1,
                            "command: cannot look at /nowhere"));
    CU_ASSERT(has_one_fault("hook a { command = /etc/passwd }",
                            ac_configured_check_programs, 1,
                            "command: /etc/passwd is no program"));
    CU_ASSERT(has_one_fault("\npre-hook = /nowhere/stop", ac_configured_check_programs,
                            2, "pre-hook: cannot look at /nowhere"));
    AC_REQUIRE_OK(check("notify a { command = /bin/sh }\npre-hook = /bin/sh\n",
                        ac_configured_check_programs, &faults, &err));

    CU_ASSERT_EQUAL(faults.count, 0);
}

AC_SUITE("engine/configured_commands", AC_CASE(sections_are_as_they_must_be),
         AC_CASE(settings_lead_somewhere), AC_CASE(programs_are_there_and_can_be_run))
