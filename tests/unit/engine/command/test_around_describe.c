/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/command/around_parts.h"

#include "commanding.h"

#include <stdlib.h>

#define MANY 1000

/* Two certificates: the first failed, the second was renewed. */
struct scene {
    struct ac_around around;
    struct ac_around_hook hook;
    struct ac_around_certificate certificates[2];
    size_t members[2];
};

static void scene_make(struct scene *scene, enum ac_hook_kind kind)
{
    *scene = (struct scene){
        .around = { .settings.describe = describe_error },
        .hook = { .kind = kind, .command.name = (char *)"web", .member_count = 2 },
        .certificates = { { .name = (char *)"a",
                            .reason = "lifetime",
                            .has_ended = true },
                          { .name = (char *)"b", .reason = NULL, .has_ended = true } },
        .members = { 0, 1 },
    };
    (void)ac_fail(&scene->certificates[0].why, AC_E_PROBLEM, "so not");
    scene->hook.members = scene->members;
    scene->around.certificates = scene->certificates;
    scene->around.certificate_count = 2;
}

AC_TEST(before_the_attempts_nothing_is_said_of_results)
{
    struct ac_error err = { 0 };
    struct scene scene;
    AC_AUTO(ac_json) *json = NULL;

    scene_make(&scene, AC_HOOK_PRE);
    AC_REQUIRE_OK(ac_around_describe(&scene.around, &scene.hook, &json, &err));

    CU_ASSERT_EQUAL(ac_json_number_or(json, "schema", 0), 1);
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(json, "hook", ""), "pre");
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(json, "name", ""), "web");
    const struct ac_json *list = ac_json_get(json, "certificates");
    AC_REQUIRE(ac_json_count(list) == 2);
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(ac_json_at(list, 0), "reason", ""),
                           "lifetime");
    CU_ASSERT_PTR_NULL(ac_json_get(ac_json_at(list, 0), "result"));
    CU_ASSERT_PTR_NULL(ac_json_get(ac_json_at(list, 1), "reason"));
}

AC_TEST(afterwards_each_has_its_result)
{
    struct ac_error err = { 0 };
    struct scene scene;
    AC_AUTO(ac_json) *json = NULL;

    scene_make(&scene, AC_HOOK_POST);
    AC_REQUIRE_OK(ac_around_describe(&scene.around, &scene.hook, &json, &err));

    const struct ac_json *list = ac_json_get(json, "certificates");
    AC_REQUIRE(ac_json_count(list) == 2);
    const struct ac_json *failed = ac_json_at(list, 0);
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(failed, "result", ""), "failed");
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(ac_json_get(failed, "error"), "message", ""),
                           "so not");
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(ac_json_at(list, 1), "result", ""),
                           "renewed");
}

AC_TEST(failure_hook_hears_of_failures_alone)
{
    struct ac_error err = { 0 };
    struct scene scene;
    AC_AUTO(ac_json) *json = NULL;

    scene_make(&scene, AC_HOOK_FAILURE);
    CU_ASSERT_TRUE(ac_around_has_failed(&scene.around, &scene.hook));
    AC_REQUIRE_OK(ac_around_describe(&scene.around, &scene.hook, &json, &err));

    const struct ac_json *list = ac_json_get(json, "certificates");
    AC_REQUIRE(ac_json_count(list) == 1);
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(ac_json_at(list, 0), "name", ""), "a");
}

AC_TEST(what_was_not_attempted_is_skipped)
{
    struct ac_error err = { 0 };
    struct scene scene;
    AC_AUTO(ac_json) *json = NULL;

    scene_make(&scene, AC_HOOK_POST);
    scene.certificates[1].has_ended = false;
    AC_REQUIRE_OK(ac_around_describe(&scene.around, &scene.hook, &json, &err));

    const struct ac_json *list = ac_json_get(json, "certificates");
    CU_ASSERT_STRING_EQUAL(ac_json_text_or(ac_json_at(list, 1), "result", ""),
                           "skipped");
}

AC_TEST(flood_of_names_is_cut_and_counted)
{
    struct ac_error err = { 0 };
    struct scene scene;
    size_t members[MANY];
    AC_AUTO(ac_json) *json = NULL;

    AC_REQUIRE(!ac_check_is_torture());
    scene_make(&scene, AC_HOOK_PRE);
    for (size_t i = 0; i < MANY; i++)
        members[i] = 1;
    for (int i = 0; i < 100; i++) {
        AC_REQUIRE_OK(ac_words_add(&scene.certificates[1].identifiers,
                                   "a-long-name-of-some-host.example", &err));
    }
    scene.hook.members = members;
    scene.hook.member_count = MANY;
    AC_REQUIRE_OK(ac_around_describe(&scene.around, &scene.hook, &json, &err));
    ac_words_done(&scene.certificates[1].identifiers);

    int64_t left = ac_json_number_or(json, "certificates_left_out", 0);
    CU_ASSERT_TRUE(left > 0);
    CU_ASSERT_EQUAL(ac_json_count(ac_json_get(json, "certificates")) + (size_t)left,
                    MANY);
}

AC_SUITE("engine/around_describe",
         AC_CASE(before_the_attempts_nothing_is_said_of_results),
         AC_CASE(afterwards_each_has_its_result),
         AC_CASE(failure_hook_hears_of_failures_alone),
         AC_CASE(what_was_not_attempted_is_skipped),
         AC_CASE(flood_of_names_is_cut_and_counted))
