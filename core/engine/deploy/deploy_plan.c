/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/deploy/deploy_parts.h"

#include "base/clock.h"
#include "store/version.h"

/* A certificate that is only looked at: no lock, and nothing is noted. */
struct view {
    struct ac_wanted wanted;
    struct ac_state state;
    unsigned version; /* 0: the one that is yet to be issued */
};

static void view_done(struct view *view)
{
    ac_wanted_done(&view->wanted);
    ac_state_done(&view->state);
}

static enum ac_code load(const struct ac_deploy_settings *settings, const char *name,
                         bool is_renewed, struct view *view, struct ac_error *err)
{
    AC_TRY(ac_deploy_load_wanted(settings, name, &view->wanted, err));
    AC_TRY(ac_state_load(settings->store, name, &view->state, err));
    AC_TRY(ac_deployments_note_wanted(&view->state, &view->wanted, NULL, err));
    return is_renewed ? AC_OK
                      : ac_version_current(settings->store, name, &view->version, err);
}

static bool is_due(const struct view *view, const char *installer)
{
    const struct ac_state_deployment *deployment =
        ac_state_find_deployment(&view->state, installer);
    int64_t utc = ac_clock_utc();

    return view->version == 0
           || ac_deployment_due_at(deployment, view->version, utc) <= utc;
}

enum ac_code ac_deploy_plan(const struct ac_deploy_settings *settings, const char *name,
                            bool is_renewed, struct ac_error *err)
{
    static const struct ac_error none;
    __attribute__((cleanup(view_done))) struct view view = { 0 };

    AC_TRY(load(settings, name, is_renewed, &view, err));
    for (size_t i = 0; i < view.wanted.installer_count; i++) {
        const struct ac_solver_spec *spec = &view.wanted.installers[i];
        const struct ac_deploy_event event = { .certificate = name,
                                               .installer = spec->name,
                                               .plugin = spec->plugin,
                                               .version = view.version,
                                               .result = AC_DEPLOY_PLANNED,
                                               .why = &none };

        if (is_due(&view, spec->name))
            settings->told(settings->arg, &event);
    }
    return AC_OK;
}
