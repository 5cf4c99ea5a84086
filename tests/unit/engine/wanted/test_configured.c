/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/wanted/configured.h"

#include "check.h"

#include <string.h>

#define SOLVERS                                                                        \
    "solver ns1 { plugin = dns01-rfc2136 options { server = a ttl = 60 } }\n"          \
    "solver web { plugin = http01-standalone }\n"
#define CORP                                                                           \
    "ca corp { directory = https://corp.test/d ca-file = /etc/corp.pem "               \
    "insecure-http = yes contact = corp@a.test }\n"

struct loaded {
    struct ac_faults faults;
    struct ac_config *config;
};

static void loaded_drop(struct loaded *loaded)
{
    ac_config_free(loaded->config);
    ac_faults_done(&loaded->faults);
}
#define LOADED __attribute__((cleanup(loaded_drop))) struct loaded

static enum ac_code load(const char *text, struct loaded *loaded, struct ac_error *err)
{
    const char *path = ac_test_path("acmecore.conf");

    if (!ac_test_write_file(path, text, strlen(text)))
        return ac_fail(err, AC_E_SYSTEM, "the test cannot write");
    return ac_configured_load(path, &loaded->faults, &loaded->config, err);
}

/* The certificate "w" as it is wanted from its first CA. */
static enum ac_code want(struct loaded *loaded, struct ac_wanted *wanted,
                         struct ac_error *err)
{
    return ac_configured_wanted(loaded->config,
                                ac_config_find_certificate(loaded->config, "w"), 0,
                                &loaded->faults, wanted, err);
}

/* The one thing wrong with the text, once it is looked at as wanted. */
static bool has_fault(const char *text, unsigned line, const char *message)
{
    struct ac_error err = { 0 };
    LOADED loaded = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    return load(text, &loaded, &err) == AC_OK && want(&loaded, &wanted, &err) == AC_OK
           && loaded.faults.count == 1 && loaded.faults.items[0].line == line
           && strcmp(loaded.faults.items[0].message, message) == 0;
}

AC_TEST(a_certificate_is_wanted_as_it_is_written)
{
    struct ac_error err = { 0 };
    LOADED loaded = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(load(CORP SOLVERS "certificate w { ca = {corp, letsencrypt}\n"
                                    "identifiers = {\"B.test,a.test\", \"*.c.test\"}\n"
                                    "solvers = {web, \"*.c.test=ns1\"}\n"
                                    "key-type = rsa-2048 self-check = require }",
                       &loaded, &err));
    AC_REQUIRE_OK(want(&loaded, &wanted, &err));

    AC_REQUIRE(loaded.faults.count == 0 && wanted.identifiers.count == 3);
    CU_ASSERT_STRING_EQUAL(wanted.name, "w");
    CU_ASSERT_STRING_EQUAL(wanted.directory_url, "https://corp.test/d");
    CU_ASSERT_STRING_EQUAL(wanted.identifiers.items[0].value, "b.test");
    CU_ASSERT_EQUAL(wanted.key_type, AC_KEY_RSA_2048);
    CU_ASSERT_STRING_EQUAL(wanted.self_check, "require");
    CU_ASSERT_STRING_EQUAL(wanted.ca_file, "/etc/corp.pem");
    CU_ASSERT_TRUE(wanted.can_use_plain_http);
    AC_REQUIRE(wanted.rule_count == 2 && wanted.spec_count == 2);
    CU_ASSERT_PTR_NULL(wanted.rules[0].pattern);
    CU_ASSERT_STRING_EQUAL(wanted.rules[1].pattern, "*.c.test");
    CU_ASSERT_STRING_EQUAL(wanted.rules[1].solver, "ns1");
    CU_ASSERT_STRING_EQUAL(wanted.specs[1].plugin, "dns01-rfc2136");
    CU_ASSERT_EQUAL(wanted.specs[1].section.count, 2);
}

AC_TEST(what_is_said_of_all_counts_where_a_certificate_does_not_say_it)
{
    struct ac_error err = { 0 };
    LOADED loaded = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(load("solvers = web\nkey-type = ecdsa-p384\nself-check = off\n"
                       "caa-check = off\nca = letsencrypt-staging\n" SOLVERS
                       "certificate w { identifiers = a.test caa-check = warn }",
                       &loaded, &err));
    AC_REQUIRE_OK(want(&loaded, &wanted, &err));

    AC_REQUIRE(loaded.faults.count == 0);
    CU_ASSERT_EQUAL(wanted.key_type, AC_KEY_ECDSA_P384);
    CU_ASSERT_STRING_EQUAL(wanted.self_check, "off");
    CU_ASSERT_STRING_EQUAL(wanted.caa_check, "warn");
    CU_ASSERT_STRING_EQUAL(wanted.directory_url,
                           ac_ca_find("letsencrypt-staging")->directory_url);
    CU_ASSERT_STRING_EQUAL(wanted.rules[0].solver, "web");
}

AC_TEST(profile_and_chain_are_of_a_certificate_or_else_of_its_ca)
{
    struct ac_error err = { 0 };
    LOADED loaded = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(load("ca corp { directory = https://corp.test/d profile = tls "
                       "preferred-chain = Old }\n" SOLVERS
                       "certificate w { identifiers = a.test ca = corp solvers = web "
                       "profile = short }",
                       &loaded, &err));
    AC_REQUIRE_OK(want(&loaded, &wanted, &err));

    AC_REQUIRE(loaded.faults.count == 0);
    CU_ASSERT_STRING_EQUAL(wanted.profile, "short");
    CU_ASSERT_STRING_EQUAL(wanted.preferred_chain, "Old");
}

AC_TEST(cas_of_a_certificate_come_in_order_and_the_default_when_there_are_none)
{
    struct ac_error err = { 0 };
    LOADED loaded = { 0 };

    AC_REQUIRE_OK(load(SOLVERS "certificate w { identifiers = a.test solvers = web\n"
                               "ca = {zerossl, letsencrypt} }\n"
                               "certificate x { identifiers = b.test solvers = web }",
                       &loaded, &err));
    const struct ac_config_certificate *w =
        ac_config_find_certificate(loaded.config, "w");
    const struct ac_config_certificate *x =
        ac_config_find_certificate(loaded.config, "x");

    AC_REQUIRE(w && x);
    CU_ASSERT_EQUAL(ac_configured_ca_count(loaded.config, w), 2);
    CU_ASSERT_STRING_EQUAL(ac_configured_ca_at(loaded.config, w, 1), "letsencrypt");
    CU_ASSERT_EQUAL(ac_configured_ca_count(loaded.config, x), 1);
    CU_ASSERT_STRING_EQUAL(ac_configured_ca_at(loaded.config, x, 0), AC_CA_DEFAULT);
}

AC_TEST(wrong_values_are_told_where_they_stand)
{
    CU_ASSERT(has_fault(
        SOLVERS "certificate w { solvers = web\n"
                "identifiers = {a.test,\n \"a b\"} }",
        5, "\"a b\" cannot be in a certificate: no host name has the character \" \""));
    CU_ASSERT(has_fault(SOLVERS "certificate w { solvers = web identifiers = a.test\n"
                                "self-check = maybe }",
                        4, "self-check: \"maybe\" is none of warn, require and off"));
    CU_ASSERT(has_fault(SOLVERS "certificate w { solvers = web identifiers = a.test\n"
                                "self-check = {warn} }",
                        4, "self-check is one value, without braces"));
    CU_ASSERT(
        has_fault("ca corp { directory = https://c\nca-file = x }\n" SOLVERS
                  "certificate w { solvers = web identifiers = a.test ca = corp }",
                  2, "ca-file: \"x\" is not an absolute path"));
    CU_ASSERT(has_fault(SOLVERS "certificate w { identifiers = a.test\n"
                                "solvers = \"*.b.test=web\" }",
                        3,
                        "no solver is for a.test: no pattern matches it, and none is "
                        "without a pattern"));
}

AC_TEST(name_covered_by_a_wildcard_of_the_same_certificate_is_told)
{
    struct ac_error err = { 0 };
    LOADED loaded = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(load(SOLVERS "certificate w { solvers = ns1\n"
                               "identifiers = {\"*.a.test\", b.a.test} }",
                       &loaded, &err));
    AC_REQUIRE_OK(want(&loaded, &wanted, &err));

    AC_REQUIRE(loaded.faults.count == 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(loaded.faults.items[0].message, "b.a.test"));
}

AC_TEST(ca_is_found_by_section_alias_or_url)
{
    struct ac_error err = { 0 };
    LOADED loaded = { 0 };
    struct ac_configured_ca ca;

    AC_REQUIRE_OK(load("contact = all@a.test\nagree-tos = yes\n" CORP
                       "ca zerossl { eab-kid = k eab-hmac-key = /k agree-tos = no }",
                       &loaded, &err));

    AC_REQUIRE_OK(ac_configured_ca(loaded.config, "https://corp.test/d", &ca, &err));
    CU_ASSERT_STRING_EQUAL(ac_configured_ca_member(&ca, "ca-file"), "/etc/corp.pem");
    CU_ASSERT_STRING_EQUAL(ca.contact->items[0].text, "corp@a.test");
    CU_ASSERT_TRUE(ca.agrees_to_terms);
    AC_REQUIRE_OK(ac_configured_ca(loaded.config, "zerossl", &ca, &err));
    CU_ASSERT_STRING_EQUAL(ca.directory_url, ac_ca_find("zerossl")->directory_url);
    CU_ASSERT_STRING_EQUAL(ca.contact->items[0].text, "all@a.test");
    CU_ASSERT_FALSE(ca.agrees_to_terms);
    CU_ASSERT_PTR_NULL(ac_configured_ca_member(&ca, "ca-file"));
    CU_ASSERT_FALSE(ac_configured_can_use_plain_http(&ca));
    AC_REQUIRE_OK(ac_configured_ca(loaded.config, ac_ca_find("zerossl")->directory_url,
                                   &ca, &err));
    CU_ASSERT_PTR_NOT_NULL(ca.section);
    AC_REQUIRE_CODE(ac_configured_ca(loaded.config, "crop", &ca, &err), AC_E_USAGE);
    CU_ASSERT_STRING_EQUAL(err.detail,
                           "there is no CA \"crop\"; did you mean \"corp\"?");
}

AC_TEST(without_a_configuration_there_are_those_that_are_known)
{
    struct ac_error err = { 0 };
    struct ac_configured_ca ca;

    AC_REQUIRE_OK(ac_configured_ca(NULL, "letsencrypt", &ca, &err));
    CU_ASSERT_EQUAL(ca.contact->count, 0);
    AC_REQUIRE_CODE(ac_configured_ca(NULL, "letsencript", &ca, &err), AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "did you mean \"letsencrypt\"?"));
}

AC_TEST(a_survey_gets_each_certificate_or_why_it_cannot_be)
{
    struct ac_error err = { 0 };
    LOADED loaded = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };
    AC_AUTO(ac_wanted) none = { 0 };

    AC_REQUIRE_OK(load(SOLVERS "certificate x { solvers = web identifiers = \"a b\" }\n"
                               "certificate w { solvers = web identifiers = a.test\n"
                               " ca = {letsencrypt, \"https://b.test/d\"} }",
                       &loaded, &err));
    struct ac_upkeep_source source = ac_configured_source(loaded.config);

    AC_REQUIRE(source.count == 2);
    CU_ASSERT_STRING_EQUAL(source.path, ac_test_path("acmecore.conf"));
    CU_ASSERT_STRING_EQUAL(source.name(source.arg, 0), "w");
    AC_REQUIRE_OK(source.load(source.arg, 0, &wanted, &err));
    CU_ASSERT_EQUAL(wanted.identifiers.count, 1);
    CU_ASSERT_STRING_EQUAL(wanted.configuration, source.path);
    CU_ASSERT_EQUAL(wanted.further.count, 1);
    AC_REQUIRE_CODE(source.load(source.arg, 1, &none, &err), AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "acmecore.conf:3: \"a b\""));
    CU_ASSERT_EQUAL(ac_configured_source(NULL).count, 0);
}

AC_TEST(ca_that_is_asked_where_another_fails_has_its_own_settings)
{
    struct ac_error err = { 0 };
    LOADED loaded = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(load("ca one { directory = https://one.test/d ca-file = /one.pem\n"
                       "  required-profile = tls account = ops insecure-http = yes }\n"
                       "ca two { directory = https://two.test/d ca-file = /two.pem\n"
                       "  profile = short }\n" SOLVERS
                       "certificate w { identifiers = a.test ca = {one, two} "
                       "solvers = web preferred-chain = Old key-type = rsa-2048 }",
                       &loaded, &err));
    struct ac_upkeep_source source = ac_configured_source(loaded.config);
    AC_REQUIRE_OK(source.load(source.arg, 0, &wanted, &err));

    AC_REQUIRE(wanted.further.count == 1 && wanted.further_own_count == 1);
    const struct ac_wanted *own = &wanted.further_own[0];
    CU_ASSERT_STRING_EQUAL(own->ca_file, "/two.pem");
    CU_ASSERT_STRING_EQUAL(own->profile, "short");
    CU_ASSERT_STRING_EQUAL(own->preferred_chain, "Old");
    CU_ASSERT_PTR_NULL(own->required_profile);
    CU_ASSERT_PTR_NULL(own->account);
    CU_ASSERT_FALSE(own->can_use_plain_http);
    CU_ASSERT_STRING_EQUAL(wanted.ca_file, "/one.pem");
}

AC_TEST(what_is_wrong_with_a_further_ca_is_told_where_it_stands)
{
    struct ac_error err = { 0 };
    LOADED loaded = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(
        load("ca two { directory = https://two.test/d\n ca-file = two.pem }\n" SOLVERS
             "certificate w { identifiers = a.test "
             "ca = {letsencrypt, two} solvers = web }",
             &loaded, &err));
    struct ac_upkeep_source source = ac_configured_source(loaded.config);

    AC_REQUIRE_CODE(source.load(source.arg, 0, &wanted, &err), AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(err.detail, "acmecore.conf:2: ca-file: \"two.pem\" is not an absolute"));
}

AC_SUITE(
    "engine/configured", AC_CASE(a_certificate_is_wanted_as_it_is_written),
    AC_CASE(what_is_said_of_all_counts_where_a_certificate_does_not_say_it),
    AC_CASE(profile_and_chain_are_of_a_certificate_or_else_of_its_ca),
    AC_CASE(cas_of_a_certificate_come_in_order_and_the_default_when_there_are_none),
    AC_CASE(wrong_values_are_told_where_they_stand),
    AC_CASE(name_covered_by_a_wildcard_of_the_same_certificate_is_told),
    AC_CASE(ca_is_found_by_section_alias_or_url),
    AC_CASE(without_a_configuration_there_are_those_that_are_known),
    AC_CASE(a_survey_gets_each_certificate_or_why_it_cannot_be),
    AC_CASE(ca_that_is_asked_where_another_fails_has_its_own_settings),
    AC_CASE(what_is_wrong_with_a_further_ca_is_told_where_it_stands))
