/*
 * @NAME@: answers dns-01 challenges through the HTTP API of a DNS provider.
 *
 * What is between the two lines below is the provider's: change it, and the options at
 * the end. The example's API takes {"name", "value"} at /records (POST) and removes it
 * again (DELETE).
 */
#include <acmecore/provider.h>

#define URL_SIZE 1024

static const char *setting(const struct acmecore_host *host, const char *name)
{
    return host->option(host->ctx, name, 0);
}

/* ------------------------------------------------------------------------- */

/* One TXT record: written with POST, removed with DELETE. Both may come twice, and a
 * removal may come for what was never written: neither is an error. */
static int change(const struct acmecore_host *host, const char *method,
                  const struct acmecore_challenge *challenge)
{
    char url[URL_SIZE];
    json_t *body = json_pack("{s:s, s:s}", "name", challenge->record_name, "value",
                             challenge->record_value);
    json_t *answer = NULL;
    long code = 0;
    struct acmecore_json_request request = { .method = method,
                                             .url = url,
                                             .secret = "api-token",
                                             .secret_header = "Authorization: Bearer ",
                                             .ca_path = setting(host, "ca-file"),
                                             .body = body };

    if (!body)
        return host->fail(host->ctx, ACMECORE_E_SYSTEM, "no memory");
    (void)snprintf(url, sizeof url, "%s/records", setting(host, "url"));
    int status = acmecore_json_http(host, &request, &code, &answer);
    json_decref(body);
    json_decref(answer);
    if (status != ACMECORE_OK) /* not reached; the host has recorded why */
        return status;
    if (code == 401 || code == 403)
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "%s does not take the token (HTTP %ld): correct api-token",
                          setting(host, "url"), code);
    if (code == 404 && strcmp(method, "DELETE") == 0)
        return ACMECORE_OK;
    if (code < 200 || code > 299)
        return host->fail(host->ctx, ACMECORE_E_REFUSED, "%s said HTTP %ld of %s",
                          setting(host, "url"), code, challenge->record_name);
    return ACMECORE_OK;
}

/* ------------------------------------------------------------------------- */

static int each(const struct acmecore_host *host, const char *method,
                const struct acmecore_challenge *const *challenges, size_t count,
                int *results)
{
    int worst = ACMECORE_OK;

    for (size_t i = 0; i < count; i++) {
        results[i] = change(host, method, challenges[i]);
        worst = results[i] != ACMECORE_OK ? results[i] : worst;
    }
    return worst;
}

static int present(void *self, const struct acmecore_challenge *const *challenges,
                   size_t count, int *results)
{
    return each(self, "POST", challenges, count, results);
}

static int cleanup(void *self, const struct acmecore_challenge *const *challenges,
                   size_t count, int *results)
{
    return each(self, "DELETE", challenges, count, results);
}

static int open_instance(const struct acmecore_host *host, void **ret_self)
{
    if (strlen(setting(host, "url")) > URL_SIZE / 2)
        return host->fail(host->ctx, ACMECORE_E_CONFIG, "url is too long");
    *ret_self = (void *)host; /* valid until close; all else comes with each call */
    return ACMECORE_OK;
}

static void close_instance(void *self)
{
    (void)self;
}

static const char *const types[] = { "dns-01", "dns-account-01", NULL };

static const struct acmecore_solver solver = {
    .struct_size = sizeof solver, .types = types, .present = present, .cleanup = cleanup
};

static const struct acmecore_option options[] = {
    { .name = "url",
      .type = ACMECORE_OPTION_TEXT,
      .flags = ACMECORE_REQUIRED,
      .help = "where the API is: https, or http on this machine" },
    { .name = "api-token",
      .type = ACMECORE_OPTION_SECRET,
      .flags = ACMECORE_REQUIRED,
      .help = "the provider's API token" },
    { .name = "ca-file",
      .type = ACMECORE_OPTION_PATH,
      .help = "PEM file of the CA that the API's certificate is from" },
};

ACMECORE_EXPORT const struct acmecore_plugin acmecore_plugin = {
    ACMECORE_PLUGIN_HEADER(ACMECORE_SOLVER, "@NAME@", "0.1", 0),
    .flags = ACMECORE_USES_NETWORK,
    .option_count = sizeof options / sizeof *options,
    .options = options,
    .open = open_instance,
    .close = close_instance,
    .ops.solver = &solver,
};
