/* SPDX-License-Identifier: Apache-2.0 */
/* What it does with a plugin's descriptors is in tests/unit/host/test_process.c. */
#include "pluginhost/serve.h"

#include "check.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Serves a core that says this and then goes away. */
static enum ac_code serve(const void *bytes, size_t size, struct ac_error *err)
{
    AC_AUTO(ac_channel) *channel = NULL;
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return ac_fail(err, AC_E_SYSTEM, "socketpair");
    AC_AUTO_FD int own = ends[0];
    AC_AUTO_FD int core = ends[1];
    if (send(core, bytes, size, MSG_NOSIGNAL) != (ssize_t)size
        || shutdown(core, SHUT_WR) != 0)
        return ac_fail(err, AC_E_SYSTEM, "send");
    AC_TRY(ac_channel_new(&own, &channel, err));
    return ac_serve(channel, false, 3, 0, err);
}

AC_TEST(core_that_goes_away_is_a_clean_end)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(serve("", 0, &err));
    AC_REQUIRE_OK(serve("\0\0", 2, &err));
    CU_ASSERT_NOT_EQUAL(err.code, AC_E_PROTOCOL);
}

AC_TEST(close_ends_it)
{
    static const char close_frame[] = "\0\0\0\x15\0\0\0\0{\"op\":\"close\",\"id\":1}";
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(serve(close_frame, sizeof close_frame - 1, &err));
    CU_ASSERT_NOT_EQUAL(err.code, AC_E_PROTOCOL);
}

AC_TEST(garbage_from_the_core_ends_it_with_an_error)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_CODE(serve("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8, &err), AC_E_PROTOCOL);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "too long"));
}

AC_SUITE("pluginhost/serve", AC_CASE(core_that_goes_away_is_a_clean_end),
         AC_CASE(close_ends_it), AC_CASE(garbage_from_the_core_ends_it_with_an_error))
