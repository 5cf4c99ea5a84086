/*
 * @NAME@: tells a server that its certificate is a new one.
 *
 * The server's configuration names the files that acmecore keeps for this installer
 * (fullchain_path and key_path: the log says where they are), so that no file has to be
 * written. What is between the two lines below is yours: change it, and the options at
 * the end, where a certificate is to go elsewhere.
 */
#include <acmecore/plugin.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PATH_SIZE  4096
#define WORDS_MAX  32
#define OUTPUT_MAX 4096
#define NOTE       "told" /* there while a rollback would have to tell the server */

/* ------------------------------------------------------------------------- */

struct output {
    char text[OUTPUT_MAX + 1];
    size_t size;
};

static int take(void *arg, const void *data, size_t size)
{
    struct output *output = arg;

    if (size > OUTPUT_MAX - output->size)
        size = OUTPUT_MAX - output->size;
    memcpy(output->text + output->size, data, size);
    output->size += size;
    return ACMECORE_OK;
}

static int refuse_length(const struct acmecore_host *host, const char *name)
{
    return host->fail(host->ctx, ACMECORE_E_CONFIG,
                      "option %s: a command has at most %d words", name, WORDS_MAX);
}

/* The command that the setting `name` has, a word a value; none: nothing to do. */
static int run(const struct acmecore_host *host, const char *name, uint32_t flags)
{
    static const char *const env[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
    const char *argv[WORDS_MAX + 1] = { NULL };
    struct output output = { .size = 0 };
    struct acmecore_command command = { .struct_size = sizeof command,
                                        .max_output = OUTPUT_MAX,
                                        .flags = flags,
                                        .argv = argv,
                                        .env = env,
                                        .errors = take,
                                        .errors_arg = &output };
    int exit_code = 0;

    for (size_t i = 0; i < WORDS_MAX && host->option(host->ctx, name, i); i++)
        argv[i] = host->option(host->ctx, name, i);
    if (!argv[0])
        return ACMECORE_OK;
    int status = host->run(host->ctx, &command, &exit_code, NULL, NULL);
    if (status != ACMECORE_OK || exit_code == 0)
        return status;
    return host->fail(host->ctx, ACMECORE_E_REFUSED, "%s ended with %d: %.400s",
                      argv[0], exit_code, output.text);
}

/* Does the new certificate suit? Nothing that is served may change yet. */
static int look_at(const struct acmecore_host *host,
                   const struct acmecore_certificate *certificate)
{
    if (!certificate->key_path)
        return host->fail(host->ctx, ACMECORE_E_UNSUPPORTED,
                          "the key of %s is not in a file", certificate->name);
    host->log(host->ctx, ACMECORE_INFO, "%s: certificate %s, key %s", certificate->name,
              certificate->fullchain_path, certificate->key_path);
    return ACMECORE_OK;
}

static int reload(const struct acmecore_host *host)
{
    int status = run(host, "test", ACMECORE_HARMLESS);

    return status == ACMECORE_OK ? run(host, "reload", 0) : status;
}

/* ------------------------------------------------------------------------- */

static const char *note_path(const struct acmecore_host *host, char path[PATH_SIZE])
{
    (void)snprintf(path, PATH_SIZE, "%s/%s", host->folder, NOTE);
    return path;
}

static int stage(void *self, const struct acmecore_certificate *const *certificates,
                 size_t count, int *results)
{
    const struct acmecore_host *host = self;
    int worst = ACMECORE_OK;

    for (size_t i = 0; i < count; i++) {
        results[i] = look_at(host, certificates[i]);
        worst = results[i] != ACMECORE_OK ? results[i] : worst;
    }
    return worst;
}

/* First the note, then the deed: a kill in between costs one reload too many. */
static int commit(void *self)
{
    const struct acmecore_host *host = self;
    char path[PATH_SIZE];
    int status = host->write_file(host->ctx, note_path(host, path), 0600, "", 0);

    return status == ACMECORE_OK ? reload(host) : status;
}

static int finish(void *self)
{
    const struct acmecore_host *host = self;
    char path[PATH_SIZE];

    return host->remove_file(host->ctx, note_path(host, path));
}

/* The paths lead to the old certificate again; a server that was told of the new one is
 * told once more. May come twice, in another process, and with nothing to undo. */
static int rollback(void *self)
{
    const struct acmecore_host *host = self;
    char path[PATH_SIZE];

    if (access(note_path(host, path), F_OK) != 0)
        return ACMECORE_OK;
    int status = run(host, "reload", 0);
    return status == ACMECORE_OK ? finish(self) : status;
}

static int open_instance(const struct acmecore_host *host, void **ret_self)
{
    if (strlen(host->folder) > PATH_SIZE - sizeof NOTE - 1)
        return host->fail(host->ctx, ACMECORE_E_CONFIG, "the state folder is too deep");
    if (host->option(host->ctx, "test", WORDS_MAX))
        return refuse_length(host, "test");
    if (host->option(host->ctx, "reload", WORDS_MAX))
        return refuse_length(host, "reload");
    *ret_self = (void *)host; /* valid until close; all else comes with each call */
    return ACMECORE_OK;
}

static void close_instance(void *self)
{
    (void)self;
}

static const struct acmecore_installer installer = { .struct_size = sizeof installer,
                                                     .stage = stage,
                                                     .commit = commit,
                                                     .rollback = rollback,
                                                     .finish = finish };

static const struct acmecore_option options[] = {
    { .name = "test",
      .type = ACMECORE_OPTION_TEXT,
      .flags = ACMECORE_LIST,
      .help = "command that tests the server's configuration, a word a value" },
    { .name = "reload",
      .type = ACMECORE_OPTION_TEXT,
      .flags = ACMECORE_LIST | ACMECORE_REQUIRED,
      .help = "command that makes the server read its files again, a word a value" },
};

ACMECORE_EXPORT const struct acmecore_plugin acmecore_plugin = {
    ACMECORE_PLUGIN_HEADER(ACMECORE_INSTALLER, "@NAME@", "0.1", 0),
    .option_count = sizeof options / sizeof *options,
    .flags = ACMECORE_USES_COMMANDS,
    .options = options,
    .open = open_instance,
    .close = close_instance,
    .ops.installer = &installer,
};
