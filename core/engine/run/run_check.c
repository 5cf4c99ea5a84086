/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/run/run_parts.h"

enum ac_code ac_run_check_plugin(struct ac_run *run, const char *plugin,
                                 const struct ac_section *options, const char *domain,
                                 struct ac_plugin_check *ret_check,
                                 struct ac_error *err)
{
    struct ac_plugin_check_settings settings = {
        .loop = run->loop,
        .plugin = { .name = plugin,
                    .plugin = plugin,
                    .section = options,
                    .plugin_folders = run->settings.plugin_folders,
                    .host_path = run->settings.host_path,
                    .closed_folder = run->settings.closed_folder },
        .domain = domain,
        .deadline_ms = run->settings.deadline_ms,
    };

    return ac_plugin_check(&settings, ret_check, err);
}
