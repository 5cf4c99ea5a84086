/* SPDX-License-Identifier: Apache-2.0 */
#include "settle.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DIGITS_MAX 15 /* of milliseconds since 1970, until the year 33658 */
#define MODE       0600

struct path {
    char text[PATH_MAX];
};

static int64_t now_ms(clockid_t clock);
static struct path path_of(const struct acmecore_host *host);
static bool read_instant(const char *path, int64_t *ret_at_ms);

void exec_settle_begin(const struct acmecore_host *host, struct exec_settle *settle)
{
    char text[24];

    if (settle->span_ms == 0)
        return;
    settle->is_begun = true;
    settle->begun_at_ms = now_ms(CLOCK_BOOTTIME);
    (void)snprintf(text, sizeof text, "%" PRId64 "\n", now_ms(CLOCK_REALTIME));
    if (*host->folder
        && host->write_file(host->ctx, path_of(host).text, MODE, text, strlen(text))
               != ACMECORE_OK) {
        host->log(host->ctx, ACMECORE_WARN,
                  "cannot write down when the answers were made; a restarted plugin "
                  "would not wait for settle-seconds");
    }
}

int64_t exec_settle_left_ms(const struct acmecore_host *host,
                            const struct exec_settle *settle)
{
    int64_t begun_at_ms = settle->begun_at_ms;
    int64_t passed_ms = 0;

    if (settle->span_ms == 0)
        return 0;
    if (!settle->is_begun
        && (!*host->folder || !read_instant(path_of(host).text, &begun_at_ms)))
        return 0; /* nobody presented anything */
    passed_ms =
        now_ms(settle->is_begun ? CLOCK_BOOTTIME : CLOCK_REALTIME) - begun_at_ms;
    if (passed_ms >= settle->span_ms)
        return 0;
    /* In the future: the clock was set back, and how long ago it was is not known. */
    return passed_ms < 0 ? settle->span_ms : settle->span_ms - passed_ms;
}

static int64_t now_ms(clockid_t clock)
{
    struct timespec now = { 0 };

    (void)clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct path path_of(const struct acmecore_host *host)
{
    struct path path;

    (void)snprintf(path.text, sizeof path.text, "%s/presented-at", host->folder);
    return path;
}

/* False: there is no such file. What is no instant counts as one in the future. */
static bool read_instant(const char *path, int64_t *ret_at_ms)
{
    char text[DIGITS_MAX + 2] = "";
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    size_t digits = 0;

    if (fd < 0)
        return false;
    (void)close(fd);
    digits = size > 0 ? strspn(text, "0123456789") : 0;
    *ret_at_ms = INT64_MAX;
    if (digits > 0 && digits <= DIGITS_MAX && text[digits] == '\n')
        *ret_at_ms = strtoll(text, NULL, 10);
    return true;
}
