/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of this plugin share: a web root to play with, and other users. */
#ifndef TESTS_WEBROOT_SITE_H
#define TESTS_WEBROOT_SITE_H

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

#define NOBODY 65534

/* "<folder of the test>/www", made. */
static inline const char *site_root(void)
{
    const char *root = ac_test_path("www");

    return mkdir(root, 0755) == 0 || errno == EEXIST ? root : "/nowhere";
}

static inline bool site_exists(const char *name)
{
    struct stat status;

    return lstat(ac_test_path(name), &status) == 0;
}

/* Permission bits, or 0. */
static inline unsigned site_mode(const char *name)
{
    struct stat status;

    return lstat(ac_test_path(name), &status) == 0 ? status.st_mode & 07777u : 0;
}

static inline bool site_file_is(const char *name, const char *content)
{
    char found[2048];
    ssize_t size = ac_test_read_file(ac_test_path(name), found, sizeof(found));

    return size == (ssize_t)strlen(content) && strcmp(found, content) == 0;
}

/* Runs `act` in a process of its own; gives what it returned (0..255), or -1. */
static inline int site_in_child(int (*act)(void))
{
    int status = 0;
    pid_t child;

    (void)ac_test_folder(); /* made here, so that it is removed here */
    (void)fflush(NULL);
    child = fork();
    if (child == 0)
        _exit(act());
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status);
}

/* Without it no link is followed at all, not even one that stays inside. */
static inline bool site_has_openat2(void)
{
    struct open_how how = { .flags = O_PATH | O_CLOEXEC };
    long fd = syscall(SYS_openat2, AT_FDCWD, "/", &how, sizeof(how));

    if (fd >= 0)
        (void)close((int)fd);
    return fd >= 0;
}

/* From here on this process lacks one system call: the kernel says `error`. */
static inline bool site_deny(unsigned call, unsigned error)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error & SECCOMP_RET_DATA)),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {
        .len = sizeof(filter) / sizeof(filter[0]),
        .filter = filter,
    };

    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
           && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/* From here on this process is nobody, with no group and no privilege. */
static inline bool site_become_nobody(void)
{
    return setresgid(NOBODY, NOBODY, NOBODY) == 0
           && setresuid(NOBODY, NOBODY, NOBODY) == 0;
}

#endif
