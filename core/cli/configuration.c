/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/configuration.h"

#include "base/file.h"
#include "base/log.h"
#include "base/path.h"
#include "cli/known_ca.h"
#include "cli/log_format.h"
#include "config/source.h"
#include "store/version.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- the file */

/* Those that only look at what is there must do so whatever the file says. */
static bool only_looks(enum ac_command command)
{
    return command == AC_COMMAND_LIST || command == AC_COMMAND_SHOW
           || command == AC_COMMAND_STATUS || command == AC_COMMAND_ACCOUNT_LIST
           || command == AC_COMMAND_PLUGIN_LIST || command == AC_COMMAND_PLUGIN_SHOW
           || command == AC_COMMAND_PLUGIN_NEW || command == AC_COMMAND_PLUGIN_CHECK
           || command == AC_COMMAND_CONFIG_CHECK;
}

static enum ac_code judge(struct ac_context *context, struct ac_error *err)
{
    struct ac_error why = { 0 };
    enum ac_command command = context->options->command;

    if (ac_faults_fail(&context->faults, &why) == AC_OK
        || command == AC_COMMAND_CONFIG_CHECK)
        return AC_OK;
    if (command == AC_COMMAND_RENEW) {
        context->is_misconfigured = true; /* ac_configuration_go_on */
        return AC_OK;
    }
    if (!only_looks(command)) {
        *err = why;
        return why.code;
    }
    ac_log_say(AC_LOG_WARN, "%s; going on without what is wrong", why.detail);
    return AC_OK;
}

static bool is_same_file(const char *a, const char *b)
{
    struct stat first;
    struct stat second;

    return stat(a, &first) == 0 && stat(b, &second) == 0
           && first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

/* One file is known by one path, however it was written: what is noted with it must not
 * look like another configuration's. A link may lead ".." elsewhere. */
static enum ac_code collapse(char **path, struct ac_error *err)
{
    AC_AUTO_TEXT char *plain = NULL;

    AC_TRY(ac_memory_copy_text(*path, &plain, err));
    ac_path_collapse(plain);
    if (!is_same_file(*path, plain))
        return AC_OK;
    free(*path);
    *path = AC_TAKE(plain);
    return AC_OK;
}

static enum ac_code make_whole(const char *given, char **ret_path, struct ac_error *err)
{
    char here[PATH_MAX];

    if (given[0] == '/')
        return ac_memory_copy_text(given, ret_path, err);
    if (!getcwd(here, sizeof here)) {
        return ac_fail_errno(
            err, AC_E_USAGE, errno,
            "--config %s is relative, and the folder we are in has no path", given);
    }
    return ac_memory_format(ret_path, err, "%s/%s", here, given);
}

/* One that is there and cannot be read is not none: without it other certificates would
 * be looked after, in another place. */
static enum ac_code miss_file(const struct ac_options *options, struct ac_error *err)
{
    struct ac_error why = { 0 };
    int number = errno;

    if (number == ENOENT || number == ENOTDIR)
        return AC_OK;
    (void)!ac_fail_errno(&why, AC_E_USAGE, number,
                         "configuration " AC_CONFIG_DEFAULT_PATH);
    if (!only_looks(options->command)) {
        *err = why;
        return why.code;
    }
    ac_log_say(AC_LOG_WARN, "%s; going on without it", why.detail);
    return AC_OK;
}

/* What is wanted by a file is known by its whole path. NULL: there is none. */
static enum ac_code find_file(const struct ac_options *options, char **ret_path,
                              struct ac_error *err)
{
    const char *given = options->config_file;

    if (!given && access(AC_CONFIG_DEFAULT_PATH, R_OK) != 0)
        return miss_file(options, err);
    AC_TRY(make_whole(given ? given : AC_CONFIG_DEFAULT_PATH, ret_path, err));
    return collapse(ret_path, err);
}

static enum ac_code check_log_format(struct ac_context *context, struct ac_error *err)
{
    const struct ac_values *values = &context->config->log_format;
    enum ac_log_format ignored;
    struct ac_error why = { 0 };

    if (values->count == 0)
        return AC_OK;
    enum ac_code code = ac_log_format_parse(values->items[0].text, &ignored, &why);
    return ac_faults_take(&context->faults, ac_values_place(values, 0), &why, code,
                          err);
}

enum ac_code ac_configuration_load(struct ac_context *context, struct ac_error *err)
{
    AC_AUTO_TEXT char *path = NULL;

    AC_TRY(find_file(context->options, &path, err));
    if (!path)
        return AC_OK;
    enum ac_code code =
        ac_configured_load(path, &context->faults, &context->config, err);
    if (code != AC_OK) {
        ac_error_about(err, "configuration %s", path);
        if (code == AC_E_NOTFOUND || code == AC_E_INVALID)
            err->code = AC_E_USAGE; /* a person must mend it */
        return err->code;
    }
    AC_TRY(check_log_format(context, err));
    ac_faults_sort(&context->faults);
    return judge(context, err);
}

struct ac_upkeep_source ac_configuration_source(const struct ac_context *context)
{
    struct ac_upkeep_source source =
        ac_configured_source(context->is_misconfigured ? NULL : context->config);

    source.is_wrong = context->is_misconfigured;
    return source;
}

/* Is this configuration, or nobody's, about it? One whose state is lost may be of any.
 */
static enum ac_code is_of_it(const struct ac_context *context, const char *name,
                             bool *ret_is, struct ac_error *err)
{
    const char *path = ac_documents_at(&context->config->documents, 0)->path;
    AC_AUTO(ac_state) state = { 0 };
    struct ac_error why = { 0 };
    unsigned version = 0;
    enum ac_code code = ac_state_load(context->store, name, &state, &why);

    if (code == AC_OK && state.origin.version == 0)
        code = ac_version_current(context->store, name, &version, &why);
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    const char *from = state.origin.configuration;
    *ret_is = code != AC_E_NOTFOUND && (!from || ac_path_is_same(from, path));
    return AC_OK;
}

static enum ac_code has_certificates(const struct ac_context *context, bool *ret_has,
                                     struct ac_error *err)
{
    AC_AUTO(ac_words) names = { 0 };

    *ret_has = false;
    AC_TRY(ac_store_list(context->store, AC_STORE_CERTIFICATES, &names, err));
    for (size_t i = 0; i < names.count && !*ret_has; i++)
        AC_TRY(is_of_it(context, names.items[i], ret_has, err));
    return AC_OK;
}

/*
 * One wrong line must not cost the certificates that are held, when nobody looks for
 * months. But what it did to the others cannot be known: a name that is missed may be
 * in a file that cannot be read, a key type in a setting that was dropped. So nothing
 * of the file counts for them. And where no state-dir can be read, that may be what is
 * wrong: in a store that has none of its certificates nothing is begun.
 */
enum ac_code ac_configuration_go_on(const struct ac_context *context,
                                    struct ac_error *err)
{
    const struct ac_options *options = context->options;
    bool is_said_by_each_look = options->is_watching && !context->outlives_hangup;
    bool is_right =
        options->state_dir || ac_values_text(&context->config->state_dir, NULL);
    const char *folder = ac_store_folder(context->store);
    struct ac_error why = { 0 };

    (void)!ac_faults_fail(&context->faults, &why);
    if (!is_right)
        AC_TRY(has_certificates(context, &is_right, err));
    if (!is_right) {
        return ac_fail(err, why.code,
                       "%s; nothing is done before that is mended: no state-dir can "
                       "be read in it, and in %s there is no certificate of it",
                       why.detail, folder);
    }
    if (is_said_by_each_look)
        return AC_OK;
    ac_log_say(AC_LOG_WARN,
               "%s; until that is mended what is held in %s is renewed as it was asked "
               "for last, and nothing else is done",
               why.detail, folder);
    return AC_OK;
}

/* ---- the CA */

static void take_ca(struct ac_context *context)
{
    const struct ac_configured_ca *ca = &context->ca;

    context->directory_url = ca->directory_url;
    context->account = context->options->account;
    if (!context->account)
        context->account = ac_configured_ca_member(ca, "account");
    context->ca_file = context->options->ca_file;
    if (!context->ca_file)
        context->ca_file = ac_configured_ca_member(ca, "ca-file");
    context->can_use_plain_http =
        context->options->can_use_plain_http || ac_configured_can_use_plain_http(ca);
}

enum ac_code ac_configuration_find_ca(struct ac_context *context, struct ac_error *err)
{
    const struct ac_words *servers = &context->options->servers;
    const char *reference = servers->count > 0 ? servers->items[0] : NULL;

    /* One that is wrong is a fault, and those who go on all the same ask nobody. */
    if (!reference && context->config && context->faults.count == 0)
        reference = ac_values_text(&context->config->defaults.ca, NULL);
    AC_TRY(ac_configured_ca(context->config, reference ? reference : AC_CA_DEFAULT,
                            &context->ca, err));
    take_ca(context);
    return AC_OK;
}

enum ac_code ac_configuration_use_ca(struct ac_context *context,
                                     const char *directory_url, struct ac_error *err)
{
    AC_TRY(ac_configured_ca(context->config, directory_url, &context->ca, err));
    take_ca(context);
    return AC_OK;
}

/* ---- the account */

static enum ac_code read_given_key(struct ac_context *context, struct ac_error *err)
{
    const char *source = context->options->eab_key_file;
    AC_AUTO(ac_secret) file = { 0 };

    ac_secret_wipe(&context->eab_key); /* of a run before */
    enum ac_code code = ac_source_read(source, AC_REGISTRATION_KEY_MAX, &file, err);
    if (code == AC_OK)
        code = ac_registration_read_mac_key(&file, source, &context->eab_key, err);
    if (code != AC_OK)
        ac_error_about(err, "--eab-hmac-key-file");
    return code;
}

/* A key that cannot be read is told where an account is made with it, and only there.
 */
static enum ac_code use_binding(struct ac_context *context,
                                const struct ac_config_account *account,
                                struct ac_registration_settings *settings,
                                struct ac_error *err)
{
    settings->eab_kid = ac_values_text(&account->eab_kid, NULL);
    if (!settings->eab_kid || account->eab_hmac_key.count == 0)
        return AC_OK;
    ac_secret_wipe(&context->eab_key); /* of a run before */
    enum ac_code code = ac_known_ca_read_binding(
        account, &context->eab_key, &settings->eab_algorithm, &context->trouble);
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", context->trouble.detail);
    settings->eab_key = code == AC_OK ? &context->eab_key : NULL;
    return AC_OK;
}

static enum ac_code read_binding(struct ac_context *context,
                                 struct ac_registration_settings *settings,
                                 struct ac_error *err)
{
    const struct ac_options *options = context->options;

    if (!options->eab_kid != !options->eab_key_file
        || (options->eab_algorithm && !options->eab_kid)) {
        return ac_fail(err, AC_E_USAGE,
                       "--eab-kid and --eab-hmac-key-file belong together, and "
                       "--eab-hmac-alg to them");
    }
    if (!options->eab_kid) {
        return context->ca.section
                   ? use_binding(context, &context->ca.section->account, settings, err)
                   : AC_OK;
    }
    if (options->eab_algorithm) {
        AC_TRY(ac_registration_read_algorithm("--eab-hmac-alg", options->eab_algorithm,
                                              &settings->eab_algorithm, err));
    }
    AC_TRY(read_given_key(context, err));
    settings->eab_kid = options->eab_kid;
    settings->eab_key = &context->eab_key;
    return AC_OK;
}

static enum ac_code add_contact(struct ac_context *context, const char *text,
                                struct ac_error *err)
{
    AC_AUTO_TEXT char *contact = NULL;

    AC_TRY(ac_account_contact(text, &contact, err));
    return ac_words_add(&context->contacts, contact, err);
}

/* One that is none costs `renew`, whose accounts are there, no certificate. */
static enum ac_code add_configured_contact(struct ac_context *context, const char *text,
                                           struct ac_error *err)
{
    struct ac_error why = { 0 };
    enum ac_code code = add_contact(context, text, &why);

    if (code == AC_OK)
        return AC_OK;
    if (code == AC_E_NOMEM || context->options->command != AC_COMMAND_RENEW) {
        *err = why;
        return code;
    }
    ac_log_say(AC_LOG_WARN, "%s; no account is made before that is mended", why.detail);
    context->trouble = why;
    return AC_OK;
}

static enum ac_code read_contacts(struct ac_context *context, struct ac_error *err)
{
    const struct ac_words *given = &context->options->contacts;
    const struct ac_values *configured = context->ca.contact;

    ac_words_done(&context->contacts); /* of a run before */
    for (size_t i = 0; i < given->count; i++)
        AC_TRY(add_contact(context, given->items[i], err));
    for (size_t i = 0; given->count == 0 && configured && i < configured->count; i++)
        AC_TRY(add_configured_contact(context, configured->items[i].text, err));
    return AC_OK;
}

enum ac_code ac_configuration_registration(struct ac_context *context,
                                           struct ac_registration_settings *settings,
                                           struct ac_error *err)
{
    settings->contacts = &context->contacts;
    settings->account_key = context->options->account_key;
    settings->pin_file = context->pin_file;
    settings->agrees_to_terms =
        context->options->agrees_to_terms || context->ca.agrees_to_terms;
    context->trouble = (struct ac_error){ 0 }; /* of a run before */
    AC_TRY(read_contacts(context, err));
    AC_TRY(read_binding(context, settings, err));
    settings->trouble = context->trouble.code == AC_OK ? NULL : &context->trouble;
    return AC_OK;
}
