/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

static enum ac_code leaky(void)
{
    char *first = strdup("first");
    char *second = strdup("second");

    if (first == NULL)
        free(second);
    if (first == NULL || second == NULL)
        return AC_E_NOMEM; /* first leaks when second is missing */
    free(first);
    free(second);
    return AC_OK;
}

static enum ac_code careless(void)
{
    char *volatile text = malloc(16);

    if (text == NULL)
        (void)raise(SIGSEGV);
    free(text);
    return AC_OK;
}

static enum ac_code misleading(void)
{
    char *text = malloc(16);

    if (text == NULL)
        return AC_E_SYSTEM;
    free(text);
    return AC_OK;
}

AC_TEST(leaks_when_an_allocation_fails)
{
    AC_REQUIRE_OK(leaky());
}

AC_TEST(crashes_when_an_allocation_fails)
{
    AC_REQUIRE_OK(careless());
}

AC_TEST(names_another_reason_when_an_allocation_fails)
{
    AC_REQUIRE_OK(misleading());
}

AC_TEST(says_a_wrong_thing)
{
    CU_ASSERT_EQUAL(1, 2);
}

AC_TEST(says_nothing)
{
}

AC_SUITE("harness/bad", AC_CASE(leaks_when_an_allocation_fails),
         AC_CASE(crashes_when_an_allocation_fails),
         AC_CASE(names_another_reason_when_an_allocation_fails),
         AC_CASE(says_a_wrong_thing), AC_CASE(says_nothing))
