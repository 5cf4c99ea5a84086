/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dns01-acmedns: TXT records at an acme-dns server, which serves nothing but
 * challenges.
 *
 * _acme-challenge.NAME is a CNAME to a name there, and that name has an account. The
 * host has followed the CNAME, so the account is the one of the record's name.
 */
#include "known.h"

#include <acmecore/provider.h>

#include <stdbool.h>
#include <strings.h>

#define URL_SIZE    1024
#define HEADER_SIZE 320
#define VALUES_KEPT 2 /* the server forgets older values of a name */

struct job {
    const struct acmecore_host *host;
    const struct acmecore_challenge *challenge;
    bool has_accounts; /* of what went wrong then the reason is known */
};

static const char *setting(const struct acmecore_host *host, const char *name)
{
    return host->option(host->ctx, name, 0);
}

static int explain(const struct job *job, long code, const json_t *answer)
{
    const struct acmecore_host *host = job->host;
    const char *name = job->challenge->record_name;

    if (code == 401) {
        return host->fail(
            host->ctx, ACMECORE_E_CONFIG,
            "%s does not take the account of %s (HTTP 401): correct it in "
            "accounts, and look at its allowfrom",
            setting(host, "url"), name);
    }
    return host->fail(host->ctx, code >= 500 ? ACMECORE_E_NETWORK : ACMECORE_E_REFUSED,
                      "%s said HTTP %ld of %s: %.200s", setting(host, "url"), code,
                      name, acmecore_json_text(answer, "error", "nothing more"));
}

/* {"fulldomain", "subdomain", "username", "password"} */
static int update(const struct job *job, const json_t *account)
{
    const struct acmecore_host *host = job->host;
    char url[URL_SIZE];
    char user[HEADER_SIZE];
    char key[HEADER_SIZE];
    const char *headers[] = { user, key, NULL };
    json_t *answer = NULL;
    long code = 0;

    (void)snprintf(url, sizeof url, "%s/update", setting(host, "url"));
    if (snprintf(user, sizeof user, "X-Api-User: %s",
                 acmecore_json_text(account, "username", ""))
            >= HEADER_SIZE
        || snprintf(key, sizeof key, "X-Api-Key: %s",
                    acmecore_json_text(account, "password", ""))
               >= HEADER_SIZE) {
        explicit_bzero(key, sizeof key);
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "username or password of %s in accounts is too long",
                          job->challenge->record_name);
    }
    json_t *body = json_pack("{s:s, s:s}", "subdomain",
                             acmecore_json_text(account, "subdomain", ""), "txt",
                             job->challenge->record_value);
    if (!body) {
        explicit_bzero(key, sizeof key);
        return host->fail(host->ctx, ACMECORE_E_SYSTEM, "no memory");
    }
    struct acmecore_json_request request = { .method = "POST",
                                             .url = url,
                                             .headers = headers,
                                             .ca_path = setting(host, "ca-file"),
                                             .body = body };
    int status = acmecore_json_http(host, &request, &code, &answer);
    if (status == ACMECORE_OK && code != 200)
        status = explain(job, code, answer);
    explicit_bzero(key, sizeof key);
    json_decref(answer);
    json_decref(body);
    return status;
}

/* Once: a value that is there already would push out the other one. */
static int put_value(const struct job *job, const json_t *account)
{
    const struct acmecore_host *host = job->host;
    const char *name = acmecore_json_text(account, "subdomain", "");
    const char *value = job->challenge->record_value;
    char newest[KNOWN_VALUE_SIZE];

    if (known_has(host, name, value)) {
        host->log(host->ctx, ACMECORE_DEBUG, "%s is there already",
                  job->challenge->record_name);
        return ACMECORE_OK;
    }
    int status = known_doubt(host, name, newest);
    if (status == ACMECORE_OK)
        status = update(job, account);
    if (status == ACMECORE_OK && known_add(host, name, newest, value) != ACMECORE_OK) {
        host->log(host->ctx, ACMECORE_WARN,
                  "what %s has cannot be noted in %s: a value that is asked for twice "
                  "is sent twice",
                  job->challenge->record_name, host->folder);
    }
    return status;
}

/* By the name that the record really has; or, when nobody has looked, by the identifier
 * that the file calls it by. */
static const json_t *find_account(const json_t *accounts,
                                  const struct acmecore_challenge *challenge)
{
    const char *domain = NULL;
    json_t *account = NULL;

    json_object_foreach((json_t *)accounts, domain, account)
    {
        if (!strcasecmp(acmecore_json_text(account, "fulldomain", ""),
                        challenge->record_name))
            return account;
    }
    return challenge->record_zone ? NULL
                                  : json_object_get(accounts, challenge->identifier);
}

static int use_accounts(void *arg, const void *data, size_t size)
{
    struct job *job = arg;
    const struct acmecore_host *host = job->host;
    const struct acmecore_challenge *challenge = job->challenge;
    json_t *accounts = json_loadb(data, size, JSON_REJECT_DUPLICATES, NULL);
    const json_t *account = find_account(accounts, challenge);
    const json_t *known = json_object_get(accounts, challenge->identifier);
    int status = ACMECORE_OK;

    job->has_accounts = true;
    if (!json_is_object(accounts)) {
        status = host->fail(host->ctx, ACMECORE_E_CONFIG,
                            "accounts is no JSON object of accounts by domain");
    } else if (!account) {
        status = host->fail(host->ctx, ACMECORE_E_CONFIG,
                            "no account is for %s: register one, or make "
                            "_acme-challenge.%s a CNAME to %s",
                            challenge->record_name, challenge->identifier,
                            acmecore_json_text(known, "fulldomain", "its fulldomain"));
    } else {
        status = put_value(job, account);
    }
    json_decref(accounts);
    return status;
}

static bool is_first(const struct acmecore_challenge *const *challenges, size_t index)
{
    const struct acmecore_challenge *challenge = challenges[index];

    for (size_t i = 0; i < index; i++) {
        if (!strcasecmp(challenges[i]->record_name, challenge->record_name)
            && !strcmp(challenges[i]->record_value, challenge->record_value))
            return false;
    }
    return true;
}

/* How many different ones a name is to have. */
static size_t values_at(const struct acmecore_challenge *const *challenges,
                        size_t count, const char *name)
{
    size_t values = 0;

    for (size_t i = 0; i < count; i++) {
        values +=
            !strcasecmp(challenges[i]->record_name, name) && is_first(challenges, i);
    }
    return values;
}

static int present_one(struct job *job)
{
    const struct acmecore_host *host = job->host;
    int status = host->secret(host->ctx, "accounts", use_accounts, job);

    if (status != ACMECORE_OK && !job->has_accounts)
        return host->fail(host->ctx, status, "the option accounts cannot be read");
    return status;
}

static int present(void *self, const struct acmecore_challenge *const *challenges,
                   size_t count, int *results)
{
    const struct acmecore_host *host = self;
    int worst = ACMECORE_OK;

    for (size_t i = 0; i < count; i++) {
        struct job job = { .host = host, .challenge = challenges[i] };
        const char *name = challenges[i]->record_name;
        if (values_at(challenges, count, name) > VALUES_KEPT) {
            results[i] = host->fail(host->ctx, ACMECORE_E_CONFIG,
                                    "more than %d names of this run share %s, and "
                                    "acme-dns keeps %d values: give each an account",
                                    VALUES_KEPT, name, VALUES_KEPT);
        } else {
            results[i] = present_one(&job);
        }
        if (results[i] != ACMECORE_OK)
            worst = host->fail_at(host->ctx, i, results[i], "%s", "");
    }
    return worst;
}

/* The API takes nothing away: a value is gone when two newer ones have come. */
static int cleanup(void *self, const struct acmecore_challenge *const *challenges,
                   size_t count, int *results)
{
    (void)results;
    return known_forget(self, challenges, count);
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

static const char *const types[] = { "dns-01", NULL };

static const struct acmecore_solver solver = {
    .struct_size = sizeof solver, .types = types, .present = present, .cleanup = cleanup
};

static const struct acmecore_option options[] = {
    { .name = "url",
      .type = ACMECORE_OPTION_TEXT,
      .flags = ACMECORE_REQUIRED,
      .help = "where the API is: https, or http on this machine" },
    { .name = "accounts",
      .type = ACMECORE_OPTION_SECRET,
      .flags = ACMECORE_REQUIRED,
      .help =
          "JSON: {DOMAIN: {fulldomain, subdomain, username, password}}, as the server "
          "gave them" },
    { .name = "ca-file",
      .type = ACMECORE_OPTION_PATH,
      .help = "PEM file of the CA that the API's certificate is from" },
};

ACMECORE_EXPORT const struct acmecore_plugin acmecore_plugin = {
    ACMECORE_PLUGIN_HEADER(ACMECORE_SOLVER, "dns01-acmedns", "1.0", 0),
    .flags = ACMECORE_USES_NETWORK,
    .option_count = sizeof options / sizeof *options,
    .options = options,
    .open = open_instance,
    .close = close_instance,
    .ops.solver = &solver,
};
