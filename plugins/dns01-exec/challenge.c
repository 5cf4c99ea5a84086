/* SPDX-License-Identifier: Apache-2.0 */
#include "challenge.h"

#include <string.h>

#define LETTERS   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
#define NAME      LETTERS ".-_"
#define ADDRESS   LETTERS ".-_:" /* an IPv6 address is an identifier too */
#define BASE64URL LETTERS "-_"

static bool is_made_of(const char *text, const char *alphabet, size_t maximum);
static bool is_name(const char *text, const char *alphabet);
static bool is_value(const char *text);
static const char *check_token(const struct acmecore_challenge *challenge);

bool exec_is_http(const struct acmecore_challenge *challenge)
{
    return strcmp(challenge->type, "http-01") == 0;
}

bool exec_is_persistent(const struct acmecore_challenge *challenge)
{
    return strcmp(challenge->type, "dns-persist-01") == 0;
}

const char *exec_challenge_check(const struct acmecore_challenge *challenge)
{
    bool is_http = exec_is_http(challenge);

    if (!is_made_of(challenge->type, LETTERS "-", EXEC_NAME_MAX))
        return "its type is not a word";
    if (!is_name(challenge->identifier, ADDRESS))
        return "it is no name and no address";
    if (!exec_is_persistent(challenge) && check_token(challenge))
        return check_token(challenge);
    if (is_http)
        return NULL;
    if (!challenge->record_name || !is_name(challenge->record_name, NAME))
        return "the name of its record is no DNS name";
    if (!challenge->record_value || !is_value(challenge->record_value))
        return "the value of its record is not printable";
    if (*exec_challenge_zone(challenge)
        && !is_name(exec_challenge_zone(challenge), NAME))
        return "the zone of its record is no DNS name";
    return NULL;
}

const char *exec_challenge_zone(const struct acmecore_challenge *challenge)
{
    return ACMECORE_HAS(challenge, record_zone) ? challenge->record_zone : "";
}

/* RFC 8555 §8.1, and the hole that uacme once had: the token becomes a file name. */
static const char *check_token(const struct acmecore_challenge *challenge)
{
    if (!challenge->token || !is_made_of(challenge->token, BASE64URL, EXEC_TOKEN_MAX))
        return "its token is not base64url";
    if (!challenge->key_authorization
        || !is_made_of(challenge->key_authorization, BASE64URL ".", EXEC_KEY_AUTH_MAX))
        return "its key authorization is not base64url";
    return NULL;
}

static bool is_made_of(const char *text, const char *alphabet, size_t maximum)
{
    size_t size = strnlen(text, maximum + 1);

    return size > 0 && size <= maximum && strspn(text, alphabet) == size;
}

/* A first "-" would make an option of it. */
static bool is_name(const char *text, const char *alphabet)
{
    return text[0] != '-' && is_made_of(text, alphabet, EXEC_NAME_MAX);
}

static bool is_value(const char *text)
{
    size_t size = strnlen(text, EXEC_VALUE_MAX + 1);

    for (size_t i = 0; i < size; i++) {
        if (text[i] < ' ' || text[i] > '~')
            return false;
    }
    return size > 0 && size <= EXEC_VALUE_MAX;
}
