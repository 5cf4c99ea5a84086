/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/account.h"
#include "check.h"
#include "conversation.h"
#include "document.h"

#define NEW_ACCOUNT "https://ca.test/new-account"
#define ERROR(type)                                                                    \
    "{\"type\":\"urn:ietf:params:acme:error:" type "\",\"detail\":\"the CA's words\"}"
#define LOCATION "Location: " FAKE_KID "\n"

struct talk {
    struct ac_client *client;
    struct ac_account account;
    struct ac_error err;
};

static void talk_drop(struct talk *talk)
{
    ac_account_done(&talk->account);
    ac_client_free(talk->client);
}

#define TALK __attribute__((cleanup(talk_drop))) struct talk

/* newAccount with this answer. */
static enum ac_code sign_up(struct talk *talk, const struct ac_account_request *request,
                            struct fake_rule rule)
{
    AC_AUTO(ac_post) *post = NULL;

    AC_TRY(talk_begin(NULL, &talk->client, &talk->err));
    rule.url = NEW_ACCOUNT;
    rule.times = 1;
    fake_ca_rule(rule);
    (void)talk_open(talk->client);
    AC_TRY(ac_account_begin(talk->client, request, &post, &talk->err));
    if (!talk_until(talk->client, post))
        return ac_fail(&talk->err, AC_E_SYSTEM, "it never ends");
    return ac_account_finish(talk->client, post, &talk->account, &talk->err);
}

static const char *sent(void)
{
    return fake_ca.requests[fake_ca.request_count - 1].payload;
}

AC_TEST(new_account_is_its_location)
{
    TALK talk = { 0 };
    AC_AUTO(ac_words) contacts = { 0 };
    char body[DOCUMENT_MAX];
    const struct ac_account_request request = { .contacts = &contacts,
                                                .agrees_to_terms = true };
    AC_REQUIRE_OK(document_read("rfc8555/account.json", body, &talk.err));
    AC_REQUIRE_OK(ac_words_add(&contacts, "mailto:a@example.org", &talk.err));

    AC_REQUIRE_OK(sign_up(
        &talk, &request,
        (struct fake_rule){ .status = 201, .headers = LOCATION, .body = body }));

    CU_ASSERT_STRING_EQUAL(talk.account.url, FAKE_KID);
    CU_ASSERT(talk.account.is_new);
    CU_ASSERT_EQUAL(talk.account.contacts.count, 2);
    CU_ASSERT_STRING_EQUAL(talk.account.orders_url,
                           "https://example.com/acme/orders/rzGoeA");
    CU_ASSERT_STRING_EQUAL(ac_client_kid(talk.client), FAKE_KID);
    CU_ASSERT_STRING_EQUAL(sent(), "{\"contact\":[\"mailto:a@example.org\"],"
                                   "\"termsOfServiceAgreed\":true}");
}

AC_TEST(existing_account_with_an_empty_body_is_taken)
{
    TALK talk = { 0 };
    const struct ac_account_request request = { .only_existing = true,
                                                .agrees_to_terms = true };

    AC_REQUIRE_OK(
        sign_up(&talk, &request,
                (struct fake_rule){ .status = 200, .headers = LOCATION, .body = "" }));

    CU_ASSERT_FALSE(talk.account.is_new);
    CU_ASSERT_STRING_EQUAL(talk.account.status, "valid");
    CU_ASSERT_STRING_EQUAL(sent(), "{\"onlyReturnExisting\":true}");
}

AC_TEST(account_without_location_is_refused)
{
    TALK talk = { 0 };
    const struct ac_account_request request = { .agrees_to_terms = true };

    AC_REQUIRE_CODE(sign_up(&talk, &request, (struct fake_rule){ .status = 201 }),
                    AC_E_PROTOCOL);

    CU_ASSERT_PTR_NULL(ac_client_kid(talk.client));
}

AC_TEST(agreement_is_only_said_when_it_was_given)
{
    TALK talk = { 0 };
    const struct ac_account_request request = { .agrees_to_terms = false };

    AC_REQUIRE_OK(sign_up(&talk, &request,
                          (struct fake_rule){ .status = 201, .headers = LOCATION }));

    CU_ASSERT_STRING_EQUAL(sent(), "{}");
}

AC_TEST(refusals_say_what_to_do)
{
    static const struct {
        const char *body;
        const char *advice;
        bool agrees;
    } cases[] = {
        { ERROR("userActionRequired"), "https://ca.test/terms", false },
        { ERROR("userActionRequired"), "--agree-tos", true },
        { ERROR("malformed"), "--agree-tos", false },
        { ERROR("externalAccountRequired"), "--eab-kid", true },
        { ERROR("unauthorized"), "deactivated", true },
    };

    for (size_t i = 0; i < AC_COUNT(cases); i++) {
        TALK talk = { 0 };
        const struct ac_account_request request = { .agrees_to_terms =
                                                        cases[i].agrees };
        AC_REQUIRE_CODE(
            sign_up(&talk, &request,
                    (struct fake_rule){ .status = 403, .body = cases[i].body }),
            AC_E_PROBLEM);
        CU_ASSERT_PTR_NOT_NULL(strstr(talk.err.detail, cases[i].advice));
        CU_ASSERT_PTR_NOT_NULL(strstr(talk.err.detail, "the CA's words"));
        CU_ASSERT_NOT_EQUAL(talk.err.problem[0], '\0');
    }
}

AC_TEST(malformed_after_agreement_is_left_as_it_is)
{
    TALK talk = { 0 };
    const struct ac_account_request request = { .agrees_to_terms = true };

    AC_REQUIRE_CODE(
        sign_up(&talk, &request,
                (struct fake_rule){ .status = 400, .body = ERROR("malformed") }),
        AC_E_PROBLEM);

    CU_ASSERT_STRING_EQUAL(talk.err.detail, "newAccount: the CA's words");
}

AC_TEST(terms_in_a_link_are_shown)
{
    TALK talk = { 0 };
    const struct ac_account_request request = { .agrees_to_terms = false };

    AC_REQUIRE_CODE(
        sign_up(&talk, &request,
                (struct fake_rule){ .status = 403,
                                    .body = ERROR("userActionRequired"),
                                    .headers = "Link: <https://ca.test/new-terms>;"
                                               "rel=\"terms-of-service\"\n" }),
        AC_E_PROBLEM);

    CU_ASSERT_PTR_NOT_NULL(strstr(talk.err.detail, "https://ca.test/new-terms"));
}

AC_TEST(deactivated_account_is_refused)
{
    TALK talk = { 0 };
    const struct ac_account_request request = { .only_existing = true };

    AC_REQUIRE_CODE(
        sign_up(&talk, &request,
                (struct fake_rule){ .status = 200,
                                    .headers = LOCATION,
                                    .body = "{\"status\":\"deactivated\"}" }),
        AC_E_PROBLEM);

    CU_ASSERT_PTR_NULL(ac_client_kid(talk.client));
    CU_ASSERT_PTR_NOT_NULL(strstr(talk.err.detail, "deactivated"));
}

AC_TEST(binding_is_required_before_anything_is_sent)
{
    TALK talk = { 0 };
    AC_AUTO(ac_post) *post = NULL;
    const struct ac_account_request request = { .agrees_to_terms = true };
    AC_REQUIRE_OK(talk_begin(NULL, &talk.client, &talk.err));
    fake_ca_rule((struct fake_rule){
        .url = "/dir",
        .times = 1,
        .body = "{\"newNonce\":\"https://a/n\",\"newAccount\":\"https://a/a\","
                "\"newOrder\":\"https://a/"
                "o\",\"meta\":{\"externalAccountRequired\":true}}" });
    AC_REQUIRE(talk_open(talk.client));

    AC_REQUIRE_CODE(ac_account_begin(talk.client, &request, &post, &talk.err),
                    AC_E_USAGE);

    CU_ASSERT_EQUAL(fake_ca.posts, 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(talk.err.detail, "--eab-kid"));
}

AC_TEST(binding_goes_into_the_payload)
{
    TALK talk = { 0 };
    AC_AUTO(ac_secret) key = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    AC_REQUIRE_OK(ac_secret_new(32, &key, &talk.err));
    const struct ac_account_request request = { .agrees_to_terms = true,
                                                .eab_kid = "kid-1",
                                                .eab_key = &key };

    AC_REQUIRE_OK(sign_up(&talk, &request,
                          (struct fake_rule){ .status = 201, .headers = LOCATION }));
    AC_REQUIRE_OK(document_parse(sent(), &json, &talk.err));

    CU_ASSERT_EQUAL(ac_json_count(ac_json_get(json, "externalAccountBinding")), 3);
}

AC_TEST(binding_that_is_refused_is_explained)
{
    TALK talk = { 0 };
    AC_AUTO(ac_secret) key = { 0 };
    AC_REQUIRE_OK(ac_secret_new(32, &key, &talk.err));
    const struct ac_account_request request = { .agrees_to_terms = true,
                                                .eab_kid = "kid-1",
                                                .eab_key = &key };

    AC_REQUIRE_CODE(
        sign_up(&talk, &request,
                (struct fake_rule){ .status = 403, .body = ERROR("unauthorized") }),
        AC_E_PROBLEM);

    CU_ASSERT_PTR_NOT_NULL(strstr(talk.err.detail, "external account binding"));
    CU_ASSERT_EQUAL(fake_ca.posts, 1);
}

AC_TEST(account_is_read_with_its_own_url)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_client) *client = NULL;
    AC_AUTO(ac_post) *post = NULL;
    AC_AUTO(ac_account) account = { 0 };
    AC_REQUIRE_OK(talk_begin(FAKE_KID, &client, &err));
    fake_ca_rule(
        (struct fake_rule){ .url = FAKE_KID,
                            .times = 1,
                            .body = "{\"status\":\"valid\",\"contact\":[7]}" });

    AC_REQUIRE_OK(ac_account_read(client, &post, &err));
    AC_REQUIRE(talk_until(client, post));
    AC_REQUIRE_OK(ac_account_finish(client, post, &account, &err));

    CU_ASSERT_STRING_EQUAL(account.url, FAKE_KID);
    CU_ASSERT_EQUAL(account.contacts.count, 0);
    CU_ASSERT_STRING_EQUAL(sent(), "");
}

AC_SUITE("acme/account", AC_CASE(new_account_is_its_location),
         AC_CASE(existing_account_with_an_empty_body_is_taken),
         AC_CASE(account_without_location_is_refused),
         AC_CASE(agreement_is_only_said_when_it_was_given),
         AC_CASE(refusals_say_what_to_do),
         AC_CASE(malformed_after_agreement_is_left_as_it_is),
         AC_CASE(terms_in_a_link_are_shown), AC_CASE(deactivated_account_is_refused),
         AC_CASE(binding_is_required_before_anything_is_sent),
         AC_CASE(binding_goes_into_the_payload),
         AC_CASE(binding_that_is_refused_is_explained),
         AC_CASE(account_is_read_with_its_own_url))
