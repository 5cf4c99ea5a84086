/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "acmecore-config.h"
#include "base/file.h"
#include "cli/report.h"

#include <string.h>

#define NAME_LIMIT   48 /* bytes, with its prefix */
#define TEMPLATE_MAX (64u * 1024u)
#define PLACE        "@NAME@"

/* The name says what kind of plugin it is to be. */
static const struct kind {
    const char *prefix;
    const char *template; /* its folder */
} kinds[] = {
    { "dns01-", "dns01" },
    { "http01-", "http01" },
    { "installer-", "installer" },
};

/* What a new project is made of: a file of the template, and its name and mode there.
 */
static const struct {
    const char *from, *to;
    mode_t mode;
    bool is_common; /* of all templates */
} parts[] = {
    { "CMakeLists.txt", "CMakeLists.txt", 0644, false },
    { "plugin.c", "plugin.c", 0644, false },
    { "README.md", "README.md", 0644, false },
    { "check.sh", "check.sh", 0755, false },
    { "build.yml", "build.yml", 0644, true },
    { "gitignore", ".gitignore", 0644, true },
};

static const struct kind *find_kind(const char *name)
{
    for (size_t i = 0; i < AC_COUNT(kinds); i++) {
        if (strncmp(name, kinds[i].prefix, strlen(kinds[i].prefix)) == 0)
            return &kinds[i];
    }
    return NULL;
}

static enum ac_code check_name(const char *name, const struct kind **ret_kind,
                               struct ac_error *err)
{
    const struct kind *kind = find_kind(name);

    if (!kind) {
        return ac_fail(err, AC_E_USAGE,
                       "%s: a new plugin is called dns01-NAME, http01-NAME or "
                       "installer-NAME, as other kinds have no template; for "
                       "tlsalpn01-NAME take tlsalpn01-standalone as the example",
                       name);
    }
    size_t prefix = strlen(kind->prefix);
    if (!ac_text_is_made_of(name + prefix, "abcdefghijklmnopqrstuvwxyz0123456789-", 1,
                            NAME_LIMIT - prefix)) {
        return ac_fail(err, AC_E_USAGE,
                       "%s: after \"%s\" come 1 to %zu small letters, digits "
                       "and \"-\"",
                       name, kind->prefix, NAME_LIMIT - prefix);
    }
    *ret_kind = kind;
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

static enum ac_code write_part(const char *template_folder, size_t part,
                               const char *name, const char *folder,
                               struct ac_error *err)
{
    AC_AUTO_TEXT char *from = NULL;
    AC_AUTO_TEXT char *to = NULL;
    AC_AUTO(ac_text) template = { 0 };
    AC_AUTO(ac_text) text = { 0 };

    AC_TRY(ac_memory_format(&from, err, "%s/%s%s", template_folder,
                            parts[part].is_common ? "../common/" : "",
                            parts[part].from));
    AC_TRY(ac_memory_format(&to, err, "%s/%s", folder, parts[part].to));
    AC_TRY(ac_file_read(from, TEMPLATE_MAX, &template, err));
    AC_TRY(fill_in(ac_text_get(&template), name, &text, err));
    return ac_file_create(to, parts[part].mode, ac_text_get(&text), text.size, err);
}

static enum ac_code write_all(const struct kind *kind, const char *name,
                              const char *folder, struct ac_error *err)
{
    AC_AUTO_TEXT char *templates = NULL;
    AC_AUTO_TEXT char *template_folder = NULL;

    AC_TRY(ac_context_beside(ACMECORE_TEMPLATE_DIR, &templates, err));
    AC_TRY(ac_memory_format(&template_folder, err, "%s/%s", templates, kind->template));
    if (ac_file_exists(folder)) {
        return ac_fail(err, AC_E_USAGE,
                       "%s is there already: give another name, or another folder",
                       folder);
    }
    AC_TRY(ac_file_make_folder(folder, 0755, err));
    for (size_t i = 0; i < AC_COUNT(parts); i++)
        AC_TRY(write_part(template_folder, i, name, folder, err));
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
                        "In plugin.c, what is yours is between two lines; "
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
    const struct kind *kind = NULL;

    (void)ret_is_told;
    AC_TRY(check_name(name, &kind, err));
    AC_TRY(write_all(kind, name, folder, err));
    return tell(name, folder, context->options->is_json, err);
}
