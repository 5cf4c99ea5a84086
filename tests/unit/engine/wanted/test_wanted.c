/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/wanted/wanted.h"

#include <string.h>
#include <unistd.h>

#include "check.h"

/* What syncing is good for shows in base; here it would only take time. */
int fsync(int fd)
{
    (void)fd;
    return 0;
}

static void assert_says(const struct ac_error *err, const char *part)
{
    CU_ASSERT_PTR_NOT_NULL(strstr(err->detail, part));
}

static enum ac_code open_store(struct ac_store **ret_store, struct ac_error *err)
{
    return ac_store_open(ac_test_path("state"), ret_store, err);
}

static enum ac_code make_wanted(struct ac_wanted *wanted, struct ac_error *err)
{
    struct ac_solver_spec *spec;

    AC_TRY(ac_memory_copy_text("www", &wanted->name, err));
    AC_TRY(ac_memory_copy_text("https://ca.example/dir", &wanted->directory_url, err));
    AC_TRY(ac_identifiers_parse("example.org,*.example.org,192.0.2.1",
                                &wanted->identifiers, err));
    wanted->key_type = AC_KEY_ECDSA_P384;
    AC_TRY(ac_wanted_add_spec(wanted, "web", "http01-webroot", &spec, err));
    AC_TRY(ac_section_add(&spec->section, "path", "/srv/a", "--set", err));
    AC_TRY(ac_section_add(&spec->section, "path", "/srv/b", "--set", err));
    AC_TRY(ac_wanted_add_spec(wanted, "ns1", "dns01-rfc2136", &spec, err));
    AC_TRY(ac_wanted_add_rule(wanted, NULL, "web", err));
    return ac_wanted_add_rule(wanted, "*.Example.ORG.", "ns1", err);
}

/* ---- specs and rules */

AC_TEST(a_solver_is_defined_once)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };
    struct ac_solver_spec *spec = NULL;

    AC_REQUIRE_OK(ac_wanted_add_spec(&wanted, "web", "http01-webroot", &spec, &err));
    CU_ASSERT_PTR_EQUAL(ac_wanted_find_spec(&wanted, "web"), spec);
    AC_REQUIRE_CODE(ac_wanted_add_spec(&wanted, "web", "dns01-exec", &spec, &err),
                    AC_E_USAGE);

    CU_ASSERT_STRING_EQUAL(err.detail, "solver \"web\" is defined twice");
    CU_ASSERT_EQUAL(wanted.spec_count, 1);
    CU_ASSERT_PTR_NULL(ac_wanted_find_spec(&wanted, "dns"));
}

AC_TEST(patterns_are_kept_in_canonical_form)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(ac_wanted_add_rule(&wanted, "*.Corp.EXAMPLE.", "a", &err));
    AC_REQUIRE_OK(ac_wanted_add_rule(&wanted, "*.lan", "a", &err));
    AC_REQUIRE_OK(ac_wanted_add_rule(&wanted, "2001:DB8::0001", "a", &err));
    AC_REQUIRE_OK(ac_wanted_add_rule(&wanted, NULL, "a", &err));

    CU_ASSERT_STRING_EQUAL(wanted.rules[0].pattern, "*.corp.example");
    CU_ASSERT_STRING_EQUAL(wanted.rules[1].pattern, "*.lan");
    CU_ASSERT_STRING_EQUAL(wanted.rules[2].pattern, "2001:db8::1");
    CU_ASSERT_PTR_NULL(wanted.rules[3].pattern);
}

AC_TEST(a_pattern_that_is_no_name_is_refused)
{
    static const char *const patterns[] = {
        "", "*", "*.", "*.*.x.y", "*.192.0.2.1", "a b", "x.*.org", "-"
    };
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    for (size_t i = 0; i < AC_COUNT(patterns); i++) {
        AC_REQUIRE_CODE(ac_wanted_add_rule(&wanted, patterns[i], "a", &err),
                        AC_E_USAGE);
    }
    CU_ASSERT_EQUAL(wanted.rule_count, 0);
}

AC_TEST(solvers_are_copied_with_options_and_rules)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) from = { 0 };
    AC_AUTO(ac_wanted) to = { 0 };

    AC_REQUIRE_OK(make_wanted(&from, &err));
    AC_REQUIRE_OK(ac_wanted_copy_solvers(&to, &from, &err));

    AC_REQUIRE(to.spec_count == 2 && to.rule_count == 2);
    CU_ASSERT_STRING_EQUAL(to.specs[0].plugin, "http01-webroot");
    CU_ASSERT_TRUE(ac_section_is_equal(&to.specs[0].section, &from.specs[0].section));
    CU_ASSERT_STRING_EQUAL(to.rules[1].pattern, "*.example.org");
    CU_ASSERT_STRING_EQUAL(to.rules[1].solver, "ns1");
    CU_ASSERT_PTR_NULL(to.name);
}

/* ---- how the CA is reached */

AC_TEST(how_the_ca_is_reached_and_answers_are_looked_at_is_remembered)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_wanted) wanted = { 0 };
    AC_AUTO(ac_wanted) loaded = { 0 };
    AC_AUTO(ac_wanted) plain = { 0 };
    bool is_same = false;

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(make_wanted(&wanted, &err));
    AC_REQUIRE_OK(make_wanted(&plain, &err));
    AC_REQUIRE_OK(ac_memory_copy_text("/etc/roots.pem", &wanted.ca_file, &err));
    AC_REQUIRE_OK(ac_memory_copy_text("require", &wanted.self_check, &err));
    AC_REQUIRE_OK(ac_memory_copy_text("a:81", &wanted.self_check_via, &err));
    AC_REQUIRE_OK(ac_memory_copy_text("off", &wanted.caa_check, &err));
    AC_REQUIRE_OK(ac_words_add(&wanted.challenges, "dns-account-01", &err));
    AC_REQUIRE_OK(ac_words_add(&wanted.experimental, "dns-persist-01", &err));
    AC_REQUIRE_OK(ac_words_add(&wanted.further, "https://two.example/dir", &err));
    wanted.can_use_plain_http = true;
    AC_REQUIRE_OK(ac_wanted_save(&wanted, store, &err));
    AC_REQUIRE_OK(ac_wanted_load(store, "www", &loaded, &err));
    AC_REQUIRE_OK(ac_wanted_has_same_settings(&wanted, &loaded, &is_same, &err));

    CU_ASSERT_TRUE(is_same);
    CU_ASSERT_STRING_EQUAL(loaded.ca_file, "/etc/roots.pem");
    CU_ASSERT_STRING_EQUAL(loaded.self_check, "require");
    CU_ASSERT_STRING_EQUAL(loaded.self_check_via, "a:81");
    CU_ASSERT_STRING_EQUAL(loaded.caa_check, "off");
    AC_REQUIRE(loaded.further.count == 1);
    CU_ASSERT_STRING_EQUAL(loaded.further.items[0], "https://two.example/dir");
    AC_REQUIRE(loaded.challenges.count == 1 && loaded.experimental.count == 1);
    CU_ASSERT_STRING_EQUAL(loaded.challenges.items[0], "dns-account-01");
    CU_ASSERT_TRUE(loaded.can_use_plain_http);
    AC_REQUIRE_OK(ac_wanted_has_same_settings(&plain, &loaded, &is_same, &err));
    CU_ASSERT_FALSE(is_same);
}

AC_TEST(settings_differ_by_their_values_and_not_by_the_names_they_are_for)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) one = { 0 };
    AC_AUTO(ac_wanted) other = { 0 };
    bool is_same = false;

    AC_REQUIRE_OK(make_wanted(&one, &err));
    AC_REQUIRE_OK(make_wanted(&other, &err));
    AC_REQUIRE_OK(ac_identifiers_parse("b.example", &other.identifiers, &err));
    AC_REQUIRE_OK(ac_wanted_has_same_settings(&one, &other, &is_same, &err));
    CU_ASSERT_TRUE(is_same);
    AC_REQUIRE_OK(ac_section_add(&other.specs[1].section, "ttl", "60", "--set", &err));
    AC_REQUIRE_OK(ac_wanted_has_same_settings(&one, &other, &is_same, &err));

    CU_ASSERT_FALSE(is_same);
}

/* ---- names */

static enum ac_code default_name(const char *first, struct ac_text *ret_name,
                                 struct ac_error *err)
{
    AC_AUTO(ac_identifiers) identifiers = { 0 };
    AC_AUTO_TEXT char *name = NULL;

    AC_TRY(ac_identifiers_parse(first, &identifiers, err));
    AC_TRY(ac_wanted_default_name(&identifiers, &name, err));
    return ac_text_add(ret_name, name, strlen(name), err);
}

AC_TEST(the_first_identifier_names_the_certificate)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) name = { 0 };
    AC_AUTO(ac_text) wildcard = { 0 };
    AC_AUTO(ac_text) address = { 0 };

    AC_REQUIRE_OK(default_name("example.org,www.example.org", &name, &err));
    AC_REQUIRE_OK(default_name("*.example.org", &wildcard, &err));
    AC_REQUIRE_OK(default_name("2001:db8::1", &address, &err));

    CU_ASSERT_STRING_EQUAL(ac_text_get(&name), "example.org");
    CU_ASSERT_STRING_EQUAL(ac_text_get(&wildcard), "_.example.org");
    CU_ASSERT_STRING_EQUAL(ac_text_get(&address), "2001:db8::1");
}

/* Four labels of 60 letters and one more: longer than a folder's name may be. */
#define LABEL "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff."

AC_TEST(the_longest_identifiers_make_names_that_differ)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_text) one = { 0 };
    AC_AUTO(ac_text) two = { 0 };
    AC_AUTO(ac_text) wildcard = { 0 };

    AC_REQUIRE_OK(default_name(LABEL LABEL LABEL LABEL "one", &one, &err));
    AC_REQUIRE_OK(default_name(LABEL LABEL LABEL LABEL "two", &two, &err));
    AC_REQUIRE_OK(default_name("*." LABEL LABEL LABEL LABEL "two", &wildcard, &err));

    CU_ASSERT_STRING_NOT_EQUAL(ac_text_get(&one), ac_text_get(&two));
    CU_ASSERT_NSTRING_EQUAL(ac_text_get(&one), ac_text_get(&two), 180);
    CU_ASSERT_NSTRING_EQUAL(ac_text_get(&wildcard), "_.aaaa", 6);
    AC_REQUIRE_OK(ac_store_check_name(ac_text_get(&one), &err));
    AC_REQUIRE_OK(ac_store_check_name(ac_text_get(&wildcard), &err));
}

/* ---- certificate.json */

AC_TEST(what_is_wanted_comes_back_from_its_file)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_wanted) wanted = { 0 };
    AC_AUTO(ac_wanted) loaded = { 0 };
    AC_AUTO(ac_json) *before = NULL;
    AC_AUTO(ac_json) *after = NULL;

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(make_wanted(&wanted, &err));
    AC_REQUIRE_OK(ac_wanted_save(&wanted, store, &err));
    AC_REQUIRE_OK(ac_wanted_load(store, "www", &loaded, &err));
    AC_REQUIRE_OK(ac_wanted_to_json(&wanted, &before, &err));
    AC_REQUIRE_OK(ac_wanted_to_json(&loaded, &after, &err));

    CU_ASSERT_TRUE(ac_json_is_equal(before, after));
    CU_ASSERT_STRING_EQUAL(loaded.name, "www");
    CU_ASSERT_EQUAL(loaded.key_type, AC_KEY_ECDSA_P384);
    CU_ASSERT_TRUE(
        ac_identifiers_is_same_set(&loaded.identifiers, &wanted.identifiers));
    AC_REQUIRE(loaded.spec_count == 2 && loaded.rule_count == 2);
    AC_REQUIRE(loaded.specs[0].section.count == 2);
    CU_ASSERT_STRING_EQUAL(loaded.specs[0].section.items[1].value, "/srv/b");
    CU_ASSERT_PTR_NULL(loaded.rules[0].pattern);
}

AC_TEST(a_certificate_nobody_wanted_is_not_found)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_CODE(ac_wanted_load(store, "www", &wanted, &err), AC_E_NOTFOUND);
    AC_REQUIRE_CODE(ac_wanted_load(store, "../www", &wanted, &err), AC_E_USAGE);

    CU_ASSERT_PTR_NULL(wanted.name);
}

AC_TEST(member_that_a_document_may_have_is_one_that_it_says)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_store) *store = NULL;
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(open_store(&store, &err));
    AC_REQUIRE_OK(make_wanted(&wanted, &err));
    CU_ASSERT_FALSE(ac_wanted_may_have(store, "www", "notify"));
    AC_REQUIRE_OK(ac_wanted_save(&wanted, store, &err));
    CU_ASSERT_FALSE(ac_wanted_may_have(store, "www", "notify"));
    AC_REQUIRE_OK(ac_words_add(&wanted.notify, "/bin/tell", &err));
    AC_REQUIRE_OK(ac_wanted_save(&wanted, store, &err));

    CU_ASSERT_TRUE(ac_wanted_may_have(store, "www", "notify"));
}

#define HEAD    "{\"schema\":1,"
#define URL     "\"directory\":\"https://ca.example/dir\","
#define KEY     "\"key_type\":\"ecdsa-p256\","
#define NAMES   "\"identifiers\":[\"example.org\"],"
#define SOLVERS "\"solvers\":[{\"name\":\"a\",\"plugin\":\"p\",\"options\":{}}],"
#define RULES   "\"rules\":[{\"pattern\":null,\"solver\":\"a\"}]}"

static enum ac_code load_text(const char *text, struct ac_wanted *ret_wanted,
                              struct ac_error *err)
{
    AC_AUTO(ac_store) *store = NULL;

    AC_TRY(ac_file_make_folders(ac_test_path("state/certs/www"), 0700, err));
    AC_TRY(ac_file_replace(ac_test_path("state/certs/www/certificate.json"), 0600, text,
                           strlen(text), err));
    AC_TRY(open_store(&store, err));
    return ac_wanted_load(store, "www", ret_wanted, err);
}

AC_TEST(a_sound_document_is_read)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(load_text(HEAD URL KEY NAMES SOLVERS RULES, &wanted, &err));

    CU_ASSERT_EQUAL(wanted.identifiers.count, 1);
    CU_ASSERT_EQUAL(wanted.rule_count, 1);
}

AC_TEST(every_kind_of_damage_is_told)
{
    static const struct {
        const char *text, *says;
    } damages[] = {
        { "", "" },
        { HEAD URL KEY NAMES SOLVERS, "" },
        { HEAD KEY NAMES SOLVERS RULES, "\"directory\" is missing" },
        { HEAD "\"directory\":5," KEY NAMES SOLVERS RULES,
          "\"directory\" is not text" },
        { HEAD URL NAMES SOLVERS RULES, "\"key_type\" is missing" },
        { HEAD URL "\"key_type\":\"rsa-512\"," NAMES SOLVERS RULES, "rsa-512" },
        { HEAD URL "\"key_type\":[]," NAMES SOLVERS RULES, "\"key_type\" is not text" },
        { HEAD URL KEY SOLVERS RULES, "it has no identifiers" },
        { HEAD URL KEY "\"identifiers\":[]," SOLVERS RULES, "it has no identifiers" },
        { HEAD URL KEY "\"identifiers\":[7]," SOLVERS RULES, "is not text" },
        { HEAD URL KEY "\"identifiers\":\"a\"," SOLVERS RULES, "is not an array" },
        { HEAD URL KEY "\"identifiers\":[\"a..b\"]," SOLVERS RULES, "a..b" },
        { HEAD URL KEY NAMES RULES, "\"solvers\" is missing" },
        { HEAD URL KEY NAMES "\"solvers\":{}," RULES, "\"solvers\" is not an array" },
        { HEAD URL KEY NAMES "\"solvers\":[1]," RULES, "\"name\" is missing" },
        { HEAD URL KEY NAMES "\"solvers\":[{\"name\":\"a\"}]," RULES, "\"plugin\"" },
        { HEAD URL KEY NAMES "\"solvers\":[{\"name\":\"a\",\"plugin\":\"p\"}]," RULES,
          "options" },
        { HEAD URL KEY NAMES "\"solvers\":[{\"name\":\"a\",\"plugin\":\"p\","
                             "\"options\":{\"x\":1}}]," RULES,
          "\"x\" is not an array" },
        { HEAD URL KEY NAMES
          "\"solvers\":[{\"name\":\"a\",\"plugin\":\"p\",\"options\":{}},"
          "{\"name\":\"a\",\"plugin\":\"p\",\"options\":{}}]," RULES,
          "defined twice" },
        { HEAD URL KEY NAMES SOLVERS "\"rules\":7}", "\"rules\" is not an array" },
        { HEAD URL KEY NAMES SOLVERS "\"rules\":[{}]}", "\"solver\" is missing" },
        { HEAD URL KEY NAMES SOLVERS "\"rules\":[{\"solver\":\"b\"}]}",
          "names the solver \"b\", which is none" },
        { HEAD URL KEY NAMES SOLVERS "\"rules\":[{\"solver\":\"a\",\"pattern\":5}]}",
          "\"pattern\" is not text" },
        { HEAD URL KEY NAMES SOLVERS
          "\"rules\":[{\"solver\":\"a\",\"pattern\":\"a b\"}]}",
          "a b" },
    };
    struct ac_error err = { 0 };

    for (size_t i = 0; i < AC_COUNT(damages); i++) {
        AC_AUTO(ac_wanted) wanted = { 0 };

        AC_REQUIRE_CODE(load_text(damages[i].text, &wanted, &err), AC_E_STORE);
        assert_says(&err, "/state/certs/www/certificate.json is damaged: ");
        assert_says(&err, "; set it aside or restore it from a backup");
        assert_says(&err, damages[i].says);
        CU_ASSERT_PTR_NULL(wanted.name);
    }
}

AC_TEST(identity_is_that_of_the_certificate_and_not_of_its_settings)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };
    AC_AUTO(ac_wanted) other = { 0 };
    char one[AC_SHA256_HEX_SIZE];
    char two[AC_SHA256_HEX_SIZE];

    AC_REQUIRE_OK(make_wanted(&wanted, &err));
    AC_REQUIRE_OK(ac_wanted_identity(&wanted, one, &err));
    AC_REQUIRE_OK(ac_memory_copy_text("off", &wanted.self_check, &err));
    AC_REQUIRE_OK(ac_memory_copy_text("/a.conf", &wanted.configuration, &err));
    AC_REQUIRE_OK(ac_wanted_identity(&wanted, two, &err));
    CU_ASSERT_STRING_EQUAL(one, two);

    AC_REQUIRE_OK(
        ac_memory_copy_text("https://ca.example/dir", &other.directory_url, &err));
    AC_REQUIRE_OK(ac_memory_copy_text("www", &other.name, &err));
    AC_REQUIRE_OK(ac_identifiers_parse("192.0.2.1,*.example.org,example.org",
                                       &other.identifiers, &err));
    other.key_type = wanted.key_type;
    AC_REQUIRE_OK(ac_wanted_identity(&other, two, &err));
    CU_ASSERT_STRING_EQUAL(one, two);

    other.key_type = AC_KEY_RSA_2048;
    AC_REQUIRE_OK(ac_wanted_identity(&other, two, &err));
    CU_ASSERT_STRING_NOT_EQUAL(one, two);
}

AC_SUITE("engine/wanted",
         AC_CASE(identity_is_that_of_the_certificate_and_not_of_its_settings),
         AC_CASE(a_solver_is_defined_once),
         AC_CASE(patterns_are_kept_in_canonical_form),
         AC_CASE(a_pattern_that_is_no_name_is_refused),
         AC_CASE(solvers_are_copied_with_options_and_rules),
         AC_CASE(how_the_ca_is_reached_and_answers_are_looked_at_is_remembered),
         AC_CASE(settings_differ_by_their_values_and_not_by_the_names_they_are_for),
         AC_CASE(the_first_identifier_names_the_certificate),
         AC_CASE(the_longest_identifiers_make_names_that_differ),
         AC_CASE(what_is_wanted_comes_back_from_its_file),
         AC_CASE(a_certificate_nobody_wanted_is_not_found),
         AC_CASE(member_that_a_document_may_have_is_one_that_it_says),
         AC_CASE(a_sound_document_is_read), AC_CASE(every_kind_of_damage_is_told))
