/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/services_dry.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIFF        "/usr/bin/diff"
#define OUTPUT_MAX  (256u * 1024u)
#define TIMEOUT_MS  10000
#define LINE_SIZE   1024
#define READ_BY_ALL 0004u

/* One more line; after the last one nothing more is kept. */
static int tell(struct acmecore_host_ctx *ctx, const char *line)
{
    struct ac_error why = { 0 };
    bool is_last = ctx->changes.count == AC_DRY_LINES_MAX;

    if (ctx->changes.count > AC_DRY_LINES_MAX)
        return ACMECORE_OK;
    if (ac_words_add(&ctx->changes, is_last ? "… and more" : line, &why) != AC_OK)
        return ctx->host.fail(ctx, ACMECORE_E_SYSTEM, "%s", why.detail);
    return ACMECORE_OK;
}

static int tell_about(struct acmecore_host_ctx *ctx, const char *verb, const char *what)
{
    char clean[LINE_SIZE];
    AC_AUTO_TEXT char *line = NULL;
    struct ac_error why = { 0 };

    (void)ac_text_clean(clean, sizeof clean, what, strnlen(what, LINE_SIZE));
    if (ac_memory_format(&line, &why, "would %s %s", verb, clean) != AC_OK)
        return ctx->host.fail(ctx, ACMECORE_E_SYSTEM, "%s", why.detail);
    return tell(ctx, line);
}

bool ac_dry_is_own(const struct acmecore_host_ctx *ctx, const char *path)
{
    size_t size = ctx->folder ? strlen(ctx->folder) : 0;

    return size > 0 && strncmp(path, ctx->folder, size) == 0 && path[size] == '/'
           && !strstr(path, "/../");
}

/* ---- files */

/* Whatever is there, and what would be: neither may be shown to who may not read it. */
static bool is_private(const char *path, uint32_t mode, const void *data, size_t size)
{
    static const char mark[] = "PRIVATE KEY-----";
    struct stat st;

    if ((mode & READ_BY_ALL) == 0 || memmem(data, size, mark, sizeof mark - 1))
        return true;
    return stat(path, &st) == 0 && (st.st_mode & READ_BY_ALL) == 0;
}

/* Lines of the diff, whole or not. */
struct lines {
    struct acmecore_host_ctx *ctx;
    struct ac_text rest; /* of a line that has not ended yet */
};

static int end_line(struct lines *lines)
{
    const char *text = ac_text_get(&lines->rest);
    char clean[LINE_SIZE];

    (void)ac_text_clean(clean, sizeof clean, text, strnlen(text, LINE_SIZE));
    lines->rest.size = 0;
    return tell(lines->ctx, clean);
}

static int take_output(void *arg, const void *bytes, size_t size)
{
    struct lines *lines = arg;
    const char *at = bytes;
    struct ac_error why = { 0 };
    int status = ACMECORE_OK;

    while (size > 0 && status == ACMECORE_OK) {
        const char *end = memchr(at, '\n', size);
        size_t part = end ? (size_t)(end - at) : size;

        if (ac_text_add(&lines->rest, at, part, &why) != AC_OK)
            return ACMECORE_E_SYSTEM;
        if (end)
            status = end_line(lines);
        part += end ? 1 : 0;
        at += part;
        size -= part;
    }
    return status;
}

/* It runs in the process of the plugin, whose sandbox may have no processes. */
static bool can_run_diff(const struct acmecore_host_ctx *ctx)
{
    return (ctx->uses & ACMECORE_USES_COMMANDS) && access(DIFF, X_OK) == 0;
}

static int show_diff(struct acmecore_host_ctx *ctx, const char *path, const void *data,
                     size_t size)
{
    const char *const argv[] = { DIFF, "-u", "-N", "--label", path, "--label",
                                 path, "--", path, "-",       NULL };
    const char *const env[] = { "LANG=C.UTF-8", NULL };
    const struct acmecore_command command = { .struct_size = sizeof command,
                                              .max_output = OUTPUT_MAX,
                                              .flags = ACMECORE_HARMLESS,
                                              .timeout_ms = TIMEOUT_MS,
                                              .argv = argv,
                                              .env = env,
                                              .input = data,
                                              .input_size = size };
    struct lines lines = { .ctx = ctx };
    int exit_code = 0;

    int status = ac_service_run(ctx, &command, &exit_code, take_output, &lines);
    if (status == ACMECORE_OK && lines.rest.size > 0)
        status = end_line(&lines);
    ac_text_done(&lines.rest);
    return status == ACMECORE_OK && exit_code > 1 ? tell_about(ctx, "write", path)
                                                  : status;
}

int ac_dry_write_file(struct acmecore_host_ctx *ctx, const char *path, uint32_t mode,
                      const void *data, size_t size)
{
    if (is_private(path, mode, data, size))
        return tell_about(ctx, "write (its content is not shown)", path);
    if (!can_run_diff(ctx))
        return tell_about(ctx, "write", path);
    return show_diff(ctx, path, data, size);
}

int ac_dry_remove_file(struct acmecore_host_ctx *ctx, const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0 ? tell_about(ctx, "remove", path) : ACMECORE_OK;
}

/* ---- commands and requests */

int ac_dry_run(struct acmecore_host_ctx *ctx, const struct acmecore_command *command,
               int *ret_exit)
{
    AC_AUTO(ac_text) words = { 0 };
    struct ac_error why = { 0 };

    for (size_t i = 0; command->argv[i]; i++) {
        if (ac_text_addf(&words, &why, "%s%s", i > 0 ? " " : "", command->argv[i])
            != AC_OK)
            return ctx->host.fail(ctx, ACMECORE_E_SYSTEM, "%s", why.detail);
    }
    if (ret_exit)
        *ret_exit = 0;
    return tell_about(ctx, "run", ac_text_get(&words));
}

int ac_dry_http(struct acmecore_host_ctx *ctx, const struct acmecore_request *request)
{
    AC_AUTO_TEXT char *url = NULL;
    struct ac_error why = { 0 };

    /* Some providers want a token in the query, which no message may have. */
    if (ac_memory_copy_bytes(request->url, strcspn(request->url, "?"), &url, &why)
        != AC_OK)
        return ctx->host.fail(ctx, ACMECORE_E_SYSTEM, "%s", why.detail);
    int status = tell_about(ctx, "send a request to", url);
    if (status != ACMECORE_OK)
        return status;
    return ctx->host.fail(ctx, ACMECORE_E_UNSUPPORTED,
                          "a dry run asks %s for nothing but what it may read", url);
}
