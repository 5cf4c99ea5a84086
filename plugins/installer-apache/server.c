/* SPDX-License-Identifier: Apache-2.0 */
#include "server.h"

#include "file.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MODE        0600
#define NUMBER_BASE 10
#define PATH_SIZE   64
#define STAT_SIZE   1024
#define BOOT_ID     "/proc/sys/kernel/random/boot_id"
#define NOTHING     "-" /* a word of the reload file that is not known */
#define FIELD_STATE 3   /* of proc_pid_stat(5) */
#define FIELD_PPID  4
#define FIELD_START 22
#define NS_PER_S    1000000000LL

struct status_line {
    bool is_dead; /* its parent has not asked for it yet */
    pid_t parent;
    unsigned long long born_at;
};

/* Of /proc/PID/stat; the second field, a name in parentheses, may have anything. */
static bool read_fields(const char *text, struct status_line *ret_line)
{
    const char *at = strrchr(text, ')');

    for (int field = FIELD_STATE; at && field <= FIELD_START; field++) {
        at = strchr(at, ' ');
        if (!at)
            return false;
        at++;
        if (field == FIELD_STATE)
            ret_line->is_dead = *at == 'Z' || *at == 'X';
        if (field == FIELD_PPID)
            ret_line->parent = (pid_t)strtol(at, NULL, NUMBER_BASE);
    }
    if (!at)
        return false;
    ret_line->born_at = strtoull(at, NULL, NUMBER_BASE);
    return true;
}

/* The beginning of what the kernel says there, "" where it does not. */
static bool read_kernel(const char *path, char *text, size_t text_size)
{
    FILE *file = fopen(path, "re");
    size_t size = 0;

    text[0] = '\0';
    if (!file)
        return false;
    size = fread(text, 1, text_size - 1, file);
    (void)fclose(file);
    text[size] = '\0';
    return size > 0;
}

static bool read_status(pid_t pid, struct status_line *ret_line)
{
    char path[PATH_SIZE];
    char text[STAT_SIZE];

    (void)snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    return read_kernel(path, text, sizeof text) && read_fields(text, ret_line);
}

static void read_boot(char boot[APACHE_BOOT_SIZE])
{
    (void)read_kernel(BOOT_ID, boot, APACHE_BOOT_SIZE);
    boot[strcspn(boot, " \n")] = '\0';
}

static bool is_there(pid_t pid)
{
    struct status_line line = { 0 };

    return pid > 1 && (kill(pid, 0) == 0 || errno == EPERM)
           && !(read_status(pid, &line) && line.is_dead);
}

static int not_running(const struct acmecore_host *host, const char *pid_file)
{
    return host->fail(host->ctx, ACMECORE_E_REFUSED,
                      "Apache is not running (its PidFile %s names no process): start "
                      "it, and the next run deploys",
                      pid_file);
}

int apache_server_find(const struct acmecore_host *host, const char *pid_file,
                       struct apache_server *ret_server)
{
    APACHE_AUTO_FILE file = { 0 };
    struct status_line line = { 0 };
    int status = apache_file_read(host, pid_file, &file);
    long pid = 0;

    if (status == ACMECORE_E_NOTFOUND)
        return not_running(host, pid_file);
    if (status != ACMECORE_OK)
        return status;
    pid = strtol(file.text.bytes, NULL, NUMBER_BASE);
    if (pid <= 1 || pid > INT_MAX || !is_there((pid_t)pid))
        return not_running(host, pid_file);
    (void)read_status((pid_t)pid, &line);
    *ret_server = (struct apache_server){ .pid = (pid_t)pid, .born_at = line.born_at };
    return ACMECORE_OK;
}

bool apache_server_is_alive(const struct apache_server *server)
{
    struct status_line line = { 0 };

    if (apache_server_is_of_other_boot(server) || !is_there(server->pid))
        return false;
    /* Another process may have its number by now. */
    return !read_status(server->pid, &line) || server->born_at == 0
           || line.born_at == server->born_at;
}

bool apache_server_is_of_other_boot(const struct apache_server *server)
{
    char now[APACHE_BOOT_SIZE];

    read_boot(now);
    return server->boot[0] && now[0] && strcmp(server->boot, now) != 0;
}

static bool is_young_child(const struct apache_server *server, const char *name)
{
    struct status_line line = { 0 };
    long pid = strtol(name, NULL, NUMBER_BASE);

    return pid > 1 && pid <= INT_MAX && read_status((pid_t)pid, &line)
           && line.parent == server->pid && line.born_at >= server->told_at;
}

bool apache_server_has_reloaded(const struct apache_server *server)
{
    DIR *folder = server->born_at > 0 ? opendir("/proc") : NULL;
    const struct dirent *entry = NULL;
    bool is_found = false;

    if (!folder)
        return true;
    while (!is_found && (entry = readdir(folder)))
        is_found = is_young_child(server, entry->d_name);
    (void)closedir(folder);
    return is_found;
}

/* ---- across processes ------------------------------------------------------------ */

static int path_of(const struct acmecore_host *host, char path[PATH_MAX])
{
    int size = snprintf(path, PATH_MAX, "%s/%s", host->folder, APACHE_RELOAD_FILE);

    if (size > 0 && size < PATH_MAX)
        return ACMECORE_OK;
    return host->fail(host->ctx, ACMECORE_E_SYSTEM,
                      "the path of the state folder is too long");
}

/* As proc_pid_stat(5) counts a process's beginning. */
static unsigned long long ticks_now(void)
{
    struct timespec now = { 0 };
    long per_s = sysconf(_SC_CLK_TCK);

    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    return ((unsigned long long)now.tv_sec * (unsigned long long)per_s)
           + ((unsigned long long)now.tv_nsec * (unsigned long long)per_s / NS_PER_S);
}

static const char *or_nothing(const char *word)
{
    return word[0] ? word : NOTHING;
}

/* The next word of a line; "" where it is missing, not known or too long. Returns where
 * it ends. */
static const char *take_word(const char *at, char *word, size_t word_size)
{
    size_t size = 0;

    at += strspn(at, " ");
    size = strcspn(at, " \n");
    word[0] = '\0';
    if (size < word_size && strncmp(at, NOTHING, size) != 0)
        (void)snprintf(word, word_size, "%.*s", (int)size, at);
    return at + size;
}

int apache_server_remember(const struct acmecore_host *host,
                           struct apache_server *server)
{
    APACHE_AUTO_TEXT text = { 0 };
    char path[PATH_MAX];
    int status = path_of(host, path);

    server->told_at = ticks_now();
    read_boot(server->boot);
    if (!apache_unit_of(server->pid, server->unit))
        server->unit[0] = '\0';
    if (status != ACMECORE_OK)
        return status;
    if (!apache_text_format(&text, "%ld %llu %llu %s %s\n", (long)server->pid,
                            server->born_at, server->told_at, or_nothing(server->boot),
                            or_nothing(server->unit)))
        return apache_no_memory(host);
    return host->write_file(host->ctx, path, MODE, text.bytes, text.size);
}

int apache_server_recall(const struct acmecore_host *host,
                         struct apache_server *ret_server)
{
    APACHE_AUTO_FILE file = { 0 };
    char path[PATH_MAX];
    char *end = NULL;
    const char *at = NULL;
    int status = path_of(host, path);

    if (status == ACMECORE_OK)
        status = apache_file_read(host, path, &file);
    if (status != ACMECORE_OK)
        return status;
    ret_server->pid = (pid_t)strtol(file.text.bytes, &end, NUMBER_BASE);
    ret_server->born_at = strtoull(end, &end, NUMBER_BASE);
    ret_server->told_at = strtoull(end, &end, NUMBER_BASE);
    at = take_word(end, ret_server->boot, sizeof ret_server->boot);
    (void)take_word(at, ret_server->unit, sizeof ret_server->unit);
    return ACMECORE_OK;
}

int apache_server_forget(const struct acmecore_host *host)
{
    char path[PATH_MAX];
    int status = path_of(host, path);

    return status == ACMECORE_OK ? host->remove_file(host->ctx, path) : status;
}
