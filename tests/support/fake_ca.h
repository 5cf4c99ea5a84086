/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A CA in place of net/http: the functions of net/http.h, answered from a script, with
 * a clock of its own. Included by one source of a test program, which then needs no
 * net.
 *
 * A request waits until fake_ca_turn, which answers all that are under way: one round
 * trip. Without a rule the directory, nonces and an empty object are given; each POST
 * must carry a nonce that was given and not used, or else it is answered by badNonce.
 */
#ifndef AC_TESTS_SUPPORT_FAKE_CA_H
#define AC_TESTS_SUPPORT_FAKE_CA_H

#include "base/clock.h"
#include "crypto/base64url.h"
#include "net/http.h"
#include "net/link.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define FAKE_DIRECTORY "https://ca.test/dir"
#define FAKE_NONCE_URL "https://ca.test/nonce"
#define FAKE_ORDER_URL "https://ca.test/new-order"
#define FAKE_KID       "https://ca.test/account/1"
#define FAKE_TURN_MS   50
#define FAKE_EXCHANGES 256
#define FAKE_RULES     16
#define FAKE_REQUESTS  1024
#define FAKE_NONCES    2048
#define FAKE_BAD_NONCE                                                                 \
    "{\"type\":\"urn:ietf:params:acme:error:badNonce\",\"detail\":\"bad\"}"
#define FAKE_DIRECTORY_BODY                                                            \
    "{\"newNonce\":\"" FAKE_NONCE_URL                                                  \
    "\",\"newAccount\":\"https://ca.test/new-account\","                               \
    "\"newOrder\":\"" FAKE_ORDER_URL "\",\"meta\":{\"termsOfService\":"                \
    "\"https://ca.test/terms\"}}"

/* The first rule whose url is in the request's and that has times left. */
struct fake_rule {
    const char *url;
    int times;
    long status;         /* 0: 200 */
    const char *headers; /* "Name: value\n…", or NULL */
    const char *body;    /* NULL: as without a rule */
    size_t body_size;    /* 0: it is text */
    const char *nonce;   /* NULL: a fresh one; "": none; else this text */
    enum ac_code failure;
    bool is_ambiguous, is_untrusted;
    bool is_silent; /* never answers */
    bool is_for_head;
    bool is_redirected; /* as if it came from elsewhere */
};

struct ac_exchange {
    bool is_used, is_done, stays_public;
    enum ac_http_method method;
    char url[512], nonce[64];
    const struct fake_request *request;
    int64_t deadline_ms, started_ms;
    struct fake_rule answer;
};

struct fake_request {
    enum ac_http_method method;
    char url[256], header[1024], payload[1024], nonce[64], http_headers[512];
};

/* What a CA with a memory answers where no rule does; false: as without it. */
typedef bool fake_script(const struct fake_request *request, struct fake_rule *answer);

static struct {
    int64_t now_ms;
    fake_script *script;
    size_t rounds, request_count, rule_count, nonce_count;
    bool is_nonce_used[FAKE_NONCES];
    size_t heads, posts, gets, under_way, most_heads;
    struct fake_rule rules[FAKE_RULES];
    struct ac_exchange exchanges[FAKE_EXCHANGES];
    struct fake_request requests[FAKE_REQUESTS];
} fake_ca;

static int64_t fake_now_ms(void)
{
    return fake_ca.now_ms;
}

static int64_t fake_utc(void)
{
    return 1700000000 + fake_ca.now_ms / 1000;
}

static inline void fake_ca_begin(void)
{
    memset(&fake_ca, 0, sizeof(fake_ca));
    fake_ca.now_ms = 1000000;
    ac_clock_fake(fake_now_ms, fake_utc);
}

static inline void fake_ca_rule(struct fake_rule rule)
{
    if (fake_ca.rule_count < FAKE_RULES)
        fake_ca.rules[fake_ca.rule_count++] = rule;
}

static struct fake_rule *fake_find_rule(const struct ac_exchange *exchange)
{
    for (size_t i = 0; i < fake_ca.rule_count; i++) {
        struct fake_rule *rule = &fake_ca.rules[i];
        if (rule->times > 0 && strstr(exchange->url, rule->url)
            && (!rule->is_for_head || exchange->method == AC_HTTP_HEAD))
            return rule;
    }
    return NULL;
}

static void fake_new_nonce(char *nonce, size_t size)
{
    (void)snprintf(nonce, size, "nonce-%zu", fake_ca.nonce_count++);
}

/* Was it given, and not used? Now it is. */
static bool fake_use_nonce(const char *nonce)
{
    size_t index = 0;

    if (sscanf(nonce, "nonce-%zu", &index) != 1 || index >= fake_ca.nonce_count
        || fake_ca.is_nonce_used[index % FAKE_NONCES])
        return false;
    fake_ca.is_nonce_used[index % FAKE_NONCES] = true;
    return true;
}

static unsigned fake_digit(char digit)
{
    return (unsigned)(strchr(AC_ALPHABET_BASE64URL, digit) - AC_ALPHABET_BASE64URL);
}

static void fake_decode(const char *text, size_t size, char *out, size_t out_size)
{
    unsigned held = 0, bits = 0;
    size_t at = 0;

    for (size_t i = 0; i < size && at + 1 < out_size; i++) {
        held = held << 6 | fake_digit(text[i]);
        bits += 6;
        if (bits >= 8)
            out[at++] = (char)(held >> (bits -= 8) & 0xff);
    }
    out[at] = '\0';
}

/* The text of one member of a flat JSON object, as it stands. */
static size_t fake_member(const char *json, const char *name, const char **ret_text)
{
    char key[64];
    const char *at = NULL;

    (void)snprintf(key, sizeof(key), "\"%s\":\"", name);
    at = json ? strstr(json, key) : NULL;
    *ret_text = at ? at + strlen(key) : "";
    return strcspn(*ret_text, "\"");
}

static void fake_read_jws(const char *body, struct fake_request *request)
{
    const char *text = NULL;
    size_t size = fake_member(body, "protected", &text);

    fake_decode(text, size, request->header, sizeof(request->header));
    size = fake_member(body, "payload", &text);
    fake_decode(text, size, request->payload, sizeof(request->payload));
    size = fake_member(request->header, "nonce", &text);
    (void)snprintf(request->nonce, sizeof(request->nonce), "%.*s", (int)size, text);
}

static void fake_record(const struct ac_http_request *request,
                        struct ac_exchange *exchange)
{
    struct fake_request *record = &fake_ca.requests[fake_ca.request_count++];
    size_t size = 0;

    *record = (struct fake_request){ .method = request->method };
    exchange->request = record;
    (void)snprintf(record->url, sizeof(record->url), "%s", request->url);
    for (size_t i = 0; request->headers && request->headers[i]; i++)
        size += (size_t)snprintf(record->http_headers + size,
                                 sizeof(record->http_headers) - size, "%s\n",
                                 request->headers[i]);
    if (request->method == AC_HTTP_POST)
        fake_read_jws(request->body, record);
    (void)snprintf(exchange->nonce, sizeof(exchange->nonce), "%s", record->nonce);
}

static void fake_count(enum ac_http_method method)
{
    size_t heads = 0;

    *(method == AC_HTTP_HEAD   ? &fake_ca.heads
      : method == AC_HTTP_POST ? &fake_ca.posts
                               : &fake_ca.gets) += 1;
    for (size_t i = 0; i < FAKE_EXCHANGES; i++)
        heads += fake_ca.exchanges[i].is_used && !fake_ca.exchanges[i].is_done
                 && fake_ca.exchanges[i].method == AC_HTTP_HEAD;
    if (heads > fake_ca.most_heads)
        fake_ca.most_heads = heads;
}

enum ac_code ac_http_start(struct ac_http *http, const struct ac_http_request *request,
                           struct ac_exchange **ret_exchange, struct ac_error *err)
{
    struct ac_exchange *exchange = fake_ca.exchanges;

    (void)http;
    while (exchange < fake_ca.exchanges + FAKE_EXCHANGES && exchange->is_used)
        exchange++;
    if (exchange == fake_ca.exchanges + FAKE_EXCHANGES
        || fake_ca.request_count == FAKE_REQUESTS)
        return ac_fail(err, AC_E_SYSTEM, "the fake CA is full");
    if (strncmp(request->url, "https://", 8) != 0 && !request->is_plain)
        return ac_fail(err, AC_E_INVALID, "%s is no https URL", request->url);
    *exchange = (struct ac_exchange){ .is_used = true, .method = request->method };
    exchange->deadline_ms = request->deadline_ms;
    exchange->stays_public = request->stays_public;
    exchange->started_ms = fake_ca.now_ms;
    (void)snprintf(exchange->url, sizeof(exchange->url), "%s", request->url);
    fake_record(request, exchange);
    fake_count(request->method);
    fake_ca.under_way++;
    *ret_exchange = exchange;
    return AC_OK;
}

static void fake_default(struct ac_exchange *exchange)
{
    struct fake_rule *answer = &exchange->answer;
    bool is_directory = strcmp(exchange->url, FAKE_DIRECTORY) == 0;

    if (answer->body == NULL && answer->status == 0 && fake_ca.script)
        (void)fake_ca.script(exchange->request, answer);
    if (answer->status == 0)
        answer->status = 200;
    if (answer->body == NULL)
        answer->body = exchange->method == AC_HTTP_HEAD ? ""
                       : is_directory                   ? FAKE_DIRECTORY_BODY
                                                        : "{}";
    if (is_directory && answer->nonce == NULL)
        answer->nonce = "";
}

static void fake_answer(struct ac_exchange *exchange)
{
    struct fake_rule *rule = fake_find_rule(exchange);

    if (rule && rule->is_silent)
        return;
    if (rule) {
        exchange->answer = *rule;
        rule->times--;
    }
    fake_default(exchange);
    if (exchange->method == AC_HTTP_POST && !fake_use_nonce(exchange->nonce)
        && exchange->answer.failure == AC_OK) {
        exchange->answer.status = 400;
        exchange->answer.body = FAKE_BAD_NONCE;
    }
    if (exchange->answer.nonce == NULL)
        fake_new_nonce(exchange->nonce, sizeof(exchange->nonce));
    else
        (void)snprintf(exchange->nonce, sizeof(exchange->nonce), "%s",
                       exchange->answer.nonce);
    exchange->is_done = true;
    fake_ca.under_way--;
}

/* One round trip: whatever is under way is answered. */
static inline void fake_ca_turn(void)
{
    bool was_under_way[FAKE_EXCHANGES];

    for (size_t i = 0; i < FAKE_EXCHANGES; i++)
        was_under_way[i] =
            fake_ca.exchanges[i].is_used && !fake_ca.exchanges[i].is_done;
    fake_ca.now_ms += FAKE_TURN_MS;
    fake_ca.rounds++;
    for (size_t i = 0; i < FAKE_EXCHANGES; i++) {
        if (was_under_way[i])
            fake_answer(&fake_ca.exchanges[i]);
    }
}

bool ac_exchange_is_done(const struct ac_exchange *exchange)
{
    return exchange->is_done;
}

enum ac_code ac_exchange_result(const struct ac_exchange *exchange,
                                struct ac_error *err)
{
    if (exchange->answer.failure != AC_OK)
        return ac_fail(err, exchange->answer.failure, "%s",
                       exchange->answer.body[0] == '{'
                               || exchange->answer.body[0] == '\0'
                           ? "the connection broke"
                           : exchange->answer.body);
    return AC_OK;
}

bool ac_exchange_is_ambiguous(const struct ac_exchange *exchange)
{
    return exchange->answer.is_ambiguous;
}

bool ac_exchange_is_untrusted(const struct ac_exchange *exchange)
{
    return exchange->answer.is_untrusted;
}

long ac_exchange_status(const struct ac_exchange *exchange)
{
    return exchange->answer.failure == AC_OK ? exchange->answer.status : 0;
}

const char *ac_exchange_header(const struct ac_exchange *exchange, const char *name,
                               size_t index)
{
    static char values[8][512];
    static size_t turn;
    const char *line = exchange->answer.headers ? exchange->answer.headers : "";
    size_t size = strlen(name);

    if (strcasecmp(name, "Replay-Nonce") == 0)
        return index == 0 && exchange->nonce[0] ? exchange->nonce : NULL;
    for (; *line; line += strcspn(line, "\n") + (strchr(line, '\n') != NULL)) {
        if (strncasecmp(line, name, size) != 0 || line[size] != ':' || index-- > 0)
            continue;
        char *value = values[turn++ % 8];
        (void)snprintf(value, sizeof(values[0]), "%.*s",
                       (int)strcspn(line + size + 2, "\n"), line + size + 2);
        return value;
    }
    return NULL;
}

const char *ac_exchange_body(const struct ac_exchange *exchange, size_t *ret_size)
{
    const char *body = exchange->answer.body ? exchange->answer.body : "";

    *ret_size =
        exchange->answer.body_size > 0 ? exchange->answer.body_size : strlen(body);
    return body;
}

const char *ac_exchange_url(const struct ac_exchange *exchange)
{
    return exchange->url;
}

bool ac_exchange_was_redirected(const struct ac_exchange *exchange)
{
    return exchange->answer.is_redirected;
}

int64_t ac_exchange_elapsed_ms(const struct ac_exchange *exchange)
{
    return fake_ca.now_ms - exchange->started_ms;
}

void ac_exchange_free(struct ac_exchange *exchange)
{
    if (exchange == NULL)
        return;
    if (!exchange->is_done)
        fake_ca.under_way--;
    exchange->is_used = false;
}

enum ac_code ac_exchange_links(const struct ac_exchange *exchange, const char *relation,
                               struct ac_words *urls, struct ac_error *err)
{
    const char *value = NULL;

    for (size_t i = 0; (value = ac_exchange_header(exchange, "Link", i)); i++)
        AC_TRY(ac_link_find(value, relation, urls, err));
    return AC_OK;
}

static inline size_t fake_ca_left_over(void)
{
    size_t count = 0;

    for (size_t i = 0; i < FAKE_EXCHANGES; i++)
        count += fake_ca.exchanges[i].is_used;
    return count;
}

#endif
