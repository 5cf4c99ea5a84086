/* SPDX-License-Identifier: Apache-2.0 */
#include "tsig.h"

#include <nettle/base64.h>
#include <nettle/hmac.h>
#include <nettle/memops.h>
#include <string.h>

#define RDATA_COUNT     7  /* fields of a TSIG (§4.2) */
#define TIME_SIZE       6  /* bytes of a time */
#define ALGORITHM_MAX   64 /* bytes of a name that a person writes */
#define RR_FIXED_SIZE   10u
#define LENGTH_AT       8u /* in these */
#define LENGTH_PREFIXED 2u /* bytes of the length in what ldns gives */

struct tsig_algorithm {
    const char *name;
    const struct nettle_hash *hash;
};

union hash_state {
    struct sha1_ctx sha1;
    struct sha256_ctx sha256; /* and 224 */
    struct sha512_ctx sha512; /* and 384 */
};

struct hmac {
    const struct nettle_hash *hash;
    union hash_state outer, inner, state;
};

/* What a TSIG says, apart from its MAC. The names are in wire form, lower case. */
struct variables {
    const uint8_t *name, *algorithm;
    size_t name_size, algorithm_size;
    uint64_t time; /* 48 bits */
    uint16_t fudge, error;
    const uint8_t *other;
    size_t other_size;
};

/* A TSIG that was found in an answer; the texts lie in `record`. */
struct found {
    ldns_rr *record;
    size_t at; /* where it starts */
    struct variables variables;
    const uint8_t *mac;
    size_t mac_size;
    uint16_t original_id;
};

static const struct tsig_algorithm algorithms[] = {
    { "hmac-sha256", &nettle_sha256 }, { "hmac-sha384", &nettle_sha384 },
    { "hmac-sha512", &nettle_sha512 }, { "hmac-sha224", &nettle_sha224 },
    { "hmac-sha1", &nettle_sha1 },
};

static const char *find_algorithm(struct span text,
                                  const struct tsig_algorithm **ret_algorithm);
static const char *explain_algorithm(const char *name);
static const char *read_name(struct span text, struct tsig_key *key);
static const char *decode(struct span text, struct tsig_key *key);
static void begin(struct hmac *hmac, const struct tsig_key *key);
static void feed(struct hmac *hmac, const void *bytes, size_t size);
static void feed_u16(struct hmac *hmac, uint16_t value);
static void feed_variables(struct hmac *hmac, const struct variables *variables);
static void finish(struct hmac *hmac, struct tsig_mac *ret_mac);
static struct variables variables_of(const struct tsig_key *key, int64_t now_s,
                                     const ldns_rdf *algorithm);
static void write_time(uint8_t *bytes, uint64_t time);
static uint64_t read_time(const uint8_t *bytes);
static bool find_last_record(const uint8_t *bytes, size_t size, size_t *ret_at);
static bool skip_name(const uint8_t *bytes, size_t size, size_t *at);
static bool skip_record(const uint8_t *bytes, size_t size, size_t *at, bool is_long);
static enum tsig_verdict find(const uint8_t *bytes, size_t size, struct found *ret);
static bool take_fields(struct found *found);
static bool take_data(const ldns_rdf *field, const uint8_t **ret, size_t *ret_size);
static bool is_ours(const struct tsig_key *key, const struct variables *variables);
static void compute(const struct tsig_key *key, const struct tsig_mac *request_mac,
                    const uint8_t *bytes, const struct found *found,
                    struct tsig_mac *ret_mac);
static void judge(const struct tsig_key *key, const struct tsig_mac *request_mac,
                  int64_t now_s, const uint8_t *bytes, const struct found *found,
                  struct tsig_report *report);
static void judge_time(const struct variables *variables, int64_t now_s,
                       struct tsig_report *report);

const char *tsig_key_make(struct span name, struct span algorithm, struct span secret,
                          struct tsig_key *ret_key)
{
    struct tsig_key key = { 0 };
    const char *wrong = find_algorithm(algorithm, &key.algorithm);

    if (!wrong)
        wrong = read_name(name, &key);
    if (!wrong)
        wrong = decode(secret, &key);
    if (!wrong)
        *ret_key = key;
    tsig_key_wipe(&key);
    return wrong;
}

void tsig_key_wipe(struct tsig_key *key)
{
    explicit_bzero(key, sizeof *key);
}

const char *tsig_algorithm_name(const struct tsig_key *key)
{
    return key->algorithm->name;
}

void tsig_sign(const struct tsig_key *key, int64_t now_s, struct message *message,
               struct tsig_mac *ret_mac)
{
    AUTO_NAME algorithm = name_parse(key->algorithm->name);
    uint8_t time[TIME_SIZE];
    struct variables variables;
    struct hmac hmac;

    ret_mac->size = 0;
    if (!algorithm) {
        message->is_full = true; /* no memory: it must not be sent */
        return;
    }
    variables = variables_of(key, now_s, algorithm);
    begin(&hmac, key);
    feed(&hmac, message->bytes, message->size);
    feed_variables(&hmac, &variables);
    finish(&hmac, ret_mac);

    message_put(message, key->name, key->name_size);
    message_put_u16(message, LDNS_RR_TYPE_TSIG);
    message_put_u16(message, LDNS_RR_CLASS_ANY);
    message_put_u32(message, 0);
    message_put_u16(message, (uint16_t)(variables.algorithm_size + TIME_SIZE + 2 + 2
                                        + ret_mac->size + 2 + 2 + 2));
    message_put(message, variables.algorithm, variables.algorithm_size);
    write_time(time, variables.time);
    message_put(message, time, sizeof time);
    message_put_u16(message, variables.fudge);
    message_put_u16(message, (uint16_t)ret_mac->size);
    message_put(message, ret_mac->bytes, ret_mac->size);
    message_put(message, message->bytes, 2); /* the original ID */
    message_put_u16(message, 0);
    message_put_u16(message, 0);
    message_count(message, MESSAGE_AT_ADDITIONAL);
}

void tsig_unsign(struct message *message, size_t size)
{
    message->size = size;
    message->is_full = false;
    message_set_u16(message, MESSAGE_AT_ADDITIONAL, 0);
}

struct tsig_report tsig_verify(const struct tsig_key *key,
                               const struct tsig_mac *request_mac, int64_t now_s,
                               const uint8_t *bytes, size_t size)
{
    struct tsig_report report = { .verdict = TSIG_MALFORMED };
    struct found found = { 0 };

    report.verdict = find(bytes, size, &found);
    if (report.verdict == TSIG_GOOD)
        judge(key, request_mac, now_s, bytes, &found, &report);
    if (found.record)
        ldns_rr_free(found.record);
    return report;
}

static const char *find_algorithm(struct span text,
                                  const struct tsig_algorithm **ret_algorithm)
{
    char name[ALGORITHM_MAX];
    size_t size = text.size;

    if (size > 0 && text.text[size - 1] == '.')
        size--;
    if (size == 0 || size >= sizeof name) {
        return "the algorithm must be hmac-sha256, hmac-sha384, hmac-sha512, "
               "hmac-sha224 or hmac-sha1";
    }
    memcpy(name, text.text, size);
    name[size] = '\0';
    for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++) {
        if (strcasecmp(algorithms[i].name, name) == 0) {
            *ret_algorithm = &algorithms[i];
            return NULL;
        }
    }
    return explain_algorithm(name);
}

static const char *explain_algorithm(const char *name)
{
    if (strncasecmp(name, "hmac-md5", strlen("hmac-md5")) == 0) {
        return "hmac-md5 is broken and not used: make a new key, such as with "
               "tsig-keygen -a hmac-sha256";
    }
    if (strncasecmp(name, "hmac-sha", strlen("hmac-sha")) == 0
        && strchr(name + strlen("hmac-sha"), '-')) {
        return "signatures that are cut short (hmac-sha256-128 and the like) are not "
               "used: name the algorithm without its last number";
    }
    return "the algorithm must be hmac-sha256, hmac-sha384, hmac-sha512, hmac-sha224 "
           "or hmac-sha1";
}

static const char *read_name(struct span text, struct tsig_key *key)
{
    char copy[TSIG_NAME_MAX + 1];
    struct name_text shown;
    AUTO_NAME name = NULL;

    if (text.size == 0 || text.size >= sizeof copy
        || memchr(text.text, '\0', text.size))
        return "the name of the key is empty or over 255 bytes";
    memcpy(copy, text.text, text.size);
    copy[text.size] = '\0';
    name = name_parse(copy);
    if (!name || ldns_rdf_size(name) > sizeof key->name)
        return "the name of the key is no domain name";
    memcpy(key->name, ldns_rdf_data(name), ldns_rdf_size(name));
    key->name_size = ldns_rdf_size(name);
    shown = name_format(name);
    memcpy(key->text, shown.text, sizeof key->text);
    return NULL;
}

static const char *decode(struct span text, struct tsig_key *key)
{
    struct base64_decode_ctx state;
    uint8_t room[BASE64_DECODE_LENGTH(TSIG_SECRET_MAX * 4 / 3 + 8)];
    size_t size = sizeof room;
    bool is_good = false;

    if (text.size == 0)
        return "the secret is empty";
    if (text.size > TSIG_SECRET_MAX * 4 / 3 + 4)
        return "the secret is over 512 bytes";
    base64_decode_init(&state);
    is_good = base64_decode_update(&state, &size, room, text.size, text.text)
              && base64_decode_final(&state);
    if (is_good && size > 0 && size <= sizeof key->secret) {
        memcpy(key->secret, room, size);
        key->secret_size = size;
    }
    explicit_bzero(&state, sizeof state);
    explicit_bzero(room, sizeof room);
    return key->secret_size > 0 ? NULL : "the secret is no base64";
}

static void begin(struct hmac *hmac, const struct tsig_key *key)
{
    hmac->hash = key->algorithm->hash;
    hmac_set_key(&hmac->outer, &hmac->inner, &hmac->state, hmac->hash, key->secret_size,
                 key->secret);
}

static void feed(struct hmac *hmac, const void *bytes, size_t size)
{
    if (size > 0)
        hmac_update(&hmac->state, hmac->hash, size, bytes);
}

static void feed_u16(struct hmac *hmac, uint16_t value)
{
    uint8_t bytes[] = { (uint8_t)(value >> 8), (uint8_t)value };

    feed(hmac, bytes, sizeof bytes);
}

/* §4.3.3 */
static void feed_variables(struct hmac *hmac, const struct variables *variables)
{
    static const uint8_t class_any_ttl_0[] = { 0, 255, 0, 0, 0, 0 };
    uint8_t time[TIME_SIZE];

    write_time(time, variables->time);
    feed(hmac, variables->name, variables->name_size);
    feed(hmac, class_any_ttl_0, sizeof class_any_ttl_0);
    feed(hmac, variables->algorithm, variables->algorithm_size);
    feed(hmac, time, sizeof time);
    feed_u16(hmac, variables->fudge);
    feed_u16(hmac, variables->error);
    feed_u16(hmac, (uint16_t)variables->other_size);
    feed(hmac, variables->other, variables->other_size);
}

static void finish(struct hmac *hmac, struct tsig_mac *ret_mac)
{
    ret_mac->size = hmac->hash->digest_size;
    hmac_digest(&hmac->outer, &hmac->inner, &hmac->state, hmac->hash, ret_mac->size,
                ret_mac->bytes);
    explicit_bzero(hmac, sizeof *hmac);
}

static struct variables variables_of(const struct tsig_key *key, int64_t now_s,
                                     const ldns_rdf *algorithm)
{
    return (struct variables){
        .name = key->name,
        .name_size = key->name_size,
        .algorithm = ldns_rdf_data(algorithm),
        .algorithm_size = ldns_rdf_size(algorithm),
        .time = (uint64_t)now_s,
        .fudge = TSIG_FUDGE_S,
    };
}

static void write_time(uint8_t *bytes, uint64_t time)
{
    for (size_t i = 0; i < TIME_SIZE; i++)
        bytes[i] = (uint8_t)(time >> (8 * (TIME_SIZE - 1 - i)));
}

static uint64_t read_time(const uint8_t *bytes)
{
    uint64_t time = 0;

    for (size_t i = 0; i < TIME_SIZE; i++)
        time = time << 8 | bytes[i];
    return time;
}

/* §5.1: a TSIG is the last of all records, and nothing follows it. */
static bool find_last_record(const uint8_t *bytes, size_t size, size_t *ret_at)
{
    size_t questions = message_get_u16(bytes + 4);
    size_t records = (size_t)message_get_u16(bytes + 6) + message_get_u16(bytes + 8)
                     + message_get_u16(bytes + MESSAGE_AT_ADDITIONAL);
    size_t at = MESSAGE_HEADER_SIZE;

    for (size_t i = 0; i < questions + records; i++) {
        *ret_at = at;
        if (!skip_record(bytes, size, &at, i >= questions))
            return false;
    }
    return at == size;
}

static bool skip_name(const uint8_t *bytes, size_t size, size_t *at)
{
    while (*at < size) {
        uint8_t length = bytes[*at];

        if (length >= 0xC0) { /* RFC 1035 §4.1.4: a pointer ends a name */
            *at += 2;
            return *at <= size;
        }
        *at += 1 + (size_t)length;
        if (length == 0)
            return true;
        if (length > LDNS_MAX_LABELLEN)
            return false;
    }
    return false;
}

static bool skip_record(const uint8_t *bytes, size_t size, size_t *at, bool is_long)
{
    size_t fixed = is_long ? RR_FIXED_SIZE : 4; /* a question has type and class only */
    size_t data_size = 0;

    if (!skip_name(bytes, size, at) || size - *at < fixed)
        return false;
    if (is_long)
        data_size = message_get_u16(bytes + *at + LENGTH_AT);
    *at += fixed;
    if (size - *at < data_size)
        return false;
    *at += data_size;
    return true;
}

static enum tsig_verdict find(const uint8_t *bytes, size_t size, struct found *ret)
{
    size_t at = 0;

    if (size < MESSAGE_HEADER_SIZE)
        return TSIG_MALFORMED;
    if (message_get_u16(bytes + MESSAGE_AT_ADDITIONAL) == 0)
        return TSIG_UNSIGNED;
    if (!find_last_record(bytes, size, &ret->at))
        return TSIG_MALFORMED;
    at = ret->at;
    if (ldns_wire2rr(&ret->record, bytes, size, &at, LDNS_SECTION_ADDITIONAL)
        != LDNS_STATUS_OK) {
        ret->record = NULL;
        return TSIG_MALFORMED;
    }
    if (ldns_rr_get_type(ret->record) != LDNS_RR_TYPE_TSIG)
        return TSIG_UNSIGNED;
    return take_fields(ret) ? TSIG_GOOD : TSIG_MALFORMED;
}

static bool take_fields(struct found *found)
{
    ldns_rr *record = found->record;
    struct variables *variables = &found->variables;

    if (ldns_rr_rd_count(record) != RDATA_COUNT
        || ldns_rr_get_class(record) != LDNS_RR_CLASS_ANY || ldns_rr_ttl(record) != 0
        || ldns_rdf_size(ldns_rr_rdf(record, 1)) != TIME_SIZE)
        return false;
    ldns_dname2canonical(ldns_rr_owner(record));
    ldns_dname2canonical(ldns_rr_rdf(record, 0));
    variables->name = ldns_rdf_data(ldns_rr_owner(record));
    variables->name_size = ldns_rdf_size(ldns_rr_owner(record));
    variables->algorithm = ldns_rdf_data(ldns_rr_rdf(record, 0));
    variables->algorithm_size = ldns_rdf_size(ldns_rr_rdf(record, 0));
    variables->time = read_time(ldns_rdf_data(ldns_rr_rdf(record, 1)));
    variables->fudge = ldns_rdf2native_int16(ldns_rr_rdf(record, 2));
    found->original_id = ldns_rdf2native_int16(ldns_rr_rdf(record, 4));
    variables->error = ldns_rdf2native_int16(ldns_rr_rdf(record, 5));
    return take_data(ldns_rr_rdf(record, 3), &found->mac, &found->mac_size)
           && take_data(ldns_rr_rdf(record, 6), &variables->other,
                        &variables->other_size);
}

static bool take_data(const ldns_rdf *field, const uint8_t **ret, size_t *ret_size)
{
    if (ldns_rdf_size(field) < LENGTH_PREFIXED)
        return false;
    *ret = ldns_rdf_data(field) + LENGTH_PREFIXED;
    *ret_size = ldns_rdf_size(field) - LENGTH_PREFIXED;
    return true;
}

static bool is_ours(const struct tsig_key *key, const struct variables *variables)
{
    AUTO_NAME algorithm = name_parse(key->algorithm->name);

    return algorithm && variables->name_size == key->name_size
           && memcmp(variables->name, key->name, key->name_size) == 0
           && variables->algorithm_size == ldns_rdf_size(algorithm)
           && memcmp(variables->algorithm, ldns_rdf_data(algorithm),
                     variables->algorithm_size)
                  == 0;
}

/* §5.3: the request's MAC, the answer as it was before it was signed, the variables. */
static void compute(const struct tsig_key *key, const struct tsig_mac *request_mac,
                    const uint8_t *bytes, const struct found *found,
                    struct tsig_mac *ret_mac)
{
    uint16_t additional = message_get_u16(bytes + MESSAGE_AT_ADDITIONAL);
    struct hmac hmac;

    begin(&hmac, key);
    feed_u16(&hmac, (uint16_t)request_mac->size);
    feed(&hmac, request_mac->bytes, request_mac->size);
    feed_u16(&hmac, found->original_id);
    feed(&hmac, bytes + 2, MESSAGE_AT_ADDITIONAL - 2);
    feed_u16(&hmac, (uint16_t)(additional - 1));
    feed(&hmac, bytes + MESSAGE_HEADER_SIZE, found->at - MESSAGE_HEADER_SIZE);
    feed_variables(&hmac, &found->variables);
    finish(&hmac, ret_mac);
}

static void judge(const struct tsig_key *key, const struct tsig_mac *request_mac,
                  int64_t now_s, const uint8_t *bytes, const struct found *found,
                  struct tsig_report *report)
{
    struct tsig_mac mac;

    report->error = found->variables.error;
    /* §5.3.2: BADKEY and BADSIG come without MAC, since there is no common key. */
    if (found->mac_size == 0 && report->error != TSIG_NO_ERROR) {
        report->verdict = TSIG_UNSIGNED;
        return;
    }
    if (!is_ours(key, &found->variables)) {
        report->verdict = TSIG_OTHER_KEY;
        return;
    }
    compute(key, request_mac, bytes, found, &mac);
    /* A MAC that is cut short is not offered, so it is not taken (§5.2.2.1). */
    if (found->mac_size != mac.size || !memeql_sec(found->mac, mac.bytes, mac.size)) {
        report->verdict = TSIG_FORGED;
        return;
    }
    judge_time(&found->variables, now_s, report);
}

static void judge_time(const struct variables *variables, int64_t now_s,
                       struct tsig_report *report)
{
    int64_t difference = (int64_t)variables->time - now_s;

    /* §5.2.3: then the time is ours again, and the server's own stands in `other`. */
    if (variables->error == TSIG_BADTIME && variables->other_size == TIME_SIZE)
        report->skew_s = (int64_t)read_time(variables->other) - now_s;
    if (difference > variables->fudge || -difference > variables->fudge) {
        report->verdict = TSIG_STALE;
        report->skew_s = difference;
    }
}
