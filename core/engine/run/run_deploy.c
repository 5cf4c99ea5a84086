/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/run/run_deploy.h"

#include "engine/run/run_parts.h"

enum ac_code ac_run_deploy(struct ac_run *run, const struct ac_deploy_settings *wish,
                           struct ac_error *err)
{
    struct ac_deploy_settings settings = *wish;

    settings.store = run->settings.store;
    settings.loop = run->loop;
    settings.host_path = run->settings.host_path;
    settings.plugin_folders = run->settings.plugin_folders;
    settings.deadline_ms = run->settings.deadline_ms;
    return ac_deploy(&settings, err);
}

static enum ac_code check_one(struct ac_run *run, const struct ac_solver_spec *spec,
                              struct ac_error *err)
{
    const struct ac_descriptor *descriptor = NULL;
    AC_AUTO(ac_message) ignored = { 0 };

    AC_TRY(ac_run_describe(run, spec->plugin, &descriptor, err));
    if (descriptor->kind != ACMECORE_INSTALLER) {
        return ac_fail(err, AC_E_USAGE, "the plugin %s is no installer", spec->plugin);
    }
    return ac_options_check(descriptor, &spec->section, &ignored, err);
}

enum ac_code ac_run_check_installers(struct ac_run *run, const struct ac_wanted *wanted,
                                     struct ac_error *err)
{
    for (size_t i = 0; i < wanted->installer_count; i++)
        AC_TRY(check_one(run, &wanted->installers[i], err));
    return AC_OK;
}
