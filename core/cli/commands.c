/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "acmecore-config.h"
#include "base/clock.h"
#include "cli/log_format.h"
#include "cli/log_journal.h"
#include "cli/output.h"
#include "cli/report.h"
#include "config/ca.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DOCUMENT_SIZE 512 /* of the document that needs no memory */

static ac_command_function *const functions[AC_COMMAND_COUNT] = {
    [AC_COMMAND_ISSUE] = ac_command_issue,
    [AC_COMMAND_RENEW] = ac_command_renew,
    [AC_COMMAND_LIST] = ac_command_list,
    [AC_COMMAND_SHOW] = ac_command_show,
    [AC_COMMAND_REVOKE] = ac_command_revoke,
    [AC_COMMAND_CLEANUP] = ac_command_cleanup,
    [AC_COMMAND_DEPLOY] = ac_command_deploy,
    [AC_COMMAND_ACCOUNT_REGISTER] = ac_command_account_register,
    [AC_COMMAND_ACCOUNT_SHOW] = ac_command_account_show,
    [AC_COMMAND_ACCOUNT_LIST] = ac_command_account_list,
    [AC_COMMAND_ACCOUNT_UPDATE] = ac_command_account_update,
    [AC_COMMAND_ACCOUNT_ROLLOVER] = ac_command_account_rollover,
    [AC_COMMAND_ACCOUNT_DEACTIVATE] = ac_command_account_deactivate,
    [AC_COMMAND_ACCOUNT_IMPORT] = ac_command_account_import,
    [AC_COMMAND_DIRECTORY] = ac_command_directory,
    [AC_COMMAND_PLUGIN_LIST] = ac_command_plugin_list,
    [AC_COMMAND_PLUGIN_SHOW] = ac_command_plugin_show,
    [AC_COMMAND_PLUGIN_NEW] = ac_command_plugin_new,
    [AC_COMMAND_PLUGIN_CHECK] = ac_command_plugin_check,
    [AC_COMMAND_CONFIG_CHECK] = ac_command_config_check,
    [AC_COMMAND_STATUS] = ac_command_status,
    [AC_COMMAND_ROLLBACK] = ac_command_rollback,
    [AC_COMMAND_DELETE] = ac_command_delete,
};

enum ac_code ac_command_document(enum ac_command command, struct ac_json **ret_document,
                                 struct ac_error *err)
{
    return ac_json_new(ret_document, err, "{s:i, s:s}", "schema", AC_REPORT_SCHEMA,
                       "command", ac_command_name(command));
}

enum ac_code ac_command_add_error(struct ac_json *document, const struct ac_error *why,
                                  struct ac_error *err)
{
    AC_AUTO(ac_json) *failure = NULL;

    AC_TRY(ac_report_error_json(why, &failure, err));
    return ac_json_set(document, "error", &failure, err);
}

static enum ac_code print_help(const struct ac_options *options, struct ac_error *err)
{
    AC_AUTO(ac_text) text = { 0 };

    if (options->group) {
        AC_TRY(ac_options_help_group(options->group, &text, err));
    } else {
        AC_TRY(ac_options_help(options->command, options->is_general_help, &text, err));
    }
    return ac_report_print(ac_text_get(&text), err);
}

static enum ac_log_level log_level(const struct ac_options *options)
{
    if (options->is_traced)
        return AC_LOG_TRACE;
    if (options->is_quiet)
        return AC_LOG_ERROR;
    if (options->verbosity > 1)
        return AC_LOG_DEBUG;
    return options->verbosity == 1 ? AC_LOG_INFO : AC_LOG_WARN;
}

static enum ac_code print_failure(const char *command, const struct ac_error *why,
                                  struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;

    AC_TRY(ac_json_new(&document, err, "{s:i, s:s?}", "schema", AC_REPORT_SCHEMA,
                       "command", command));
    AC_TRY(ac_command_add_error(document, why, err));
    return ac_report_print_json(document, err);
}

/* With --json a failure is a document, too: scripts read one thing. command NULL: what
 * was typed names none. */
static void tell_failure(const char *command, const struct ac_error *why)
{
    char document[DOCUMENT_SIZE];
    struct ac_error ignored;

    /* Half a document is there: another one mends nothing. */
    if (!ac_output_can_print())
        return;
    if (print_failure(command, why, &ignored) == AC_OK || !ac_output_can_print())
        return;
    /* No memory for the document: this one needs none. */
    (void)snprintf(document, sizeof document,
                   "{\"schema\": %d, \"command\": null, \"error\": {\"code\": \"%s\", "
                   "\"exit\": %d, \"hint\": \"%s\", \"message\": \"no memory\", "
                   "\"advice\": \"\"}}\n",
                   AC_REPORT_SCHEMA, ac_code_name(why->code), ac_report_exit_code(why),
                   ac_report_hint_id(why));
    (void)!ac_output_print(document, &ignored);
}

/* A CA that nobody asked for by name must not be a riddle. */
static void tell_default(const struct ac_context *context, struct ac_error *err)
{
    const struct ac_ca *ca = ac_ca_find(AC_CA_DEFAULT);
    struct ac_error why = *err;

    if (context->options->servers.count > 0 || !context->directory_url
        || strcmp(context->directory_url, ca->directory_url) != 0)
        return;
    (void)!ac_fail(err, why.code, "%s (%s is the default CA; no --server was given)",
                   why.detail, ca->title);
}

/* What the options say; else the configuration, once it is read. */
static enum ac_code use_log(const struct ac_context *context,
                            const struct ac_options *options,
                            struct ac_log_writer *writer, struct ac_terminal *terminal,
                            struct ac_error *err)
{
    enum ac_log_format format = ac_log_format_default();
    const char *word = options->log_format;

    if (!word && context->config)
        word = ac_values_text(&context->config->log_format, NULL);
    if (word && ac_log_format_parse(word, &format, err) != AC_OK) {
        if (options->log_format)
            ac_error_about(err, "--log-format");
        return err->code;
    }
    ac_log_writer_use(writer, format, terminal, log_level(options));
    return AC_OK;
}

static enum ac_code begin_command(struct ac_context *context,
                                  const struct ac_options *options,
                                  struct ac_log_writer *writer, struct ac_error *err)
{
    AC_TRY(use_log(context, options, writer, &context->terminal, err));
    AC_TRY(ac_context_init(context, options, err));
    if (options->log_format || !context->config
        || !ac_values_is_given(&context->config->log_format)
        || context->faults.count > 0)
        return AC_OK;
    return use_log(context, options, writer, &context->terminal, err);
}

static enum ac_code run_command(struct ac_context *context,
                                const struct ac_options *options,
                                struct ac_log_writer *writer, struct ac_error *err)
{
    bool is_told = false;

    ac_terminal_init(&context->terminal, options->is_quiet, !options->has_no_color);
    context->terminal.is_verbose = options->verbosity > 0 || options->is_traced;
    enum ac_code code = begin_command(context, options, writer, err);
    if (code == AC_OK)
        code = functions[options->command](context, &is_told, err);
    if (code == AC_E_NETWORK)
        tell_default(context, err);
    ac_terminal_clear(&context->terminal);
    if (writer->format == AC_LOG_FORMAT_LINES)
        ac_log_to(NULL, NULL, AC_LOG_ERROR);
    if (code != AC_OK && options->is_json && !is_told)
        tell_failure(ac_command_name(options->command), err);
    return code;
}

/* Nothing was asked for: everything that can be, where errors go. */
static enum ac_code show_usage(struct ac_error *err)
{
    AC_AUTO(ac_text) text = { 0 };

    AC_TRY(ac_options_help(AC_COMMAND_ISSUE, true, &text, err));
    ac_output_tell(ac_text_get(&text));
    ac_output_tell("\n");
    return ac_fail(
        err, AC_E_USAGE,
        "nothing was asked for; a first certificate: acmecore -d NAME --solver "
        "http01-standalone");
}

static enum ac_code run(int argc, char **argv, struct ac_log_writer *writer,
                        struct ac_error *err)
{
    AC_AUTO(ac_options) options = { 0 };
    struct ac_context context = { 0 };

    if (argc < 2)
        return show_usage(err);
    enum ac_code code = ac_options_parse(argc, argv, &options, err);
    if (code != AC_OK && ac_options_want_json(argc, argv))
        tell_failure(NULL, err);
    AC_TRY(code);
    if (options.wants_version)
        return ac_report_print("acmecore " ACMECORE_VERSION "\n", err);
    if (options.wants_help)
        return print_help(&options, err);
    code = run_command(&context, &options, writer, err);
    ac_context_done(&context);
    return code;
}

/* The options may be those that are wrong. */
static bool wants_color(int argc, char **argv)
{
    struct ac_terminal terminal;
    bool has_color = true;

    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        has_color = has_color && strcmp(argv[i], "--no-color") != 0;
    ac_terminal_init(&terminal, false, has_color);
    return terminal.has_color;
}

int ac_command_run(int argc, char **argv)
{
    __attribute__((cleanup(ac_log_writer_done))) struct ac_log_writer writer = {
        .journal_path = AC_LOG_JOURNAL_SOCKET, .journal_fd = -1
    };
    struct ac_error err = { 0 };

    ac_terminal_guard();
    ac_output_guard();
    (void)umask(077);
    (void)signal(SIGPIPE, SIG_IGN); /* a closed pipe is an error of the write */
    (void)signal(SIGXFSZ, SIG_IGN); /* and so is a file that may not grow */
    if (run(argc, argv, &writer, &err) == AC_OK)
        return EXIT_SUCCESS;
    if (!ac_report_is_broken_pipe(&err))
        ac_report_print_error(&err, !ac_output_is_heard() && wants_color(argc, argv));
    return ac_report_exit_code(&err);
}
