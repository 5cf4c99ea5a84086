/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dns01-cloudflare: TXT records through Cloudflare's API, version 4.
 *
 * A zone's TXT records are read, and all that is missing or to go is one batch, which
 * the API takes as a whole or not at all. What others have put at the same name stays.
 */
#include <acmecore/provider.h>

#include <stdbool.h>
#include <strings.h>

#define URL_SIZE     1024
#define ID_SIZE      64
#define CONTENT_SIZE 300 /* a digest in quotes, which all values are */
#define PAGE_SIZE    100
#define PAGES_MAX    200 /* of a zone's TXT records */
#define BATCH_MAX    200 /* changes that the API takes at once, of the smallest plan */

/* The challenges of one zone. */
struct job {
    const struct acmecore_host *host;
    const char *zone;
    const struct acmecore_challenge *const *challenges;
    size_t count;
    bool is_removal;
    char zone_id[ID_SIZE];
};

static const char *setting(const struct acmecore_host *host, const char *name)
{
    return host->option(host->ctx, name, 0);
}

/* HTTP 400 is many things; of these numbers it is the token. */
static bool is_token_fault(long code, const json_t *error)
{
    static const json_int_t of_token[] = { 6003, 6111, 9106, 10000 };
    const json_int_t number = json_integer_value(json_object_get(error, "code"));

    for (size_t i = 0; code == 400 && i < sizeof of_token / sizeof *of_token; i++) {
        if (of_token[i] == number)
            return true;
    }
    return code == 401 || code == 403;
}

static int explain(const struct job *job, long code, long retry_s, const json_t *answer)
{
    const struct acmecore_host *host = job->host;
    const json_t *error = json_array_get(json_object_get(answer, "errors"), 0);
    const char *words = acmecore_json_text(error, "message", "nothing more");

    if (is_token_fault(code, error)) {
        return host->fail(
            host->ctx, ACMECORE_E_CONFIG,
            "the API does not let api-token change the zone %s (HTTP %ld: "
            "%.200s): it needs Zone:Read and DNS:Edit there",
            job->zone, code, words);
    }
    if (code == 429 && retry_s > 0) {
        return host->fail(host->ctx, ACMECORE_E_NETWORK,
                          "the API has had too many requests (HTTP 429): ask again in "
                          "%ld s",
                          retry_s);
    }
    return host->fail(
        host->ctx, code == 429 || code >= 500 ? ACMECORE_E_NETWORK : ACMECORE_E_REFUSED,
        "the API said HTTP %ld of the zone %s: %.200s", code, job->zone, words);
}

/* path: what follows the API's URL. */
static int call(const struct job *job, const char *method, const char *path,
                const json_t *body, json_t **ret_answer)
{
    const struct acmecore_host *host = job->host;
    char url[URL_SIZE];
    struct acmecore_json_request request = { .method = method,
                                             .url = url,
                                             .secret = "api-token",
                                             .secret_header = "Authorization: Bearer ",
                                             .ca_path = setting(host, "ca-file"),
                                             .body = body };
    long code = 0;
    long retry_s = 0;

    request.ret_retry_s = &retry_s;
    (void)snprintf(url, sizeof url, "%s%s", setting(host, "url"), path);
    int status = acmecore_json_http(host, &request, &code, ret_answer);
    if (status == ACMECORE_OK
        && (code != 200 || !json_is_true(json_object_get(*ret_answer, "success"))))
        status = explain(job, code, retry_s, *ret_answer);
    return status;
}

/* It becomes a part of URLs. */
static bool is_id(const char *text)
{
    size_t size = strspn(text, "0123456789abcdefABCDEF");

    return size > 0 && size < ID_SIZE && text[size] == '\0';
}

static int find_zone(struct job *job)
{
    const struct acmecore_host *host = job->host;
    const char *id = setting(host, "zone-id");
    char path[URL_SIZE / 2];
    json_t *answer = NULL;
    int status = ACMECORE_OK;

    (void)snprintf(path, sizeof path, "/zones?name=%s", job->zone);
    if (!id) {
        status = call(job, "GET", path, NULL, &answer);
        id = acmecore_json_text(json_array_get(json_object_get(answer, "result"), 0),
                                "id", "");
    }
    if (status == ACMECORE_OK && !is_id(id)) {
        status = host->fail(host->ctx, ACMECORE_E_CONFIG,
                            "api-token sees no zone %s: it is for other zones, or set "
                            "zone-id",
                            job->zone);
    }
    if (status == ACMECORE_OK)
        (void)snprintf(job->zone_id, sizeof job->zone_id, "%s", id);
    json_decref(answer);
    return status;
}

/* ---- records ------------------------------------------------------------ */

static const json_t *find_record(const json_t *records,
                                 const struct acmecore_challenge *challenge)
{
    size_t at = 0;
    json_t *record = NULL;

    json_array_foreach(records, at, record)
    {
        if (!strcasecmp(acmecore_json_text(record, "name", ""), challenge->record_name)
            && acmecore_txt_is(acmecore_json_text(record, "content", ""),
                               challenge->record_value))
            return record;
    }
    return NULL;
}

static int read_records(const struct job *job, json_t *records)
{
    int status = ACMECORE_OK;
    json_int_t pages = 1;

    for (json_int_t page = 1; status == ACMECORE_OK && page <= pages; page++) {
        char path[URL_SIZE / 2];
        json_t *answer = NULL;
        (void)snprintf(path, sizeof path,
                       "/zones/%s/dns_records?type=TXT&per_page=%d&page=%lld",
                       job->zone_id, PAGE_SIZE, (long long)page);
        status = call(job, "GET", path, NULL, &answer);
        if (status == ACMECORE_OK
            && json_array_extend(records, json_object_get(answer, "result")) != 0) {
            status =
                job->host->fail(job->host->ctx, ACMECORE_E_REFUSED,
                                "the API's list of records is none, or too long for "
                                "the memory");
        }
        pages = json_integer_value(
            json_object_get(json_object_get(answer, "result_info"), "total_pages"));
        if (pages > PAGES_MAX) {
            status = job->host->fail(job->host->ctx, ACMECORE_E_REFUSED,
                                     "the zone %s has more than %d TXT records",
                                     job->zone, PAGES_MAX * PAGE_SIZE);
        }
        json_decref(answer);
    }
    return status;
}

/* NULL: no memory, or it is no value of this type. */
static json_t *new_record(const struct job *job,
                          const struct acmecore_challenge *challenge)
{
    char quoted[CONTENT_SIZE];

    if (!acmecore_txt_write(challenge->record_value, quoted, sizeof quoted))
        return NULL;
    return json_pack("{s:s, s:s, s:s, s:I}", "type", "TXT", "name",
                     challenge->record_name, "content", quoted, "ttl",
                     (json_int_t)strtol(setting(job->host, "ttl"), NULL, 10));
}

/* Two orders may be given the same challenge: that is one record. */
static bool is_first(const struct job *job, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (!strcasecmp(job->challenges[i]->record_name,
                        job->challenges[index]->record_name)
            && !strcmp(job->challenges[i]->record_value,
                       job->challenges[index]->record_value))
            return false;
    }
    return true;
}

/* Into {"deletes": [...]} or {"posts": [...]}. False: no memory. */
static bool fill_batch(const struct job *job, const json_t *records, json_t *list)
{
    for (size_t i = 0; i < job->count; i++) {
        const json_t *record = find_record(records, job->challenges[i]);
        json_t *entry = NULL;
        if (job->is_removal != (record != NULL) || !is_first(job, i))
            continue;
        entry = record ? json_pack("{s:s}", "id", acmecore_json_text(record, "id", ""))
                       : new_record(job, job->challenges[i]);
        if (json_array_append_new(list, entry) != 0)
            return false;
    }
    return true;
}

/* Nothing is sent where all is as it should be. */
static int send_batch(const struct job *job, const json_t *records)
{
    char path[URL_SIZE / 2];
    json_t *list = json_array();
    json_t *batch = json_pack("{s:O}", job->is_removal ? "deletes" : "posts", list);
    json_t *answer = NULL;
    int status = ACMECORE_OK;

    (void)snprintf(path, sizeof path, "/zones/%s/dns_records/batch", job->zone_id);
    if (!batch || !fill_batch(job, records, list)) {
        status = job->host->fail(job->host->ctx, ACMECORE_E_SYSTEM, "no memory");
    } else if (json_array_size(list) > 0) {
        status = call(job, "POST", path, batch, &answer);
    }
    json_decref(answer);
    json_decref(batch);
    json_decref(list);
    return status;
}

static int change_zone(void *arg, const char *zone,
                       const struct acmecore_challenge *const *challenges, size_t count)
{
    struct job job = *(struct job *)arg;
    json_t *records = json_array();

    job.zone = zone;
    job.challenges = challenges;
    job.count = count;
    int status = find_zone(&job);
    if (status == ACMECORE_OK)
        status = read_records(&job, records);
    if (status == ACMECORE_OK)
        status = send_batch(&job, records);
    json_decref(records);
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
    const char *id = setting(host, "zone-id");

    if (strlen(setting(host, "url")) > URL_SIZE / 2)
        return host->fail(host->ctx, ACMECORE_E_CONFIG, "url is too long");
    if (id && !is_id(id)) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "zone-id is no id: 32 hexadecimal digits");
    }
    *ret_self = (void *)host; /* valid until close; all else comes with each call */
    return ACMECORE_OK;
}

static void close_instance(void *self)
{
    (void)self;
}

static const char *const types[] = { "dns-01", "dns-account-01", NULL };

static const struct acmecore_solver solver = {
    .struct_size = sizeof solver,
    .max_batch = BATCH_MAX,
    .types = types,
    .present = present,
    .cleanup = cleanup,
};

static const struct acmecore_option options[] = {
    { .name = "api-token",
      .type = ACMECORE_OPTION_SECRET,
      .flags = ACMECORE_REQUIRED,
      .help = "an API token with Zone:Read and DNS:Edit for the zones" },
    { .name = "zone-id",
      .type = ACMECORE_OPTION_TEXT,
      .help = "id of the one zone, for a token without Zone:Read" },
    { .name = "zone",
      .type = ACMECORE_OPTION_TEXT,
      .help = "zone of all names of this solver; else the one that is found in DNS" },
    { .name = "ttl",
      .type = ACMECORE_OPTION_NUMBER,
      .minimum = 60,
      .maximum = 86400,
      .fallback = "60",
      .help = "TTL of the records in seconds" },
    { .name = "url",
      .type = ACMECORE_OPTION_TEXT,
      .fallback = "https://api.cloudflare.com/client/v4",
      .help = "where the API is" },
    { .name = "ca-file",
      .type = ACMECORE_OPTION_PATH,
      .help = "PEM file of the CA that the API's certificate is from" },
};

ACMECORE_EXPORT const struct acmecore_plugin acmecore_plugin = {
    ACMECORE_PLUGIN_HEADER(ACMECORE_SOLVER, "dns01-cloudflare", "1.0", 0),
    .flags = ACMECORE_USES_NETWORK,
    .option_count = sizeof options / sizeof *options,
    .options = options,
    .open = open_instance,
    .close = close_instance,
    .ops.solver = &solver,
};
