/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "base/kernel.h"
#include "cli/report.h"

#include <inttypes.h>
#include <string.h>

static const char *kind_name(uint32_t kind)
{
    static const char *const names[] = {
        [ACMECORE_SOLVER] = "solver",
        [ACMECORE_INSTALLER] = "installer",
        [ACMECORE_STORE] = "store",
    };

    return kind > 0 && kind < AC_COUNT(names) ? names[kind] : "unknown";
}

static const char *type_name(uint32_t type)
{
    static const char *const names[] = {
        [ACMECORE_OPTION_TEXT] = "text",       [ACMECORE_OPTION_NUMBER] = "number",
        [ACMECORE_OPTION_PATH] = "path",       [ACMECORE_OPTION_SECRET] = "secret-file",
        [ACMECORE_OPTION_ADDRESS] = "address",
    };

    return type > 0 && type < AC_COUNT(names) ? names[type] : "unknown";
}

/* What it says it needs, a word for each flag. */
static enum ac_code list_uses(const struct ac_descriptor *descriptor,
                              struct ac_words *words, struct ac_error *err)
{
    static const struct {
        uint32_t flag;
        const char *word;
    } known[] = {
        { ACMECORE_USES_NETWORK, "network" },
        { ACMECORE_USES_FILES, "files" },
        { ACMECORE_USES_SOCKETS, "sockets" },
        { ACMECORE_USES_COMMANDS, "commands" },
    };

    for (size_t i = 0; i < AC_COUNT(known); i++) {
        if (descriptor->flags & known[i].flag)
            AC_TRY(ac_words_add(words, known[i].word, err));
    }
    return AC_OK;
}

static enum ac_code show_uses(struct ac_text *text,
                              const struct ac_descriptor *descriptor,
                              struct ac_error *err)
{
    AC_AUTO(ac_words) uses = { 0 };

    AC_TRY(list_uses(descriptor, &uses, err));
    AC_TRY(ac_text_addf(text, err, "  uses     "));
    if (uses.count == 0)
        AC_TRY(ac_text_addf(text, err, "nothing outside of its process"));
    AC_TRY(ac_words_join(&uses, ", ", text, err));
    return ac_text_add(text, "\n", 1, err);
}

/* ---- JSON: words where the ABI has numbers */

static enum ac_code option_json(const struct ac_option *option,
                                struct ac_json **ret_json, struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;

    AC_TRY(ac_json_new(&json, err, "{s:s, s:s, s:b, s:b, s:s?, s:s}", "name",
                       option->name, "type", type_name(option->type), "required",
                       (option->flags & ACMECORE_REQUIRED) != 0, "list",
                       (option->flags & ACMECORE_LIST) != 0, "default",
                       option->fallback, "help", option->help));
    if (option->type == ACMECORE_OPTION_NUMBER) {
        AC_TRY(ac_json_set_number(json, "minimum", option->minimum, err));
        AC_TRY(ac_json_set_number(json, "maximum", option->maximum, err));
    }
    if (option->choices.count > 0)
        AC_TRY(ac_json_set_words(json, "choices", &option->choices, err));
    *ret_json = AC_TAKE(json);
    return AC_OK;
}

static enum ac_code add_options(const struct ac_descriptor *descriptor,
                                struct ac_json *json, struct ac_error *err)
{
    AC_AUTO(ac_json) *options = NULL;

    AC_TRY(ac_json_new(&options, err, "[]"));
    for (size_t i = 0; i < descriptor->option_count; i++) {
        AC_AUTO(ac_json) *option = NULL;

        AC_TRY(option_json(&descriptor->options[i], &option, err));
        AC_TRY(ac_json_append(options, &option, err));
    }
    return ac_json_set(json, "options", &options, err);
}

static enum ac_code plugin_json(const struct ac_descriptor *descriptor,
                                struct ac_json **ret_json, struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(ac_words) uses = { 0 };

    AC_TRY(ac_json_new(&json, err, "{s:s, s:s, s:s, s:s}", "name", descriptor->name,
                       "version", descriptor->version, "kind",
                       kind_name(descriptor->kind), "path", descriptor->path));
    AC_TRY(ac_json_set_number(json, "abi_major", descriptor->abi_major, err));
    AC_TRY(ac_json_set_number(json, "abi_minor", descriptor->abi_minor, err));
    AC_TRY(ac_json_set_number(json, "needs_minor", descriptor->needs_minor, err));
    AC_TRY(ac_json_set_number(json, "max_batch", descriptor->max_batch, err));
    AC_TRY(ac_json_set_words(json, "types", &descriptor->types, err));
    AC_TRY(list_uses(descriptor, &uses, err));
    AC_TRY(ac_json_set_words(json, "uses", &uses, err));
    AC_TRY(add_options(descriptor, json, err));
    *ret_json = AC_TAKE(json);
    return AC_OK;
}

/* ---- list */

/* One that is refused is told of and does not hide the others; nothing was to use it.
 */
/* "plugin x is refused: …" stands beside the name already. */
static const char *reason_of(const char *name, const char *detail)
{
    static const char refused[] = " is refused: ";
    size_t size = strlen(name);

    if (strncmp(detail, "plugin ", strlen("plugin ")) != 0)
        return detail;
    const char *at = detail + strlen("plugin ");
    if (strncmp(at, name, size) != 0
        || strncmp(at + size, refused, strlen(refused)) != 0)
        return detail;
    return at + size + strlen(refused);
}

static enum ac_code list_refused(const char *name, const struct ac_error *why,
                                 struct ac_json *plugins, struct ac_text *text,
                                 struct ac_error *err)
{
    AC_AUTO(ac_json) *one = NULL;

    AC_TRY(ac_json_new(&one, err, "{s:s, s:s, s:s}", "name", name, "code",
                       ac_code_name(why->code), "problem", why->detail));
    AC_TRY(ac_json_append(plugins, &one, err));
    return ac_text_addf(text, err, "%-24s refused: %s\n", name,
                        reason_of(name, why->detail));
}

static enum ac_code list_one(struct ac_context *context, const char *name,
                             struct ac_json *plugins, struct ac_text *text,
                             struct ac_error *err)
{
    const struct ac_descriptor *descriptor;
    AC_AUTO(ac_json) *one = NULL;
    struct ac_error why = { 0 };

    enum ac_code code = ac_run_describe(context->run, name, &descriptor, &why);
    if (code == AC_E_CANCELLED || code == AC_E_TIMEOUT || code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    if (code != AC_OK)
        return list_refused(name, &why, plugins, text, err);
    AC_TRY(plugin_json(descriptor, &one, err));
    AC_TRY(ac_json_append(plugins, &one, err));
    AC_TRY(ac_text_addf(text, err, "%-24s %-10s %-8s ", name,
                        kind_name(descriptor->kind), descriptor->version));
    AC_TRY(ac_words_join(&descriptor->types, ", ", text, err));
    if (context->options->verbosity > 0) {
        AC_TRY(ac_text_addf(text, err, "  %s", descriptor->path));
        AC_TRY(ac_text_add(text, "\n", 1, err));
        return show_uses(text, descriptor, err);
    }
    return ac_text_add(text, "\n", 1, err);
}

/* What is left open on this machine, whatever a plugin asks for. */
static enum ac_code list_kernel(struct ac_text *text, struct ac_error *err)
{
    int landlock = ac_kernel_landlock();

    if (landlock > 0) {
        AC_TRY(ac_text_addf(text, err, "\nsandbox: Landlock version %d%s", landlock,
                            landlock < AC_LANDLOCK_TRUNCATE
                                ? " (3 would also keep files from being emptied)"
                                : ""));
    } else {
        AC_TRY(ac_text_addf(text, err,
                            "\nsandbox: this kernel has no Landlock, so a plugin reads "
                            "and writes what its user may"));
    }
    return ac_text_addf(text, err,
                        ac_kernel_has_seccomp()
                            ? "; seccomp\n"
                            : "; no seccomp, so a plugin has the network, processes "
                              "and signals\n");
}

static enum ac_code add_kernel(struct ac_json *document, struct ac_error *err)
{
    AC_AUTO(ac_json) *sandbox = NULL;

    AC_TRY(ac_json_new(&sandbox, err, "{s:i, s:b}", "landlock", ac_kernel_landlock(),
                       "seccomp", (int)ac_kernel_has_seccomp()));
    return ac_json_set(document, "sandbox", &sandbox, err);
}

enum ac_code ac_command_plugin_list(struct ac_context *context, bool *ret_is_told,
                                    struct ac_error *err)
{
    AC_AUTO(ac_words) names = { 0 };
    AC_AUTO(ac_json) *document = NULL;
    AC_AUTO(ac_json) *plugins = NULL;
    AC_AUTO(ac_text) text = { 0 };

    (void)ret_is_told;
    AC_TRY(ac_json_new(&plugins, err, "[]"));
    AC_TRY(ac_run_plugins(&context->plugin_folders, &names, err));
    AC_TRY(ac_context_run(context, err));
    for (size_t i = 0; i < names.count; i++)
        AC_TRY(list_one(context, names.items[i], plugins, &text, err));
    if (context->options->verbosity > 0 && names.count > 0)
        AC_TRY(list_kernel(&text, err));
    if (!context->options->is_json) {
        return ac_report_print(
            names.count > 0 ? ac_text_get(&text) : "No plugins are installed.\n", err);
    }
    AC_TRY(ac_command_document(AC_COMMAND_PLUGIN_LIST, &document, err));
    AC_TRY(ac_json_set(document, "plugins", &plugins, err));
    AC_TRY(add_kernel(document, err));
    return ac_report_print_json(document, err);
}

/* ---- show */

static enum ac_code show_option(struct ac_text *text, const struct ac_option *option,
                                struct ac_error *err)
{
    AC_TRY(ac_text_addf(text, err, "    %-16s %s%s%s", option->name,
                        type_name(option->type),
                        option->flags & ACMECORE_LIST ? ", may be repeated" : "",
                        option->flags & ACMECORE_REQUIRED ? ", required" : ""));
    if (option->type == ACMECORE_OPTION_NUMBER) {
        AC_TRY(ac_text_addf(text, err, " %" PRId64 " to %" PRId64, option->minimum,
                            option->maximum));
    }
    if (option->choices.count > 0) {
        AC_TRY(ac_text_addf(text, err, ": "));
        AC_TRY(ac_words_join(&option->choices, " | ", text, err));
    }
    if (option->fallback)
        AC_TRY(ac_text_addf(text, err, ", default %s", option->fallback));
    return ac_text_addf(text, err, "\n      %s\n", option->help ? option->help : "");
}

/* A value of the right form for an option that has no default. */
static const char *example_value(const struct ac_option *option)
{
    static const char *const values[] = {
        [ACMECORE_OPTION_TEXT] = "\"…\"",
        [ACMECORE_OPTION_NUMBER] = "…",
        [ACMECORE_OPTION_PATH] = "\"/…\"",
        [ACMECORE_OPTION_SECRET] = "\"file:/…\"",
        [ACMECORE_OPTION_ADDRESS] = "\"host:port\"",
    };

    return option->type > 0 && option->type < AC_COUNT(values) ? values[option->type]
                                                               : "\"…\"";
}

/* What need not be set stands behind a "#", with what it is then. */
static enum ac_code show_example_option(struct ac_text *text,
                                        const struct ac_option *option,
                                        struct ac_error *err)
{
    const char *mark = option->flags & ACMECORE_REQUIRED ? "  " : "# ";

    if (!option->fallback) {
        return ac_text_addf(text, err, "        %s%s = %s\n", mark, option->name,
                            example_value(option));
    }
    return ac_text_addf(text, err,
                        option->type == ACMECORE_OPTION_NUMBER
                            ? "        %s%s = %s\n"
                            : "        %s%s = \"%s\"\n",
                        mark, option->name, option->fallback);
}

static enum ac_code show_example(struct ac_text *text,
                                 const struct ac_descriptor *descriptor,
                                 struct ac_error *err)
{
    AC_TRY(ac_text_addf(text, err,
                        "  in a configuration\n    %s \"%s\" {\n      plugin = "
                        "\"%s\"\n      options {\n",
                        kind_name(descriptor->kind), descriptor->name,
                        descriptor->name));
    for (size_t i = 0; i < descriptor->option_count; i++)
        AC_TRY(show_example_option(text, &descriptor->options[i], err));
    return ac_text_addf(text, err, "      }\n    }\n");
}

static enum ac_code show_text(const struct ac_descriptor *descriptor,
                              struct ac_error *err)
{
    AC_AUTO(ac_text) text = { 0 };

    AC_TRY(ac_text_addf(
        &text, err,
        "%s %s\n  kind     %s\n  file     %s\n  ABI      %u.%u, needs %u.%u "
        "or later\n",
        descriptor->name, descriptor->version, kind_name(descriptor->kind),
        descriptor->path, descriptor->abi_major, descriptor->abi_minor,
        descriptor->abi_major, descriptor->needs_minor));
    if (descriptor->types.count > 0) {
        AC_TRY(ac_text_addf(&text, err, "  answers  "));
        AC_TRY(ac_words_join(&descriptor->types, ", ", &text, err));
        AC_TRY(ac_text_add(&text, "\n", 1, err));
    }
    AC_TRY(show_uses(&text, descriptor, err));
    AC_TRY(ac_text_addf(&text, err, "  options  (--set %s.NAME=VALUE)%s\n",
                        descriptor->name, descriptor->option_count > 0 ? "" : " none"));
    for (size_t i = 0; i < descriptor->option_count; i++)
        AC_TRY(show_option(&text, &descriptor->options[i], err));
    AC_TRY(show_example(&text, descriptor, err));
    return ac_report_print(ac_text_get(&text), err);
}

enum ac_code ac_command_plugin_show(struct ac_context *context, bool *ret_is_told,
                                    struct ac_error *err)
{
    const char *name = context->plugin_name;
    const struct ac_descriptor *descriptor;
    AC_AUTO(ac_json) *document = NULL;
    AC_AUTO(ac_json) *plugin = NULL;

    (void)ret_is_told;
    AC_TRY(ac_context_run(context, err));
    AC_TRY(ac_run_describe(context->run, name, &descriptor, err));
    if (!context->options->is_json)
        return show_text(descriptor, err);
    AC_TRY(ac_command_document(AC_COMMAND_PLUGIN_SHOW, &document, err));
    AC_TRY(plugin_json(descriptor, &plugin, err));
    AC_TRY(ac_json_set(document, "plugin", &plugin, err));
    return ac_report_print_json(document, err);
}
