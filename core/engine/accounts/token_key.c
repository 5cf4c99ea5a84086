/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/accounts/token_key.h"

#include "base/clock.h"
#include "crypto/digest.h"
#include "crypto/token.h"

#include <stdlib.h>
#include <string.h>

#define DOCUMENT     "pin.json"
#define TOKEN_DIGEST 16
#define TOKEN_NAME   (TOKEN_DIGEST + 1)

/* ---- a file */

static enum ac_code load_file(const char *path, const char *option,
                              struct ac_key **ret_key, struct ac_error *err)
{
    AC_AUTO(ac_secret) pem = { 0 };

    enum ac_code code = ac_file_read_secret(path, AC_STORE_KEY_MAX, &pem, err);
    if (code == AC_OK)
        code = ac_key_parse(&pem, ret_key, err);
    if (code == AC_OK || code == AC_E_NOMEM)
        return code;
    ac_error_about(err, "%s %s", option, path);
    return err->code = AC_E_USAGE;
}

/* ---- a token's PIN */

/* Where a PIN comes from. */
struct pin {
    char *path;  /* owned; NULL: none was given */
    char *stamp; /* owned; of that file */
    struct ac_secret secret;
    char token[TOKEN_NAME]; /* the name under which a refusal is noted */
};

static void pin_done(struct pin *pin)
{
    free(pin->path);
    free(pin->stamp);
    ac_secret_wipe(&pin->secret);
}
AC_DEFINE_DROP_VALUE(pin, pin_done)

static enum ac_code read_pin(const char *url, const char *pin_file, struct pin *pin,
                             struct ac_error *err)
{
    char digest[AC_SHA256_HEX_SIZE];

    memcpy(pin->token, ac_sha256_hex(url, strlen(url), digest), TOKEN_DIGEST);
    AC_TRY(ac_token_pin_source(url, &pin->path, err));
    if (!pin->path && pin_file)
        AC_TRY(ac_memory_copy_text(pin_file, &pin->path, err));
    if (!pin->path)
        return AC_OK;
    /* Before the PIN: one that is written in between has another stamp next time. */
    enum ac_code code = ac_file_stamp(pin->path, &pin->stamp, err);
    if (code == AC_E_NOTFOUND) {
        ac_error_about(err, "--pin-file");
        return err->code = AC_E_USAGE;
    }
    AC_TRY(code);
    return ac_file_read_password(pin->path, "--pin-file", &pin->secret, err);
}

static enum ac_code check_refused(const struct ac_store *store, const struct pin *pin,
                                  const char *url, struct ac_error *err)
{
    AC_AUTO(ac_json) *note = NULL;

    if (!pin->path)
        return AC_OK;
    enum ac_code code =
        ac_store_load(store, AC_STORE_TOKENS, pin->token, DOCUMENT, &note, err);
    if (code == AC_E_NOTFOUND)
        return AC_OK;
    AC_TRY(code);
    if (strcmp(ac_json_text_or(note, "stamp", ""), pin->stamp) != 0
        || strcmp(ac_json_text_or(note, "pin_file", ""), pin->path) != 0)
        return AC_OK;
    return ac_fail(
        err, AC_E_USAGE,
        "the PIN in %s was refused by the token of %s at %s, and is not tried "
        "again so that the token does not lock itself; write the right one "
        "into the file",
        pin->path, url, ac_json_text_or(note, "refused", "?"));
}

static enum ac_code note_refusal(struct ac_store *store, const struct pin *pin,
                                 struct ac_error *err)
{
    AC_AUTO(ac_json) *note = NULL;
    char now[AC_CLOCK_TEXT_SIZE];

    AC_TRY(ac_json_new(&note, err, "{s:s, s:s, s:s}", "pin_file", pin->path, "stamp",
                       pin->stamp, "refused", ac_clock_format(ac_clock_utc(), now)));
    return ac_store_save(store, AC_STORE_TOKENS, pin->token, DOCUMENT, note, err);
}

/* The note of an earlier refusal is of no use once the PIN was taken. */
static enum ac_code forget_refusal(struct ac_store *store, const struct pin *pin,
                                   struct ac_error *err)
{
    AC_TRY(ac_store_remove(store, AC_STORE_TOKENS, pin->token, DOCUMENT, err));
    return ac_store_forget_empty(store, AC_STORE_TOKENS, pin->token, err);
}

static enum ac_code load_token(struct ac_store *store, const char *url,
                               const char *pin_file, struct ac_key **ret_key,
                               struct ac_error *err)
{
    AC_AUTO(pin) pin = { 0 };
    AC_AUTO(ac_key) *key = NULL;
    struct ac_error trouble = { 0 };
    bool was_wrong;

    AC_TRY(read_pin(url, pin_file, &pin, err));
    AC_TRY(check_refused(store, &pin, url, err));
    enum ac_code code = ac_token_load_key(url, &pin.secret, &key, &was_wrong, err);
    if (was_wrong && pin.path && note_refusal(store, &pin, &trouble) != AC_OK) {
        return ac_fail(
            err, code,
            "the token of %s does not take the PIN in %s, and that could not "
            "be noted (%s): do not try again before the file is right",
            url, pin.path, trouble.detail);
    }
    if (code != AC_OK)
        return code;
    AC_TRY(forget_refusal(store, &pin, err));
    *ret_key = AC_TAKE(key);
    return AC_OK;
}

enum ac_code ac_token_key_load(struct ac_store *store, const char *source,
                               const char *pin_file, const char *option,
                               struct ac_key **ret_key, struct ac_error *err)
{
    if (!ac_token_is_url(source))
        return load_file(source, option, ret_key, err);
    enum ac_code code = load_token(store, source, pin_file, ret_key, err);
    if (code != AC_OK && code != AC_E_NOMEM)
        ac_error_about(err, "%s", option);
    return code;
}
