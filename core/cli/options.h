/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line as a value: what was asked for, checked, nothing done yet. One table
 * says every option, which commands take it, and its help.
 */
#ifndef AC_CLI_OPTIONS_H
#define AC_CLI_OPTIONS_H

#include "base/text.h"

enum ac_command {
    AC_COMMAND_ISSUE,
    AC_COMMAND_RENEW,
    AC_COMMAND_LIST,
    AC_COMMAND_SHOW,
    AC_COMMAND_REVOKE,
    AC_COMMAND_CLEANUP,
    AC_COMMAND_DEPLOY,
    AC_COMMAND_ACCOUNT_REGISTER,
    AC_COMMAND_ACCOUNT_SHOW,
    AC_COMMAND_ACCOUNT_LIST,
    AC_COMMAND_ACCOUNT_UPDATE,
    AC_COMMAND_ACCOUNT_ROLLOVER,
    AC_COMMAND_ACCOUNT_DEACTIVATE,
    AC_COMMAND_ACCOUNT_IMPORT,
    AC_COMMAND_DIRECTORY,
    AC_COMMAND_PLUGIN_LIST,
    AC_COMMAND_PLUGIN_SHOW,
    AC_COMMAND_PLUGIN_NEW,
    AC_COMMAND_PLUGIN_CHECK,
    AC_COMMAND_CONFIG_CHECK,
    AC_COMMAND_STATUS,
    AC_COMMAND_ROLLBACK,
    AC_COMMAND_DELETE,
    AC_COMMAND_COUNT
};

#define AC_TIMEOUT_DEFAULT_S 600 /* PROTOCOL A.6: some CAs take minutes */
#define AC_TIMEOUT_MAX_S     86400
#define AC_JOBS_DEFAULT      8 /* PROTOCOL C.3: 4 to 8 orders at a time */
#define AC_JOBS_MAX          1000

struct ac_options {
    enum ac_command command;
    bool wants_help, wants_version;
    bool is_general_help;      /* --help without a command */
    const char *group;         /* --help after "account" or "plugin" alone; static */
    struct ac_words arguments; /* after the command's words */

    /* Texts are owned, or NULL when not given. */
    char *config_file;
    char *format, *html_file;      /* status */
    bool has_consent, is_archived; /* delete --yes, --archive */
    bool is_revoking;              /* delete --revoke */
    char *state_dir;
    struct ac_words plugin_dirs;
    struct ac_words servers; /* the first is asked first */
    char *account;           /* which of the CA's */
    char *ca_file;
    char *log_format;
    bool is_json, is_quiet, is_traced, has_no_color, can_use_plain_http;
    unsigned verbosity; /* how many -v */
    int64_t timeout_s;

    struct ac_words domains;    /* each -d as it was typed */
    struct ac_words solvers;    /* [PATTERN=]PLUGIN */
    struct ac_words installers; /* [INSTANCE:]PLUGIN */
    struct ac_words sets;       /* PLUGIN.OPTION=VALUE */
    char *name;
    struct ac_words contacts;
    bool clears_contacts, only_existing, shows_orders;
    bool agrees_to_terms, is_forced, is_dry_run, is_watching, is_pruning;
    bool trusts_clock;
    int64_t jobs; /* certificates at a time */
    bool has_no_crl_check;
    bool takes_persistent; /* cleanup --persistent */
    char *account_key;
    bool is_replacing; /* revoke --replace */
    char *certificate_file, *reason;
    char *key_type, *key, *pin_file, *csr, *pkcs12_password_file;
    bool reuses_key, must_staple;
    struct ac_words challenges, experimental; /* challenge types */
    struct ac_words forgotten;                /* names of options that are remembered */
    bool preauthorizes;
    struct ac_words ancestors;
    char *not_before, *not_after;
    char *self_check, *self_check_via, *caa_check, *persist_for;
    char *profile, *required_profile, *preferred_chain;
    struct ac_words notifiers; /* --notify */
    struct ac_words pre_hooks, post_hooks, failure_hooks;
    char *eab_kid, *eab_key_file, *eab_algorithm;
};

/*
 * AC_E_USAGE names the option or word and what is allowed (the nearest known one). With
 * --help or --version the rest is not checked.
 */
AC_MUST enum ac_code ac_options_parse(int argc, char **argv,
                                      struct ac_options *ret_options,
                                      struct ac_error *err);
/* Is --json among the words? Also for a command line that cannot be parsed. */
bool ac_options_want_json(int argc, char **argv);
void ac_options_done(struct ac_options *options);
AC_DEFINE_DROP_VALUE(ac_options, ac_options_done)

/* "issue", "account register"; static. */
const char *ac_command_name(enum ac_command command);
/* The text of --help: of all commands when `is_general`. Appended. */
AC_MUST enum ac_code ac_options_help(enum ac_command command, bool is_general,
                                     struct ac_text *text, struct ac_error *err);
/* The same for the commands that begin with this word. */
AC_MUST enum ac_code ac_options_help_group(const char *group, struct ac_text *text,
                                           struct ac_error *err);

#endif
