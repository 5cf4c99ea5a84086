/* SPDX-License-Identifier: Apache-2.0 */
#include "config/references.h"

#include "loaded.h"

#define SOLVER "solver \"ns1\" { plugin = dns01-rfc2136 }\n"

AC_TEST(sections_are_found_by_name)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_faults) faults = { 0 };
    AC_AUTO(ac_config) *config = NULL;

    AC_REQUIRE_OK(loaded("solver b { plugin = x }\nsolver a { plugin = y }\n"
                         "installer i { plugin = z }\nca c { directory = https://c }\n"
                         "certificate w { identifiers = a.test solvers = a }",
                         &faults, &config, &err));

    AC_REQUIRE(faults.count == 0);
    AC_REQUIRE(ac_config_find_solver(config, "a")
               && ac_config_find_solver(config, "b"));
    CU_ASSERT_EQUAL(ac_config_find_solver(config, "a")->place.line, 2);
    CU_ASSERT_PTR_NOT_NULL(ac_config_find_installer(config, "i"));
    CU_ASSERT_PTR_NOT_NULL(ac_config_find_ca(config, "c"));
    CU_ASSERT_PTR_NOT_NULL(ac_config_find_certificate(config, "w"));
    CU_ASSERT_PTR_NULL(ac_config_find_certificate(config, "a"));
}

AC_TEST(name_that_is_there_twice_names_the_other)
{
    char message[512];

    (void)snprintf(message, sizeof message,
                   "there are two of solver \"ns1\": the other is in %s:1",
                   loaded_path());
    CU_ASSERT(has_one_fault(SOLVER SOLVER, 2, message));
}

AC_TEST(solver_that_is_not_there_names_the_nearest)
{
    CU_ASSERT(has_one_fault(SOLVER "certificate w {\n identifiers = a.test\n"
                                   " solvers = {\"*.a.test=ns2\"} }",
                            4, "there is no solver \"ns2\"; did you mean \"ns1\"?"));
    CU_ASSERT(has_one_fault("solvers = web", 1,
                            "there is no solver \"web\": solver \"web\" { plugin = … } "
                            "makes one"));
}

AC_TEST(installer_that_is_not_there_is_told)
{
    CU_ASSERT(has_one_fault("installers = {apache}", 1,
                            "there is no installer \"apache\": installer \"apache\" { "
                            "plugin = … } makes one"));
}

AC_TEST(ca_is_one_of_the_file_one_that_is_known_or_a_url)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_faults) faults = { 0 };
    AC_AUTO(ac_config) *config = NULL;

    AC_REQUIRE_OK(loaded("ca = {letsencrypt, corp, https://ca.test/d}\n"
                         "ca corp { directory = https://corp.test/d }\n"
                         "ca zerossl { eab-kid = k eab-hmac-key = /k }\n",
                         &faults, &config, &err));

    CU_ASSERT_EQUAL(faults.count, 0);
    CU_ASSERT(has_one_fault("ca = letsencript", 1,
                            "there is no CA \"letsencript\"; did you mean "
                            "\"letsencrypt\"?"));
    CU_ASSERT(
        has_one_fault("ca = corporate", 1,
                      "there is no CA \"corporate\": ca \"corporate\" { directory "
                      "= … } makes one"));
}

AC_TEST(ca_needs_a_directory_unless_it_is_known)
{
    CU_ASSERT(has_one_fault("ca corp { contact = a@b.test }", 1,
                            "ca \"corp\" has no directory, and is none of those that "
                            "are known by name: directory = \"https://…\""));
    CU_ASSERT(has_one_fault("ca corp {\n directory = ftp://x }", 2,
                            "directory is the https:// URL of the CA's directory, not "
                            "\"ftp://x\""));
}

AC_TEST(binding_needs_both_halves)
{
    CU_ASSERT(has_one_fault("ca zerossl { eab-kid = k }", 1,
                            "eab-kid and eab-hmac-key belong together, and "
                            "eab-hmac-alg to them"));
    CU_ASSERT(has_one_fault("ca zerossl {\n eab-hmac-alg = HS256 }", 2,
                            "eab-kid and eab-hmac-key belong together, and "
                            "eab-hmac-alg to them"));
}

AC_TEST(certificate_needs_names_and_a_solver)
{
    CU_ASSERT(has_one_fault(SOLVER "certificate w { solvers = ns1 }", 2,
                            "certificate \"w\" is for no name: identifiers = "
                            "{\"www.example.org\"}"));
    CU_ASSERT(has_one_fault("certificate w { identifiers = a.test }", 1,
                            "certificate \"w\" has nobody to answer the CA's "
                            "challenges: solvers = {\"NAME\"}"));
}

AC_TEST(what_is_half_read_is_not_missing)
{
    CU_ASSERT(has_one_fault("hook x {\n command = {\"/a\" b}\n}\n", 2,
                            "after a value of a list comes \",\" or \"}\", not \"b\""));
    CU_ASSERT(has_one_fault("solver web { plugin = web }\ncertificate c {\n"
                            " solvers = {web}\n identifiers = {a.test b.test}\n}\n",
                            4,
                            "after a value of a list comes \",\" or \"}\", not "
                            "\"b.test\""));
}

AC_TEST(solver_of_all_certificates_is_enough)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_faults) faults = { 0 };
    AC_AUTO(ac_config) *config = NULL;

    AC_REQUIRE_OK(loaded("solvers = ns1\n" SOLVER
                         "certificate w { identifiers = a.test }",
                         &faults, &config, &err));

    CU_ASSERT_EQUAL(faults.count, 0);
}

AC_TEST(solver_needs_a_plugin)
{
    CU_ASSERT(has_one_fault("solver \"x\" { options { a = 1 } }", 1,
                            "solver \"x\" has no plugin: plugin = \"NAME\" (acmecore "
                            "plugin list shows them)"));
}

AC_SUITE("config/references", AC_CASE(sections_are_found_by_name),
         AC_CASE(name_that_is_there_twice_names_the_other),
         AC_CASE(solver_that_is_not_there_names_the_nearest),
         AC_CASE(installer_that_is_not_there_is_told),
         AC_CASE(ca_is_one_of_the_file_one_that_is_known_or_a_url),
         AC_CASE(ca_needs_a_directory_unless_it_is_known),
         AC_CASE(binding_needs_both_halves),
         AC_CASE(certificate_needs_names_and_a_solver),
         AC_CASE(what_is_half_read_is_not_missing),
         AC_CASE(solver_of_all_certificates_is_enough), AC_CASE(solver_needs_a_plugin))
