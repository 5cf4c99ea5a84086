/* SPDX-License-Identifier: Apache-2.0 */
/*
 * installer-test: installs into a folder, from which a server of the tests serves, and
 * misbehaves as a file says that a test may change between two runs.
 *
 *   FOLDER/live/NAME.pem  what is served: chain and key
 *   FOLDER/calls          a line for each operation
 *   FOLDER/mood           lines "OPERATION[:NAME] HOW": crash, hang, leave, flood,
 * fail, config, odd; "probe pending"
 */
#include <acmecore/plugin.h>

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_SIZE 4096
#define FILE_SIZE (64u * 1024u)
#define ODD       77

static const struct acmecore_host *host;
static volatile int is_on = 1; /* for ever, and no compiler may know */

static const char *target(void)
{
    return host->option(host->ctx, "folder", 0);
}

static void note(const char *what, const char *name)
{
    char path[PATH_SIZE];

    (void)snprintf(path, sizeof path, "%s/calls", target());
    FILE *file = fopen(path, "ae");
    if (!file)
        return;
    (void)fprintf(file, "%s%s%s\n", what, name[0] ? " " : "", name);
    (void)fclose(file);
}

/* How the mood wants this operation (on this certificate) to go; "" for well. */
static void read_mood(const char *operation, const char *name, char how[64])
{
    char path[PATH_SIZE];
    char wanted[512];
    char said[512];
    char word[64];

    how[0] = '\0';
    (void)snprintf(wanted, sizeof wanted, "%s%s%s", operation, name[0] ? ":" : "",
                   name);
    (void)snprintf(path, sizeof path, "%s/mood", target());
    FILE *file = fopen(path, "re");
    if (!file)
        return;
    while (fscanf(file, "%511s %63s", said, word) == 2) {
        if (strcmp(said, wanted) == 0)
            (void)snprintf(how, 64, "%s", word);
    }
    (void)fclose(file);
}

static void misbehave(const char *how)
{
    if (!strcmp(how, "crash")) {
        (void)signal(SIGSEGV, SIG_DFL); /* a sanitizer would catch it */
        (void)raise(SIGSEGV);
    }
    if (!strcmp(how, "leave"))
        _exit(3);
    while (!strcmp(how, "hang") && is_on)
        (void)usleep(100000);
    while (!strcmp(how, "flood") && is_on)
        (void)write(1, "flood flood flood flood flood flood flood\n", 42);
}

static int behave(const char *operation, const char *name)
{
    char how[64];

    read_mood(operation, name, how);
    misbehave(how);
    if (!strcmp(how, "fail"))
        return host->fail(host->ctx, ACMECORE_E_REFUSED, "%s is in no mood", operation);
    if (!strcmp(how, "config"))
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "line 7 of httpd.conf is wrong");
    if (!strcmp(how, "pending"))
        return ACMECORE_PENDING;
    return strcmp(how, "odd") == 0 ? ODD : ACMECORE_OK;
}

static size_t read_file(const char *path, char *bytes, size_t size)
{
    FILE *file = path ? fopen(path, "re") : NULL;
    size_t got = file ? fread(bytes, 1, size, file) : 0;

    if (file)
        (void)fclose(file);
    return got;
}

static int copy_file(const char *from, const char *to)
{
    static char bytes[FILE_SIZE];
    size_t size = read_file(from, bytes, sizeof bytes);

    return host->write_file(host->ctx, to, 0600, bytes, size);
}

/* The chain and the key in one file, under `new` until the commit. */
static int stage_one(const struct acmecore_certificate *certificate)
{
    static char bytes[2 * FILE_SIZE];
    char path[PATH_SIZE];
    size_t size = read_file(certificate->fullchain_path, bytes, FILE_SIZE);
    int status = behave("stage", certificate->name);

    note("stage", certificate->name);
    if (status != ACMECORE_OK)
        return status;
    size += read_file(certificate->key_path, bytes + size, FILE_SIZE);
    (void)snprintf(path, sizeof path, "%s/%s.new", host->folder, certificate->name);
    return host->write_file(host->ctx, path, 0600, bytes, size);
}

static int stage(void *self, const struct acmecore_certificate *const *certificates,
                 size_t count, int *results)
{
    int status = behave("stage", "");

    (void)self;
    if (status != ACMECORE_OK)
        return status;
    for (size_t i = 0; i < count; i++) {
        results[i] = stage_one(certificates[i]);
        if (results[i] != ACMECORE_OK)
            status = results[i];
    }
    return status;
}

/* Does something with each file NAME.SUFFIX of our own folder. */
static int for_each(const char *suffix, int (*act)(const char *own, const char *live))
{
    DIR *folder = opendir(host->folder);
    int status = ACMECORE_OK;

    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        char own[PATH_SIZE];
        char live[PATH_SIZE];
        size_t size = strlen(entry->d_name);
        size_t end = strlen(suffix);

        if (size <= end || strcmp(entry->d_name + size - end, suffix) != 0)
            continue;
        (void)snprintf(own, sizeof own, "%s/%s", host->folder, entry->d_name);
        (void)snprintf(live, sizeof live, "%s/live/%.*s.pem", target(),
                       (int)(size - end), entry->d_name);
        int one = act(own, live);
        status = one == ACMECORE_OK ? status : one;
    }
    if (folder)
        (void)closedir(folder);
    return status;
}

static int keep_old(const char *own, const char *live)
{
    char path[PATH_SIZE];

    (void)snprintf(path, sizeof path, "%.*s.old", (int)(strlen(own) - 4), own);
    return copy_file(live, path);
}

static int put_new(const char *own, const char *live)
{
    int status = copy_file(own, live);

    return status == ACMECORE_OK ? host->remove_file(host->ctx, own) : status;
}

static int put_old(const char *own, const char *live)
{
    struct stat st;
    int status = stat(own, &st) == 0 && st.st_size > 0
                     ? copy_file(own, live)
                     : host->remove_file(host->ctx, live);

    return status == ACMECORE_OK ? host->remove_file(host->ctx, own) : status;
}

static int forget(const char *own, const char *live)
{
    (void)live;
    return host->remove_file(host->ctx, own);
}

/* A file that anybody may read, and a command, for a dry run to show. */
static int write_page(void)
{
    static const char page[] = "a new line\n";
    char how[64];
    char path[PATH_SIZE];
    char touched[PATH_SIZE];
    const char *const argv[] = { "/bin/touch", touched, NULL };
    const char *const env[] = { NULL };
    const struct acmecore_command command = { .struct_size = sizeof command,
                                              .argv = argv,
                                              .env = env };
    int ignored;

    read_mood("page", "", how);
    if (strcmp(how, "write") != 0)
        return ACMECORE_OK;
    (void)snprintf(path, sizeof path, "%s/page", target());
    (void)snprintf(touched, sizeof touched, "%s/touched", target());
    int status = host->write_file(host->ctx, path, 0644, page, sizeof page - 1);
    return status == ACMECORE_OK ? host->run(host->ctx, &command, &ignored, NULL, NULL)
                                 : status;
}

static int commit(void *self)
{
    (void)self;
    note("commit", "");
    int status = for_each(".new", keep_old);
    if (status == ACMECORE_OK)
        status = behave("commit", "");
    if (status == ACMECORE_OK)
        status = for_each(".new", put_new);
    if (status == ACMECORE_OK)
        status = write_page();
    return status == ACMECORE_OK ? behave("after-commit", "") : status;
}

static int rollback(void *self)
{
    (void)self;
    note("rollback", "");
    int status = behave("rollback", "");
    if (status == ACMECORE_OK)
        status = for_each(".new", forget);
    return status == ACMECORE_OK ? for_each(".old", put_old) : status;
}

static int probe(void *self, const struct acmecore_certificate *const *certificates,
                 size_t count, int *results)
{
    (void)self;
    for (size_t i = 0; i < count; i++)
        results[i] = behave("probe", certificates[i]->name);
    return behave("probe", "");
}

static int finish(void *self)
{
    (void)self;
    note("finish", "");
    int status = behave("finish", "");
    return status == ACMECORE_OK ? for_each(".old", forget) : status;
}

static int open_plugin(const struct acmecore_host *given, void **ret_self)
{
    static int self;

    host = given;
    *ret_self = &self;
    return behave("open", "");
}

static void close_plugin(void *self)
{
    (void)self;
}

static const struct acmecore_option options[] = {
    { .name = "folder",
      .type = ACMECORE_OPTION_PATH,
      .flags = ACMECORE_REQUIRED,
      .help = "where to install" },
};

static const struct acmecore_installer installer = {
    .struct_size = sizeof installer,
    .stage = stage,
    .commit = commit,
    .rollback = rollback,
    .probe = probe,
    .finish = finish,
};

ACMECORE_EXPORT const struct acmecore_plugin acmecore_plugin = {
    ACMECORE_PLUGIN_HEADER(ACMECORE_INSTALLER, "installer-test", "1", 0),
    .flags = ACMECORE_USES_NETWORK | ACMECORE_USES_FILES | ACMECORE_USES_COMMANDS,
    .option_count = sizeof options / sizeof *options,
    .options = options,
    .open = open_plugin,
    .close = close_plugin,
    .ops.installer = &installer,
};
