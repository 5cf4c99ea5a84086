/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/services.h"

#include "base/clock.h"
#include "base/file.h"
#include "pluginhost/profile.h"
#include "pluginhost/services_dry.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOG_WAITING_MAX                                                                \
    (64u * 1024u) /* bytes of log lines before a plugin has to wait */
#define LOG_WAIT_MS   1000
#define MODE_BITS     0777u /* no set-id, no sticky */
#define STOP_GRACE_MS 2000

static enum ac_code queue_log(struct acmecore_host_ctx *ctx, int level,
                              const char *text, struct ac_error *err)
{
    AC_AUTO(ac_message) message = { 0 };
    char clean[AC_MESSAGE_DETAIL_MAX];

    /* JSON takes UTF-8 only. */
    (void)ac_text_clean(clean, sizeof clean, text, strlen(text));
    AC_TRY(ac_json_new(&message.json, err, "{s:s, s:i, s:s}", "event", "log", "level",
                       level, "text", clean));
    AC_TRY(ac_channel_put(ctx->channel, &message, err));
    return ac_channel_flush(ctx->channel, err);
}

/* A core that is busy may let lines wait, but not without bound. */
static void wait_for_core(const struct acmecore_host_ctx *ctx)
{
    struct pollfd end = { .fd = ac_channel_fd(ctx->channel), .events = POLLOUT };
    struct ac_error ignored = { 0 };

    while (ac_channel_output_size(ctx->channel) >= LOG_WAITING_MAX) {
        if (poll(&end, 1, LOG_WAIT_MS) <= 0
            || ac_channel_flush(ctx->channel, &ignored) != AC_OK)
            return;
    }
}

ACMECORE_PRINTF(3, 4)
static void service_log(struct acmecore_host_ctx *ctx, int level, const char *format,
                        ...)
{
    char text[AC_MESSAGE_DETAIL_MAX];
    struct ac_error ignored = { 0 };
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (level < ACMECORE_ERROR || level > ACMECORE_DEBUG)
        level = ACMECORE_DEBUG;
    /* A line that cannot be sent is lost; the call goes on. */
    (void)queue_log(ctx, level, text, &ignored);
    wait_for_core(ctx);
}

static void make_reason(const struct acmecore_host_ctx *ctx, const char *text,
                        char reason[AC_MESSAGE_DETAIL_MAX])
{
    char hinted[2 * AC_MESSAGE_DETAIL_MAX];

    (void)snprintf(hinted, sizeof hinted, "%s%s", text,
                   ac_profile_hint(ctx->uses, text));
    (void)ac_text_clean(reason, AC_MESSAGE_DETAIL_MAX, hinted, strlen(hinted));
}

static int record(struct acmecore_host_ctx *ctx, int status, const char *text)
{
    char reason[AC_MESSAGE_DETAIL_MAX];
    struct ac_error ignored = { 0 };

    make_reason(ctx, text, reason);
    if (ctx->fails.count < AC_SERVICES_FAILS_MAX
        && ac_words_add(&ctx->fails, reason, &ignored) != AC_OK)
        return status; /* the reason is lost, the status is not */
    return status;
}

static int record_at(struct acmecore_host_ctx *ctx, size_t result, int status,
                     const char *text)
{
    char reason[AC_MESSAGE_DETAIL_MAX] = "";
    char *copy = NULL;
    struct ac_error ignored = { 0 };

    if (*text) {
        make_reason(ctx, text, reason);
    } else if (ctx->fails.count > 0) {
        (void)snprintf(reason, sizeof reason, "%s",
                       ctx->fails.items[ctx->fails.count - 1]);
    }
    if (ac_memory_copy_text(reason, &copy, &ignored) != AC_OK)
        return status;
    free(ctx->fails_at[result]);
    ctx->fails_at[result] = copy;
    return status;
}

ACMECORE_PRINTF(3, 4)
static int service_fail(struct acmecore_host_ctx *ctx, int status, const char *format,
                        ...)
{
    char text[AC_MESSAGE_DETAIL_MAX];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return record(ctx, status, text);
}

ACMECORE_PRINTF(4, 5)
static int service_fail_at(struct acmecore_host_ctx *ctx, size_t index, int status,
                           const char *format, ...)
{
    char text[AC_MESSAGE_DETAIL_MAX];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (index < ctx->result_count)
        return record_at(ctx, ctx->first_result + index, status, text);
    return record(ctx, status, text);
}

static const char *service_option(struct acmecore_host_ctx *ctx, const char *name,
                                  size_t index)
{
    const struct ac_json *values = ac_json_get(ctx->options, name);

    if (index >= ac_json_count(values))
        return NULL;
    return ac_json_as_text(ac_json_at(values, index));
}

static int use_secret(const struct acmecore_host_ctx *ctx, size_t offset, size_t size,
                      acmecore_sink *use, void *arg)
{
    AC_AUTO(ac_secret) copy = { 0 };
    struct ac_error ignored = { 0 };

    /* A copy: the plugin may do to it what it likes, and it is gone afterwards. */
    if (ac_secret_copy(ctx->blob.bytes + offset, size, &copy, &ignored) != AC_OK)
        return ACMECORE_E_SYSTEM;
    return use(arg, copy.bytes, copy.size);
}

static int service_secret(struct acmecore_host_ctx *ctx, const char *name,
                          acmecore_sink *use, void *arg)
{
    int status = ACMECORE_E_NOTFOUND;
    size_t offset = 0;

    for (size_t i = 0; i < ac_json_count(ctx->secrets); i++) {
        const struct ac_json *secret = ac_json_at(ctx->secrets, i);
        size_t size = (size_t)ac_json_number_or(secret, "size", 0);
        if (!strcmp(ac_json_text_or(secret, "name", ""), name))
            status = use_secret(ctx, offset, size, use, arg);
        if (status != ACMECORE_OK && status != ACMECORE_E_NOTFOUND)
            return status;
        offset += size;
    }
    return status;
}

static int64_t left_until(int64_t moment_ms)
{
    return moment_ms == AC_CLOCK_NEVER ? AC_CLOCK_NEVER : moment_ms - ac_clock_now_ms();
}

static int64_t service_remaining_ms(struct acmecore_host_ctx *ctx)
{
    if (!ctx->is_calling || ac_services_is_stopped(ctx))
        return 0;
    return left_until(ctx->deadline_ms);
}

static int fail_with(struct acmecore_host_ctx *ctx, const struct ac_error *err)
{
    return service_fail(ctx, ACMECORE_E_SYSTEM, "%s", err->detail);
}

static int service_write_file(struct acmecore_host_ctx *ctx, const char *path,
                              uint32_t mode, const void *data, size_t size)
{
    struct ac_error err = { 0 };

    if (!path || path[0] != '/' || (mode & ~MODE_BITS) != 0) {
        return service_fail(ctx, ACMECORE_E_INVALID,
                            "write_file takes an absolute path and a mode up to 0777");
    }
    if (ctx->is_dry_run && !ac_dry_is_own(ctx, path))
        return ac_dry_write_file(ctx, path, mode, data, size);
    if (ac_file_replace(path, (mode_t)mode, data, size, &err) != AC_OK)
        return fail_with(ctx, &err);
    return ACMECORE_OK;
}

static int service_remove_file(struct acmecore_host_ctx *ctx, const char *path)
{
    struct ac_error err = { 0 };

    if (!path || path[0] != '/') {
        return service_fail(ctx, ACMECORE_E_INVALID,
                            "remove_file takes an absolute path");
    }
    if (ctx->is_dry_run && !ac_dry_is_own(ctx, path))
        return ac_dry_remove_file(ctx, path);
    if (ac_file_remove(path, &err) != AC_OK)
        return fail_with(ctx, &err);
    return ACMECORE_OK;
}

static const struct acmecore_host table = {
    .struct_size = sizeof(struct acmecore_host),
    .abi_major = ACMECORE_ABI_MAJOR,
    .abi_minor = ACMECORE_ABI_MINOR,
    .log = service_log,
    .fail = service_fail,
    .fail_at = service_fail_at,
    .option = service_option,
    .secret = service_secret,
    .remaining_ms = service_remaining_ms,
    .http = ac_service_http,
    .run = ac_service_run,
    .write_file = service_write_file,
    .remove_file = service_remove_file,
};

enum ac_code ac_services_init(struct acmecore_host_ctx *ctx, struct ac_channel *channel,
                              const char *folder, struct ac_error *err)
{
    *ctx = (struct acmecore_host_ctx){ .host = table,
                                       .channel = channel,
                                       .uses = UINT32_MAX };
    ctx->host.ctx = ctx;
    if (folder)
        AC_TRY(ac_memory_copy_text(folder, &ctx->folder, err));
    /* "never NULL": a plugin that needs a folder and has none finds nothing there. */
    ctx->host.folder = ctx->folder ? ctx->folder : "";
    return AC_OK;
}

void ac_services_dry(struct acmecore_host_ctx *ctx)
{
    ctx->is_dry_run = true;
    ctx->host.flags |= ACMECORE_DRY_RUN;
}

/* The sizes must add up to the blob, or a secret would read another's bytes. */
static enum ac_code check_secrets(const struct ac_json *secrets, size_t blob_size,
                                  struct ac_error *err)
{
    size_t total = 0;

    for (size_t i = 0; i < ac_json_count(secrets); i++) {
        int64_t size = -1;
        const char *name = NULL;
        AC_TRY(ac_json_get_text(ac_json_at(secrets, i), "name", &name, err));
        AC_TRY(ac_json_get_number(ac_json_at(secrets, i), "size", &size, err));
        if (size < 0 || (uint64_t)size > blob_size - total)
            return ac_fail(err, AC_E_INVALID, "secret \"%s\" has a bad size", name);
        total += (size_t)size;
    }
    if (total != blob_size)
        return ac_fail(err, AC_E_INVALID, "there are bytes that no secret has");
    return AC_OK;
}

enum ac_code ac_services_configure(struct acmecore_host_ctx *ctx,
                                   struct ac_message *open, struct ac_error *err)
{
    const struct ac_json *options = ac_json_get(open->json, "options");
    const struct ac_json *secrets = ac_json_get(open->json, "secrets");

    if (!ac_json_is_object(options) || !ac_json_is_array(secrets))
        return ac_fail(err, AC_E_INVALID, "\"open\" lacks options or secrets");
    AC_TRY(check_secrets(secrets, open->blob.size, err));
    ctx->options = ac_json_share(options);
    ctx->secrets = ac_json_share(secrets);
    ctx->blob = open->blob;
    open->blob = (struct ac_secret){ 0 };
    return AC_OK;
}

static void forget_reasons(struct acmecore_host_ctx *ctx)
{
    ac_words_done(&ctx->fails);
    for (size_t i = 0; i < ctx->first_result + ctx->result_count; i++) {
        free(ctx->fails_at[i]);
        ctx->fails_at[i] = NULL;
    }
    ctx->first_result = ctx->result_count = 0;
}

void ac_services_begin(struct acmecore_host_ctx *ctx, int64_t deadline_ms)
{
    forget_reasons(ctx);
    ac_words_done(&ctx->changes);
    ctx->is_calling = true;
    ctx->stop_by_ms = 0;
    ctx->deadline_ms = deadline_ms;
}

void ac_services_end(struct acmecore_host_ctx *ctx)
{
    ctx->is_calling = false;
    ctx->is_serving = false;
}

int ac_services_stop_fd(const struct acmecore_host_ctx *ctx)
{
    return ctx->channel && !ctx->is_serving ? ac_channel_fd(ctx->channel) : -1;
}

/* What says so may have come together with the call itself. */
bool ac_services_is_stopped(const struct acmecore_host_ctx *ctx)
{
    struct pollfd core = { .fd = ac_services_stop_fd(ctx), .events = POLLIN };

    if (core.fd >= 0 && ac_channel_has_input(ctx->channel))
        return true;
    return poll(&core, 1, 0) > 0;
}

int64_t ac_services_left_ms(struct acmecore_host_ctx *ctx)
{
    int64_t left_ms = left_until(ctx->deadline_ms);

    if (!ctx->is_calling)
        return 0;
    if (!ac_services_is_stopped(ctx))
        return left_ms;
    if (ctx->stop_by_ms == 0)
        ctx->stop_by_ms = ac_clock_after_ms(STOP_GRACE_MS);
    int64_t grace_ms = left_until(ctx->stop_by_ms);
    return grace_ms < left_ms ? grace_ms : left_ms;
}

void ac_services_expect(struct acmecore_host_ctx *ctx, size_t first, size_t count)
{
    ctx->first_result = first < AC_SERVICES_FAILS_MAX ? first : AC_SERVICES_FAILS_MAX;
    ctx->result_count = AC_SERVICES_FAILS_MAX - ctx->first_result;
    if (count < ctx->result_count)
        ctx->result_count = count;
}

const char *ac_services_reason(const struct acmecore_host_ctx *ctx, size_t nth,
                               size_t failed)
{
    if (ctx->fails.count == 0)
        return "";
    return ctx->fails.items[ctx->fails.count == failed ? nth : 0];
}

size_t ac_services_unexplained(const struct acmecore_host_ctx *ctx, const int *results,
                               size_t first, size_t count)
{
    size_t unexplained = 0;

    for (size_t i = 0; i < count; i++) {
        bool is_own = first + i < AC_SERVICES_FAILS_MAX && ctx->fails_at[first + i];
        unexplained += results[first + i] != ACMECORE_OK && !is_own;
    }
    return unexplained;
}

const char *ac_services_reason_at(const struct acmecore_host_ctx *ctx, size_t index,
                                  size_t *nth, size_t unexplained)
{
    if (index < AC_SERVICES_FAILS_MAX && ctx->fails_at[index])
        return ctx->fails_at[index];
    return ac_services_reason(ctx, (*nth)++, unexplained);
}

void ac_services_done(struct acmecore_host_ctx *ctx)
{
    ac_json_free(ctx->options);
    ac_json_free(ctx->secrets);
    ac_secret_wipe(&ctx->blob);
    forget_reasons(ctx);
    ac_words_done(&ctx->changes);
    free(ctx->folder);
    *ctx = (struct acmecore_host_ctx){ 0 };
}
