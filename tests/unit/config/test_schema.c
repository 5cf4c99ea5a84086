/* SPDX-License-Identifier: Apache-2.0 */
#include "config/schema.h"

#include "loaded.h"

AC_TEST(unknown_setting_names_the_nearest)
{
    CU_ASSERT(has_one_fault("contct = \"a@b.test\"", 1,
                            "unknown setting \"contct\"; did you mean \"contact\"?"));
    CU_ASSERT(has_one_fault("\nca \"x\" { directory = \"https://x\" ca-fle = /x }", 2,
                            "unknown setting \"ca-fle\" of a ca; did you mean "
                            "\"ca-file\"?"));
    CU_ASSERT(has_one_fault("certificat \"x\" { a = b }", 1,
                            "unknown setting \"certificat\"; did you mean "
                            "\"certificate\"?"));
    CU_ASSERT(has_one_fault("solver \"x\" { plugin = a option { } }", 1,
                            "unknown setting \"option\" of a solver; did you mean "
                            "\"options\"?"));
}

AC_TEST(unknown_setting_that_is_near_to_none_is_told_where_all_are)
{
    CU_ASSERT(has_one_fault("frobnicate = 1", 1,
                            "unknown setting \"frobnicate\" (docs/configuration.md "
                            "has all)"));
}

AC_TEST(setting_that_is_given_twice_names_the_first)
{
    char message[512];

    (void)snprintf(message, sizeof message,
                   "agree-tos is given twice: it stands in %s:1", loaded_path());
    CU_ASSERT(has_one_fault("agree-tos = true\nagree-tos = false\n", 2, message));
    (void)snprintf(message, sizeof message,
                   "self-check is given twice: it stands in %s:1", loaded_path());
    CU_ASSERT(has_one_fault("self-check = off\nself-check = warn\n", 2, message));
}

AC_TEST(flag_is_true_or_false)
{
    CU_ASSERT(has_one_fault("agree-tos = maybe", 1,
                            "agree-tos is true or false, not \"maybe\""));
}

AC_TEST(path_is_absolute)
{
    CU_ASSERT(has_one_fault("state-dir = var", 1,
                            "state-dir is an absolute path, not \"var\""));
    CU_ASSERT(has_one_fault("plugin-dir = {/a,\n b}", 2,
                            "plugin-dir is an absolute path, not \"b\""));
}

AC_TEST(single_value_is_no_list)
{
    CU_ASSERT(
        has_one_fault("key-type = {a, b}", 1, "key-type is one value, without braces"));
}

AC_TEST(text_is_not_empty)
{
    CU_ASSERT(has_one_fault("contact = {\"\"}", 1,
                            "contact is a text that is not empty, not \"\""));
}

AC_TEST(setting_is_no_section)
{
    CU_ASSERT(has_one_fault("contact { }", 1,
                            "contact is a setting, not a section: contact = …"));
}

AC_TEST(secret_is_given_by_where_it_is)
{
    CU_ASSERT(has_one_fault("ca zerossl { eab-kid = k\neab-hmac-key = c2VjcmV0 }", 2,
                            "eab-hmac-key: where the secret is, is an absolute path, "
                            "file:PATH, env:NAME or credential:NAME; the secret itself "
                            "is not written here"));
}

AC_SUITE("config/schema", AC_CASE(unknown_setting_names_the_nearest),
         AC_CASE(unknown_setting_that_is_near_to_none_is_told_where_all_are),
         AC_CASE(setting_that_is_given_twice_names_the_first),
         AC_CASE(flag_is_true_or_false), AC_CASE(path_is_absolute),
         AC_CASE(single_value_is_no_list), AC_CASE(text_is_not_empty),
         AC_CASE(setting_is_no_section), AC_CASE(secret_is_given_by_where_it_is))
