/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/notify/notifier.h"

#include "check.h"
#include "engine/wanted/configured.h"

#include <string.h>

static enum ac_code configure(const char *text, struct ac_config **ret_config,
                              struct ac_error *err)
{
    const char *path = ac_test_path("acmecore.conf");
    AC_AUTO(ac_faults) faults = { 0 };

    if (!ac_test_write_file(path, text, strlen(text)))
        return ac_fail(err, AC_E_SYSTEM, "the test cannot write");
    return ac_configured_load(path, &faults, ret_config, err);
}

AC_TEST(share_of_a_life_fits_lives_of_all_lengths)
{
    struct ac_error err = { 0 };
    struct ac_expiry expiry = { 0 };

    AC_REQUIRE_OK(ac_expiry_parse(AC_NOTIFIER_EXPIRING, &expiry, &err));

    CU_ASSERT_EQUAL(ac_expiry_of(&expiry, 90 * 86400), 1166400); /* 13.5 days */
    CU_ASSERT_EQUAL(ac_expiry_of(&expiry, 45 * 86400), 583200);
    CU_ASSERT_EQUAL(ac_expiry_of(&expiry, 6 * 86400), 77760);
    CU_ASSERT_EQUAL(ac_expiry_of(&expiry, 0), 0);
}

AC_TEST(time_is_the_same_for_all_lives)
{
    struct ac_error err = { 0 };
    struct ac_expiry expiry = { 0 };

    AC_REQUIRE_OK(ac_expiry_parse("10d", &expiry, &err));
    CU_ASSERT_EQUAL(ac_expiry_of(&expiry, 6 * 86400), 864000);
    AC_REQUIRE_OK(ac_expiry_parse("36h", &expiry, &err));
    CU_ASSERT_EQUAL(ac_expiry_of(&expiry, 0), 129600);
}

AC_TEST(what_is_neither_is_refused)
{
    static const char *const bad[] = { "", "%", "101%", "0d", "d", "10", "1w", "-1d" };
    struct ac_error err = { 0 };
    struct ac_expiry expiry;

    for (size_t i = 0; i < AC_COUNT(bad); i++)
        AC_REQUIRE_CODE(ac_expiry_parse(bad[i], &expiry, &err), AC_E_USAGE);

    CU_ASSERT_STRING_EQUAL(
        err.detail, "expiring is a share of the life or a time, such as \"15%\", "
                    "\"10d\" or \"36h\", not \"-1d\"");
}

AC_TEST(section_says_which_events)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_config) *config = NULL;
    AC_AUTO(ac_notifiers) notifiers = { 0 };
    size_t index = 9;

    AC_REQUIRE_OK(configure("notify ops { command = /bin/tell events = {failed, "
                            "expiring} expiring = 5d }\n",
                            &config, &err));
    AC_REQUIRE_OK(ac_notifiers_get(&notifiers, config, "ops", &index, &err));

    AC_REQUIRE(index == 0 && notifiers.count == 1);
    const struct ac_notifier *ops = &notifiers.items[0];
    CU_ASSERT_TRUE(ops->wants[AC_EVENT_FAILED] && ops->wants[AC_EVENT_EXPIRING]);
    CU_ASSERT_FALSE(ops->wants[AC_EVENT_RENEWED] || ops->wants[AC_EVENT_REVOKED]);
    CU_ASSERT_EQUAL(ops->expiry.seconds, 5 * 86400);
    CU_ASSERT_EQUAL(ops->command.timeout_ms, AC_NOTIFIER_TIMEOUT_MS);
}

AC_TEST(path_is_told_of_everything_and_is_made_once)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_notifiers) notifiers = { 0 };
    size_t first = 9;
    size_t second = 9;

    AC_REQUIRE_OK(ac_notifiers_get(&notifiers, NULL, "/bin/tell", &first, &err));
    AC_REQUIRE_OK(ac_notifiers_get(&notifiers, NULL, "/bin/tell", &second, &err));

    AC_REQUIRE(first == 0 && second == 0 && notifiers.count == 1);
    for (size_t event = 0; event < AC_EVENT_COUNT; event++)
        CU_ASSERT_TRUE(notifiers.items[0].wants[event]);
}

AC_TEST(reference_that_leads_nowhere_is_refused)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_notifiers) notifiers = { 0 };
    size_t index;

    AC_REQUIRE_CODE(ac_notifiers_get(&notifiers, NULL, "ops", &index, &err),
                    AC_E_USAGE);

    CU_ASSERT_STRING_EQUAL(err.detail,
                           "the configuration has no notify \"ops\" { command = … }");
    CU_ASSERT_EQUAL(notifiers.count, 0);
}

static enum ac_code refer(const char *text, const char *own, struct ac_words *ret_words,
                          struct ac_error *err)
{
    AC_AUTO(ac_config) *config = NULL;
    AC_AUTO(ac_wanted) wanted = { 0 };

    AC_TRY(configure(text, &config, err));
    if (own)
        AC_TRY(ac_words_add(&wanted.notify, own, err));
    return ac_notifier_references(config, &wanted, ret_words, err);
}

#define TWO "notify a { command = /a }\nnotify b { command = /b }\n"

AC_TEST(all_sections_count_where_nothing_is_said)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_words) words = { 0 };

    AC_REQUIRE_OK(refer(TWO, NULL, &words, &err));

    CU_ASSERT_TRUE(words.count == 2 && ac_words_has(&words, "a")
                   && ac_words_has(&words, "b"));
}

AC_TEST(what_is_half_read_silences_nobody)
{
    static const char events[] =
        "notify a { command = /a\n events = {failed \"renewed\"}\n }\n";
    struct ac_error err = { 0 };
    AC_AUTO(ac_words) words = { 0 };
    AC_AUTO(ac_config) *config = NULL;
    AC_AUTO(ac_notifier) notifier = { 0 };

    AC_REQUIRE_OK(refer(TWO "notify = {a b}\n", NULL, &words, &err));
    CU_ASSERT_EQUAL(words.count, 2);
    AC_REQUIRE_OK(configure(events, &config, &err));
    AC_REQUIRE_OK(
        ac_notifier_read(ac_config_find_notifier(config, "a"), &notifier, &err));

    CU_ASSERT_TRUE(notifier.wants[AC_EVENT_FAILED]);
    CU_ASSERT_TRUE(notifier.wants[AC_EVENT_EXPIRING]);
}

AC_TEST(setting_for_all_and_then_the_certificates_own_count_more)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_words) all = { 0 };
    AC_AUTO(ac_words) own = { 0 };
    AC_AUTO(ac_words) nobody = { 0 };

    AC_REQUIRE_OK(refer(TWO "notify = b\n", NULL, &all, &err));
    AC_REQUIRE_OK(refer(TWO "notify = b\n", "/own", &own, &err));
    AC_REQUIRE_OK(refer(TWO "notify = b\n", "none", &nobody, &err));

    AC_REQUIRE(all.count == 1 && own.count == 1);
    CU_ASSERT_STRING_EQUAL(all.items[0], "b");
    CU_ASSERT_STRING_EQUAL(own.items[0], "/own");
    CU_ASSERT_EQUAL(nobody.count, 0);
}

AC_TEST(notifier_that_cannot_be_run_is_told_with_its_place)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_config) *config = NULL;
    AC_AUTO(ac_wanted) wanted = { .name = NULL };

    AC_REQUIRE_OK(ac_memory_copy_text("c", &wanted.name, &err));
    AC_REQUIRE_OK(ac_notifier_check(NULL, &wanted, &err));
    AC_REQUIRE_OK(
        configure("notify a { command = /bin/sh }\nnotify b {\n command = /none }\n",
                  &config, &err));
    AC_REQUIRE_CODE(ac_notifier_check(config, &wanted, &err), AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "acmecore.conf:3: notify b: "));
    AC_REQUIRE_OK(ac_words_add(&wanted.notify, "a", &err));
    AC_REQUIRE_OK(ac_notifier_check(config, &wanted, &err));
    AC_REQUIRE_OK(ac_words_add(&wanted.notify, "nobody", &err));

    AC_REQUIRE_CODE(ac_notifier_check(config, &wanted, &err), AC_E_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.detail, "--notify nobody: "));
}

AC_SUITE("engine/notifier", AC_CASE(share_of_a_life_fits_lives_of_all_lengths),
         AC_CASE(time_is_the_same_for_all_lives), AC_CASE(what_is_neither_is_refused),
         AC_CASE(section_says_which_events),
         AC_CASE(path_is_told_of_everything_and_is_made_once),
         AC_CASE(reference_that_leads_nowhere_is_refused),
         AC_CASE(all_sections_count_where_nothing_is_said),
         AC_CASE(what_is_half_read_silences_nobody),
         AC_CASE(notifier_that_cannot_be_run_is_told_with_its_place),
         AC_CASE(setting_for_all_and_then_the_certificates_own_count_more))
