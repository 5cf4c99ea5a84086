/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "engine/issue/selfcheck.h"
#include "fake_ca.h"

#define SIGNED "token.print"

/* What the self-check says about this answer. */
static enum ac_code check(const char *identifier, const struct fake_rule *rule,
                          struct ac_error *err)
{
    AC_AUTO(ac_exchange) *exchange = NULL;

    fake_ca_begin();
    fake_ca_rule(*rule);
    AC_TRY(ac_selfcheck_begin(NULL, identifier, "token", NULL, &exchange, err));
    fake_ca_turn();
    return ac_selfcheck_finish(exchange, SIGNED, err);
}

AC_TEST(words_of_the_option_are_known)
{
    static const char *const words[] = { "warn", "require", "off" };
    struct ac_error err = { 0 };
    enum ac_selfcheck_mode mode;

    for (size_t i = 0; i < AC_COUNT(words); i++) {
        AC_REQUIRE_OK(ac_selfcheck_parse(words[i], &mode, &err));
        CU_ASSERT_EQUAL(mode, (enum ac_selfcheck_mode)i);
    }
    AC_REQUIRE_CODE(ac_selfcheck_parse("maybe", &mode, &err), AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "\"maybe\""));
}

AC_TEST(key_authorization_is_what_is_wanted_white_space_aside)
{
    static const char *const good[] = { SIGNED, SIGNED "\n", SIGNED " \t\r\n\n" };
    struct ac_error err = { 0 };

    for (size_t i = 0; i < AC_COUNT(good); i++) {
        struct fake_rule rule = { .url =
                                      "http://a.test/.well-known/acme-challenge/token",
                                  .times = 1,
                                  .body = good[i] };
        AC_REQUIRE_OK(check("a.test", &rule, &err));
        CU_ASSERT_EQUAL(fake_ca.gets, 1);
    }
}

AC_TEST(anything_else_is_told_with_what_was_seen)
{
    static const struct {
        struct fake_rule rule;
        const char *says;
    } cases[] = {
        { { .body = SIGNED "x" }, "token.printx" },
        { { .body = "token.prin" }, "token.prin\"" },
        { { .body = " " SIGNED }, "not ours" },
        { { .body = "<html>\033[31m" }, "<html>" },
        { { .body = "" }, "\"\"" },
        { { .body = SIGNED, .status = 404 }, "404 instead of 200" },
        { { .failure = AC_E_NETWORK, .body = "nobody is there" }, "nobody is there" },
    };
    struct ac_error err = { 0 };

    for (size_t i = 0; i < AC_COUNT(cases); i++) {
        struct fake_rule rule = cases[i].rule;

        rule.url = "http://";
        rule.times = 1;
        AC_REQUIRE_CODE(check("a.test", &rule, &err), AC_E_CHALLENGE);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, cases[i].says));
        CU_ASSERT_PTR_NULL(strchr(err.detail, '\033'));
    }
}

AC_TEST(ipv6_address_is_asked_in_brackets)
{
    struct ac_error err = { 0 };
    struct fake_rule rule = {
        .url = "http://[2001:db8::1]/.well-known/acme-challenge/token",
        .times = 1,
        .body = SIGNED
    };

    AC_REQUIRE_OK(check("2001:db8::1", &rule, &err));
    CU_ASSERT_EQUAL(fake_ca.request_count, 1);
}

AC_TEST(what_a_redirect_led_to_is_not_quoted)
{
    struct ac_error err = { 0 };
    struct fake_rule rule = {
        .url = "http://", .times = 1, .body = "a secret", .is_redirected = true
    };

    AC_REQUIRE_CODE(check("a.test", &rule, &err), AC_E_CHALLENGE);
    CU_ASSERT_PTR_NULL(strstr(err.detail, "secret"));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "8 bytes that are not ours"));
}

AC_TEST(redirects_stay_public_unless_another_place_is_given)
{
    static const char *const places[] = { NULL, "127.0.0.1:5002" };
    struct ac_error err = { 0 };

    for (size_t i = 0; i < AC_COUNT(places); i++) {
        AC_AUTO(ac_exchange) *exchange = NULL;

        fake_ca_begin();
        AC_REQUIRE_OK(
            ac_selfcheck_begin(NULL, "a.test", "token", places[i], &exchange, &err));
        CU_ASSERT_EQUAL(exchange->stays_public, places[i] == NULL);
    }
}

AC_SUITE("engine/selfcheck", AC_CASE(what_a_redirect_led_to_is_not_quoted),
         AC_CASE(redirects_stay_public_unless_another_place_is_given),
         AC_CASE(words_of_the_option_are_known),
         AC_CASE(key_authorization_is_what_is_wanted_white_space_aside),
         AC_CASE(anything_else_is_told_with_what_was_seen),
         AC_CASE(ipv6_address_is_asked_in_brackets))
