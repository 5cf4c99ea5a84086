/* SPDX-License-Identifier: Apache-2.0 */
#include "reload.h"

#include "command.h"
#include "option.h"
#include "process.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TAKEN_FILE  "reloaded" /* how many, from the first, ended well */
#define TAKEN_MODE  0600
#define NUMBER_SIZE 24
#define NUMBER_BASE 10
#define UNIT_MAX    255
#define UNIT_ALPHABET                                                                  \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-_.\\@"

static int read_item(const struct acmecore_host *host, size_t index,
                     struct exec_words *words);
static const char *check_unit(const char *text);
static int run_items(const struct acmecore_host *host, bool is_back,
                     bool *ret_was_taken);
static bool find_taken(const struct acmecore_host *host, char path[PATH_MAX]);
static int note_taken(const struct acmecore_host *host, size_t count);
static size_t load_taken(const struct acmecore_host *host);
static int run_item(const struct acmecore_host *host, size_t index,
                    struct exec_process *process);

int reload_check(const struct acmecore_host *host)
{
    for (size_t i = 0; host->option(host->ctx, "reload", i); i++) {
        EXEC_AUTO_WORDS words = { 0 };
        int status = ACMECORE_OK;

        if (i == RELOAD_COMMANDS_MAX) {
            return host->fail(host->ctx, ACMECORE_E_CONFIG,
                              "option reload: there are more than %d",
                              RELOAD_COMMANDS_MAX);
        }
        status = read_item(host, i, &words);
        if (status != ACMECORE_OK)
            return status;
    }
    return ACMECORE_OK;
}

int reload_run(const struct acmecore_host *host)
{
    bool ignored = false;
    int status = reload_forget(host);

    return status == ACMECORE_OK ? run_items(host, false, &ignored) : status;
}

int reload_back(const struct acmecore_host *host, bool *ret_was_taken)
{
    *ret_was_taken = false;
    return run_items(host, true, ret_was_taken);
}

int reload_forget(const struct acmecore_host *host)
{
    char path[PATH_MAX];

    return find_taken(host, path) ? host->remove_file(host->ctx, path) : ACMECORE_OK;
}

static int run_items(const struct acmecore_host *host, bool is_back,
                     bool *ret_was_taken)
{
    struct exec_process *process = calloc(1, sizeof *process); /* large */
    size_t taken = is_back ? load_taken(host) : 0;
    int first = ACMECORE_OK;

    if (!process)
        return host->fail(host->ctx, ACMECORE_E_SYSTEM, EXEC_NO_MEMORY);
    process->host = host;
    for (size_t i = 0;
         (is_back || first == ACMECORE_OK) && host->option(host->ctx, "reload", i);
         i++) {
        int status = run_item(host, i, process);

        if (status == ACMECORE_OK && !is_back)
            status = note_taken(host, i + 1);
        if (status != ACMECORE_OK && i < taken)
            *ret_was_taken = true;
        if (first == ACMECORE_OK)
            first = status;
    }
    exec_process_reset(process);
    free(process);
    return first;
}

/* Where it is; false: there is none. */
static bool find_taken(const struct acmecore_host *host, char path[PATH_MAX])
{
    int size = snprintf(path, PATH_MAX, "%s/" TAKEN_FILE, host->folder);

    return size > 0 && size < PATH_MAX && access(path, F_OK) == 0;
}

/* After the last one nobody asks: then all have. */
static int note_taken(const struct acmecore_host *host, size_t count)
{
    char path[PATH_MAX];
    char text[NUMBER_SIZE];
    int size = snprintf(text, sizeof text, "%zu\n", count);

    if (!host->option(host->ctx, "reload", count))
        return ACMECORE_OK;
    (void)find_taken(host, path);
    return host->write_file(host->ctx, path, TAKEN_MODE, text, (size_t)size);
}

static size_t load_taken(const struct acmecore_host *host)
{
    char path[PATH_MAX];
    char text[NUMBER_SIZE] = "";
    FILE *file = find_taken(host, path) ? fopen(path, "re") : NULL;

    if (!file)
        return 0;
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    (void)fclose(file);
    return (size_t)strtoul(text, NULL, NUMBER_BASE);
}

static int run_item(const struct acmecore_host *host, size_t index,
                    struct exec_process *process)
{
    EXEC_AUTO_CHILD child = { 0 };
    EXEC_AUTO_WORDS extra = { 0 };
    struct exec_report label = { .program = host->option(host->ctx, "reload", index) };
    int status = read_item(host, index, &child.argv);

    if (status != ACMECORE_OK)
        return status;
    exec_child_begin(&child, &extra);
    if (exec_process_begin(process, exec_option_ms(host, "timeout")))
        exec_process_run(process, &child);
    if (!exec_process_is_good(process))
        return exec_process_explain(process, &label);
    host->log(host->ctx, ACMECORE_INFO, "%s: it ended well", label.program);
    return ACMECORE_OK;
}

static int read_item(const struct acmecore_host *host, size_t index,
                     struct exec_words *words)
{
    static const char *const places[] = { "/usr/bin/systemctl", "/bin/systemctl" };
    const char *text = host->option(host->ctx, "reload", index);
    bool is_command = text[strcspn(text, "/\"' \t")] != '\0';
    const char *why = is_command ? NULL : check_unit(text);

    if (is_command)
        return exec_option_command(host, "reload", index, words);
    if (why)
        return exec_option_refuse(host, "reload", text, why);
    exec_words_add(words, access(places[0], X_OK) == 0 ? places[0] : places[1]);
    exec_words_add(words, "reload");
    exec_words_add(words, text);
    if (words->wrong)
        return exec_option_refuse(host, "reload", text, words->wrong);
    return ACMECORE_OK;
}

/* systemd.unit(5); a name without a type might be a word of something else. */
static const char *check_unit(const char *text)
{
    size_t size = strnlen(text, UNIT_MAX + 1);
    const char *dot = strrchr(text, '.');

    if (size > UNIT_MAX || text[strspn(text, UNIT_ALPHABET)] != '\0' || text[0] == '-'
        || !dot || dot == text || dot[1] == '\0') {
        return "it is neither a command, with its absolute path, nor a unit of "
               "systemd, "
               "with its type, such as nginx.service";
    }
    return NULL;
}
