/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/account.h"
#include "check.h"
#include "conversation.h"

#define KEY_CHANGE_URL "https://ca.test/key-change"
#define WITH_KEY_CHANGE                                                                \
    "{\"newNonce\":\"" FAKE_NONCE_URL "\",\"newAccount\":\"https://ca.test/a\","       \
    "\"newOrder\":\"" FAKE_ORDER_URL "\",\"keyChange\":\"" KEY_CHANGE_URL "\"}"

struct talk {
    struct ac_client *client;
    struct ac_account account;
    struct ac_key *new_key;
    struct ac_error err;
};

static void talk_drop(struct talk *talk)
{
    ac_account_done(&talk->account);
    ac_key_free(talk->new_key);
    ac_client_free(talk->client);
}

#define TALK __attribute__((cleanup(talk_drop))) struct talk

static enum ac_code begin(struct talk *talk, const char *kid, const char *directory)
{
    AC_TRY(talk_begin(kid, &talk->client, &talk->err));
    fake_ca_rule((struct fake_rule){ .url = "/dir", .times = 1, .body = directory });
    (void)talk_open(talk->client);
    return ac_keys_of_jwk(AC_KEYS_ED, &talk->new_key, &talk->err);
}

static const struct fake_request *last(void)
{
    return &fake_ca.requests[fake_ca.request_count - 1];
}

/* The answer to this post. */
static enum ac_code finish(struct talk *talk, struct ac_post *post)
{
    if (!talk_until(talk->client, post))
        return ac_fail(&talk->err, AC_E_SYSTEM, "it never ends");
    return ac_account_answer(talk->client, post, &talk->account, &talk->err);
}

static void update_sends(const struct ac_account_change *change, const char *payload)
{
    TALK talk = { 0 };
    AC_AUTO(ac_post) *post = NULL;

    AC_REQUIRE_OK(begin(&talk, FAKE_KID, FAKE_DIRECTORY_BODY));
    AC_REQUIRE_OK(ac_account_update(talk.client, change, &post, &talk.err));
    AC_REQUIRE_OK(finish(&talk, post));

    CU_ASSERT_STRING_EQUAL(last()->url, FAKE_KID);
    CU_ASSERT_STRING_EQUAL(last()->payload, payload);
    CU_ASSERT_STRING_EQUAL(talk.account.url, FAKE_KID);
}

AC_TEST(update_says_what_there_shall_be_and_no_more)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_words) contacts = { 0 };
    AC_AUTO(ac_words) none = { 0 };

    AC_REQUIRE_OK(ac_words_add(&contacts, "mailto:a@example.org", &err));
    update_sends(&(struct ac_account_change){ .contacts = &contacts },
                 "{\"contact\":[\"mailto:a@example.org\"]}");
    update_sends(&(struct ac_account_change){ .contacts = &none }, "{\"contact\":[]}");
    update_sends(&(struct ac_account_change){ .agrees_to_terms = true },
                 "{\"termsOfServiceAgreed\":true}");
}

AC_TEST(deactivation_is_a_status_and_is_not_repeated_by_itself)
{
    TALK talk = { 0 };
    AC_AUTO(ac_post) *post = NULL;

    AC_REQUIRE_OK(begin(&talk, FAKE_KID, FAKE_DIRECTORY_BODY));
    fake_ca_rule((struct fake_rule){ .url = "/account/1",
                                     .times = 9,
                                     .failure = AC_E_NETWORK,
                                     .is_ambiguous = true });
    AC_REQUIRE_OK(ac_account_deactivate(talk.client, &post, &talk.err));
    AC_REQUIRE_CODE(finish(&talk, post), AC_E_NETWORK);

    CU_ASSERT_STRING_EQUAL(last()->payload, "{\"status\":\"deactivated\"}");
    CU_ASSERT_EQUAL(fake_ca.posts, 1);
    CU_ASSERT(ac_post_is_ambiguous(post));
}

AC_TEST(answer_tells_of_an_account_that_ended)
{
    TALK talk = { 0 };
    AC_AUTO(ac_post) *post = NULL;

    AC_REQUIRE_OK(begin(&talk, FAKE_KID, FAKE_DIRECTORY_BODY));
    fake_ca_rule((struct fake_rule){
        .url = "/account/1", .times = 1, .body = "{\"status\":\"deactivated\"}" });
    AC_REQUIRE_OK(ac_account_deactivate(talk.client, &post, &talk.err));
    AC_REQUIRE_OK(finish(&talk, post));

    CU_ASSERT_STRING_EQUAL(talk.account.status, "deactivated");
}

/* KR-01: the header of the inner JWS, and what it says. */
AC_TEST(key_change_is_signed_by_both_keys)
{
    TALK talk = { 0 };
    AC_AUTO(ac_post) *post = NULL;
    char inner[1024], said[1024];
    const char *text;

    AC_REQUIRE_OK(begin(&talk, FAKE_KID, WITH_KEY_CHANGE));
    AC_REQUIRE_OK(ac_account_change_key(talk.client, talk.new_key, &post, &talk.err));
    AC_REQUIRE_OK(finish(&talk, post));
    size_t size = fake_member(last()->payload, "protected", &text);
    fake_decode(text, size, inner, sizeof inner);
    size = fake_member(last()->payload, "payload", &text);
    fake_decode(text, size, said, sizeof said);

    CU_ASSERT_STRING_EQUAL(last()->url, KEY_CHANGE_URL);
    CU_ASSERT_PTR_NOT_NULL(strstr(last()->header, "\"kid\":\"" FAKE_KID "\""));
    CU_ASSERT_STRING_EQUAL(inner, "{\"alg\":\"EdDSA\",\"jwk\":" AC_KEYS_ED_PUBLIC
                                  ",\"url\":\"" KEY_CHANGE_URL "\"}");
    CU_ASSERT_STRING_EQUAL(said, "{\"account\":\"" FAKE_KID
                                 "\",\"oldKey\":" AC_KEYS_EC_PUBLIC "}");
    CU_ASSERT_EQUAL(fake_ca.posts, 1);
}

/* KR-05: the outer JWS is made anew, with another nonce. */
AC_TEST(bad_nonce_of_key_change_is_tried_again)
{
    TALK talk = { 0 };
    AC_AUTO(ac_post) *post = NULL;

    AC_REQUIRE_OK(begin(&talk, FAKE_KID, WITH_KEY_CHANGE));
    fake_ca_rule((struct fake_rule){
        .url = KEY_CHANGE_URL, .times = 1, .status = 400, .body = FAKE_BAD_NONCE });
    AC_REQUIRE_OK(ac_account_change_key(talk.client, talk.new_key, &post, &talk.err));
    AC_REQUIRE_OK(finish(&talk, post));

    AC_REQUIRE(fake_ca.posts == 2);
    const struct fake_request *first = last() - 1;
    CU_ASSERT_STRING_EQUAL(first->payload, last()->payload);
    CU_ASSERT_STRING_NOT_EQUAL(first->nonce, last()->nonce);
}

AC_TEST(ca_without_key_change_is_not_asked)
{
    TALK talk = { 0 };
    AC_AUTO(ac_post) *post = NULL;

    AC_REQUIRE_OK(begin(&talk, FAKE_KID, FAKE_DIRECTORY_BODY));
    AC_REQUIRE_CODE(ac_account_change_key(talk.client, talk.new_key, &post, &talk.err),
                    AC_E_USAGE);

    CU_ASSERT_PTR_NOT_NULL(strstr(talk.err.detail, "keyChange"));
    CU_ASSERT_EQUAL(fake_ca.posts, 0);
}

AC_TEST(nothing_is_changed_without_an_account)
{
    const struct ac_account_change change = { .agrees_to_terms = true };
    TALK talk = { 0 };
    AC_AUTO(ac_post) *post = NULL;

    AC_REQUIRE_OK(begin(&talk, NULL, WITH_KEY_CHANGE));
    AC_REQUIRE_CODE(ac_account_update(talk.client, &change, &post, &talk.err),
                    AC_E_USAGE);
    AC_REQUIRE_CODE(ac_account_deactivate(talk.client, &post, &talk.err), AC_E_USAGE);
    AC_REQUIRE_CODE(ac_account_change_key(talk.client, talk.new_key, &post, &talk.err),
                    AC_E_USAGE);
}

AC_SUITE("acme/account_change", AC_CASE(update_says_what_there_shall_be_and_no_more),
         AC_CASE(deactivation_is_a_status_and_is_not_repeated_by_itself),
         AC_CASE(answer_tells_of_an_account_that_ended),
         AC_CASE(key_change_is_signed_by_both_keys),
         AC_CASE(bad_nonce_of_key_change_is_tried_again),
         AC_CASE(ca_without_key_change_is_not_asked),
         AC_CASE(nothing_is_changed_without_an_account))
