/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/persist.h"

#include <string.h>

#define ISSUERS       "issuer-domain-names"
#define ACCOUNT       "accounturi"
#define RECORD_PREFIX "_validation-persist."
#define NAME_MAX_SIZE 253 /* octets of a DNS name as text (RFC 1035 3.1) */
#define ISSUER_CHARS  "abcdefghijklmnopqrstuvwxyz0123456789-."

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
    return ac_memory_format(ret_value, err, "%s; " ACCOUNT "=%s%s", record->issuer,
                            record->account_uri,
                            record->is_wildcard ? "; policy=wildcard" : "");
}
