/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/notify/notify.h"

#include "base/clock.h"
#include "base/log.h"
#include "commanding.h"

#include <stdlib.h>
#include <sys/stat.h>

#define DIRECTORY "https://ca.example/dir"

static size_t opened;
static char warned[1024];

static void hear(void *arg, enum ac_log_level level, const char *line)
{
    (void)arg, (void)level;
    (void)snprintf(warned, sizeof warned, "%s", line);
}

static enum ac_code open_nothing(void *arg, struct ac_run **ret_run,
                                 struct ac_error *err)
{
    (void)arg, (void)err;
    opened++;
    *ret_run = (struct ac_run *)(void *)&opened; /* the stand-in never looks at it */
    return AC_OK;
}

struct scene {
    struct ac_store *store;
    struct ac_config *config;
    struct ac_notify *notify;
    struct ac_unnoted *unnoted; /* borrowed, or NULL */
};

static void scene_drop(struct scene *scene)
{
    ac_log_to(NULL, NULL, AC_LOG_ERROR);
    ac_notify_free(scene->notify);
    ac_config_free(scene->config);
    ac_store_free(scene->store);
}
#define SCENE __attribute__((cleanup(scene_drop))) struct scene scene = { 0 }

static enum ac_code begin(struct scene *scene, const char *text, struct ac_error *err)
{
    commanding_reset();
    opened = 0;
    warned[0] = '\0';
    ac_log_to(hear, NULL, AC_LOG_WARN);
    if (!scene->store)
        AC_TRY(ac_store_open(ac_test_path("state"), &scene->store, err));
    if (!scene->config)
        AC_TRY(configure(text, &scene->config, err));
    const struct ac_notify_settings settings = { .store = scene->store,
                                                 .config = scene->config,
                                                 .describe = describe_error,
                                                 .unnoted = scene->unnoted,
                                                 .open = open_nothing };
    ac_notify_free(AC_TAKE(scene->notify));
    return ac_notify_new(&settings, &scene->notify, err);
}

static enum ac_code wish_for(struct ac_wanted *wanted, const char *name,
                             struct ac_error *err)
{
    AC_TRY(ac_memory_copy_text(name, &wanted->name, err));
    AC_TRY(ac_memory_copy_text(DIRECTORY, &wanted->directory_url, err));
    return ac_identifiers_parse("a.example", &wanted->identifiers, err);
}

/* It fails, and that is told. */
static void fail_and_tell(struct scene *scene, const struct ac_wanted *wanted,
                          enum ac_code code)
{
    const struct ac_upkeep none = { 0 };
    struct ac_error why = { 0 };

    (void)ac_fail(&why, code, "it went wrong");
    ac_notify_failed(scene->notify, wanted->name, wanted, &why, NULL);
    ac_notify_tell(scene->notify, &none);
}

AC_TEST(nobody_is_called_where_nobody_is_named)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };
    SCENE;

    AC_REQUIRE_OK(begin(&scene, "", &err));
    AC_REQUIRE_OK(wish_for(&wanted, "www", &err));
    fail_and_tell(&scene, &wanted, AC_E_PROBLEM);

    CU_ASSERT_EQUAL(commanding.calls, 0);
    CU_ASSERT_EQUAL(opened, 0);
}

AC_TEST(failures_are_one_call_and_told_once)
{
    struct ac_error err = { 0 };
    struct ac_error why = { 0 };
    AC_AUTO(ac_wanted) www = { 0 };
    AC_AUTO(ac_wanted) api = { 0 };
    SCENE;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(begin(&scene, "notify ops { command = /bin/tell }\n", &err));
    AC_REQUIRE_OK(wish_for(&www, "www", &err));
    AC_REQUIRE_OK(wish_for(&api, "api", &err));
    (void)ac_fail(&why, AC_E_PROBLEM, "so not");
    ac_notify_failed(scene.notify, "www", &www, &why, NULL);
    fail_and_tell(&scene, &api, AC_E_CHALLENGE);
    CU_ASSERT_EQUAL(commanding.calls, 1);
    CU_ASSERT_STRING_EQUAL(commanding.told, "notification command ops|");
    CU_ASSERT_TRUE(strstr(commanding.input, "\"certificate\":\"www\"")
                   && strstr(commanding.input, "\"certificate\":\"api\""));
    AC_REQUIRE_OK(begin(&scene, "", &err));
    fail_and_tell(&scene, &www, AC_E_PROBLEM);

    CU_ASSERT_EQUAL(commanding.calls, 0);
}

/* The same failure in two looks, while nothing can be noted: so often it is told. */
static size_t tell_on_full_disk(struct ac_unnoted *unnoted, struct ac_error *err)
{
    AC_AUTO(ac_wanted) wanted = { 0 };
    size_t calls = 0;
    SCENE;

    scene.unnoted = unnoted;
    if (wish_for(&wanted, "full", err) != AC_OK
        || ac_store_open(ac_test_path("state"), &scene.store, err) != AC_OK)
        return 0;
    (void)mkdir(ac_test_path("state"), 0700);
    (void)mkdir(ac_test_path("state/certs"), 0700);
    if (!ac_test_write_file(ac_test_path("state/certs/full"), "in the way", 10))
        return 0;
    for (int look = 0; look < 2; look++) {
        if (begin(&scene, "notify ops { command = /bin/tell }\n", err) != AC_OK)
            return 0;
        fail_and_tell(&scene, &wanted, AC_E_STORE);
        calls += commanding.calls;
    }
    return calls;
}

AC_TEST(process_that_stays_tells_once_what_it_cannot_note)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_unnoted) unnoted = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    CU_ASSERT_EQUAL(tell_on_full_disk(&unnoted, &err), 1);
    CU_ASSERT_EQUAL(tell_on_full_disk(NULL, &err), 2);
}

AC_TEST(command_that_fails_is_a_warning_and_is_called_again)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };
    SCENE;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(begin(&scene, "notify ops { command = /bin/tell }\n", &err));
    AC_REQUIRE_OK(wish_for(&wanted, "www", &err));
    commanding.failing = "/bin/tell";
    fail_and_tell(&scene, &wanted, AC_E_PROBLEM);
    CU_ASSERT_STRING_EQUAL(warned,
                           "/bin/tell fails (notify ops); the next run tells it again");
    AC_REQUIRE_OK(begin(&scene, "", &err));
    fail_and_tell(&scene, &wanted, AC_E_PROBLEM);

    CU_ASSERT_EQUAL(commanding.calls, 1);
}

AC_TEST(lock_of_another_run_and_a_signal_are_no_failures)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };
    SCENE;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(begin(&scene, "notify ops { command = /bin/tell }\n", &err));
    AC_REQUIRE_OK(wish_for(&wanted, "www", &err));
    fail_and_tell(&scene, &wanted, AC_E_LOCKED);
    fail_and_tell(&scene, &wanted, AC_E_CANCELLED);
    ac_clock_cancel(15);
    fail_and_tell(&scene, &wanted, AC_E_PROBLEM);
    ac_clock_cancel(0);

    CU_ASSERT_EQUAL(commanding.calls, 0);
}

AC_TEST(certificate_with_news_is_told_from_the_store)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };
    AC_AUTO(ac_state) state = { 0 };
    struct ac_upkeep_item items[2] = {
        { .name = (char *)"api", .configured = AC_UPKEEP_NOT_CONFIGURED },
        { .name = (char *)"www",
          .configured = AC_UPKEEP_NOT_CONFIGURED,
          .has_news = true,
          .not_after = ac_clock_utc() + 1000 },
    };
    const struct ac_upkeep upkeep = { .items = items, .count = 2 };
    SCENE;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(begin(&scene, "notify ops { command = /bin/tell }\n", &err));
    AC_REQUIRE_OK(wish_for(&wanted, "www", &err));
    AC_REQUIRE_OK(ac_words_add(&wanted.notify, "/own/tell", &err));
    AC_REQUIRE_OK(ac_wanted_save(&wanted, scene.store, &err));
    state.origin.version = 1;
    state.origin.issued_at = ac_clock_utc();
    AC_REQUIRE_OK(ac_state_save(&state, scene.store, "www", &err));
    ac_notify_tell(scene.notify, &upkeep);

    CU_ASSERT_STRING_EQUAL(commanding.told, "notification command /own/tell|");
    CU_ASSERT_PTR_NOT_NULL(strstr(commanding.input, "\"event\":\"renewed\""));
    CU_ASSERT_PTR_NULL(strstr(commanding.input, "api"));
}

AC_TEST(wish_of_a_silent_one_is_not_asked)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };
    AC_AUTO(ac_state) state = { 0 };
    struct ac_upkeep_item item = { .name = (char *)"www",
                                   .configured = AC_UPKEEP_NOT_CONFIGURED,
                                   .has_news = true,
                                   .is_silent = true,
                                   .not_after = ac_clock_utc() + 1000 };
    const struct ac_upkeep upkeep = { .items = &item, .count = 1 };
    SCENE;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(begin(&scene, "", &err));
    AC_REQUIRE_OK(wish_for(&wanted, "www", &err));
    AC_REQUIRE_OK(ac_words_add(&wanted.notify, "/own/tell", &err));
    AC_REQUIRE_OK(ac_wanted_save(&wanted, scene.store, &err));
    state.origin.version = 1;
    state.origin.issued_at = ac_clock_utc();
    AC_REQUIRE_OK(ac_state_save(&state, scene.store, "www", &err));
    ac_notify_tell(scene.notify, &upkeep);
    CU_ASSERT_EQUAL(commanding.calls, 0);

    item.is_silent = false;
    ac_notify_tell(scene.notify, &upkeep);
    CU_ASSERT_EQUAL(commanding.calls, 1);
}

AC_TEST(reference_that_leads_nowhere_is_warned_of)
{
    struct ac_error err = { 0 };
    AC_AUTO(ac_wanted) wanted = { 0 };
    SCENE;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(begin(&scene, "", &err));
    AC_REQUIRE_OK(wish_for(&wanted, "www", &err));
    AC_REQUIRE_OK(ac_words_add(&wanted.notify, "gone", &err));
    fail_and_tell(&scene, &wanted, AC_E_PROBLEM);

    CU_ASSERT_EQUAL(commanding.calls, 0);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(warned, "nobody is told: the configuration has no notify \"gone\""));
}

AC_SUITE("engine/notify", AC_CASE(nobody_is_called_where_nobody_is_named),
         AC_CASE(failures_are_one_call_and_told_once),
         AC_CASE(process_that_stays_tells_once_what_it_cannot_note),
         AC_CASE(command_that_fails_is_a_warning_and_is_called_again),
         AC_CASE(lock_of_another_run_and_a_signal_are_no_failures),
         AC_CASE(certificate_with_news_is_told_from_the_store),
         AC_CASE(wish_of_a_silent_one_is_not_asked),
         AC_CASE(reference_that_leads_nowhere_is_warned_of))
