/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "engine/issue/instances.h"
#include "fake_solver.h"

struct scene {
    struct ac_loop *loop;
    struct ac_instances *instances;
};

static void scene_drop(struct scene *scene)
{
    ac_instances_free(scene->instances);
    ac_loop_free(scene->loop);
}

static enum ac_code scene_begin(struct scene *scene, struct ac_error *err)
{
    fake_solvers_begin();
    AC_TRY(ac_loop_new(&scene->loop, err));
    struct ac_instances_settings settings = { .loop = scene->loop };
    return ac_instances_new(&settings, &scene->instances, err);
}

#define SCENE __attribute__((cleanup(scene_drop))) struct scene

static enum ac_code get(struct scene *scene, const char *name, const char *plugin,
                        const char *value, struct ac_solver **ret_solver,
                        struct ac_error *err)
{
    AC_AUTO(ac_solver_spec) spec = { 0 };

    AC_TRY(ac_memory_copy_text(name, &spec.name, err));
    AC_TRY(ac_memory_copy_text(plugin, &spec.plugin, err));
    if (value)
        AC_TRY(ac_section_add(&spec.section, "path", value, "test", err));
    return ac_instances_get(scene->instances, &spec, ret_solver, err);
}

AC_TEST(same_settings_are_one_process)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };
    struct ac_solver *first = NULL, *second = NULL;

    AC_REQUIRE_OK(scene_begin(&scene, &err));
    AC_REQUIRE_OK(get(&scene, "http", "http", "/a", &first, &err));
    AC_REQUIRE_OK(get(&scene, "http", "http", "/a", &second, &err));

    CU_ASSERT_PTR_EQUAL(first, second);
    CU_ASSERT_EQUAL(fake_solvers.started, 1);
}

AC_TEST(other_name_plugin_or_settings_are_another_process)
{
    static const char *const others[][3] = { { "second", "http", "/a" },
                                             { "http", "dns", "/a" },
                                             { "http", "http", "/b" },
                                             { "http", "http", NULL } };
    struct ac_error err = { 0 };
    SCENE scene = { 0 };
    struct ac_solver *first = NULL, *other = NULL;

    AC_REQUIRE_OK(scene_begin(&scene, &err));
    AC_REQUIRE_OK(get(&scene, "http", "http", "/a", &first, &err));
    for (size_t i = 0; i < AC_COUNT(others); i++) {
        AC_REQUIRE_OK(
            get(&scene, others[i][0], others[i][1], others[i][2], &other, &err));
        CU_ASSERT_PTR_NOT_EQUAL(first, other);
    }
    CU_ASSERT_EQUAL(fake_solvers.started, 1 + AC_COUNT(others));
}

AC_TEST(one_that_is_described_is_not_given_to_who_wants_to_use_it)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };
    struct ac_solver *described = NULL, *again = NULL, *used = NULL;

    AC_REQUIRE_OK(scene_begin(&scene, &err));
    AC_REQUIRE_OK(ac_instances_describe(scene.instances, "http", &described, &err));
    AC_REQUIRE_OK(get(&scene, "http", "http", NULL, &used, &err));
    AC_REQUIRE_OK(ac_instances_describe(scene.instances, "http", &again, &err));

    CU_ASSERT_PTR_EQUAL(described, again);
    CU_ASSERT_PTR_NOT_EQUAL(described, used);
}

AC_TEST(one_that_retired_is_not_given_again_and_stays_where_it_is)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };
    struct ac_solver *first = NULL, *second = NULL, *third = NULL;

    AC_REQUIRE_OK(scene_begin(&scene, &err));
    AC_REQUIRE_OK(get(&scene, "http", "http", NULL, &first, &err));
    ac_instances_retire(scene.instances, first);
    AC_REQUIRE_OK(get(&scene, "http", "http", NULL, &second, &err));
    AC_REQUIRE_OK(get(&scene, "http", "http", NULL, &third, &err));

    CU_ASSERT_PTR_NOT_EQUAL(first, second);
    CU_ASSERT_PTR_EQUAL(second, third);
    CU_ASSERT(first->is_used);
}

AC_TEST(instance_that_cannot_start_is_none)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };
    struct ac_solver *solver = NULL;

    AC_REQUIRE_OK(scene_begin(&scene, &err));
    AC_REQUIRE_CODE(get(&scene, "x", "missing", NULL, &solver, &err), AC_E_USAGE);
    AC_REQUIRE_OK(get(&scene, "x", "http", NULL, &solver, &err));

    CU_ASSERT_STRING_EQUAL(ac_solver_plugin(solver), "http");
}

AC_TEST(instances_are_driven_by_the_loop_and_ended_with_the_run)
{
    struct ac_error err = { 0 };
    struct ac_solver *solver = NULL;

    {
        SCENE scene = { 0 };
        AC_REQUIRE_OK(scene_begin(&scene, &err));
        AC_REQUIRE_OK(get(&scene, "http", "http", NULL, &solver, &err));
        for (int i = 0; i <= FAKE_LOAD_TURN; i++)
            AC_REQUIRE_OK(ac_loop_turn(scene.loop, ac_clock_now_ms(), &err));
        CU_ASSERT(ac_solver_is_open(solver));
    }
    CU_ASSERT_FALSE(solver->is_used);
}

AC_SUITE("engine/instances", AC_CASE(same_settings_are_one_process),
         AC_CASE(other_name_plugin_or_settings_are_another_process),
         AC_CASE(one_that_is_described_is_not_given_to_who_wants_to_use_it),
         AC_CASE(one_that_retired_is_not_given_again_and_stays_where_it_is),
         AC_CASE(instance_that_cannot_start_is_none),
         AC_CASE(instances_are_driven_by_the_loop_and_ended_with_the_run))
