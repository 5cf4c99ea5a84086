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
