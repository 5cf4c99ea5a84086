/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "cli/report.h"

/* What came of it. */
struct cleaning {
    const char *name;
    bool is_persistent; /* also what was to stay */
    struct ac_words cleaned, warnings;
};

static void cleaning_done(struct cleaning *cleaning)
{
    ac_words_done(&cleaning->cleaned);
    ac_words_done(&cleaning->warnings);
}
AC_DEFINE_DROP_VALUE(cleaning, cleaning_done)

static enum ac_code check_name(const struct ac_context *context, const char *name,
                               struct ac_error *err)
{
    AC_AUTO(ac_words) names = { 0 };

    AC_TRY(ac_store_check_name(name, err));
    AC_TRY(ac_store_list(context->store, AC_STORE_CERTIFICATES, &names, err));
    if (ac_words_has(&names, name))
        return AC_OK;
    return ac_fail(
        err, AC_E_NOTFOUND,
        "there is no certificate \"%s\" in %s; acmecore list shows what there "
        "is",
        name, ac_store_folder(context->store));
}

/* why: NULL when all went well. */
static enum ac_code tell_json(const struct cleaning *cleaning,
                              const struct ac_error *why, struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;

    AC_TRY(ac_command_document(AC_COMMAND_CLEANUP, &document, err));
    AC_TRY(ac_json_set_text(document, "name", cleaning->name, err));
    AC_TRY(ac_json_set_words(document, "cleaned", &cleaning->cleaned, err));
    AC_TRY(ac_json_set_words(document, "warnings", &cleaning->warnings, err));
    if (why)
        AC_TRY(ac_command_add_error(document, why, err));
    return ac_report_print_json(document, err);
}

static enum ac_code tell_text(const struct cleaning *cleaning, bool is_failed,
                              struct ac_error *err)
{
    AC_AUTO(ac_text) text = { 0 };

    for (size_t i = 0; i < cleaning->cleaned.count; i++)
        AC_TRY(ac_text_addf(&text, err, "removed %s\n", cleaning->cleaned.items[i]));
    if (cleaning->cleaned.count == 0 && !is_failed) {
        AC_TRY(ac_text_addf(&text, err,
                            "Nothing that runs for \"%s\" wrote is noted as left in "
                            "place%s.\n",
                            cleaning->name,
                            cleaning->is_persistent
                                ? ""
                                : " (but for records of dns-persist-01, which "
                                  "--persistent removes)"));
    }
    return ac_report_print(ac_text_get(&text), err);
}

enum ac_code ac_command_cleanup(struct ac_context *context, bool *ret_is_told,
                                struct ac_error *err)
{
    const struct ac_options *options = context->options;
    AC_AUTO(cleaning) cleaning = { .name = options->arguments.items[0],
                                   .is_persistent = options->takes_persistent };
    struct ac_error why = { 0 };

    AC_TRY(check_name(context, cleaning.name, err));
    AC_TRY(ac_context_run(context, err));
    enum ac_code code =
        ac_run_clean(context->run, cleaning.name, cleaning.is_persistent,
                     &cleaning.cleaned, &cleaning.warnings, &why);
    if (code == AC_OK && cleaning.warnings.count > 0)
        code = ac_fail(&why, AC_E_PLUGIN, "%s", cleaning.warnings.items[0]);
    ac_terminal_clear(&context->terminal);
    if (options->is_json) {
        AC_TRY(tell_json(&cleaning, code == AC_OK ? NULL : &why, err));
    } else if (!options->is_quiet) {
        AC_TRY(tell_text(&cleaning, code != AC_OK, err));
    }
    *ret_is_told = options->is_json;
    if (code != AC_OK)
        *err = why;
    return code;
}
