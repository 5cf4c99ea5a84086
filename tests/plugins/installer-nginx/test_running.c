/* SPDX-License-Identifier: Apache-2.0 */
#include "running.h"

#include "site.h"

#include <unistd.h>

static char config_path[PATH_MAX];

/* nginx.conf with this directive, and a pid file with this text; or none. */
static bool is_likely(struct fake_host *fake, const char *directive, const char *text)
{
    char pid_path[PATH_MAX];
    struct control control = { .config = config_path };

    (void)snprintf(config_path, sizeof(config_path), "%s", ac_test_path("nginx.conf"));
    (void)unlink(ac_test_path("nginx.pid"));
    if (!fake_host_start(fake, NULL) || !site_write("nginx.conf", directive)
        || (text && !site_write("nginx.pid", text)))
        return true;
    control.host = &fake->host;
    control.prefix = ac_test_path("");
    return running_is_likely(&control, pid_path);
}

AC_TEST(pid_of_a_process_is_one_that_runs)
{
    struct fake_host fake;
    char text[32];

    (void)snprintf(text, sizeof(text), "%ld\n", (long)getpid());

    CU_ASSERT_TRUE(is_likely(&fake, "pid nginx.pid;\n", text));
}

AC_TEST(pid_file_that_is_missing_or_stale_is_one_that_does_not)
{
    static const char *const texts[] = {
        NULL, "", "\n", "none", "0\n", "-1\n", "4194305\n", "99999999999999999999\n"
    };
    struct fake_host fake;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        CU_ASSERT(!is_likely(&fake, "pid nginx.pid;\n", texts[i])
                  || ac_check_is_torture());
    }
}

AC_TEST(without_the_directive_it_is_taken_to_run)
{
    struct fake_host fake;

    CU_ASSERT_TRUE(is_likely(&fake, "events { pid nginx.pid; }\n", NULL));
    CU_ASSERT_TRUE(is_likely(&fake, "nonsense", NULL));
}

AC_SUITE("installer-nginx/running", AC_CASE(pid_of_a_process_is_one_that_runs),
         AC_CASE(pid_file_that_is_missing_or_stale_is_one_that_does_not),
         AC_CASE(without_the_directive_it_is_taken_to_run))
