/* SPDX-License-Identifier: Apache-2.0 */
#include "host/event.h"

#include "base/clock.h"
#include "base/log.h"
#include "check.h"

#include <stdio.h>
#include <string.h>

static char last[1024];

static void keep(void *arg, enum ac_log_level level, const char *line)
{
    (void)arg, (void)level;
    (void)snprintf(last, sizeof last, "%s", line);
}

/* What comes of one message of that size. */
static enum ac_code take(struct ac_rate *rate, const char *text, size_t size,
                         const char **ret_fault, struct ac_error *err)
{
    AC_AUTO(ac_message) message = { .json_size = size };

    last[0] = '\0';
    ac_log_to(keep, NULL, AC_LOG_DEBUG);
    AC_TRY(ac_json_parse(text, strlen(text), &message.json, err));
    *ret_fault = ac_event_take(rate, "web", &message);
    return AC_OK;
}

static void check_fault(const char *text, const char *want)
{
    struct ac_error err = { 0 };
    struct ac_rate rate;
    const char *fault = NULL;

    ac_event_rate_init(&rate);
    AC_REQUIRE_OK(take(&rate, text, strlen(text), &fault, &err));

    AC_REQUIRE(fault != NULL);
    CU_ASSERT_STRING_EQUAL(fault, want);
    CU_ASSERT_STRING_EQUAL(last, "");
}

AC_TEST(a_line_is_logged_clean_and_with_the_plugin_s_name)
{
    struct ac_error err = { 0 };
    struct ac_rate rate;
    const char *fault = "none";

    ac_event_rate_init(&rate);
    AC_REQUIRE_OK(take(&rate, "{\"event\":\"log\",\"level\":1,\"text\":\"a\\u001bb\"}",
                       40, &fault, &err));

    CU_ASSERT_PTR_NULL(fault);
    CU_ASSERT_PTR_NOT_NULL(strstr(last, "plugin.log plugin=web text="));
    CU_ASSERT_PTR_NULL(strchr(last, '\033'));
}

AC_TEST(what_is_no_line_is_told)
{
    check_fault("{}", "unknown message");
    check_fault("{\"event\":\"lag\"}", "unknown message");
    check_fault("{\"event\":\"log\"}", "bad log line");
    check_fault("{\"event\":\"log\",\"level\":1}", "bad log line");
    check_fault("{\"event\":\"log\",\"level\":4,\"text\":\"a\"}", "bad log line");
    check_fault("{\"event\":\"log\",\"level\":-1,\"text\":\"a\"}", "bad log line");
    check_fault("{\"event\":\"log\",\"level\":1,\"text\":1}", "bad log line");
}

static int64_t stopped_clock(void)
{
    return 1000;
}

/* How many messages of that size are taken at once; all are alike. However slow the
 * machine is: a rate that is met would let them in for ever. */
static size_t taken_at_once(size_t size)
{
    static const char text[] = "{\"event\":\"log\",\"level\":3,\"text\":\"a\"}";
    struct ac_error err = { 0 };
    struct ac_rate rate;
    const char *fault = NULL;
    size_t taken = 0;

    ac_clock_fake(stopped_clock, NULL);
    ac_event_rate_init(&rate);
    while (take(&rate, text, size, &fault, &err) == AC_OK && !fault)
        taken++;
    ac_clock_fake(NULL, NULL);
    return taken;
}

AC_TEST(long_messages_count_as_many_lines)
{
    AC_REQUIRE(!ac_check_is_torture());

    size_t large = taken_at_once(AC_MESSAGE_JSON_MAX);
    size_t middle = taken_at_once(64u * 1024u);

    CU_ASSERT_EQUAL(large, 1);
    CU_ASSERT_EQUAL(middle, 5000 / 65);
}

AC_TEST(five_thousand_short_lines_are_taken_at_once)
{
    AC_REQUIRE(!ac_check_is_torture());

    size_t taken = taken_at_once(100);

    CU_ASSERT_EQUAL(taken, 5000);
}

AC_SUITE("host/event", AC_CASE(a_line_is_logged_clean_and_with_the_plugin_s_name),
         AC_CASE(what_is_no_line_is_told), AC_CASE(long_messages_count_as_many_lines),
         AC_CASE(five_thousand_short_lines_are_taken_at_once))
