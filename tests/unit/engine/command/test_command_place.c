/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/command/command_place.h"

#include "commanding.h"

static const char text[] = "\nhook \"web\" {\n command = /stop\n}\n"
                           "pre-hook = web\npost-hook = /for/all\n"
                           "solver w { plugin = web }\n"
                           "certificate c { identifiers = c.test solvers = w\n"
                           " post-hook = {/other, /own} }\n";

static unsigned line_of(const struct ac_config *config, const char *setting,
                        const char *reference, const char *certificate)
{
    const struct ac_command_mention mention = {
        .setting = setting,
        .reference = reference,
        .certificate = certificate,
        .section = ac_config_find_hook(config, reference),
    };
    struct ac_place place = ac_command_place(config, &mention);

    return place.path ? place.line : 0;
}

AC_TEST(command_of_a_section_comes_before_who_names_it)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_config) *config = NULL;

    AC_REQUIRE_OK(configure(text, &config, &err));

    CU_ASSERT_EQUAL(line_of(config, "pre-hook", "web", "c"), 3);
    CU_ASSERT_EQUAL(line_of(config, "post-hook", "/own", "c"), 9);
    CU_ASSERT_EQUAL(line_of(config, "post-hook", "/for/all", "d"), 6);
    CU_ASSERT_EQUAL(line_of(config, "post-hook", "/nobody", "c"), 0);
}

AC_TEST(what_no_configuration_says_is_the_option)
{
    const struct ac_command_mention mention = { .setting = "notify",
                                                .reference = "mail",
                                                .certificate = "c" };
    struct ac_error why = { 0 };
    struct ac_error err = { 0 };

    (void)ac_fail(&why, AC_E_STORE, "it is not there");
    AC_REQUIRE_CODE(ac_command_fail(NULL, &mention, &why, &err), AC_E_USAGE);
    CU_ASSERT_STRING_EQUAL(err.detail, "--notify mail: it is not there");
    (void)ac_fail(&why, AC_E_NOMEM, "no memory");
    AC_REQUIRE_CODE(ac_command_fail(NULL, &mention, &why, &err), AC_E_NOMEM);
}

AC_SUITE("engine/command/command_place",
         AC_CASE(command_of_a_section_comes_before_who_names_it),
         AC_CASE(what_no_configuration_says_is_the_option))
