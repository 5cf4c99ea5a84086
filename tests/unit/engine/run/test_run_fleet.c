/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/run/run_parts.h"

#include "base/clock.h"

#include "keys.h"
#include "stage.h"

#define COUNT 3

struct told {
    size_t index;
    enum ac_code code;
    bool was_loaded, was_begun;
};

struct scene {
    struct ac_store *store;
    struct ac_run *run;
    struct ac_fleet fleet;
    struct told told[COUNT];
    size_t told_count;
    size_t unloadable; /* this one cannot be loaded */
};

static void scene_drop(struct scene *scene)
{
    ac_run_free(scene->run);
    ac_store_free(scene->store);
}
#define SCENE __attribute__((cleanup(scene_drop))) struct scene

static enum ac_code load(void *arg, size_t index, struct ac_wanted *ret_wanted,
                         struct ac_error *err)
{
    const struct scene *scene = arg;

    if (index == scene->unloadable)
        return ac_fail(err, AC_E_STORE, "damaged");
    return stage_want("http", ret_wanted, err);
}

static void note_end(void *arg, const struct ac_fleet_end *end)
{
    struct scene *scene = arg;

    scene->told[scene->told_count++] = (struct told){
        .index = end->index,
        .code = end->why->code,
        .was_loaded = end->wanted != NULL,
        .was_begun = end->issue != NULL,
    };
}

static enum ac_code scene_begin(struct scene *scene, size_t count, struct ac_error *err)
{
    stage_begin(&(struct stage_ca){ .name_count = 1 });
    AC_TRY(ac_store_open(ac_test_path("state"), &scene->store, err));
    stage.store = scene->store;
    struct ac_run_settings settings = {
        .store = scene->store,
        .place = { .directory_url = FAKE_DIRECTORY },
        .deadline_ms = ac_clock_after_ms((int64_t)STAGE_SECONDS * 1000),
        .registration = { .agrees_to_terms = true },
    };
    scene->fleet = (struct ac_fleet){
        .count = count,
        .jobs = 1,
        .each_ms = (int64_t)STAGE_SECONDS * 1000,
        .load = load,
        .ended = note_end,
        .arg = scene,
    };
    scene->unloadable = COUNT;
    return ac_run_new(&settings, &scene->run, err);
}

AC_TEST(no_certificates_are_no_work)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene, 0, &err));
    AC_REQUIRE_OK(ac_run_fleet(scene.run, &scene.fleet, &err));

    CU_ASSERT_EQUAL(scene.told_count, 0);
    CU_ASSERT_EQUAL(fake_ca.request_count, 0);
}

AC_TEST(one_that_cannot_be_loaded_costs_no_other)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };

    AC_REQUIRE(!ac_check_is_torture()); /* a whole issue: engine/issue does that */
    AC_REQUIRE_OK(scene_begin(&scene, 2, &err));
    scene.unloadable = 0;
    AC_REQUIRE_OK(ac_run_fleet(scene.run, &scene.fleet, &err));

    AC_REQUIRE(scene.told_count == 2);
    CU_ASSERT_EQUAL(scene.told[0].code, AC_E_STORE);
    CU_ASSERT_FALSE(scene.told[0].was_loaded);
    AC_REQUIRE(scene.told[1].code != AC_E_NOMEM);
    CU_ASSERT_EQUAL(scene.told[1].code, AC_OK);
    CU_ASSERT_TRUE(scene.told[1].was_begun);
}

AC_TEST(an_outage_is_felt_once)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene, COUNT, &err));
    fake_ca_rule(
        (struct fake_rule){ .url = "/dir", .times = 99, .failure = AC_E_NETWORK });
    AC_REQUIRE_OK(ac_run_fleet(scene.run, &scene.fleet, &err));

    AC_REQUIRE(scene.told_count == COUNT);
    AC_REQUIRE(scene.told[0].code != AC_E_NOMEM);
    size_t requests = fake_ca.request_count;
    CU_ASSERT_EQUAL(scene.told[0].code, AC_E_NETWORK);
    CU_ASSERT_TRUE(scene.told[0].was_begun);
    for (size_t i = 1; i < COUNT; i++) {
        CU_ASSERT_EQUAL(scene.told[i].code, AC_E_NETWORK);
        CU_ASSERT_FALSE(scene.told[i].was_begun);
    }
    CU_ASSERT_EQUAL(fake_ca.request_count, requests);
}

/* A key of the user's, so that the chain of one is good for the other. */
static enum ac_code load_with_key(void *arg, size_t index, struct ac_wanted *ret_wanted,
                                  struct ac_error *err)
{
    AC_AUTO(ac_secret) pem = { 0 };
    const char *path = ac_test_path("mine.pem");

    AC_TRY(load(arg, index, ret_wanted, err));
    AC_TRY(ac_keys_read(AC_TEST_DATA "/keys/p384.pem", &pem, err));
    if (!ac_test_write_file(path, pem.bytes, pem.size))
        return ac_fail(err, AC_E_SYSTEM, "no file");
    AC_TRY(ac_memory_copy_text(path, &ret_wanted->key, err));
    if (index == 0)
        return AC_OK;
    free(ret_wanted->name);
    ret_wanted->name = NULL;
    return ac_memory_copy_text("other", &ret_wanted->name, err);
}

AC_TEST(account_that_the_ca_forgot_is_looked_up_once_for_all)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };

    AC_REQUIRE(!ac_check_is_torture());
    AC_REQUIRE_OK(scene_begin(&scene, 2, &err));
    scene.fleet.jobs = 2;
    scene.fleet.load = load_with_key;
    stage.ca.valid_names = 1;
    stage.ca.new_status = "ready";
    stage.ca.gives_one_order = true;
    stage.keeps_chain = true;
    fake_ca_rule((struct fake_rule){ .url = "/new-order",
                                     .times = 2,
                                     .status = 400,
                                     .body = "{\"type\":\"" STAGE_ACME
                                             "accountDoesNotExist\"}" });
    AC_REQUIRE_OK(ac_run_fleet(scene.run, &scene.fleet, &err));

    AC_REQUIRE(scene.told_count == 2);
    CU_ASSERT_EQUAL(scene.told[0].code, AC_OK);
    CU_ASSERT_EQUAL(scene.told[1].code, AC_OK);
    CU_ASSERT_EQUAL(stage.accounts, 2); /* made, and looked up */
    CU_ASSERT_EQUAL(stage_requests("/new-order"), 4);
}

AC_TEST(after_a_signal_nothing_more_is_begun)
{
    struct ac_error err = { 0 };
    SCENE scene = { 0 };

    AC_REQUIRE_OK(scene_begin(&scene, 2, &err));
    ac_clock_cancel(SIGTERM);
    AC_REQUIRE_OK(ac_run_fleet(scene.run, &scene.fleet, &err));
    ac_clock_cancel(0);

    AC_REQUIRE(scene.told_count == 2);
    CU_ASSERT_EQUAL(scene.told[0].code, AC_E_CANCELLED);
    CU_ASSERT_EQUAL(scene.told[1].code, AC_E_CANCELLED);
    CU_ASSERT_FALSE(scene.told[1].was_begun);
    CU_ASSERT_EQUAL(fake_ca.request_count, 0);
}

AC_SUITE("engine/run_fleet", AC_CASE(no_certificates_are_no_work),
         AC_CASE(one_that_cannot_be_loaded_costs_no_other),
         AC_CASE(an_outage_is_felt_once),
         AC_CASE(account_that_the_ca_forgot_is_looked_up_once_for_all),
         AC_CASE(after_a_signal_nothing_more_is_begun))
