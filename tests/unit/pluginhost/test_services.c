/* SPDX-License-Identifier: Apache-2.0 */
#include "context.h"

#include <sys/stat.h>

static enum ac_code configure(struct context *context, const char *json,
                              const char *blob, struct ac_error *err)
{
    AC_AUTO(ac_message) open = { 0 };

    AC_TRY(ac_json_parse(json, strlen(json), &open.json, err));
    AC_TRY(ac_secret_copy(blob, strlen(blob), &open.blob, err));
    return ac_services_configure(&context->services, &open, err);
}

AC_TEST(options_are_lent_by_name_and_index)
{
    CONTEXT(c);
    const struct acmecore_host *host = &c.services.host;

    AC_REQUIRE_OK(context_begin(&c, 1000, &err));
    AC_REQUIRE_OK(configure(
        &c, "{\"options\":{\"path\":[\"/a\",\"/b\"]},\"secrets\":[]}", "", &err));

    CU_ASSERT_STRING_EQUAL(host->option(host->ctx, "path", 1), "/b");
    CU_ASSERT_PTR_NULL(host->option(host->ctx, "path", 2));
    CU_ASSERT_PTR_NULL(host->option(host->ctx, "other", 0));
    CU_ASSERT_STRING_EQUAL(host->folder, "/folder");
}

AC_TEST(secret_is_the_right_part_of_the_blob)
{
    CONTEXT(c);
    const struct acmecore_host *host = &c.services.host;

    AC_REQUIRE_OK(context_begin(&c, 1000, &err));
    AC_REQUIRE_OK(configure(&c,
                            "{\"options\":{},\"secrets\":[{\"name\":\"a\",\"size\":2},"
                            "{\"name\":\"b\",\"size\":3}]}",
                            "aabbb", &err));
    int status = host->secret(host->ctx, "b", take, &c);
    AC_REQUIRE(status == ACMECORE_OK);

    CU_ASSERT_STRING_EQUAL(c.got, "bbb");
    CU_ASSERT_EQUAL(host->secret(host->ctx, "c", take, &c), ACMECORE_E_NOTFOUND);
}

AC_TEST(sizes_that_do_not_add_up_are_refused)
{
    static const char *const documents[] = {
        "{\"options\":{},\"secrets\":[{\"name\":\"a\",\"size\":6}]}",
        "{\"options\":{},\"secrets\":[{\"name\":\"a\",\"size\":4}]}",
        "{\"options\":{},\"secrets\":[{\"name\":\"a\",\"size\":-1}]}",
        "{\"options\":{},\"secrets\":[{\"name\":\"a\",\"size\":9223372036854775807}]}",
        "{\"options\":{},\"secrets\":[{\"size\":5}]}",
        "{\"options\":{}}",
        "{\"options\":[],\"secrets\":[]}",
    };

    for (size_t i = 0; i < AC_COUNT(documents); i++) {
        CONTEXT(c);
        AC_REQUIRE_OK(context_begin(&c, 1000, &err));
        AC_REQUIRE_CODE(configure(&c, documents[i], "12345", &err), AC_E_INVALID);
        CU_ASSERT_PTR_NULL(c.services.options);
    }
}

AC_TEST(reasons_go_to_results_in_order_when_they_match)
{
    CONTEXT(c);
    const struct acmecore_host *host = &c.services.host;

    AC_REQUIRE_OK(context_begin(&c, 1000, &err));
    CU_ASSERT_STRING_EQUAL(ac_services_reason(&c.services, 0, 1), "");
    CU_ASSERT_EQUAL(host->fail(host->ctx, ACMECORE_E_NETWORK, "first %d", 1),
                    ACMECORE_E_NETWORK);
    (void)host->fail(host->ctx, ACMECORE_E_NETWORK, "second");
    AC_REQUIRE(c.services.fails.count == 2);

    CU_ASSERT_STRING_EQUAL(ac_services_reason(&c.services, 1, 2), "second");
    CU_ASSERT_STRING_EQUAL(ac_services_reason(&c.services, 1, 3), "first 1");
}

AC_TEST(a_result_has_the_reason_that_was_given_for_it)
{
    CONTEXT(c);
    const struct acmecore_host *host = &c.services.host;
    const int results[] = { -3, -3, 0, -3, -3 };
    size_t nth = 0;

    AC_REQUIRE_OK(context_begin(&c, 1000, &err));
    ac_services_expect(&c.services, 0, 3);
    (void)host->fail(host->ctx, ACMECORE_E_REFUSED, "zone one");
    CU_ASSERT_EQUAL(host->fail_at(host->ctx, 1, ACMECORE_E_REFUSED, "%s", ""),
                    ACMECORE_E_REFUSED);
    (void)host->fail_at(host->ctx, 2, ACMECORE_E_REFUSED, "never told: it went well");
    ac_services_expect(&c.services, 3, 2);
    (void)host->fail_at(host->ctx, 0, ACMECORE_E_REFUSED, "zone %d", 0);
    (void)host->fail_at(host->ctx, 0, ACMECORE_E_REFUSED, "zone %d", 2);
    AC_REQUIRE(c.services.fails.count == 1);

    CU_ASSERT_EQUAL(ac_services_unexplained(&c.services, results, 0, 5), 2);
    CU_ASSERT_STRING_EQUAL(ac_services_reason_at(&c.services, 1, &nth, 2), "zone one");
    CU_ASSERT_STRING_EQUAL(ac_services_reason_at(&c.services, 3, &nth, 2), "zone 2");
    CU_ASSERT_EQUAL(nth, 0);
    CU_ASSERT_STRING_EQUAL(ac_services_reason_at(&c.services, 4, &nth, 2), "zone one");
    CU_ASSERT_EQUAL(nth, 1);
}

AC_TEST(a_reason_past_the_results_is_that_of_the_call)
{
    CONTEXT(c);
    const struct acmecore_host *host = &c.services.host;

    AC_REQUIRE_OK(context_begin(&c, 1000, &err));
    (void)host->fail_at(host->ctx, 0, ACMECORE_E_CONFIG, "no %s", "results");
    AC_REQUIRE(c.services.fails.count == 1);
    CU_ASSERT_STRING_EQUAL(ac_services_reason(&c.services, 0, 1), "no results");

    ac_services_begin(&c.services, 0);
    ac_services_expect(&c.services, SIZE_MAX, SIZE_MAX);
    (void)host->fail_at(host->ctx, 0, ACMECORE_E_CONFIG, "beyond");
    AC_REQUIRE(c.services.fails.count == 1);
    CU_ASSERT_STRING_EQUAL(ac_services_reason(&c.services, 0, 1), "beyond");
}

AC_TEST(log_becomes_a_clean_event)
{
    CONTEXT(c);
    const struct acmecore_host *host = &c.services.host;
    AC_AUTO(ac_message) message = { 0 };

    AC_REQUIRE_OK(context_begin(&c, 1000, &err));
    host->log(host->ctx, 99, "a\033[1m %s", "\xFF");
    enum ac_code code = ac_channel_get(c.core, &message, &err);
    AC_REQUIRE(code == AC_OK);

    CU_ASSERT_STRING_EQUAL(ac_json_text_or(message.json, "event", ""), "log");
    CU_ASSERT_EQUAL(ac_json_number_or(message.json, "level", -1), ACMECORE_DEBUG);
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(message.json, "text", ""),
                           "a\\x1B[1m \\xFF");
}

AC_TEST(remaining_time_is_that_of_the_call)
{
    CONTEXT(c);
    const struct acmecore_host *host = &c.services.host;

    AC_REQUIRE_OK(context_begin(&c, 60000, &err));
    int64_t left_ms = host->remaining_ms(host->ctx);
    ac_services_end(&c.services);

    CU_ASSERT(left_ms > 50000 && left_ms <= 60000);
    CU_ASSERT_EQUAL(host->remaining_ms(host->ctx), 0);
}

AC_TEST(files_are_written_with_their_mode_and_removed_twice)
{
    CONTEXT(c);
    const struct acmecore_host *host = &c.services.host;
    const char *path = ac_test_path("file");
    struct stat status = { 0 };

    AC_REQUIRE_OK(context_begin(&c, 1000, &err));
    int written = host->write_file(host->ctx, path, 0644, "x", 1);
    AC_REQUIRE(written == ACMECORE_OK);
    AC_REQUIRE(stat(path, &status) == 0);

    CU_ASSERT_EQUAL(status.st_mode & 07777, 0644);
    CU_ASSERT_EQUAL(host->remove_file(host->ctx, path), ACMECORE_OK);
    CU_ASSERT_EQUAL(host->remove_file(host->ctx, path), ACMECORE_OK);
}

AC_TEST(relative_paths_and_set_id_modes_are_refused)
{
    CONTEXT(c);
    const struct acmecore_host *host = &c.services.host;

    AC_REQUIRE_OK(context_begin(&c, 1000, &err));

    CU_ASSERT_EQUAL(host->write_file(host->ctx, "x", 0644, "x", 1), ACMECORE_E_INVALID);
    CU_ASSERT_EQUAL(host->write_file(host->ctx, "/x", 04755, "x", 1),
                    ACMECORE_E_INVALID);
    CU_ASSERT_EQUAL(host->remove_file(host->ctx, "x"), ACMECORE_E_INVALID);
}

AC_TEST(what_a_plugin_does_not_say_it_uses_is_refused_with_the_flag)
{
    CONTEXT(c);
    const struct acmecore_host *host = &c.services.host;
    const struct acmecore_request request = { .struct_size = sizeof request,
                                              .method = "GET",
                                              .url = "http://127.0.0.1:1/" };
    const char *const argv[] = { "/bin/true", NULL };
    const struct acmecore_command command = { .struct_size = sizeof command,
                                              .argv = argv };

    AC_REQUIRE_OK(context_begin(&c, 1000, &err));
    c.services.uses = 0;
    int asked = host->http(host->ctx, &request, NULL, NULL, NULL);
    int ran = host->run(host->ctx, &command, NULL, NULL, NULL);
    (void)host->fail(host->ctx, ACMECORE_E_SYSTEM, "/x: Permission denied");
    AC_REQUIRE(c.services.fails.count == 3);

    CU_ASSERT_EQUAL(asked, ACMECORE_E_UNSUPPORTED);
    CU_ASSERT_EQUAL(ran, ACMECORE_E_UNSUPPORTED);
    CU_ASSERT_PTR_NOT_NULL(strstr(c.services.fails.items[0], "ACMECORE_USES_NETWORK"));
    CU_ASSERT_PTR_NOT_NULL(strstr(c.services.fails.items[1], "ACMECORE_USES_COMMANDS"));
    CU_ASSERT_PTR_NOT_NULL(strstr(c.services.fails.items[2], "ACMECORE_USES_FILES"));
}

AC_TEST(no_time_remains_once_the_core_says_stop)
{
    CONTEXT(c);
    const struct acmecore_host *host = &c.services.host;

    AC_REQUIRE_OK(context_begin(&c, 1000, &err));
    CU_ASSERT(host->remaining_ms(host->ctx) > 0);
    AC_REQUIRE_OK(context_stop(&c, &err));
    CU_ASSERT_EQUAL(host->remaining_ms(host->ctx), 0);

    /* While it serves, it is the next call that comes. */
    c.services.is_serving = true;
    CU_ASSERT(host->remaining_ms(host->ctx) > 0);
    ac_services_end(&c.services);
    CU_ASSERT_FALSE(c.services.is_serving);
}

/* As both are when they were sent before the host looked. */
AC_TEST(stop_that_came_with_the_call_is_heard)
{
    CONTEXT(c);
    AC_AUTO(ac_message) call = { 0 };
    const struct acmecore_host *host = &c.services.host;

    AC_REQUIRE_OK(context_begin(&c, 1000, &err));
    AC_REQUIRE_OK(context_stop(&c, &err));
    AC_REQUIRE_OK(context_stop(&c, &err));
    AC_REQUIRE_OK(ac_channel_get(c.channel, &call, &err));

    CU_ASSERT_EQUAL(host->remaining_ms(host->ctx), 0);
    CU_ASSERT(ac_services_left_ms(&c.services) > 0); /* a moment to end by itself */
    c.services.is_serving = true;
    CU_ASSERT(host->remaining_ms(host->ctx) > 0);
}

AC_SUITE("pluginhost/services", AC_CASE(stop_that_came_with_the_call_is_heard),
         AC_CASE(options_are_lent_by_name_and_index),
         AC_CASE(secret_is_the_right_part_of_the_blob),
         AC_CASE(sizes_that_do_not_add_up_are_refused),
         AC_CASE(reasons_go_to_results_in_order_when_they_match),
         AC_CASE(a_result_has_the_reason_that_was_given_for_it),
         AC_CASE(a_reason_past_the_results_is_that_of_the_call),
         AC_CASE(log_becomes_a_clean_event),
         AC_CASE(no_time_remains_once_the_core_says_stop),
         AC_CASE(remaining_time_is_that_of_the_call),
         AC_CASE(files_are_written_with_their_mode_and_removed_twice),
         AC_CASE(relative_paths_and_set_id_modes_are_refused),
         AC_CASE(what_a_plugin_does_not_say_it_uses_is_refused_with_the_flag))
