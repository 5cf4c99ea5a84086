/* SPDX-License-Identifier: Apache-2.0 */
/* A look from within: what is given up is given up in a child, for ever. */
#ifndef AC_TESTS_CONFINED_H
#define AC_TESTS_CONFINED_H

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define CONFINED_BROKEN 99

/* What look() returned in a child, or 128 + the signal that ended it. */
static inline int confined(int (*look)(const void *), const void *arg)
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        if (prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) != 0)
            _exit(CONFINED_BROKEN);
        _exit(look(arg));
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return CONFINED_BROKEN;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

#endif
