/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

AC_TEST(one_name_becomes_a_certificate)
{
    struct ac_error err = { 0 };

    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_REQUIRE_OK(stage_run("http", &err));

    CU_ASSERT_EQUAL(stage.code, AC_OK);
    CU_ASSERT_EQUAL(stage.version, 1);
    CU_ASSERT(stage_has_file("current/fullchain.pem"));
    CU_ASSERT_FALSE(stage_has_file("order.json"));
    CU_ASSERT_FALSE(stage_has_file("order-key.pem"));
    CU_ASSERT_STRING_EQUAL(fake_solvers.log, "present a.test\ncleanup a.test\n");
    fprintf(stderr, "%d %s turns %zu elapsed %d\n", stage.code, stage.error.detail, stage.turns, (int)stage_elapsed_ms());
}

AC_SUITE("engine/issue", AC_CASE(one_name_becomes_a_certificate))
