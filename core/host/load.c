/* SPDX-License-Identifier: Apache-2.0 */
#include "host/load.h"

/* As pluginhost/services_check knows them, in the order of the enum. */
static const char *const services_words[] = { "usual",          "hasty",
                                              "failing",        "no http",
                                              "no run",         "no write_file",
                                              "no remove_file", "no secret" };

enum ac_code ac_load_new(const struct ac_process_settings *settings, const char *folder,
                         struct ac_message *ret_message, struct ac_error *err)
{
    static const struct ac_words none = { 0 };
    AC_AUTO(ac_message) load = { 0 };

    AC_TRY(ac_json_new(
        &load.json, err, "{s:s, s:s, s:s, s:s?, s:s?, s:b, s:b, s:b, s:s}", "op",
        "load", "path", settings->plugin_path, "name", settings->name, "folder", folder,
        "closed", settings->closed, "dry_run", (int)settings->is_dry_run, "describe",
        (int)settings->is_described, "own_user",
        (int)(settings->isolation && settings->isolation->has_identity), "services",
        services_words[settings->services]));
    AC_TRY(ac_json_set_words(load.json, "named",
                             settings->named ? settings->named : &none, err));
    AC_TRY(ac_json_set_words(load.json, "read", settings->read ? settings->read : &none,
                             err));
    *ret_message = load;
    load = (struct ac_message){ 0 };
    return AC_OK;
}
