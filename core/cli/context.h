/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every command needs: the options, the store, the places of plugin host and
 * plugins, and, for those that ask a CA or a plugin, a run.
 */
#ifndef AC_CLI_CONTEXT_H
#define AC_CLI_CONTEXT_H

#include "cli/options.h"
#include "cli/terminal.h"
#include "engine/notify/unnoted.h"
#include "engine/run/run.h"
#include "engine/wanted/configured.h"
#include "store/store.h"

struct ac_context {
    const struct ac_options *options; /* borrowed */
    struct ac_terminal terminal;
    int64_t started_ms, deadline_ms;
    struct ac_store *store; /* NULL: the command has no use for it */
    char *closed_folder; /* of a command without a store: where that is, all the same */
    struct ac_store *lasting; /* of a dry run: the store that stays (cli/rehearsal) */
    char *host_path;          /* acmecore-plugin-host */
    struct ac_words plugin_folders; /* --plugin-dir, then the one beside the program */
    char *plugin_name;              /* "plugin show FILE": the name of that plugin */
    struct ac_config *config;       /* NULL: there is none */
    struct ac_faults faults; /* of the configuration, as far as it was looked at */
    /* `renew` goes on: what is held is what was asked for last, and no more is wanted.
     */
    bool is_misconfigured;
    struct ac_configured_ca ca;
    /* Where the CA is and how it is reached: what the options say, what the certificate
     * remembers, or what the configuration says. Lent; NULL: the default. */
    const char *directory_url;
    const char *account; /* its name among those of the CA */
    const char *ca_file;
    bool can_use_plain_http;
    char *pin_file; /* --pin-file, absolute: a later run reads it, too */
    struct ac_secret eab_key;
    struct ac_error trouble;    /* why no account can be made as it is configured */
    struct ac_words contacts;   /* canonical */
    struct ac_wanted wanted;    /* issue: what is asked for */
    struct ac_run *run;         /* NULL before ac_context_run */
    bool outlives_hangup;       /* SIGHUP is no end: it is looked at again */
    struct ac_unnoted *unnoted; /* of renew --watch; borrowed, or NULL */
};

/* Finds the places, and opens the store for those commands that look into it. */
AC_MUST enum ac_code ac_context_init(struct ac_context *context,
                                     const struct ac_options *options,
                                     struct ac_error *err);
void ac_context_done(struct ac_context *context);
/* The absolute path of what lies beside the program (plugin host, plugins, templates),
 * installed or in a build folder. item: relative to the program's folder. */
AC_MUST enum ac_code ac_context_beside(const char *item, char **ret_path,
                                       struct ac_error *err);
/* Makes the run, if there is none yet: checks the options and settings that it needs.
 */
AC_MUST enum ac_code ac_context_run(struct ac_context *context, struct ac_error *err);

#endif
