/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A solver that misbehaves on purpose. Which operation does what, and what the
 * descriptor says, is chosen by macros; see CMakeLists.txt for the plugins made of it.
 */
#include <acmecore/plugin.h>

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef PRESENT
#define PRESENT fine
#endif
#ifndef CLEANUP
#define CLEANUP fine
#endif
#ifndef PROBE
#define PROBE NULL
#endif
#ifndef OPEN
#define OPEN open_well
#endif
#ifndef CLOSE
#define CLOSE close_well
#endif
#ifndef WATCH
#define WATCH NULL
#define SERVE NULL
#endif
#ifndef MAX_BATCH
#define MAX_BATCH 0
#endif
#ifndef KIND
#define KIND ACMECORE_SOLVER
#endif
#ifndef NEEDS
#define NEEDS 0
#endif
#ifndef MAJOR
#define MAJOR ACMECORE_ABI_MAJOR
#endif
#ifndef TYPES
#define TYPES good_types
#endif
#ifndef OPTION_COUNT
#define OPTION_COUNT (sizeof options / sizeof *options)
#endif
#ifndef OPTION_SIZE
#define OPTION_SIZE sizeof(struct acmecore_option)
#endif
#ifndef STRUCT_SIZE
#define STRUCT_SIZE sizeof(struct acmecore_plugin)
#endif
/* What it says it needs (ACMECORE_USES_*): all, so that what goes wrong is its own. */
#ifndef FLAGS
#define FLAGS (ACMECORE_USES_NETWORK | ACMECORE_USES_FILES | ACMECORE_USES_COMMANDS)
#endif

#define JSON_SIZE (4 * 1024 * 1024) /* of a frame: the most there may be */
#define UNUSED    __attribute__((unused))
#define BATCH                                                                          \
    UNUSED void *self, UNUSED const struct acmecore_challenge *const *challenges,      \
        UNUSED size_t count, UNUSED int *results

static const struct acmecore_host *host;
static volatile int is_on = 1; /* for ever, and no compiler may know */

UNUSED static int fine(BATCH)
{
    for (size_t i = 0; i < count; i++)
        host->log(host->ctx, ACMECORE_INFO, "batch of %zu: %s", count,
                  challenges[i]->identifier);
    return ACMECORE_OK;
}

static void die_of(int number)
{
    (void)signal(number, SIG_DFL); /* a sanitizer would catch it */
    (void)raise(number);
}

UNUSED static int crash(BATCH)
{
    die_of(SIGSEGV);
    return ACMECORE_OK;
}

UNUSED static int give_up(BATCH)
{
    die_of(SIGABRT);
    return ACMECORE_OK;
}

UNUSED static int hang(BATCH)
{
    while (is_on)
        (void)pause();
    return ACMECORE_OK;
}

/* As long as it may, and not longer. */
UNUSED static int use_up_time(BATCH)
{
    host->log(host->ctx, ACMECORE_INFO, "it takes its time");
    while (host->remaining_ms(host->ctx) > 0)
        (void)poll(NULL, 0, 20);
    return host->fail(host->ctx, ACMECORE_E_TIMEOUT, "its time is up");
}

UNUSED static int leave(BATCH)
{
    _exit(3);
}

UNUSED static int flood_log(BATCH)
{
    for (unsigned line = 0; is_on; line++)
        host->log(host->ctx, ACMECORE_DEBUG, "line %u", line);
    return ACMECORE_OK;
}

UNUSED static int flood_output(BATCH)
{
    while (is_on)
        (void)puts("a plugin that prints and prints");
    return ACMECORE_OK;
}

UNUSED static int print(BATCH)
{
    (void)puts("hello \033[31mred\033[0m");
    (void)fputs("no newline", stdout);
    (void)fflush(stdout);
    return ACMECORE_OK;
}

static void write_to_sockets(const void *bytes, size_t size)
{
    for (int fd = 3; fd < 64; fd++)
        (void)send(fd, bytes, size, MSG_NOSIGNAL);
}

UNUSED static int write_garbage(BATCH)
{
    char bytes[256];

    memset(bytes, 0xFF, sizeof bytes);
    write_to_sockets(bytes, sizeof bytes);
    return hang(self, challenges, count, results);
}

UNUSED static int forge_reply(BATCH)
{
    static const char frame[] = "\0\0\0\x17\0\0\0\0{\"reply\":99,\"status\":0}";

    write_to_sockets(frame, sizeof frame - 1);
    return hang(self, challenges, count, results);
}

/* All of it to the one socket there is, however long its peer takes. */
static void write_to_socket(const char *bytes, size_t size)
{
    struct pollfd room = { .fd = 3, .events = POLLOUT };
    struct stat status;

    while (room.fd < 64 && (fstat(room.fd, &status) != 0 || !S_ISSOCK(status.st_mode)))
        room.fd++;
    while (size > 0 && poll(&room, 1, -1) > 0 && (room.revents & POLLOUT)) {
        ssize_t sent = send(room.fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0)
            break;
        bytes += sent;
        size -= (size_t)sent;
    }
}

/* A frame: what begins its JSON, `unit` as often as there is room, and its end. */
static void write_frame(const char *begin, const char *unit, const char *end)
{
    static char frame[8 + JSON_SIZE];
    size_t used = 8;

    used += (size_t)sprintf(frame + used, "%s", begin);
    while (used + strlen(unit) + strlen(end) < sizeof frame)
        used += (size_t)sprintf(frame + used, "%s", unit);
    used += (size_t)sprintf(frame + used, "%s", end);
    for (size_t i = 0; i < 4; i++)
        frame[i] = (char)((used - 8) >> (24 - 8 * i));
    write_to_socket(frame, used);
}

UNUSED static int say_many_values(BATCH)
{
    write_frame("{\"reply\":99,\"status\":0,\"results\":[", "{},", "{}]}");
    return hang(self, challenges, count, results);
}

UNUSED static int say_long_lines(BATCH)
{
    while (is_on)
        write_frame("{\"event\":\"log\",\"level\":3,\"text\":\"", "many words ", "\"}");
    return ACMECORE_OK;
}

UNUSED static int close_socket(BATCH)
{
    for (int fd = 3; fd < 64; fd++)
        (void)close(fd);
    return hang(self, challenges, count, results);
}

UNUSED static int refuse_all(BATCH)
{
    return host->fail(host->ctx, ACMECORE_E_REFUSED, "not on my \033[1mwatch");
}

UNUSED static int refuse_each(BATCH)
{
    for (size_t i = 0; i < count; i++)
        results[i] = host->fail(host->ctx, ACMECORE_E_REFUSED, "no %s here",
                                challenges[i]->identifier);
    return ACMECORE_E_REFUSED;
}

UNUSED static int refuse_second(BATCH)
{
    if (count < 2)
        return ACMECORE_OK;
    results[1] = ACMECORE_E_NETWORK;
    return ACMECORE_E_NETWORK;
}

UNUSED static int invent_results(BATCH)
{
    for (size_t i = 0; i < count; i++)
        results[i] = 77;
    return ACMECORE_OK;
}

UNUSED static int invent_return(BATCH)
{
    return -4242;
}

UNUSED static int wait_for_ever(BATCH)
{
    return ACMECORE_PENDING;
}

UNUSED static int leak(BATCH)
{
    while (open("/dev/null", O_RDONLY) >= 0)
        ;
    return ACMECORE_OK;
}

UNUSED static int fork_away(BATCH)
{
    if (fork() == 0)
        (void)sleep(60); /* holds every descriptor, also the socket */
    die_of(SIGKILL);
    return ACMECORE_OK;
}

/* Says in its log what it was given: for tests of the surroundings. */
extern char **environ;
UNUSED static int look_around(BATCH)
{
    char folder[4096];
    int others = 0;

    for (size_t i = 0; environ[i]; i++)
        host->log(host->ctx, ACMECORE_INFO, "env %s", environ[i]);
    for (int fd = 3; fd < 1024; fd++)
        others += fcntl(fd, F_GETFD) >= 0;
    host->log(host->ctx, ACMECORE_INFO, "descriptors %d", others);
    host->log(host->ctx, ACMECORE_INFO, "cwd %s", getcwd(folder, sizeof folder));
    host->log(host->ctx, ACMECORE_INFO, "folder %s", host->folder);
    host->log(host->ctx, ACMECORE_INFO, "session %s",
              getsid(0) == getpid() ? "own" : "shared");
    return ACMECORE_OK;
}

static int answer_secret(void *arg, const void *data, size_t size)
{
    (void)arg;
    host->log(host->ctx, ACMECORE_INFO, "secret %.*s", (int)size, (const char *)data);
    return ACMECORE_OK;
}

UNUSED static int tell_options(BATCH)
{
    const char *value = NULL;

    for (size_t i = 0; (value = host->option(host->ctx, "word", i)) != NULL; i++)
        host->log(host->ctx, ACMECORE_INFO, "word %s", value);
    (void)host->secret(host->ctx, "secret", answer_secret, NULL);
    return ACMECORE_OK;
}

UNUSED static int open_well(const struct acmecore_host *given, void **ret_self)
{
    static int instance;

    host = given;
    *ret_self = &instance;
    return ACMECORE_OK;
}

UNUSED static int open_badly(const struct acmecore_host *given, void **ret_self)
{
    (void)ret_self;
    return given->fail(given->ctx, ACMECORE_E_CONFIG, "port 80 is in use");
}

/* As plugins speak of a setting: the last word is what is wrong. */
UNUSED static int open_choosy(const struct acmecore_host *given, void **ret_self)
{
    const char *value = NULL;
    const char *last = "";

    (void)ret_self;
    for (size_t i = 0; (value = given->option(given->ctx, "word", i)) != NULL; i++)
        last = value;
    return given->fail(given->ctx, ACMECORE_E_CONFIG,
                       "option word: \"%s\": it is a bad one", last);
}

UNUSED static int open_and_exit(const struct acmecore_host *given, void **ret_self)
{
    (void)given, (void)ret_self;
    _exit(3);
}

UNUSED static int open_and_crash(const struct acmecore_host *given, void **ret_self)
{
    (void)given, (void)ret_self;
    die_of(SIGSEGV);
    return ACMECORE_OK;
}

UNUSED static int open_and_hang(const struct acmecore_host *given, void **ret_self)
{
    (void)given;
    return hang(*ret_self, NULL, 0, NULL);
}

UNUSED static void close_well(void *self)
{
    (void)self;
}

UNUSED static void close_and_crash(void *self)
{
    (void)self;
    die_of(SIGSEGV);
}

UNUSED static void close_and_hang(void *self)
{
    (void)hang(self, NULL, 0, NULL);
}

/* ---- descriptors to serve ---- */

static int bell[2] = { -1, -1 };
static size_t served;

UNUSED static size_t watch_bell(void *self, struct pollfd *fds, size_t max)
{
    (void)self;
    if (max < 1 || bell[0] < 0)
        return 0;
    fds[0] = (struct pollfd){ .fd = bell[0], .events = POLLIN };
    return 1;
}

UNUSED static void serve_bell(void *self, const struct pollfd *fds, size_t count)
{
    char byte = 0;

    (void)self;
    if (count > 0 && (fds[0].revents & POLLIN) && read(bell[0], &byte, 1) == 1)
        served++;
}

UNUSED static int ring(BATCH)
{
    return pipe(bell) == 0 && write(bell[1], "x", 1) == 1 ? ACMECORE_OK
                                                          : ACMECORE_E_SYSTEM;
}

UNUSED static int ask_bell(BATCH)
{
    return served > 0 ? ACMECORE_OK : ACMECORE_PENDING;
}

UNUSED static size_t watch_too_much(void *self, struct pollfd *fds, size_t max)
{
    (void)self, (void)fds;
    return max + 1;
}

UNUSED static size_t watch_and_crash(void *self, struct pollfd *fds, size_t max)
{
    die_of(SIGSEGV);
    return watch_bell(self, fds, max);
}

UNUSED static size_t watch_and_hang(void *self, struct pollfd *fds, size_t max)
{
    (void)hang(self, NULL, 0, NULL);
    return watch_bell(self, fds, max);
}

UNUSED static void serve_and_crash(void *self, const struct pollfd *fds, size_t count)
{
    (void)self, (void)fds, (void)count;
    die_of(SIGSEGV);
}

UNUSED static void serve_and_hang(void *self, const struct pollfd *fds, size_t count)
{
    (void)fds, (void)count;
    (void)hang(self, NULL, 0, NULL);
}

/* ---- what it says of itself ---- */

UNUSED static const char *const good_types[] = { "http-01", "dns-01", NULL };
UNUSED static const char *const no_types[] = { NULL };
UNUSED static const char *const odd_types[] = { "HTTP 01", NULL };

static const struct acmecore_solver solver = {
    .struct_size = sizeof solver,
    .max_batch = MAX_BATCH,
    .types = TYPES,
    .present = PRESENT,
    .cleanup = CLEANUP,
    .probe = PROBE,
    .watch = WATCH,
    .serve = SERVE,
};

static const struct acmecore_option options[] = {
    { .name = "word",
      .type = ACMECORE_OPTION_TEXT,
      .flags = ACMECORE_LIST,
      .fallback = "default",
      .help = "any word" },
    { .name = "secret", .type = ACMECORE_OPTION_SECRET, .help = "a file" },
    { .name = "number",
      .type = ACMECORE_OPTION_NUMBER,
      .minimum = 1,
      .maximum = 9,
      .help = "one digit" },
};

#ifdef NO_SYMBOL
extern ACMECORE_EXPORT const struct acmecore_plugin another_name;
const struct acmecore_plugin another_name = {
#else
const struct acmecore_plugin acmecore_plugin = {
#endif
    .struct_size = STRUCT_SIZE,
    .abi_major = MAJOR,
    .abi_minor = ACMECORE_ABI_MINOR,
    .kind = KIND,
    .name = NAME,
    .version = "1.0",
    .needs_minor = NEEDS,
    .flags = FLAGS,
    .option_size = OPTION_SIZE,
    .option_count = OPTION_COUNT,
    .options = options,
    .open = OPEN,
    .close = CLOSE,
    .ops.solver = &solver,
};
