/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/deploy/deploy_parts.h"

#include "base/clock.h"
#include "base/log.h"
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

static bool is_due(const struct view *view, const char *installer, int64_t now_s)
{
    const struct ac_state_deployment *deployment =
        ac_state_find_deployment(&view->state, installer);

    return view->version == 0
           || ac_deployment_due_at(deployment, view->version, ac_clock_utc()) <= now_s;
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

        if (is_due(&view, spec->name, ac_clock_utc()))
            settings->told(settings->arg, &event);
    }
    return AC_OK;
}

/* Whoever asks for it now waits for no back-off, which lies before the end of time. */
static bool is_to_do(const struct ac_deploy_settings *settings, const struct view *view,
                     const char *installer)
{
    bool is_asked_for = !settings->installers || settings->installers->count == 0
                        || ac_words_has(settings->installers, installer);

    return is_asked_for
           && (settings->is_forced
               || is_due(view, installer,
                         settings->ignores_backoff ? AC_PLAN_NEVER - 1
                                                   : ac_clock_utc()));
}

enum ac_code ac_deploy_tell_locked(const struct ac_deploy_settings *settings,
                                   const char *name, const struct ac_error *why,
                                   struct ac_error *err)
{
    __attribute__((cleanup(view_done))) struct view view = { 0 };
    struct ac_error failure = { 0 };
    enum ac_code code = load(settings, name, false, &view, &failure);

    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", failure.detail);
    if (code != AC_OK)
        ac_log_say(AC_LOG_WARN, "%s: not deployed: %s", name, why->detail);
    for (size_t i = 0; code == AC_OK && i < view.wanted.installer_count; i++) {
        const struct ac_solver_spec *spec = &view.wanted.installers[i];
        const struct ac_deploy_event event = { .certificate = name,
                                               .installer = spec->name,
                                               .plugin = spec->plugin,
                                               .version = view.version,
                                               .result = AC_DEPLOY_LOCKED,
                                               .why = why };

        if (settings->told && is_to_do(settings, &view, spec->name))
            settings->told(settings->arg, &event);
    }
    return AC_OK;
}
