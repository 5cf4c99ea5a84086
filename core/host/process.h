/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One plugin host process: started, watched, given a deadline, killed and restarted
 * once.
 *
 * The child has a clean environment, no inherited descriptors but its end of the
 * socketpair (and systemd's listening sockets, LISTEN_FDS), no_new_privs, resource
 * limits, and dies with us. What it prints is logged, a line at a time, cleaned and
 * bounded. The loop owns the waiting: it asks for descriptors and calls step.
 */
#ifndef AC_HOST_PROCESS_H
#define AC_HOST_PROCESS_H

#include "host/isolation.h"
#include "host/message.h"

#include <poll.h>

struct ac_process;
struct ac_call; /* one operation and, later, its reply */

/* For plugin check. */
enum ac_process_services {
    AC_SERVICES_USUAL,
    AC_SERVICES_HASTY,   /* nothing is tried a second time */
    AC_SERVICES_FAILING, /* all that reach out of the plugin fail */
    AC_SERVICES_NO_HTTP, /* this one alone fails */
    AC_SERVICES_NO_RUN,
    AC_SERVICES_NO_WRITE,
    AC_SERVICES_NO_REMOVE,
    AC_SERVICES_NO_SECRET
};

struct ac_process_settings {
    const char *host_path;   /* the acmecore-plugin-host executable */
    const char *plugin_path; /* absolute, trusted (ac_catalogue_find); NULL: none, for
                                what a plugin host does by itself ("caa") */
    const char *name;        /* the plugin's name */
    const char *title;       /* what messages call it; NULL: its name */
    const char *folder; /* private folder for it, made 0700 when missing; or NULL */
    const char *closed; /* the store, which its sandbox never opens; or NULL */
    bool is_dry_run;    /* told to the plugin host: nothing is changed */
    bool is_described;  /* the same: it is loaded only to say what it is */
    enum ac_process_services services; /* what a plugin finds there */
    bool runs_commands; /* of the user's, with our privileges (host/hook) */
    const struct ac_isolation *isolation; /* or NULL: as usual */
    const struct ac_words *named, *read;  /* paths that its sandbox opens; or NULL */
};

#define AC_PROCESS_FDS      3     /* control socket, its output, its end (pidfd) */
#define AC_PROCESS_LOAD_MS  10000 /* load and open must be answered within */
#define AC_PROCESS_GRACE_MS 500   /* over a deadline before SIGKILL */
#define AC_PROCESS_OUTPUT_MAX                                                          \
    (64u * 1024u) /* logged per process, the rest is dropped */

/* Forks and queues "load". AC_E_SYSTEM or AC_E_PLUGIN when it cannot even start. */
AC_MUST enum ac_code ac_process_start(const struct ac_process_settings *settings,
                                      struct ac_process **ret_process,
                                      struct ac_error *err);
/* Asks it to close, waits at most AC_PROCESS_GRACE_MS, then kills and reaps. */
void ac_process_free(struct ac_process *process);
AC_DEFINE_DROP(ac_process, ac_process_free)

/* Fills up to AC_PROCESS_FDS entries; returns how many. */
size_t ac_process_fds(const struct ac_process *process, struct pollfd *fds);
/* When step must be called although nothing is ready; AC_CLOCK_NEVER: no need. */
int64_t ac_process_wake_at_ms(const struct ac_process *process);
/* Moves bytes, matches replies to calls, enforces deadlines, notices its end. Every
 * failure becomes the result of the calls under way. */
void ac_process_step(struct ac_process *process);
/* The part of a step that sends what was begun since, if it has time left. */
void ac_process_send(struct ac_process *process);
/* Bytes that it has printed so far. */
size_t ac_process_printed(const struct ac_process *process);
bool ac_process_is_alive(const struct ac_process *process);

/*
 * Starts an operation; *message is emptied ("id" is added). The call is lent by the
 * process until ac_call_free. op is static text, for messages.
 */
AC_MUST enum ac_code ac_process_call(struct ac_process *process, const char *op,
                                     struct ac_message *message, int64_t deadline_ms,
                                     struct ac_call **ret_call, struct ac_error *err);
/* The call "load" that ac_process_start queued, or NULL without a plugin. Lent. */
struct ac_call *ac_process_loading(struct ac_process *process);
bool ac_call_is_done(const struct ac_call *call);
/*
 * AC_OK: *ret_reply is the reply's JSON, lent. AC_E_PLUGIN: the process ended (exit
 * code or signal by name), hung past its deadline, flooded or broke the protocol; the
 * detail names plugin, operation and signal.
 */
AC_MUST enum ac_code ac_call_result(const struct ac_call *call,
                                    const struct ac_json **ret_reply,
                                    struct ac_error *err);
/* Nobody waits for its outcome: once it is sent the plugin is told to stop, and may go
 * on all the same. It ends as any other. */
void ac_call_cancel(struct ac_call *call);
void ac_call_free(struct ac_call *call);
AC_DEFINE_DROP(ac_call, ac_call_free)

#endif
