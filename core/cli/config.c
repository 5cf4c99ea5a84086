/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "cli/report.h"
#include "engine/wanted/configured_check.h"

static enum ac_code check_config(struct ac_context *context, struct ac_error *err)
{
    if (!context->config) {
        return ac_fail(err, AC_E_USAGE,
                       "there is no configuration: " AC_CONFIG_DEFAULT_PATH
                       " is not there, or not for us to read (--config FILE names "
                       "another)");
    }
    AC_TRY(ac_context_run(context, err));
    AC_TRY(ac_configured_check(context->run, context->config, &context->faults, err));
    ac_faults_sort(&context->faults);
    return AC_OK;
}

static const char *path_of(const struct ac_context *context)
{
    return ac_documents_at(&context->config->documents, 0)->path;
}

/* The failure that the command ends with; AC_OK: nothing is wrong. */
static enum ac_code judge(const struct ac_context *context, struct ac_error *why)
{
    const struct ac_faults *faults = &context->faults;

    if (faults->count == 0)
        return AC_OK;
    return ac_fail(why, AC_E_USAGE, "%s%zu %s wrong with %s",
                   faults->has_more ? "more than " : "", faults->count,
                   faults->count == 1 ? "thing is" : "things are", path_of(context));
}

static enum ac_code tell_json(const struct ac_context *context,
                              const struct ac_error *why, struct ac_error *err)
{
    const struct ac_config *config = context->config;
    AC_AUTO(ac_json) *document = NULL;
    AC_AUTO(ac_json) *faults = NULL;
    AC_AUTO(ac_words) files = { 0 };

    for (size_t i = 0; i < config->documents.count; i++) {
        AC_TRY(ac_words_add(&files, ac_documents_at(&config->documents, i)->path, err));
    }
    AC_TRY(ac_command_document(AC_COMMAND_CONFIG_CHECK, &document, err));
    AC_TRY(ac_json_set_words(document, "files", &files, err));
    AC_TRY(ac_json_set_number(document, "certificates",
                              (int64_t)config->certificate_count, err));
    AC_TRY(ac_faults_to_json(&context->faults, &faults, err));
    AC_TRY(ac_json_set(document, "faults", &faults, err));
    if (why->code != AC_OK)
        AC_TRY(ac_command_add_error(document, why, err));
    return ac_report_print_json(document, err);
}

static enum ac_code add_count(struct ac_text *text, const char *before, size_t count,
                              const char *word, struct ac_error *err)
{
    return ac_text_addf(text, err, "%s%zu %s%s", before, count, word,
                        count == 1 ? "" : "s");
}

static enum ac_code tell_text(const struct ac_context *context, struct ac_error *err)
{
    const struct ac_config *config = context->config;
    const struct ac_faults *faults = &context->faults;
    AC_AUTO(ac_text) text = { 0 };

    for (size_t i = 0; i < faults->count; i++) {
        const struct ac_fault *fault = &faults->items[i];

        AC_TRY(ac_text_addf(&text, err, "%s:", fault->path));
        if (fault->line > 0)
            AC_TRY(ac_text_addf(&text, err, "%u:", fault->line));
        AC_TRY(ac_text_addf(&text, err, " %s\n", fault->message));
    }
    if (faults->count > 0)
        return ac_report_print(ac_text_get(&text), err);
    if (context->options->is_quiet)
        return AC_OK;
    AC_TRY(ac_text_addf(&text, err, "%s: nothing is wrong (", path_of(context)));
    AC_TRY(add_count(&text, "", config->certificate_count, "certificate", err));
    AC_TRY(add_count(&text, ", ", config->ca_count, "CA", err));
    AC_TRY(add_count(&text, ", ", config->solver_count, "solver", err));
    AC_TRY(add_count(&text, ", ", config->installer_count, "installer", err));
    AC_TRY(add_count(&text, "; ", config->documents.count, "file", err));
    AC_TRY(ac_text_addf(&text, err, ")\n"));
    return ac_report_print(ac_text_get(&text), err);
}

enum ac_code ac_command_config_check(struct ac_context *context, bool *ret_is_told,
                                     struct ac_error *err)
{
    struct ac_error why = { 0 };

    AC_TRY(check_config(context, err));
    enum ac_code code = judge(context, &why);
    if (context->options->is_json) {
        AC_TRY(tell_json(context, &why, err));
    } else {
        AC_TRY(tell_text(context, err));
    }
    *ret_is_told = true;
    if (code != AC_OK)
        *err = why;
    return code;
}
