/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/library.h"

#include "check.h"

#include <string.h>

struct table {
    double (*cos)(double);
};

static const struct ac_library_entry good[] = { { "cos",
                                                  offsetof(struct table, cos) } };
static const struct ac_library_entry bad[] = { { "no_such_cosine", 0 } };

AC_TEST(functions_are_found_and_work)
{
    struct ac_error err = { 0 };
    struct table table = { 0 };
    const struct ac_library library = { "libm.so.6", "it is needed", "libc6", good, 1 };

    AC_REQUIRE_OK(ac_library_open(&library, &table, &err));

    CU_ASSERT_EQUAL(table.cos(0.0), 1.0);
}

AC_TEST(what_is_missing_names_its_package)
{
    struct ac_error err = { 0 };
    struct table table = { 0 };
    const struct ac_library nowhere = { "libnowhere.so.1", "it is needed", "nowhere1",
                                        good, 1 };
    const struct ac_library older = { "libm.so.6", "it is needed", "libc6", bad, 1 };

    AC_REQUIRE_CODE(ac_library_open(&nowhere, &table, &err), AC_E_SYSTEM);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "install the package nowhere1"));
    AC_REQUIRE_CODE(ac_library_open(&older, &table, &err), AC_E_SYSTEM);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "no_such_cosine"));
}

AC_SUITE("pluginhost/library", AC_CASE(functions_are_found_and_work),
         AC_CASE(what_is_missing_names_its_package))
