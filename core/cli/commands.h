/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The commands. Each prints its own result (text or JSON, also of a failure it has more
 * to say about) and returns how it went.
 */
#ifndef AC_CLI_COMMANDS_H
#define AC_CLI_COMMANDS_H

#include "cli/context.h"

/* AC_OK or the failure in *err. *ret_is_told: the JSON document is printed already. */
typedef enum ac_code ac_command_function(struct ac_context *context, bool *ret_is_told,
                                         struct ac_error *err);

/* issue.c */
ac_command_function ac_command_issue;
/* renew.c */
ac_command_function ac_command_renew;
/* certificates.c */
ac_command_function ac_command_list, ac_command_show;
/* revoke.c */
ac_command_function ac_command_revoke;
/* deploy.c */
ac_command_function ac_command_deploy;
/* cleanup.c */
ac_command_function ac_command_cleanup;
/* account.c */
ac_command_function ac_command_account_register;
/* account_show.c, account_list.c and so on */
ac_command_function ac_command_account_show, ac_command_account_list,
    ac_command_account_update, ac_command_account_rollover,
    ac_command_account_deactivate, ac_command_account_import;
/* directory.c */
ac_command_function ac_command_directory;
/* plugin.c */
ac_command_function ac_command_plugin_list, ac_command_plugin_show;
/* plugin_new.c */
ac_command_function ac_command_plugin_new;
/* plugin_check.c */
ac_command_function ac_command_plugin_check;
/* config.c */
ac_command_function ac_command_config_check;
/* status.c */
ac_command_function ac_command_status;
/* versions.c */
ac_command_function ac_command_rollback, ac_command_delete;

/* A new document {"schema": 1, "command": …}. */
AC_MUST enum ac_code ac_command_document(enum ac_command command,
                                         struct ac_json **ret_document,
                                         struct ac_error *err);
/* Revokes the certificate that the options name, for their reason, and notes with it
 * what is to become of it then (AC_STATE_THEN_…). */
AC_MUST enum ac_code ac_revoke_to_remove(struct ac_context *context, const char *then,
                                         struct ac_error *err);
/* Adds "error" to it: the failure that the command ends with. */
AC_MUST enum ac_code ac_command_add_error(struct ac_json *document,
                                          const struct ac_error *why,
                                          struct ac_error *err);
/* The account that the options name, as the store has it; both are for the caller to
 * free. AC_E_NOTFOUND, AC_E_USAGE: there is none, or none any more; and what to do. */
AC_MUST enum ac_code ac_account_find(const struct ac_context *context,
                                     char **ret_folder, struct ac_json **ret_document,
                                     struct ac_error *err);
/* A document of a command that is about one account: with its CA, its name and this
 * URL. */
AC_MUST enum ac_code ac_account_document(const struct ac_context *context,
                                         const char *result, const char *url,
                                         struct ac_json **ret_document,
                                         struct ac_error *err);
/* Runs the command that the options name; returns the exit code. */
int ac_command_run(int argc, char **argv);

#endif
