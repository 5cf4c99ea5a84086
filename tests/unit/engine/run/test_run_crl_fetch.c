/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/run/run_crls.h"
#include "engine/run/run_parts.h"

#include "../crl_holding.h"
#include "stage.h"

struct scene {
    struct ac_store *store;
    struct ac_run *run;
    struct ac_crl_fetch fetch;
    struct ac_text body;
    char *serial;
};

static void scene_done(struct scene *scene)
{
    ac_crl_fetch_done(&scene->fetch);
    ac_run_free(scene->run);
    ac_store_free(scene->store);
    ac_text_done(&scene->body);
    free(scene->serial);
}
AC_DEFINE_DROP_VALUE(scene, scene_done)

static enum ac_code prepare(struct scene *scene, struct ac_error *err)
{
    AC_AUTO(ac_state) state = { 0 };
    struct ac_run_settings settings = {
        .place = { .directory_url = FAKE_DIRECTORY },
        .deadline_ms = INT64_MAX,
    };

    stage_begin(&(struct stage_ca){ .name_count = 1 });
    fake_ca.now_ms = (AC_CRLS_WITHIN - 1700000000) * 1000;
    AC_TRY(crl_open_and_hold(&scene->store, true, err));
    settings.store = scene->store;
    scene->fetch.limit_ms = AC_RUN_CRL_MS;
    AC_TRY(ac_run_new(&settings, &scene->run, err));
    AC_TRY(ac_run_connect(scene->run, err));
    AC_TRY(ac_state_load(scene->store, "www", &state, err));
    AC_TRY(ac_memory_copy_text(state.origin.serial, &scene->serial, err));
    return ac_crl_note_load(scene->store, AC_CRLS_URL, state.crl.items[0].issuer,
                            &scene->fetch.note, err);
}

static enum ac_code begin(struct scene *scene, struct ac_error *err)
{
    ac_allocation_pause();
    enum ac_code code = prepare(scene, err);
    ac_allocation_resume();
    return code;
}

/* Asks once, where this list is served with this status. */
static enum ac_code fetch(struct scene *scene, const char *list, long status,
                          struct ac_error *err)
{
    ac_text_done(&scene->body);
    if (list)
        AC_TRY(ac_crls_load(list, &scene->body, err));
    fake_ca_rule((struct fake_rule){ .url = AC_CRLS_URL,
                                     .times = 1,
                                     .status = status,
                                     .headers = "ETag: \"a\"\nLast-Modified: then\n",
                                     .body = list ? scene->body.bytes : "",
                                     .body_size = scene->body.size });
    AC_TRY(ac_crl_fetch_begin(&scene->fetch, scene->run, "www", scene->serial, err));
    while (!ac_crl_fetch_is_done(&scene->fetch))
        AC_TRY(ac_run_turn(scene->run, ac_clock_after_ms(1000), err));
    return ac_crl_fetch_finish(&scene->fetch, scene->run, err);
}

AC_TEST(list_that_came_is_kept_and_asked_about_with_its_tag)
{
    struct ac_error err = { 0 };
    AC_AUTO(scene) scene = { 0 };

    AC_REQUIRE_OK(begin(&scene, &err));
    AC_REQUIRE_OK(fetch(&scene, "clean", 200, &err));
    AC_REQUIRE(scene.fetch.crl != NULL);
    CU_ASSERT_EQUAL(ac_crl_count(scene.fetch.crl), 3);
    CU_ASSERT_STRING_EQUAL(scene.fetch.note.etag, "\"a\"");
    AC_REQUIRE_OK(fetch(&scene, NULL, 304, &err));

    AC_REQUIRE(scene.fetch.crl != NULL);
    CU_ASSERT_EQUAL(ac_crl_count(scene.fetch.crl), 3);
    const char *headers = fake_ca.requests[1].http_headers;
    CU_ASSERT_PTR_NOT_NULL(strstr(headers, "If-None-Match: \"a\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(headers, "If-Modified-Since: then"));
}

AC_TEST(what_is_no_list_of_ours_fails_and_is_not_kept)
{
    static const struct {
        const char *list;
        long status;
    } answers[] = { { "other-key", 200 },
                    { "other-point", 200 },
                    { NULL, 200 },
                    { "clean", 500 },
                    { NULL, 304 } };
    struct ac_error err = { 0 };
    AC_AUTO(scene) scene = { 0 };

    AC_REQUIRE_OK(begin(&scene, &err));
    for (size_t i = 0; i < AC_COUNT(answers); i++) {
        if (i > 0)
            ac_allocation_pause(); /* one is enough to run out of memory in */
        AC_REQUIRE_OK(fetch(&scene, answers[i].list, answers[i].status, &err));
        ac_allocation_resume();
        CU_ASSERT_PTR_NULL(scene.fetch.crl);
        CU_ASSERT_EQUAL(scene.fetch.note.failures, (int64_t)i + 1);
    }
    ac_crl_fetch_end(&scene.fetch);
    ac_allocation_pause();
    AC_REQUIRE_OK(fetch(&scene, "clean", 200, &err));
    ac_allocation_resume();

    CU_ASSERT_PTR_NULL(scene.fetch.held);
    CU_ASSERT_EQUAL(scene.fetch.note.failures, 0);
}

AC_TEST(list_that_another_run_fetches_is_left_to_it)
{
    struct ac_error err = { 0 };
    AC_AUTO(scene) scene = { 0 };
    AC_AUTO(ac_lock) *lock = NULL;
    char name[65];

    AC_REQUIRE_OK(begin(&scene, &err));
    ac_crl_note_name(scene.fetch.note.url, scene.fetch.note.issuer, name);
    AC_REQUIRE_OK(ac_store_lock(scene.store, AC_STORE_CRLS, name, &lock, &err));
    enum ac_code code =
        ac_crl_fetch_begin(&scene.fetch, scene.run, "www", scene.serial, &err);

    CU_ASSERT_EQUAL(code, AC_E_LOCKED);
}

AC_SUITE("engine/run_crl_fetch",
         AC_CASE(list_that_came_is_kept_and_asked_about_with_its_tag),
         AC_CASE(what_is_no_list_of_ours_fails_and_is_not_kept),
         AC_CASE(list_that_another_run_fetches_is_left_to_it))
