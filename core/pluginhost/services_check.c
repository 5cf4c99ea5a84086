/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/services_check.h"

#include <string.h>

static int fail_service(struct acmecore_host_ctx *ctx, const char *service)
{
    return ctx->host.fail(ctx, ACMECORE_E_NETWORK, "%s fails in this check", service);
}

static int fail_http(struct acmecore_host_ctx *ctx,
                     const struct acmecore_request *request, long *ret_code,
                     acmecore_sink *body, void *arg)
{
    (void)request, (void)ret_code, (void)body, (void)arg;
    ctx->refused_count++;
    return fail_service(ctx, "http");
}

static int fail_run(struct acmecore_host_ctx *ctx,
                    const struct acmecore_command *command, int *ret_exit,
                    acmecore_sink *output, void *arg)
{
    (void)command, (void)ret_exit, (void)output, (void)arg;
    ctx->refused_count++;
    return fail_service(ctx, "run");
}

/* What is only noted or kept may be lost: no refusal is counted here. */
static int fail_write_file(struct acmecore_host_ctx *ctx, const char *path,
                           uint32_t mode, const void *data, size_t size)
{
    (void)path, (void)mode, (void)data, (void)size;
    return fail_service(ctx, "write_file");
}

static int fail_remove_file(struct acmecore_host_ctx *ctx, const char *path)
{
    (void)path;
    return fail_service(ctx, "remove_file");
}

static int fail_secret(struct acmecore_host_ctx *ctx, const char *name,
                       acmecore_sink *use, void *arg)
{
    (void)name, (void)use, (void)arg;
    return fail_service(ctx, "secret");
}

void ac_services_limit(struct acmecore_host_ctx *ctx, const char *how)
{
    bool is_failing = strcmp(how, "failing") == 0;

    ctx->is_hasty = strcmp(how, "hasty") == 0;
    if (is_failing || strcmp(how, "no http") == 0)
        ctx->host.http = fail_http;
    if (is_failing || strcmp(how, "no run") == 0)
        ctx->host.run = fail_run;
    if (is_failing || strcmp(how, "no write_file") == 0)
        ctx->host.write_file = fail_write_file;
    if (is_failing || strcmp(how, "no remove_file") == 0)
        ctx->host.remove_file = fail_remove_file;
    if (strcmp(how, "no secret") == 0)
        ctx->host.secret = fail_secret;
}
