/* SPDX-License-Identifier: Apache-2.0 */
#include "base/kernel.h"

#include "check.h"

#include <stdio.h>
#include <string.h>

/* Only a kernel with seccomp has a line for it. */
static bool is_in_status(const char *word)
{
    char line[256];
    bool is_found = false;
    FILE *file = fopen("/proc/self/status", "re");

    while (file && !is_found && fgets(line, sizeof line, file))
        is_found = strncmp(line, word, strlen(word)) == 0;
    if (file)
        (void)fclose(file);
    return is_found;
}

AC_TEST(seccomp_is_there_when_the_kernel_reports_its_state)
{
    bool has_line = is_in_status("Seccomp:");

    CU_ASSERT_EQUAL(ac_kernel_has_seccomp(), has_line);
}

AC_TEST(asking_for_landlock_changes_nothing)
{
    int first = ac_kernel_landlock();
    int second = ac_kernel_landlock();

    CU_ASSERT_TRUE(first >= 0);
    CU_ASSERT_EQUAL(first, second);
}

AC_SUITE("base/kernel", AC_CASE(seccomp_is_there_when_the_kernel_reports_its_state),
         AC_CASE(asking_for_landlock_changes_nothing))
