/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/session.h"

#include "check.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define CHALLENGE                                                                      \
    "{\"type\":\"http-01\",\"identifier\":\"a.example\",\"token\":\"t\","              \
    "\"key_authorization\":\"t.p\"}"
#define LOAD(name)                                                                     \
    "{\"op\":\"load\",\"id\":1,\"path\":\"" AC_TEST_PLUGINS "/" name ".so\",\"name\":" \
    "\"" name "\"}"
#define OPEN "{\"op\":\"open\",\"id\":2,\"options\":{},\"secrets\":[]}"

struct bench {
    struct ac_session session;
    struct ac_channel *channel;
    struct ac_channel *core;
};

static void bench_done(struct bench *bench)
{
    ac_session_done(&bench->session);
    ac_channel_free(bench->channel);
    ac_channel_free(bench->core);
}

static enum ac_code bench_new(struct bench *bench, struct ac_error *err)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return ac_fail(err, AC_E_SYSTEM, "socketpair");
    AC_AUTO_FD int first = ends[0];
    AC_AUTO_FD int second = ends[1];
    AC_TRY(ac_channel_new(&first, &bench->channel, err));
    AC_TRY(ac_channel_new(&second, &bench->core, err));
    bench->session.channel = bench->channel;
    return AC_OK;
}

/* Hands a message to the session and gives its reply, past what was logged. */
static enum ac_code ask(struct bench *bench, const char *text, struct ac_message *reply,
                        struct ac_error *err)
{
    AC_AUTO(ac_message) message = { 0 };

    AC_TRY(ac_json_parse(text, strlen(text), &message.json, err));
    AC_TRY(ac_session_handle(&bench->session, &message, err));
    AC_TRY(ac_channel_flush(bench->channel, err));
    do {
        ac_message_done(reply);
        AC_TRY(ac_channel_get(bench->core, reply, err));
    } while (!ac_json_get(reply->json, "reply"));
    return AC_OK;
}

static enum ac_code ask_status(struct bench *bench, const char *text,
                               int64_t *ret_status, struct ac_error *err)
{
    AC_AUTO(ac_message) reply = { 0 };

    AC_TRY(ask(bench, text, &reply, err));
    return ac_json_get_number(reply.json, "status", ret_status, err);
}

AC_TEST(stop_that_came_too_late_is_nothing)
{
    struct ac_error err = { 0 };
    __attribute__((cleanup(bench_done))) struct bench bench = { 0 };
    AC_AUTO(ac_message) message = { 0 };
    AC_AUTO(ac_message) reply = { 0 };

    AC_REQUIRE_OK(bench_new(&bench, &err));
    AC_REQUIRE_OK(ac_json_new(&message.json, &err, "{s:s}", "event", "cancel"));
    AC_REQUIRE_OK(ac_session_handle(&bench.session, &message, &err));
    AC_REQUIRE_OK(ac_channel_flush(bench.channel, &err));

    AC_REQUIRE_CODE(ac_channel_get(bench.core, &reply, &err), AC_E_NOTFOUND);
    CU_ASSERT_PTR_NULL(reply.json);
}

AC_TEST(life_of_a_plugin_is_load_open_operations_close)
{
    struct ac_error err = { 0 };
    __attribute__((cleanup(bench_done))) struct bench bench = { 0 };
    AC_AUTO(ac_message) reply = { 0 };
    int64_t loaded = -1;
    int64_t opened = -1;
    int64_t closed = -1;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(bench_new(&bench, &err));
    AC_REQUIRE_OK(ask_status(&bench, LOAD("good"), &loaded, &err));
    AC_REQUIRE_OK(ask_status(&bench, OPEN, &opened, &err));
    AC_REQUIRE_OK(ask(&bench,
                      "{\"op\":\"present\",\"id\":3,\"challenges\":[" CHALLENGE "]}",
                      &reply, &err));
    AC_REQUIRE_OK(ask_status(&bench, "{\"op\":\"close\",\"id\":4}", &closed, &err));

    CU_ASSERT_EQUAL(loaded, 0);
    CU_ASSERT_EQUAL(opened, 0);
    CU_ASSERT_EQUAL(closed, 0);
    CU_ASSERT_EQUAL(ac_json_number_or(reply.json, "reply", 0), 3);
    CU_ASSERT_EQUAL(ac_json_count(ac_json_get(reply.json, "results")), 1);
    CU_ASSERT(bench.session.is_closed);
}

AC_TEST(operations_out_of_order_are_refused)
{
    static const char *const early[] = {
        OPEN,
        "{\"op\":\"present\",\"id\":3,\"challenges\":[]}",
        "{\"op\":\"explode\",\"id\":3}",
        "{\"id\":3}",
        "{\"op\":\"load\",\"id\":3}",
    };
    struct ac_error err = { 0 };
    __attribute__((cleanup(bench_done))) struct bench bench = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(bench_new(&bench, &err));
    for (size_t i = 0; i < AC_COUNT(early); i++) {
        int64_t status = 0;
        AC_REQUIRE_OK(ask_status(&bench, early[i], &status, &err));
        CU_ASSERT_EQUAL(status, ACMECORE_E_INVALID);
    }
}

AC_TEST(message_without_id_ends_the_session)
{
    struct ac_error err = { 0 };
    __attribute__((cleanup(bench_done))) struct bench bench = { 0 };
    int64_t status = 0;

    AC_REQUIRE_OK(bench_new(&bench, &err));
    AC_REQUIRE_CODE(ask_status(&bench, "{\"op\":\"close\"}", &status, &err),
                    AC_E_INVALID);

    CU_ASSERT_FALSE(bench.session.is_closed);
}

AC_TEST(refusal_is_a_reply_with_the_reason)
{
    struct ac_error err = { 0 };
    __attribute__((cleanup(bench_done))) struct bench bench = { 0 };
    AC_AUTO(ac_message) reply = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(bench_new(&bench, &err));
    AC_REQUIRE_OK(ask(&bench, LOAD("no-symbol"), &reply, &err));

    CU_ASSERT_EQUAL(ac_json_number_or(reply.json, "status", 0), ACMECORE_E_INVALID);
    CU_ASSERT_PTR_NOT_NULL(strstr(ac_json_text_or(reply.json, "detail", ""),
                                  "it does not export acmecore_plugin"));
    CU_ASSERT_PTR_NULL(ac_json_get(reply.json, "plugin"));
}

AC_SUITE("pluginhost/session", AC_CASE(stop_that_came_too_late_is_nothing),
         AC_CASE(life_of_a_plugin_is_load_open_operations_close),
         AC_CASE(operations_out_of_order_are_refused),
         AC_CASE(message_without_id_ends_the_session),
         AC_CASE(refusal_is_a_reply_with_the_reason))
