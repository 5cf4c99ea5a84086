/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/order.h"
#include "check.h"
#include "conversation.h"
#include "document.h"

#define ORDER_URL "https://ca.test/order/1"
#define TWO_NAMES                                                                      \
    "\"identifiers\":[{\"type\":\"dns\",\"value\":\"a.example\"},"                     \
    "{\"type\":\"dns\",\"value\":\"b.example\"}]"
#define NAMES_SHUFFLED                                                                 \
    "\"identifiers\":[{\"type\":\"dns\",\"value\":\"B.EXAMPLE\"},"                     \
    "{\"type\":\"dns\",\"value\":\"a.example\"}]"
#define FINALIZE "\"finalize\":\"https://ca.test/f/1\""
#define AUTHORIZATIONS                                                                 \
    "\"authorizations\":[\"https://ca.test/z/1\",\"https://ca.test/z/2\"]"
#define PENDING "{\"status\":\"pending\"," TWO_NAMES "," AUTHORIZATIONS "," FINALIZE "}"
#define READY                                                                          \
    "{\"status\":\"ready\"," NAMES_SHUFFLED ",\"authorizations\":["                    \
    "\"https://ca.test/z/2\",\"https://ca.test/z/1\"]," FINALIZE "}"

static enum ac_code parse(const char *text, struct ac_order *order,
                          struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;

    AC_TRY(document_parse(text, &json, err));
    return ac_order_parse(json, ORDER_URL, order, err);
}

/* The code of updating the order with this answer to reading it. */
static enum ac_code update(struct ac_order *order, const char *body,
                           struct ac_error *err)
{
    AC_AUTO(ac_client) *client = NULL;
    AC_AUTO(ac_post) *post = NULL;

    AC_TRY(talk_begin(FAKE_KID, &client, err));
    fake_ca_rule((struct fake_rule){ .url = ORDER_URL, .times = 1, .body = body });
    AC_TRY(ac_order_read(client, ORDER_URL, &post, err));
    if (!talk_until(client, post))
        return ac_fail(err, AC_E_SYSTEM, "it never ends");
    return ac_order_update(order, post, err);
}

/* What newOrder for a.example and b.example gives. */
static enum ac_code create(struct fake_rule rule, struct ac_order *order,
                           struct ac_error *err)
{
    AC_AUTO(ac_client) *client = NULL;
    AC_AUTO(ac_post) *post = NULL;
    AC_AUTO(ac_identifiers) asked = { 0 };
    const struct ac_order_request request = { .identifiers = &asked,
                                              .profile = "short" };

    AC_TRY(ac_identifiers_parse("a.example,b.example", &asked, err));
    AC_TRY(talk_begin(FAKE_KID, &client, err));
    rule.url = FAKE_ORDER_URL;
    rule.times = 1;
    fake_ca_rule(rule);
    (void)talk_open(client);
    AC_TRY(ac_order_create(client, &request, &post, err));
    if (!talk_until(client, post))
        return ac_fail(err, AC_E_SYSTEM, "it never ends");
    return ac_order_created(post, &asked, order, err);
}

AC_TEST(order_of_the_rfc_is_read)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(ac_order) order = { 0 };
    AC_REQUIRE_OK(document_load("rfc8555/order.json", &json, &err));

    AC_REQUIRE_OK(ac_order_parse(json, ORDER_URL, &order, &err));

    CU_ASSERT_EQUAL(order.status, AC_ORDER_VALID);
    CU_ASSERT_STRING_EQUAL(order.url, ORDER_URL);
    CU_ASSERT_EQUAL(order.identifiers.count, 2);
    CU_ASSERT_EQUAL(order.authorizations.count, 2);
    CU_ASSERT_STRING_EQUAL(order.finalize,
                           "https://example.com/acme/order/TOlocE8rfgo/finalize");
    CU_ASSERT_STRING_EQUAL(order.certificate,
                           "https://example.com/acme/cert/mAt3xBGaobw");
    CU_ASSERT_EQUAL(order.expires, 1453298947);
    CU_ASSERT_PTR_NULL(order.error);
}

AC_TEST(pending_order_of_the_rfc_is_read)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(ac_order) order = { 0 };
    AC_REQUIRE_OK(document_load("rfc8555/new-order.json", &json, &err));

    AC_REQUIRE_OK(ac_order_parse(json, ORDER_URL, &order, &err));

    CU_ASSERT_STRING_EQUAL(ac_order_status_name(order.status), "pending");
    CU_ASSERT_PTR_NULL(order.certificate);
}

AC_TEST(orders_that_break_the_rfc_are_refused)
{
    static const struct {
        const char *text, *detail;
    } cases[] = {
        { "[]", "the CA's order is no JSON object" },
        { "{" TWO_NAMES "," FINALIZE "}", "the CA's order has no status" },
        { "{\"status\":\"canceled\"," TWO_NAMES "," FINALIZE "}",
          "the CA's order has the unknown status \"canceled\"" },
        { "{\"status\":\"ready\"," TWO_NAMES "}",
          "the CA's order has no finalize URL" },
        { "{\"status\":\"ready\"," FINALIZE "}", "the CA's order has no identifiers" },
        { "{\"status\":\"ready\",\"identifiers\":[]," FINALIZE "}",
          "the CA's order has no identifiers" },
        { "{\"status\":\"ready\",\"identifiers\":[7]," FINALIZE "}",
          "the CA's order has an identifier without type and value" },
        { "{\"status\":\"valid\"," TWO_NAMES "," FINALIZE "}",
          "the CA's order is valid, but has no certificate URL" },
        { "{\"status\":\"valid\",\"certificate\":\"data:,x\"," TWO_NAMES "," FINALIZE
          "}",
          "the CA's order: certificate is no usable URL: \"data:,x\"" },
        { "{\"status\":\"pending\",\"authorizations\":[7]," TWO_NAMES "," FINALIZE "}",
          "the CA's order: authorizations is no text" },
    };

    for (size_t i = 0; i < AC_COUNT(cases); i++) {
        struct ac_error err = { 0 };
        AC_AUTO(ac_order) order = { 0 };
        AC_REQUIRE_CODE(parse(cases[i].text, &order, &err), AC_E_PROTOCOL);
        CU_ASSERT_STRING_EQUAL(err.detail, cases[i].detail);
    }
}

AC_TEST(order_needs_no_expiry_and_no_authorizations)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_order) order = { 0 };

    AC_REQUIRE_OK(parse("{\"status\":\"ready\",\"expires\":\"tomorrow\",\"id\":7,"
                        "\"error\":{\"type\":\"urn:ietf:params:acme:error:caa\"},"
                        "\"profile\":\"short\"," TWO_NAMES "," FINALIZE "}",
                        &order, &err));

    CU_ASSERT_EQUAL(order.expires, 0);
    CU_ASSERT_EQUAL(order.authorizations.count, 0);
    CU_ASSERT(ac_problem_is(order.error, "caa"));
    AC_REQUIRE(order.profile != NULL);
    CU_ASSERT_STRING_EQUAL(order.profile, "short");
}

AC_TEST(new_order_asks_for_the_names_and_no_more)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_order) order = { 0 };

    AC_REQUIRE_OK(create((struct fake_rule){ .status = 201,
                                             .body = PENDING,
                                             .headers = "Location: " ORDER_URL "\n" },
                         &order, &err));

    AC_REQUIRE(order.url != NULL);
    CU_ASSERT_STRING_EQUAL(order.url, ORDER_URL);
    CU_ASSERT_STRING_EQUAL(
        fake_ca.requests[fake_ca.request_count - 1].payload,
        "{\"identifiers\":[{\"type\":\"dns\",\"value\":\"a.example\"},"
        "{\"type\":\"dns\",\"value\":\"b.example\"}],"
        "\"profile\":\"short\"}");
}

AC_TEST(reused_order_with_shuffled_names_is_taken)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_order) order = { 0 };

    AC_REQUIRE_OK(create((struct fake_rule){ .status = 200,
                                             .body = READY,
                                             .headers = "Location: " ORDER_URL "\n" },
                         &order, &err));

    CU_ASSERT_EQUAL(order.status, AC_ORDER_READY);
}

AC_TEST(order_without_location_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_order) order = { 0 };

    AC_REQUIRE_CODE(
        create((struct fake_rule){ .status = 201, .body = PENDING }, &order, &err),
        AC_E_PROTOCOL);

    CU_ASSERT_PTR_NULL(order.url);
}

AC_TEST(order_for_other_names_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_order) order = { 0 };

    AC_REQUIRE_CODE(
        create(
            (struct fake_rule){
                .status = 201,
                .body = "{\"status\":\"ready\",\"identifiers\":[{"
                        "\"type\":\"dns\",\"value\":\"evil.example\"}]," FINALIZE "}",
                .headers = "Location: " ORDER_URL "\n" },
            &order, &err),
        AC_E_PROTOCOL);

    CU_ASSERT_PTR_NULL(order.url);
}

AC_TEST(order_moves_forward)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_order) order = { 0 };
    AC_REQUIRE_OK(parse(PENDING, &order, &err));

    AC_REQUIRE_OK(update(&order, READY, &err));

    CU_ASSERT_EQUAL(order.status, AC_ORDER_READY);
    AC_REQUIRE(order.url != NULL);
    CU_ASSERT_STRING_EQUAL(order.url, ORDER_URL);
}

AC_TEST(order_known_by_its_url_alone_is_read)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_order) order = { 0 };

    AC_REQUIRE_OK(update(&order, READY, &err));

    AC_REQUIRE(order.url != NULL);
    CU_ASSERT_STRING_EQUAL(order.url, ORDER_URL);
    CU_ASSERT_EQUAL(order.status, AC_ORDER_READY);
}

AC_TEST(order_that_moves_backwards_or_changes_is_refused_and_kept)
{
    static const char *const bodies[] = {
        PENDING,
        "{\"status\":\"ready\"," TWO_NAMES "," FINALIZE "}",
        "{\"status\":\"ready\",\"identifiers\":[{\"type\":\"dns\",\"value\":\"x."
        "example\"}]," AUTHORIZATIONS "," FINALIZE "}",
    };

    for (size_t i = 0; i < AC_COUNT(bodies); i++) {
        struct ac_error err = { 0 };
        AC_AUTO(ac_order) order = { 0 };
        AC_REQUIRE_OK(parse(READY, &order, &err));
        AC_REQUIRE_CODE(update(&order, bodies[i], &err), AC_E_PROTOCOL);
        CU_ASSERT_EQUAL(order.status, AC_ORDER_READY);
        CU_ASSERT_EQUAL(order.authorizations.count, 2);
    }
}

AC_TEST(invalid_order_stays_invalid)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_order) order = { 0 };
    AC_REQUIRE_OK(parse(READY, &order, &err));

    AC_REQUIRE_OK(update(&order,
                         "{\"status\":\"invalid\"," TWO_NAMES "," AUTHORIZATIONS
                         "," FINALIZE "}",
                         &err));
    AC_REQUIRE_CODE(update(&order, READY, &err), AC_E_PROTOCOL);

    CU_ASSERT_EQUAL(order.status, AC_ORDER_INVALID);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "from invalid to ready"));
}

AC_TEST(finalize_sends_the_request_in_base64url)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_client) *client = NULL;
    AC_AUTO(ac_post) *post = NULL;
    AC_AUTO(ac_order) order = { 0 };
    AC_REQUIRE_OK(parse(READY, &order, &err));
    AC_REQUIRE_OK(talk_begin(FAKE_KID, &client, &err));

    AC_REQUIRE_OK(ac_order_finalize(client, &order, "\xfb\xef\xbe", 3, &post, &err));
    AC_REQUIRE(talk_until(client, post));

    AC_REQUIRE_OK(ac_post_result(post, &err));
    const struct fake_request *last = &fake_ca.requests[fake_ca.request_count - 1];
    CU_ASSERT_STRING_EQUAL(last->payload, "{\"csr\":\"----\"}");
    CU_ASSERT_STRING_EQUAL(last->url, "https://ca.test/f/1");
}

/* What downloading gives when this is the Content-Type line. */
static enum ac_code download(const char *headers, struct ac_error *err)
{
    AC_AUTO(ac_client) *client = NULL;
    AC_AUTO(ac_post) *post = NULL;
    const char *pem = NULL;
    size_t size = 0;

    AC_TRY(talk_begin(FAKE_KID, &client, err));
    fake_ca_rule((struct fake_rule){
        .url = "/cert", .times = 1, .headers = headers, .body = "-----BEGIN" });
    AC_TRY(ac_order_download(client, "https://ca.test/cert", &post, err));
    if (!talk_until(client, post))
        return ac_fail(err, AC_E_SYSTEM, "it never ends");
    AC_TRY(ac_order_downloaded(post, &pem, &size, err));
    return size == 10 && strcmp(pem, "-----BEGIN") == 0
               ? AC_OK
               : ac_fail(err, AC_E_SYSTEM, "?");
}

AC_TEST(certificate_is_known_by_its_media_type_alone)
{
    struct ac_error err = { 0 };

    AC_REQUIRE_OK(download("Content-Type: application/pem-certificate-chain\n", &err));
    AC_REQUIRE_OK(download(
        "Content-Type: Application/PEM-Certificate-Chain; charset=utf-8\n", &err));
    AC_REQUIRE_OK(download(NULL, &err));
    AC_REQUIRE_CODE(download("Content-Type: text/html\n", &err), AC_E_PROTOCOL);

    CU_ASSERT_PTR_NOT_NULL(strstr(fake_ca.requests[2].http_headers,
                                  "Accept: application/pem-certificate-chain\n"));
}

AC_SUITE("acme/order", AC_CASE(order_of_the_rfc_is_read),
         AC_CASE(pending_order_of_the_rfc_is_read),
         AC_CASE(orders_that_break_the_rfc_are_refused),
         AC_CASE(order_needs_no_expiry_and_no_authorizations),
         AC_CASE(new_order_asks_for_the_names_and_no_more),
         AC_CASE(reused_order_with_shuffled_names_is_taken),
         AC_CASE(order_without_location_is_refused),
         AC_CASE(order_for_other_names_is_refused), AC_CASE(order_moves_forward),
         AC_CASE(order_known_by_its_url_alone_is_read),
         AC_CASE(order_that_moves_backwards_or_changes_is_refused_and_kept),
         AC_CASE(invalid_order_stays_invalid),
         AC_CASE(finalize_sends_the_request_in_base64url),
         AC_CASE(certificate_is_known_by_its_media_type_alone))
