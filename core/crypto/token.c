/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/token.h"

#include "base/file.h"
#include "crypto/handle.h"
#include "crypto/token_url.h"

#include <gnutls/pkcs11.h>
#include <gnutls/urls.h>
#include <stdlib.h>
#include <string.h>

#define PKCS11 "pkcs11:"
#define TPM    "tpmkey:"

void ac_token_pin_free(struct ac_token_pin *pin)
{
    if (pin == NULL)
        return;
    ac_secret_wipe(&pin->pin);
    free(pin);
}

static bool is_of_scheme(const char *text, const char *scheme)
{
    return strncmp(text, scheme, strlen(scheme)) == 0;
}

bool ac_token_is_url(const char *text)
{
    return is_of_scheme(text, PKCS11) || is_of_scheme(text, TPM);
}

/* Debian's GnuTLS is one of those without. */
static enum ac_code check_kind(const char *url, struct ac_error *err)
{
    if (gnutls_url_is_supported(url))
        return AC_OK;
    if (!is_of_scheme(url, TPM)) {
        return ac_fail(err, AC_E_USAGE, "GnuTLS %s cannot use keys in tokens",
                       gnutls_check_version(NULL));
    }
    return ac_fail(err, AC_E_USAGE,
                   "this GnuTLS (%s) was built without support for tpmkey: URLs; a key "
                   "in a TPM 2.0 can be used through a PKCS#11 module, as tpm2-pkcs11 "
                   "is one, with a pkcs11: URL",
                   gnutls_check_version(NULL));
}

static enum ac_code parse(const char *text, struct ac_token_url *ret_url,
                          struct ac_error *err)
{
    if (!ac_token_is_url(text)) {
        return ac_fail(err, AC_E_USAGE,
                       "the URL of a key begins with " PKCS11 " or " TPM);
    }
    AC_TRY(check_kind(text, err));
    return ac_token_url_parse(text, ret_url, err);
}

enum ac_code ac_token_check_url(const char *url, struct ac_error *err)
{
    AC_AUTO(ac_token_url) parsed = { 0 };

    return parse(url, &parsed, err);
}

enum ac_code ac_token_pin_source(const char *url, char **ret_path, struct ac_error *err)
{
    AC_AUTO(ac_token_url) parsed = { 0 };

    AC_TRY(parse(url, &parsed, err));
    *ret_path = AC_TAKE(parsed.pin_path);
    return AC_OK;
}

/*
 * GnuTLS asks here, again and again while the PIN is wrong: a token locks itself after
 * a few wrong ones, so it is told ours once, and not at all when that may be once too
 * often.
 */
/* NOLINTNEXTLINE(readability-function-size): the parameters are GnuTLS's */
static int give_pin(void *arg, int attempt, const char *token_url,
                    const char *token_label, unsigned int flags, char *pin, size_t size)
{
    struct ac_token_pin *ours = arg;

    (void)token_url;
    (void)token_label;
    ours->was_asked = true;
    ours->was_wrong |= attempt > 0 || (flags & GNUTLS_PIN_WRONG) != 0;
    ours->is_too_low |= (flags & GNUTLS_PIN_FINAL_TRY) != 0;
    if (ours->was_wrong || ours->is_too_low || ours->pin.size == 0
        || ours->pin.size >= size)
        return GNUTLS_E_PKCS11_PIN_ERROR;
    memcpy(pin, ours->pin.bytes, ours->pin.size + 1);
    return GNUTLS_E_SUCCESS;
}

/*
 * With a module of its own nothing that p11-kit is configured for is loaded. Code that
 * others can change is not.
 */
static enum ac_code load_module(const struct ac_token_url *url, struct ac_error *err)
{
    int status;

    if (url->module_path == NULL) {
        status = gnutls_pkcs11_init(GNUTLS_PKCS11_FLAG_AUTO, NULL);
        if (status < 0) {
            return ac_fail_gnutls(err, AC_E_STORE, status,
                                  "the PKCS#11 modules cannot be loaded");
        }
        return AC_OK;
    }
    enum ac_code code = ac_file_check_trust(url->module_path, err);
    if (code == AC_E_NOTFOUND) {
        ac_error_about(err, "the PKCS#11 module of the key's URL");
        return err->code = AC_E_USAGE;
    }
    AC_TRY(code);
    status = gnutls_pkcs11_init(GNUTLS_PKCS11_FLAG_MANUAL, NULL);
    if (status >= 0)
        status = gnutls_pkcs11_add_provider(url->module_path, NULL);
    if (status < 0) {
        return ac_fail_gnutls(err, AC_E_USAGE, status,
                              "%s cannot be loaded as a PKCS#11 module",
                              url->module_path);
    }
    return AC_OK;
}

static enum ac_code fail_token(const char *url, struct ac_error *err)
{
    return ac_fail(err, AC_E_STORE,
                   "there is no token for %s: is it plugged in, is its PKCS#11 module "
                   "known to p11-kit or named by module-path= in the URL, and may this "
                   "user use it? (p11tool --list-tokens shows those there are)",
                   url);
}

/* The token is there, and has no key for us. */
static enum ac_code fail_key(const char *url, const struct ac_token_pin *pin,
                             struct ac_error *err)
{
    if (pin->pin.size == 0) {
        return ac_fail(err, AC_E_USAGE,
                       "the token has no private key %s that it shows without a PIN; "
                       "give one with --pin-file FILE",
                       url);
    }
    return ac_fail(err, AC_E_USAGE,
                   "the token has no private key %s (p11tool --login --list-privkeys "
                   "shows those it has)",
                   url);
}

/* What GnuTLS says is the last of what went wrong; the reason is what went before. */
static enum ac_code explain(const char *url, const struct ac_token_pin *pin, int status,
                            struct ac_error *err)
{
    unsigned int flags = 0;

    if (status == GNUTLS_E_PARSING_ERROR)
        return ac_fail(err, AC_E_USAGE, "%s is not a URL of RFC 7512", url);
    if (gnutls_pkcs11_token_get_flags(url, &flags) < 0)
        return fail_token(url, err);
    if (status == GNUTLS_E_PKCS11_PIN_LOCKED
        || (flags & GNUTLS_PKCS11_TOKEN_USER_PIN_LOCKED) != 0) {
        return ac_fail(err, AC_E_STORE,
                       "the token of %s is locked; unlock it with its SO PIN", url);
    }
    if (pin->is_too_low) {
        return ac_fail(
            err, AC_E_STORE,
            "the token of %s locks itself after one more wrong PIN, so it is "
            "told none; log in by hand with the right one first (p11tool "
            "--login --list-privkeys)",
            url);
    }
    if (pin->was_wrong) {
        return ac_fail(err, AC_E_USAGE,
                       "the token of %s does not take the PIN; it was tried once", url);
    }
    if (pin->was_asked && pin->pin.size == 0) {
        return ac_fail(err, AC_E_USAGE,
                       "the token of %s wants a PIN: give a file that has it with "
                       "--pin-file, or with pin-source=file:/path in the URL",
                       url);
    }
    if (status == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE
        || status == GNUTLS_E_PKCS11_REQUESTED_OBJECT_NOT_AVAILBLE)
        return fail_key(url, pin, err);
    return ac_fail_gnutls(err, AC_E_STORE, status, "the token of %s cannot be used",
                          url);
}

/* GnuTLS takes the first that matches: which one is not for chance to say. */
static enum ac_code check_is_one(const char *url, struct ac_error *err)
{
    gnutls_pkcs11_obj_t *objects = NULL;
    unsigned int count = 0;
    int status = gnutls_pkcs11_obj_list_import_url4(&objects, &count, url,
                                                    GNUTLS_PKCS11_OBJ_FLAG_PRIVKEY);

    if (status < 0)
        return AC_OK;
    for (unsigned int i = 0; i < count; i++)
        gnutls_pkcs11_obj_deinit(objects[i]);
    gnutls_free(objects);
    if (count <= 1)
        return AC_OK;
    return ac_fail(err, AC_E_USAGE,
                   "the token has %u private keys that %s fits; say which with id= or "
                   "object= (p11tool --login --list-privkeys shows them)",
                   count, url);
}

static enum ac_code import(const char *url, struct ac_token_pin *pin,
                           struct ac_key **ret_key, struct ac_error *err)
{
    AC_AUTO(gnutls_privkey_st) *private_key = NULL;
    int status = gnutls_privkey_init(&private_key);

    if (status < 0)
        return ac_fail_gnutls(err, AC_E_SYSTEM, status, "cannot use a token's key");
    gnutls_privkey_set_pin_function(private_key, give_pin, pin);
    status = gnutls_privkey_import_url(private_key, url, 0);
    if (status < 0)
        return explain(url, pin, status, err);
    AC_TRY(check_is_one(url, err));
    enum ac_code code = ac_key_wrap(&private_key, ret_key, err);
    if (code == AC_E_INVALID) {
        ac_error_about(err, "%s", url);
        err->code = AC_E_USAGE;
    }
    return code == AC_E_INVALID ? AC_E_USAGE : code;
}

enum ac_code ac_token_load_key(const char *url, const struct ac_secret *pin,
                               struct ac_key **ret_key, bool *ret_was_wrong,
                               struct ac_error *err)
{
    AC_AUTO(ac_token_url) parsed = { 0 };
    AC_AUTO(ac_token_pin) *asked = NULL;
    AC_AUTO(ac_key) *key = NULL;

    *ret_was_wrong = false;
    AC_TRY(parse(url, &parsed, err));
    AC_TRY(ac_memory_new(1, sizeof(*asked), &asked, err));
    if (pin->size > AC_TOKEN_PIN_MAX) {
        return ac_fail(err, AC_E_USAGE, "a PIN has at most %d characters",
                       AC_TOKEN_PIN_MAX);
    }
    AC_TRY(ac_secret_copy(pin->bytes, pin->size, &asked->pin, err));
    AC_TRY(load_module(&parsed, err));
    enum ac_code code = import(ac_text_get(&parsed.plain), asked, &key, err);
    *ret_was_wrong = asked->was_wrong;
    if (code != AC_OK)
        return code;

    key->pin = AC_TAKE(asked);
    *ret_key = AC_TAKE(key);
    return AC_OK;
}
