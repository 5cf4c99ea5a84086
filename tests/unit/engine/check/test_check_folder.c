/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/check/check_parts.h"

#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

AC_TEST(folder_is_our_own_and_goes_with_all_that_is_in_it)
{
    struct ac_error err = { 0 };
    struct ac_check_work work = { 0 };
    struct stat status = { 0 };
    char folder[512];
    char inside[600];

    AC_REQUIRE(setenv("TMPDIR", ac_test_path("."), 1) == 0);
    AC_REQUIRE_OK(ac_check_make_folder(&work, &err));
    (void)snprintf(folder, sizeof folder, "%s", work.folder);
    (void)snprintf(inside, sizeof inside, "%s/inside", folder);
    int made = mkdir(inside, 0700);
    int seen = stat(folder, &status);
    ac_check_leave_folder(&work);

    AC_REQUIRE(made == 0 && seen == 0);
    CU_ASSERT_EQUAL(status.st_mode & 0777u, 0700);
    CU_ASSERT(stat(folder, &status) != 0);
    CU_ASSERT_PTR_NULL(work.folder);
}

AC_TEST(folder_that_cannot_be_made_is_an_error)
{
    struct ac_error err = { 0 };
    struct ac_check_work work = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE(setenv("TMPDIR", ac_test_path("nowhere"), 1) == 0);

    AC_REQUIRE_CODE(ac_check_make_folder(&work, &err), AC_E_STORE);
    ac_check_leave_folder(&work);
}

AC_SUITE("engine/check/check_folder",
         AC_CASE(folder_is_our_own_and_goes_with_all_that_is_in_it),
         AC_CASE(folder_that_cannot_be_made_is_an_error))
