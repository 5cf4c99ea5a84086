/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "cli/report.h"

#include <inttypes.h>
#include <string.h>

static const char *const kind_words[] = { [AC_VERDICT_PASSED] = "passed",
                                          [AC_VERDICT_FAILED] = "failed",
                                          [AC_VERDICT_SKIPPED] = "skipped" };

/* What failed is to be seen at a glance. */
static const char *loud_word(enum ac_verdict_kind kind)
{
    return kind == AC_VERDICT_FAILED ? "FAILED" : kind_words[kind];
}

/* "OPTION=VALUE", or "PLUGIN.OPTION=VALUE" as everywhere else. */
static enum ac_code add_setting(const char *plugin, const char *text,
                                struct ac_section *section, struct ac_error *err)
{
    AC_AUTO_TEXT char *name = NULL;
    size_t prefix = strlen(plugin);

    if (strncmp(text, plugin, prefix) == 0 && text[prefix] == '.')
        text += prefix + 1;
    const char *equals = strchr(text, '=');
    if (!equals || equals == text) {
        return ac_fail(err, AC_E_USAGE, "--set %s: it is written OPTION=VALUE", text);
    }
    AC_TRY(ac_memory_copy_bytes(text, (size_t)(equals - text), &name, err));
    return ac_section_add(section, name, equals + 1, "--set", err);
}

static enum ac_code check_domain(const struct ac_options *options,
                                 struct ac_identifiers *ret_domain,
                                 struct ac_error *err)
{
    for (size_t i = 0; i < options->domains.count; i++)
        AC_TRY(ac_identifiers_parse(options->domains.items[i], ret_domain, err));
    const struct ac_identifier *domain = ret_domain->items;
    if (ret_domain->count == 0
        || (ret_domain->count == 1 && domain->type == AC_IDENTIFIER_DNS
            && !ac_identifier_is_wildcard(domain)))
        return AC_OK;
    return ac_fail(err, AC_E_USAGE,
                   "-d is given once here: a domain, in which a record "
                   "check1.DOMAIN is written and removed");
}

static enum ac_code print_text(const struct ac_plugin_check *check, const char *plugin,
                               struct ac_error *err)
{
    AC_AUTO(ac_text) text = { 0 };

    for (size_t i = 0; i < check->count; i++) {
        const struct ac_verdict *verdict = &check->items[i];
        AC_TRY(ac_text_addf(&text, err, "%-7s  %s\n", loud_word(verdict->kind),
                            verdict->claim));
        if (verdict->reason)
            AC_TRY(ac_text_addf(&text, err, "         %s\n", verdict->reason));
    }
    AC_TRY(ac_text_addf(&text, err, "%s: %zu passed, %zu failed, %zu skipped\n", plugin,
                        ac_plugin_check_count(check, AC_VERDICT_PASSED),
                        ac_plugin_check_count(check, AC_VERDICT_FAILED),
                        ac_plugin_check_count(check, AC_VERDICT_SKIPPED)));
    return ac_report_print(ac_text_get(&text), err);
}

static enum ac_code print_json(const struct ac_plugin_check *check, const char *plugin,
                               struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;
    AC_AUTO(ac_json) *verdicts = NULL;
    AC_AUTO(ac_json) *name = NULL;

    AC_TRY(ac_command_document(AC_COMMAND_PLUGIN_CHECK, &document, err));
    AC_TRY(ac_json_new(&verdicts, err, "[]"));
    for (size_t i = 0; i < check->count; i++) {
        const struct ac_verdict *verdict = &check->items[i];
        AC_AUTO(ac_json) *one = NULL;

        AC_TRY(ac_json_new(&one, err, "{s:s, s:s, s:s, s:s?}", "id", verdict->id,
                           "claim", verdict->claim, "verdict",
                           kind_words[verdict->kind], "reason", verdict->reason));
        AC_TRY(ac_json_append(verdicts, &one, err));
    }
    AC_TRY(ac_json_new(&name, err, "{s:s}", "name", plugin));
    AC_TRY(ac_json_set(document, "plugin", &name, err));
    AC_TRY(ac_json_set(document, "verdicts", &verdicts, err));
    return ac_report_print_json(document, err);
}

enum ac_code ac_command_plugin_check(struct ac_context *context, bool *ret_is_told,
                                     struct ac_error *err)
{
    const struct ac_options *options = context->options;
    AC_AUTO(ac_section) section = { 0 };
    AC_AUTO(ac_identifiers) domain = { 0 };
    AC_AUTO(ac_plugin_check) check = { 0 };

    for (size_t i = 0; i < options->sets.count; i++) {
        AC_TRY(
            add_setting(context->plugin_name, options->sets.items[i], &section, err));
    }
    AC_TRY(check_domain(options, &domain, err));
    AC_TRY(ac_context_run(context, err));
    AC_TRY(ac_run_check_plugin(context->run, context->plugin_name, &section,
                               domain.count > 0 ? domain.items[0].value : NULL, &check,
                               err));
    *ret_is_told = options->is_json;
    if (options->is_json) {
        AC_TRY(print_json(&check, context->plugin_name, err));
    } else {
        AC_TRY(print_text(&check, context->plugin_name, err));
    }
    size_t failed = ac_plugin_check_count(&check, AC_VERDICT_FAILED);
    if (failed == 0)
        return AC_OK;
    return ac_fail(err, AC_E_PLUGIN,
                   "plugin %s breaks its contract: %zu of %zu checks failed; "
                   "docs/writing-a-plugin.md says what each asks for",
                   context->plugin_name, failed, check.count);
}
