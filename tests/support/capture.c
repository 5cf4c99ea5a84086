/* SPDX-License-Identifier: Apache-2.0 */
#include "capture.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "check.h"

static struct {
    int saved_out, saved_err;
    char out[AC_CAPTURE_MAX];
    char err[AC_CAPTURE_MAX];
} now;

static int redirect(int fd, const char *path)
{
    int saved = fcntl(fd, F_DUPFD_CLOEXEC, 10);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if (file >= 0) {
        (void)dup2(file, fd);
        (void)close(file);
    }
    return saved;
}

void ac_capture_start_into(const char *path)
{
    (void)fflush(NULL);
    now.saved_out = redirect(STDOUT_FILENO, path);
    now.saved_err = redirect(STDERR_FILENO, ac_test_path("captured-err"));
}

void ac_capture_start(void)
{
    ac_capture_start_into(ac_test_path("captured-out"));
}

static void take_back(int saved, int fd, const char *name, char *text)
{
    (void)dup2(saved, fd);
    (void)close(saved);
    if (ac_test_read_file(ac_test_path(name), text, AC_CAPTURE_MAX) < 0)
        text[0] = '\0';
}

void ac_capture_stop(void)
{
    (void)fflush(stdout);
    (void)fflush(stderr);
    clearerr(stdout);
    take_back(now.saved_out, STDOUT_FILENO, "captured-out", now.out);
    take_back(now.saved_err, STDERR_FILENO, "captured-err", now.err);
}

const char *ac_capture_out(void)
{
    return now.out;
}

const char *ac_capture_err(void)
{
    return now.err;
}

size_t ac_capture_count(const char *captured, const char *text)
{
    size_t count = 0;

    for (const char *at = captured; at && (at = strstr(at, text)); at++)
        count++;
    return count;
}

bool ac_capture_has(const char *captured, const char *text)
{
    return ac_capture_count(captured, text) > 0;
}
