/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/issue/preflight.h"

#include <stdlib.h>

#include "check.h"
#include "fake_caa.h"
#include "fake_solver.h"

#define DEADLINE_MS 60000

struct scene {
    struct ac_loop *loop;
    struct ac_instances *instances;
    struct ac_wanted wanted;
    struct ac_words identities;
    struct ac_preflight *preflight;
    struct ac_words warnings;
};

static void scene_drop(struct scene *scene)
{
    ac_words_done(&scene->warnings);
    ac_preflight_free(scene->preflight);
    ac_words_done(&scene->identities);
    ac_wanted_done(&scene->wanted);
    ac_instances_free(scene->instances);
    ac_loop_free(scene->loop);
}

#define SCENE __attribute__((cleanup(scene_drop))) struct scene

/* A solver that has loaded, for all names. */
static enum ac_code add_solver(struct scene *scene, const char *plugin,
                               struct ac_error *err)
{
    struct ac_solver_spec *spec;
    struct ac_solver *solver;

    AC_TRY(ac_wanted_add_spec(&scene->wanted, plugin, plugin, &spec, err));
    AC_TRY(ac_section_add(&spec->section, "resolver", "192.0.2.53", "test", err));
    AC_TRY(ac_section_add(&spec->section, "server", "192.0.2.54", "test", err));
    AC_TRY(ac_wanted_add_rule(&scene->wanted, NULL, plugin, err));
    AC_TRY(ac_instances_get(scene->instances, spec, &solver, err));
    for (size_t i = 0; i <= FAKE_LOAD_TURN; i++)
        ac_solver_step(solver);
    return AC_OK;
}

static enum ac_code scene_begin(struct scene *scene, const char *names,
                                const char *plugin, struct ac_error *err)
{
    fake_solvers_begin();
    memset(&fake_caa, 0, sizeof fake_caa);
    AC_TRY(ac_loop_new(&scene->loop, err));
    struct ac_instances_settings settings = { .loop = scene->loop };
    AC_TRY(ac_instances_new(&settings, &scene->instances, err));
    AC_TRY(ac_identifiers_parse(names, &scene->wanted.identifiers, err));
    AC_TRY(ac_words_add(&scene->identities, "ca.example", err));
    return add_solver(scene, plugin, err);
}

static enum ac_code begin(struct scene *scene, enum ac_preflight_mode mode,
                          struct ac_error *err)
{
    static const char *const words[] = { [AC_PREFLIGHT_AUTO] = "auto",
                                         [AC_PREFLIGHT_WARN] = "warn",
                                         [AC_PREFLIGHT_OFF] = "off" };
    struct ac_preflight_settings settings = { .loop = scene->loop,
                                              .instances = scene->instances };
    struct ac_preflight_request request = {
        .wanted = &scene->wanted,
        .identities = &scene->identities,
        .deadline_ms = ac_clock_after_ms(DEADLINE_MS),
    };

    free(scene->wanted.caa_check);
    scene->wanted.caa_check = NULL;
    AC_TRY(ac_memory_copy_text(words[mode], &scene->wanted.caa_check, err));
    return ac_preflight_begin(&settings, &request, &scene->preflight, err);
}

AC_TEST(names_are_asked_about_with_the_type_that_would_prove_them)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene, "a.example,*.b.example,192.0.2.1", "dns", &err));
    int64_t began_ms = ac_clock_now_ms();
    AC_REQUIRE_OK(begin(&scene, AC_PREFLIGHT_AUTO, &err));

    CU_ASSERT_STRING_EQUAL(fake_caa.asked,
                           "a.example: dns-01 *.b.example: dns-01 @192.0.2.53 ");
    CU_ASSERT(fake_caa.deadline_ms <= began_ms + 2 * AC_PREFLIGHT_MS);
}

AC_TEST(http_is_not_worth_a_process_unless_it_is_asked_for)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene, "a.example", "http", &err));
    AC_REQUIRE_OK(begin(&scene, AC_PREFLIGHT_AUTO, &err));
    CU_ASSERT_PTR_NULL(scene.preflight);
    AC_REQUIRE_OK(begin(&scene, AC_PREFLIGHT_WARN, &err));

    CU_ASSERT_PTR_NOT_NULL(scene.preflight);
    CU_ASSERT_STRING_EQUAL(fake_caa.asked, "a.example: http-01 ");
}

AC_TEST(addresses_have_no_caa)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene, "192.0.2.1", "http", &err));
    AC_REQUIRE_OK(begin(&scene, AC_PREFLIGHT_WARN, &err));

    CU_ASSERT_PTR_NULL(scene.preflight);
}

AC_TEST(nothing_is_asked_where_it_is_off_or_the_ca_has_no_name)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene, "a.example", "dns", &err));
    AC_REQUIRE_OK(begin(&scene, AC_PREFLIGHT_OFF, &err));
    CU_ASSERT_PTR_NULL(scene.preflight);
    ac_words_done(&scene.identities);
    AC_REQUIRE_OK(begin(&scene, AC_PREFLIGHT_WARN, &err));
    CU_ASSERT_PTR_NULL(scene.preflight);

    CU_ASSERT_EQUAL(fake_caa.begun, 0);
    CU_ASSERT(ac_preflight_is_done(NULL));
    AC_REQUIRE_OK(ac_preflight_warnings(NULL, &scene.warnings, &err));
    CU_ASSERT_EQUAL(scene.warnings.count, 0);
}

AC_TEST(findings_are_warnings_about_their_names)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene, "a.example,*.b.example", "dns", &err));
    fake_caa.findings[1] = "the CAA records of b.example do not let this CA issue";
    fake_caa.steps = 2;
    AC_REQUIRE_OK(begin(&scene, AC_PREFLIGHT_AUTO, &err));
    CU_ASSERT_FALSE(ac_preflight_is_done(scene.preflight));
    AC_REQUIRE_OK(ac_loop_turn(scene.loop, ac_clock_now_ms(), &err));
    AC_REQUIRE_OK(ac_loop_turn(scene.loop, ac_clock_now_ms(), &err));
    CU_ASSERT(ac_preflight_is_done(scene.preflight));
    AC_REQUIRE_OK(ac_preflight_warnings(scene.preflight, &scene.warnings, &err));

    AC_REQUIRE(scene.warnings.count == 1);
    CU_ASSERT_STRING_EQUAL(scene.warnings.items[0],
                           "*.b.example: the CAA records of b.example do not let this "
                           "CA issue (the CA decides; asking it all the same)");
}

AC_TEST(many_findings_are_counted)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene,
                              "a.x.test,b.x.test,c.x.test,d.x.test,e.x.test,"
                              "f.x.test,g.x.test",
                              "dns", &err));
    for (size_t i = 0; i < 7; i++)
        fake_caa.findings[i] = "no";
    AC_REQUIRE_OK(begin(&scene, AC_PREFLIGHT_AUTO, &err));
    AC_REQUIRE_OK(ac_preflight_warnings(scene.preflight, &scene.warnings, &err));

    AC_REQUIRE(scene.warnings.count == AC_PREFLIGHT_TOLD_MAX + 1);
    CU_ASSERT_STRING_EQUAL(scene.warnings.items[AC_PREFLIGHT_TOLD_MAX],
                           "CAA records forbid it for 2 more names");
}

AC_TEST(what_is_not_answered_is_no_warning)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene, "a.example", "dns", &err));
    fake_caa.is_unanswered = true;
    AC_REQUIRE_OK(begin(&scene, AC_PREFLIGHT_AUTO, &err));
    AC_REQUIRE_OK(ac_preflight_warnings(scene.preflight, &scene.warnings, &err));

    CU_ASSERT_EQUAL(scene.warnings.count, 0);
}

AC_TEST(modes_are_three_words)
{
    struct ac_error err = { 0 };
    enum ac_preflight_mode mode = AC_PREFLIGHT_AUTO;

    AC_REQUIRE_OK(ac_preflight_parse("warn", &mode, &err));
    CU_ASSERT_EQUAL(mode, AC_PREFLIGHT_WARN);
    AC_REQUIRE_OK(ac_preflight_parse("off", &mode, &err));
    CU_ASSERT_EQUAL(mode, AC_PREFLIGHT_OFF);
    AC_REQUIRE_OK(ac_preflight_parse("auto", &mode, &err));
    CU_ASSERT_EQUAL(mode, AC_PREFLIGHT_AUTO);
    AC_REQUIRE_CODE(ac_preflight_parse("on", &mode, &err), AC_E_USAGE);
}

AC_SUITE("engine/preflight",
         AC_CASE(names_are_asked_about_with_the_type_that_would_prove_them),
         AC_CASE(http_is_not_worth_a_process_unless_it_is_asked_for),
         AC_CASE(addresses_have_no_caa),
         AC_CASE(nothing_is_asked_where_it_is_off_or_the_ca_has_no_name),
         AC_CASE(findings_are_warnings_about_their_names),
         AC_CASE(many_findings_are_counted),
         AC_CASE(what_is_not_answered_is_no_warning), AC_CASE(modes_are_three_words))
