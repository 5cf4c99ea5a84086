/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/revocation.h"
#include "check.h"
#include "conversation.h"

#include <string.h>

#define REVOKE "https://ca.test/revoke"
#define DIRECTORY                                                                      \
    "{\"newNonce\":\"" FAKE_NONCE_URL                                                  \
    "\",\"newAccount\":\"https://ca.test/new-account\",\"newOrder\":\"" FAKE_ORDER_URL \
    "\",\"revokeCert\":\"" REVOKE "\"}"
#define ACME "urn:ietf:params:acme:error:"

/* What revoking three octets gives, with this answer of the CA. */
static enum ac_code revoke(const char *kid, const struct ac_revocation_request *request,
                           struct fake_rule rule, bool *ret_was_before,
                           struct ac_error *err)
{
    AC_AUTO(ac_client) *client = NULL;
    AC_AUTO(ac_post) *post = NULL;

    AC_TRY(talk_begin(kid, &client, err));
    fake_ca_rule(
        (struct fake_rule){ .url = FAKE_DIRECTORY, .times = 1, .body = DIRECTORY });
    rule.url = REVOKE;
    rule.times = 1;
    fake_ca_rule(rule);
    if (!talk_open(client))
        return ac_fail(err, AC_E_SYSTEM, "no directory");
    AC_TRY(ac_revocation_begin(client, request, &post, err));
    if (!talk_until(client, post))
        return ac_fail(err, AC_E_SYSTEM, "it never ends");
    return ac_revocation_finish(post, ret_was_before, err);
}

static const struct fake_request *last_post(void)
{
    return &fake_ca.requests[fake_ca.request_count - 1];
}

AC_TEST(reasons_are_words_in_any_case_or_numbers)
{
    static const struct {
        const char *text, *name;
        int number;
    } cases[] = {
        { "unspecified", "unspecified", 0 },
        { "0", "unspecified", 0 },
        { "keyCompromise", "keyCompromise", 1 },
        { "keycompromise", "keyCompromise", 1 },
        { "1", "keyCompromise", 1 },
        { "AFFILIATIONCHANGED", "affiliationChanged", 3 },
        { "superseded", "superseded", 4 },
        { "5", "cessationOfOperation", 5 },
    };

    for (size_t i = 0; i < AC_COUNT(cases); i++) {
        struct ac_error err = { 0 };
        int reason = -7;

        AC_REQUIRE_OK(ac_revocation_reason_parse(cases[i].text, &reason, &err));
        CU_ASSERT_EQUAL(reason, cases[i].number);
        CU_ASSERT_STRING_EQUAL(ac_revocation_reason_name(reason), cases[i].name);
    }
    CU_ASSERT_STRING_EQUAL(ac_revocation_reason_name(AC_REVOCATION_NO_REASON),
                           "unspecified");
}

AC_TEST(reasons_of_others_are_refused)
{
    static const char *const texts[] = { "cACompromise", "2",  "6",  "7", "8",  "9",
                                         "10",           "11", "-1", "",  "1 ", "01",
                                         "key" };

    for (size_t i = 0; i < AC_COUNT(texts); i++) {
        struct ac_error err = { 0 };
        int reason = -7;

        AC_REQUIRE_CODE(ac_revocation_reason_parse(texts[i], &reason, &err),
                        AC_E_USAGE);
        CU_ASSERT_EQUAL(reason, -7);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "keyCompromise (1)"));
    }
}

AC_TEST(account_revokes_with_its_url)
{
    struct ac_error err = { 0 };
    bool was_before = true;
    const struct ac_revocation_request request = { .der = "\xff\xee\xdd",
                                                   .der_size = 3,
                                                   .reason = 4 };

    AC_REQUIRE_OK(revoke(FAKE_KID, &request, (struct fake_rule){ .body = "" },
                         &was_before, &err));

    CU_ASSERT_FALSE(was_before);
    CU_ASSERT_STRING_EQUAL(last_post()->payload,
                           "{\"certificate\":\"_-7d\",\"reason\":4}");
    CU_ASSERT_PTR_NOT_NULL(strstr(last_post()->header, "\"kid\":\"" FAKE_KID "\""));
    CU_ASSERT_PTR_NULL(strstr(last_post()->header, "\"jwk\""));
}

AC_TEST(key_of_the_certificate_revokes_without_an_account)
{
    struct ac_error err = { 0 };
    bool was_before = true;
    const struct ac_revocation_request request = { .der = "\xff\xee\xdd",
                                                   .der_size = 3,
                                                   .reason = AC_REVOCATION_NO_REASON,
                                                   .is_keyed = true };

    AC_REQUIRE_OK(
        revoke(NULL, &request, (struct fake_rule){ .body = "" }, &was_before, &err));

    CU_ASSERT_STRING_EQUAL(last_post()->payload, "{\"certificate\":\"_-7d\"}");
    CU_ASSERT_PTR_NOT_NULL(strstr(last_post()->header, "\"jwk\""));
    CU_ASSERT_PTR_NULL(strstr(last_post()->header, "\"kid\""));
}

AC_TEST(certificate_that_was_revoked_before_is_done)
{
    struct ac_error err = { 0 };
    bool was_before = false;
    const struct ac_revocation_request request = { .der = "x", .der_size = 1 };
    struct fake_rule rule = { .status = 400,
                              .body = "{\"type\":\"" ACME "alreadyRevoked\"}" };

    AC_REQUIRE_OK(revoke(FAKE_KID, &request, rule, &was_before, &err));

    CU_ASSERT(was_before);
}

AC_TEST(refusals_are_told)
{
    static const struct {
        const char *type;
        long status;
    } cases[] = { { "badRevocationReason", 400 },
                  { "unauthorized", 403 },
                  { "malformed", 404 } };

    for (size_t i = 0; i < AC_COUNT(cases); i++) {
        struct ac_error err = { 0 };
        bool was_before = false;
        char body[128];
        const struct ac_revocation_request request = { .der = "x", .der_size = 1 };

        (void)snprintf(body, sizeof body, "{\"type\":\"" ACME "%s\",\"detail\":\"no\"}",
                       cases[i].type);
        struct fake_rule rule = { .status = cases[i].status, .body = body };
        AC_REQUIRE_CODE(revoke(FAKE_KID, &request, rule, &was_before, &err),
                        AC_E_PROBLEM);
        CU_ASSERT_STRING_EQUAL(err.problem, cases[i].type);
    }
}

AC_TEST(ca_without_revocation_is_told)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_client) *client = NULL;
    AC_AUTO(ac_post) *post = NULL;
    const struct ac_revocation_request request = { .der = "x", .der_size = 1 };

    AC_REQUIRE_OK(talk_begin(FAKE_KID, &client, &err));
    AC_REQUIRE(talk_open(client));

    AC_REQUIRE_CODE(ac_revocation_begin(client, &request, &post, &err), AC_E_PROTOCOL);
    CU_ASSERT_PTR_NULL(post);
}

AC_SUITE("acme/revocation", AC_CASE(reasons_are_words_in_any_case_or_numbers),
         AC_CASE(reasons_of_others_are_refused), AC_CASE(account_revokes_with_its_url),
         AC_CASE(key_of_the_certificate_revokes_without_an_account),
         AC_CASE(certificate_that_was_revoked_before_is_done),
         AC_CASE(refusals_are_told), AC_CASE(ca_without_revocation_is_told))
