/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Solvers that break the contract in quieter ways than those of bad.c, or harm
 * themselves by other means. Each plugin of it has one operation of its own: see
 * CMakeLists.txt.
 */
#include <acmecore/plugin.h>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#ifndef PRESENT
#define PRESENT fine
#endif
#ifndef TYPES
#define TYPES good_types
#endif
#ifndef MAX_BATCH
#define MAX_BATCH 0
#endif
#ifndef OWN_NAME
#define OWN_NAME NAME
#endif
#ifndef OPTION_NAME
#define OPTION_NAME "word"
#endif
#ifndef OPTION_TYPE
#define OPTION_TYPE ACMECORE_OPTION_TEXT
#endif
#ifndef VERSION
#define VERSION "1.0"
#endif
#ifndef HELP
#define HELP "any word"
#endif

#define WILD   ((const char *)8) /* no page is there */
#define UNUSED __attribute__((unused))
#define BATCH                                                                          \
    UNUSED void *self, UNUSED const struct acmecore_challenge *const *challenges,      \
        UNUSED size_t count, UNUSED int *results

static const struct acmecore_host *host;
static volatile int is_on = 1; /* for ever, and no compiler may know */

UNUSED static int fine(BATCH)
{
    return ACMECORE_OK;
}

static void die_of(int number)
{
    (void)signal(number, SIG_DFL); /* a sanitizer would catch it */
    (void)raise(number);
}

static void rest(time_t seconds)
{
    struct timespec span = { .tv_sec = seconds };

    (void)nanosleep(&span, NULL);
}

/* ---- what plugin check is to find */

UNUSED static int leak_descriptor(BATCH)
{
    return open("/dev/null", O_RDONLY | O_CLOEXEC) >= 0 ? ACMECORE_OK
                                                        : ACMECORE_E_SYSTEM;
}

UNUSED static int leak_memory(BATCH)
{
    static char *volatile lost;

    lost = malloc(4096);
    if (lost)
        memset(lost, 1, 4096);
    return ACMECORE_OK;
}

/* Too little to be seen in a process of megabytes, but each time. */
UNUSED static int leak_little(BATCH)
{
    static char *volatile lost;

    lost = malloc(24);
    return lost ? ACMECORE_OK : ACMECORE_E_SYSTEM;
}

UNUSED static int ignore_services(BATCH)
{
    const struct acmecore_request request = { .struct_size = sizeof request,
                                              .method = "GET",
                                              .url = "https://127.0.0.1:1/" };
    long code = 0;

    (void)host->http(host->ctx, &request, &code, NULL, NULL);
    return ACMECORE_OK;
}

UNUSED static int trust_secret(BATCH)
{
    if (host->secret(host->ctx, "token", NULL, NULL) == ACMECORE_E_NETWORK)
        die_of(SIGSEGV);
    return ACMECORE_OK;
}

UNUSED static int leave_child(BATCH)
{
    static pid_t child;

    if (child == 0)
        child = fork();
    if (child == 0) {
        rest(20);
        _exit(0);
    }
    return ACMECORE_OK;
}

static void *idle(void *arg)
{
    rest(20);
    return arg;
}

UNUSED static int leave_thread(BATCH)
{
    static int is_started;
    pthread_t thread;

    if (!is_started)
        is_started = pthread_create(&thread, NULL, idle, NULL) == 0;
    return ACMECORE_OK;
}

UNUSED static int ignore_time(BATCH)
{
    if (host->remaining_ms(host->ctx) <= 0)
        rest(3);
    return ACMECORE_OK;
}

UNUSED static int trust_services(BATCH)
{
    if (host->remove_file(host->ctx, "/nonexistent/file") != ACMECORE_OK)
        die_of(SIGSEGV);
    return ACMECORE_OK;
}

/* ---- what harms the process itself */

UNUSED static int eat_memory(BATCH)
{
    const size_t part = 64u * 1024u * 1024u;

    for (size_t i = 0; i < 160; i++) { /* 10 GB */
        char *bytes = malloc(part);
        if (!bytes)
            return host->fail(host->ctx, ACMECORE_E_SYSTEM, "no memory after %zu parts",
                              i);
        memset(bytes, 1, part);
    }
    return ACMECORE_OK;
}

static size_t sink(volatile char *above)
{
    volatile char here[4096];

    here[0] = above[0];
    return is_on ? sink(here) + (size_t)here[0] : 0;
}

UNUSED static int overflow_stack(BATCH)
{
    volatile char top = 1;

    (void)signal(SIGSEGV, SIG_DFL);
    return sink(&top) > 0 ? ACMECORE_OK : ACMECORE_E_SYSTEM;
}

UNUSED static int free_twice(BATCH)
{
    void *volatile bytes = malloc(4096);

    (void)signal(SIGABRT, SIG_DFL);
    free(bytes);
    void *volatile again = bytes;
    free(again);
    die_of(SIGABRT); /* where the allocator has not noticed */
    return ACMECORE_OK;
}

UNUSED static int close_all(BATCH)
{
    for (int fd = 0; fd < 1024; fd++)
        (void)close(fd);
    return ACMECORE_OK;
}

UNUSED static int spin(BATCH)
{
    while (is_on)
        continue;
    return ACMECORE_OK;
}

/* As a command of host->run that starts another one: in a group of its own. */
UNUSED static int hang_with_child(BATCH)
{
    pid_t child = fork();

    if (child == 0) {
        (void)setpgid(0, 0);
        rest(20);
        _exit(0);
    }
    host->log(host->ctx, ACMECORE_INFO, "its stray is %ld", (long)child);
    while (is_on)
        rest(1);
    return ACMECORE_OK;
}

UNUSED static int stop_itself(BATCH)
{
    (void)raise(SIGSTOP);
    return ACMECORE_OK;
}

UNUSED static int call_exit(BATCH)
{
    exit(0); /* NOLINT: that is what it is for */
}

UNUSED static int fork_and_return_twice(BATCH)
{
    return fork() >= 0 ? ACMECORE_OK : ACMECORE_E_SYSTEM;
}

/* Another session: no longer among those that end with the process. */
UNUSED static int leave_daemon(BATCH)
{
    pid_t child = fork();

    if (child == 0) {
        (void)setsid();
        if (fork() == 0)
            rest(20);
        _exit(0);
    }
    return ACMECORE_OK;
}

UNUSED static int raise_signals(BATCH)
{
    static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGUSR1 };

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        (void)kill(0, numbers[i]);
    return ACMECORE_OK;
}

/* ---- what belongs to the process as a whole, and harms nobody else */

UNUSED static int change_surroundings(BATCH)
{
    const struct rlimit none = { .rlim_cur = 16, .rlim_max = 16 };

    for (int number = 1; number < 32; number++)
        (void)signal(number, SIG_IGN);
    (void)umask(0);
    return chdir("/tmp") == 0 && setrlimit(RLIMIT_NOFILE, &none) == 0
               ? ACMECORE_OK
               : ACMECORE_E_SYSTEM;
}

UNUSED static int print_to_both(BATCH)
{
    static const char noise[] = "\033[31m{\"reply\":1,\"status\":0}\n\377\376\n";

    return write(STDOUT_FILENO, noise, sizeof noise) > 0
                   && write(STDERR_FILENO, noise, sizeof noise) > 0
               ? ACMECORE_OK
               : ACMECORE_E_SYSTEM;
}

/* ---- what it says of itself is not so */

UNUSED static int take_one_only(BATCH)
{
    if (count <= 1)
        return ACMECORE_OK;
    return host->fail(host->ctx, ACMECORE_E_INVALID, "%zu at once are too many", count);
}

/* Takes the services away under the feet of whoever calls next. */
UNUSED static int scribble(BATCH)
{
    struct acmecore_host *table = (struct acmecore_host *)(uintptr_t)host;

    memset(table, 0, table->struct_size);
    (void)signal(SIGSEGV, SIG_DFL);
    host->log(host->ctx, ACMECORE_INFO, "still there?");
    return ACMECORE_OK;
}

#ifdef IS_ABSENT
extern int acmecore_absent(void);

static int call_absent(BATCH)
{
    return acmecore_absent();
}
#endif

/* ---- what it does before anybody has asked it anything */

UNUSED static void crash_early(void)
{
    die_of(SIGSEGV);
}

UNUSED static void exit_early(void)
{
    _exit(0);
}

UNUSED static void write_early(void)
{
    static const char noise[] = "\0\0\0\2\0\0\0\0{}";

    for (int fd = 3; fd < 64; fd++)
        (void)send(fd, noise, sizeof noise, MSG_NOSIGNAL);
}

UNUSED static void hang_early(void)
{
    while (is_on)
        rest(1);
}

#ifdef AT_LOAD
__attribute__((constructor)) static void at_load(void)
{
    AT_LOAD();
}
#endif

static int open_well(const struct acmecore_host *given, void **ret_self)
{
    static int instance;

    host = given;
    *ret_self = &instance;
    return ACMECORE_OK;
}

static void close_well(void *self)
{
    (void)self;
}

UNUSED static const char *const good_types[] = { "http-01", "dns-01", NULL };
/* A name without an end: the page after it is whatever comes. */
#define X8   "xxxxxxxx"
#define X64  X8 X8 X8 X8 X8 X8 X8 X8
#define X512 X64 X64 X64 X64 X64 X64 X64 X64
static const char endless[2048] = X512 X512 X512 X512;
UNUSED static const char *const endless_types[] = { endless, NULL };
UNUSED static const char *const wild_types[] = { WILD, NULL };
/* No NULL at its end within reason. */
#define T8                                                                             \
    "dns-01", "dns-01", "dns-01", "dns-01", "dns-01", "dns-01", "dns-01", "dns-01"
UNUSED static const char *const many_types[] = { T8, T8, T8, T8 };

static const struct acmecore_solver solver = {
    .struct_size = sizeof solver,
    .max_batch = MAX_BATCH,
    .types = TYPES,
    .present = PRESENT,
    .cleanup = fine,
};

static const struct acmecore_option options[] = {
    { .name = OPTION_NAME, .type = OPTION_TYPE, .help = HELP },
};

const struct acmecore_plugin acmecore_plugin = {
    .struct_size = sizeof acmecore_plugin,
    .abi_major = ACMECORE_ABI_MAJOR,
    .abi_minor = ACMECORE_ABI_MINOR,
    .kind = ACMECORE_SOLVER,
    .name = OWN_NAME,
    .version = VERSION,
    .flags = ACMECORE_USES_NETWORK | ACMECORE_USES_FILES | ACMECORE_USES_COMMANDS,
    .option_size = sizeof *options,
    .option_count = 1,
    .options = options,
    .open = open_well,
    .close = close_well,
    .ops.solver = &solver,
};
