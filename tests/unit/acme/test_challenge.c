/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/challenge.h"
#include "check.h"
#include "conversation.h"

#include <stdlib.h>

#define TOKEN "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA"

static enum ac_code compute(const char *jwk, char **ret_key_authorization,
                            char **ret_value, struct ac_error *err)
{
    AC_AUTO(ac_key) *key = NULL;

    AC_TRY(ac_keys_of_jwk(jwk, &key, err));
    AC_TRY(ac_challenge_key_authorization(TOKEN, key, ret_key_authorization, err));
    return ac_challenge_txt_value(*ret_key_authorization, ret_value, err);
}

AC_TEST(key_authorizations_and_txt_values_are_the_vectors)
{
    static const struct {
        const char *jwk, *key_authorization, *value;
    } cases[] = {
        { AC_KEYS_EC, TOKEN ".oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U",
          "ZaJgFtIV4WA0t2MzN7kbSk0sfRd2GZjaxRqaSTAK6lI" },
        { AC_KEYS_ED, TOKEN ".kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
          "lAV291d372xyXVEZRY9j2FQ8g1TYpOaJr620CiahePA" },
    };

    for (size_t i = 0; i < AC_COUNT(cases); i++) {
        struct ac_error err = { 0 };
        AC_AUTO_TEXT char *key_authorization = NULL;
        AC_AUTO_TEXT char *value = NULL;
        AC_REQUIRE_OK(compute(cases[i].jwk, &key_authorization, &value, &err));
        AC_REQUIRE(key_authorization != NULL && value != NULL);
        CU_ASSERT_STRING_EQUAL(key_authorization, cases[i].key_authorization);
        CU_ASSERT_STRING_EQUAL(value, cases[i].value);
    }
}

AC_TEST(txt_value_for_the_key_of_rfc_7638_is_the_vector)
{
    struct ac_error err = { 0 };
    AC_AUTO_TEXT char *value = NULL;

    AC_REQUIRE_OK(ac_challenge_txt_value(
        TOKEN ".NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", &value, &err));

    CU_ASSERT_STRING_EQUAL(value, "ZTRx1Ckl1-tM05o5zaizTTA0yUy5AGereMgSNWC6Ll8");
}

static enum ac_code name_of(const char *type, const char *identifier,
                            const char *account_url, char **ret_name,
                            struct ac_error *err)
{
    struct ac_identifier parsed = { 0 };

    AC_TRY(ac_identifier_parse(identifier, &parsed, err));
    return ac_challenge_record_name(type, &parsed, account_url, ret_name, err);
}

AC_TEST(record_names_are_the_vectors)
{
    static const struct {
        const char *type, *identifier, *account, *name;
    } cases[] = {
        { "dns-01", "example.org", NULL, "_acme-challenge.example.org" },
        { "dns-01", "*.example.org", NULL, "_acme-challenge.example.org" },
        { "dns-account-01", "*.example.org",
          "https://example.com/acme/acct/ExampleAccount",
          "_ujmmovf2vn55tgye._acme-challenge.example.org" },
        { "dns-account-01", "example.org", "https://ca.example/acct/123",
          "_h5zlfqoi7m5jaytl._acme-challenge.example.org" },
        { "dns-account-01", "example.org",
          "https://acme-v02.api.letsencrypt.org/acme/acct/123456",
          "_bnxkrtp5hx67nw4s._acme-challenge.example.org" },
    };

    for (size_t i = 0; i < AC_COUNT(cases); i++) {
        struct ac_error err = { 0 };
        AC_AUTO_TEXT char *name = NULL;
        AC_REQUIRE_OK(
            name_of(cases[i].type, cases[i].identifier, cases[i].account, &name, &err));
        AC_REQUIRE(name != NULL);
        CU_ASSERT_STRING_EQUAL(name, cases[i].name);
    }
}

AC_TEST(record_that_cannot_be_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO_TEXT char *name = NULL;
    char deep[245];
    for (size_t i = 0; i < sizeof(deep); i++)
        deep[i] = "abcd."[i % 5];
    deep[sizeof(deep) - 1] = '\0';

    AC_REQUIRE_CODE(name_of("dns-01", "192.0.2.1", NULL, &name, &err), AC_E_INVALID);
    AC_REQUIRE_CODE(name_of("http-01", "example.org", NULL, &name, &err), AC_E_INVALID);
    AC_REQUIRE_CODE(name_of("dns-account-01", "example.org", NULL, &name, &err),
                    AC_E_INVALID);
    AC_REQUIRE_CODE(name_of("dns-01", deep, NULL, &name, &err), AC_E_INVALID);

    CU_ASSERT_PTR_NULL(name);
}

/* Answers the challenge and takes in what came back. */
static enum ac_code respond(struct ac_challenge *challenge, const char *body,
                            struct ac_error *err)
{
    AC_AUTO(ac_client) *client = NULL;
    AC_AUTO(ac_post) *post = NULL;

    AC_TRY(talk_begin(FAKE_KID, &client, err));
    fake_ca_rule((struct fake_rule){ .url = "/challenge", .times = 1, .body = body });
    AC_TRY(ac_challenge_respond(client, challenge, &post, err));
    if (!talk_until(client, post))
        return ac_fail(err, AC_E_SYSTEM, "it never ends");
    return ac_challenge_update(challenge, post, err);
}

AC_TEST(response_is_an_empty_object_and_its_answer_may_be_final)
{
    struct ac_error err = { 0 };
    struct ac_challenge challenge = { .url = (char[]){ "https://ca.test/challenge" } };

    AC_REQUIRE_OK(respond(&challenge, "{\"status\":\"valid\"}", &err));

    CU_ASSERT_STRING_EQUAL(fake_ca.requests[fake_ca.request_count - 1].payload, "{}");
    CU_ASSERT_EQUAL(challenge.status, AC_CHALLENGE_VALID);
    CU_ASSERT_PTR_NULL(challenge.error);
}

AC_TEST(response_may_bring_the_error)
{
    struct ac_error err = { 0 };
    struct ac_challenge challenge = { .url = (char[]){ "https://ca.test/challenge" } };

    AC_REQUIRE_OK(respond(&challenge,
                          "{\"status\":\"invalid\",\"error\":{\"type\":"
                          "\"urn:ietf:params:acme:error:rejectedIdentifier\"}}",
                          &err));

    CU_ASSERT_EQUAL(challenge.status, AC_CHALLENGE_INVALID);
    CU_ASSERT(ac_problem_is(challenge.error, "rejectedIdentifier"));
    ac_problem_free(challenge.error);
}

AC_TEST(answer_with_an_unknown_status_is_refused)
{
    struct ac_error err = { 0 };
    struct ac_challenge challenge = { .url = (char[]){ "https://ca.test/challenge" } };

    AC_REQUIRE_CODE(respond(&challenge, "{\"status\":\"done\"}", &err), AC_E_PROTOCOL);

    CU_ASSERT_EQUAL(challenge.status, AC_CHALLENGE_PENDING);
}

AC_SUITE("acme/challenge", AC_CASE(key_authorizations_and_txt_values_are_the_vectors),
         AC_CASE(txt_value_for_the_key_of_rfc_7638_is_the_vector),
         AC_CASE(record_names_are_the_vectors),
         AC_CASE(record_that_cannot_be_is_refused),
         AC_CASE(response_is_an_empty_object_and_its_answer_may_be_final),
         AC_CASE(response_may_bring_the_error),
         AC_CASE(answer_with_an_unknown_status_is_refused))
