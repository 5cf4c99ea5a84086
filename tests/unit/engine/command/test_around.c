/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/command/around.h"

#include "base/clock.h"
#include "commanding.h"

#include <stdlib.h>

static enum ac_code begin(const struct ac_config *config, struct ac_around **ret_around,
                          struct ac_error *err)
{
    const struct ac_around_settings settings = { .config = config,
                                                 .describe = describe_error };

    commanding_reset();
    return ac_around_new(&settings, ret_around, err);
}

/* One with this pre-, post- and failure-hook, each or NULL. */
static enum ac_code add(struct ac_around *around, const char *name, const char *pre,
                        const char *post, const char *failure, struct ac_error *err)
{
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_TRY(ac_memory_copy_text(name, &wanted.name, err));
    AC_TRY(ac_identifiers_parse("a.example", &wanted.identifiers, err));
    if (pre)
        AC_TRY(ac_words_add(&wanted.pre_hooks, pre, err));
    if (post)
        AC_TRY(ac_words_add(&wanted.post_hooks, post, err));
    if (failure)
        AC_TRY(ac_words_add(&wanted.failure_hooks, failure, err));
    return ac_around_add(around, &wanted, "lifetime", err);
}

static void end(struct ac_around *around, const char *name, enum ac_code code)
{
    struct ac_error why = { 0 };

    if (code != AC_OK)
        (void)ac_fail(&why, code, "it went wrong");
    ac_around_ended(around, name, &why, false);
}

/* Some are wrong on purpose. */
static enum ac_code read_anyway(const char *text, struct ac_config **ret_config,
                                struct ac_error *err)
{
    const char *path = ac_test_path("acmecore.conf");
    AC_AUTO(ac_faults) faults = { 0 };

    if (!ac_test_write_file(path, text, strlen(text)))
        return ac_fail(err, AC_E_SYSTEM, "the test cannot write");
    return ac_configured_load(path, &faults, ret_config, err);
}

AC_TEST(without_hooks_nothing_is_run)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_around) *around = NULL;

    AC_REQUIRE_OK(begin(NULL, &around, &err));
    AC_REQUIRE_OK(add(around, "a", NULL, NULL, NULL, &err));
    CU_ASSERT_FALSE(ac_around_has_hooks(around));
    AC_REQUIRE_OK(ac_around_begin(around, NULL, &err));
    end(around, "a", AC_E_PROBLEM);
    AC_REQUIRE_OK(ac_around_finish(around, NULL, &err));

    CU_ASSERT_EQUAL(commanding.calls, 0);
}

AC_TEST(each_hook_is_run_once_for_all_that_name_it)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_around) *around = NULL;

    AC_REQUIRE_OK(begin(NULL, &around, &err));
    AC_REQUIRE_OK(add(around, "a", "/stop", "/start", "/cry", &err));
    AC_REQUIRE_OK(add(around, "b", "/stop", "/start", "/cry", &err));
    AC_REQUIRE_OK(add(around, "c", "/other", "none", NULL, &err));
    AC_REQUIRE_OK(ac_around_begin(around, NULL, &err));
    CU_ASSERT_STRING_EQUAL(commanding.told, "pre-hook /stop|pre-hook /other|");
    end(around, "a", AC_OK);
    end(around, "b", AC_OK);
    end(around, "c", AC_E_PROBLEM);
    commanding.told[0] = '\0';
    AC_REQUIRE_OK(ac_around_finish(around, NULL, &err));

    CU_ASSERT_STRING_EQUAL(commanding.told, "post-hook /start|");
    CU_ASSERT_PTR_NOT_NULL(strstr(commanding.input, "\"name\":\"b\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(commanding.input, "\"result\":\"renewed\""));
}

AC_TEST(failing_pre_hook_refuses_its_own_alone)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_around) *around = NULL;

    AC_REQUIRE_OK(begin(NULL, &around, &err));
    AC_REQUIRE_OK(add(around, "a", "/stop", "/start", "/cry", &err));
    AC_REQUIRE_OK(add(around, "b", "/other", NULL, "/weep", &err));
    commanding.failing = "/stop";
    AC_REQUIRE_OK(ac_around_begin(around, NULL, &err));
    const struct ac_error *refusal = ac_around_refusal(around, "a");
    AC_REQUIRE(refusal != NULL);
    CU_ASSERT_EQUAL(refusal->code, AC_E_PLUGIN);
    CU_ASSERT_STRING_EQUAL(refusal->detail, "not tried: /stop fails");
    CU_ASSERT_PTR_NULL(ac_around_refusal(around, "b"));
    CU_ASSERT_PTR_NULL(ac_around_refusal(around, "nobody"));
    end(around, "a", AC_E_PLUGIN);
    end(around, "b", AC_OK);
    commanding.told[0] = '\0';
    AC_REQUIRE_OK(ac_around_finish(around, NULL, &err));

    CU_ASSERT_STRING_EQUAL(commanding.told, "post-hook /start|failure-hook /cry|");
}

AC_TEST(after_a_failing_pre_hook_the_further_ones_of_it_are_not_run)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_around) *around = NULL;
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(begin(NULL, &around, &err));
    AC_REQUIRE_OK(ac_memory_copy_text("a", &wanted.name, &err));
    AC_REQUIRE_OK(ac_words_add(&wanted.pre_hooks, "/stop", &err));
    AC_REQUIRE_OK(ac_words_add(&wanted.pre_hooks, "/then", &err));
    AC_REQUIRE_OK(ac_around_add(around, &wanted, NULL, &err));
    commanding.failing = "/stop";
    AC_REQUIRE_OK(ac_around_begin(around, NULL, &err));

    CU_ASSERT_STRING_EQUAL(commanding.told, "pre-hook /stop|");
}

AC_TEST(failing_post_hook_is_the_failure_and_a_failing_failure_hook_is_not)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_around) *around = NULL;

    AC_REQUIRE_OK(begin(NULL, &around, &err));
    AC_REQUIRE_OK(add(around, "a", NULL, "/start", "/cry", &err));
    AC_REQUIRE_OK(ac_around_begin(around, NULL, &err));
    end(around, "a", AC_E_PROBLEM);
    commanding.failing = "/cry";
    AC_REQUIRE_OK(ac_around_finish(around, NULL, &err));
    commanding.failing = "/start";
    AC_REQUIRE_CODE(ac_around_finish(around, NULL, &err), AC_E_PLUGIN);

    CU_ASSERT_STRING_EQUAL(err.detail, "/start fails");
}

AC_TEST(what_was_skipped_or_is_locked_is_no_failure)
{
    struct ac_error err = { 0 };
    struct ac_error why = { .code = AC_E_NETWORK };
    AC_AUTO(ac_around) *around = NULL;

    AC_REQUIRE_OK(begin(NULL, &around, &err));
    AC_REQUIRE_OK(add(around, "a", NULL, NULL, "/cry", &err));
    AC_REQUIRE_OK(add(around, "b", NULL, NULL, "/cry", &err));
    AC_REQUIRE_OK(ac_around_begin(around, NULL, &err));
    ac_around_ended(around, "a", &why, true);
    end(around, "b", AC_E_LOCKED);
    AC_REQUIRE_OK(ac_around_finish(around, NULL, &err));

    CU_ASSERT_EQUAL(commanding.calls, 0);
}

AC_TEST(hooks_for_all_and_sections_come_from_the_configuration)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_config) *config = NULL;
    AC_AUTO(ac_around) *around = NULL;

    AC_REQUIRE_OK(configure("hook \"web\" { command = {/stop, nginx} timeout = 3 }\n"
                            "pre-hook = web\n",
                            &config, &err));
    AC_REQUIRE_OK(begin(config, &around, &err));
    AC_REQUIRE_OK(add(around, "a", NULL, NULL, NULL, &err));
    AC_REQUIRE_OK(add(around, "b", "none", NULL, NULL, &err));
    AC_REQUIRE_OK(ac_around_begin(around, NULL, &err));

    CU_ASSERT_STRING_EQUAL(commanding.told, "pre-hook web|");
    CU_ASSERT_PTR_NULL(strstr(commanding.input, "\"name\":\"b\""));
}

AC_TEST(hook_that_cannot_be_run_refuses_its_certificates_before_anything)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_config) *config = NULL;
    AC_AUTO(ac_around) *around = NULL;

    AC_REQUIRE_OK(configure("\nhook \"web\" { command = {/nothing/there, nginx} }\n",
                            &config, &err));
    AC_REQUIRE_OK(begin(config, &around, &err));
    AC_REQUIRE_OK(add(around, "a", "/bin/sh", "web", NULL, &err));
    AC_REQUIRE_OK(add(around, "b", NULL, "/bin/sh", NULL, &err));
    AC_REQUIRE_CODE(ac_around_check(around, &err), AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "acmecore.conf:2: post-hook web: "));
    AC_REQUIRE(ac_around_refusal(around, "a") != NULL);
    CU_ASSERT_EQUAL(ac_around_refusal(around, "a")->code, AC_E_USAGE);
    CU_ASSERT_PTR_NULL(ac_around_refusal(around, "b"));
    AC_REQUIRE_OK(ac_around_begin(around, NULL, &err));

    CU_ASSERT_EQUAL(commanding.calls, 0);
}

AC_TEST(section_that_is_wrong_refuses_those_that_name_it_alone)
{
    static const char text[] =
        "hook \"slow\" { command = {\"/bin/true\"}  timeout = \"1m\" }\n"
        "hook \"cut\" {\n command = {\"/bin/true\" \"start\"}\n}\n";
    struct ac_error err = { 0 };
    AC_AUTO(ac_config) *config = NULL;
    AC_AUTO(ac_around) *around = NULL;

    AC_REQUIRE_OK(read_anyway(text, &config, &err));
    AC_REQUIRE_OK(begin(config, &around, &err));
    AC_REQUIRE_OK(add(around, "a", "slow", NULL, NULL, &err));
    AC_REQUIRE_OK(add(around, "b", "/bin/true", "cut", NULL, &err));
    AC_REQUIRE_OK(add(around, "c", "/bin/cat", NULL, NULL, &err));
    AC_REQUIRE_CODE(ac_around_check(around, &err), AC_E_USAGE);
    AC_REQUIRE_OK(ac_around_begin(around, NULL, &err));

    AC_REQUIRE(ac_around_refusal(around, "a") && ac_around_refusal(around, "b"));
    CU_ASSERT_PTR_NOT_NULL(strstr(ac_around_refusal(around, "a")->detail,
                                  "acmecore.conf:1: pre-hook slow: timeout is"));
    CU_ASSERT_PTR_NOT_NULL(strstr(ac_around_refusal(around, "b")->detail,
                                  "post-hook cut: no command can be read"));
    CU_ASSERT_PTR_NULL(ac_around_refusal(around, "c"));
    CU_ASSERT_STRING_EQUAL(commanding.told, "pre-hook /bin/cat|");
}

/* Such as where "post-hok" is written for it. */
AC_TEST(pre_hook_whose_post_hook_may_be_missing_is_not_run)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_config) *config = NULL;
    AC_AUTO(ac_around) *around = NULL;

    AC_REQUIRE_OK(configure("pre-hook = {\"/stop\"}\n", &config, &err));
    const struct ac_around_settings settings = { .config = config,
                                                 .describe = describe_error,
                                                 .is_half_read = true };
    commanding_reset();
    AC_REQUIRE_OK(ac_around_new(&settings, &around, &err));
    AC_REQUIRE_OK(add(around, "a", NULL, NULL, NULL, &err));
    AC_REQUIRE_OK(add(around, "b", NULL, "/start", NULL, &err));
    AC_REQUIRE_OK(add(around, "c", "/other", "none", NULL, &err));
    AC_REQUIRE_OK(ac_around_begin(around, NULL, &err));

    AC_REQUIRE(ac_around_refusal(around, "a") != NULL);
    CU_ASSERT_EQUAL(ac_around_refusal(around, "a")->code, AC_E_USAGE);
    CU_ASSERT_PTR_NULL(ac_around_refusal(around, "b"));
    CU_ASSERT_PTR_NULL(ac_around_refusal(around, "c"));
}

/* Nobody would tell the server of it later. */
AC_TEST(hook_for_all_that_is_half_read_refuses_those_without_their_own)
{
    static const char half[] = "post-hook = {\"/reload\" \"web\"}\n";
    static const char none[] =
        "post-hook = {}\nfailure-hook = {\"/cry\" \"loud\"}\ncolour = x\n";
    struct ac_error err = { 0 };
    AC_AUTO(ac_config) *config = NULL;
    AC_AUTO(ac_around) *around = NULL;
    AC_AUTO(ac_config) *without = NULL;
    AC_AUTO(ac_around) *other = NULL;

    AC_REQUIRE_OK(read_anyway(half, &config, &err));
    AC_REQUIRE_OK(begin(config, &around, &err));
    AC_REQUIRE_OK(add(around, "a", NULL, NULL, NULL, &err));
    AC_REQUIRE_OK(add(around, "b", NULL, "/start", NULL, &err));
    AC_REQUIRE_OK(read_anyway(none, &without, &err));
    AC_REQUIRE_OK(begin(without, &other, &err));
    AC_REQUIRE_OK(add(other, "a", NULL, NULL, NULL, &err));

    AC_REQUIRE(ac_around_refusal(around, "a") != NULL);
    CU_ASSERT_EQUAL(ac_around_refusal(around, "a")->code, AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(ac_around_refusal(around, "a")->detail, "its post-hook cannot be read"));
    CU_ASSERT_PTR_NULL(ac_around_refusal(around, "b"));
    CU_ASSERT_PTR_NULL(ac_around_refusal(other, "a"));
}

AC_TEST(certificate_can_be_refused_whether_it_has_hooks_or_not)
{
    struct ac_error err = { 0 };
    struct ac_error why = { 0 };
    AC_AUTO(ac_around) *around = NULL;
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_REQUIRE_OK(begin(NULL, &around, &err));
    AC_REQUIRE_OK(add(around, "a", "/stop", NULL, "/cry", &err));
    AC_REQUIRE_OK(ac_memory_copy_text("c", &wanted.name, &err));
    (void)ac_fail(&why, AC_E_USAGE, "a wrong installer");
    AC_REQUIRE_OK(ac_around_refuse(around, &wanted, NULL, &why, &err));
    free(wanted.name);
    wanted.name = NULL;
    AC_REQUIRE_OK(ac_memory_copy_text("a", &wanted.name, &err));
    AC_REQUIRE_OK(ac_around_refuse(around, &wanted, NULL, &why, &err));
    AC_REQUIRE_OK(ac_around_begin(around, NULL, &err));
    CU_ASSERT_EQUAL(commanding.calls, 0);
    AC_REQUIRE(ac_around_refusal(around, "c") != NULL);
    CU_ASSERT_STRING_EQUAL(ac_around_refusal(around, "c")->detail,
                           "not tried: a wrong installer");
    AC_REQUIRE_OK(ac_around_finish(around, NULL, &err));

    CU_ASSERT_STRING_EQUAL(commanding.told, "failure-hook /cry|");
}

AC_TEST(after_a_signal_nothing_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_around) *around = NULL;

    AC_REQUIRE_OK(begin(NULL, &around, &err));
    AC_REQUIRE_OK(add(around, "a", "/stop", NULL, "/cry", &err));
    commanding.failing = "/stop";
    ac_clock_cancel(15);
    enum ac_code code = ac_around_begin(around, NULL, &err);
    if (code == AC_OK)
        code = ac_around_finish(around, NULL, &err);
    ac_clock_cancel(0);
    AC_REQUIRE_OK(code);

    CU_ASSERT_PTR_NULL(ac_around_refusal(around, "a"));
    CU_ASSERT_EQUAL(commanding.calls, 1);
}

AC_SUITE("engine/around", AC_CASE(without_hooks_nothing_is_run),
         AC_CASE(each_hook_is_run_once_for_all_that_name_it),
         AC_CASE(failing_pre_hook_refuses_its_own_alone),
         AC_CASE(after_a_failing_pre_hook_the_further_ones_of_it_are_not_run),
         AC_CASE(failing_post_hook_is_the_failure_and_a_failing_failure_hook_is_not),
         AC_CASE(what_was_skipped_or_is_locked_is_no_failure),
         AC_CASE(hooks_for_all_and_sections_come_from_the_configuration),
         AC_CASE(hook_that_cannot_be_run_refuses_its_certificates_before_anything),
         AC_CASE(section_that_is_wrong_refuses_those_that_name_it_alone),
         AC_CASE(pre_hook_whose_post_hook_may_be_missing_is_not_run),
         AC_CASE(hook_for_all_that_is_half_read_refuses_those_without_their_own),
         AC_CASE(certificate_can_be_refused_whether_it_has_hooks_or_not),
         AC_CASE(after_a_signal_nothing_is_refused))
