/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates to where they serve. For each certificate and each of its installers
 * that is not live yet: staged, committed, proven, finished, or rolled back and tried
 * again by a later run. All certificates of one installer go together, so that its
 * server is reloaded once.
 *
 * What is done is written to state.json before it is done: a run that is killed at any
 * instant is taken up by the next one.
 */
#ifndef AC_ENGINE_DEPLOY_H
#define AC_ENGINE_DEPLOY_H

#include "engine/deploy/deployment.h"
#include "engine/loop.h"

enum ac_deploy_result {
    AC_DEPLOY_LIVE,    /* it is served by now */
    AC_DEPLOY_FAILED,  /* rolled back, or stuck */
    AC_DEPLOY_WAITING, /* it failed before, and its back-off is not over */
    AC_DEPLOY_LOCKED,  /* another run works on it */
    AC_DEPLOY_PLANNED  /* dry run: it would be deployed */
};
/* "live", "failed", "waiting", "locked", "planned"; static, stable (docs/json.md). */
const char *ac_deploy_result_name(enum ac_deploy_result result);

/* What became of a certificate at an installer; all is lent for the call. The one place
 * where progress, reports and notifications learn of it. */
struct ac_deploy_event {
    const char *certificate, *installer, *plugin;
    unsigned version; /* 0: one that is yet to be issued (ac_deploy_plan) */
    enum ac_deploy_result result;
    bool is_stuck; /* of a failure: it could not be undone, or what was left before
                      could not; else what was served before is served still */
    const struct ac_error *why; /* code AC_OK: nothing went wrong */
    int64_t next_attempt_at;    /* after a failure, UTC seconds */
};

struct ac_deploy_settings {
    struct ac_store *store; /* borrowed, as are all */
    struct ac_loop *loop;
    const char *host_path;
    const struct ac_words *plugin_folders;
    const struct ac_words *names;      /* of certificates */
    const struct ac_words *installers; /* these only; NULL or none: all */
    /* What a certificate is to be; NULL: what the store remembers. */
    enum ac_code (*load)(void *arg, const char *name, struct ac_wanted *ret_wanted,
                         struct ac_error *err);
    int64_t deadline_ms;
    bool is_forced;       /* also what is live */
    bool is_dry_run;      /* nothing is changed */
    bool ignores_backoff; /* somebody asks for it now */
    bool is_sweeping;     /* also undoes what was left at any other installer */
    void (*told)(void *arg, const struct ac_deploy_event *event);
    /* Dry run: what an operation of an installer would change, a line each; or NULL. */
    void (*changes)(void *arg, const char *installer, const struct ac_words *lines);
    void *arg; /* of load, told and changes */
};

/*
 * Fails only when nothing more can be done: AC_E_CANCELLED, AC_E_TIMEOUT, AC_E_NOMEM,
 * AC_E_STORE; AC_E_LOCKED: another run works on the one certificate that is named;
 * AC_E_INSTALLER: what an earlier run left at another installer could not be undone.
 * What goes wrong with a certificate is told, noted, and touches no other.
 */
AC_MUST enum ac_code ac_deploy(const struct ac_deploy_settings *settings,
                               struct ac_error *err);
/*
 * Tells (AC_DEPLOY_PLANNED) what ac_deploy would do now for one certificate; starts
 * nothing, changes nothing and waits for no lock. Of the settings it uses store, load,
 * told and arg.
 *
 * is_renewed  it is issued before: then each of its installers has to do, and the
 *             version in the event is 0
 */
AC_MUST enum ac_code ac_deploy_plan(const struct ac_deploy_settings *settings,
                                    const char *name, bool is_renewed,
                                    struct ac_error *err);
/* Has a run left something at an installer? Cheap: without it there is nothing to
 * sweep. */
bool ac_deploy_has_leftovers(const struct ac_store *store);

/*
 * Does an installer open with its settings? It is asked for nothing more, so that what
 * is wrong is known before a certificate is asked for. AC_E_USAGE: a setting is wrong;
 * AC_E_PLUGIN: the plugin is. Of `settings`: store (or NULL: it gets no folder of its
 * own), loop, host_path, plugin_folders and deadline_ms.
 */
AC_MUST enum ac_code ac_deploy_try(const struct ac_deploy_settings *settings,
                                   const struct ac_solver_spec *spec,
                                   struct ac_error *err);

#endif
