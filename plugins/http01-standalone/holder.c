/* SPDX-License-Identifier: Apache-2.0 */
#include "holder.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Listening sockets stand first in /proc/net/tcp, so a busy machine costs no more. */
#define LINES_MAX     10000
#define LINE_MAX_SIZE 512
#define INODES_MAX    16
#define PROCESSES_MAX 32768
#define LINKS_MAX     200000 /* descriptors looked at, of all processes together */

#define FIELD_LOCAL 1
#define FIELD_STATE 3
#define FIELD_INODE 9

struct inodes {
    uint64_t items[INODES_MAX];
    size_t count;
};

static void collect(const char *path, uint16_t port, struct inodes *inodes);
static bool holds(long pid, const struct inodes *inodes, size_t *links_left);
static bool is_one_of(int folder_fd, const char *name, const struct inodes *inodes);
static bool is_hidden(long pid);
static void read_name(struct holder *holder);
static void read_parent(struct holder *holder);
static const char *field_at(const char *line, size_t index);
static long parse_pid(const char *name);

bool holder_find(uint16_t port, struct holder *ret_holder)
{
    struct inodes inodes = { 0 };
    size_t links_left = LINKS_MAX;
    struct dirent *entry = NULL;
    DIR *processes = NULL;
    bool is_found = false;

    collect("/proc/net/tcp", port, &inodes);
    collect("/proc/net/tcp6", port, &inodes);
    if (inodes.count > 0)
        processes = opendir("/proc");
    for (size_t i = 0; processes && !is_found && i < PROCESSES_MAX; i++) {
        entry = readdir(processes);
        if (!entry)
            break;
        ret_holder->pid = parse_pid(entry->d_name);
        is_found = ret_holder->pid > 0 && holds(ret_holder->pid, &inodes, &links_left);
    }
    if (processes)
        (void)closedir(processes);
    if (is_found) {
        read_name(ret_holder);
        read_parent(ret_holder);
    }
    return is_found;
}

long holder_find_hidden(const char *name, long parent)
{
    DIR *processes = opendir("/proc");
    struct dirent *entry = NULL;
    long found = 0;

    for (size_t i = 0; processes && found == 0 && i < PROCESSES_MAX; i++) {
        struct holder one = { 0 };

        entry = readdir(processes);
        if (!entry)
            break;
        one.pid = parse_pid(entry->d_name);
        if (one.pid <= 0 || !is_hidden(one.pid))
            continue;
        read_name(&one);
        read_parent(&one);
        if (one.parent == parent && strcmp(one.name, name) == 0)
            found = one.pid;
    }
    if (processes)
        (void)closedir(processes);
    return found;
}

bool holder_read_line(const char *line, uint16_t port, uint64_t *ret_inode)
{
    const char *local = field_at(line, FIELD_LOCAL);
    const char *colon = strchr(local, ':');
    const char *inode = field_at(line, FIELD_INODE);
    char *end = NULL;

    if (strncmp(field_at(line, FIELD_STATE), "0A ", 3) != 0) /* TCP_LISTEN */
        return false;
    if (!colon || strtoul(colon + 1, NULL, 16) != port)
        return false;
    *ret_inode = strtoull(inode, &end, 10);
    return end != inode && *ret_inode != 0;
}

static void collect(const char *path, uint16_t port, struct inodes *inodes)
{
    char line[LINE_MAX_SIZE];
    FILE *file = fopen(path, "re");

    for (size_t i = 0; file && i < LINES_MAX && inodes->count < INODES_MAX; i++) {
        if (!fgets(line, sizeof line, file))
            break;
        if (holder_read_line(line, port, &inodes->items[inodes->count]))
            inodes->count++;
    }
    if (file)
        (void)fclose(file);
}

static bool holds(long pid, const struct inodes *inodes, size_t *links_left)
{
    char path[64];
    struct dirent *entry = NULL;
    DIR *folder = NULL;
    bool is_found = false;

    (void)snprintf(path, sizeof path, "/proc/%ld/fd", pid);
    folder = opendir(path);
    while (folder && !is_found && *links_left > 0 && (entry = readdir(folder))) {
        (*links_left)--;
        is_found = is_one_of(dirfd(folder), entry->d_name, inodes);
    }
    if (folder)
        (void)closedir(folder);
    return is_found;
}

static bool is_one_of(int folder_fd, const char *name, const struct inodes *inodes)
{
    static const char prefix[] = "socket:[";
    char target[64];
    ssize_t size = readlinkat(folder_fd, name, target, sizeof target - 1);
    uint64_t inode = 0;

    if (size < 0)
        return false;
    target[size] = '\0';
    if (strncmp(target, prefix, strlen(prefix)) != 0)
        return false;
    inode = strtoull(target + strlen(prefix), NULL, 10);
    for (size_t i = 0; i < inodes->count; i++) {
        if (inodes->items[i] == inode)
            return true;
    }
    return false;
}

/* What it has open is shown to the same as what it runs; the kernel's own run nothing.
 */
static bool is_hidden(long pid)
{
    char path[64];
    char target[1];

    (void)snprintf(path, sizeof path, "/proc/%ld/exe", pid);
    return readlink(path, target, sizeof target) < 0 && errno != ENOENT;
}

static void read_name(struct holder *holder)
{
    char path[64];
    FILE *file = NULL;

    (void)snprintf(path, sizeof path, "/proc/%ld/comm", holder->pid);
    file = fopen(path, "re");
    if (!file || !fgets(holder->name, sizeof holder->name, file))
        (void)snprintf(holder->name, sizeof holder->name, "a program");
    if (file)
        (void)fclose(file);
    holder->name[strcspn(holder->name, "\n")] = '\0';
    /* A program chooses its own name: no control characters on a terminal. */
    for (char *c = holder->name; *c; c++) {
        if (!isprint((unsigned char)*c))
            *c = '?';
    }
}

/* "PID (NAME) STATE PARENT ...": a name may have brackets, too. */
static void read_parent(struct holder *holder)
{
    char path[64];
    char line[LINE_MAX_SIZE];
    const char *name_end = NULL;
    FILE *file = NULL;

    holder->parent = 0;
    (void)snprintf(path, sizeof path, "/proc/%ld/stat", holder->pid);
    file = fopen(path, "re");
    if (file && fgets(line, sizeof line, file))
        name_end = strrchr(line, ')');
    if (name_end)
        holder->parent = parse_pid(field_at(name_end, 2));
    if (file)
        (void)fclose(file);
}

/* The rest of the line from a field on; "" when there are not so many. */
static const char *field_at(const char *line, size_t index)
{
    line += strspn(line, " \t");
    for (; index > 0; index--) {
        line += strcspn(line, " \t\n");
        line += strspn(line, " \t");
    }
    return line;
}

static long parse_pid(const char *name)
{
    return isdigit((unsigned char)name[0]) ? strtol(name, NULL, 10) : 0;
}
