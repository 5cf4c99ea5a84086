/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/issue/select.h"

#include <string.h>

#include "check.h"

/* "pattern=solver" or "solver". */
static enum ac_code add_rule(struct ac_wanted *wanted, const char *rule,
                             struct ac_error *err)
{
    const char *equals = strchr(rule, '=');
    AC_AUTO_TEXT char *pattern = NULL;

    if (equals == NULL)
        return ac_wanted_add_rule(wanted, NULL, rule, err);
    AC_TRY(ac_memory_copy_bytes(rule, (size_t)(equals - rule), &pattern, err));
    return ac_wanted_add_rule(wanted, pattern, equals + 1, err);
}

/* "a b c": the candidates of a name. */
static enum ac_code candidates_of(const char *const *rules, const char *name,
                                  struct ac_text *ret_text, struct ac_error *err)
{
    AC_AUTO(ac_wanted) wanted = { 0 };
    AC_AUTO(ac_candidates) candidates = { 0 };
    struct ac_identifier identifier = { 0 };

    for (; *rules != NULL; rules++)
        AC_TRY(add_rule(&wanted, *rules, err));
    AC_TRY(ac_identifier_parse(name, &identifier, err));
    AC_TRY(ac_select_candidates(&wanted, &identifier, &candidates, err));
    for (size_t i = 0; i < candidates.count; i++) {
        AC_TRY(ac_text_addf(ret_text, err, "%s%s", i > 0 ? " " : "",
                            candidates.solvers[i]));
    }
    return AC_OK;
}

#define REQUIRE_CANDIDATES(rules, name, want)                                          \
    do {                                                                               \
        AC_AUTO(ac_text) found_ = { 0 };                                               \
        AC_REQUIRE_OK(candidates_of((rules), (name), &found_, &err));                  \
        CU_ASSERT_STRING_EQUAL(ac_text_get(&found_), (want));                          \
    } while (0)

AC_TEST(defaults_come_in_their_order)
{
    static const char *const rules[] = { "one", "two", "one", "three", NULL };
    struct ac_error err = { 0 };

    REQUIRE_CANDIDATES(rules, "example.org", "one two three");
    REQUIRE_CANDIDATES(rules, "192.0.2.1", "one two three");
}

AC_TEST(the_longest_pattern_comes_first)
{
    static const char *const rules[] = { "default",
                                         "*.example=short",
                                         "*.sub.corp.example=long",
                                         "*.corp.example=middle",
                                         "*.other.example=other",
                                         NULL };
    struct ac_error err = { 0 };

    REQUIRE_CANDIDATES(rules, "www.sub.corp.example", "long middle short default");
    REQUIRE_CANDIDATES(rules, "www.corp.example", "middle short default");
    REQUIRE_CANDIDATES(rules, "corp.example", "short default");
    REQUIRE_CANDIDATES(rules, "www.example.org", "default");
}

AC_TEST(an_exact_name_beats_a_wildcard)
{
    static const char *const rules[] = { "*.corp.example=wild", "a.corp.example=exact",
                                         "default", NULL };
    struct ac_error err = { 0 };

    REQUIRE_CANDIDATES(rules, "a.corp.example", "exact wild default");
    REQUIRE_CANDIDATES(rules, "b.corp.example", "wild default");
    REQUIRE_CANDIDATES(rules, "b.a.corp.example", "wild default");
}

AC_TEST(a_wildcard_pattern_covers_what_is_below_and_not_its_base)
{
    static const char *const rules[] = { "*.corp.example=wild", NULL };
    struct ac_error err = { 0 };

    REQUIRE_CANDIDATES(rules, "a.corp.example", "wild");
    REQUIRE_CANDIDATES(rules, "a.b.c.corp.example", "wild");
    REQUIRE_CANDIDATES(rules, "*.corp.example", "wild");
    REQUIRE_CANDIDATES(rules, "*.a.corp.example", "wild");
    REQUIRE_CANDIDATES(rules, "corp.example", "");
    REQUIRE_CANDIDATES(rules, "xcorp.example", "");
    REQUIRE_CANDIDATES(rules, "a.xcorp.example", "");
}

AC_TEST(a_pattern_for_a_name_is_not_one_for_its_wildcard)
{
    static const char *const rules[] = { "corp.example=exact", "default", NULL };
    struct ac_error err = { 0 };

    REQUIRE_CANDIDATES(rules, "*.corp.example", "default");
}

AC_TEST(equal_patterns_keep_their_order)
{
    static const char *const rules[] = { "*.corp.example=b", "default",
                                         "*.corp.example=a", NULL };
    struct ac_error err = { 0 };

    REQUIRE_CANDIDATES(rules, "x.corp.example", "b a default");
}

AC_TEST(an_address_matches_itself_only)
{
    static const char *const rules[] = { "2001:DB8:0::1=six", "192.0.2.1=four", NULL };
    struct ac_error err = { 0 };

    REQUIRE_CANDIDATES(rules, "2001:db8::1", "six");
    REQUIRE_CANDIDATES(rules, "192.0.2.1", "four");
    REQUIRE_CANDIDATES(rules, "192.0.2.11", "");
}

AC_TEST(patterns_match_in_canonical_form)
{
    static const char *const rules[] = { "*.CORP.Example.=wild", NULL };
    struct ac_error err = { 0 };

    REQUIRE_CANDIDATES(rules, "A.corp.EXAMPLE", "wild");
}

AC_TEST(no_rules_give_no_candidates)
{
    static const char *const rules[] = { NULL };
    struct ac_error err = { 0 };

    REQUIRE_CANDIDATES(rules, "example.org", "");
}

/* ---- challenge types */

static bool can_prove(const char *type, const char *name)
{
    struct ac_identifier identifier = { 0 };
    struct ac_error err = { 0 };

    return ac_identifier_parse(name, &identifier, &err) == AC_OK
           && ac_select_can_prove(type, &identifier);
}

AC_TEST(a_name_is_proved_by_any_type_that_we_know)
{
    CU_ASSERT_TRUE(can_prove("http-01", "example.org"));
    CU_ASSERT_TRUE(can_prove("tls-alpn-01", "example.org"));
    CU_ASSERT_TRUE(can_prove("dns-01", "example.org"));
    CU_ASSERT_TRUE(can_prove("dns-account-01", "example.org"));
    CU_ASSERT_TRUE(can_prove("dns-persist-01", "example.org"));
    CU_ASSERT_FALSE(can_prove("tls-sni-01", "example.org"));
    CU_ASSERT_FALSE(can_prove("", "example.org"));
    CU_ASSERT_FALSE(can_prove("HTTP-01", "example.org"));
}

AC_TEST(a_wildcard_is_proved_by_the_dns_family_only)
{
    CU_ASSERT_FALSE(can_prove("http-01", "*.example.org"));
    CU_ASSERT_FALSE(can_prove("tls-alpn-01", "*.example.org"));
    CU_ASSERT_TRUE(can_prove("dns-01", "*.example.org"));
    CU_ASSERT_TRUE(can_prove("dns-account-01", "*.example.org"));
    CU_ASSERT_TRUE(can_prove("dns-persist-01", "*.example.org"));
}

AC_TEST(an_address_is_never_proved_by_dns)
{
    CU_ASSERT_TRUE(can_prove("http-01", "192.0.2.1"));
    CU_ASSERT_TRUE(can_prove("tls-alpn-01", "2001:db8::1"));
    CU_ASSERT_FALSE(can_prove("dns-01", "192.0.2.1"));
    CU_ASSERT_FALSE(can_prove("dns-account-01", "2001:db8::1"));
    CU_ASSERT_FALSE(can_prove("dns-persist-01", "192.0.2.1"));
}

AC_TEST(what_would_fit_is_said_by_kind_of_name)
{
    struct ac_identifier name = { AC_IDENTIFIER_DNS, "example.org" };
    struct ac_identifier wildcard = { AC_IDENTIFIER_DNS, "*.example.org" };
    struct ac_identifier address = { AC_IDENTIFIER_IP, "192.0.2.1" };

    CU_ASSERT_PTR_NOT_NULL(strstr(ac_select_fitting(&name), "http-01"));
    CU_ASSERT_PTR_NOT_NULL(strstr(ac_select_fitting(&wildcard), "dns-01"));
    CU_ASSERT_PTR_NULL(strstr(ac_select_fitting(&wildcard), "http-01"));
    CU_ASSERT_PTR_NULL(strstr(ac_select_fitting(&address), "dns-01"));
}

/* ---- the types of a solver, and what a CA offers */

static char type_http[] = "http-01";
static char type_dns[] = "dns-01";
static char type_tls[] = "tls-alpn-01";
static char type_new[] = "new-99";
static char type_account[] = "dns-account-01";
static char type_persist[] = "dns-persist-01";
static char token[] = "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA";

AC_TEST(the_first_fitting_type_of_a_solver_is_taken)
{
    char *items[] = { type_new, type_http, type_dns, NULL };
    struct ac_words types = { .items = items, .count = 3 };
    struct ac_words none = { 0 };
    struct ac_wanted any = { 0 };
    struct ac_identifier name = { AC_IDENTIFIER_DNS, "example.org" };
    struct ac_identifier wildcard = { AC_IDENTIFIER_DNS, "*.example.org" };

    CU_ASSERT_PTR_EQUAL(ac_select_type(&any, &types, &name), type_http);
    CU_ASSERT_PTR_EQUAL(ac_select_type(&any, &types, &wildcard), type_dns);
    CU_ASSERT_PTR_NULL(ac_select_type(&any, &none, &name));
}

AC_TEST(a_challenge_is_taken_that_is_offered_and_fits)
{
    char *items[] = { type_tls, type_http, type_dns, NULL };
    struct ac_words types = { .items = items, .count = 3 };
    struct ac_challenge challenges[] = { { .type = type_dns, .token = token },
                                         { .type = type_http, .token = token } };
    struct ac_wanted any = { 0 };
    struct ac_authorization authorization = {
        .identifier = { AC_IDENTIFIER_DNS, "example.org" },
        .challenges = challenges,
        .challenge_count = 2,
    };
    struct ac_authorization wildcard = authorization;
    struct ac_authorization bare = authorization;

    strcpy(wildcard.identifier.value, "*.example.org");
    bare.challenge_count = 0;

    CU_ASSERT_PTR_EQUAL(ac_select_challenge(&any, &types, 0, &authorization),
                        &challenges[1]);
    CU_ASSERT_PTR_EQUAL(ac_select_challenge(&any, &types, 0, &wildcard),
                        &challenges[0]);
    CU_ASSERT_PTR_NULL(ac_select_challenge(&any, &types, 0, &bare));
}

AC_TEST(an_offer_that_may_not_prove_the_name_is_not_taken)
{
    char *items[] = { type_dns, type_http, NULL };
    struct ac_words types = { .items = items, .count = 2 };
    struct ac_challenge challenges[] = { { .type = type_dns, .token = token } };
    struct ac_wanted any = { 0 };
    struct ac_authorization authorization = {
        .identifier = { AC_IDENTIFIER_IP, "192.0.2.1" },
        .challenges = challenges,
        .challenge_count = 1,
    };

    CU_ASSERT_PTR_NULL(ac_select_challenge(&any, &types, 0, &authorization));
}

AC_TEST(the_order_of_the_certificate_beats_that_of_the_solver)
{
    char *items[] = { type_dns, type_account, NULL };
    char *order[] = { type_account, type_http, NULL };
    struct ac_words types = { .items = items, .count = 2 };
    struct ac_wanted wanted = { .challenges = { .items = order, .count = 2 } };
    struct ac_identifier name = { AC_IDENTIFIER_DNS, "example.org" };
    struct ac_challenge challenges[] = { { .type = type_dns, .token = token },
                                         { .type = type_account, .token = token } };
    struct ac_authorization authorization = {
        .identifier = name,
        .challenges = challenges,
        .challenge_count = 2,
    };

    CU_ASSERT_STRING_EQUAL(ac_select_type(&wanted, &types, &name), "dns-account-01");
    CU_ASSERT_PTR_EQUAL(ac_select_challenge(&wanted, &types, 0, &authorization),
                        &challenges[1]);
    authorization.challenge_count = 1;
    CU_ASSERT_PTR_NULL(ac_select_challenge(&wanted, &types, 0, &authorization));
}

AC_TEST(what_is_experimental_is_not_taken_unasked)
{
    char *items[] = { type_persist, NULL };
    struct ac_words types = { .items = items, .count = 1 };
    struct ac_wanted any = { 0 };
    struct ac_wanted asking = { .challenges = types };
    struct ac_wanted allowing = { .experimental = types };
    struct ac_identifier name = { AC_IDENTIFIER_DNS, "example.org" };

    CU_ASSERT_PTR_NULL(ac_select_type(&any, &types, &name));
    CU_ASSERT_PTR_NULL(ac_select_type(&asking, &types, &name));
    CU_ASSERT_PTR_EQUAL(ac_select_type(&allowing, &types, &name), type_persist);
}

AC_TEST(what_has_no_token_is_not_answered_with_one)
{
    char *items[] = { type_http, type_dns, NULL };
    struct ac_words types = { .items = items, .count = 2 };
    struct ac_wanted any = { 0 };
    struct ac_challenge challenges[] = { { .type = type_http },
                                         { .type = type_dns, .token = token } };
    struct ac_authorization authorization = {
        .identifier = { AC_IDENTIFIER_DNS, "example.org" },
        .challenges = challenges,
        .challenge_count = 2,
    };

    CU_ASSERT_PTR_EQUAL(ac_select_challenge(&any, &types, 0, &authorization),
                        &challenges[1]);
}

AC_TEST(types_of_other_trades_are_explained)
{
    struct ac_challenge challenges[] = { { .type = (char *)"email-reply-00",
                                           .token = (char *)"t" } };
    struct ac_authorization authorization = { .challenges = challenges,
                                              .challenge_count = 1 };

    CU_ASSERT_EQUAL(ac_select_offered(&authorization), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(ac_select_explain(&authorization), "RFC 8823"));
    challenges[0].type = (char *)"device-attest-01";
    CU_ASSERT_PTR_NOT_NULL(strstr(ac_select_explain(&authorization), "hardware"));
    challenges[0].type = (char *)"http-01";
    CU_ASSERT_PTR_NULL(ac_select_explain(&authorization));
    CU_ASSERT_EQUAL(ac_select_offered(&authorization), ac_select_bit("http-01"));
}

AC_TEST(what_was_tried_is_not_chosen_again)
{
    struct ac_challenge challenges[] = {
        { .type = (char *)"http-01", .token = (char *)"t" },
        { .type = (char *)"dns-01", .token = (char *)"t" },
    };
    struct ac_authorization authorization = {
        .challenges = challenges,
        .challenge_count = 2,
        .identifier = { .type = AC_IDENTIFIER_DNS, .value = "a.test" },
    };
    char *items[] = { (char *)"http-01", (char *)"dns-01" };
    struct ac_words types = { .items = items, .count = 2 };
    struct ac_wanted any = { 0 };

    CU_ASSERT_PTR_EQUAL(
        ac_select_challenge(&any, &types, ac_select_bit("http-01"), &authorization),
        &challenges[1]);
    CU_ASSERT_PTR_NULL(ac_select_challenge(&any, &types, ~0u, &authorization));
    CU_ASSERT_PTR_NULL(
        ac_select_type_among(&any, &types, 0, &authorization.identifier));
}

AC_SUITE(
    "engine/select", AC_CASE(types_of_other_trades_are_explained),
    AC_CASE(what_was_tried_is_not_chosen_again), AC_CASE(defaults_come_in_their_order),
    AC_CASE(the_longest_pattern_comes_first), AC_CASE(an_exact_name_beats_a_wildcard),
    AC_CASE(a_wildcard_pattern_covers_what_is_below_and_not_its_base),
    AC_CASE(a_pattern_for_a_name_is_not_one_for_its_wildcard),
    AC_CASE(equal_patterns_keep_their_order), AC_CASE(an_address_matches_itself_only),
    AC_CASE(patterns_match_in_canonical_form), AC_CASE(no_rules_give_no_candidates),
    AC_CASE(a_name_is_proved_by_any_type_that_we_know),
    AC_CASE(a_wildcard_is_proved_by_the_dns_family_only),
    AC_CASE(an_address_is_never_proved_by_dns),
    AC_CASE(what_would_fit_is_said_by_kind_of_name),
    AC_CASE(the_first_fitting_type_of_a_solver_is_taken),
    AC_CASE(a_challenge_is_taken_that_is_offered_and_fits),
    AC_CASE(an_offer_that_may_not_prove_the_name_is_not_taken),
    AC_CASE(the_order_of_the_certificate_beats_that_of_the_solver),
    AC_CASE(what_is_experimental_is_not_taken_unasked),
    AC_CASE(what_has_no_token_is_not_answered_with_one))
