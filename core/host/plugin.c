/* SPDX-License-Identifier: Apache-2.0 */
#include "host/plugin.h"

#include "base/clock.h"
#include "host/catalogue.h"
#include "host/operation.h"

#include <stdlib.h>
#include <string.h>

#define DETAIL_CLEAN_SIZE 640
#define BLAME             "option "
#define DRY_SUFFIX        "@dry"
#define NAME_ALPHABET                                                                  \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."

static enum ac_code start_process(struct ac_plugin *plugin, struct ac_error *err)
{
    struct ac_process_settings settings = { .host_path = plugin->host_path,
                                            .plugin_path = plugin->path,
                                            .name = plugin->plugin,
                                            .title = plugin->title,
                                            .folder = plugin->folder,
                                            .closed = plugin->closed,
                                            .is_dry_run = plugin->is_dry_run,
                                            .is_described = plugin->is_described,
                                            .isolation = &plugin->isolation,
                                            .named = &plugin->named,
                                            .read = &plugin->read,
                                            .services = plugin->services };

    AC_TRY(ac_process_start(&settings, &plugin->process, err));
    plugin->state = AC_PLUGIN_LOADING;
    return AC_OK;
}

/* A file that is refused is for a person to mend, as a setting is: nothing has run. */
static enum ac_code fail_reply(const struct ac_plugin *plugin, const char *what,
                               const struct ac_json *reply, struct ac_error *err)
{
    int64_t status = ac_json_number_or(reply, "status", ACMECORE_E_INVALID);
    const char *detail = ac_json_text_or(reply, "detail", "");
    bool is_for_person =
        status == ACMECORE_E_CONFIG || plugin->state == AC_PLUGIN_LOADING;
    enum ac_code code = is_for_person ? AC_E_USAGE : AC_E_PLUGIN;
    char clean[DETAIL_CLEAN_SIZE];

    if (!detail[0])
        detail = ac_operation_status_text(status);
    (void)ac_text_clean(clean, sizeof clean, detail, strlen(detail));
    return ac_fail(err, code, "plugin %s %s: %s", plugin->title, what, clean);
}

/* "option NAME: …" is how plugins begin what they say of a setting: the one that it is
 * about, by its value where there are several; NULL: none. */
static const struct ac_setting *find_blamed(const struct ac_plugin *plugin,
                                            const char *detail)
{
    const struct ac_setting *first = NULL;

    if (strncmp(detail, BLAME, strlen(BLAME)) != 0)
        return NULL;
    detail += strlen(BLAME);
    for (size_t i = 0; i < plugin->section.count; i++) {
        const struct ac_setting *setting = &plugin->section.items[i];
        size_t size = strlen(setting->name);

        if (strncmp(setting->name, detail, size) != 0 || detail[size] != ':')
            continue;
        if (strstr(detail, setting->value))
            return setting;
        if (!first)
            first = setting;
    }
    return first;
}

/* A person who is to mend a setting is told where it is written. */
static enum ac_code fail_opening(const struct ac_plugin *plugin,
                                 const struct ac_json *reply, struct ac_error *err)
{
    const struct ac_setting *setting =
        find_blamed(plugin, ac_json_text_or(reply, "detail", ""));
    struct ac_error why = { 0 };

    (void)fail_reply(plugin, "could not be opened", reply, &why);
    if (!setting || why.code != AC_E_USAGE)
        return ac_fail(err, why.code, "%s", why.detail);
    return ac_fail(err, why.code, "%s: %s", setting->origin, why.detail);
}

static const char *kind_word(const struct ac_plugin *plugin)
{
    return plugin->kind == ACMECORE_SOLVER ? "solver" : "installer";
}

static enum ac_code take_descriptor(struct ac_plugin *plugin,
                                    const struct ac_json *reply, struct ac_error *err)
{
    struct ac_descriptor *descriptor = &plugin->descriptor;

    if (plugin->has_descriptor)
        return AC_OK; /* lent to others since the first process */
    enum ac_code code =
        ac_descriptor_parse(ac_json_get(reply, "plugin"), descriptor, err);
    if (code == AC_E_NOMEM)
        return code;
    if (code != AC_OK) {
        struct ac_error why = *err;
        return ac_fail(err, AC_E_USAGE, "plugin %s is refused: %s", plugin->title,
                       why.detail);
    }
    plugin->has_descriptor = true;
    if (strcmp(descriptor->name, plugin->plugin) != 0) {
        return ac_fail(err, AC_E_USAGE, "plugin %s is refused: it says it is %s",
                       plugin->plugin, descriptor->name);
    }
    if (descriptor->kind == plugin->kind)
        return AC_OK;
    return ac_fail(err, AC_E_USAGE, "plugin %s is no %s", plugin->plugin,
                   kind_word(plugin));
}

static bool is_equal(const struct ac_words *one, const struct ac_words *other)
{
    bool is_same = one->count == other->count;

    for (size_t i = 0; is_same && i < one->count; i++)
        is_same = strcmp(one->items[i], other->items[i]) == 0;
    return is_same;
}

/* Its paths, now that it has said which of its options are secrets. Has that changed
 * what a sandbox is to open? */
static enum ac_code name_paths(struct ac_plugin *plugin, bool *ret_has_changed,
                               struct ac_error *err)
{
    AC_AUTO(ac_words) named = { 0 };

    AC_TRY(ac_isolation_paths(&plugin->section, &plugin->descriptor, &named, err));
    *ret_has_changed = !is_equal(&named, &plugin->named) && !plugin->isolation.is_none
                       && !(plugin->descriptor.flags & ACMECORE_USES_COMMANDS);
    ac_words_done(&plugin->named);
    plugin->named = named;
    named = (struct ac_words){ 0 };
    return AC_OK;
}

static enum ac_code finish_loading(struct ac_plugin *plugin, struct ac_error *err)
{
    AC_AUTO(ac_message) open = { 0 };
    const struct ac_json *reply = NULL;
    bool has_changed = false;

    AC_TRY(ac_call_result(ac_process_loading(plugin->process), &reply, err));
    if (ac_json_number_or(reply, "status", ACMECORE_E_INVALID) != ACMECORE_OK)
        return fail_reply(plugin, "is refused", reply, err);
    AC_TRY(take_descriptor(plugin, reply, err));
    if (plugin->is_described)
        return ac_fail(err, AC_E_CANCELLED, "plugin %s is described", plugin->title);
    AC_TRY(name_paths(plugin, &has_changed, err));
    if (has_changed)
        return ac_plugin_restart(plugin, err);
    AC_TRY(ac_options_check(&plugin->descriptor, &plugin->section, &open, err));
    AC_TRY(ac_process_call(plugin->process, "open", &open,
                           ac_clock_after_ms(AC_PROCESS_LOAD_MS), &plugin->opening,
                           err));
    plugin->state = AC_PLUGIN_OPENING;
    return AC_OK;
}

static enum ac_code finish_opening(struct ac_plugin *plugin, struct ac_error *err)
{
    const struct ac_json *reply = NULL;
    AC_AUTO(ac_call) *opening = AC_TAKE(plugin->opening);

    AC_TRY(ac_call_result(opening, &reply, err));
    if (ac_json_number_or(reply, "status", ACMECORE_E_INVALID) != ACMECORE_OK)
        return fail_opening(plugin, reply, err);
    plugin->state = AC_PLUGIN_OPEN;
    plugin->was_open = true;
    return AC_OK;
}

/* Of several instances of a plugin a message must say which. */
static enum ac_code make_title(struct ac_plugin *plugin, struct ac_error *err)
{
    if (strcmp(plugin->name, plugin->plugin) == 0)
        return ac_memory_copy_text(plugin->plugin, &plugin->title, err);
    return ac_memory_format(&plugin->title, err, "%s (%s)", plugin->name,
                            plugin->plugin);
}

/* An installer is given paths into the store, to read keys and certificates there: of
 * those that it is to install. */
static enum ac_code open_certificates(struct ac_plugin *plugin,
                                      const struct ac_plugin_settings *settings,
                                      struct ac_error *err)
{
    const struct ac_words *names = settings->certificates;

    for (size_t i = 0; names && settings->state_folder && i < names->count; i++) {
        AC_AUTO_TEXT char *folder = NULL;

        AC_TRY(ac_memory_format(&folder, err, "%s/certs/%s", settings->state_folder,
                                names->items[i]));
        AC_TRY(ac_words_add(&plugin->read, folder, err));
    }
    return AC_OK;
}

static enum ac_code isolate(struct ac_plugin *plugin,
                            const struct ac_plugin_settings *settings,
                            struct ac_error *err)
{
    AC_TRY(ac_isolation_read(&plugin->section, &plugin->isolation, err));
    AC_TRY(ac_isolation_paths(&plugin->section, NULL, &plugin->named, err));
    return plugin->kind == ACMECORE_INSTALLER ? open_certificates(plugin, settings, err)
                                              : AC_OK;
}

static enum ac_code fill(struct ac_plugin *plugin,
                         const struct ac_plugin_settings *settings,
                         struct ac_error *err)
{
    const char *closed =
        settings->closed_folder ? settings->closed_folder : settings->state_folder;

    if (!ac_text_is_made_of(settings->name, NAME_ALPHABET, 1, AC_PLUGIN_NAME_MAX)
        || settings->name[0] == '.') {
        return ac_fail(err, AC_E_USAGE,
                       "\"%s\" is no name for %s: letters, digits, \"-\", \"_\" "
                       "and \".\" (not first)",
                       settings->name,
                       plugin->kind == ACMECORE_SOLVER ? "a solver" : "an installer");
    }
    AC_TRY(ac_memory_copy_text(settings->name, &plugin->name, err));
    AC_TRY(ac_memory_copy_text(settings->plugin, &plugin->plugin, err));
    AC_TRY(make_title(plugin, err));
    AC_TRY(ac_memory_copy_text(settings->host_path, &plugin->host_path, err));
    AC_TRY(ac_section_copy(settings->section, &plugin->section, err));
    AC_TRY(isolate(plugin, settings, err));
    plugin->is_dry_run = settings->is_dry_run;
    plugin->is_described = settings->is_described;
    plugin->services = settings->services;
    if (closed)
        AC_TRY(ac_memory_copy_text(closed, &plugin->closed, err));
    if (!settings->state_folder)
        return AC_OK;
    return ac_plugin_folder(settings->state_folder, settings->name, settings->plugin,
                            settings->is_dry_run, &plugin->folder, err);
}

enum ac_code ac_plugin_folder(const char *state_folder, const char *name,
                              const char *plugin, bool is_dry_run, char **ret_path,
                              struct ac_error *err)
{
    if (!is_dry_run && strcmp(name, plugin) == 0)
        return ac_memory_format(ret_path, err, "%s/plugins/%s", state_folder, name);
    return ac_memory_format(ret_path, err, "%s/plugins/%s@%s%s", state_folder, name,
                            plugin, is_dry_run ? DRY_SUFFIX : "");
}

enum ac_code ac_plugin_start(struct ac_plugin *plugin, uint32_t kind,
                             const struct ac_plugin_settings *settings,
                             struct ac_error *err)
{
    plugin->kind = kind;
    AC_TRY(fill(plugin, settings, err));
    AC_TRY(ac_catalogue_find(settings->plugin_folders, settings->plugin, &plugin->path,
                             err));
    return start_process(plugin, err);
}

enum ac_code ac_plugin_restart(struct ac_plugin *plugin, struct ac_error *err)
{
    ac_process_free(AC_TAKE(plugin->process));
    return start_process(plugin, err);
}

void ac_plugin_fail(struct ac_plugin *plugin, const struct ac_error *error)
{
    plugin->error = *error;
    plugin->state = AC_PLUGIN_FAILED;
    ac_call_free(AC_TAKE(plugin->opening));
    ac_process_free(AC_TAKE(plugin->process));
}

void ac_plugin_done(struct ac_plugin *plugin)
{
    ac_call_free(plugin->opening);
    ac_process_free(plugin->process);
    ac_section_done(&plugin->section);
    ac_words_done(&plugin->named);
    ac_words_done(&plugin->read);
    ac_descriptor_done(&plugin->descriptor);
    free(plugin->name);
    free(plugin->plugin);
    free(plugin->title);
    free(plugin->path);
    free(plugin->host_path);
    free(plugin->folder);
    free(plugin->closed);
    *plugin = (struct ac_plugin){ 0 };
}

enum ac_code ac_plugin_advance(struct ac_plugin *plugin, struct ac_error *err)
{
    if (!ac_plugin_has_answer(plugin))
        return AC_OK;
    return plugin->state == AC_PLUGIN_LOADING ? finish_loading(plugin, err)
                                              : finish_opening(plugin, err);
}

bool ac_plugin_has_answer(const struct ac_plugin *plugin)
{
    if (!plugin->process)
        return false;
    if (plugin->state == AC_PLUGIN_LOADING)
        return ac_call_is_done(ac_process_loading(plugin->process));
    return plugin->state == AC_PLUGIN_OPENING && ac_call_is_done(plugin->opening);
}

enum ac_code ac_plugin_check_alive(struct ac_plugin *plugin, struct ac_error *err)
{
    AC_AUTO(ac_message) nothing = { 0 };
    struct ac_call *call = NULL;

    if (ac_process_is_alive(plugin->process))
        return AC_OK;
    return ac_process_call(plugin->process, "", &nothing, 0, &call, err);
}

size_t ac_plugin_fds(const struct ac_plugin *plugin, struct pollfd *fds)
{
    return plugin->process ? ac_process_fds(plugin->process, fds) : 0;
}
