/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/ldns.h"

#include "check.h"

AC_TEST(library_is_opened_once_and_complete)
{
    struct ac_error err = { 0 };
    const struct ac_ldns *first = NULL;
    const struct ac_ldns *second = NULL;

    AC_REQUIRE_OK(ac_ldns_get(&first, &err));
    AC_REQUIRE_OK(ac_ldns_get(&second, &err));

    CU_ASSERT_PTR_EQUAL(first, second);
    CU_ASSERT_PTR_NOT_NULL(first->dname_new_frm_str);
    CU_ASSERT_PTR_NOT_NULL(first->rr_rdf);
}

AC_SUITE("pluginhost/ldns", AC_CASE(library_is_opened_once_and_complete))
