/* SPDX-License-Identifier: Apache-2.0 */
#include "host/call.h"

#include "base/clock.h"
#include "check.h"

#include <sys/socket.h>

static enum ac_code add(struct ac_calls *calls, int64_t deadline_ms,
                        struct ac_call **ret_call, struct ac_error *err)
{
    AC_AUTO(ac_message) message = { 0 };

    AC_TRY(ac_json_new(&message.json, err, "{}"));
    return ac_calls_add(calls, "present", &message, deadline_ms, ret_call, err);
}

static void end_all(struct ac_calls *calls)
{
    struct ac_error err = { 0 };

    (void)ac_fail(&err, AC_E_PLUGIN, "it is over");
    ac_calls_end_all(calls, &err);
    ac_calls_done(calls);
}

AC_TEST(first_call_is_next_until_it_is_sent)
{
    struct ac_error err = { 0 };
    __attribute__((cleanup(end_all))) struct ac_calls calls = { 0 };
    AC_AUTO(ac_call) *first = NULL;
    AC_AUTO(ac_call) *second = NULL;

    AC_REQUIRE_OK(add(&calls, AC_CLOCK_NEVER, &first, &err));
    AC_REQUIRE_OK(add(&calls, AC_CLOCK_NEVER, &second, &err));
    CU_ASSERT_PTR_EQUAL(ac_calls_next(&calls), first);
    CU_ASSERT_PTR_NULL(ac_calls_running(&calls));
    first->is_sent = true;

    CU_ASSERT_PTR_EQUAL(ac_calls_running(&calls), first);
    CU_ASSERT_PTR_NULL(ac_calls_next(&calls));
    CU_ASSERT_NOT_EQUAL(first->id, second->id);
}

AC_TEST(stop_is_told_once_of_the_call_under_way)
{
    struct ac_error err = { 0 };
    __attribute__((cleanup(end_all))) struct ac_calls calls = { 0 };
    AC_AUTO(ac_call) *call = NULL;
    AC_AUTO(ac_channel) *channel = NULL;
    int ends[2];

    AC_REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    AC_AUTO_FD int first = ends[0];
    AC_AUTO_FD int second = ends[1];
    AC_REQUIRE(second >= 0); /* the other end stays open */
    AC_REQUIRE_OK(ac_channel_new(&first, &channel, &err));
    AC_REQUIRE_OK(add(&calls, AC_CLOCK_NEVER, &call, &err));
    ac_call_cancel(call);
    AC_REQUIRE_OK(ac_calls_tell(&calls, channel, &err));
    CU_ASSERT_FALSE(ac_channel_has_output(channel)); /* it waits still */
    call->is_sent = true;
    AC_REQUIRE_OK(ac_calls_tell(&calls, channel, &err));
    size_t size = ac_channel_output_size(channel);
    AC_REQUIRE_OK(ac_calls_tell(&calls, channel, &err));

    CU_ASSERT(size > 0);
    CU_ASSERT_EQUAL(ac_channel_output_size(channel), size);
}

AC_TEST(result_is_there_once_it_has_ended)
{
    struct ac_error err = { 0 };
    __attribute__((cleanup(end_all))) struct ac_calls calls = { 0 };
    AC_AUTO(ac_call) *call = NULL;
    AC_AUTO(ac_json) *reply = NULL;
    const struct ac_json *result = NULL;

    AC_REQUIRE_OK(add(&calls, AC_CLOCK_NEVER, &call, &err));
    AC_REQUIRE_OK(ac_json_new(&reply, &err, "{s:i}", "status", 0));
    CU_ASSERT_EQUAL(ac_call_result(call, &result, &err), AC_E_PLUGIN);
    ac_calls_end(&calls, call, &reply, NULL);

    CU_ASSERT(ac_call_is_done(call));
    AC_REQUIRE_OK(ac_call_result(call, &result, &err));
    CU_ASSERT_EQUAL(ac_json_number_or(result, "status", -1), 0);
    CU_ASSERT_EQUAL(calls.count, 0);
}

AC_TEST(end_of_all_is_the_result_of_each)
{
    struct ac_error err = { 0 };
    struct ac_calls calls = { 0 };
    AC_AUTO(ac_call) *kept = NULL;
    struct ac_call *dropped = NULL;
    const struct ac_json *result = NULL;

    enum ac_code first = add(&calls, AC_CLOCK_NEVER, &kept, &err);
    enum ac_code second = add(&calls, AC_CLOCK_NEVER, &dropped, &err);
    ac_call_free(dropped);
    end_all(&calls);
    AC_REQUIRE_OK(first);
    AC_REQUIRE_OK(second);

    AC_REQUIRE_CODE(ac_call_result(kept, &result, &err), AC_E_PLUGIN);
    CU_ASSERT_STRING_EQUAL(err.detail, "it is over");
}

AC_TEST(waiting_call_is_late_after_its_deadline)
{
    struct ac_error err = { 0 };
    __attribute__((cleanup(end_all))) struct ac_calls calls = { 0 };
    AC_AUTO(ac_call) *early = NULL;
    AC_AUTO(ac_call) *late = NULL;

    AC_REQUIRE_OK(add(&calls, AC_CLOCK_NEVER, &early, &err));
    CU_ASSERT_PTR_NULL(ac_calls_late(&calls));
    AC_REQUIRE_OK(add(&calls, ac_clock_now_ms() - 1, &late, &err));

    CU_ASSERT_PTR_EQUAL(ac_calls_late(&calls), late);
}

AC_TEST(the_one_under_way_has_a_grace)
{
    struct ac_error err = { 0 };
    __attribute__((cleanup(end_all))) struct ac_calls calls = { 0 };
    AC_AUTO(ac_call) *call = NULL;

    CU_ASSERT_EQUAL(ac_calls_late_at_ms(&calls), AC_CLOCK_NEVER);
    AC_REQUIRE_OK(add(&calls, 1000, &call, &err));
    CU_ASSERT_EQUAL(ac_calls_late_at_ms(&calls), 1000);
    call->is_sent = true;

    CU_ASSERT_EQUAL(ac_calls_late_at_ms(&calls), 1000 + AC_PROCESS_GRACE_MS);
}

AC_SUITE("host/call", AC_CASE(the_one_under_way_has_a_grace),
         AC_CASE(first_call_is_next_until_it_is_sent),
         AC_CASE(stop_is_told_once_of_the_call_under_way),
         AC_CASE(result_is_there_once_it_has_ended),
         AC_CASE(end_of_all_is_the_result_of_each),
         AC_CASE(waiting_call_is_late_after_its_deadline))
