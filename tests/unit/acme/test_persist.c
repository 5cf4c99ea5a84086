/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/persist.h"

#include "acme/challenge.h"
#include "check.h"

#include <stdlib.h>
#include <string.h>

#define HEAD                                                                           \
    "{\"type\":\"dns-persist-01\",\"url\":\"https://ca.example/1\","                   \
    "\"status\":\"pending\""
#define ACCOUNT "https://acme-v02.api.letsencrypt.org/acme/acct/123456"

static enum ac_code parse(const char *body, struct ac_challenge *challenge,
                          bool *ret_is_usable, struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;

    AC_TRY(ac_json_parse(body, strlen(body), &json, err));
    return ac_challenge_parse(json, challenge, ret_is_usable, err);
}

AC_TEST(challenge_has_issuers_and_an_account)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_challenge) challenge = { 0 };
    bool is_usable = false;

    AC_REQUIRE_OK(parse(HEAD ",\"issuer-domain-names\":[\"a.example\",\"b.example\"],"
                             "\"accounturi\":\"" ACCOUNT "\"}",
                        &challenge, &is_usable, &err));

    AC_REQUIRE(is_usable && challenge.issuers.count == 2);
    CU_ASSERT_STRING_EQUAL(challenge.issuers.items[1], "b.example");
    CU_ASSERT_STRING_EQUAL(challenge.account_uri, ACCOUNT);
    CU_ASSERT_PTR_NULL(challenge.token);
}

/* DP-02: servers of draft -00. */
AC_TEST(account_may_be_absent)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_challenge) challenge = { 0 };
    bool is_usable = false;

    AC_REQUIRE_OK(parse(HEAD ",\"issuer-domain-names\":[\"a.example\"]}", &challenge,
                        &is_usable, &err));

    CU_ASSERT_TRUE(is_usable);
    CU_ASSERT_PTR_NULL(challenge.account_uri);
}

/* DP-03, and what would be written into a zone. */
AC_TEST(challenge_that_cannot_be_answered_is_passed_over)
{
    static const char *const bodies[] = {
        HEAD "}",
        HEAD ",\"issuer-domain-names\":\"a.example\"}",
        HEAD ",\"issuer-domain-names\":[]}",
        HEAD ",\"issuer-domain-names\":[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\","
             "\"h\",\"i\",\"j\",\"k\"]}",
        HEAD ",\"issuer-domain-names\":[7]}",
        HEAD ",\"issuer-domain-names\":[\"\"]}",
        HEAD ",\"issuer-domain-names\":[\"a.example.\"]}",
        HEAD ",\"issuer-domain-names\":[\"a..example\"]}",
        HEAD ",\"issuer-domain-names\":[\"A.example\"]}",
        HEAD ",\"issuer-domain-names\":[\"a.example; policy=wildcard\"]}",
        HEAD ",\"issuer-domain-names\":[\"a.example\"],\"accounturi\":7}",
        HEAD ",\"issuer-domain-names\":[\"a.example\"],\"accounturi\":\"\"}",
        HEAD ",\"issuer-domain-names\":[\"a.example\"],\"accounturi\":\"a b\"}",
        HEAD ",\"issuer-domain-names\":[\"a.example\"],\"accounturi\":\"a;b\"}",
    };

    for (size_t i = 0; i < AC_COUNT(bodies); i++) {
        struct ac_error err = { 0 };
        AC_AUTO(ac_challenge) challenge = { 0 };
        bool is_usable = true;
        AC_REQUIRE_OK(parse(bodies[i], &challenge, &is_usable, &err));
        CU_ASSERT_FALSE(is_usable);
        CU_ASSERT_PTR_NULL(challenge.type);
    }
}

AC_TEST(issuer_that_the_directory_names_is_taken)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_challenge) challenge = { 0 };
    AC_AUTO(ac_words) identities = { 0 };

    AC_REQUIRE_OK(ac_words_add(&challenge.issuers, "a.example", &err));
    AC_REQUIRE_OK(ac_words_add(&challenge.issuers, "b.example", &err));
    CU_ASSERT_STRING_EQUAL(ac_persist_issuer(&challenge, &identities), "a.example");
    AC_REQUIRE_OK(ac_words_add(&identities, "b.example", &err));

    CU_ASSERT_STRING_EQUAL(ac_persist_issuer(&challenge, &identities), "b.example");
}

/* DP-01: the vector of PROTOCOL F.5. */
AC_TEST(record_is_the_vector)
{
    struct ac_identifier identifier = { AC_IDENTIFIER_DNS, "*.example.org" };
    struct ac_persist_record record = { .issuer = "letsencrypt.org",
                                        .account_uri = ACCOUNT,
                                        .is_wildcard = true };
    struct ac_error err = { 0 };
    AC_AUTO_TEXT char *name = NULL;
    AC_AUTO_TEXT char *value = NULL;
    AC_AUTO_TEXT char *plain = NULL;

    AC_REQUIRE_OK(ac_persist_name(&identifier, &name, &err));
    AC_REQUIRE_OK(ac_persist_value(&record, &value, &err));
    record.is_wildcard = false;
    AC_REQUIRE_OK(ac_persist_value(&record, &plain, &err));

    AC_REQUIRE(name && value && plain);
    CU_ASSERT_STRING_EQUAL(name, "_validation-persist.example.org");
    CU_ASSERT_STRING_EQUAL(value,
                           "letsencrypt.org; accounturi=" ACCOUNT "; policy=wildcard");
    CU_ASSERT_EQUAL(strlen(value), 98);
    CU_ASSERT_STRING_EQUAL(plain, "letsencrypt.org; accounturi=" ACCOUNT);
}

AC_TEST(record_that_cannot_be_is_refused)
{
    struct ac_identifier address = { AC_IDENTIFIER_IP, "192.0.2.1" };
    struct ac_identifier deep = { AC_IDENTIFIER_DNS, "" };
    struct ac_persist_record record = { .issuer = "a.example" };
    struct ac_error err = { 0 };
    char url[AC_PERSIST_ACCOUNT_MAX + 2];
    AC_AUTO_TEXT char *text = NULL;

    memset(url, 'u', sizeof url);
    url[sizeof url - 1] = '\0';
    record.account_uri = url;
    for (size_t i = 0; i < 245; i++)
        deep.value[i] = "abcd."[i % 5];

    AC_REQUIRE_CODE(ac_persist_name(&address, &text, &err), AC_E_INVALID);
    AC_REQUIRE_CODE(ac_persist_name(&deep, &text, &err), AC_E_INVALID);
    AC_REQUIRE_CODE(ac_persist_value(&record, &text, &err), AC_E_INVALID);

    CU_ASSERT_PTR_NULL(text);
}

AC_TEST(record_may_end)
{
    struct ac_persist_record record = { .issuer = "a.example",
                                        .account_uri = "https://a.example/1",
                                        .is_wildcard = true,
                                        .until = 1893456000 };
    struct ac_error err = { 0 };
    AC_AUTO_TEXT char *value = NULL;

    AC_REQUIRE_OK(ac_persist_value(&record, &value, &err));

    CU_ASSERT_STRING_EQUAL(value, "a.example; accounturi=https://a.example/1; "
                                  "policy=wildcard; persistUntil=1893456000");
}

#define OURS "a.example; accounturi=u"
#define NOW  1000

static enum ac_persist_verdict judge(const char *value, bool is_wildcard,
                                     int64_t *ret_until)
{
    char other[] = "z.example";
    char first[] = "a.example";
    char *issuers[] = { other, first, NULL };
    struct ac_words words = { .items = issuers, .count = 2 };
    struct ac_persist_need need = {
        .issuers = &words, .account_uri = "u", .is_wildcard = is_wildcard, .utc = NOW
    };

    return ac_persist_judge(value, &need, ret_until);
}

/* DP-04, DP-06, and what is not ours to use. */
AC_TEST(records_that_are_found_are_judged)
{
    static const struct {
        const char *value;
        enum ac_persist_verdict plain, wild;
    } cases[] = {
        { OURS, AC_PERSIST_GOOD, AC_PERSIST_NO_WILDCARD },
        { OURS "; policy=wildcard", AC_PERSIST_GOOD, AC_PERSIST_GOOD },
        { " A.Example ;AccountURI = u ; POLICY=WildCard\t", AC_PERSIST_GOOD,
          AC_PERSIST_GOOD },
        { "z.example;accounturi=u;new-tag=1", AC_PERSIST_GOOD, AC_PERSIST_NO_WILDCARD },
        { OURS ";policy=other", AC_PERSIST_GOOD, AC_PERSIST_NO_WILDCARD },
        { OURS ";persistUntil=1001", AC_PERSIST_GOOD, AC_PERSIST_NO_WILDCARD },
        { OURS ";policy=wildcard;persistuntil=1000", AC_PERSIST_EXPIRED,
          AC_PERSIST_EXPIRED },
        { OURS ";persistUntil=0", AC_PERSIST_EXPIRED, AC_PERSIST_NO_WILDCARD },
        { "a.example; accounturi=U", AC_PERSIST_OTHER_ACCOUNT,
          AC_PERSIST_OTHER_ACCOUNT },
        { "a.example; accounturi=uu", AC_PERSIST_OTHER_ACCOUNT,
          AC_PERSIST_OTHER_ACCOUNT },
        { "b.example; accounturi=u", AC_PERSIST_OTHER_ISSUER, AC_PERSIST_OTHER_ISSUER },
        { "b.example; accounturi=u;;", AC_PERSIST_OTHER_ISSUER,
          AC_PERSIST_OTHER_ISSUER },
        { "v=spf1 -all", AC_PERSIST_FOREIGN, AC_PERSIST_FOREIGN },
        { "b.example", AC_PERSIST_FOREIGN, AC_PERSIST_FOREIGN },
        { "b example;accounturi=u", AC_PERSIST_FOREIGN, AC_PERSIST_FOREIGN },
        { "", AC_PERSIST_FOREIGN, AC_PERSIST_FOREIGN },
        { ";accounturi=u", AC_PERSIST_FOREIGN, AC_PERSIST_FOREIGN },
    };

    for (size_t i = 0; i < AC_COUNT(cases); i++) {
        int64_t until = -1;
        CU_ASSERT_EQUAL(judge(cases[i].value, false, &until), cases[i].plain);
        CU_ASSERT_EQUAL(judge(cases[i].value, true, &until), cases[i].wild);
    }
}

AC_TEST(malformed_records_of_ours_are_called_so)
{
    static const char *const values[] = {
        "a.example",
        "a.example;",
        OURS ";",
        OURS "; ;policy=wildcard",
        OURS ";accounturi=u",
        OURS ";policy=wildcard;Policy=wildcard",
        OURS ";policy",
        OURS ";=wildcard",
        OURS ";pol_icy=wildcard",
        OURS ";policy=wild card",
        OURS ";note=\x7f",
        OURS ";persistUntil=",
        OURS ";persistUntil=-1",
        OURS ";persistUntil=1e9",
        OURS ";persistUntil=9999999999999999999",
    };

    for (size_t i = 0; i < AC_COUNT(values); i++) {
        int64_t until = -1;
        CU_ASSERT_EQUAL(judge(values[i], false, &until), AC_PERSIST_MALFORMED);
        CU_ASSERT_EQUAL(until, -1);
    }
}

AC_TEST(end_of_a_record_is_told)
{
    int64_t until = -1;

    CU_ASSERT_EQUAL(judge(OURS, false, &until), AC_PERSIST_GOOD);
    CU_ASSERT_EQUAL(until, 0);
    CU_ASSERT_EQUAL(judge(OURS ";persistUntil=2000", false, &until), AC_PERSIST_GOOD);
    CU_ASSERT_EQUAL(until, 2000);
    CU_ASSERT_EQUAL(judge(OURS ";persistUntil=999", false, &until), AC_PERSIST_EXPIRED);
    CU_ASSERT_EQUAL(until, 999);
}

AC_SUITE("acme/persist", AC_CASE(record_may_end),
         AC_CASE(records_that_are_found_are_judged),
         AC_CASE(malformed_records_of_ours_are_called_so),
         AC_CASE(end_of_a_record_is_told),
         AC_CASE(challenge_has_issuers_and_an_account), AC_CASE(account_may_be_absent),
         AC_CASE(challenge_that_cannot_be_answered_is_passed_over),
         AC_CASE(issuer_that_the_directory_names_is_taken),
         AC_CASE(record_is_the_vector), AC_CASE(record_that_cannot_be_is_refused))
