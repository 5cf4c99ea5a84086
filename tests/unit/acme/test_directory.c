/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/client.h"
#include "acme/directory.h"
#include "base/clock.h"
#include "check.h"
#include "document.h"
#include "http_server.h"
#include "keys.h"

#define URL "https://ca.example/dir"
#define DOORS                                                                          \
    "\"newNonce\":\"https://a/n\",\"newAccount\":\"https://a/a\","                     \
    "\"newOrder\":\"https://a/o\""

static enum ac_code parse(const char *body, struct ac_directory **ret_directory,
                          struct ac_error *err)
{
    return ac_directory_parse(URL, body, strlen(body), ret_directory, err);
}

AC_TEST(directory_of_the_rfc_is_read)
{
    struct ac_error err = { 0 };
    char text[DOCUMENT_MAX];
    AC_AUTO(ac_directory) *directory = NULL;
    AC_REQUIRE_OK(document_read("rfc8555/directory.json", text, &err));

    AC_REQUIRE_OK(parse(text, &directory, &err));

    CU_ASSERT_STRING_EQUAL(directory->url, URL);
    CU_ASSERT_STRING_EQUAL(directory->new_nonce, "https://example.com/acme/new-nonce");
    CU_ASSERT_STRING_EQUAL(directory->new_account,
                           "https://example.com/acme/new-account");
    CU_ASSERT_STRING_EQUAL(directory->new_order, "https://example.com/acme/new-order");
    CU_ASSERT_STRING_EQUAL(directory->new_authorization,
                           "https://example.com/acme/new-authz");
    CU_ASSERT_STRING_EQUAL(directory->revoke_certificate,
                           "https://example.com/acme/revoke-cert");
    CU_ASSERT_STRING_EQUAL(directory->key_change,
                           "https://example.com/acme/key-change");
    CU_ASSERT_PTR_NULL(directory->renewal_info);
    CU_ASSERT_STRING_EQUAL(directory->terms_of_service,
                           "https://example.com/acme/terms/2017-5-30");
    CU_ASSERT_STRING_EQUAL(directory->website, "https://www.example.com/");
    CU_ASSERT(ac_words_has(&directory->caa_identities, "example.com"));
    CU_ASSERT_FALSE(directory->needs_eab);
}

AC_TEST(unknown_members_and_an_odd_meta_are_passed_over)
{
    static const char *const bodies[] = {
        "{" DOORS "}",
        "{" DOORS ",\"meta\":{}}",
        "{" DOORS ",\"meta\":[1]}",
        "{" DOORS
        ",\"meta\":{\"termsOfService\":7,\"caaIdentities\":{},\"profiles\":[],"
        "\"externalAccountRequired\":\"yes\"}}",
        "{" DOORS
        ",\"sIqGClUdrfg\":\"https://community.example/t/33417\",\"x\":{\"y\":1}}",
        "{" DOORS ",\"keyChange\":\"\",\"revokeCert\":7,\"newAuthz\":\"/relative\"}",
    };

    for (size_t i = 0; i < AC_COUNT(bodies); i++) {
        struct ac_error err = { 0 };
        AC_AUTO(ac_directory) *directory = NULL;
        AC_REQUIRE_OK(parse(bodies[i], &directory, &err));
        CU_ASSERT_FALSE(directory->needs_eab);
        CU_ASSERT_PTR_NULL(directory->terms_of_service);
        CU_ASSERT_PTR_NULL(directory->new_authorization);
        CU_ASSERT_PTR_NULL(directory->key_change);
        CU_ASSERT_EQUAL(directory->profiles.count, 0);
    }
}

AC_TEST(missing_or_odd_doors_are_named)
{
    static const struct {
        const char *body, *detail;
    } cases[] = {
        { "{\"newAccount\":\"https://a/a\",\"newOrder\":\"https://a/o\"}",
          "the CA's directory has no newNonce URL" },
        { "{\"newNonce\":\"https://a/n\",\"newOrder\":\"https://a/o\"}",
          "the CA's directory has no newAccount URL" },
        { "{\"newNonce\":\"https://a/n\",\"newAccount\":\"https://a/a\"}",
          "the CA's directory has no newOrder URL" },
        { "{\"newNonce\":\"https://a/n\",\"newAccount\":\"https://a/"
          "a\",\"newOrder\":[]}",
          "the CA's directory: newOrder is no text" },
        { "{\"newNonce\":\"https://a/n\",\"newAccount\":\"https://a/a\","
          "\"newOrder\":\"gopher://a\"}",
          "the CA's directory: newOrder is no usable URL: \"gopher://a\"" },
        { "[]", "this is no ACME directory: no JSON object" },
    };

    for (size_t i = 0; i < AC_COUNT(cases); i++) {
        struct ac_error err = { 0 };
        AC_AUTO(ac_directory) *directory = NULL;
        AC_REQUIRE_CODE(parse(cases[i].body, &directory, &err), AC_E_PROTOCOL);
        CU_ASSERT_STRING_EQUAL(err.detail, cases[i].detail);
    }
}

AC_TEST(page_is_no_directory)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_directory) *directory = NULL;

    AC_REQUIRE_CODE(parse("<html>", &directory, &err), AC_E_PROTOCOL);

    CU_ASSERT_EQUAL(strncmp(err.detail, "this is no ACME directory: ", 27), 0);
}

AC_TEST(profiles_keep_name_and_description_together)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_directory) *directory = NULL;

    AC_REQUIRE_OK(
        parse("{" DOORS ",\"renewalInfo\":\"https://a/ri\",\"meta\":{"
              "\"externalAccountRequired\":true,\"termsOfService\":"
              "\"data:text/plain,hello\",\"profiles\":{\"short lived\":\"x\","
              "\"tls\\u001b\":\"y\",\"default\":\"long\\u001b[m\",\"odd\":7}}}",
              &directory, &err));

    CU_ASSERT(directory->needs_eab);
    CU_ASSERT_STRING_EQUAL(directory->renewal_info, "https://a/ri");
    CU_ASSERT_STRING_EQUAL(directory->terms_of_service, "data:text/plain,hello");
    AC_REQUIRE(directory->profiles.count == 2);
    AC_REQUIRE(directory->profile_descriptions.count == 2);
    CU_ASSERT_STRING_EQUAL(directory->profiles.items[0], "default");
    CU_ASSERT_PTR_NULL(strchr(directory->profile_descriptions.items[0], '\033'));
    CU_ASSERT_STRING_EQUAL(directory->profile_descriptions.items[1], "");
}

/* A CA on a real socket: directory, one nonce, and no answer to what is signed. */
static const struct ac_serve_step first_steps[] = {
    { AC_SERVE_READ, NULL },
    { AC_SERVE_SEND, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
                     "{\"newNonce\":\"http://127.0.0.1:$PORT/n\","
                     "\"newAccount\":\"http://127.0.0.1:$PORT/a\","
                     "\"newOrder\":\"http://127.0.0.1:$PORT/o\"}" },
    { AC_SERVE_CLOSE, NULL },
};
static const struct ac_serve_step later_steps[] = {
    { AC_SERVE_READ, NULL },
    { AC_SERVE_SEND,
      "HTTP/1.1 200 OK\r\nReplay-Nonce: abc\r\nContent-Length: 0\r\n\r\n" },
    { AC_SERVE_READ, NULL },
    { AC_SERVE_RESET, NULL },
};
static const struct ac_serve_step *const ca_scripts[] = { first_steps, later_steps,
                                                          NULL };

/* newOrder at that CA: the code it ends with, and whether it may have arrived. */
static enum ac_code order_at(const char *url, const char *order_url,
                             bool *ret_is_ambiguous, struct ac_error *err)
{
    AC_AUTO(ac_http) *http = NULL;
    AC_AUTO(ac_client) *client = NULL;
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_post) *post = NULL;
    const struct ac_http_settings http_settings = { .user_agent = "acmecore/0.1",
                                                    .can_use_plain_http = true };
    struct ac_client_settings settings = { .directory_url = url,
                                           .deadline_ms = ac_clock_after_ms(20000) };
    const struct ac_post_request request = { .payload = "{}",
                                             .what = "newOrder",
                                             .url = order_url };

    AC_TRY(ac_http_new(&http_settings, &http, err));
    settings.http = http;
    AC_TRY(ac_client_new(&settings, &client, err));
    AC_TRY(ac_keys_of_jwk(AC_KEYS_EC, &key, err));
    ac_client_set_key(client, &key);
    AC_TRY(ac_client_set_kid(client, url, err));
    AC_TRY(ac_client_post(client, &request, &post, err));
    for (ac_client_step(client); !ac_post_is_done(post); ac_client_step(client))
        AC_TRY(ac_http_wait(http, NULL, 0,
                            ac_clock_left_ms(ac_client_wake_at_ms(client)), err));
    *ret_is_ambiguous = ac_post_is_ambiguous(post);
    return ac_post_result(post, err);
}

AC_TEST(lost_answer_on_a_real_socket_is_ambiguous_and_not_repeated)
{
    struct ac_error err = { 0 };
    bool is_ambiguous = false;
    __attribute__((cleanup(ac_http_server_drop))) struct ac_http_server *server =
        ac_http_server_start(ca_scripts);
    AC_REQUIRE(server != NULL);

    AC_REQUIRE_CODE(order_at(ac_http_server_url(server, "/dir"),
                             ac_http_server_url(server, "/o"), &is_ambiguous, &err),
                    AC_E_NETWORK);

    CU_ASSERT(is_ambiguous);
    CU_ASSERT_EQUAL(ac_http_server_count(server, "POST "), 1);
    CU_ASSERT_EQUAL(ac_http_server_count(server, "HEAD /n"), 1);
    CU_ASSERT_EQUAL(
        ac_http_server_count(server, "Content-Type: application/jose+json\r\n"), 1);
}

AC_SUITE("acme/directory", AC_CASE(directory_of_the_rfc_is_read),
         AC_CASE(unknown_members_and_an_odd_meta_are_passed_over),
         AC_CASE(missing_or_odd_doors_are_named), AC_CASE(page_is_no_directory),
         AC_CASE(profiles_keep_name_and_description_together),
         AC_CASE(lost_answer_on_a_real_socket_is_ambiguous_and_not_repeated))
