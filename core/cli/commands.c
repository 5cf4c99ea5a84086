/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

#include "acmecore-config.h"
#include "base/clock.h"
#include "cli/report.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>

static ac_command_function *const functions[AC_COMMAND_COUNT] = {
    [AC_COMMAND_ISSUE] = ac_command_issue,
    [AC_COMMAND_LIST] = ac_command_list,
    [AC_COMMAND_SHOW] = ac_command_show,
    [AC_COMMAND_ACCOUNT_REGISTER] = ac_command_account_register,
    [AC_COMMAND_ACCOUNT_SHOW] = ac_command_account_show,
    [AC_COMMAND_ACCOUNT_LIST] = ac_command_account_list,
    [AC_COMMAND_DIRECTORY] = ac_command_directory,
    [AC_COMMAND_PLUGIN_LIST] = ac_command_plugin_list,
    [AC_COMMAND_PLUGIN_SHOW] = ac_command_plugin_show,
};

enum ac_code ac_command_document(enum ac_command command, struct ac_json **ret_document,
                                 struct ac_error *err)
{
    return ac_json_new(ret_document, err, "{s:i, s:s}", "schema", AC_REPORT_SCHEMA,
                       "command", ac_command_name(command));
}

static enum ac_code print_help(const struct ac_options *options, bool is_general,
                               struct ac_error *err)
{
    AC_AUTO(ac_text) text = { 0 };

    AC_TRY(ac_options_help(options->command, is_general, &text, err));
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

/* With --json a failure is a document, too: scripts read one thing. */
static void tell_failure(const struct ac_options *options, const struct ac_error *why)
{
    AC_AUTO(ac_json) *document = NULL;
    AC_AUTO(ac_json) *failure = NULL;
    struct ac_error ignored;

    if (!options->is_json
        || ac_command_document(options->command, &document, &ignored) != AC_OK
        || ac_report_error_json(why, &failure, &ignored) != AC_OK
        || ac_json_set(document, "error", &failure, &ignored) != AC_OK)
        return;
    (void)!ac_report_print_json(document, &ignored);
}

static enum ac_code run_command(struct ac_context *context,
                                const struct ac_options *options, struct ac_error *err)
{
    bool is_told = false;

    ac_terminal_init(&context->terminal, options->is_quiet, !options->has_no_color);
    ac_log_to(ac_terminal_log, &context->terminal, log_level(options));
    enum ac_code code = ac_context_init(context, options, err);
    if (code == AC_OK)
        code = functions[options->command](context, &is_told, err);
    ac_terminal_clear(&context->terminal);
    ac_log_to(NULL, NULL, AC_LOG_ERROR);
    if (code != AC_OK && !is_told)
        tell_failure(options, err);
    return code;
}

static enum ac_code run(int argc, char **argv, struct ac_error *err)
{
    AC_AUTO(ac_options) options = { 0 };
    struct ac_context context = { 0 };

    AC_TRY(ac_options_parse(argc, argv, &options, err));
    if (options.wants_version)
        return ac_report_print("acmecore " ACMECORE_VERSION "\n", err);
    if (options.wants_help || argc < 2)
        return print_help(&options, argc < 2 || options.is_general_help, err);
    enum ac_code code = run_command(&context, &options, err);
    ac_context_done(&context);
    return code;
}

int ac_command_run(int argc, char **argv)
{
    struct ac_error err = { 0 };

    (void)umask(077);
    (void)signal(SIGPIPE, SIG_IGN); /* a closed pipe is an error of the write */
    if (run(argc, argv, &err) == AC_OK)
        return EXIT_SUCCESS;
    ac_report_print_error(&err);
    return ac_report_exit_code(&err);
}
