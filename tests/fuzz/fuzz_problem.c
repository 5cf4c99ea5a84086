/* SPDX-License-Identifier: Apache-2.0 */
/* Any error body becomes a problem that can be shown, copied and written. */
#include "acme/problem.h"

#include <stdlib.h>
#include <string.h>

/* NOLINTNEXTLINE(readability-identifier-naming): the name is libFuzzer's */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

static bool is_shown_safely(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return false;
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_problem) *problem = NULL;
    AC_AUTO(ac_json) *json = NULL;

    require(ac_problem_from_answer(400, (const char *)data, size, &problem, &err)
            == AC_OK);
    require(is_shown_safely(problem->detail) && is_shown_safely(problem->type));
    require(strlen(problem->detail) <= AC_PROBLEM_TEXT_MAX);
    require(ac_problem_to_json(problem, &json, &err) == AC_OK);
    require(ac_problem_fail(problem, 0, &err) != AC_OK && is_shown_safely(err.detail));
    return 0;
}
