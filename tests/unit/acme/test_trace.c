/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"
#include "check.h"
#include "conversation.h"

#define URL "https://ca.test/thing"

struct told {
    char text[16384];
    size_t size;
};

static void listen(void *arg, enum ac_log_level level, const char *line)
{
    struct told *told = arg;
    size_t room = sizeof(told->text) - told->size;
    int size = level == AC_LOG_TRACE
                   ? snprintf(told->text + told->size, room, "%s\n", line)
                   : 0;

    if (size > 0 && (size_t)size < room)
        told->size += (size_t)size;
}

/* What --trace says of one POST and its answer. */
static enum ac_code tell(struct told *told, bool is_private, struct fake_rule rule,
                         struct ac_error *err)
{
    AC_AUTO(ac_client) *client = NULL;
    AC_AUTO(ac_post) *post = NULL;
    const struct ac_post_request request = {
        .url = URL,
        .payload = "{\"secret\":\"word\"}",
        .what = "newThing",
        .why = "Makes a thing.",
        .section = "RFC 8555 7.9",
        .is_private = is_private,
    };

    AC_TRY(talk_begin(FAKE_KID, &client, err));
    rule.url = "/thing";
    rule.times = 1;
    fake_ca_rule(rule);
    AC_TRY(ac_client_post(client, &request, &post, err));
    ac_log_to(listen, told, AC_LOG_TRACE);
    (void)talk_until(client, post);
    ac_log_to(NULL, NULL, AC_LOG_ERROR);
    return AC_OK;
}

static bool has(const struct told *told, const char *text)
{
    return strstr(told->text, text) != NULL || ac_check_is_torture();
}

AC_TEST(exchange_is_told_with_its_reason)
{
    struct ac_error err = { 0 };
    struct told told = { .size = 0 };

    AC_REQUIRE_OK(tell(&told, false,
                       (struct fake_rule){ .status = 201,
                                           .headers = "Location: https://ca.test/t/1\n",
                                           .body = "{ \"status\" : \"new\" }" },
                       &err));

    CU_ASSERT(has(&told, "newThing (RFC 8555 7.9): Makes a thing.\n"));
    CU_ASSERT(has(&told, "POST " URL));
    CU_ASSERT(has(&told, "  signed ES256, kid " FAKE_KID ", nonce "));
    CU_ASSERT(has(&told, "payload {\"secret\":\"word\"}"));
    CU_ASSERT(has(&told, "answer 201 after 50 ms, with a fresh nonce"));
    CU_ASSERT(has(&told, "Location: https://ca.test/t/1"));
    CU_ASSERT(has(&told, "body {\"status\":\"new\"}"));
    CU_ASSERT(has(&told, "[1]   GET " FAKE_DIRECTORY));
    CU_ASSERT(has(&told, "[2]   HEAD " FAKE_NONCE_URL));
}

AC_TEST(private_payload_and_signature_are_never_told)
{
    struct ac_error err = { 0 };
    struct told told = { .size = 0 };

    AC_REQUIRE_OK(tell(&told, true, (struct fake_rule){ .status = 200 }, &err));

    CU_ASSERT(has(&told, "payload not shown"));
    CU_ASSERT_PTR_NULL(strstr(told.text, "word"));
    CU_ASSERT_PTR_NULL(strstr(told.text, "signature"));
    CU_ASSERT_PTR_NULL(strstr(told.text, "protected"));
}

AC_TEST(text_of_the_ca_is_told_without_control_characters)
{
    struct ac_error err = { 0 };
    struct told told = { .size = 0 };

    AC_REQUIRE_OK(tell(&told, false,
                       (struct fake_rule){ .headers = "Location: \033[2Jx\n",
                                           .body = "{\"a\":\"\\u001b[2J\"}" },
                       &err));

    CU_ASSERT(has(&told, "body {"));
    CU_ASSERT_PTR_NULL(strchr(told.text, '\033'));
}

AC_TEST(broken_connection_is_told)
{
    struct ac_error err = { 0 };
    struct told told = { .size = 0 };

    AC_REQUIRE_OK(tell(
        &told, false,
        (struct fake_rule){ .failure = AC_E_NETWORK, .is_ambiguous = true }, &err));

    CU_ASSERT(has(&told, "no answer: the connection broke"));
}

AC_TEST(body_that_is_no_json_is_told_by_its_size)
{
    struct ac_error err = { 0 };
    struct told told = { .size = 0 };

    AC_REQUIRE_OK(tell(&told, false, (struct fake_rule){ .body = "-----BEGIN" }, &err));

    CU_ASSERT(has(&told, "body of 10 bytes"));
}

AC_SUITE("acme/trace", AC_CASE(exchange_is_told_with_its_reason),
         AC_CASE(private_payload_and_signature_are_never_told),
         AC_CASE(text_of_the_ca_is_told_without_control_characters),
         AC_CASE(broken_connection_is_told),
         AC_CASE(body_that_is_no_json_is_told_by_its_size))
