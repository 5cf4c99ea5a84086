/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/persist.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define ISSUERS       "issuer-domain-names"
#define ACCOUNT       "accounturi"
#define POLICY        "policy"
#define WILDCARD      "wildcard"
#define UNTIL         "persistUntil"
#define UNTIL_DIGITS  18 /* of a number that an int64_t holds */
#define UNTIL_SIZE    40
#define RECORD_PREFIX "_validation-persist."
#define NAME_MAX_SIZE 253 /* octets of a DNS name as text (RFC 1035 3.1) */
#define ISSUER_CHARS  "abcdefghijklmnopqrstuvwxyz0123456789-."
#define UPPER_CHARS   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define TAG_CHARS     "abcdefghijklmnopqrstuvwxyz0123456789-" UPPER_CHARS

#define ISSUER_ANY_CASE ISSUER_CHARS UPPER_CHARS

/* Lower-case A-labels without a trailing dot. */
static bool is_issuer(const char *text)
{
    return text && ac_text_is_made_of(text, ISSUER_CHARS, 1, NAME_MAX_SIZE)
           && text[0] != '.' && text[strlen(text) - 1] != '.' && !strstr(text, "..");
}

/* RFC 8659 4.2: a value is of 0x21-0x3A and 0x3C-0x7E, so that ";" ends it. */
static bool is_value(const char *text)
{
    size_t size = strnlen(text, AC_PERSIST_ACCOUNT_MAX + 1);

    for (size_t i = 0; i < size; i++) {
        if (text[i] < '!' || text[i] > '~' || text[i] == ';')
            return false;
    }
    return size > 0 && size <= AC_PERSIST_ACCOUNT_MAX;
}

static bool has_issuers(const struct ac_json *array)
{
    if (!ac_json_is_array(array) || ac_json_count(array) == 0
        || ac_json_count(array) > AC_PERSIST_ISSUERS_MAX)
        return false;
    for (size_t i = 0; i < ac_json_count(array); i++) {
        if (!is_issuer(ac_json_as_text(ac_json_at(array, i))))
            return false;
    }
    return true;
}

/* Absent: a server of draft -00, and our own URL is meant. */
static bool has_good_account(const struct ac_json *json)
{
    const struct ac_json *account = ac_json_get(json, ACCOUNT);
    const char *text = ac_json_as_text(account);

    return !account || (text && is_value(text));
}

enum ac_code ac_persist_read(const struct ac_json *json, struct ac_challenge *challenge,
                             bool *ret_is_usable, struct ac_error *err)
{
    const char *account = ac_json_text_or(json, ACCOUNT, NULL);

    *ret_is_usable = has_issuers(ac_json_get(json, ISSUERS)) && has_good_account(json);
    if (!*ret_is_usable)
        return AC_OK;
    AC_TRY(ac_json_get_words(json, ISSUERS, &challenge->issuers, err));
    if (!account)
        return AC_OK;
    return ac_memory_copy_text(account, &challenge->account_uri, err);
}

const char *ac_persist_issuer(const struct ac_challenge *challenge,
                              const struct ac_words *identities)
{
    for (size_t i = 0; i < challenge->issuers.count; i++) {
        if (ac_words_has(identities, challenge->issuers.items[i]))
            return challenge->issuers.items[i];
    }
    return challenge->issuers.items[0];
}

enum ac_code ac_persist_name(const struct ac_identifier *identifier, char **ret_name,
                             struct ac_error *err)
{
    const char *base = ac_identifier_base(identifier);

    if (identifier->type != AC_IDENTIFIER_DNS
        || strlen(RECORD_PREFIX) + strlen(base) > NAME_MAX_SIZE) {
        return ac_fail(err, AC_E_INVALID,
                       "%s cannot be proven by " AC_PERSIST_TYPE
                       ": no record of that name can exist",
                       identifier->value);
    }
    return ac_memory_format(ret_name, err, RECORD_PREFIX "%s", base);
}

enum ac_code ac_persist_value(const struct ac_persist_record *record, char **ret_value,
                              struct ac_error *err)
{
    if (!is_value(record->account_uri)) {
        return ac_fail(err, AC_E_INVALID,
                       "the URL of the account cannot be in a record of %s: it is over "
                       "%d characters, or has some that are not allowed there",
                       AC_PERSIST_TYPE, AC_PERSIST_ACCOUNT_MAX);
    }
    char until[UNTIL_SIZE] = "";
    if (record->until > 0)
        (void)snprintf(until, sizeof until, "; " UNTIL "=%" PRId64, record->until);
    return ac_memory_format(ret_value, err, "%s; " ACCOUNT "=%s%s%s", record->issuer,
                            record->account_uri,
                            record->is_wildcard ? "; " POLICY "=" WILDCARD : "", until);
}

/* ---- reading what somebody wrote: a CAA issue-value (RFC 8659 4.2) */

/* A part of the value; its blanks are cut off. */
struct span {
    const char *text;
    size_t size;
};

/* What the record says. Absent parts are NULL or 0. */
struct reading {
    struct span issuer, account, policy, until;
    bool is_malformed;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct span cut(const char *text, size_t size)
{
    while (size > 0 && is_blank(text[0])) {
        text++;
        size--;
    }
    while (size > 0 && is_blank(text[size - 1]))
        size--;
    return (struct span){ text, size };
}

static bool is_same(struct span span, const char *word)
{
    return span.size == strlen(word) && strncasecmp(span.text, word, span.size) == 0;
}

static bool is_of(struct span span, const char *alphabet)
{
    for (size_t i = 0; i < span.size; i++) {
        if (!strchr(alphabet, span.text[i]))
            return false;
    }
    return span.size > 0;
}

static bool is_span_value(struct span span)
{
    for (size_t i = 0; i < span.size; i++) {
        if (span.text[i] < '!' || span.text[i] > '~' || span.text[i] == ';')
            return false;
    }
    return true;
}

/* One "tag=value". Tags are compared without case, unknown ones passed over; one that
 * is there twice makes the record malformed. */
static void read_parameter(struct reading *reading, struct span part)
{
    const struct {
        const char *tag;
        struct span *value;
    } known[] = { { ACCOUNT, &reading->account },
                  { POLICY, &reading->policy },
                  { UNTIL, &reading->until } };
    const char *equals = part.size > 0 ? memchr(part.text, '=', part.size) : NULL;

    if (!equals) {
        reading->is_malformed = true;
        return;
    }
    struct span tag = cut(part.text, (size_t)(equals - part.text));
    struct span value = cut(equals + 1, part.size - (size_t)(equals + 1 - part.text));
    reading->is_malformed |= !is_of(tag, TAG_CHARS) || !is_span_value(value);
    for (size_t i = 0; i < AC_COUNT(known); i++) {
        if (!is_same(tag, known[i].tag))
            continue;
        reading->is_malformed |= known[i].value->text != NULL;
        *known[i].value = value;
    }
}

static struct reading read_record(const char *value)
{
    struct reading reading = { 0 };
    const char *at = value + strcspn(value, ";");

    reading.issuer = cut(value, (size_t)(at - value));
    while (*at == ';') {
        size_t size = strcspn(++at, ";");
        read_parameter(&reading, cut(at, size));
        at += size;
    }
    return reading;
}

/* Seconds as a number of decimal digits. */
static bool read_until(struct span span, int64_t *ret_until)
{
    *ret_until = 0;
    if (!span.text)
        return true;
    if (!is_of(span, "0123456789") || span.size > UNTIL_DIGITS)
        return false;
    for (size_t i = 0; i < span.size; i++)
        *ret_until = *ret_until * 10 + (span.text[i] - '0');
    return true;
}

static bool has_issuer(const struct ac_words *issuers, struct span issuer)
{
    for (size_t i = 0; i < issuers->count; i++) {
        if (is_same(issuer, issuers->items[i]))
            return true;
    }
    return false;
}

enum ac_persist_verdict ac_persist_judge(const char *value,
                                         const struct ac_persist_need *need,
                                         int64_t *ret_until)
{
    struct reading reading = read_record(value);
    int64_t until;
    bool is_ours = has_issuer(need->issuers, reading.issuer);

    if (!is_ours && (!reading.account.text || !is_of(reading.issuer, ISSUER_ANY_CASE)))
        return AC_PERSIST_FOREIGN;
    if (!is_ours)
        return AC_PERSIST_OTHER_ISSUER;
    if (reading.is_malformed || !reading.account.text
        || !read_until(reading.until, &until))
        return AC_PERSIST_MALFORMED;
    /* Octet by octet: an account's URI has no other form. */
    if (reading.account.size != strlen(need->account_uri)
        || strncmp(reading.account.text, need->account_uri, reading.account.size) != 0)
        return AC_PERSIST_OTHER_ACCOUNT;
    if (need->is_wildcard
        && !(reading.policy.text && is_same(reading.policy, WILDCARD)))
        return AC_PERSIST_NO_WILDCARD;
    *ret_until = until;
    if (reading.until.text && until <= need->utc)
        return AC_PERSIST_EXPIRED;
    return AC_PERSIST_GOOD;
}
