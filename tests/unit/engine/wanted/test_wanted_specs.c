/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/wanted/wanted_specs.h"

#include "check.h"

#include <string.h>

static enum ac_code make(struct ac_wanted *wanted, struct ac_error *err)
{
    struct ac_solver_spec *spec;

    AC_TRY(ac_wanted_add_installer(wanted, "web", "installer-apache", &spec, err));
    AC_TRY(ac_section_add(&spec->section, "probe", "[::1]:443", "--set", err));
    return ac_wanted_add_installer(wanted, "mail", "installer-files", &spec, err);
}

AC_TEST(installers_come_back_from_their_json)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };
    AC_AUTO(ac_wanted) again = { 0 };
    AC_AUTO(ac_wanted) copied = { 0 };
    AC_AUTO(ac_json) *json = NULL;

    AC_REQUIRE_OK(make(&wanted, &err));
    AC_REQUIRE_OK(ac_wanted_specs_to_json(wanted.installers, 2, &json, &err));
    AC_REQUIRE_OK(
        ac_wanted_specs_from_json(&again, ac_wanted_add_installer, json, "x", &err));
    AC_REQUIRE_OK(ac_wanted_copy_installers(&copied, &again, &err));

    AC_REQUIRE(copied.installer_count == 2);
    const struct ac_solver_spec *web = ac_wanted_find_installer(&copied, "web");
    AC_REQUIRE(web != NULL);
    CU_ASSERT_STRING_EQUAL(web->plugin, "installer-apache");
    CU_ASSERT_TRUE(ac_section_is_equal(&web->section, &wanted.installers[0].section));
    CU_ASSERT_PTR_NULL(ac_wanted_find_spec(&copied, "web"));
}

AC_TEST(name_is_there_once)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };
    struct ac_solver_spec *spec;

    AC_REQUIRE_OK(make(&wanted, &err));
    AC_REQUIRE_CODE(ac_wanted_add_installer(&wanted, "web", "x", &spec, &err),
                    AC_E_USAGE);

    CU_ASSERT_STRING_EQUAL(err.detail, "installer \"web\" is defined twice");
}

AC_TEST(digest_is_of_name_plugin_and_settings)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };
    AC_AUTO(ac_wanted) other = { 0 };
    char first[AC_SHA256_HEX_SIZE];
    char second[AC_SHA256_HEX_SIZE];
    char third[AC_SHA256_HEX_SIZE];

    AC_REQUIRE_OK(make(&wanted, &err));
    AC_REQUIRE_OK(make(&other, &err));
    AC_REQUIRE_OK(ac_wanted_spec_digest(&wanted.installers[0], first, &err));
    AC_REQUIRE_OK(ac_wanted_spec_digest(&other.installers[0], second, &err));
    AC_REQUIRE_OK(ac_section_add(&other.installers[0].section, "a", "b", "c", &err));
    AC_REQUIRE_OK(ac_wanted_spec_digest(&other.installers[0], third, &err));

    CU_ASSERT_STRING_EQUAL(first, second);
    CU_ASSERT_STRING_NOT_EQUAL(first, third);
}

AC_SUITE("engine/wanted/wanted_specs", AC_CASE(installers_come_back_from_their_json),
         AC_CASE(name_is_there_once), AC_CASE(digest_is_of_name_plugin_and_settings))
