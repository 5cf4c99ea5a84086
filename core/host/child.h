/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happens between vfork and exec of a plugin host. All that allocates happens
 * before. Inside of process.c, apart for its size.
 */
#ifndef AC_HOST_CHILD_H
#define AC_HOST_CHILD_H

#include "base/error.h"
#include "host/isolation.h"

#include <stdbool.h>
#include <sys/types.h>

#define AC_CHILD_PATH_MAX    4096
#define AC_CHILD_LISTEN_MAX  64 /* sockets systemd may hand over */
#define AC_CHILD_FIRST_FD    3  /* SD_LISTEN_FDS_START */
#define AC_CHILD_FOLDER_SIZE 32
#define AC_CHILD_EXIT_BROKEN 126 /* could not be set up */
#define AC_CHILD_EXIT_EXEC   127 /* could not be executed */

/* Everything the child needs, on the stack of the caller. */
struct ac_child {
    const char *path; /* of the executable; lent */
    int null_fd, output_fd, control_fd;
    int folder_fd; /* -1: it finds its private folder by its path */
    const struct ac_identity *identity; /* whom to become; lent; or NULL */
    char folder[AC_CHILD_FOLDER_SIZE];  /* its path by that descriptor, or "" */
    int listen_count;                   /* descriptors 3, 4, ... go with it */
    pid_t parent;
    char control_text[16];
    char listen_fds[32];
    char listen_pid[32]; /* its digits are filled in by the child */
    char *argv[5];
    char *envp[5];
};

/*
 * As another user it cannot pass through our folder: it is given a descriptor of its
 * own, which is its user's from then on.
 *
 * isolation  or NULL: as usual; what is in it is lent until ac_child_start
 * folder     or NULL
 */
AC_MUST enum ac_code ac_child_isolate(struct ac_child *child,
                                      const struct ac_isolation *isolation,
                                      const char *folder, struct ac_error *err);

extern char ac_child_commands[]; /* argv[3] of one that runs commands of the user's */

/* AC_E_SYSTEM: this plugin host cannot be executed. */
AC_MUST enum ac_code ac_child_check(const char *path, struct ac_error *err);
/* The private folder of a plugin, made when it is missing; what a killed one was
 * writing there long ago goes. */
AC_MUST enum ac_code ac_child_make_place(const char *folder, struct ac_error *err);
/*
 * Makes the socketpair and the pipe: our ends are given back, the child's are in
 * *ret_child, until ac_child_done.
 */
AC_MUST enum ac_code ac_child_prepare(const char *path, int *ret_control_fd,
                                      int *ret_output_fd, struct ac_child *ret_child,
                                      struct ac_error *err);
void ac_child_done(struct ac_child *child);
/*
 * Kills the session that a plugin host leads and all that descends from it, commands in
 * groups and sessions of their own included: what they do must not go on beside the
 * rollback that follows. What a command that ended well left behind, a server that it
 * restarted, descends from nobody any more, and lives on. The leader is ours and not
 * reaped yet, so the number is no other's.
 */
void ac_child_end_session(pid_t session);
/* Starts it; what cannot be set up or executed ends with one of the exit codes above.
 */
AC_MUST enum ac_code ac_child_start(struct ac_child *child, pid_t *ret_pid,
                                    struct ac_error *err);

#endif
