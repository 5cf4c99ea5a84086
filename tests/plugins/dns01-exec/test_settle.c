/* SPDX-License-Identifier: Apache-2.0 */
#include "settle.h"

#include "check.h"
#include "fake_host.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t left(struct fake_host *fake, const struct exec_settle *settle)
{
    return exec_settle_left_ms(&fake->host, settle);
}

AC_TEST(without_the_option_nothing_is_waited_for_or_written)
{
    struct fake_host fake;
    struct exec_settle settle = { 0 };
    char text[8];

    AC_REQUIRE(fake_host_start(&fake, NULL));
    exec_settle_begin(&fake.host, &settle);

    CU_ASSERT_EQUAL(left(&fake, &settle), 0);
    CU_ASSERT_EQUAL(ac_test_read_file(ac_test_path("plugin-folder/presented-at"), text,
                                      sizeof(text)),
                    -1);
}

AC_TEST(time_runs_from_the_last_present)
{
    struct fake_host fake;
    struct exec_settle settle = { .span_ms = 60000 };

    AC_REQUIRE(fake_host_start(&fake, NULL));
    CU_ASSERT_EQUAL(left(&fake, &settle), 0);
    exec_settle_begin(&fake.host, &settle);

    CU_ASSERT(left(&fake, &settle) > 50000 && left(&fake, &settle) <= 60000);
    settle.begun_at_ms -= 60000;
    CU_ASSERT_EQUAL(left(&fake, &settle), 0);
}

AC_TEST(another_process_reads_the_instant)
{
    struct fake_host fake;
    struct exec_settle settle = { .span_ms = 60000 };
    struct exec_settle later = { .span_ms = 60000 };
    char text[32];

    AC_REQUIRE(fake_host_start(&fake, NULL));
    exec_settle_begin(&fake.host, &settle);
    CU_ASSERT(left(&fake, &later) > 50000 && left(&fake, &later) <= 60000);

    (void)snprintf(text, sizeof(text), "%" PRId64 "\n",
                   ((int64_t)time(NULL) - 45) * 1000);
    AC_REQUIRE(ac_test_write_file(ac_test_path("plugin-folder/presented-at"), text,
                                  strlen(text)));
    CU_ASSERT(left(&fake, &later) > 5000 && left(&fake, &later) <= 16000);
}

AC_TEST(instant_that_cannot_be_true_means_the_whole_wait)
{
    static const char *const texts[] = { "", "x\n", "99999999999999999999\n",
                                         "99999999999999\n", "12" };
    struct fake_host fake;
    struct exec_settle settle = { .span_ms = 60000 };

    AC_REQUIRE(fake_host_start(&fake, NULL));
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        AC_REQUIRE(ac_test_write_file(ac_test_path("plugin-folder/presented-at"),
                                      texts[i], strlen(texts[i])));
        CU_ASSERT_EQUAL(left(&fake, &settle), 60000);
    }
}

AC_TEST(folder_that_refuses_is_a_warning)
{
    struct fake_host fake;
    struct exec_settle settle = { .span_ms = 60000 };

    AC_REQUIRE(fake_host_start(&fake, NULL));
    fake.ctx.file_status = ACMECORE_E_SYSTEM;
    exec_settle_begin(&fake.host, &settle);

    CU_ASSERT_TRUE(fake_host_logged(&fake, "WARN"));
    CU_ASSERT(left(&fake, &settle) > 0);
}

AC_SUITE("dns01-exec/settle",
         AC_CASE(without_the_option_nothing_is_waited_for_or_written),
         AC_CASE(time_runs_from_the_last_present),
         AC_CASE(another_process_reads_the_instant),
         AC_CASE(instant_that_cannot_be_true_means_the_whole_wait),
         AC_CASE(folder_that_refuses_is_a_warning))
