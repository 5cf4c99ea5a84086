/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/session_inspect.h"

#include "check.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

AC_TEST(descriptors_and_threads_are_counted)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *before = NULL;
    AC_AUTO(ac_json) *after = NULL;
    struct acmecore_host_ctx services = { .request_count = 3, .refused_count = 2 };

    AC_REQUIRE_OK(ac_session_inspect(&services, &before, &err));
    AC_AUTO_FD int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    AC_REQUIRE(fd >= 0);
    AC_REQUIRE_OK(ac_session_inspect(&services, &after, &err));

    CU_ASSERT_EQUAL(ac_json_number_or(after, "descriptors", 0),
                    ac_json_number_or(before, "descriptors", 0) + 1);
    CU_ASSERT_EQUAL(ac_json_number_or(after, "threads", 0), 1);
    CU_ASSERT_EQUAL(ac_json_number_or(after, "requests", 0), 3);
    CU_ASSERT_EQUAL(ac_json_number_or(after, "refused", 0), 2);
}

AC_TEST(what_is_changed_around_a_plugin_is_seen)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *before = NULL;
    AC_AUTO(ac_json) *after = NULL;
    const struct acmecore_host_ctx services = { .request_count = 0 };

    AC_REQUIRE_OK(ac_session_inspect(&services, &before, &err));
    mode_t mask = umask(0123);
    void (*action)(int) = signal(SIGUSR2, SIG_IGN);
    enum ac_code code = ac_session_inspect(&services, &after, &err);
    (void)umask(mask);
    (void)signal(SIGUSR2, action);

    AC_REQUIRE_OK(code);
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(after, "umask", ""), "0123");
    CU_ASSERT_STRING_NOT_EQUAL(ac_json_text_or(after, "signals", ""),
                               ac_json_text_or(before, "signals", ""));
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(after, "folder", ""),
                           ac_json_text_or(before, "folder", "?"));
}

AC_SUITE("pluginhost/session_inspect", AC_CASE(descriptors_and_threads_are_counted),
         AC_CASE(what_is_changed_around_a_plugin_is_seen))
