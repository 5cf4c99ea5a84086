/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/run/run_commands.h"

#include "base/clock.h"
#include "check.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COUNT 3

/* Three programs, a run, and what came of them. */
struct scene {
    struct ac_run *run;
    struct ac_json *input;
    struct ac_user_command commands[COUNT];
    struct ac_run_command calls[COUNT];
};

static void scene_drop(struct scene *scene)
{
    ac_run_free(scene->run);
    ac_json_free(scene->input);
    for (size_t i = 0; i < COUNT; i++)
        ac_user_command_done(&scene->commands[i]);
}
#define SCENE __attribute__((cleanup(scene_drop))) struct scene scene = { 0 }

static enum ac_code add_program(struct scene *scene, size_t index, const char *body,
                                int64_t timeout_ms, struct ac_error *err)
{
    char name[16];
    char text[512];

    (void)snprintf(name, sizeof name, "tell%zu", index);
    const char *path = ac_test_path(name);
    int size = snprintf(text, sizeof text, "#!/bin/sh\n%s\n", body);
    if (!ac_test_write_file(path, text, (size_t)size) || chmod(path, 0700) != 0)
        return ac_fail(err, AC_E_SYSTEM, "the test cannot write");
    AC_TRY(ac_user_command_of_path(path, timeout_ms, &scene->commands[index], err));
    scene->calls[index] = (struct ac_run_command){ .about = "pre-hook",
                                                   .command = &scene->commands[index],
                                                   .input = scene->input };
    return AC_OK;
}

static enum ac_code begin(struct scene *scene, struct ac_error *err)
{
    const struct ac_run_settings settings = { .host_path = AC_TEST_PLUGIN_HOST };

    AC_TRY(ac_json_new(&scene->input, err, "{s:i}", "schema", 1));
    return ac_run_new(&settings, &scene->run, err);
}

AC_TEST(each_gets_the_document_and_ends_in_its_own_way)
{
    struct ac_error err = { 0 };
    char body[256];
    char seen[64];
    SCENE;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(begin(&scene, &err));
    (void)snprintf(body, sizeof body, "read -r line && echo \"$line\" > '%s'",
                   ac_test_path("seen"));
    AC_REQUIRE_OK(add_program(&scene, 0, body, 20000, &err));
    AC_REQUIRE_OK(add_program(&scene, 1, "echo no; exit 3", 20000, &err));
    AC_REQUIRE_OK(add_program(&scene, 2, "sleep 60", 200, &err));
    AC_REQUIRE_OK(ac_run_commands(scene.run, scene.calls, COUNT, 0, &err));

    CU_ASSERT_EQUAL(scene.calls[0].why.code, AC_OK);
    AC_REQUIRE(ac_test_read_file(ac_test_path("seen"), seen, sizeof seen) > 0);
    CU_ASSERT_STRING_EQUAL(seen, "{\"schema\":1}\n");
    CU_ASSERT_EQUAL(scene.calls[1].why.code, AC_E_PLUGIN);
    CU_ASSERT_PTR_NOT_NULL(strstr(scene.calls[1].why.detail, "exit code 3: no"));
    CU_ASSERT_EQUAL(scene.calls[2].why.code, AC_E_PLUGIN);
    CU_ASSERT_EQUAL(strncmp(scene.calls[2].why.detail, "pre-hook", 8), 0);
}

AC_TEST(program_that_cannot_be_run_costs_the_others_nothing)
{
    struct ac_error err = { 0 };
    SCENE;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(begin(&scene, &err));
    AC_REQUIRE_OK(add_program(&scene, 0, "exit 0", 20000, &err));
    AC_REQUIRE_OK(add_program(&scene, 1, "exit 0", 20000, &err));
    AC_REQUIRE(chmod(scene.commands[0].words.items[0], 0722) == 0);
    AC_REQUIRE_OK(ac_run_commands(scene.run, scene.calls, 2, 0, &err));

    CU_ASSERT_EQUAL(scene.calls[0].why.code, AC_E_PLUGIN);
    CU_ASSERT_PTR_NOT_NULL(strstr(scene.calls[0].why.detail, "not to be trusted"));
    CU_ASSERT_EQUAL(scene.calls[1].why.code, AC_OK);
}

AC_TEST(after_a_signal_none_is_begun_or_those_that_are_have_little_time)
{
    struct ac_error err = { 0 };
    SCENE;

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(begin(&scene, &err));
    AC_REQUIRE_OK(add_program(&scene, 0, "sleep 60", 60000, &err));
    ac_clock_cancel(SIGTERM);
    enum ac_code none = ac_run_commands(scene.run, scene.calls, 1, 0, &err);
    enum ac_code first = scene.calls[0].why.code;
    enum ac_code little = ac_run_commands(scene.run, scene.calls, 1, 100, &err);
    ac_clock_cancel(0);

    AC_REQUIRE(none == AC_OK && little == AC_OK);
    CU_ASSERT_EQUAL(first, AC_E_CANCELLED);
    CU_ASSERT_PTR_NOT_NULL(strstr(scene.calls[0].why.detail, "because a signal ended"));
}

AC_TEST(pause_ends_in_time)
{
    struct ac_error err = { 0 };
    SCENE;

    AC_REQUIRE_OK(begin(&scene, &err));
    int64_t begun_ms = ac_clock_now_ms();
    AC_REQUIRE_OK(ac_run_pause(scene.run, 20, &err));

    CU_ASSERT_TRUE(ac_clock_now_ms() >= begun_ms + 20);
}

AC_SUITE("engine/run_commands", AC_CASE(each_gets_the_document_and_ends_in_its_own_way),
         AC_CASE(program_that_cannot_be_run_costs_the_others_nothing),
         AC_CASE(after_a_signal_none_is_begun_or_those_that_are_have_little_time),
         AC_CASE(pause_ends_in_time))
