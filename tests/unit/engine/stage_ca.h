/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A CA with a memory, behind the fake CA's HTTP: orders, authorizations, challenges and
 * certificates as a real one would have them, or odd in a known way. See stage.h.
 */
#ifndef AC_TESTS_UNIT_ENGINE_STAGE_CA_H
#define AC_TESTS_UNIT_ENGINE_STAGE_CA_H

#include "check.h"
#include "engine/run/run.h"
#include "fake_ca.h"
#include "pki.h"

#include <stdarg.h>

#define STAGE_NAMES      12
#define STAGE_POOL_SIZE  262144
#define STAGE_SECONDS    600
#define STAGE_TURNS      20000
#define STAGE_CERT       "site"
#define STAGE_LIMITED_CA "https://acme-v02.api.letsencrypt.org/directory"
#define STAGE_OTHER_CA   "https://ca.test/other" /* another directory */
#define STAGE_NO_CA_FILE "/none.pem"
#define STAGE_ACME       "urn:ietf:params:acme:error:"
#define STAGE_TOKEN      "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA"

/* How the CA behaves; zero is Boulder: at once, and honest. */
struct stage_ca {
    size_t name_count;       /* a.test, b.test, … */
    size_t validation_reads; /* readings of the order before the validation is done */
    size_t issue_reads;      /* readings of the order while it is processing */
    size_t valid_names;      /* the first so many are valid already */
    size_t bad_names;        /* the first so many fail */
    size_t errors;           /* step-ca: so many tries end with a noted error */
    bool is_silent;   /* step-ca: a challenge fails, authorization and order do not */
    bool never_ready; /* the order stays pending although all is proven */
    bool authorizes_in_advance; /* it has newAuthz */
    bool knows_ancestors;       /* RFC 9444: what is proven is the domain "test" */
    bool offers_dns_only;
    bool offers_dns_too;      /* beside http-01, as long as nothing was told */
    bool refuses_http;        /* http-01 never validates */
    const char *problem;      /* the type of a challenge's error; NULL: connection */
    bool names_others;        /* authorizations are for names nobody asked for */
    const char *foreign_name; /* in the order, in place of the first */
    const char *new_status;   /* of a new order */
    bool gives_one_order;     /* the same to all that ask */
    enum ac_pki_fault fault;  /* of the chain */
    const char *leaf_name;    /* the certificate is for this name */
    bool has_expired_leaf;
    bool has_early_leaf;         /* it is valid from the day after tomorrow */
    const char *token;           /* in place of a good one */
    size_t extra_authorizations; /* that no name needs */
    const char *links; /* headers of the certificate, which is then the leaf alone;
                        * at the other URLs the whole chain is */
};

enum stage_status {
    STAGE_PENDING,
    STAGE_PROCESSING, /* of a challenge */
    STAGE_VALID,
    STAGE_INVALID,
    STAGE_DEACTIVATED
};

struct stage_name {
    enum stage_status status, challenge;
    bool has_error;
    bool was_told_dns; /* the challenge of dns-01 was answered, not the first one */
};

static struct {
    struct stage_ca ca;
    struct stage_name names[STAGE_NAMES];
    const char *status; /* of the order */
    size_t advances;    /* authorizations before an order */
    size_t reads, orders, tells, finalizes, deactivations, accounts;
    size_t errors;
    bool had_key; /* the key was on disk when finalize came */
    bool is_out_of_memory;
    const char *chain; /* what was given for the order */
    bool keeps_chain;  /* the same is given again, as CAs do */
    bool begins_anew;  /* the next run has --force */
    /* What a test wants of the certificate besides; or NULL. */
    enum ac_code (*wish)(struct ac_wanted *wanted, struct ac_error *err);
    char pool[STAGE_POOL_SIZE];
    size_t pool_size;

    struct ac_store *store;
    const char *cancel_in;           /* a signal comes when this phase is shown */
    int signal;                      /* which; 0: SIGTERM */
    void (*hook)(const char *phase); /* what a test does then; or NULL */
    int64_t started_ms;
    size_t turns;
    bool is_endless;
    size_t done, total; /* the last progress of "validate" */
    /* of the last run */
    enum ac_code code;
    struct ac_error error;
    bool is_resumed;
    unsigned version;
    size_t failures, warnings, attempts; /* those before the last one */
    char warning[512], problem[64];
} stage;

__attribute__((format(printf, 1, 2))) static inline const char *stage_text(
    const char *format, ...)
{
    char *text = stage.pool + stage.pool_size;
    size_t left = STAGE_POOL_SIZE - stage.pool_size;
    va_list args;

    va_start(args, format);
    int size = vsnprintf(text, left, format, args);
    va_end(args);
    if (size < 0 || (size_t)size >= left)
        return "";
    stage.pool_size += (size_t)size + 1;
    return text;
}

static inline const char *stage_name(size_t index)
{
    return stage_text("%c.test", (int)('a' + index));
}

static inline bool stage_is_proven(void)
{
    bool is_proven = true;

    for (size_t i = 0; i < stage.ca.name_count; i++)
        is_proven = is_proven && stage.names[i].status == STAGE_VALID;
    return is_proven;
}

/* The validation is done for all that were told. */
static inline void stage_validate(void)
{
    for (size_t i = 0; i < stage.ca.name_count; i++) {
        struct stage_name *name = &stage.names[i];
        bool is_bad =
            i < stage.ca.bad_names || (stage.ca.refuses_http && !name->was_told_dns);

        if (name->challenge != STAGE_PROCESSING)
            continue;
        name->status = name->challenge = is_bad ? STAGE_INVALID : STAGE_VALID;
        if (is_bad)
            stage.status = "invalid";
    }
    if (strcmp(stage.status, "pending") == 0 && stage_is_proven()
        && !stage.ca.never_ready)
        stage.status = "ready";
}

static inline void stage_read_order(void)
{
    stage.reads++;
    if (strcmp(stage.status, "pending") == 0 && stage.reads > stage.ca.validation_reads)
        stage_validate();
    if (strcmp(stage.status, "processing") == 0 && stage.reads > stage.ca.issue_reads)
        stage.status = "valid";
}

/* SERVERS: Pebble gives the lists in another order each time. */
static inline const char *stage_list(const char *format)
{
    const char *list = "";
    size_t count = stage.ca.name_count;

    for (size_t i = 0; i < count; i++) {
        size_t index = (i + stage.reads) % count;
        const char *name = index == 0 && stage.ca.foreign_name ? stage.ca.foreign_name
                                                               : stage_name(index);
        const char *item = strchr(format, '/')
                               ? stage_text("%s%zu-%zu\"", format, stage.orders, index)
                               : stage_text("%s%s\"}", format, name);
        list = stage_text("%s%s%s", list, i > 0 ? "," : "", item);
    }
    for (size_t i = 0; strchr(format, '/') && i < stage.ca.extra_authorizations; i++)
        list = stage_text("%s,%sx-%zu\"", list, format, i);
    return list;
}

static inline const char *stage_order(void)
{
    return stage_text("{\"status\":\"%s\",\"identifiers\":[%s],\"authorizations\":[%s],"
                      "\"finalize\":\"https://ca.test/finalize/"
                      "%zu\",\"expires\":\"2033-01-01T00:00:00Z"
                      "\"%s}",
                      stage.status, stage_list("{\"type\":\"dns\",\"value\":\""),
                      stage_list("\"https://ca.test/authorization/"), stage.orders,
                      strcmp(stage.status, "valid") == 0
                          ? ",\"certificate\":\"https://ca.test/certificate/1\""
                          : "");
}

static inline const char *stage_challenge(size_t index)
{
    static const char *const words[] = { "pending", "processing", "valid", "invalid",
                                         "invalid" };
    const struct stage_name *name = &stage.names[index];
    bool has_error = name->has_error || name->challenge == STAGE_INVALID;

    bool is_dns = stage.ca.offers_dns_only || name->was_told_dns;
    const char *error =
        has_error ? stage_text(",\"error\":{\"type\":\"" STAGE_ACME
                               "%s\",\"detail\":\"Connection refused\",\"status\":400}",
                               stage.ca.problem ? stage.ca.problem : "connection")
                  : "";

    return stage_text("{\"type\":\"%s\",\"url\":\"https://ca.test/challenge/%zu-%zu\","
                      "\"token\":\"%s\",\"status\":\"%s\"%s}",
                      is_dns ? "dns-01" : "http-01", stage.orders, index,
                      stage.ca.token ? stage.ca.token : STAGE_TOKEN,
                      words[name->challenge], error);
}

static inline const char *stage_authorization(size_t index)
{
    static const char *const words[] = { "pending", "pending", "valid", "invalid",
                                         "deactivated" };

    bool is_open = stage.names[index].challenge == STAGE_PENDING;
    /* As at Boulder and Pebble: of one that was decided, only that challenge is shown.
     */
    const char *other =
        stage.ca.offers_dns_too && is_open
            ? stage_text(",{\"type\":\"dns-01\",\"url\":\"https://ca.test/challenge/"
                         "%zu-%zu-dns\",\"token\":\"" STAGE_TOKEN
                         "\",\"status\":\"pending\"}",
                         stage.orders, index)
            : "";

    return stage_text(
        "{\"status\":\"%s\",\"identifier\":{\"type\":\"dns\",\"value\":\"%s\"},%s"
        "\"challenges\":[{\"type\":\"dns-persist-01\",\"url\":\"https://ca.test/x\","
        "\"status\":\"pending\"},%s%s]}",
        words[stage.names[index].status],
        stage.ca.names_others      ? "victim.test"
        : stage.ca.knows_ancestors ? "test"
                                   : stage_name(index),
        stage.ca.knows_ancestors ? "\"subdomainAuthAllowed\":true," : "",
        stage_challenge(index), other);
}

static inline void stage_tell(size_t index)
{
    struct stage_name *name = &stage.names[index];

    stage.tells++;
    name->has_error = false;
    if (stage.ca.is_silent && index < stage.ca.bad_names) {
        name->challenge = STAGE_INVALID;
        name->has_error = true;
    } else if (stage.errors > 0) {
        stage.errors--;
        name->has_error = true;
    } else {
        name->challenge = STAGE_PROCESSING;
    }
}

static inline enum ac_code stage_chain(const char **ret_pem, struct ac_error *err)
{
    const char *names[STAGE_NAMES + 1] = { 0 };
    AC_AUTO(ac_secret) secret = { 0 };
    AC_AUTO(ac_key) *key = NULL;
    AC_AUTO(ac_text) pem = { 0 };

    AC_TRY(ac_store_load_key(stage.store, AC_STORE_CERTIFICATES, STAGE_CERT,
                             "order-key.pem", &secret, err));
    AC_TRY(ac_key_parse(&secret, &key, err));
    for (size_t i = 0; i < stage.ca.name_count; i++)
        names[i] = stage_name(i);
    if (stage.ca.leaf_name)
        names[0] = stage.ca.leaf_name;
    struct ac_pki_options options = {
        .key = key,
        .names = names,
        .not_before = fake_utc() + (stage.ca.has_early_leaf ? 2 : -7) * 86400,
        .not_after = fake_utc() + (stage.ca.has_expired_leaf ? -86400 : 90 * 86400),
        .fault = stage.ca.fault,
    };
    AC_TRY(ac_pki_chain(&options, &pem, err));
    *ret_pem = stage_text("%s", ac_text_get(&pem));
    return AC_OK;
}

static inline const char *stage_leaf(void)
{
    const char *end = strstr(stage.chain, "-----END CERTIFICATE-----\n");

    return stage_text("%.*s", (int)(end - stage.chain) + 26, stage.chain);
}

static inline void stage_give_chain(bool is_first, struct fake_rule *answer)
{
    struct ac_error err = { 0 };

    answer->headers =
        stage_text("Content-Type: application/pem-certificate-chain; charset=utf-8\n%s",
                   is_first && stage.ca.links ? stage.ca.links : "");
    if (((stage.keeps_chain || !is_first) && stage.chain)
        || stage_chain(&stage.chain, &err) == AC_OK) {
        answer->body = is_first && stage.ca.links ? stage_leaf() : stage.chain;
        return;
    }
    stage.is_out_of_memory = err.code == AC_E_NOMEM;
    answer->body = "no chain";
}

static inline void stage_finalize(void)
{
    AC_AUTO(ac_secret) secret = { 0 };
    struct ac_error err = { 0 };

    stage.finalizes++;
    stage.had_key = ac_store_load_key(stage.store, AC_STORE_CERTIFICATES, STAGE_CERT,
                                      "order-key.pem", &secret, &err)
                    == AC_OK;
    stage.reads = 0;
    stage.status = stage.ca.issue_reads > 0 ? "processing" : "valid";
}

static inline void stage_new_order(struct fake_rule *answer)
{
    stage.orders += !stage.ca.gives_one_order || stage.orders == 0;
    stage.reads = 0;
    stage.status = stage.ca.new_status ? stage.ca.new_status : "pending";
    if (!stage.ca.authorizes_in_advance)
        memset(stage.names, 0, sizeof stage.names);
    else if (stage_is_proven())
        stage.status = "ready";
    for (size_t i = 0; i < stage.ca.valid_names; i++)
        stage.names[i].status = STAGE_VALID;
    answer->status = 201;
    answer->headers = stage_text("Location: https://ca.test/order/%zu\n", stage.orders);
    answer->body = stage_order();
}

static inline bool stage_script_name(const char *path, const char *payload,
                                     struct fake_rule *answer)
{
    size_t order = 0, index = 0;

    if (sscanf(path, "challenge/%zu-%zu", &order, &index) == 2) {
        stage.names[index].was_told_dns = strstr(path, "-dns") != NULL;
        stage_tell(index);
        answer->body = stage_challenge(index);
    } else if (sscanf(path, "authorization/%zu-%zu", &order, &index) == 2) {
        if (strstr(payload, "deactivated")) {
            stage.deactivations++;
            stage.names[index].status = STAGE_DEACTIVATED;
        }
        if (stage.ca.authorizes_in_advance)
            stage_validate(); /* there is no order whose reading would */
        answer->body = stage_authorization(index);
    } else {
        return false;
    }
    return true;
}

/* Of the name that the request is for; "test" is that of the first. */
static inline void stage_new_authorization(const char *payload,
                                           struct fake_rule *answer)
{
    const char *value = NULL;
    size_t size = fake_member(payload, "value", &value);
    size_t index = size == 4 ? 0 : (size_t)(value[0] - 'a');

    stage.advances++;
    answer->status = 201;
    answer->headers =
        stage_text("Location: https://ca.test/authorization/0-%zu\n", index);
    answer->body = stage_authorization(index);
}

#define STAGE_RICH_DIRECTORY                                                           \
    "{\"newNonce\":\"" FAKE_NONCE_URL                                                  \
    "\",\"newAccount\":\"https://ca.test/new-account\","                               \
    "\"newOrder\":\"" FAKE_ORDER_URL "\",%s\"meta\":{%s}}"

static inline bool stage_has_directory(const char *url, struct fake_rule *answer)
{
    bool is_rich = stage.ca.authorizes_in_advance || stage.ca.knows_ancestors;

    if (strcmp(url, STAGE_OTHER_CA) != 0 && strcmp(url, STAGE_LIMITED_CA) != 0
        && (!is_rich || strcmp(url, FAKE_DIRECTORY) != 0))
        return false;
    answer->body = stage_text(
        STAGE_RICH_DIRECTORY,
        stage.ca.authorizes_in_advance ? "\"newAuthz\":\"https://ca.test/new-authz\","
                                       : "",
        stage.ca.knows_ancestors ? "\"subdomainAuthAllowed\":true" : "");
    answer->nonce = "";
    return true;
}

static inline bool stage_script(const struct fake_request *request,
                                struct fake_rule *answer)
{
    const char *path = request->url + strlen("https://ca.test/");

    if (stage_has_directory(request->url, answer))
        return true;
    if (strcmp(path, "new-account") == 0) {
        answer->status = stage.accounts++ == 0 ? 201 : 200;
        answer->headers = "Location: " FAKE_KID "\n";
        answer->body = "{\"status\":\"valid\"}";
    } else if (strcmp(path, "new-order") == 0) {
        stage_new_order(answer);
    } else if (strcmp(path, "new-authz") == 0) {
        stage_new_authorization(request->payload, answer);
    } else if (strncmp(path, "order/", 6) == 0) {
        stage_read_order();
        answer->body = stage_order();
    } else if (strncmp(path, "finalize/", 9) == 0) {
        stage_finalize();
        answer->body = stage_order();
    } else if (strncmp(path, "certificate/", 12) == 0) {
        stage_give_chain(strcmp(path + 12, "1") == 0, answer);
    } else {
        return stage_script_name(path, request->payload, answer);
    }
    return true;
}

#endif
