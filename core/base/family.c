/* SPDX-License-Identifier: Apache-2.0 */
#include "base/family.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define ENTRIES_SIZE 8192
#define STAT_SIZE    512 /* what we want stands in its first bytes */
#define NUMBER_MAX   (INT32_MAX / 10)

/* ---- reading /proc */

/* What follows a decimal number; NULL: there is none. */
static const char *read_number(const char *text, pid_t *ret_number)
{
    pid_t number = 0;

    if (*text < '0' || *text > '9')
        return NULL;
    for (; *text >= '0' && *text <= '9'; text++) {
        if (number >= NUMBER_MAX)
            return NULL;
        number = 10 * number + (*text - '0');
    }
    *ret_number = number;
    return text;
}

bool ac_family_parse(const char *text, struct ac_relative *ret_relative)
{
    struct ac_relative relative;
    const char *name_end = strrchr(text, ')');
    pid_t group;

    if (!read_number(text, &relative.pid) || !name_end || name_end[1] != ' '
        || name_end[2] == '\0' || name_end[3] != ' ')
        return false;
    const char *at = read_number(name_end + 4, &relative.parent);
    if (at && *at == ' ')
        at = read_number(at + 1, &group);
    if (!at || *at != ' ' || !read_number(at + 1, &relative.session))
        return false;
    *ret_relative = relative;
    return true;
}

static void visit_one(int proc_fd, const char *name, ac_family_visit *visit, void *arg)
{
    char text[STAT_SIZE + 1];
    struct ac_relative relative;
    pid_t ignored;
    int folder_fd = -1;
    int fd = -1;
    ssize_t size = -1;

    if (!read_number(name, &ignored))
        return;
    folder_fd = openat(proc_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder_fd < 0)
        return; /* it has ended */
    fd = openat(folder_fd, "stat", O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        size = read(fd, text, STAT_SIZE);
        (void)close(fd);
    }
    (void)close(folder_fd);
    if (size <= 0)
        return;
    text[size] = '\0';
    if (ac_family_parse(text, &relative))
        visit(arg, &relative);
}

bool ac_family_look(ac_family_visit *visit, void *arg)
{
    _Alignas(struct dirent64) char entries[ENTRIES_SIZE];
    int proc_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ssize_t size = -1;

    if (proc_fd < 0)
        return false;
    while ((size = getdents64(proc_fd, entries, sizeof entries)) > 0) {
        for (ssize_t at = 0; at < size;) {
            const struct dirent64 *entry = (const void *)(entries + at);

            visit_one(proc_fd, entry->d_name, visit, arg);
            at += entry->d_reclen;
        }
    }
    (void)close(proc_fd);
    return size == 0;
}

/* ---- ending */

static void kill_child(void *arg, const struct ac_relative *relative)
{
    const pid_t *parent = arg;

    if (relative->parent == *parent)
        (void)kill(relative->pid, SIGKILL);
}

bool ac_family_kill_children(pid_t parent)
{
    return ac_family_look(kill_child, &parent);
}

struct family {
    pid_t session, self;
    pid_t members[AC_FAMILY_MAX];
    size_t count;
    bool has_grown;
};

static bool is_member(const struct family *family, pid_t pid)
{
    for (size_t i = 0; i < family->count; i++) {
        if (family->members[i] == pid)
            return true;
    }
    return false;
}

static void stop_member(void *arg, const struct ac_relative *relative)
{
    struct family *family = arg;

    if (relative->pid == family->self || is_member(family, relative->pid)
        || (relative->session != family->session
            && !is_member(family, relative->parent)))
        return;
    if (family->count == AC_FAMILY_MAX) {
        (void)kill(relative->pid, SIGKILL); /* a flood: whom it starts is found later */
        return;
    }
    (void)kill(relative->pid, SIGSTOP);
    family->members[family->count++] = relative->pid;
    family->has_grown = true;
}

void ac_family_end(pid_t session)
{
    struct family family = { .session = session, .self = getpid(), .has_grown = true };

    for (int pass = 0; family.has_grown && pass < AC_FAMILY_PASSES_MAX; pass++) {
        family.has_grown = false;
        if (!ac_family_look(stop_member, &family))
            break;
    }
    for (size_t i = 0; i < family.count; i++)
        (void)kill(family.members[i], SIGKILL);
}
