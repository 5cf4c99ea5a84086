/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/session_dns.h"

#include "pluginhost/dns_caa.h"

#include <stdlib.h>
#include <string.h>

#define NAME_ALPHABET "abcdefghijklmnopqrstuvwxyz0123456789-_."
#define TOLD_MAX      5 /* challenges; a thousand would be a flood */

/* ---- locate ------------------------------------------------------------- */

/* An alias may lead to a name that no record of ours can have. */
static bool is_plain(const struct ac_dns_place *place)
{
    return ac_text_is_made_of(place->name, NAME_ALPHABET, 0, AC_DNS_NAME_SIZE)
           && ac_text_is_made_of(place->zone, NAME_ALPHABET, 0, AC_DNS_NAME_SIZE);
}

static enum ac_code describe_place(const struct ac_dns_place *place,
                                   struct ac_json **ret_json, struct ac_error *err)
{
    if (place->status != ACMECORE_OK) {
        return ac_json_new(ret_json, err, "{s:i, s:s}", "status", place->status,
                           "detail", place->reason);
    }
    if (!is_plain(place)) {
        return ac_json_new(ret_json, err, "{s:i, s:s}", "status", ACMECORE_E_CONFIG,
                           "detail",
                           "its alias (CNAME) leads to a name with odd "
                           "characters");
    }
    return ac_json_new(ret_json, err, "{s:i, s:s?, s:s?}", "status", ACMECORE_OK,
                       "name", *place->name ? place->name : NULL, "zone",
                       *place->zone ? place->zone : NULL);
}

/* "values": absent where it is not known what there is. */
static enum ac_code add_values(const struct ac_dns_values *values,
                               struct ac_json *entry, struct ac_error *err)
{
    if (!values->is_known)
        return AC_OK;
    return ac_json_set_words(entry, "values", &values->texts, err);
}

static enum ac_code describe_places(const struct ac_dns_place *places,
                                    const struct ac_dns_values *values, size_t count,
                                    struct ac_json **ret_array, struct ac_error *err)
{
    AC_AUTO(ac_json) *array = NULL;

    AC_TRY(ac_json_new(&array, err, "[]"));
    for (size_t i = 0; i < count; i++) {
        AC_AUTO(ac_json) *entry = NULL;
        AC_TRY(describe_place(&places[i], &entry, err));
        AC_TRY(add_values(&values[i], entry, err));
        AC_TRY(ac_json_append(array, &entry, err));
    }
    *ret_array = AC_TAKE(array);
    return AC_OK;
}

enum ac_code ac_session_locate(const struct ac_session *session,
                               const struct ac_json *json, int64_t deadline_ms,
                               struct ac_json **ret_results, struct ac_error *err)
{
    AC_AUTO(ac_batch) batch = { 0 };
    struct ac_dns_place *places = NULL;
    struct ac_dns_values *values = NULL;

    if (!session->is_open || !session->dns)
        return ac_fail(err, AC_E_PROTOCOL, "no operation \"locate\" now");
    AC_TRY(ac_batch_from_json(ac_json_get(json, "challenges"), &batch, err));
    AC_TRY(ac_dns_find_places(session->dns, &batch, deadline_ms, &places, err));
    enum ac_code code =
        ac_dns_find_values(session->dns, &batch, places, deadline_ms, &values, err);
    if (code == AC_OK)
        code = describe_places(places, values, batch.count, ret_results, err);
    ac_dns_values_free(values, batch.count);
    free(places);
    return code;
}

/* ---- after the plugin's own probe --------------------------------------- */

/* The first few that were given up, a log line for each server. */
static void tell(struct ac_session *session, const struct ac_batch *batch,
                 const struct ac_dns_verdict *verdicts)
{
    const struct acmecore_host *host = &session->services.host;
    size_t told = 0;

    for (size_t i = 0; i < batch->count && told < TOLD_MAX; i++) {
        for (size_t j = 0; j < verdicts[i].report.count; j++) {
            host->log(host->ctx, ACMECORE_WARN, "%s at %s", batch->items[i].record_name,
                      verdicts[i].report.items[j]);
        }
        told += verdicts[i].report.count > 0;
    }
}

enum ac_code ac_session_look(struct ac_session *session, const struct ac_batch *batch,
                             int *results, int64_t deadline_ms,
                             struct ac_dns_verdict **ret_verdicts, struct ac_error *err)
{
    struct ac_dns_verdict *verdicts = NULL;

    AC_TRY(ac_memory_new(batch->count, sizeof *verdicts, &verdicts, err));
    for (size_t i = 0; i < batch->count; i++)
        verdicts[i].status = results[i];
    enum ac_code code = ac_dns_probe(session->dns, batch, verdicts, deadline_ms, err);
    if (code != AC_OK) {
        ac_dns_verdicts_free(verdicts, batch->count);
        return code;
    }
    for (size_t i = 0; i < batch->count; i++)
        results[i] = verdicts[i].status;
    tell(session, batch, verdicts);
    *ret_verdicts = verdicts;
    return AC_OK;
}
/* ---- CAA ---------------------------------------------------------------- */

/* What the message says; all text is lent by it. */
struct caa {
    struct ac_dns_resolvers resolvers;
    struct ac_words identities;
    struct ac_dns_caa_request request;
    struct ac_dns_caa_name *names;
    size_t count;
};

static void caa_done(struct caa *caa)
{
    ac_words_done(&caa->identities);
    if (caa->names)
        ac_dns_caa_names_done(caa->names, caa->count);
    free(caa->names);
}

static enum ac_code read_resolvers(const struct ac_json *json,
                                   struct ac_dns_resolvers *resolvers,
                                   struct ac_error *err)
{
    AC_AUTO(ac_words) words = { 0 };

    AC_TRY(ac_json_get_words(json, "resolvers", &words, err));
    for (size_t i = 0; i < words.count; i++)
        AC_TRY(ac_dns_resolvers_add(resolvers, words.items[i], err));
    if (resolvers->count > 0)
        return AC_OK;
    return ac_dns_resolvers_read(AC_DNS_RESOLV_CONF, resolvers, err);
}

static enum ac_code read_names(const struct ac_json *json, struct caa *caa,
                               struct ac_error *err)
{
    const struct ac_json *array = NULL;

    AC_TRY(ac_json_get_array(json, "names", &array, err));
    if (ac_json_count(array) > AC_MESSAGE_BATCH_MAX)
        return ac_fail(err, AC_E_INVALID, "over %d names", AC_MESSAGE_BATCH_MAX);
    AC_TRY(ac_memory_new(ac_json_count(array), sizeof *caa->names, &caa->names, err));
    caa->count = ac_json_count(array);
    for (size_t i = 0; i < caa->count; i++) {
        const struct ac_json *item = ac_json_at(array, i);
        struct ac_dns_caa_name *name = &caa->names[i];
        AC_TRY(ac_json_get_text(item, "name", &name->name, err));
        if (!ac_text_is_made_of(name->name, NAME_ALPHABET, 1, AC_DNS_NAME_SIZE - 1))
            return ac_fail(err, AC_E_INVALID, "\"%s\" is no DNS name", name->name);
        name->method = ac_json_text_or(item, "method", NULL);
        name->is_wildcard = ac_json_bool_or(item, "is_wildcard", false);
    }
    return AC_OK;
}

static enum ac_code describe_findings(const struct caa *caa, struct ac_json **ret_array,
                                      struct ac_error *err)
{
    AC_AUTO(ac_json) *array = NULL;

    AC_TRY(ac_json_new(&array, err, "[]"));
    for (size_t i = 0; i < caa->count; i++) {
        AC_AUTO(ac_json) *entry = NULL;
        if (!caa->names[i].finding)
            continue;
        AC_TRY(ac_json_new(&entry, err, "{s:I, s:s}", "index", (int64_t)i, "text",
                           caa->names[i].finding));
        AC_TRY(ac_json_append(array, &entry, err));
    }
    *ret_array = AC_TAKE(array);
    return AC_OK;
}

enum ac_code ac_session_caa(const struct ac_json *json, int64_t deadline_ms,
                            struct ac_json **ret_findings, struct ac_error *err)
{
    __attribute__((cleanup(caa_done))) struct caa caa = { 0 };

    AC_TRY(read_names(json, &caa, err));
    AC_TRY(ac_json_get_words(json, "identities", &caa.identities, err));
    AC_TRY(read_resolvers(json, &caa.resolvers, err));
    caa.request.identities = &caa.identities;
    caa.request.account_url = ac_json_text_or(json, "account_url", NULL);
    AC_TRY(ac_dns_caa_check(&caa.resolvers, &caa.request, caa.names, caa.count,
                            deadline_ms, err));
    return describe_findings(&caa, ret_findings, err);
}
