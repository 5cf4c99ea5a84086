/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/wish.h"

#include "command_line.h"

static enum ac_code read_wish(struct ac_wanted *wanted, const char *const *words,
                              struct ac_error *err)
{
    AC_AUTO(ac_options) options = { 0 };
    AC_AUTO(ac_store) *store = NULL;

    AC_TRY(parse(&options, words, err));
    AC_TRY(ac_store_open(ac_test_path("state"), &store, err));
    const struct ac_wish_places places = { .store = store,
                                           .directory_url = CA_URL,
                                           .default_url = NULL };
    return ac_wish_read(&options, &places, wanted, err);
}

static void refuse(const char *const *words, const char *message)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_CODE(read_wish(&wanted, words, &err), AC_E_USAGE);
    CU_ASSERT_STRING_EQUAL(err.detail, message);
}

static const char *setting_of(const struct ac_wanted *wanted, size_t index)
{
    const struct ac_section *section = &wanted->specs[0].section;

    return index < section->count ? section->items[index].value : "";
}

/* ---- names */

AC_TEST(names_come_repeated_or_with_commas_and_become_canonical)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(read_wish(&wanted,
                            WORDS("-d", "A.Example.,b.example", "-d", "a.example", "-d",
                                  "192.0.2.1", "--solver", "web"),
                            &err));

    CU_ASSERT_EQUAL(wanted.identifiers.count, 3);
    CU_ASSERT_STRING_EQUAL(wanted.identifiers.items[0].value, "a.example");
    CU_ASSERT_STRING_EQUAL(wanted.identifiers.items[2].value, "192.0.2.1");
    CU_ASSERT_STRING_EQUAL(wanted.name, "a.example");
    CU_ASSERT_STRING_EQUAL(wanted.directory_url, CA_URL);
    CU_ASSERT_EQUAL(wanted.key_type, AC_KEY_ECDSA_P256);
}

AC_TEST(no_name_an_impossible_one_and_a_covered_one_are_refused)
{
    refuse(WORDS("--solver", "web"),
           "no name was given; for which is the certificate? (-d NAME)");
    refuse(WORDS("-d", "a b", "--solver", "web"),
           "\"a b\" cannot be in a certificate: no host name has the character \" \"");
    refuse(WORDS("-d", "a.example", "--name", "../x", "--solver", "web"),
           "the name \"../x\" begins with \".\"");
    refuse(WORDS("--name", "www", "--solver", "web"),
           "there is no certificate \"www\" yet; for which names is it? (-d NAME)");
}

/* ---- solvers */

AC_TEST(a_solver_has_a_pattern_before_its_last_equals_sign)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(read_wish(&wanted,
                            WORDS("-d", "a.example", "--solver", "web", "--solver",
                                  "*.Corp.Example=exec", "--solver", "x.example=web"),
                            &err));

    CU_ASSERT_EQUAL(wanted.spec_count, 2);
    CU_ASSERT_EQUAL(wanted.rule_count, 3);
    CU_ASSERT_PTR_NULL(wanted.rules[0].pattern);
    CU_ASSERT_STRING_EQUAL(wanted.rules[1].pattern, "*.corp.example");
    CU_ASSERT_STRING_EQUAL(wanted.rules[1].solver, "exec");
    CU_ASSERT_STRING_EQUAL(wanted.rules[2].solver, "web");
}

AC_TEST(a_solver_of_another_form_is_refused)
{
    refuse(WORDS("-d", "a.example", "--solver", "x="),
           "--solver is [PATTERN=][INSTANCE:]PLUGIN, not \"x=\"");
    refuse(WORDS("-d", "a.example", "--solver", "=web"),
           "--solver is [PATTERN=][INSTANCE:]PLUGIN, not \"=web\"");
    refuse(WORDS("-d", "a.example", "--solver", "a b=web"),
           "--solver a b=web: \"a b\" cannot be in a certificate: no host name has the "
           "character \" \"");
    refuse(WORDS("-d", "a.example"),
           "no solver was given: who answers the CA's challenges? (--solver "
           "http01-standalone, --solver http01-webroot, …; acmecore plugin list "
           "shows them)");
}

AC_TEST(a_plugin_may_be_there_twice_under_names_of_its_own)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(read_wish(&wanted,
                            WORDS("-d", "a.example", "--solver", "one:dns", "--solver",
                                  "*.b.example=two.x:dns", "--solver", "c.example=one",
                                  "--set", "one.path=/1", "--set", "two.x.path=/2"),
                            &err));

    AC_REQUIRE(wanted.spec_count == 2 && wanted.rule_count == 3);
    CU_ASSERT_STRING_EQUAL(wanted.specs[0].name, "one");
    CU_ASSERT_STRING_EQUAL(wanted.specs[0].plugin, "dns");
    CU_ASSERT_STRING_EQUAL(wanted.specs[1].name, "two.x");
    CU_ASSERT_STRING_EQUAL(wanted.specs[1].section.items[0].value, "/2");
    CU_ASSERT_STRING_EQUAL(wanted.rules[1].solver, "two.x");
    CU_ASSERT_STRING_EQUAL(wanted.rules[2].solver, "one");
}

AC_TEST(an_instance_has_one_plugin)
{
    refuse(WORDS("-d", "a.example", "--solver", "one:dns", "--solver", "one:web"),
           "--solver one:web: \"one\" is the plugin dns already");
    refuse(WORDS("-d", "a.example", "--solver", "one:"),
           "--solver is [PATTERN=][INSTANCE:]PLUGIN, not \"one:\"");
    refuse(WORDS("-d", "a.example", "--solver", ":dns"),
           "--solver is [PATTERN=][INSTANCE:]PLUGIN, not \":dns\"");
}

AC_TEST(a_setting_belongs_to_a_solver_and_keeps_its_own_equals_signs)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(read_wish(&wanted,
                            WORDS("-d", "a.example", "--solver", "web", "--set",
                                  "web.path=*.a=/x", "--set", "web.path="),
                            &err));

    CU_ASSERT_STRING_EQUAL(wanted.specs[0].section.items[0].name, "path");
    CU_ASSERT_STRING_EQUAL(setting_of(&wanted, 0), "*.a=/x");
    CU_ASSERT_STRING_EQUAL(setting_of(&wanted, 1), "");
    CU_ASSERT_STRING_EQUAL(wanted.specs[0].section.items[0].origin, "--set web.path");
}

AC_TEST(a_setting_of_another_form_or_of_no_solver_is_refused)
{
    refuse(WORDS("-d", "a.example", "--solver", "web", "--set", "path=/x"),
           "--set is PLUGIN.OPTION=VALUE, not \"path=/x\"");
    refuse(WORDS("-d", "a.example", "--solver", "web", "--set", "web.=/x"),
           "--set is PLUGIN.OPTION=VALUE, not \"web.=/x\"");
    refuse(WORDS("-d", "a.example", "--solver", "web", "--set", "web.path"),
           "--set is PLUGIN.OPTION=VALUE, not \"web.path\"");
    refuse(WORDS("-d", "a.example", "--solver", "web", "--set", "wbe.path=/x"),
           "--set wbe.path: no --solver and no --installer names \"wbe\", so the "
           "setting would do "
           "nothing");
}

AC_TEST(an_unknown_key_type_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_CODE(
        read_wish(&wanted,
                  WORDS("-d", "a.example", "--solver", "web", "--key-type", "rsa"),
                  &err),
        AC_E_USAGE);
    CU_ASSERT_TRUE(ac_capture_has(err.detail, "ecdsa-p256"));
}

/* ---- what is remembered */

AC_TEST(the_certificate_with_these_names_gives_its_name_and_solvers)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    AC_REQUIRE_OK(read_wish(&wanted, WORDS("-d", "a.example"), &err));

    CU_ASSERT_STRING_EQUAL(wanted.name, "www");
    CU_ASSERT_EQUAL(wanted.rule_count, 1);
    CU_ASSERT_STRING_EQUAL(setting_of(&wanted, 0), "/srv");
    CU_ASSERT_STRING_EQUAL(setting_of(&wanted, 1), "81");
}

AC_TEST(a_name_alone_gives_the_identifiers)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    AC_REQUIRE_OK(read_wish(&wanted, WORDS("--name", "www"), &err));

    AC_REQUIRE(wanted.identifiers.count == 1);
    CU_ASSERT_STRING_EQUAL(wanted.identifiers.items[0].value, "a.example");
    CU_ASSERT_EQUAL(wanted.rule_count, 1);
}

/* A certificate that remembers all that can be, read with these words. */
static enum ac_code read_with(const char *directory_url, struct ac_wanted *wanted,
                              const char *const *words, struct ac_error *err)
{
    AC_AUTO(ac_options) options = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_wanted) held = { 0 };

    AC_TRY(hold_certificate("www", "a.example", err));
    AC_TRY(ac_store_open(ac_test_path("state"), &store, err));
    AC_TRY(ac_wanted_load(store, "www", &held, err));
    held.can_use_plain_http = true;
    AC_TRY(ac_memory_copy_text("/roots.pem", &held.ca_file, err));
    AC_TRY(ac_memory_copy_text("require", &held.self_check, err));
    AC_TRY(ac_memory_copy_text("a:81", &held.self_check_via, err));
    AC_TRY(ac_wanted_save(&held, store, err));
    AC_TRY(parse(&options, words, err));
    const struct ac_wish_places places = { .store = store,
                                           .directory_url = directory_url,
                                           .default_url = NULL };
    return ac_wish_read(&options, &places, wanted, err);
}

AC_TEST(how_the_ca_is_reached_is_remembered)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(read_with(NULL, &wanted, WORDS("-d", "a.example"), &err));

    CU_ASSERT_STRING_EQUAL(wanted.directory_url, CA_URL);
    CU_ASSERT_STRING_EQUAL(wanted.ca_file, "/roots.pem");
    CU_ASSERT_STRING_EQUAL(wanted.self_check, "require");
    CU_ASSERT_STRING_EQUAL(wanted.self_check_via, "a:81");
    CU_ASSERT_TRUE(wanted.can_use_plain_http);
}

AC_TEST(what_is_given_wins_over_what_is_remembered)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };
    char here[512];

    AC_REQUIRE(getcwd(here, sizeof here) != NULL);
    AC_REQUIRE_OK(read_with(NULL, &wanted,
                            WORDS("-d", "a.example", "--ca-file", "other.pem",
                                  "--self-check", "warn", "--self-check-via", "b:82"),
                            &err));

    CU_ASSERT_EQUAL(strncmp(wanted.ca_file, here, strlen(here)), 0);
    CU_ASSERT_TRUE(ac_capture_has(wanted.ca_file, "/other.pem"));
    CU_ASSERT_PTR_NULL(wanted.self_check); /* the default */
    CU_ASSERT_STRING_EQUAL(wanted.self_check_via, "b:82");
}

AC_TEST(another_ca_inherits_neither_roots_nor_plain_http)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(read_with("https://other.example/dir", &wanted,
                            WORDS("-d", "a.example"), &err));

    CU_ASSERT_STRING_EQUAL(wanted.directory_url, "https://other.example/dir");
    CU_ASSERT_PTR_NULL(wanted.ca_file);
    CU_ASSERT_FALSE(wanted.can_use_plain_http);
    CU_ASSERT_STRING_EQUAL(wanted.self_check, "require");
}

AC_TEST(further_cas_are_remembered_until_others_are_given)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_options) options = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_wanted) held = { 0 };
    AC_AUTO(ac_wanted) kept = { 0 };
    AC_AUTO(ac_wanted) given = { 0 };
    const struct ac_words none = { 0 };

    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    AC_REQUIRE_OK(ac_store_open(ac_test_path("state"), &store, &err));
    AC_REQUIRE_OK(ac_wanted_load(store, "www", &held, &err));
    AC_REQUIRE_OK(ac_words_add(&held.further, "https://two.example/dir", &err));
    AC_REQUIRE_OK(ac_wanted_save(&held, store, &err));
    AC_REQUIRE_OK(parse(&options, WORDS("-d", "a.example"), &err));
    struct ac_wish_places places = { .store = store };
    AC_REQUIRE_OK(ac_wish_read(&options, &places, &kept, &err));
    places.further = &none;
    AC_REQUIRE_OK(ac_wish_read(&options, &places, &given, &err));

    AC_REQUIRE(kept.further.count == 1);
    CU_ASSERT_STRING_EQUAL(kept.further.items[0], "https://two.example/dir");
    CU_ASSERT_EQUAL(given.further.count, 0);
}

AC_TEST(without_a_certificate_the_default_ca_is_asked)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_options) options = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(parse(&options, WORDS("-d", "a.example", "--solver", "web"), &err));
    AC_REQUIRE_OK(ac_store_open(ac_test_path("state"), &store, &err));
    const struct ac_wish_places places = { .store = store,
                                           .default_url = "https://default.test/" };
    AC_REQUIRE_OK(ac_wish_read(&options, &places, &wanted, &err));

    CU_ASSERT_STRING_EQUAL(wanted.directory_url, "https://default.test/");
}

AC_TEST(a_name_that_no_pattern_matches_is_refused)
{
    refuse(WORDS("-d", "a.example", "--solver", "foo.example=web"),
           "no --solver is for a.example: no pattern matches it, and none is without a "
           "pattern");
}

AC_TEST(a_setting_replaces_the_remembered_one_of_its_name_alone)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    AC_REQUIRE_OK(read_wish(
        &wanted, WORDS("-d", "a.example", "--set", "web.port=82", "--set", "web.por=x"),
        &err));

    CU_ASSERT_EQUAL(wanted.specs[0].section.count, 3);
    CU_ASSERT_STRING_EQUAL(setting_of(&wanted, 0), "/srv");
    CU_ASSERT_STRING_EQUAL(setting_of(&wanted, 1), "82");
    CU_ASSERT_STRING_EQUAL(setting_of(&wanted, 2), "x");
}

AC_TEST(a_solver_that_is_given_takes_the_place_of_all_that_was_remembered)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    AC_REQUIRE_OK(
        read_wish(&wanted, WORDS("-d", "a.example", "--solver", "new"), &err));

    CU_ASSERT_EQUAL(wanted.rule_count, 1);
    CU_ASSERT_STRING_EQUAL(wanted.rules[0].solver, "new");
    CU_ASSERT_EQUAL(wanted.specs[0].section.count, 0);
}

AC_TEST(the_remembered_key_type_stays_unless_another_is_given)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_wanted) held = { 0 };
    AC_AUTO(ac_wanted) same = { 0 };
    AC_AUTO(ac_wanted) other = { 0 };

    AC_REQUIRE_OK(hold_certificate("www", "a.example", &err));
    AC_REQUIRE_OK(ac_store_open(ac_test_path("state"), &store, &err));
    AC_REQUIRE_OK(ac_wanted_load(store, "www", &held, &err));
    held.key_type = AC_KEY_RSA_3072;
    AC_REQUIRE_OK(ac_wanted_save(&held, store, &err));
    AC_REQUIRE_OK(read_wish(&same, WORDS("-d", "a.example"), &err));
    AC_REQUIRE_OK(
        read_wish(&other, WORDS("-d", "a.example", "--key-type", "ecdsa-p384"), &err));

    CU_ASSERT_EQUAL(same.key_type, AC_KEY_RSA_3072);
    CU_ASSERT_EQUAL(other.key_type, AC_KEY_ECDSA_P384);
}

AC_TEST(other_names_under_a_taken_name_need_a_word)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(hold_certificate("a.example", "a.example", &err));
    refuse(WORDS("-d", "a.example,b.example"),
           "the certificate \"a.example\" is for other names (a.example); give --name "
           "a.example to change its names, or --name with another one for a further "
           "certificate");
    AC_REQUIRE_OK(read_wish(
        &wanted, WORDS("-d", "a.example,b.example", "--name", "a.example"), &err));

    CU_ASSERT_EQUAL(wanted.identifiers.count, 2);
    CU_ASSERT_EQUAL(wanted.rule_count, 1);
}

AC_SUITE("cli/wish", AC_CASE(further_cas_are_remembered_until_others_are_given),
         AC_CASE(names_come_repeated_or_with_commas_and_become_canonical),
         AC_CASE(no_name_an_impossible_one_and_a_covered_one_are_refused),
         AC_CASE(a_solver_has_a_pattern_before_its_last_equals_sign),
         AC_CASE(a_solver_of_another_form_is_refused),
         AC_CASE(a_plugin_may_be_there_twice_under_names_of_its_own),
         AC_CASE(an_instance_has_one_plugin),
         AC_CASE(a_setting_belongs_to_a_solver_and_keeps_its_own_equals_signs),
         AC_CASE(a_setting_of_another_form_or_of_no_solver_is_refused),
         AC_CASE(an_unknown_key_type_is_refused),
         AC_CASE(the_certificate_with_these_names_gives_its_name_and_solvers),
         AC_CASE(a_name_alone_gives_the_identifiers),
         AC_CASE(how_the_ca_is_reached_is_remembered),
         AC_CASE(what_is_given_wins_over_what_is_remembered),
         AC_CASE(another_ca_inherits_neither_roots_nor_plain_http),
         AC_CASE(without_a_certificate_the_default_ca_is_asked),
         AC_CASE(a_name_that_no_pattern_matches_is_refused),
         AC_CASE(a_setting_replaces_the_remembered_one_of_its_name_alone),
         AC_CASE(a_solver_that_is_given_takes_the_place_of_all_that_was_remembered),
         AC_CASE(the_remembered_key_type_stays_unless_another_is_given),
         AC_CASE(other_names_under_a_taken_name_need_a_word))
