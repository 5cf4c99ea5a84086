/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/accounts/account_import.h"

#include "base/file.h"
#include "base/json.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define CERTBOT_KEY          "private_key.json"
#define CERTBOT_REGISTRATION "regr.json"

void ac_imported_key_done(struct ac_imported_key *imported)
{
    ac_key_free(imported->key);
    free(imported->url);
    *imported = (struct ac_imported_key){ 0 };
}

/* Both forms of an encrypted PEM say so in their first lines. */
static bool is_encrypted(const struct ac_secret *file)
{
    static const char mark[] = "ENCRYPTED";

    return memmem(file->bytes, file->size, mark, sizeof mark - 1) != NULL;
}

static bool is_json(const struct ac_secret *file)
{
    size_t at = 0;

    while (at < file->size && isspace(file->bytes[at]))
        at++;
    return at < file->size && file->bytes[at] == '{';
}

/* Whatever is wrong with the file, a person gave it. */
static enum ac_code refuse(const char *path, const struct ac_error *why,
                           struct ac_error *err)
{
    return ac_fail(err, AC_E_USAGE,
                   "%s is no account key that can be taken: %s (PEM or JWK, not "
                   "encrypted)",
                   path, why->detail);
}

static enum ac_code parse(const char *path, const struct ac_secret *file,
                          struct ac_key **ret_key, struct ac_error *err)
{
    struct ac_error why = { 0 };
    enum ac_code code;

    if (is_json(file)) {
        code = ac_key_parse_jwk(file, ret_key, &why);
    } else if (is_encrypted(file)) {
        return ac_fail(err, AC_E_USAGE,
                       "the private key in %s is encrypted; decrypt it first (openssl "
                       "pkey -in FILE -out NEW), for its passphrase is not asked for",
                       path);
    } else {
        code = ac_key_parse(file, ret_key, &why);
    }
    if (code == AC_E_INVALID)
        return refuse(path, &why, err);
    if (code != AC_OK)
        return ac_fail(err, code, "%s", why.detail);
    return AC_OK;
}

static enum ac_code read_file(const char *path, struct ac_secret *ret_file,
                              struct ac_error *err)
{
    enum ac_code code = ac_file_read_secret(path, AC_IMPORT_FILE_MAX, ret_file, err);

    /* A file that a person names is no matter of the store. */
    if (code == AC_E_INVALID || code == AC_E_STORE)
        err->code = code = AC_E_USAGE;
    return code;
}

/* certbot keeps the account's URL beside the key. What cannot be read is not there. */
static enum ac_code read_url(const char *path, char **ret_url, struct ac_error *err)
{
    const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    AC_AUTO_TEXT char *beside = NULL;
    AC_AUTO(ac_text) text = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    struct ac_error ignored = { 0 };

    if (strcmp(base, CERTBOT_KEY) != 0)
        return AC_OK;
    AC_TRY(ac_memory_format(&beside, err, "%.*s" CERTBOT_REGISTRATION,
                            (int)(base - path), path));
    if (ac_file_read(beside, AC_IMPORT_FILE_MAX, &text, &ignored) != AC_OK
        || ac_json_parse(ac_text_get(&text), text.size, &json, &ignored) != AC_OK)
        return AC_OK;
    const char *url = ac_json_text_or(json, "uri", NULL);
    return url ? ac_memory_copy_text(url, ret_url, err) : AC_OK;
}

enum ac_code ac_account_import_read(const char *path,
                                    struct ac_imported_key *ret_imported,
                                    struct ac_error *err)
{
    AC_AUTO(ac_secret) file = { 0 };
    AC_AUTO(ac_imported_key) imported = { 0 };

    AC_TRY(read_file(path, &file, err));
    AC_TRY(parse(path, &file, &imported.key, err));
    AC_TRY(read_url(path, &imported.url, err));
    *ret_imported = imported;
    imported = (struct ac_imported_key){ 0 };
    return AC_OK;
}
