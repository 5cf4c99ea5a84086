/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

static void take_log(struct acmecore_host_ctx *ctx, int level, const char *format, ...)
    ACMECORE_PRINTF(3, 4);
static int take_failure(struct acmecore_host_ctx *ctx, int status, const char *format,
                        ...) ACMECORE_PRINTF(3, 4);
static int take_failure_at(struct acmecore_host_ctx *ctx, size_t index, int status,
                           const char *format, ...) ACMECORE_PRINTF(4, 5);
static const char *find_option(struct acmecore_host_ctx *ctx, const char *name,
                               size_t index);
static const char *fallback(struct acmecore_host_ctx *ctx, const char *name);
static int use_secret(struct acmecore_host_ctx *ctx, const char *name,
                      acmecore_sink *use, void *arg);
static int64_t tell_remaining(struct acmecore_host_ctx *ctx);
static int call_http(struct acmecore_host_ctx *ctx,
                     const struct acmecore_request *request, long *ret_code,
                     acmecore_sink *body, void *arg);
static int call_run(struct acmecore_host_ctx *ctx,
                    const struct acmecore_command *command, int *ret_exit,
                    acmecore_sink *output, void *arg);
static int replace_file(struct acmecore_host_ctx *ctx, const char *path, uint32_t mode,
                        const void *data, size_t size);
static bool write_new(const char *path, uint32_t mode, const void *data, size_t size);
static int drop_file(struct acmecore_host_ctx *ctx, const char *path);

bool fake_host_start(struct fake_host *fake, const struct acmecore_plugin *plugin)
{
    memset(fake, 0, sizeof(*fake));
    fake->ctx.plugin = plugin;
    fake->ctx.remaining_ms = 60000;
    fake->ctx.remaining_calls = -1;
    (void)snprintf(fake->folder, sizeof(fake->folder), "%s",
                   ac_test_path("plugin-folder"));
    fake->host = (struct acmecore_host){
        .struct_size = sizeof(fake->host),
        .abi_major = ACMECORE_ABI_MAJOR,
        .abi_minor = ACMECORE_ABI_MINOR,
        .ctx = &fake->ctx,
        .folder = fake->folder,
        .log = take_log,
        .fail = take_failure,
        .fail_at = take_failure_at,
        .option = find_option,
        .secret = use_secret,
        .remaining_ms = tell_remaining,
        .http = call_http,
        .run = call_run,
        .write_file = replace_file,
        .remove_file = drop_file,
    };
    return mkdir(fake->folder, 0700) == 0 || errno == EEXIST;
}

void fake_host_set(struct fake_host *fake, const char *name, const char *value)
{
    struct acmecore_host_ctx *ctx = &fake->ctx;

    if (ctx->option_count == FAKE_OPTIONS_MAX)
        return;
    ctx->options[ctx->option_count].name = name;
    ctx->options[ctx->option_count].value = value;
    ctx->option_count++;
}

void fake_host_unset(struct fake_host *fake, const char *name)
{
    struct acmecore_host_ctx *ctx = &fake->ctx;
    size_t kept = 0;

    for (size_t i = 0; i < ctx->option_count; i++) {
        if (strcmp(ctx->options[i].name, name) != 0)
            ctx->options[kept++] = ctx->options[i];
    }
    ctx->option_count = kept;
}

void fake_host_forget(struct fake_host *fake)
{
    fake->ctx.log[0] = '\0';
    fake->ctx.failure[0] = '\0';
    fake->ctx.failure_count = 0;
    memset(fake->ctx.reasons, 0, sizeof(fake->ctx.reasons));
}

bool fake_host_logged(const struct fake_host *fake, const char *text)
{
    return strstr(fake->ctx.log, text) != NULL;
}

bool fake_host_failed_with(const struct fake_host *fake, const char *text)
{
    return strstr(fake->ctx.failure, text) != NULL;
}

bool fake_host_failed_at(const struct fake_host *fake, size_t index, const char *text)
{
    return index < FAKE_RESULTS_MAX && strstr(fake->ctx.reasons[index], text) != NULL;
}

static void take_log(struct acmecore_host_ctx *ctx, int level, const char *format, ...)
{
    static const char *const levels[] = { "ERROR", "WARN", "INFO", "DEBUG" };
    const char *name = level >= 0 && level <= ACMECORE_DEBUG ? levels[level] : "?";
    char line[1024];
    size_t used = strlen(ctx->log);
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    (void)snprintf(ctx->log + used, sizeof(ctx->log) - used, "%s %s\n", name, line);
}

static int take_failure(struct acmecore_host_ctx *ctx, int status, const char *format,
                        ...)
{
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(ctx->failure, sizeof(ctx->failure), format, arguments);
    va_end(arguments);
    ctx->failure_count++;
    return status;
}

static int take_failure_at(struct acmecore_host_ctx *ctx, size_t index, int status,
                           const char *format, ...)
{
    char *reason = ctx->reasons[index < FAKE_RESULTS_MAX ? index : 0];
    size_t size = sizeof(ctx->reasons[0]);
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(reason, size, format, arguments);
    va_end(arguments);
    if (reason[0] == '\0') {
        (void)snprintf(reason, size, "%.*s", (int)size - 1, ctx->failure);
    } else {
        (void)snprintf(ctx->failure, sizeof(ctx->failure), "%s", reason);
        ctx->failure_count++;
    }
    return status;
}

static const char *find_option(struct acmecore_host_ctx *ctx, const char *name,
                               size_t index)
{
    const char *otherwise = fallback(ctx, name);
    size_t seen = 0;

    for (size_t i = 0; i < ctx->option_count; i++) {
        if (strcmp(ctx->options[i].name, name) == 0 && seen++ == index)
            return ctx->options[i].value;
    }
    return index == 0 ? otherwise : NULL;
}

static const char *fallback(struct acmecore_host_ctx *ctx, const char *name)
{
    const struct acmecore_plugin *plugin = ctx->plugin;

    for (uint32_t i = 0; plugin && i < plugin->option_count; i++) {
        if (strcmp(plugin->options[i].name, name) == 0)
            return plugin->options[i].fallback;
    }
    if (plugin)
        (void)snprintf(ctx->stranger, sizeof(ctx->stranger), "%s", name);
    return NULL;
}

static int use_secret(struct acmecore_host_ctx *ctx, const char *name,
                      acmecore_sink *use, void *arg)
{
    char copy[1024];
    const char *value = find_option(ctx, name, 0);
    size_t size = value ? strnlen(value, sizeof(copy)) : 0;
    int status = ACMECORE_OK;

    if (!value || size == sizeof(copy))
        return ACMECORE_E_NOTFOUND;
    memcpy(copy, value, size);
    status = use(arg, copy, size);
    /* A plugin that keeps the pointer shall find nothing. */
    explicit_bzero(copy, sizeof(copy));
    return status;
}

static int64_t tell_remaining(struct acmecore_host_ctx *ctx)
{
    if (ctx->remaining_calls == 0)
        return 0;
    if (ctx->remaining_calls > 0)
        ctx->remaining_calls--;
    return ctx->remaining_ms;
}

static int call_http(struct acmecore_host_ctx *ctx,
                     const struct acmecore_request *request, long *ret_code,
                     acmecore_sink *body, void *arg)
{
    if (!ctx->http)
        return ACMECORE_E_NETWORK;
    return ctx->http(ctx->arg, request, ret_code, body, arg);
}

static int call_run(struct acmecore_host_ctx *ctx,
                    const struct acmecore_command *command, int *ret_exit,
                    acmecore_sink *output, void *arg)
{
    if (!ctx->run)
        return ACMECORE_E_UNSUPPORTED;
    return ctx->run(ctx->arg, command, ret_exit, output, arg);
}

static int replace_file(struct acmecore_host_ctx *ctx, const char *path, uint32_t mode,
                        const void *data, size_t size)
{
    char temporary[PATH_MAX];
    int length = snprintf(temporary, sizeof(temporary), "%s.fake", path);

    if (ctx->file_status != ACMECORE_OK)
        return ctx->file_status;
    if (length < 0 || (size_t)length >= sizeof(temporary))
        return ACMECORE_E_INVALID;
    if (write_new(temporary, mode, data, size) && rename(temporary, path) == 0)
        return ACMECORE_OK;
    (void)unlink(temporary);
    return ACMECORE_E_SYSTEM;
}

static bool write_new(const char *path, uint32_t mode, const void *data, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool is_good = fd >= 0 && fchmod(fd, (mode_t)mode) == 0
                   && write(fd, data, size) == (ssize_t)size;

    if (fd >= 0 && close(fd) != 0)
        return false;
    return is_good;
}

static int drop_file(struct acmecore_host_ctx *ctx, const char *path)
{
    if (ctx->file_status != ACMECORE_OK)
        return ctx->file_status;
    return unlink(path) == 0 || errno == ENOENT ? ACMECORE_OK : ACMECORE_E_SYSTEM;
}
