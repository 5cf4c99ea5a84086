/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/output.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SAY_SIZE  8192
#define PATH_SIZE 32
#define OURS      "acmecore: " /* what errors on standard error begin with */

/* Only these can make a writer wait. */
static bool can_block(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 && (S_ISFIFO(st.st_mode) || isatty(fd) == 1);
}

void ac_output_guard(void)
{
    char path[PATH_SIZE];

    for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++) {
        if (!can_block(fd))
            continue;
        (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        int own = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (own < 0)
            continue; /* not allowed (another user's terminal): then it may block */
        (void)dup2(own, fd);
        (void)close(own);
    }
}

/* How much of it went out; the rest did not within wait_ms without progress. */
static size_t put(int fd, const char *bytes, size_t size, int wait_ms)
{
    size_t done = 0;

    while (done < size) {
        struct pollfd room = { .fd = fd, .events = POLLOUT };
        ssize_t sent = write(fd, bytes + done, size - done);

        if (sent > 0) {
            done += (size_t)sent;
            continue;
        }
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent == 0 || errno != EAGAIN || poll(&room, 1, wait_ms) <= 0)
            break;
    }
    return done;
}

/* What is written to it from now on is lost, or refused when it is opened for reading.
 */
static void replace_by_nothing(int fd, int mode)
{
    int nowhere = open("/dev/null", mode | O_CLOEXEC);

    if (nowhere < 0)
        return;
    (void)dup2(nowhere, fd);
    (void)close(nowhere);
}

static void write_out(const char *text, size_t size)
{
    bool is_terminal = isatty(STDERR_FILENO) == 1;

    if (put(STDERR_FILENO, text, size, is_terminal ? 0 : AC_OUTPUT_WAIT_MS) < size
        && !is_terminal)
        replace_by_nothing(STDERR_FILENO, O_WRONLY);
}

static void pass(const char *line)
{
    bool is_error = strncmp(line, OURS, strlen(OURS)) == 0;

    if (line[0] == '\0')
        return;
    ac_log_pass(is_error ? AC_LOG_ERROR : AC_LOG_WARN,
                is_error ? line + strlen(OURS) : line);
}

/* Cut where a line is too long for a record. */
static void pass_lines(const char *text, size_t size)
{
    char line[SAY_SIZE];
    size_t length = 0;

    for (size_t i = 0; i < size; i++) {
        if (text[i] != '\n')
            line[length++] = text[i];
        if (text[i] != '\n' && length < sizeof line - 1 && i + 1 < size)
            continue;
        line[length] = '\0';
        pass(line);
        length = 0;
    }
}

bool ac_output_is_heard(void)
{
    return ac_log_takes_records();
}

static void tell(const char *text, size_t size)
{
    if (ac_log_takes_records()) {
        pass_lines(text, size);
        return;
    }
    write_out(text, size);
}

void ac_output_put(const char *line)
{
    char whole[SAY_SIZE];
    int size = snprintf(whole, sizeof whole, "%s\n", line);

    if (size > 0 && (size_t)size < sizeof whole) {
        write_out(whole, (size_t)size);
        return;
    }
    write_out(line, strlen(line));
    write_out("\n", 1);
}

void ac_output_tell(const char *text)
{
    tell(text, strlen(text));
}

void ac_output_say(const char *format, ...)
{
    char text[SAY_SIZE];
    va_list args;

    va_start(args, format);
    int size = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (size > 0)
        tell(text, strlen(text));
}

enum ac_code ac_output_print(const char *text, struct ac_error *err)
{
    size_t size = strlen(text);

    errno = 0;
    if (put(STDOUT_FILENO, text, size, AC_OUTPUT_STDOUT_MS) == size)
        return AC_OK;
    int why = errno == EAGAIN || errno == 0 ? ETIMEDOUT : errno;
    replace_by_nothing(STDOUT_FILENO, O_RDONLY);
    return ac_fail_errno(err, AC_E_SYSTEM, why, AC_OUTPUT_CANNOT_PRINT);
}

bool ac_output_can_print(void)
{
    int mode = fcntl(STDOUT_FILENO, F_GETFL);

    return mode >= 0 && (mode & O_ACCMODE) != O_RDONLY;
}
