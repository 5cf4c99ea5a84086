/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "acmecore-config.h"
#include "base/file.h"
#include "cli/report.h"

#include <string.h>

#define PREFIX       "dns01-"
#define NAME_LIMIT   48 /* bytes, with its prefix */
#define TEMPLATE_MAX (64u * 1024u)
#define PLACE        "@NAME@"

/* What a new project is made of: a file of the template, and its name and mode there.
 */
static const struct {
    const char *from, *to;
    mode_t mode;
} parts[] = {
    { "CMakeLists.txt", "CMakeLists.txt", 0644 }, { "plugin.c", "plugin.c", 0644 },
    { "README.md", "README.md", 0644 },           { "check.sh", "check.sh", 0755 },
    { "build.yml", "build.yml", 0644 },           { "gitignore", ".gitignore", 0644 },
};

static enum ac_code check_name(const char *name, struct ac_error *err)
{
    size_t prefix = strlen(PREFIX);

    if (strncmp(name, PREFIX, prefix) != 0) {
        return ac_fail(err, AC_E_USAGE,
                       "%s: a new plugin is called dns01-NAME, as other kinds have no "
                       "template; take a plugin of theirs as the example",
                       name);
    }
    if (!ac_text_is_made_of(name + prefix, "abcdefghijklmnopqrstuvwxyz0123456789-", 1,
                            NAME_LIMIT - prefix)) {
        return ac_fail(err, AC_E_USAGE,
                       "%s: after \"" PREFIX "\" come 1 to %zu small letters, digits "
                       "and \"-\"",
                       name, NAME_LIMIT - prefix);
    }
    return AC_OK;
}

static enum ac_code fill_in(const char *template, const char *name,
                            struct ac_text *ret_text, struct ac_error *err)
{
    const char *at = template;

    for (const char *place = strstr(at, PLACE); place; place = strstr(at, PLACE)) {
        AC_TRY(ac_text_add(ret_text, at, (size_t)(place - at), err));
        AC_TRY(ac_text_addf(ret_text, err, "%s", name));
        at = place + strlen(PLACE);
    }
    return ac_text_add(ret_text, at, strlen(at), err);
}

static enum ac_code write_part(const char *templates, size_t part, const char *name,
                               const char *folder, struct ac_error *err)
{
    AC_AUTO_TEXT char *from = NULL;
    AC_AUTO_TEXT char *to = NULL;
    AC_AUTO(ac_text) template = { 0 };
    AC_AUTO(ac_text) text = { 0 };

    AC_TRY(ac_memory_format(&from, err, "%s/%s", templates, parts[part].from));
    AC_TRY(ac_memory_format(&to, err, "%s/%s", folder, parts[part].to));
    AC_TRY(ac_file_read(from, TEMPLATE_MAX, &template, err));
    AC_TRY(fill_in(ac_text_get(&template), name, &text, err));
    return ac_file_create(to, parts[part].mode, ac_text_get(&text), text.size, err);
}

static enum ac_code write_all(const char *name, const char *folder,
                              struct ac_error *err)
{
    AC_AUTO_TEXT char *templates = NULL;

    AC_TRY(ac_context_beside(ACMECORE_TEMPLATE_DIR "/dns01", &templates, err));
    if (ac_file_exists(folder)) {
        return ac_fail(err, AC_E_USAGE,
                       "%s is there already: give another name, or another folder",
                       folder);
    }
    AC_TRY(ac_file_make_folder(folder, 0755, err));
    for (size_t i = 0; i < AC_COUNT(parts); i++)
        AC_TRY(write_part(templates, i, name, folder, err));
    return AC_OK;
}

static enum ac_code tell(const char *name, const char *folder, bool is_json,
                         struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;
    AC_AUTO(ac_json) *made = NULL;
    AC_AUTO(ac_text) text = { 0 };

    if (is_json) {
        AC_TRY(ac_command_document(AC_COMMAND_PLUGIN_NEW, &document, err));
        AC_TRY(ac_json_new(&made, err, "{s:s, s:s}", "name", name, "folder", folder));
        AC_TRY(ac_json_set(document, "plugin", &made, err));
        return ac_report_print_json(document, err);
    }
    AC_TRY(ac_text_addf(&text, err,
                        "%s is a project of its own now. Build and check it:\n"
                        "  cd %s && cmake -B build && cmake --build build\n"
                        "  ctest --test-dir build --output-on-failure\n"
                        "plugin.c has the one function that knows the provider; "
                        "docs/writing-a-plugin.md leads on.\n",
                        folder, folder));
    return ac_report_print(ac_text_get(&text), err);
}

enum ac_code ac_command_plugin_new(struct ac_context *context, bool *ret_is_told,
                                   struct ac_error *err)
{
    const struct ac_words *arguments = &context->options->arguments;
    const char *name = arguments->items[0];
    const char *folder = arguments->count > 1 ? arguments->items[1] : name;

    (void)ret_is_told;
    AC_TRY(check_name(name, err));
    AC_TRY(write_all(name, folder, err));
    return tell(name, folder, context->options->is_json, err);
}
