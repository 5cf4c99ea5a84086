/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dns01-powerdns: TXT records through the HTTP API of the PowerDNS Authoritative
 * Server.
 *
 * A zone is read and changed once for all names of a batch. The API replaces whole sets
 * of records, so what others have put at the same name is sent back with ours.
 */
#include <acmecore/provider.h>

#include <stdbool.h>
#include <strings.h>

#define URL_SIZE     2048
#define BASE_MAX     512 /* bytes of url and server-id */
#define NAME_SIZE    260 /* a name with its final dot */
#define VALUE_MAX    1024
#define CONTENT_SIZE (5 * VALUE_MAX) /* in quotes, and escaped */

/* The challenges of one zone. */
struct job {
    const struct acmecore_host *host;
    const char *zone;
    const struct acmecore_challenge *const *challenges;
    size_t count;
    bool is_removal;
};

static const char *setting(const struct acmecore_host *host, const char *name)
{
    return host->option(host->ctx, name, 0);
}

static int explain(const struct job *job, long code, const json_t *answer)
{
    const struct acmecore_host *host = job->host;
    const char *url = setting(host, "url");

    if (code == 401 || code == 403) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "%s does not take the API key (HTTP %ld): correct api-key",
                          url, code);
    }
    if (code == 404) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "the server \"%s\" at %s has no zone %s",
                          setting(host, "server-id"), url, job->zone);
    }
    return host->fail(host->ctx, code >= 500 ? ACMECORE_E_NETWORK : ACMECORE_E_REFUSED,
                      "%s said HTTP %ld of the zone %s: %.200s", url, code, job->zone,
                      acmecore_json_text(answer, "error", "nothing more"));
}

static int call(const struct job *job, const char *method, const json_t *body,
                json_t **ret_answer)
{
    const struct acmecore_host *host = job->host;
    char url[URL_SIZE];
    struct acmecore_json_request request = { .method = method,
                                             .url = url,
                                             .secret = "api-key",
                                             .secret_header = "X-API-Key: ",
                                             .ca_path = setting(host, "ca-file"),
                                             .body = body };
    long code = 0;

    (void)snprintf(url, sizeof url, "%s/api/v1/servers/%s/zones/%s.",
                   setting(host, "url"), setting(host, "server-id"), job->zone);
    int status = acmecore_json_http(host, &request, &code, ret_answer);
    if (status == ACMECORE_OK && (code < 200 || code > 299))
        status = explain(job, code, *ret_answer);
    return status;
}

/* ---- the challenges ----------------------------------------------------- */

static bool is_same_name(const struct job *job, size_t one, size_t other)
{
    return !strcasecmp(job->challenges[one]->record_name,
                       job->challenges[other]->record_name);
}

static bool is_first_of_name(const struct job *job, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (is_same_name(job, i, index))
            return false;
    }
    return true;
}

/* Two orders may be given the same challenge, and the API refuses a record twice. */
static bool is_first_of_value(const struct job *job, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (is_same_name(job, i, index)
            && !strcmp(job->challenges[i]->record_value,
                       job->challenges[index]->record_value))
            return false;
    }
    return true;
}

/* Is it the value of one of our challenges at this name? */
static bool is_ours(const struct job *job, const char *name, const char *content)
{
    for (size_t i = 0; i < job->count; i++) {
        if (!strcasecmp(name, job->challenges[i]->record_name)
            && acmecore_txt_is(content, job->challenges[i]->record_value))
            return true;
    }
    return false;
}

static int check_values(const struct job *job)
{
    const struct acmecore_host *host = job->host;

    for (size_t i = 0; i < job->count; i++) {
        if (strlen(job->challenges[i]->record_value) > VALUE_MAX) {
            return host->fail(host->ctx, ACMECORE_E_INVALID,
                              "the value for %s has over %d bytes",
                              job->challenges[i]->record_name, VALUE_MAX);
        }
    }
    return ACMECORE_OK;
}

/* ---- sets of records ---------------------------------------------------- */

static bool is_set_of(const json_t *set, const char *name)
{
    const char *owner = acmecore_json_text(set, "name", "");
    size_t size = strlen(name);

    return !strcmp(acmecore_json_text(set, "type", ""), "TXT")
           && !strncasecmp(owner, name, size) && !strcmp(owner + size, ".");
}

/* What is in the set now, without what is ours. False: no memory. */
static bool keep_others(const struct job *job, const char *name, const json_t *set,
                        json_t *records)
{
    size_t at = 0;
    json_t *record = NULL;

    json_array_foreach(json_object_get(set, "records"), at, record)
    {
        if (!is_ours(job, name, acmecore_json_text(record, "content", ""))
            && json_array_append(records, record) != 0) {
            return false;
        }
    }
    return true;
}

static bool add_ours(const struct job *job, const char *name, json_t *records)
{
    char quoted[CONTENT_SIZE];

    for (size_t i = 0; i < job->count && !job->is_removal; i++) {
        const struct acmecore_challenge *challenge = job->challenges[i];
        if (strcasecmp(name, challenge->record_name) != 0 || !is_first_of_value(job, i))
            continue;
        if (!acmecore_txt_write(challenge->record_value, quoted, sizeof quoted)
            || json_array_append_new(
                   records, json_pack("{s:s, s:b}", "content", quoted, "disabled", 0))
                   != 0) {
            return false;
        }
    }
    return true;
}

/* The whole set of a name as it is to be; NULL: no memory, and nothing half is sent. */
static json_t *set_for(const struct job *job, const char *name, const json_t *sets)
{
    json_t *records = json_array();
    json_int_t ttl = strtol(setting(job->host, "ttl"), NULL, 10);
    bool is_whole = records && add_ours(job, name, records);
    const size_t ours = json_array_size(records);
    char owner[NAME_SIZE];
    size_t at = 0;
    json_t *set = NULL;

    (void)snprintf(owner, sizeof owner, "%s.", name);
    json_array_foreach(sets, at, set)
    {
        if (!is_set_of(set, name))
            continue;
        is_whole = is_whole && keep_others(job, name, set, records);
        /* A set has one TTL: that of who was there first. */
        if (json_array_size(records) > ours && json_object_get(set, "ttl"))
            ttl = json_integer_value(json_object_get(set, "ttl"));
    }
    if (!is_whole) {
        json_decref(records);
        return NULL;
    }
    return json_pack("{s:s, s:s, s:s, s:I, s:o}", "name", owner, "type", "TXT",
                     "changetype", json_array_size(records) > 0 ? "REPLACE" : "DELETE",
                     "ttl", ttl, "records", records);
}

/* NULL: no memory. */
static json_t *changes(const struct job *job, const json_t *present)
{
    json_t *sets = json_array();

    for (size_t i = 0; i < job->count; i++) {
        const char *name = job->challenges[i]->record_name;
        if (is_first_of_name(job, i)
            && json_array_append_new(sets, set_for(job, name, present)) != 0) {
            json_decref(sets);
            return NULL;
        }
    }
    return json_pack("{s:o}", "rrsets", sets);
}

/* ---- what is there ------------------------------------------------------ */

/* All of the zone: asked for one set alone, servers leave out records that are disabled
 * there, and what is not seen would not be written back. */
static int read_present(const struct job *job, json_t *present)
{
    const struct acmecore_host *host = job->host;
    json_t *answer = NULL;

    int status = call(job, "GET", NULL, &answer);
    json_t *sets = json_object_get(answer, "rrsets");
    if (status == ACMECORE_OK && !json_is_array(sets)) {
        status = host->fail(host->ctx, ACMECORE_E_REFUSED,
                            "%s answered, but not with a zone: is it PowerDNS?",
                            setting(host, "url"));
    }
    if (status == ACMECORE_OK && json_array_extend(present, sets) != 0)
        status = host->fail(host->ctx, ACMECORE_E_SYSTEM, "no memory");
    json_decref(answer);
    return status;
}

static int write_sets(const struct job *job, const json_t *present)
{
    json_t *body = changes(job, present);
    json_t *answer = NULL;
    int status = body ? call(job, "PATCH", body, &answer)
                      : job->host->fail(job->host->ctx, ACMECORE_E_SYSTEM, "no memory");

    json_decref(body);
    json_decref(answer);
    return status;
}

static int change_zone(void *arg, const char *zone,
                       const struct acmecore_challenge *const *challenges, size_t count)
{
    struct job job = *(struct job *)arg;
    json_t *present = json_array();

    job.zone = zone;
    job.challenges = challenges;
    job.count = count;
    int status = check_values(&job);
    if (status == ACMECORE_OK)
        status = read_present(&job, present);
    if (status == ACMECORE_OK)
        status = write_sets(&job, present);
    json_decref(present);
    return status;
}

static int change(void *self, const struct acmecore_challenge *const *challenges,
                  size_t count, int *results, bool is_removal)
{
    struct job job = { .host = self, .is_removal = is_removal };

    return acmecore_by_zone(job.host, setting(job.host, "zone"), challenges, count,
                            results, change_zone, &job);
}

static int present(void *self, const struct acmecore_challenge *const *challenges,
                   size_t count, int *results)
{
    return change(self, challenges, count, results, false);
}

static int cleanup(void *self, const struct acmecore_challenge *const *challenges,
                   size_t count, int *results)
{
    return change(self, challenges, count, results, true);
}

static int open_instance(const struct acmecore_host *host, void **ret_self)
{
    if (strlen(setting(host, "url")) + strlen(setting(host, "server-id")) > BASE_MAX) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "url and server-id are too long");
    }
    *ret_self = (void *)host; /* valid until close; all else comes with each call */
    return ACMECORE_OK;
}

static void close_instance(void *self)
{
    (void)self;
}

static const char *const types[] = { "dns-01", "dns-account-01", "dns-persist-01",
                                     NULL };

static const struct acmecore_solver solver = {
    .struct_size = sizeof solver, .types = types, .present = present, .cleanup = cleanup
};

static const struct acmecore_option options[] = {
    { .name = "url",
      .type = ACMECORE_OPTION_TEXT,
      .fallback = "http://127.0.0.1:8081",
      .help = "where the API is: https, or http on this machine" },
    { .name = "api-key",
      .type = ACMECORE_OPTION_SECRET,
      .flags = ACMECORE_REQUIRED,
      .help = "the server's api-key" },
    { .name = "server-id",
      .type = ACMECORE_OPTION_TEXT,
      .fallback = "localhost",
      .help = "what the API calls the server" },
    { .name = "zone",
      .type = ACMECORE_OPTION_TEXT,
      .help = "zone of all names of this solver; else the one that is found in DNS" },
    { .name = "ttl",
      .type = ACMECORE_OPTION_NUMBER,
      .minimum = 1,
      .maximum = 86400,
      .fallback = "60",
      .help = "TTL of the records in seconds" },
    { .name = "ca-file",
      .type = ACMECORE_OPTION_PATH,
      .help = "PEM file of the CA that the API's certificate is from" },
};

ACMECORE_EXPORT const struct acmecore_plugin acmecore_plugin = {
    ACMECORE_PLUGIN_HEADER(ACMECORE_SOLVER, "dns01-powerdns", "1.0", 0),
    .flags = ACMECORE_USES_NETWORK,
    .option_count = sizeof options / sizeof *options,
    .options = options,
    .open = open_instance,
    .close = close_instance,
    .ops.solver = &solver,
};
