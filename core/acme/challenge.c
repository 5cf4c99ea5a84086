/* SPDX-License-Identifier: Apache-2.0 */
#include "acme/challenge.h"

#include "acme/persist.h"
#include "acme/wire.h"
#include "crypto/base64url.h"
#include "crypto/digest.h"

#include <stdlib.h>
#include <string.h>

#define WHAT          "challenge"
#define RECORD_PREFIX "_acme-challenge."
#define NAME_MAX_SIZE 253 /* octets of a DNS name as text (RFC 1035 3.1) */
#define LABEL_OCTETS  10  /* of the digest: 16 base32 characters */
#define LABEL_SIZE    17

static const char *const status_names[AC_CHALLENGE_STATUS_COUNT] = {
    [AC_CHALLENGE_PENDING] = "pending",
    [AC_CHALLENGE_PROCESSING] = "processing",
    [AC_CHALLENGE_VALID] = "valid",
    [AC_CHALLENGE_INVALID] = "invalid",
};

static enum ac_code read_status(const struct ac_json *json,
                                enum ac_challenge_status *ret_status,
                                struct ac_error *err)
{
    size_t index = 0;

    AC_TRY(ac_wire_status(json, WHAT, status_names, AC_CHALLENGE_STATUS_COUNT, &index,
                          err));
    *ret_status = (enum ac_challenge_status)index;
    return AC_OK;
}

/* A type is compared and shown, never trusted. */
static bool is_type(const char *type)
{
    return type
           && ac_text_is_made_of(type, AC_ALPHABET_BASE64URL ".", 1,
                                 AC_CHALLENGE_TYPE_MAX);
}

static enum ac_code copy_token(const struct ac_json *json, char **ret_token,
                               struct ac_error *err)
{
    const char *token = ac_json_text_or(json, "token", NULL);

    return token ? ac_memory_copy_text(token, ret_token, err) : AC_OK;
}

enum ac_code ac_challenge_parse(const struct ac_json *json,
                                struct ac_challenge *ret_challenge, bool *ret_is_usable,
                                struct ac_error *err)
{
    AC_AUTO(ac_challenge) challenge = { 0 };
    const char *type = ac_json_text_or(json, "type", NULL);
    struct ac_error ignored = { 0 };

    *ret_is_usable = false;
    if (!is_type(type) || ac_challenge_has_bad_token(json)
        || ac_json_get(json, "url") == NULL
        || read_status(json, &challenge.status, &ignored) != AC_OK)
        return AC_OK;
    AC_TRY(ac_memory_copy_text(type, &challenge.type, err));
    AC_TRY(ac_wire_url(json, WHAT, "url", &challenge.url, err));
    AC_TRY(copy_token(json, &challenge.token, err));
    AC_TRY(ac_problem_from_json(ac_json_get(json, "error"), &challenge.error, err));
    bool is_usable = true;
    if (strcmp(type, AC_PERSIST_TYPE) == 0)
        AC_TRY(ac_persist_read(json, &challenge, &is_usable, err));
    if (!is_usable)
        return AC_OK;

    *ret_is_usable = true;
    *ret_challenge = challenge;
    challenge = (struct ac_challenge){ 0 };
    return AC_OK;
}

bool ac_challenge_has_bad_token(const struct ac_json *json)
{
    const struct ac_json *token = ac_json_get(json, "token");
    const char *text = ac_json_as_text(token);

    if (token == NULL)
        return false; /* CH-04: dns-persist-01 has none */
    return !text
           || !ac_text_is_made_of(text, AC_ALPHABET_BASE64URL, 1,
                                  AC_CHALLENGE_TOKEN_MAX);
}

void ac_challenge_done(struct ac_challenge *challenge)
{
    free(challenge->type);
    free(challenge->url);
    free(challenge->token);
    ac_words_done(&challenge->issuers);
    free(challenge->account_uri);
    ac_problem_free(challenge->error);
    *challenge = (struct ac_challenge){ 0 };
}

enum ac_code ac_challenge_key_authorization(const char *token,
                                            const struct ac_key *account_key,
                                            char **ret_text, struct ac_error *err)
{
    AC_AUTO_TEXT char *thumbprint = NULL;

    AC_TRY(ac_key_thumbprint(account_key, &thumbprint, err));
    return ac_memory_format(ret_text, err, "%s.%s", token, thumbprint);
}

enum ac_code ac_challenge_txt_value(const char *key_authorization, char **ret_text,
                                    struct ac_error *err)
{
    uint8_t digest[AC_SHA256_SIZE];

    ac_sha256(key_authorization, strlen(key_authorization), digest);
    return ac_base64url_encode(digest, sizeof(digest), ret_text, err);
}

/* RFC 4648 6 in lower case; LABEL_OCTETS are a whole number of groups, so no padding.
 */
static void write_base32(const uint8_t *octets, char text[LABEL_SIZE])
{
    static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
    unsigned bits = 0;
    uint32_t held = 0;
    size_t size = 0;

    for (size_t i = 0; i < LABEL_OCTETS; i++) {
        held = held << 8 | octets[i];
        for (bits += 8; bits >= 5; bits -= 5)
            text[size++] = alphabet[held >> (bits - 5) & 31];
    }
    text[size] = '\0';
}

/* draft-ietf-acme-dns-account-label 3.2: "_" and the label of this account URL, "." */
static enum ac_code write_account_label(const char *account_url, char **ret_label,
                                        struct ac_error *err)
{
    uint8_t digest[AC_SHA256_SIZE];
    char label[LABEL_SIZE];

    ac_sha256(account_url, strlen(account_url), digest);
    write_base32(digest, label);
    return ac_memory_format(ret_label, err, "_%s.", label);
}

static enum ac_code write_label(const char *type, const char *account_url,
                                char **ret_label, struct ac_error *err)
{
    if (strcmp(type, "dns-01") == 0)
        return ac_memory_copy_text("", ret_label, err);
    if (strcmp(type, "dns-account-01") == 0 && account_url)
        return write_account_label(account_url, ret_label, err);
    return ac_fail(err, AC_E_INVALID, "%s has no TXT record to be set", type);
}

enum ac_code ac_challenge_record_name(const char *type,
                                      const struct ac_identifier *identifier,
                                      const char *account_url, char **ret_text,
                                      struct ac_error *err)
{
    AC_AUTO_TEXT char *label = NULL;
    AC_AUTO_TEXT char *name = NULL;

    if (identifier->type != AC_IDENTIFIER_DNS) {
        return ac_fail(err, AC_E_INVALID,
                       "%s cannot be proven by DNS records (RFC 8738 7)",
                       identifier->value);
    }
    AC_TRY(write_label(type, account_url, &label, err));
    AC_TRY(ac_memory_format(&name, err, "%s" RECORD_PREFIX "%s", label,
                            ac_identifier_base(identifier)));
    if (strlen(name) > NAME_MAX_SIZE) {
        return ac_fail(err, AC_E_INVALID,
                       "%s is too long for %s: no record of that name can exist",
                       identifier->value, type);
    }
    *ret_text = AC_TAKE(name);
    return AC_OK;
}

enum ac_code ac_challenge_respond(struct ac_client *client,
                                  const struct ac_challenge *challenge,
                                  struct ac_post **ret_post, struct ac_error *err)
{
    const struct ac_post_request post = {
        .url = challenge->url,
        .payload = "{}",
        .what = WHAT,
        .why = "Tells the CA that the proof is in place and can be checked.",
        .section = "RFC 8555 7.5.1",
    };
    return ac_client_post(client, &post, ret_post, err);
}

enum ac_code ac_challenge_update(struct ac_challenge *challenge, struct ac_post *post,
                                 struct ac_error *err)
{
    AC_AUTO(ac_problem) *problem = NULL;
    const struct ac_json *json = NULL;
    enum ac_challenge_status status = AC_CHALLENGE_PENDING;

    AC_TRY(ac_post_result(post, err));
    AC_TRY(ac_post_json(post, &json, err));
    AC_TRY(read_status(json, &status, err));
    AC_TRY(ac_problem_from_json(ac_json_get(json, "error"), &problem, err));

    challenge->status = status;
    ac_problem_free(challenge->error);
    challenge->error = AC_TAKE(problem);
    return AC_OK;
}
