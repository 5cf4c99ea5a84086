/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What solvers for DNS providers with an HTTP API have in common: JSON exchanges (with
 * Jansson: LIBRARIES jansson) and a batch taken apart by zone. A help, no part of the
 * ABI: all of it is compiled into the plugin, over the services of its host alone.
 */
#ifndef ACMECORE_PROVIDER_H
#define ACMECORE_PROVIDER_H

#include <acmecore/plugin.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define ACMECORE_JSON_BODY_MAX    (8u * 1024u * 1024u) /* bytes of an answer */
#define ACMECORE_JSON_HEADERS_MAX 8                    /* of the plugin's own */
#define ACMECORE_RETRY_MAX_S      1000000 /* longer than that is only long */
#define ACMECORE_TXT_STRING       255     /* bytes of a string, RFC 1035 3.3 */
#define ACMECORE_TXT_STEP         9       /* bytes that one byte of a value may need */
#define ACMECORE_ZONE_SIZE        256     /* a name in DNS, RFC 1035 2.3.4 */

struct acmecore_json_request {
    const char *method;
    const char *url;
    const char *secret; /* an option of type SECRET, for a header; or NULL */
    const char
        *secret_header; /* what stands before it: "X-API-Key: "; needed with it */
    const char *const
        *headers;        /* further ones, "Name: value", NULL-terminated; or NULL */
    const char *ca_path; /* as in struct acmecore_request */
    const json_t *body;  /* or NULL */
    long *ret_retry_s;   /* gets what Retry-After says in seconds, else 0; or NULL */
};

struct acmecore_json_exchange {
    const struct acmecore_host *host;
    const struct acmecore_json_request *request;
    char *body;
    long code;
    char *answer;
    size_t size;
    int has_secret; /* it was there, and of what went wrong then the reason is known */
};

static inline int acmecore_json_take(void *arg, const void *data, size_t size)
{
    struct acmecore_json_exchange *exchange = (struct acmecore_json_exchange *)arg;
    char *longer = (char *)realloc(exchange->answer, exchange->size + size + 1);

    if (!longer)
        return exchange->host->fail(exchange->host->ctx, ACMECORE_E_SYSTEM,
                                    "no memory");
    memcpy(longer + exchange->size, data, size);
    exchange->answer = longer;
    exchange->size += size;
    return ACMECORE_OK;
}

/* A header line of the answer. */
static inline int acmecore_json_look(void *arg, const void *data, size_t size)
{
    static const char name[] = "Retry-After:";
    const struct acmecore_json_exchange *exchange =
        (const struct acmecore_json_exchange *)arg;
    const char *line = (const char *)data;
    long seconds = 0;

    if (size < sizeof name || strncasecmp(line, name, sizeof name - 1) != 0)
        return ACMECORE_OK;
    for (size_t i = sizeof name - 1; i < size && seconds < ACMECORE_RETRY_MAX_S; i++) {
        int is_digit = line[i] >= '0' && line[i] <= '9';
        if (!is_digit && line[i] != ' ')
            return ACMECORE_OK; /* a date */
        seconds = is_digit ? 10 * seconds + line[i] - '0' : seconds;
    }
    *exchange->request->ret_retry_s = seconds;
    return ACMECORE_OK;
}

static inline int acmecore_json_send(struct acmecore_json_exchange *exchange,
                                     const char *secret_line)
{
    const struct acmecore_host *host = exchange->host;
    const struct acmecore_json_request *asked = exchange->request;
    const char *headers[ACMECORE_JSON_HEADERS_MAX + 4] = { "Accept: application/json" };
    size_t count = 1;

    if (exchange->body)
        headers[count++] = "Content-Type: application/json";
    if (secret_line)
        headers[count++] = secret_line;
    for (size_t i = 0; asked->headers && asked->headers[i]; i++) {
        if (i >= ACMECORE_JSON_HEADERS_MAX)
            return host->fail(host->ctx, ACMECORE_E_INVALID, "too many headers");
        headers[count++] = asked->headers[i];
    }
    struct acmecore_request request;
    memset(&request, 0, sizeof request);
    request.struct_size = sizeof request;
    request.max_body = ACMECORE_JSON_BODY_MAX;
    request.method = asked->method;
    request.url = asked->url;
    request.headers = headers;
    request.body = exchange->body;
    request.body_size = exchange->body ? strlen(exchange->body) : 0;
    request.ca_path = asked->ca_path;
    if (asked->ret_retry_s) {
        *asked->ret_retry_s = 0;
        request.answer = acmecore_json_look;
        request.answer_arg = exchange;
    }
    return host->http(host->ctx, &request, &exchange->code, acmecore_json_take,
                      exchange);
}

/* The secret is in memory only as long as the exchange takes. */
static inline int acmecore_json_send_secret(void *arg, const void *data, size_t size)
{
    struct acmecore_json_exchange *exchange = (struct acmecore_json_exchange *)arg;
    const char *name = exchange->request->secret_header;
    size_t name_size = strlen(name);
    char *line = (char *)malloc(name_size + size + 1);

    exchange->has_secret = 1;
    if (!line)
        return exchange->host->fail(exchange->host->ctx, ACMECORE_E_SYSTEM,
                                    "no memory");
    memcpy(line, name, name_size);
    memcpy(line + name_size, data, size);
    line[name_size + size] = '\0';
    int status = acmecore_json_send(exchange, line);
    volatile char *wipe = line;
    for (size_t i = 0; i < name_size + size; i++)
        wipe[i] = 0;
    free(line);
    return status;
}

static inline int acmecore_json_send_with_secret(
    struct acmecore_json_exchange *exchange)
{
    const struct acmecore_host *host = exchange->host;
    const char *name = exchange->request->secret;

    if (!exchange->request->secret_header) {
        return host->fail(host->ctx, ACMECORE_E_INVALID,
                          "a secret without the header that it belongs to");
    }
    int status = host->secret(host->ctx, name, acmecore_json_send_secret, exchange);
    if (status == ACMECORE_E_NOTFOUND && !exchange->has_secret)
        return host->fail(host->ctx, status, "the option %s is not set", name);
    if (status == ACMECORE_E_SYSTEM && !exchange->has_secret)
        return host->fail(host->ctx, status, "no memory for the option %s", name);
    return status;
}

/*
 * One request with a JSON body, and its answer.
 *
 * ret_code     the HTTP status
 * ret_answer   yours, to json_decref; NULL when it is empty or no JSON, and on failure
 * What is not ACMECORE_OK was recorded by host->fail; an HTTP status of any kind is OK.
 */
static inline int acmecore_json_http(const struct acmecore_host *host,
                                     const struct acmecore_json_request *request,
                                     long *ret_code, json_t **ret_answer)
{
    struct acmecore_json_exchange exchange = { host, request, NULL, 0, NULL, 0, 0 };

    *ret_answer = NULL;
    if (request->body) {
        exchange.body = json_dumps(request->body, JSON_COMPACT);
        if (!exchange.body)
            return host->fail(host->ctx, ACMECORE_E_SYSTEM, "no memory");
    }
    int status = request->secret ? acmecore_json_send_with_secret(&exchange)
                                 : acmecore_json_send(&exchange, NULL);
    free(exchange.body);
    if (status == ACMECORE_OK)
        *ret_code = exchange.code;
    if (status == ACMECORE_OK && exchange.answer) {
        *ret_answer =
            json_loadb(exchange.answer, exchange.size, JSON_REJECT_DUPLICATES, NULL);
    }
    free(exchange.answer);
    return status;
}

/* A text of an object, or the fallback: never NULL unless the fallback is. Lent. */
static inline const char *acmecore_json_text(const json_t *object, const char *name,
                                             const char *fallback)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : fallback;
}

/* ---- the content of TXT records ------------------------------------------ */

/* A byte of a quoted string, which may be an escape (RFC 1035 5.1); *at stays on its
 * last character. */
static inline unsigned char acmecore_txt_byte(const char **at)
{
    const unsigned char *text = (const unsigned char *)*at;
    int number = 0;
    int digits = 0;

    if (text[0] != '\\' || text[1] == '\0')
        return text[0];
    while (digits < 3 && text[digits + 1] >= '0' && text[digits + 1] <= '9')
        number = 10 * number + text[++digits] - '0';
    *at += digits == 3 ? 3 : 1;
    return digits == 3 ? (unsigned char)number : text[1];
}

/* Is this content of a record this value? Content without quotes is the value itself;
 * else it is strings in quotes, one or several. */
static inline int acmecore_txt_is(const char *content, const char *value)
{
    int is_inside = 0;

    if (content[0] != '"')
        return strcmp(content, value) == 0;
    for (; *content; content++) {
        if (*content == '"') {
            is_inside = !is_inside;
        } else if (is_inside) {
            if (!*value || acmecore_txt_byte(&content) != (unsigned char)*value++)
                return 0;
        } else if (*content != ' ') {
            return 0;
        }
    }
    return !is_inside && !*value;
}

/* The value as strings in quotes, as many as it takes (RFC 1035 3.3: 255 bytes each).
 * 0: it does not fit into `size` bytes. */
static inline int acmecore_txt_write(const char *value, char *content, size_t size)
{
    size_t used = 0;

    if (size <= ACMECORE_TXT_STEP)
        return 0;
    content[used++] = '"';
    for (size_t i = 0; value[i]; i++) {
        const unsigned char byte = (unsigned char)value[i];
        const char *between = i > 0 && i % ACMECORE_TXT_STRING == 0 ? "\" \"" : "";
        const char *escape = byte == '"' || byte == '\\' ? "\\" : "";
        int is_plain = byte >= ' ' && byte <= '~';
        if (size - used <= ACMECORE_TXT_STEP)
            return 0;
        int step =
            is_plain
                ? snprintf(content + used, size - used, "%s%s%c", between, escape, byte)
                : snprintf(content + used, size - used, "%s\\%03d", between, byte);
        used += (size_t)step;
    }
    memcpy(content + used, "\"", 2);
    return 1;
}

/* ---- a batch, zone by zone ---------------------------------------------- */

/* The challenges of one zone: all of them get the result. zone: lower case, without the
 * final dot. */
typedef int acmecore_change_zone(void *arg, const char *zone,
                                 const struct acmecore_challenge *const *challenges,
                                 size_t count);

/* A batch in the hands of acmecore_by_zone(). */
struct acmecore_zones {
    const struct acmecore_host *host;
    const char *zone; /* of all; or NULL */
    const struct acmecore_challenge *const *challenges;
    size_t count;
    int *results; /* PENDING: its zone had no turn yet */
};

/* The option as names in DNS are given here. False: it is too long. */
static inline int acmecore_clean_zone(const char *zone, char clean[ACMECORE_ZONE_SIZE])
{
    size_t size = strlen(zone);

    if (size > 0 && zone[size - 1] == '.')
        size--;
    if (size >= ACMECORE_ZONE_SIZE)
        return 0;
    for (size_t i = 0; i < size; i++) {
        int is_capital = zone[i] >= 'A' && zone[i] <= 'Z';
        clean[i] = (char)(is_capital ? zone[i] - 'A' + 'a' : zone[i]);
    }
    clean[size] = '\0';
    return 1;
}

/* Is it the zone's own name, or one below it? */
static inline int acmecore_is_within(const char *name, const char *zone)
{
    size_t name_size = strlen(name);
    size_t size = strlen(zone);

    if (size == 0 || size > name_size || strcasecmp(name + name_size - size, zone) != 0)
        return 0;
    return size == name_size || name[name_size - size - 1] == '.';
}

/* PENDING; or what is wrong with the zone of this one, with the reason. */
static inline int acmecore_look_at_zone(const struct acmecore_zones *zones,
                                        size_t index)
{
    const struct acmecore_host *host = zones->host;
    const char *name = zones->challenges[index]->record_name;

    if (!zones->zone && !zones->challenges[index]->record_zone) {
        return host->fail_at(host->ctx, index, ACMECORE_E_CONFIG,
                             "the zone of %s is not known: set the option zone", name);
    }
    if (zones->zone && !acmecore_is_within(name, zones->zone)) {
        return host->fail_at(host->ctx, index, ACMECORE_E_CONFIG,
                             "%s is not in the zone %s, which the option zone names",
                             name, zones->zone);
    }
    return ACMECORE_PENDING;
}

static inline const char *acmecore_zone_of(const struct acmecore_zones *zones,
                                           size_t index)
{
    return zones->zone ? zones->zone : zones->challenges[index]->record_zone;
}

/* All from `first` on that are in its zone. part: room for them. */
static inline void acmecore_do_zone(const struct acmecore_zones *zones, size_t first,
                                    const struct acmecore_challenge **part,
                                    acmecore_change_zone *change, void *arg)
{
    const struct acmecore_host *host = zones->host;
    const char *zone = acmecore_zone_of(zones, first);
    size_t size = 0;

    for (size_t i = first; i < zones->count; i++) {
        if (zones->results[i] == ACMECORE_PENDING
            && strcmp(acmecore_zone_of(zones, i), zone) == 0)
            part[size++] = zones->challenges[i];
    }
    int status = change(arg, zone, part, size);
    for (size_t i = first; i < zones->count; i++) {
        if (zones->results[i] != ACMECORE_PENDING
            || strcmp(acmecore_zone_of(zones, i), zone) != 0)
            continue;
        zones->results[i] = status;
        if (status != ACMECORE_OK)
            (void)host->fail_at(host->ctx, i, status, "%s", "");
    }
}

/*
 * Calls `change` once for each zone of the batch, and sets the results, each with the
 * reason of its own zone: host->fail had it from `change`, or from a service.
 *
 * zone     for all challenges (the plugin's own option); what is not in it is E_CONFIG.
 *          NULL: each is in the zone that the host has found for it
 * returns  ACMECORE_OK, or the last error
 */
static inline int acmecore_by_zone(const struct acmecore_host *host, const char *zone,
                                   const struct acmecore_challenge *const *challenges,
                                   size_t count, int *results,
                                   acmecore_change_zone *change, void *arg)
{
    char clean[ACMECORE_ZONE_SIZE] = "";
    const struct acmecore_zones zones = { host, zone ? clean : NULL, challenges, count,
                                          results };
    int worst = ACMECORE_OK;

    if (count == 0)
        return ACMECORE_OK;
    if (zone && !acmecore_clean_zone(zone, clean)) {
        return host->fail(host->ctx, ACMECORE_E_CONFIG,
                          "the option zone is longer than any name in DNS");
    }
    const struct acmecore_challenge **part =
        (const struct acmecore_challenge **)calloc(count, sizeof *part);
    if (!part)
        return host->fail(host->ctx, ACMECORE_E_SYSTEM, "no memory");
    for (size_t i = 0; i < count; i++)
        results[i] = acmecore_look_at_zone(&zones, i);
    for (size_t i = 0; i < count; i++) {
        if (results[i] == ACMECORE_PENDING)
            acmecore_do_zone(&zones, i, part, change, arg);
        worst = results[i] != ACMECORE_OK ? results[i] : worst;
    }
    free(part);
    return worst;
}

#endif /* ACMECORE_PROVIDER_H */
