/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store with certificates that are to be deployed by the installer "web", which is a
 * fake, and what is told of it.
 */
#ifndef AC_TESTS_UNIT_ENGINE_DEPLOY_STAGE_H
#define AC_TESTS_UNIT_ENGINE_DEPLOY_STAGE_H

#include "engine/deploy/deploy_parts.h"
#include "fake_installer.h"
#include "holding.h"
#include "store/deployed.h"

#define STAGE_MS 20000

struct stage {
    struct ac_store *store;
    struct ac_loop *loop;
    struct ac_words names, folders;
    struct ac_deploy_settings settings;
    struct ac_text told; /* "www live\n" */
};

static void stage_done(struct stage *stage)
{
    ac_loop_free(stage->loop);
    ac_store_free(stage->store);
    ac_words_done(&stage->names);
    ac_words_done(&stage->folders);
    ac_text_done(&stage->told);
}
AC_DEFINE_DROP_VALUE(stage, stage_done)

static void stage_told(void *arg, const struct ac_deploy_event *event)
{
    struct stage *stage = arg;
    struct ac_error ignored;

    (void)!ac_text_addf(&stage->told, &ignored, "%s %s\n", event->certificate,
                        event->is_stuck ? "stuck"
                                        : ac_deploy_result_name(event->result));
}

/* A certificate of that name: the files of www under another one. */
static enum ac_code stage_hold(struct stage *stage, const char *name,
                               struct ac_error *err)
{
    AC_AUTO(ac_wanted) wanted = { 0 };
    struct ac_solver_spec *spec;

    AC_TRY(hold(stage->store, usual_names, err));
    if (strcmp(name, "www") != 0) {
        AC_TRY(
            ac_store_set_aside(stage->store, AC_STORE_CERTIFICATES, "www", name, err));
    }
    AC_TRY(make_wanted("example.org", &wanted, err));
    free(wanted.name);
    wanted.name = NULL;
    AC_TRY(ac_memory_copy_text(name, &wanted.name, err));
    AC_TRY(ac_wanted_add_installer(&wanted, "web", "fake", &spec, err));
    AC_TRY(ac_wanted_save(&wanted, stage->store, err));
    return ac_words_add(&stage->names, name, err);
}

static enum ac_code stage_make(struct stage *stage, const char *names,
                               struct ac_error *err)
{
    fake_installer_reset();
    ac_clock_cancel(0);
    AC_TRY(open_store(&stage->store, err));
    AC_TRY(ac_loop_new(&stage->loop, err));
    while (*names) {
        size_t size = strcspn(names, " ");
        AC_AUTO_TEXT char *name = NULL;

        AC_TRY(ac_memory_copy_bytes(names, size, &name, err));
        AC_TRY(stage_hold(stage, name, err));
        names += size + (names[size] == ' ');
    }
    stage->settings = (struct ac_deploy_settings){
        .store = stage->store,
        .loop = stage->loop,
        .host_path = "/nowhere",
        .plugin_folders = &stage->folders,
        .names = &stage->names,
        .deadline_ms = ac_clock_after_ms(STAGE_MS),
        .ignores_backoff = true,
        .told = stage_told,
        .arg = stage,
    };
    return AC_OK;
}

/* Names are apart by blanks; the last one must be "www". What a test is about begins
 * after it: no allocation of it fails. */
static enum ac_code stage_new(struct stage *stage, const char *names,
                              struct ac_error *err)
{
    ac_allocation_pause();
    enum ac_code code = stage_make(stage, names, err);
    ac_allocation_resume();
    return code;
}

/* What state.json says of the certificate at web. */
__attribute__((unused)) static enum ac_code stage_state(const struct stage *stage,
                                                        const char *name,
                                                        struct ac_state *ret_state,
                                                        struct ac_error *err)
{
    return ac_state_load(stage->store, name, ret_state, err);
}

/* As a run leaves it that is killed once it has noted that it begins (or the proof). */
__attribute__((unused)) static enum ac_code stage_leave(const struct stage *stage,
                                                        const char *name,
                                                        const char *installer,
                                                        bool is_proven,
                                                        struct ac_error *err)
{
    AC_AUTO(ac_state) state = { 0 };
    struct ac_state_deployment *deployment;

    AC_TRY(stage_state(stage, name, &state, err));
    AC_TRY(ac_state_have_deployment(&state, installer, &deployment, err));
    deployment->staged_version = 1;
    deployment->is_proven = is_proven;
    return ac_state_save(&state, stage->store, name, err);
}

__attribute__((unused)) static unsigned stage_link(const struct stage *stage,
                                                   const char *name)
{
    struct ac_error ignored;
    unsigned number = 0;

    (void)!ac_deployed_version(stage->store, name, "web", &number, &ignored);
    return number;
}

#endif
