/* SPDX-License-Identifier: Apache-2.0 */
/* A run with an account at the staged CA. Included by one source of a test program. */
#ifndef AC_TESTS_UNIT_ENGINE_RUN_STAGE_H
#define AC_TESTS_UNIT_ENGINE_RUN_STAGE_H

#include "engine/accounts/account_file.h"
#include "engine/run/run_account.h"
#include "keys.h"
#include "stage.h"

#define PROBLEM(type) "{\"type\":\"" STAGE_ACME type "\",\"detail\":\"so not\"}"
#define WITH_KEY_CHANGE                                                                \
    "{\"newNonce\":\"" FAKE_NONCE_URL                                                  \
    "\",\"newAccount\":\"https://ca.test/new-account\","                               \
    "\"newOrder\":\"" FAKE_ORDER_URL                                                   \
    "\",\"keyChange\":\"https://ca.test/key-change\","                                 \
    "\"meta\":{\"termsOfService\":\"https://ca.test/terms\"}}"

struct run_stage {
    struct ac_store *store;
    struct ac_run *run;
    char *folder;
};

static inline void run_stage_drop(struct run_stage *scene)
{
    ac_run_free(scene->run);
    ac_store_free(scene->store);
    free(scene->folder);
}

#define RUN_STAGE __attribute__((cleanup(run_stage_drop))) struct run_stage

static inline void run_says(const char *url, int times, long status, const char *body)
{
    fake_ca_rule((struct fake_rule){
        .url = url, .times = times, .status = status, .body = body });
}

static inline enum ac_code run_stage_new(struct run_stage *scene,
                                         const struct ac_registration_settings *consent,
                                         struct ac_error *err)
{
    struct ac_run_settings settings = {
        .store = scene->store,
        .place = { .directory_url = FAKE_DIRECTORY },
        .deadline_ms = ac_clock_after_ms((int64_t)STAGE_SECONDS * 1000),
        .registration = *consent,
    };

    ac_run_free(AC_TAKE(scene->run));
    return ac_run_new(&settings, &scene->run, err);
}

/* A CA, and a run that was not used yet. */
static inline enum ac_code run_stage_begin(struct run_stage *scene, bool agrees,
                                           struct ac_error *err)
{
    struct ac_registration_settings consent = { .agrees_to_terms = agrees };

    stage_begin(&(struct stage_ca){ 0 });
    run_says("/dir", 99, 200, WITH_KEY_CHANGE);
    AC_TRY(ac_store_open(ac_test_path("state"), &scene->store, err));
    AC_TRY(ac_account_file_folder(FAKE_DIRECTORY, NULL, &scene->folder, err));
    return run_stage_new(scene, &consent, err);
}

/* The same, with an account in the store. */
static inline enum ac_code run_stage_register(struct run_stage *scene,
                                              struct ac_error *err)
{
    struct ac_registration_settings none = { 0 };
    const struct ac_account *ignored;

    AC_TRY(run_stage_begin(scene, true, err));
    AC_TRY(ac_run_register(scene->run, &ignored, err));
    return run_stage_new(scene, &none, err);
}

/* A member of account.json in this folder. */
static inline bool run_stage_says(const struct run_stage *scene, const char *folder,
                                  const char *member, const char *text)
{
    AC_AUTO(ac_json) *document = NULL;
    struct ac_error ignored = { 0 };

    return ac_account_file_load(scene->store, folder, NULL, &document, &ignored)
               == AC_OK
           && strcmp(ac_json_text_or(document, member, ""), text) == 0;
}

#endif
