/* SPDX-License-Identifier: Apache-2.0 */
#include "layout.h"

#include "lines.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MODULES_MAX 32 /* with those that it needs */
#define NEEDS       "# Depends:"

static bool has_folder(const char *root, const char *name)
{
    char path[PATH_MAX];
    struct stat info;
    int size = snprintf(path, sizeof path, "%s/%s", root, name);

    return size > 0 && (size_t)size < sizeof path && stat(path, &info) == 0
           && S_ISDIR(info.st_mode);
}

static void try_layout(struct apache_layout *layout, const char *root, size_t size)
{
    if (size == 0 || size >= sizeof layout->root || layout->kind != APACHE_LAYOUT_OTHER)
        return;
    memcpy(layout->root, root, size);
    layout->root[size] = '\0';
    if (has_folder(layout->root, "mods-available")
        && has_folder(layout->root, "mods-enabled")) {
        layout->kind = APACHE_LAYOUT_DEBIAN;
    } else if (has_folder(layout->root, "conf.modules.d")
               && has_folder(layout->root, "conf.d")) {
        layout->kind = APACHE_LAYOUT_RED_HAT;
    }
}

void apache_layout_find(const struct acmecore_host *host,
                        const struct apache_dump *dump,
                        struct apache_layout *ret_layout)
{
    const char *main_file = dump->files.items[0];
    const char *slash = strrchr(main_file, '/');

    *ret_layout = (struct apache_layout){ .host = host };
    if (slash)
        try_layout(ret_layout, main_file, (size_t)(slash - main_file));
    try_layout(ret_layout, dump->server_root, strlen(dump->server_root));
}

static int too_long(const struct apache_layout *layout)
{
    return layout->host->fail(layout->host->ctx, ACMECORE_E_CONFIG,
                              "a path below %s is too long", layout->root);
}

/* ---- Debian --------------------------------------------------------------------- */

/* "ssl" and those that its file says it needs, one after the other. */
struct queue {
    const struct apache_layout *layout;
    struct apache_changes *changes;
    struct apache_list modules;
    struct apache_text *load;
};

static void queue_done(struct queue *queue)
{
    apache_list_done(&queue->modules);
}

/* A link in mods-enabled, when there is such a file and no link yet. */
static int enable(struct queue *queue, const char *module, const char *ending)
{
    const struct acmecore_host *host = queue->layout->host;
    char target[PATH_MAX];
    char available[PATH_MAX];
    char enabled[PATH_MAX];
    const char *root = queue->layout->root;

    if (snprintf(target, sizeof target, "../mods-available/%s.%s", module, ending)
            >= (int)sizeof target
        || snprintf(available, sizeof available, "%s/mods-available/%s.%s", root,
                    module, ending)
               >= (int)sizeof available
        || snprintf(enabled, sizeof enabled, "%s/mods-enabled/%s.%s", root, module,
                    ending)
               >= (int)sizeof enabled)
        return too_long(queue->layout);
    if (access(available, F_OK) != 0
        || faccessat(AT_FDCWD, enabled, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
        return ACMECORE_OK;
    return apache_changes_add_link(queue->changes, enabled, target)
               ? ACMECORE_OK
               : apache_no_memory(host);
}

/* "# Depends: setenvif mime socache_shmcb" */
static bool queue_needs(struct queue *queue, const struct apache_line *line)
{
    const char *at = line->text + line->start;
    const char *end = line->text + line->end;

    if ((size_t)(end - at) < strlen(NEEDS) || strncmp(at, NEEDS, strlen(NEEDS)) != 0)
        return true;
    at += strlen(NEEDS);
    while (at < end) {
        size_t size = strcspn(at, " \t\r\n,");
        char word[NAME_MAX + 1];
        (void)snprintf(word, sizeof word, "%.*s", (int)size, at);
        if (size > 0 && size <= NAME_MAX && !strchr(word, '/')
            && !apache_list_has(&queue->modules, word)
            && !apache_list_add(&queue->modules, word, size))
            return false;
        at += size + 1;
    }
    return true;
}

/* The directive that loads the first of the queue. */
static bool keep_load(struct queue *queue, const struct apache_line *line)
{
    size_t size = line->end - line->start;

    if (!apache_line_is(line, "LoadModule") || queue->load->size > 0)
        return true;
    while (size > 0 && strchr("\r\n", line->text[line->start + size - 1]))
        size--;
    return apache_text_add(queue->load, line->text + line->start, size);
}

static int read_load_file(struct queue *queue, const char *module)
{
    const struct acmecore_host *host = queue->layout->host;
    APACHE_AUTO_FILE file = { 0 };
    struct apache_reader reader = { 0 };
    struct apache_line line;
    char path[PATH_MAX];
    int status = ACMECORE_OK;

    if (snprintf(path, sizeof path, "%s/mods-available/%s.load", queue->layout->root,
                 module)
        >= (int)sizeof path)
        return too_long(queue->layout);
    status = apache_file_read(host, path, &file);
    if (status == ACMECORE_E_NOTFOUND) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "Apache's module %s is needed, but %s is not there: install "
                          "it",
                          module, path);
    }
    reader = (struct apache_reader){ .text = file.text.bytes, .size = file.text.size };
    while (status == ACMECORE_OK && apache_line_next(&reader, &line)) {
        if (!queue_needs(queue, &line) || !keep_load(queue, &line))
            return apache_no_memory(host);
    }
    return status;
}

static int load_on_debian(const struct apache_layout *layout, const char *module,
                          struct apache_changes *changes, struct apache_text *ret_load)
{
    __attribute__((cleanup(queue_done))) struct queue queue = { .layout = layout,
                                                                .changes = changes,
                                                                .load = ret_load };
    int status = apache_list_add(&queue.modules, module, strlen(module))
                     ? ACMECORE_OK
                     : apache_no_memory(layout->host);

    for (size_t i = 0;
         status == ACMECORE_OK && i < queue.modules.count && i < MODULES_MAX; i++) {
        status = read_load_file(&queue, queue.modules.items[i]);
        if (status == ACMECORE_OK)
            status = enable(&queue, queue.modules.items[i], "load");
        if (status == ACMECORE_OK)
            status = enable(&queue, queue.modules.items[i], "conf");
    }
    return status;
}

static int listen_on_debian(const struct apache_layout *layout, const char *lines,
                            struct apache_files *files)
{
    const struct acmecore_host *host = layout->host;
    APACHE_AUTO_TEXT text = { 0 };
    struct apache_file *file = NULL;
    char path[PATH_MAX];
    int status = ACMECORE_OK;

    if (snprintf(path, sizeof path, "%s/ports.conf", layout->root) >= (int)sizeof path)
        return too_long(layout);
    status = apache_files_get(host, files, path, &file);
    if (status != ACMECORE_OK)
        return status;
    if (!apache_text_format(
            &text, "%s\n<IfModule ssl_module>\n%s</IfModule>\n",
            file->text.size > 0 && file->text.bytes[file->text.size - 1] != '\n' ? "\n"
                                                                                 : "",
            lines)
        || !apache_file_edit(file, file->text.size, 0, text.bytes))
        return apache_no_memory(host);
    return ACMECORE_OK;
}

/* ---- Red Hat -------------------------------------------------------------------- */

static int add_new(const struct apache_layout *layout, const char *path,
                   const char *text, struct apache_changes *changes)
{
    const struct acmecore_host *host = layout->host;

    if (access(path, F_OK) == 0) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "%s is there, but Apache does not take from it: %s", path,
                          text);
    }
    return apache_changes_add_new(changes, path, text) ? ACMECORE_OK
                                                       : apache_no_memory(host);
}

static int load_on_red_hat(const struct apache_layout *layout, const char *module,
                           struct apache_changes *changes, struct apache_text *ret_load)
{
    const struct acmecore_host *host = layout->host;
    APACHE_AUTO_TEXT line = { 0 };
    char library[PATH_MAX];
    char path[PATH_MAX];

    if (snprintf(library, sizeof library, "%s/modules/mod_%s.so", layout->root, module)
            >= (int)sizeof library
        || snprintf(path, sizeof path, "%s/conf.modules.d/00-%s.conf", layout->root,
                    module)
               >= (int)sizeof path)
        return too_long(layout);
    if (access(library, F_OK) != 0) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "Apache's module %s is needed, but %s is not there: install "
                          "the package mod_%s",
                          module, library, module);
    }
    /* What is given to -C comes before ServerRoot. */
    if (!apache_text_format(ret_load, "LoadModule %s_module \"%s\"", module, library)
        || !apache_text_format(&line, "LoadModule %s_module modules/mod_%s.so\n",
                               module, module))
        return apache_no_memory(host);
    return add_new(layout, path, line.bytes, changes);
}

static int listen_on_red_hat(const struct apache_layout *layout, const char *lines,
                             struct apache_changes *changes)
{
    char path[PATH_MAX];

    if (snprintf(path, sizeof path, "%s/conf.d/acmecore-listen.conf", layout->root)
        >= (int)sizeof path)
        return too_long(layout);
    return add_new(layout, path, lines, changes);
}

/* ---- all --------------------------------------------------------------------------
 */

int apache_layout_module(const struct apache_layout *layout, const char *module,
                         struct apache_changes *changes, struct apache_text *ret_load)
{
    const struct acmecore_host *host = layout->host;

    switch (layout->kind) {
    case APACHE_LAYOUT_DEBIAN:
        return load_on_debian(layout, module, changes, ret_load);
    case APACHE_LAYOUT_RED_HAT:
        return load_on_red_hat(layout, module, changes, ret_load);
    case APACHE_LAYOUT_OTHER:
        break;
    }
    return host->fail(
        host->ctx, ACMECORE_E_CONFIG,
        "Apache's module %s is needed and not loaded: add "
        "\"LoadModule %s_module modules/mod_%s.so\" to your configuration",
        module, module, module);
}

int apache_layout_listen(const struct apache_layout *layout, const char *lines,
                         struct apache_files *files, struct apache_changes *changes)
{
    const struct acmecore_host *host = layout->host;

    switch (layout->kind) {
    case APACHE_LAYOUT_DEBIAN:
        return listen_on_debian(layout, lines, files);
    case APACHE_LAYOUT_RED_HAT:
        return listen_on_red_hat(layout, lines, changes);
    case APACHE_LAYOUT_OTHER:
        break;
    }
    return host->fail(host->ctx, ACMECORE_E_CONFIG,
                      "Apache does not listen for TLS: add to your configuration: %s",
                      lines);
}
