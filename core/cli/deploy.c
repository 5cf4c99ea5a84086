/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "cli/deployments.h"
#include "cli/report.h"
#include "engine/held/held.h"

static enum ac_code tell(struct ac_context *context,
                         const struct ac_deployments *deployments,
                         const struct ac_error *why, struct ac_error *err)
{
    const char *name = context->options->arguments.items[0];
    AC_AUTO(ac_json) *document = NULL;
    AC_AUTO(ac_text) line = { 0 };

    if (context->options->is_json) {
        AC_TRY(ac_command_document(AC_COMMAND_DEPLOY, &document, err));
        AC_TRY(ac_json_set_text(document, "name", name, err));
        AC_TRY(ac_deployments_add(deployments, document, err));
        if (why->code != AC_OK)
            AC_TRY(ac_command_add_error(document, why, err));
        return ac_report_print_json(document, err);
    }
    if (context->options->is_quiet || why->code != AC_OK
        || ac_json_count(deployments->all) > 0)
        return AC_OK;
    AC_TRY(ac_text_addf(&line, err,
                        "%s: nothing is to be deployed (--force deploys again what is "
                        "live)\n",
                        name));
    return ac_report_print(ac_text_get(&line), err);
}

/* Nothing deploys what nobody has asked for. */
static enum ac_code check_installers(const struct ac_context *context, const char *name,
                                     const struct ac_wanted *wanted,
                                     struct ac_error *err)
{
    const struct ac_words *asked = &context->options->installers;

    if (wanted->installer_count == 0) {
        return ac_fail(err, AC_E_USAGE,
                       "the certificate \"%s\" has no installer; give it one: acmecore "
                       "issue --name %s --installer PLUGIN, or installers in the "
                       "configuration",
                       name, name);
    }
    for (size_t i = 0; i < asked->count; i++) {
        if (!ac_wanted_find_installer(wanted, asked->items[i])) {
            return ac_fail(err, AC_E_USAGE,
                           "--installer %s: the certificate \"%s\" has none of that "
                           "name (acmecore show %s lists them)",
                           asked->items[i], name, name);
        }
    }
    return AC_OK;
}

static enum ac_code check(const struct ac_context *context, const char *name,
                          struct ac_error *err)
{
    AC_AUTO(ac_wanted) wanted = { 0 };
    AC_AUTO(ac_held) held = { 0 };

    AC_TRY(ac_store_check_name(name, err));
    AC_TRY(ac_held_load(context->store, name, &held, err));
    AC_TRY(ac_deployments_load(context, name, &wanted, err));
    return check_installers(context, name, &wanted, err);
}

enum ac_code ac_command_deploy(struct ac_context *context, bool *ret_is_told,
                               struct ac_error *err)
{
    const struct ac_options *options = context->options;
    AC_AUTO(ac_deployments) deployments = { .context = context };
    const struct ac_deployments_wish wish = {
        .names = &options->arguments,
        .installers = &options->installers,
        .is_forced = options->is_forced,
        .is_dry_run = options->is_dry_run,
        .ignores_backoff = true,
    };
    struct ac_error why = { 0 };

    AC_TRY(check(context, options->arguments.items[0], err));
    (void)!ac_deployments_run(&deployments, &wish, err); /* the verdict has it */
    ac_deployments_verdict(&deployments, &why);
    AC_TRY(tell(context, &deployments, &why, err));
    *ret_is_told = options->is_json;
    if (why.code != AC_OK)
        *err = why;
    return why.code;
}
