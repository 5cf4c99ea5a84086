/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/known_ca.h"

#include "cli/context.h"
#include "command_line.h"
#include "fake_run.h"

#include <unistd.h>

#define CONFIGURATION                                                                  \
    "contact = {\"mailto:all@example.org\"}\n"                                         \
    "ca corp { directory = \"https://corp.test/d\" ca-file = \"/corp.pem\"\n"          \
    "  contact = {\"mailto:corp@example.org\"} agree-tos = true\n"                     \
    "  eab-kid = \"k1\" eab-hmac-key = \"%s\" eab-hmac-alg = HS384 }\n"

struct world {
    struct ac_options options;
    struct ac_context context;
};

static void world_done(struct world *world)
{
    ac_context_done(&world->context);
    ac_options_done(&world->options);
}
#define WORLD __attribute__((cleanup(world_done))) struct world

static enum ac_code begin_with(struct world *world, const char *text,
                               struct ac_error *err)
{
    if (!ac_test_write_file(ac_test_path("mac"), "AQID", 4)
        || !ac_test_write_file(ac_test_path("a.conf"), text, strlen(text)))
        return ac_fail(err, AC_E_SYSTEM, "no files");
    AC_TRY(parse(&world->options,
                 IN_STATE("-d", "a.example", "--server", CA_URL, "--config",
                          ac_test_path("a.conf")),
                 err));
    return ac_context_init(&world->context, &world->options, err);
}

static enum ac_code begin(struct world *world, struct ac_error *err)
{
    char text[2048];

    (void)snprintf(text, sizeof text, CONFIGURATION, ac_test_path("mac"));
    return begin_with(world, text, err);
}

AC_TEST(a_configured_ca_has_its_own_terms)
{
    struct ac_error err = { 0 };
    WORLD world = { 0 };
    AC_AUTO(ac_authority_terms) terms = { 0 };

    AC_REQUIRE_OK(begin(&world, &err));
    AC_REQUIRE_OK(
        ac_known_ca_tell(&world.context, "https://corp.test/d", &terms, &err));

    CU_ASSERT_STRING_EQUAL(terms.ca_file, "/corp.pem");
    CU_ASSERT_TRUE(terms.agrees_to_terms);
    AC_REQUIRE(terms.contacts.count == 1);
    CU_ASSERT_STRING_EQUAL(terms.contacts.items[0], "mailto:corp@example.org");
    CU_ASSERT_STRING_EQUAL(terms.eab_kid, "k1");
    CU_ASSERT_EQUAL(terms.eab_algorithm, AC_HMAC_SHA384);
    CU_ASSERT_EQUAL(terms.eab_key.size, 3);
}

AC_TEST(of_any_other_ca_what_is_for_all_is_known)
{
    struct ac_error err = { 0 };
    WORLD world = { 0 };
    AC_AUTO(ac_authority_terms) terms = { 0 };

    AC_REQUIRE_OK(begin(&world, &err));
    AC_REQUIRE_OK(
        ac_known_ca_tell(&world.context, "https://else.test/d", &terms, &err));

    CU_ASSERT_PTR_NULL(terms.ca_file);
    CU_ASSERT_FALSE(terms.agrees_to_terms);
    AC_REQUIRE(terms.contacts.count == 1);
    CU_ASSERT_STRING_EQUAL(terms.contacts.items[0], "mailto:all@example.org");
    CU_ASSERT_PTR_NULL(terms.eab_kid);
}

AC_TEST(the_binding_of_the_command_line_is_for_its_own_ca)
{
    struct ac_error err = { 0 };
    WORLD world = { 0 };
    AC_AUTO(ac_authority_terms) own = { 0 };
    AC_AUTO(ac_authority_terms) other = { 0 };

    AC_REQUIRE_OK(begin(&world, &err));
    AC_REQUIRE_OK(ac_memory_copy_text("mine", &world.options.eab_kid, &err));
    AC_REQUIRE_OK(ac_known_ca_tell(&world.context, CA_URL, &own, &err));
    AC_REQUIRE_OK(
        ac_known_ca_tell(&world.context, "https://corp.test/d", &other, &err));

    CU_ASSERT_TRUE(own.keeps_binding);
    CU_ASSERT_FALSE(other.keeps_binding);
    CU_ASSERT_STRING_EQUAL(other.eab_kid, "k1");
}

AC_TEST(binding_that_cannot_be_read_is_told_of_and_no_failure)
{
    struct ac_error err = { 0 };
    WORLD world = { 0 };
    AC_AUTO(ac_authority_terms) terms = { 0 };

    AC_REQUIRE_OK(begin(&world, &err));
    AC_REQUIRE(unlink(ac_test_path("mac")) == 0);
    AC_REQUIRE_OK(
        ac_known_ca_tell(&world.context, "https://corp.test/d", &terms, &err));

    CU_ASSERT_STRING_EQUAL(terms.eab_kid, "k1");
    CU_ASSERT_EQUAL(terms.trouble.code, AC_E_NOTFOUND);
    CU_ASSERT_TRUE(ac_capture_has(terms.trouble.detail, "eab-hmac-key: "));
    CU_ASSERT_STRING_EQUAL(terms.ca_file, "/corp.pem");
}

AC_TEST(binding_that_is_no_key_is_told_of_with_its_setting)
{
    struct ac_error err = { 0 };
    WORLD world = { 0 };
    AC_AUTO(ac_authority_terms) terms = { 0 };

    AC_REQUIRE_OK(begin(&world, &err));
    AC_REQUIRE(ac_test_write_file(ac_test_path("mac"), "no*key", 6));
    AC_REQUIRE_OK(
        ac_known_ca_tell(&world.context, "https://corp.test/d", &terms, &err));

    CU_ASSERT_EQUAL(terms.trouble.code, AC_E_USAGE);
    CU_ASSERT_PTR_EQUAL(strstr(terms.trouble.detail, "eab-hmac-key: /"),
                        terms.trouble.detail);
}

AC_TEST(contact_that_is_none_is_told_of_and_no_failure)
{
    static const char text[] = "contact = {\"ops at example.org\"}\n";
    struct ac_error err = { 0 };
    WORLD world = { 0 };
    AC_AUTO(ac_authority_terms) terms = { 0 };

    AC_REQUIRE_OK(begin_with(&world, text, &err));
    AC_REQUIRE_OK(
        ac_known_ca_tell(&world.context, "https://else.test/d", &terms, &err));

    CU_ASSERT_EQUAL(terms.trouble.code, AC_E_USAGE);
    CU_ASSERT_TRUE(ac_capture_has(terms.trouble.detail, "ops at example.org"));
    CU_ASSERT_EQUAL(terms.contacts.count, 0);
}

AC_SUITE("cli/known_ca", AC_CASE(a_configured_ca_has_its_own_terms),
         AC_CASE(of_any_other_ca_what_is_for_all_is_known),
         AC_CASE(the_binding_of_the_command_line_is_for_its_own_ca),
         AC_CASE(binding_that_cannot_be_read_is_told_of_and_no_failure),
         AC_CASE(binding_that_is_no_key_is_told_of_with_its_setting),
         AC_CASE(contact_that_is_none_is_told_of_and_no_failure))
