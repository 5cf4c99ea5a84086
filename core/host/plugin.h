/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One configured instance of a plugin: from its start until open() has ended, and how
 * it failed. Inside of solver.c and installer.c, which hand it operations.
 */
#ifndef AC_HOST_PLUGIN_H
#define AC_HOST_PLUGIN_H

#include "config/section.h"
#include "host/options.h"
#include "host/process.h"

struct ac_plugin_settings {
    const char *name;                 /* the instance: "ns1", or the plugin's name */
    const char *plugin;               /* "dns01-rfc2136" */
    const struct ac_section *section; /* copied */
    const struct ac_words *plugin_folders;
    const char *host_path;     /* acmecore-plugin-host */
    const char *state_folder;  /* private folders are made below it; or NULL: none is */
    const char *closed_folder; /* the store where it is another one, kept from the
                                  plugin all the same; NULL: state_folder */
    const struct ac_words *certificates; /* of an installer, by name: it reads what is
                                            held of these, and no other; or NULL */
    bool is_dry_run;   /* it changes nothing, and tells what it would */
    bool is_described; /* it is only to say what it is: no open, then it is ended */
    enum ac_process_services services; /* for plugin check */
};

enum ac_plugin_state {
    AC_PLUGIN_LOADING,
    AC_PLUGIN_OPENING,
    AC_PLUGIN_OPEN,
    AC_PLUGIN_FAILED
};

struct ac_plugin {
    char *name;
    char *plugin;
    char *title; /* what messages call it: "ns1 (dns01-rfc2136)" */
    char *path;
    char *host_path;
    char *folder;  /* or NULL */
    char *closed;  /* the same: the store */
    uint32_t kind; /* enum acmecore_kind that it must be of */
    bool is_dry_run;
    bool is_described;
    enum ac_process_services services;
    struct ac_section section;
    struct ac_isolation isolation;
    struct ac_words named; /* paths that its settings name */
    struct ac_words read;  /* what its kind reads besides */
    enum ac_plugin_state state;
    struct ac_process *process; /* NULL: it failed */
    struct ac_call *opening;
    struct ac_descriptor descriptor;
    bool has_descriptor;
    bool was_open;         /* only what was once well is started again */
    struct ac_error error; /* why FAILED */
};

/*
 * Where a plugin keeps what is its own: STATE/plugins/INSTANCE@PLUGIN, or PLUGIN alone
 * where the instance has its name. No two plugins share one, whatever their instances
 * are called; that of a dry run is another one, which whoever makes it removes. Free
 * with free().
 */
AC_MUST enum ac_code ac_plugin_folder(const char *state_folder, const char *name,
                                      const char *plugin, bool is_dry_run,
                                      char **ret_path, struct ac_error *err);

/* Finds, checks, forks. The struct is zero before, and must not move from then on. */
AC_MUST enum ac_code ac_plugin_start(struct ac_plugin *plugin, uint32_t kind,
                                     const struct ac_plugin_settings *settings,
                                     struct ac_error *err);
/* Starts one that failed once more. */
AC_MUST enum ac_code ac_plugin_restart(struct ac_plugin *plugin, struct ac_error *err);
/* It is of no use any more: kills the process and keeps why. */
void ac_plugin_fail(struct ac_plugin *plugin, const struct ac_error *error);
void ac_plugin_done(struct ac_plugin *plugin);
AC_DEFINE_DROP_VALUE(ac_plugin, ac_plugin_done)

/* Takes in what has come of loading and opening, and goes on. A failure is that of the
 * plugin. */
AC_MUST enum ac_code ac_plugin_advance(struct ac_plugin *plugin, struct ac_error *err);
/* Is there an answer to load or open that ac_plugin_advance has not taken in yet? */
bool ac_plugin_has_answer(const struct ac_plugin *plugin);
/* Fails with how the process died, if it did. */
AC_MUST enum ac_code ac_plugin_check_alive(struct ac_plugin *plugin,
                                           struct ac_error *err);
/* For the loop; as in process.h. */
size_t ac_plugin_fds(const struct ac_plugin *plugin, struct pollfd *fds);

#endif
