/* SPDX-License-Identifier: Apache-2.0 */
#include "pluginhost/dns.h"
#include "pluginhost/loader_describe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAMILY     "dns-"
#define PERSIST    "dns-persist-01"
#define RESOLVER   "resolver"
#define VISIBILITY "visibility"
#define TIMEOUT    "visibility-timeout"
#define QUORUM     "quorum"
#define WAIT       "wait:"

struct ac_dns {
    struct ac_dns_visible_settings settings;
    struct ac_dns_visible *visible;
};

static const struct acmecore_option options[] = {
    { .name = RESOLVER,
      .type = ACMECORE_OPTION_ADDRESS,
      .flags = ACMECORE_LIST,
      .help = "resolver to ask for aliases, zones and name servers, host:port; several "
              "are tried in turn (default: those of " AC_DNS_RESOLV_CONF ")" },
    { .name = VISIBILITY,
      .type = ACMECORE_OPTION_TEXT,
      .fallback = "authoritative",
      .help = "where a record must be seen before the CA is told: authoritative (at "
              "all name servers of its zone), resolver, wait:SECONDS, or off" },
    { .name = TIMEOUT,
      .type = ACMECORE_OPTION_NUMBER,
      .minimum = 1,
      .maximum = AC_DNS_TIMEOUT_MAX_S,
      .fallback = AC_STRINGIFY(AC_DNS_TIMEOUT_S),
      .help = "seconds until a record that is not visible is given up" },
    { .name = QUORUM,
      .type = ACMECORE_OPTION_TEXT,
      .help =
          "how many of the zone's name servers must have the record: all, majority "
          "or a number (default: all that answer, and more than half must answer)" },
};

/* ---- description -------------------------------------------------------- */

bool ac_dns_is_for(const struct ac_loaded *loaded)
{
    const char *const *types = loaded->solver.types;

    for (size_t i = 0; types && types[i]; i++) {
        if (!strncmp(types[i], FAMILY, sizeof FAMILY - 1))
            return true;
    }
    return false;
}

enum ac_code ac_dns_describe(struct ac_json *plugin, struct ac_error *err)
{
    AC_TRY(ac_loader_add_options(plugin, options, AC_COUNT(options), err));
    return ac_json_set_bool(plugin, "has_probe", true, err);
}

/* ---- settings ----------------------------------------------------------- */

/* NULL: not set, or not ours to read. */
static const char *get_option(const struct acmecore_host *host,
                              const struct ac_loaded *loaded, const char *name,
                              size_t index)
{
    return ac_loader_declares(loaded, name) ? NULL
                                            : host->option(host->ctx, name, index);
}

static enum ac_code read_visibility(const char *text,
                                    struct ac_dns_visible_settings *settings,
                                    struct ac_error *err)
{
    struct ac_error ignored = { 0 };
    int64_t seconds = 0;

    if (!text || !strcmp(text, "authoritative")) {
        settings->mode = AC_DNS_AUTHORITATIVE;
    } else if (!strcmp(text, "resolver")) {
        settings->mode = AC_DNS_RESOLVER;
    } else if (!strcmp(text, "off")) {
        settings->mode = AC_DNS_OFF;
    } else if (!strncmp(text, WAIT, sizeof WAIT - 1)
               && ac_text_parse_number(text + sizeof WAIT - 1, 0, AC_DNS_TIMEOUT_MAX_S,
                                       &seconds, &ignored)
                      == AC_OK) {
        settings->mode = AC_DNS_WAIT;
        settings->wait_ms = seconds * 1000;
    } else {
        return ac_fail(err, AC_E_USAGE,
                       "option \"" VISIBILITY "\" is \"%s\"; it may be authoritative, "
                       "resolver, wait:SECONDS or off",
                       text);
    }
    return AC_OK;
}

static enum ac_code read_timeout(const char *text,
                                 struct ac_dns_visible_settings *settings,
                                 struct ac_error *err)
{
    int64_t seconds = AC_DNS_TIMEOUT_S;

    if (text
        && ac_text_parse_number(text, 1, AC_DNS_TIMEOUT_MAX_S, &seconds, err)
               != AC_OK) {
        return ac_fail(err, AC_E_USAGE,
                       "option \"" TIMEOUT "\" is \"%s\", not a number from 1 to %d",
                       text, AC_DNS_TIMEOUT_MAX_S);
    }
    settings->timeout_ms = seconds * 1000;
    return AC_OK;
}

static enum ac_code read_quorum(const char *text,
                                struct ac_dns_visible_settings *settings,
                                struct ac_error *err)
{
    if (ac_dns_quorum_parse(text, &settings->quorum))
        return AC_OK;
    return ac_fail(err, AC_E_USAGE,
                   "option \"" QUORUM "\" is \"%s\"; it may be all, majority or a "
                   "number from 1 to %d",
                   text, AC_DNS_SERVERS_MAX);
}

static enum ac_code read_resolvers(const struct acmecore_host *host,
                                   const struct ac_loaded *loaded,
                                   struct ac_dns_resolvers *resolvers,
                                   struct ac_error *err)
{
    const char *address = NULL;

    for (size_t i = 0; (address = get_option(host, loaded, RESOLVER, i)) != NULL; i++)
        AC_TRY(ac_dns_resolvers_add(resolvers, address, err));
    if (resolvers->count > 0)
        return AC_OK;
    return ac_dns_resolvers_read(AC_DNS_RESOLV_CONF, resolvers, err);
}

static enum ac_code read_settings(const struct acmecore_host *host,
                                  const struct ac_loaded *loaded,
                                  struct ac_dns_visible_settings *settings,
                                  struct ac_error *err)
{
    AC_TRY(read_visibility(get_option(host, loaded, VISIBILITY, 0), settings, err));
    if (ac_loader_declares(loaded, VISIBILITY))
        settings->mode = AC_DNS_OFF;
    AC_TRY(read_timeout(get_option(host, loaded, TIMEOUT, 0), settings, err));
    AC_TRY(read_quorum(get_option(host, loaded, QUORUM, 0), settings, err));
    return read_resolvers(host, loaded, &settings->resolvers, err);
}

enum ac_code ac_dns_new(const struct acmecore_host *host,
                        const struct ac_loaded *loaded, uint16_t port,
                        struct ac_dns **ret_dns, struct ac_error *err)
{
    AC_AUTO(ac_dns) *dns = NULL;

    AC_TRY(ac_memory_new(1, sizeof *dns, &dns, err));
    dns->settings.port = port;
    dns->settings.dead_ms = AC_DNS_VISIBLE_DEAD_MS;
    AC_TRY(read_settings(host, loaded, &dns->settings, err));
    AC_TRY(ac_dns_visible_new(&dns->settings, &dns->visible, err));
    *ret_dns = AC_TAKE(dns);
    return AC_OK;
}

void ac_dns_free(struct ac_dns *dns)
{
    if (!dns)
        return;
    ac_dns_visible_free(dns->visible);
    free(dns);
}

/* ---- operations --------------------------------------------------------- */

static void take_as_it_is(struct ac_dns_place *place, const char *name)
{
    (void)ac_dns_place_init(place, name);
    place->is_done = true;
}

static void init_places(const struct ac_batch *batch, struct ac_dns_place *places)
{
    for (size_t i = 0; i < batch->count; i++) {
        const char *name = batch->items[i].record_name;
        if (!name) {
            take_as_it_is(&places[i], "");
        } else if (!ac_dns_place_init(&places[i], name)) {
            places[i].status = ACMECORE_E_INVALID;
            places[i].is_done = true;
        }
    }
}

enum ac_code ac_dns_find_places(const struct ac_dns *dns, const struct ac_batch *batch,
                                int64_t deadline_ms, struct ac_dns_place **ret_places,
                                struct ac_error *err)
{
    struct ac_dns_place *places = NULL;

    AC_TRY(ac_memory_new(batch->count, sizeof *places, &places, err));
    init_places(batch, places);
    enum ac_code code =
        ac_dns_locate(&dns->settings.resolvers, places, batch->count, deadline_ms, err);
    if (code != AC_OK) {
        free(places);
        return code;
    }
    /* Split horizon: what is not known here may be known where the CA looks. */
    for (size_t i = 0; i < batch->count && dns->settings.mode == AC_DNS_OFF; i++) {
        bool is_unknown = places[i].is_nowhere || places[i].status != ACMECORE_E_CONFIG;

        if (places[i].status != ACMECORE_OK && is_unknown
            && batch->items[i].record_name)
            take_as_it_is(&places[i], batch->items[i].record_name);
    }
    *ret_places = places;
    return AC_OK;
}

enum ac_code ac_dns_find_values(const struct ac_dns *dns, const struct ac_batch *batch,
                                const struct ac_dns_place *places, int64_t deadline_ms,
                                struct ac_dns_values **ret_values, struct ac_error *err)
{
    struct ac_dns_values *values = NULL;

    AC_TRY(ac_memory_new(batch->count, sizeof *values, &values, err));
    for (size_t i = 0; i < batch->count; i++)
        values[i].is_wanted = !strcmp(batch->items[i].type, PERSIST);
    enum ac_code code = ac_dns_values_fetch(&dns->settings, places, values,
                                            batch->count, deadline_ms, err);
    if (code != AC_OK) {
        ac_dns_values_free(values, batch->count);
        return code;
    }
    *ret_values = values;
    return AC_OK;
}

enum ac_code ac_dns_probe(struct ac_dns *dns, const struct ac_batch *batch,
                          struct ac_dns_verdict *verdicts, int64_t deadline_ms,
                          struct ac_error *err)
{
    return ac_dns_visible_probe(dns->visible, batch->pointers, batch->count, verdicts,
                                deadline_ms, err);
}

char *ac_dns_reason(const struct ac_dns *dns, const struct ac_dns_verdict *verdict,
                    char buffer[AC_MESSAGE_DETAIL_MAX])
{
    AC_AUTO(ac_text) list = { 0 };
    struct ac_error ignored = { 0 };

    if (verdict->status != ACMECORE_E_TIMEOUT)
        return memset(buffer, 0, 1);
    if (ac_words_join(&verdict->report, "; ", &list, &ignored) != AC_OK)
        ac_text_done(&list);
    (void)snprintf(buffer, AC_MESSAGE_DETAIL_MAX,
                   "its record is not visible everywhere after %lld s: %s",
                   (long long)(dns->settings.timeout_ms / 1000), ac_text_get(&list));
    return buffer;
}
