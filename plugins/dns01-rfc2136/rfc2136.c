/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dns01-rfc2136: writes the TXT records of challenges (RFC 8555 §8.4) with dynamic
 * updates (RFC 2136) that are signed with TSIG (RFC 8945).
 */
#include <acmecore/plugin.h>

#include "apex.h"
#include "update.h"

#include <stdlib.h>
#include <string.h>

struct rfc2136 {
    const struct acmecore_host *host;
    struct settings settings;
};

/* One call of present() or cleanup(). */
struct job {
    const struct rfc2136 *self;
    bool is_removal;
    size_t count;
    struct update_item *items;   /* in the order of the challenges */
    struct update_item **sorted; /* those that can be sent, by zone and name */
    size_t sorted_count;
};

static int rfc2136_open(const struct acmecore_host *host, void **ret_self);
static void rfc2136_close(void *self);
static int present(void *self, const struct acmecore_challenge *const *challenges,
                   size_t count, int *results);
static int cleanup(void *self, const struct acmecore_challenge *const *challenges,
                   size_t count, int *results);
static int run(struct job *job, const struct acmecore_challenge *const *challenges,
               int *results);
static void work(struct job *job, struct session *session,
                 const struct acmecore_challenge *const *challenges);
static int fail_all(const struct job *job, int *results, int status);
static void drop_job(struct job *job);
static int prepare(const struct job *job, struct session *session,
                   const struct acmecore_challenge *challenge,
                   struct update_item *item);
static int check(const struct job *job, const struct acmecore_challenge *challenge);
static int find_zone(const struct job *job, struct session *session,
                     const struct acmecore_challenge *challenge,
                     struct update_item *item);
static const char *record_zone(const struct acmecore_challenge *challenge);
static void send_by_zone(const struct job *job, struct session *session);
static int compare(const void *one, const void *other);

static const struct acmecore_solver solver = {
    .struct_size = sizeof solver,
    .types =
        (const char *const[]){ "dns-01", "dns-account-01", "dns-persist-01", NULL },
    .present = present,
    .cleanup = cleanup,
};

static const char *const protocols[] = { "tcp", "udp", NULL };

static const struct acmecore_option options[] = {
    { .name = "server",
      .type = ACMECORE_OPTION_ADDRESS,
      .flags = ACMECORE_REQUIRED | ACMECORE_LIST,
      .help = "primary name server of the zone, such as ns1.example.com or "
              "192.0.2.1:53; further ones for when it fails" },
    { .name = "zone",
      .type = ACMECORE_OPTION_TEXT,
      .help = "apex of the zone to change; without it, it is found" },
    { .name = "ttl",
      .type = ACMECORE_OPTION_NUMBER,
      .minimum = 1,
      .maximum = 86400,
      .fallback = "60",
      .help = "TTL of the records in seconds" },
    { .name = "protocol",
      .choices = protocols,
      .type = ACMECORE_OPTION_TEXT,
      .fallback = "tcp",
      .help = "how the server is asked" },
    { .name = "tsig-key-file",
      .type = ACMECORE_OPTION_SECRET,
      .help = "file with the key, as tsig-keygen or keymgr -t print it" },
    { .name = "tsig-name",
      .type = ACMECORE_OPTION_TEXT,
      .help = "name of the key; with tsig-key-file, which one of several" },
    { .name = "tsig-algorithm",
      .type = ACMECORE_OPTION_TEXT,
      .fallback = "hmac-sha256",
      .help = "of tsig-secret: hmac-sha256, -sha384, -sha512, -sha224 or -sha1" },
    { .name = "tsig-secret",
      .type = ACMECORE_OPTION_SECRET,
      .help = "file with nothing but the secret of the key, in base64" },
};

const struct acmecore_plugin acmecore_plugin = {
    ACMECORE_PLUGIN_HEADER(ACMECORE_SOLVER, "dns01-rfc2136", "1.0", 0),
    .flags = ACMECORE_USES_NETWORK,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .open = rfc2136_open,
    .close = rfc2136_close,
    .ops.solver = &solver,
};

static int rfc2136_open(const struct acmecore_host *host, void **ret_self)
{
    struct rfc2136 *self = calloc(1, sizeof *self);
    int status = ACMECORE_OK;

    if (!self)
        return host->fail(host->ctx, ACMECORE_E_SYSTEM, "out of memory");
    self->host = host;
    status = settings_read(host, &self->settings);
    if (status != ACMECORE_OK) {
        free(self);
        return status;
    }
    *ret_self = self;
    return ACMECORE_OK;
}

static void rfc2136_close(void *self)
{
    struct rfc2136 *rfc2136 = self;

    settings_drop(&rfc2136->settings);
    free(rfc2136);
}

static int present(void *self, const struct acmecore_challenge *const *challenges,
                   size_t count, int *results)
{
    struct job job = { .self = self, .count = count };

    return run(&job, challenges, results);
}

static int cleanup(void *self, const struct acmecore_challenge *const *challenges,
                   size_t count, int *results)
{
    struct job job = { .self = self, .is_removal = true, .count = count };

    return run(&job, challenges, results);
}

static int run(struct job *job, const struct acmecore_challenge *const *challenges,
               int *results)
{
    const struct acmecore_host *host = job->self->host;
    struct session *session = NULL;
    int status = ACMECORE_OK;

    if (job->count == 0)
        return ACMECORE_OK;
    session = session_new(host, &job->self->settings, &status);
    if (!session)
        return fail_all(job, results, status);
    job->items = calloc(job->count, sizeof *job->items);
    job->sorted = calloc(job->count, sizeof(void *));
    if (job->items && job->sorted) {
        work(job, session, challenges);
        for (size_t i = 0; i < job->count; i++) {
            results[i] = job->items[i].status;
            status = results[i] != ACMECORE_OK ? results[i] : status;
        }
    } else {
        status = host->fail(host->ctx, ACMECORE_E_SYSTEM, "out of memory");
        (void)fail_all(job, results, status);
    }
    drop_job(job);
    session_free(session);
    return status;
}

static void work(struct job *job, struct session *session,
                 const struct acmecore_challenge *const *challenges)
{
    for (size_t i = 0; i < job->count; i++) {
        struct update_item *item = &job->items[i];

        item->status = prepare(job, session, challenges[i], item);
        if (item->status == ACMECORE_OK && item->zone)
            job->sorted[job->sorted_count++] = item;
    }
    qsort(job->sorted, job->sorted_count, sizeof(void *), compare);
    send_by_zone(job, session);
}

static int fail_all(const struct job *job, int *results, int status)
{
    for (size_t i = 0; i < job->count; i++)
        results[i] = status;
    return status;
}

static void drop_job(struct job *job)
{
    for (size_t i = 0; job->items && i < job->count; i++) {
        name_drop(&job->items[i].name);
        name_drop(&job->items[i].zone);
    }
    free(job->items);
    free(job->sorted);
}

/* An item without zone needs no update. */
static int prepare(const struct job *job, struct session *session,
                   const struct acmecore_challenge *challenge, struct update_item *item)
{
    const struct acmecore_host *host = job->self->host;
    int status = ACMECORE_OK;

    if (host->remaining_ms(host->ctx) <= 0) {
        return host->fail(host->ctx, ACMECORE_E_TIMEOUT,
                          "the time was over before the turn of %s",
                          challenge->identifier);
    }
    status = check(job, challenge);
    /* What we would have refused to present cannot be there. */
    if (status != ACMECORE_OK)
        return job->is_removal ? ACMECORE_OK : status;
    item->value = challenge->record_value;
    item->name = name_parse(challenge->record_name);
    if (!item->name) {
        return host->fail(host->ctx, ACMECORE_E_INVALID,
                          "\"%s\" is no domain name, for the challenge of %s",
                          challenge->record_name, challenge->identifier);
    }
    return find_zone(job, session, challenge, item);
}

static int check(const struct job *job, const struct acmecore_challenge *challenge)
{
    const struct acmecore_host *host = job->self->host;
    size_t size = 0;

    if (!challenge->record_name || !challenge->record_value) {
        return host->fail(host->ctx, ACMECORE_E_INVALID,
                          "the challenge of %s has no DNS record",
                          challenge->identifier);
    }
    size = strnlen(challenge->record_value, MESSAGE_TXT_MAX + 1);
    if (size == 0 || size > MESSAGE_TXT_MAX) {
        return host->fail(host->ctx, ACMECORE_E_INVALID,
                          "the value for %s is not 1 to %d bytes",
                          challenge->identifier, MESSAGE_TXT_MAX);
    }
    return ACMECORE_OK;
}

static int find_zone(const struct job *job, struct session *session,
                     const struct acmecore_challenge *challenge,
                     struct update_item *item)
{
    const struct acmecore_host *host = job->self->host;
    const ldns_rdf *configured = job->self->settings.zone;
    const char *known = record_zone(challenge);

    if (!configured && !known)
        return apex_find(session, item->name, &item->zone);
    item->zone = configured ? ldns_rdf_clone(configured) : name_parse(known);
    if (!item->zone) {
        return host->fail(host->ctx, ACMECORE_E_INVALID,
                          "\"%s\" is no domain name, for the zone of %s",
                          configured ? "zone" : known, challenge->record_name);
    }
    if (name_is_in(item->name, item->zone))
        return ACMECORE_OK;
    if (job->is_removal) { /* with these settings it was never written */
        name_drop(&item->zone);
        return ACMECORE_OK;
    }
    return host->fail(host->ctx, ACMECORE_E_CONFIG, "%s is not in the zone %s%s",
                      challenge->record_name, name_format(item->zone).text,
                      configured ? ": use another solver for it, or correct the option "
                                   "zone"
                                 : "");
}

/* A host from before this field has shorter structs. */
static const char *record_zone(const struct acmecore_challenge *challenge)
{
    return ACMECORE_HAS(challenge, record_zone) ? challenge->record_zone : NULL;
}

static void send_by_zone(const struct job *job, struct session *session)
{
    size_t first = 0;

    for (size_t i = 1; i <= job->sorted_count; i++) {
        if (i < job->sorted_count
            && name_is_equal(job->sorted[i]->zone, job->sorted[first]->zone))
            continue;
        update_zone(session, job->sorted + first, i - first, job->is_removal);
        first = i;
    }
}

static int compare(const void *one, const void *other)
{
    const struct update_item *const *left = one;
    const struct update_item *const *right = other;
    int order = ldns_dname_compare((*left)->zone, (*right)->zone);

    return order != 0 ? order : ldns_dname_compare((*left)->name, (*right)->name);
}
