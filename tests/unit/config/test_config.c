/* SPDX-License-Identifier: Apache-2.0 */
#include "config/config.h"

#include "loaded.h"

static const char whole[] =
    "contact   = {\"mailto:ops@example.com\"}\n"
    "agree-tos = yes\n"
    "self-check = off\n"
    "ca \"corp\" {\n"
    "    directory = \"https://ca.corp.example/acme\"  ca-file = \"/etc/corp.pem\"\n"
    "}\n"
    "solver \"ns1\" {\n"
    "    plugin = \"dns01-rfc2136\"\n"
    "    options { server = \"ns1.example.com:53\"\n"
    "              resolver = {\"192.0.2.1\", \"192.0.2.2\"} }\n"
    "}\n"
    "installer \"apache\" { plugin = \"installer-apache\" }\n"
    "certificate \"www\" {\n"
    "    identifiers = {\"example.com\", \"*.example.com\"}\n"
    "    ca          = {\"letsencrypt\", \"corp\"}      # in order\n"
    "    solvers     = {\"ns1\"}\n"
    "    installers  = {\"apache\"}\n"
    "    key-type    = rsa-2048\n"
    "    profile     = shortlived\n"
    "}\n";

AC_TEST(every_value_knows_its_file_and_line)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_faults) faults = { 0 };
    AC_AUTO(ac_config) *config = NULL;

    AC_REQUIRE_OK(loaded(whole, &faults, &config, &err));

    AC_REQUIRE(faults.count == 0);
    CU_ASSERT_STRING_EQUAL(config->account.contact.items[0].text,
                           "mailto:ops@example.com");
    CU_ASSERT_TRUE(ac_values_flag(&config->account.agree_tos, false));
    CU_ASSERT_EQUAL(config->account.agree_tos.place.line, 2);
    CU_ASSERT_STRING_EQUAL(config->account.agree_tos.place.path, loaded_path());
    const struct ac_config_certificate *www = ac_config_find_certificate(config, "www");
    AC_REQUIRE(www && www->identifiers.count == 2 && www->ca.count == 2);
    CU_ASSERT_EQUAL(www->place.line, 13);
    CU_ASSERT_STRING_EQUAL(ac_values_text(&www->key_type, "none"), "rsa-2048");
    CU_ASSERT_EQUAL(ac_values_place(&www->ca, 1).line, 15);
    CU_ASSERT_STRING_EQUAL(ac_values_text(&config->state_dir, "none"), "none");
}

AC_TEST(further_settings_are_taken_as_members)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_faults) faults = { 0 };
    AC_AUTO(ac_config) *config = NULL;

    AC_REQUIRE_OK(loaded(whole, &faults, &config, &err));

    const struct ac_config_certificate *www = ac_config_find_certificate(config, "www");
    AC_REQUIRE(www && www->members.count == 1);
    CU_ASSERT_STRING_EQUAL(www->members.items[0].name, "profile");
    CU_ASSERT_EQUAL(www->members.items[0].values.place.line, 19);
    AC_REQUIRE(config->defaults.members.count == 1);
    CU_ASSERT_STRING_EQUAL(config->defaults.members.items[0].name, "self-check");
    AC_REQUIRE(config->cas[0].members.count == 1);
    CU_ASSERT_STRING_EQUAL(config->cas[0].members.items[0].values.items[0].text,
                           "/etc/corp.pem");
}

AC_TEST(options_of_a_plugin_are_free_and_know_where_they_stand)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_faults) faults = { 0 };
    AC_AUTO(ac_config) *config = NULL;
    char origin[512];

    AC_REQUIRE_OK(loaded(whole, &faults, &config, &err));

    const struct ac_config_plugin *solver = ac_config_find_solver(config, "ns1");
    AC_REQUIRE(solver && solver->options.count == 3);
    CU_ASSERT_STRING_EQUAL(solver->options.items[0].name, "server");
    CU_ASSERT_STRING_EQUAL(solver->options.items[2].value, "192.0.2.2");
    (void)snprintf(origin, sizeof origin, "%s:10", loaded_path());
    CU_ASSERT_STRING_EQUAL(solver->options.items[2].origin, origin);
}

AC_TEST(whom_a_plugin_runs_as_stands_with_its_options_under_names_of_its_own)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_faults) faults = { 0 };
    AC_AUTO(ac_config) *config = NULL;

    AC_REQUIRE_OK(loaded("solver \"a\" {\n  plugin = x\n  user = \"nobody\"\n"
                         "  isolation = none\n  options { user = \"its own\" }\n}\n",
                         &faults, &config, &err));

    const struct ac_config_plugin *a = ac_config_find_solver(config, "a");
    AC_REQUIRE(faults.count == 0 && a && a->options.count == 3);
    CU_ASSERT_STRING_EQUAL(a->options.items[0].name, "user");
    CU_ASSERT_STRING_EQUAL(a->options.items[1].name, AC_CONFIG_USER);
    CU_ASSERT_STRING_EQUAL(a->options.items[1].value, "nobody");
    CU_ASSERT_PTR_NOT_NULL(strstr(a->options.items[1].origin, ":3"));
    CU_ASSERT_STRING_EQUAL(a->options.items[2].name, AC_CONFIG_ISOLATION);
}

AC_TEST(all_that_is_wrong_is_told_at_once)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_faults) faults = { 0 };
    AC_AUTO(ac_config) *config = NULL;

    AC_REQUIRE_OK(loaded("agree-tos = perhaps\n"
                         "contact {\n}\n"
                         "solver { plugin = x }\n"
                         "solver \"a b\" { plugin = x }\n"
                         "certificate \"w\" {\n identifierz = a.test\n solvers = x\n}\n"
                         "key-type = {\n",
                         &faults, &config, &err));

    CU_ASSERT(is_told(&faults, 1, "agree-tos is true or false, not \"perhaps\""));
    CU_ASSERT(is_told(&faults, 2, "contact is a setting, not a section: contact = …"));
    CU_ASSERT(is_told(&faults, 4, "a solver needs a name: solver \"NAME\" { … }"));
    CU_ASSERT(is_told(&faults, 5,
                      "\"a b\" cannot be the name of a solver: letters, digits, and "
                      "\".\" (not first), \"-\", \"_\", \":\", \"@\" can be in it"));
    CU_ASSERT(is_told(&faults, 7,
                      "unknown setting \"identifierz\" of a certificate; did you mean "
                      "\"identifiers\"?"));
    CU_ASSERT(is_told(&faults, 8,
                      "there is no solver \"x\": solver \"x\" { plugin = … } makes "
                      "one"));
    CU_ASSERT(
        is_told(&faults, 11, "here comes a value or \"}\", not the end of the file"));
}

AC_TEST(options_hold_settings_only)
{
    CU_ASSERT(has_one_fault("solver x { plugin = a options { b { } } }", 1,
                            "b is a section; the options of a plugin are settings: b = "
                            "…"));
    CU_ASSERT(has_one_fault("solver x { plugin = a options \"n\" { } }", 1,
                            "options takes no name: options { … }"));
}

AC_TEST(file_that_is_not_there_is_not_found)
{
    const struct ac_config_settings settings = { .path = ac_test_path("none.conf") };
    struct ac_error err = { 0 };
    AC_AUTO(ac_faults) faults = { 0 };
    AC_AUTO(ac_config) *config = NULL;

    AC_REQUIRE_CODE(ac_config_load(&settings, &faults, &config, &err), AC_E_NOTFOUND);
    CU_ASSERT_PTR_NULL(config);
}

AC_SUITE("config/config", AC_CASE(every_value_knows_its_file_and_line),
         AC_CASE(further_settings_are_taken_as_members),
         AC_CASE(options_of_a_plugin_are_free_and_know_where_they_stand),
         AC_CASE(whom_a_plugin_runs_as_stands_with_its_options_under_names_of_its_own),
         AC_CASE(all_that_is_wrong_is_told_at_once),
         AC_CASE(options_hold_settings_only),
         AC_CASE(file_that_is_not_there_is_not_found))
