/*
 * @NAME@: answers http-01 challenges by files in a folder that a web server serves as
 * /.well-known/acme-challenge/.
 *
 * What is between the two lines below is yours: change it, and the options at the end,
 * where the answers go elsewhere (a cache, a load balancer's API, an object store).
 */
#include <acmecore/plugin.h>

#include <stdio.h>
#include <string.h>

#define PATH_SIZE 4096
#define TOKEN_MAX 512
#define BASE64URL "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

static const char *setting(const struct acmecore_host *host, const char *name)
{
    return host->option(host->ctx, name, 0);
}

/* ------------------------------------------------------------------------- */

/* Tokens are base64url (RFC 8555 section 8.3); anything else could leave the folder. */
static int find_path(const struct acmecore_host *host,
                     const struct acmecore_challenge *challenge, char path[PATH_SIZE])
{
    size_t size = strlen(challenge->token);

    if (size == 0 || size > TOKEN_MAX
        || challenge->token[strspn(challenge->token, BASE64URL)])
        return host->fail(host->ctx, ACMECORE_E_INVALID, "the token is not base64url");
    (void)snprintf(path, PATH_SIZE, "%s/%s", setting(host, "path"), challenge->token);
    return ACMECORE_OK;
}

/* May come twice: then all is as after the first. */
static int show(const struct acmecore_host *host,
                const struct acmecore_challenge *challenge)
{
    char path[PATH_SIZE];
    int status = find_path(host, challenge, path);

    if (status != ACMECORE_OK)
        return status;
    return host->write_file(host->ctx, path, 0644, challenge->key_authorization,
                            strlen(challenge->key_authorization));
}

/* May come twice, and for what was never shown: neither is an error. */
static int hide(const struct acmecore_host *host,
                const struct acmecore_challenge *challenge)
{
    char path[PATH_SIZE];
    int status = find_path(host, challenge, path);

    return status == ACMECORE_OK ? host->remove_file(host->ctx, path) : status;
}

/* ------------------------------------------------------------------------- */

typedef int act(const struct acmecore_host *host,
                const struct acmecore_challenge *challenge);

static int each(const struct acmecore_host *host, act *do_one,
                const struct acmecore_challenge *const *challenges, size_t count,
                int *results)
{
    int worst = ACMECORE_OK;

    for (size_t i = 0; i < count; i++) {
        results[i] = do_one(host, challenges[i]);
        worst = results[i] != ACMECORE_OK ? results[i] : worst;
    }
    return worst;
}

static int present(void *self, const struct acmecore_challenge *const *challenges,
                   size_t count, int *results)
{
    return each(self, show, challenges, count, results);
}

static int cleanup(void *self, const struct acmecore_challenge *const *challenges,
                   size_t count, int *results)
{
    return each(self, hide, challenges, count, results);
}

static int open_instance(const struct acmecore_host *host, void **ret_self)
{
    if (strlen(setting(host, "path")) > PATH_SIZE - TOKEN_MAX - 2)
        return host->fail(host->ctx, ACMECORE_E_CONFIG, "path is too long");
    *ret_self = (void *)host; /* valid until close; all else comes with each call */
    return ACMECORE_OK;
}

static void close_instance(void *self)
{
    (void)self;
}

static const char *const types[] = { "http-01", NULL };

static const struct acmecore_solver solver = {
    .struct_size = sizeof solver, .types = types, .present = present, .cleanup = cleanup
};

static const struct acmecore_option options[] = {
    { .name = "path",
      .type = ACMECORE_OPTION_PATH,
      .flags = ACMECORE_REQUIRED,
      .help = "the folder that is served as /.well-known/acme-challenge/" },
};

/* Whatever else it uses belongs into flags: ACMECORE_USES_NETWORK for host->http. */
ACMECORE_EXPORT const struct acmecore_plugin acmecore_plugin = {
    ACMECORE_PLUGIN_HEADER(ACMECORE_SOLVER, "@NAME@", "0.1", 0),
    .option_count = sizeof options / sizeof *options,
    .flags = ACMECORE_USES_FILES,
    .options = options,
    .open = open_instance,
    .close = close_instance,
    .ops.solver = &solver,
};
