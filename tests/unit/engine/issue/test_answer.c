/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "engine/issue/answer.h"
#include "fake_ca.h"
#include "fake_solver.h"

#include <stdlib.h>

#define COUNT    4
#define CROWD    (AC_MESSAGE_BATCH_MAX + 1)
#define TURNS    500
#define LONG_MS  INT64_C(1000000)
#define SHORT_MS INT64_C(20000)
#define SIGNED   "token.print"

/* A queue, one solver, and the answers of an order. */
struct scene {
    struct ac_answers *answers;
    struct ac_solver *solver;
    struct ac_answer items[COUNT];
    size_t count;
    enum ac_selfcheck_mode self_check; /* of those that are added */
};

static void scene_drop(struct scene *scene)
{
    for (size_t i = 0; i < scene->count; i++) {
        if (scene->answers)
            ac_answers_forget(scene->answers, &scene->items[i]);
        ac_answer_done(&scene->items[i]);
    }
    ac_answers_free(scene->answers);
    ac_solver_free(scene->solver);
}

static enum ac_code scene_begin(struct scene *scene, const char *plugin,
                                enum ac_selfcheck_mode self_check, struct ac_error *err)
{
    static const struct ac_section none;
    struct ac_plugin_settings settings = { .name = plugin,
                                           .plugin = plugin,
                                           .section = &none };

    scene->self_check = self_check;
    fake_ca_begin();
    fake_solvers_begin();
    struct ac_answers_settings queue = {
        .deadline_ms = ac_clock_after_ms(LONG_MS),
    };
    AC_TRY(ac_answers_new(&queue, &scene->answers, err));
    AC_TRY(ac_solver_start(&settings, &scene->solver, err));
    for (int i = 0; i <= FAKE_LOAD_TURN; i++)
        ac_solver_step(scene->solver);
    return AC_OK;
}

static enum ac_code scene_add(struct scene *scene, const char *type, const char *name,
                              struct ac_error *err)
{
    struct ac_answer *answer = &scene->items[scene->count++];
    struct acmecore_challenge challenge = { .struct_size = sizeof challenge,
                                            .type = type,
                                            .identifier = name,
                                            .token = "token",
                                            .key_authorization = SIGNED };

    answer->solver = scene->solver;
    answer->self_check = scene->self_check;
    AC_TRY(ac_batch_add(&answer->one, &challenge, err));
    return ac_answers_add(scene->answers, answer, err);
}

/* One turn of a loop. */
static void scene_turn(struct scene *scene)
{
    int64_t wake_at_ms = ac_answers_wake_at_ms(scene->answers);
    bool is_idle = fake_ca.under_way == 0 && wake_at_ms != AC_CLOCK_NEVER;

    ac_answers_step(scene->answers);
    if (is_idle && wake_at_ms > fake_ca.now_ms) {
        fake_ca.now_ms = wake_at_ms;
    } else {
        fake_ca_turn();
    }
    ac_solver_step(scene->solver);
    ac_answers_step(scene->answers);
}

static bool scene_until(struct scene *scene, enum ac_answer_status status)
{
    for (int turn = 0; turn < TURNS; turn++) {
        size_t reached = 0;

        for (size_t i = 0; i < scene->count; i++)
            reached += scene->items[i].status == status;
        if (reached == scene->count)
            return true;
        scene_turn(scene);
    }
    return false;
}

#define SCENE __attribute__((cleanup(scene_drop))) struct scene

AC_TEST(challenges_of_a_solver_are_one_batch)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene, "http", AC_SELFCHECK_OFF, &err));
    AC_REQUIRE_OK(scene_add(&scene, "http-01", "a.test", &err));
    AC_REQUIRE_OK(scene_add(&scene, "http-01", "b.test", &err));
    AC_REQUIRE(scene_until(&scene, AC_ANSWER_READY));
    ac_answers_leave(scene.answers, &scene.items[0]);
    ac_answers_leave(scene.answers, &scene.items[1]);
    AC_REQUIRE(scene_until(&scene, AC_ANSWER_GONE));

    CU_ASSERT_STRING_EQUAL(fake_solvers.log,
                           "present a.test b.test\ncleanup a.test b.test\n");
    CU_ASSERT(scene.items[0].is_clean);
    CU_ASSERT_EQUAL(ac_answers_wake_at_ms(scene.answers), AC_CLOCK_NEVER);
}

AC_TEST(refusal_of_the_solver_is_the_answers_error)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene, "refuses", AC_SELFCHECK_OFF, &err));
    AC_REQUIRE_OK(scene_add(&scene, "http-01", "a.test", &err));
    AC_REQUIRE(scene_until(&scene, AC_ANSWER_FAILED));

    CU_ASSERT_EQUAL(scene.items[0].error.code, AC_E_PLUGIN);
    CU_ASSERT_STRING_EQUAL(scene.items[0].error.detail, "plugin refuses says no");
    CU_ASSERT(scene.items[0].was_presented); /* half of it may be there */
}

AC_TEST(answer_that_was_never_presented_is_not_cleaned_up)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene, "http", AC_SELFCHECK_OFF, &err));
    AC_REQUIRE_OK(scene_add(&scene, "http-01", "a.test", &err));
    ac_answers_leave(scene.answers, &scene.items[0]);

    CU_ASSERT_EQUAL(scene.items[0].status, AC_ANSWER_GONE);
    CU_ASSERT(scene.items[0].is_clean);
    CU_ASSERT_STRING_EQUAL(fake_solvers.log, "");
}

AC_TEST(operation_that_cannot_begin_wakes_the_loop_at_once)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene, "http", AC_SELFCHECK_OFF, &err));
    scene.solver->has_died = true;
    (void)ac_fail(&scene.solver->error, AC_E_PLUGIN, "it died before");
    AC_REQUIRE_OK(scene_add(&scene, "http-01", "a.test", &err));
    ac_answers_step(scene.answers);

    AC_REQUIRE(scene.items[0].status == AC_ANSWER_FAILED || ac_check_is_torture());
    CU_ASSERT_FALSE(scene.items[0].was_presented);
    CU_ASSERT(ac_answers_wake_at_ms(scene.answers) <= fake_ca.now_ms);
    ac_answers_step(scene.answers);
    CU_ASSERT_EQUAL(ac_answers_wake_at_ms(scene.answers), AC_CLOCK_NEVER);
}

AC_TEST(answer_that_is_left_while_it_is_presented_is_cleaned_up_after_that)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene, "http", AC_SELFCHECK_OFF, &err));
    AC_REQUIRE_OK(scene_add(&scene, "http-01", "a.test", &err));
    ac_answers_step(scene.answers);
    AC_REQUIRE(scene.items[0].status == AC_ANSWER_PRESENTING || ac_check_is_torture());
    ac_answers_leave(scene.answers, &scene.items[0]);
    ac_answers_step(scene.answers);
    CU_ASSERT_STRING_EQUAL(fake_solvers.log, "present a.test\n");

    AC_REQUIRE(scene_until(&scene, AC_ANSWER_GONE));
    CU_ASSERT_STRING_EQUAL(fake_solvers.log, "present a.test\ncleanup a.test\n");
    CU_ASSERT(scene.items[0].is_clean);
}

AC_TEST(answer_that_is_forgotten_is_not_touched_again)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene, "http", AC_SELFCHECK_OFF, &err));
    AC_REQUIRE_OK(scene_add(&scene, "http-01", "a.test", &err));
    AC_REQUIRE_OK(scene_add(&scene, "http-01", "b.test", &err));
    ac_answers_step(scene.answers);
    ac_answers_forget(scene.answers, &scene.items[1]);
    ac_answer_done(&scene.items[1]);
    scene.count = 1;
    AC_REQUIRE(scene_until(&scene, AC_ANSWER_READY));

    CU_ASSERT_EQUAL(scene.items[1].status, AC_ANSWER_QUEUED); /* as it was wiped */
}

AC_TEST(cleanup_that_fails_is_over_and_not_clean)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene, "sticky", AC_SELFCHECK_OFF, &err));
    AC_REQUIRE_OK(scene_add(&scene, "http-01", "a.test", &err));
    AC_REQUIRE(scene_until(&scene, AC_ANSWER_READY));
    ac_answers_leave(scene.answers, &scene.items[0]);
    AC_REQUIRE(scene_until(&scene, AC_ANSWER_GONE));

    CU_ASSERT_FALSE(scene.items[0].is_clean);
    CU_ASSERT_EQUAL(scene.items[0].error.code, AC_E_PLUGIN);
}

static void crowd_drop(struct ac_answer **items)
{
    for (size_t i = 0; *items && i < CROWD; i++)
        ac_answer_done(&(*items)[i]);
    free(*items);
}

AC_TEST(more_than_one_operation_takes_go_in_turns)
{
    struct ac_error err = { 0 };
    __attribute__((cleanup(crowd_drop))) struct ac_answer *items = NULL;
    SCENE scene = { 0 };
    struct acmecore_challenge challenge = { .struct_size = sizeof challenge,
                                            .type = "dns-01",
                                            .identifier = "a.test",
                                            .key_authorization = SIGNED };
    char token[16];
    size_t ready = 0;

    challenge.token = token;
    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(scene_begin(&scene, "dns", AC_SELFCHECK_OFF, &err));
    AC_REQUIRE_OK(ac_memory_new(CROWD, sizeof *items, &items, &err));
    for (size_t i = 0; i < CROWD; i++) {
        items[i].solver = scene.solver;
        (void)snprintf(token, sizeof token, "token%zu", i);
        AC_REQUIRE_OK(ac_batch_add(&items[i].one, &challenge, &err));
        AC_REQUIRE_OK(ac_answers_add(scene.answers, &items[i], &err));
    }
    for (int turn = 0; turn < 4; turn++)
        scene_turn(&scene);

    for (size_t i = 0; i < CROWD; i++)
        ready += items[i].status == AC_ANSWER_READY;
    CU_ASSERT_EQUAL(ready, CROWD);
    CU_ASSERT_EQUAL(fake_solvers_did("present"), 2);
}

AC_TEST(operation_that_nobody_waits_for_any_more_is_told_to_stop)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene, "hangs", AC_SELFCHECK_OFF, &err));
    AC_REQUIRE_OK(scene_add(&scene, "http-01", "a.test", &err));
    AC_REQUIRE_OK(scene_add(&scene, "http-01", "b.test", &err));
    ac_answers_step(scene.answers);
    ac_answers_leave(scene.answers, &scene.items[0]);
    CU_ASSERT_EQUAL(fake_solvers.stopped, 0);
    ac_answers_leave(scene.answers, &scene.items[1]);
    int64_t left_at_ms = fake_ca.now_ms;
    AC_REQUIRE(scene_until(&scene, AC_ANSWER_GONE));

    CU_ASSERT_EQUAL(fake_solvers.stopped, 1);
    CU_ASSERT_STRING_EQUAL(fake_solvers.log,
                           "present a.test b.test\ncleanup a.test b.test\n");
    CU_ASSERT(fake_ca.now_ms - left_at_ms < AC_ANSWER_PRESENT_MS / 2);
}

/* ---- the same for several orders: as scene_add makes it, names tell them apart */

AC_TEST(what_several_orders_present_alike_is_presented_once_and_goes_with_the_last)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene, "http", AC_SELFCHECK_OFF, &err));
    AC_REQUIRE_OK(scene_add(&scene, "http-01", "a.test", &err));
    AC_REQUIRE_OK(scene_add(&scene, "http-01", "b.test", &err));
    AC_REQUIRE_OK(scene_add(&scene, "http-01", "a.test", &err));
    AC_REQUIRE(scene_until(&scene, AC_ANSWER_READY));
    CU_ASSERT_STRING_EQUAL(fake_solvers.log, "present a.test b.test\n");

    ac_answers_leave(scene.answers, &scene.items[0]);
    scene_turn(&scene);
    CU_ASSERT_EQUAL(scene.items[0].status, AC_ANSWER_GONE);
    CU_ASSERT(scene.items[0].is_clean);
    CU_ASSERT_EQUAL(fake_solvers_did("cleanup"), 0);
    ac_answers_leave(scene.answers, &scene.items[1]);
    ac_answers_leave(scene.answers, &scene.items[2]);
    AC_REQUIRE(scene_until(&scene, AC_ANSWER_GONE));
    CU_ASSERT_STRING_EQUAL(fake_solvers.log,
                           "present a.test b.test\ncleanup b.test a.test\n");
}

AC_TEST(refusal_of_what_several_orders_present_alike_is_that_of_each)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene, "refuses", AC_SELFCHECK_OFF, &err));
    AC_REQUIRE_OK(scene_add(&scene, "http-01", "a.test", &err));
    AC_REQUIRE_OK(scene_add(&scene, "http-01", "a.test", &err));
    AC_REQUIRE(scene_until(&scene, AC_ANSWER_FAILED));

    CU_ASSERT_STRING_EQUAL(fake_solvers.log, "present a.test\n");
    CU_ASSERT_EQUAL(scene.items[0].error.code, scene.items[1].error.code);
    CU_ASSERT_PTR_NOT_NULL(strstr(scene.items[1].error.detail, "says no"));
}

AC_TEST(one_that_was_not_presented_yet_cleans_up_what_its_twin_left_to_it)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene, "http", AC_SELFCHECK_OFF, &err));
    AC_REQUIRE_OK(scene_add(&scene, "http-01", "a.test", &err));
    ac_answers_step(scene.answers); /* presenting */
    AC_REQUIRE_OK(scene_add(&scene, "http-01", "a.test", &err));
    ac_answers_leave(scene.answers, &scene.items[0]);
    for (int turn = 0; turn < 4; turn++)
        scene_turn(&scene);
    CU_ASSERT_EQUAL(scene.items[0].status, AC_ANSWER_GONE);
    CU_ASSERT_EQUAL(fake_solvers_did("cleanup"), 0);

    ac_answers_leave(scene.answers, &scene.items[1]);
    AC_REQUIRE(scene_until(&scene, AC_ANSWER_GONE));
    CU_ASSERT_EQUAL(fake_solvers_did("cleanup"), 1);
}

/* ---- probe */

AC_TEST(probe_is_repeated_with_a_growing_pause_until_it_sees_the_answer)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene, "probing", AC_SELFCHECK_OFF, &err));
    fake_solvers.pending_probes = 3;
    AC_REQUIRE_OK(scene_add(&scene, "dns-01", "a.test", &err));
    int64_t began_ms = fake_ca.now_ms;
    AC_REQUIRE(scene_until(&scene, AC_ANSWER_READY));

    CU_ASSERT_EQUAL(fake_solvers_did("probe"), 4);
    CU_ASSERT(fake_ca.now_ms - began_ms >= 250 + 500 + 1000);
    CU_ASSERT(fake_ca.now_ms - began_ms < 4000);
}

AC_TEST(probe_that_never_sees_the_answer_ends)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene, "unseen", AC_SELFCHECK_OFF, &err));
    AC_REQUIRE_OK(scene_add(&scene, "dns-01", "a.test", &err));
    fake_ca.now_ms += LONG_MS - SHORT_MS;
    int64_t began_ms = fake_ca.now_ms;
    AC_REQUIRE(scene_until(&scene, AC_ANSWER_FAILED));

    CU_ASSERT_EQUAL(scene.items[0].error.code, AC_E_PLUGIN);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(scene.items[0].error.detail, "a.test was not visible"));
    CU_ASSERT(fake_ca.now_ms - began_ms >= SHORT_MS - 2 * AC_ANSWER_POLL_MAX_MS);
    CU_ASSERT(fake_ca.now_ms - began_ms < SHORT_MS);
    CU_ASSERT(fake_solvers_did("probe") >= SHORT_MS / AC_ANSWER_POLL_MAX_MS);
}

/* ---- self-check */

static void answer_fetch_with(const char *body, long status)
{
    fake_ca_rule(
        (struct fake_rule){ .url = "http://a.test/.well-known/acme-challenge/token",
                            .times = 1,
                            .status = status,
                            .body = body });
}

AC_TEST(answer_that_we_can_fetch_is_ready_without_a_warning)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene, "http", AC_SELFCHECK_REQUIRE, &err));
    answer_fetch_with(SIGNED "\n", 200);
    AC_REQUIRE_OK(scene_add(&scene, "http-01", "a.test", &err));
    AC_REQUIRE(scene_until(&scene, AC_ANSWER_READY));

    CU_ASSERT_EQUAL(scene.items[0].warning.code, AC_OK);
    CU_ASSERT_EQUAL(fake_ca.request_count, 1);
}

AC_TEST(answer_that_we_cannot_fetch_is_a_warning)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene, "http", AC_SELFCHECK_WARN, &err));
    answer_fetch_with("something else", 200);
    AC_REQUIRE_OK(scene_add(&scene, "http-01", "a.test", &err));
    AC_REQUIRE(scene_until(&scene, AC_ANSWER_READY));

    CU_ASSERT_EQUAL(scene.items[0].warning.code, AC_E_CHALLENGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(scene.items[0].warning.detail, "something else"));
}

AC_TEST(answer_that_we_must_fetch_and_cannot_has_failed)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene, "http", AC_SELFCHECK_REQUIRE, &err));
    answer_fetch_with("", 404);
    AC_REQUIRE_OK(scene_add(&scene, "http-01", "a.test", &err));
    AC_REQUIRE(scene_until(&scene, AC_ANSWER_FAILED));

    CU_ASSERT_EQUAL(scene.items[0].error.code, AC_E_CHALLENGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(scene.items[0].error.detail, "a.test"));
}

AC_TEST(answers_of_other_kinds_are_not_fetched)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene, "dns", AC_SELFCHECK_REQUIRE, &err));
    AC_REQUIRE_OK(scene_add(&scene, "dns-01", "a.test", &err));
    AC_REQUIRE(scene_until(&scene, AC_ANSWER_READY));

    CU_ASSERT_EQUAL(fake_ca.request_count, 0);
}

AC_TEST(answer_that_is_left_while_it_is_fetched_lets_go_of_the_connection)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene, "http", AC_SELFCHECK_WARN, &err));
    AC_REQUIRE_OK(scene_add(&scene, "http-01", "a.test", &err));
    AC_REQUIRE(scene_until(&scene, AC_ANSWER_CHECKING));
    CU_ASSERT_EQUAL(fake_ca_left_over(), 1);
    ac_answers_leave(scene.answers, &scene.items[0]);

    CU_ASSERT_EQUAL(fake_ca_left_over(), 0);
    CU_ASSERT(scene_until(&scene, AC_ANSWER_GONE));
}

AC_SUITE(
    "engine/answer", AC_CASE(challenges_of_a_solver_are_one_batch),
    AC_CASE(refusal_of_the_solver_is_the_answers_error),
    AC_CASE(answer_that_was_never_presented_is_not_cleaned_up),
    AC_CASE(operation_that_cannot_begin_wakes_the_loop_at_once),
    AC_CASE(answer_that_is_left_while_it_is_presented_is_cleaned_up_after_that),
    AC_CASE(answer_that_is_forgotten_is_not_touched_again),
    AC_CASE(cleanup_that_fails_is_over_and_not_clean),
    AC_CASE(more_than_one_operation_takes_go_in_turns),
    AC_CASE(what_several_orders_present_alike_is_presented_once_and_goes_with_the_last),
    AC_CASE(refusal_of_what_several_orders_present_alike_is_that_of_each),
    AC_CASE(one_that_was_not_presented_yet_cleans_up_what_its_twin_left_to_it),
    AC_CASE(probe_is_repeated_with_a_growing_pause_until_it_sees_the_answer),
    AC_CASE(operation_that_nobody_waits_for_any_more_is_told_to_stop),
    AC_CASE(probe_that_never_sees_the_answer_ends),
    AC_CASE(answer_that_we_can_fetch_is_ready_without_a_warning),
    AC_CASE(answer_that_we_cannot_fetch_is_a_warning),
    AC_CASE(answer_that_we_must_fetch_and_cannot_has_failed),
    AC_CASE(answers_of_other_kinds_are_not_fetched),
    AC_CASE(answer_that_is_left_while_it_is_fetched_lets_go_of_the_connection))
