/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/authorization.h"
#include "check.h"
#include "conversation.h"
#include "document.h"

#define URL "https://ca.test/authorization/1"
#define A   "\"identifier\":{\"type\":\"dns\",\"value\":\"a.example\"}"

static enum ac_code parse(const char *text, struct ac_authorization *authorization,
                          struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;

    AC_TRY(document_parse(text, &json, err));
    return ac_authorization_parse(json, URL, authorization, err);
}

static enum ac_code update(struct ac_authorization *authorization, const char *body,
                           struct ac_error *err)
{
    AC_AUTO(ac_client) *client = NULL;
    AC_AUTO(ac_post) *post = NULL;

    AC_TRY(talk_begin(FAKE_KID, &client, err));
    fake_ca_rule((struct fake_rule){ .url = URL, .times = 1, .body = body });
    AC_TRY(ac_authorization_read(client, URL, &post, err));
    if (!talk_until(client, post))
        return ac_fail(err, AC_E_SYSTEM, "it never ends");
    return ac_authorization_update(authorization, post, err);
}

AC_TEST(authorization_of_the_rfc_is_read)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(ac_authorization) authorization = { 0 };
    AC_REQUIRE_OK(document_load("rfc8555/authorization.json", &json, &err));

    AC_REQUIRE_OK(ac_authorization_parse(json, URL, &authorization, &err));

    CU_ASSERT_EQUAL(authorization.status, AC_AUTHORIZATION_VALID);
    CU_ASSERT_STRING_EQUAL(authorization.identifier.value, "www.example.org");
    CU_ASSERT_EQUAL(authorization.expires, 1425218947);
    AC_REQUIRE(authorization.challenge_count == 1);
    CU_ASSERT_EQUAL(authorization.challenges[0].status, AC_CHALLENGE_VALID);
    CU_ASSERT_PTR_NULL(ac_authorization_error(&authorization));
}

AC_TEST(challenges_are_found_by_type)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(ac_text) types = { 0 };
    AC_AUTO(ac_authorization) authorization = { 0 };
    AC_REQUIRE_OK(document_load("rfc8555/authorization-pending.json", &json, &err));
    AC_REQUIRE_OK(ac_authorization_parse(json, URL, &authorization, &err));

    AC_REQUIRE_OK(ac_authorization_types(&authorization, &types, &err));
    const struct ac_challenge *dns = ac_authorization_find(&authorization, "dns-01");

    CU_ASSERT_STRING_EQUAL(ac_text_get(&types), "http-01, dns-01");
    AC_REQUIRE(dns != NULL);
    CU_ASSERT_STRING_EQUAL(dns->url, "https://example.com/acme/chall/Rg5dV14Gh1Q");
    CU_ASSERT_STRING_EQUAL(dns->token, "DGyRejmCefe7v4NfDGDKfA");
    CU_ASSERT_PTR_NULL(ac_authorization_find(&authorization, "tls-alpn-01"));
}

AC_TEST(wildcard_is_put_before_the_name)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_authorization) yes = { 0 };
    AC_AUTO(ac_authorization) no = { 0 };

    AC_REQUIRE_OK(
        parse("{\"status\":\"pending\",\"wildcard\":true," A "}", &yes, &err));
    AC_REQUIRE_OK(
        parse("{\"status\":\"pending\",\"wildcard\":false," A "}", &no, &err));

    CU_ASSERT_STRING_EQUAL(yes.identifier.value, "*.a.example");
    CU_ASSERT_STRING_EQUAL(no.identifier.value, "a.example");
    CU_ASSERT_EQUAL(yes.challenge_count, 0);
}

AC_TEST(wildcard_of_an_address_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_authorization) authorization = { 0 };

    AC_REQUIRE_CODE(parse("{\"status\":\"pending\",\"wildcard\":true,\"identifier\":{"
                          "\"type\":\"ip\",\"value\":\"192.0.2.1\"}}",
                          &authorization, &err),
                    AC_E_PROTOCOL);

    CU_ASSERT_PTR_NULL(authorization.url);
}

AC_TEST(unusable_challenges_are_passed_over)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_authorization) authorization = { 0 };

    AC_REQUIRE_OK(parse(
        "{\"status\":\"pending\"," A ",\"challenges\":[7,{},{\"type\":\"http-01\"},"
        "{\"type\":\"http-01\",\"url\":\"https://a/1\",\"status\":\"pending\","
        "\"token\":\"../../x\"},"
        "{\"type\":\"dns-01\",\"url\":\"https://a/2\",\"status\":\"odd\"},"
        "{\"type\":\"dns-persist-01\",\"url\":\"https://a/3\",\"status\":\"pending\","
        "\"issuer-domain-names\":[\"ca.example\"]}]}",
        &authorization, &err));

    AC_REQUIRE(authorization.challenge_count == 1 && authorization.challenges != NULL);
    CU_ASSERT_STRING_EQUAL(authorization.challenges[0].type, "dns-persist-01");
    CU_ASSERT_PTR_NULL(authorization.challenges[0].token);
    CU_ASSERT_TRUE(authorization.has_bad_token);
}

AC_TEST(authorizations_that_break_the_rfc_are_refused)
{
    static const char *const bodies[] = {
        "[]",
        "{" A "}",
        "{\"status\":\"ready\"," A "}",
        "{\"status\":\"pending\"}",
        "{\"status\":\"pending\",\"identifier\":7}",
        "{\"status\":\"pending\"," A ",\"challenges\":[{\"type\":\"http-01\","
        "\"url\":\"file:///x\",\"status\":\"pending\",\"token\":\"a\"}]}",
    };

    for (size_t i = 0; i < AC_COUNT(bodies); i++) {
        struct ac_error err = { 0 };
        AC_AUTO(ac_authorization) authorization = { 0 };
        AC_REQUIRE_CODE(parse(bodies[i], &authorization, &err), AC_E_PROTOCOL);
        CU_ASSERT_PTR_NULL(authorization.url);
    }
}

AC_TEST(too_many_challenges_are_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_authorization) authorization = { 0 };
    char text[512] = "{\"status\":\"pending\"," A ",\"challenges\":[0";
    for (int i = 0; i < AC_AUTHORIZATION_CHALLENGES_MAX; i++)
        (void)strncat(text, ",0", sizeof(text) - strlen(text) - 1);
    (void)strncat(text, "]}", sizeof(text) - strlen(text) - 1);

    AC_REQUIRE_CODE(parse(text, &authorization, &err), AC_E_PROTOCOL);

    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "33 challenges"));
}

AC_TEST(error_of_the_challenge_that_failed_comes_first)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_authorization) authorization = { 0 };

    AC_REQUIRE_OK(parse(
        "{\"status\":\"invalid\"," A ",\"challenges\":["
        "{\"type\":\"http-01\",\"url\":\"https://a/1\",\"status\":\"pending\","
        "\"token\":\"a\",\"error\":{\"type\":\"urn:ietf:params:acme:error:connection\"}"
        "},"
        "{\"type\":\"dns-01\",\"url\":\"https://a/2\",\"status\":\"invalid\","
        "\"token\":\"a\",\"error\":{\"type\":\"urn:ietf:params:acme:error:dns\"}}]}",
        &authorization, &err));

    CU_ASSERT(ac_problem_is(ac_authorization_error(&authorization), "dns"));
    CU_ASSERT_STRING_EQUAL(ac_authorization_status_name(authorization.status),
                           "invalid");
}

AC_TEST(reading_again_takes_the_new_status)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_authorization) authorization = { 0 };

    AC_REQUIRE_OK(update(&authorization, "{\"status\":\"pending\"," A "}", &err));
    AC_REQUIRE_OK(update(&authorization, "{\"status\":\"valid\"," A "}", &err));

    CU_ASSERT_EQUAL(authorization.status, AC_AUTHORIZATION_VALID);
    AC_REQUIRE(authorization.url != NULL);
    CU_ASSERT_STRING_EQUAL(authorization.url, URL);
}

AC_TEST(authorization_for_another_name_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_authorization) authorization = { 0 };
    AC_REQUIRE_OK(update(&authorization, "{\"status\":\"pending\"," A "}", &err));

    AC_REQUIRE_CODE(update(&authorization,
                           "{\"status\":\"valid\",\"identifier\":{\"type\":\"dns\","
                           "\"value\":\"evil.example\"}}",
                           &err),
                    AC_E_PROTOCOL);

    CU_ASSERT_EQUAL(authorization.status, AC_AUTHORIZATION_PENDING);
}

AC_TEST(deactivation_says_so)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_client) *client = NULL;
    AC_AUTO(ac_post) *post = NULL;
    AC_REQUIRE_OK(talk_begin(FAKE_KID, &client, &err));

    AC_REQUIRE_OK(ac_authorization_deactivate(client, URL, &post, &err));
    AC_REQUIRE(talk_until(client, post));

    AC_REQUIRE_OK(ac_post_result(post, &err));
    CU_ASSERT_STRING_EQUAL(fake_ca.requests[fake_ca.request_count - 1].payload,
                           "{\"status\":\"deactivated\"}");
}

#define NEW_AUTHZ "https://ca.test/new-authz"

static enum ac_code create(const char *directory, const char *headers,
                           struct ac_authorization *authorization, struct ac_error *err)
{
    struct ac_identifier identifier;
    AC_AUTO(ac_client) *client = NULL;
    AC_AUTO(ac_post) *post = NULL;

    AC_TRY(ac_identifier_parse("a.example", &identifier, err));
    AC_TRY(talk_begin(FAKE_KID, &client, err));
    fake_ca_rule(
        (struct fake_rule){ .url = FAKE_DIRECTORY, .times = 1, .body = directory });
    fake_ca_rule((struct fake_rule){ .url = NEW_AUTHZ,
                                     .times = 1,
                                     .status = 201,
                                     .headers = headers,
                                     .body = "{\"status\":\"pending\"," A
                                             ",\"subdomainAuthAllowed\":true,"
                                             "\"challenges\":[]}" });
    if (!talk_open(client))
        return ac_fail(err, AC_E_SYSTEM, "it never opens");
    AC_TRY(ac_authorization_create(client, &identifier, true, &post, err));
    if (!talk_until(client, post))
        return ac_fail(err, AC_E_SYSTEM, "it never ends");
    return ac_authorization_created(post, authorization, err);
}

#define WITH_NEW_AUTHZ                                                                 \
    "{\"newNonce\":\"" FAKE_NONCE_URL                                                  \
    "\",\"newAccount\":\"https://ca.test/new-account\",\"newOrder\":\"" FAKE_ORDER_URL \
    "\",\"newAuthz\":\"" NEW_AUTHZ "\"}"

AC_TEST(authorization_in_advance_has_the_url_of_its_location)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_authorization) authorization = { 0 };

    AC_REQUIRE_OK(create(WITH_NEW_AUTHZ, "Location: " URL "\n", &authorization, &err));

    CU_ASSERT_STRING_EQUAL(authorization.url, URL);
    CU_ASSERT_TRUE(authorization.allows_subdomains);
    const struct fake_request *last = &fake_ca.requests[fake_ca.request_count - 1];
    CU_ASSERT_PTR_NOT_NULL(strstr(last->payload, "\"value\":\"a.example\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(last->payload, "\"subdomainAuthAllowed\":true"));
}

AC_TEST(authorization_in_advance_needs_a_door_and_a_location)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_authorization) authorization = { 0 };

    AC_REQUIRE_CODE(create(WITH_NEW_AUTHZ, NULL, &authorization, &err), AC_E_PROTOCOL);
    AC_REQUIRE_CODE(create(FAKE_DIRECTORY_BODY, NULL, &authorization, &err),
                    AC_E_USAGE);

    CU_ASSERT_PTR_NULL(authorization.url);
}

AC_SUITE("acme/authorization",
         AC_CASE(authorization_in_advance_has_the_url_of_its_location),
         AC_CASE(authorization_in_advance_needs_a_door_and_a_location),
         AC_CASE(authorization_of_the_rfc_is_read),
         AC_CASE(challenges_are_found_by_type),
         AC_CASE(wildcard_is_put_before_the_name),
         AC_CASE(wildcard_of_an_address_is_refused),
         AC_CASE(unusable_challenges_are_passed_over),
         AC_CASE(authorizations_that_break_the_rfc_are_refused),
         AC_CASE(too_many_challenges_are_refused),
         AC_CASE(error_of_the_challenge_that_failed_comes_first),
         AC_CASE(reading_again_takes_the_new_status),
         AC_CASE(authorization_for_another_name_is_refused),
         AC_CASE(deactivation_says_so))
