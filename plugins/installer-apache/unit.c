/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SYSTEMD     "/run/systemd/system" /* sd_booted(3) */
#define SERVICE     ".service"
#define USERS       "/user.slice/"
#define PATH_SIZE   64
#define GROUPS_SIZE 8192
#define ALPHABET    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:_.\\@-"

/* Its path in the hierarchy that systemd keeps, cgroups(7); NULL: none. */
static const char *find_path(const char *cgroups)
{
    static const char *const heads[] = { "0::", "1:name=systemd:" };

    for (const char *line = cgroups; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
            /* With both versions mounted, the line of version 2 may say nothing. */
            if (strncmp(line, heads[i], strlen(heads[i])) == 0
                && strncmp(line + strlen(heads[i]), "/\n", 2) != 0)
                return line + strlen(heads[i]);
        }
    }
    return NULL;
}

static bool is_service(const char *name, size_t size)
{
    size_t end = strlen(SERVICE);

    return size > end && size < APACHE_UNIT_SIZE && name[0] != '-'
           && strspn(name, ALPHABET) == size
           && strncmp(name + size - end, SERVICE, end) == 0;
}

/* The innermost: a service may have groups of its own below. */
bool apache_unit_parse(const char *cgroups, char unit[APACHE_UNIT_SIZE])
{
    const char *at = find_path(cgroups);
    bool is_found = false;

    if (!at || strncmp(at, USERS, strlen(USERS)) == 0)
        return false;
    while (*at == '/') {
        size_t size = strcspn(++at, "/\n");

        if (is_service(at, size)) {
            (void)snprintf(unit, APACHE_UNIT_SIZE, "%.*s", (int)size, at);
            is_found = true;
        }
        at += size;
    }
    return is_found;
}

static bool find_unit(const char *process, char unit[APACHE_UNIT_SIZE])
{
    char path[PATH_SIZE];
    char text[GROUPS_SIZE];
    FILE *file = NULL;
    size_t size = 0;

    (void)snprintf(path, sizeof path, "/proc/%s/cgroup", process);
    file = fopen(path, "re");
    if (!file)
        return false;
    size = fread(text, 1, sizeof text - 1, file);
    (void)fclose(file);
    text[size] = '\0';
    return apache_unit_parse(text, unit);
}

bool apache_unit_of(pid_t pid, char unit[APACHE_UNIT_SIZE])
{
    char process[PATH_SIZE / 2];
    char ours[APACHE_UNIT_SIZE] = "";

    (void)snprintf(process, sizeof process, "%ld", (long)pid);
    if (access(SYSTEMD, F_OK) != 0 || !find_unit(process, unit))
        return false;
    /* One that we started earlier; to start that would be to start ourselves. */
    return !find_unit("self", ours) || strcmp(ours, unit) != 0;
}
