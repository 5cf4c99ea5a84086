/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/accounts/account_file.h"

#include "base/clock.h"
#include "crypto/base64url.h"
#include "engine/accounts/token_key.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define NAME_ALPHABET  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
#define RETIRED        ".retired-"
#define RETIRED_DIGITS 3 /* fewer than the digits that a CA's folder ends with */
#define RETIRED_MAX    999

enum ac_code ac_account_file_check_name(const char *name, struct ac_error *err)
{
    if (ac_text_is_made_of(name, NAME_ALPHABET, 1, AC_ACCOUNT_NAME_MAX))
        return AC_OK;
    return ac_fail(err, AC_E_USAGE,
                   "\"%s\" cannot be an account's name: 1 to %d letters, digits, \"-\" "
                   "and \"_\" are allowed",
                   name, AC_ACCOUNT_NAME_MAX);
}

enum ac_code ac_account_file_folder(const char *directory_url, const char *name,
                                    char **ret_folder, struct ac_error *err)
{
    AC_AUTO_TEXT char *ca = NULL;

    if (!name || strcmp(name, AC_ACCOUNT_DEFAULT) == 0)
        return ac_store_ca_name(directory_url, ret_folder, err);
    AC_TRY(ac_account_file_check_name(name, err));
    AC_TRY(ac_store_ca_name(directory_url, &ca, err));
    return ac_memory_format(ret_folder, err, "%s@%s", ca, name);
}

bool ac_account_file_is_retired(const char *folder)
{
    const char *dot = strrchr(folder, '.');
    size_t digits = 0;

    if (!dot || strncmp(dot, RETIRED, strlen(RETIRED)) != 0)
        return false;
    dot += strlen(RETIRED);
    while (isdigit((unsigned char)dot[digits]))
        digits++;
    return digits >= 1 && digits <= RETIRED_DIGITS && dot[digits] == '\0';
}

/* ---- the document */

/* What was found wrong in a file of the store, with its name. */
static enum ac_code fail_damaged(const struct ac_store *store, const char *folder,
                                 const char *item, struct ac_error *err)
{
    struct ac_error why = *err;

    return ac_fail(err, AC_E_STORE,
                   "%s/" AC_STORE_ACCOUNTS "/%s/%s is damaged: %s; restore it from a "
                   "backup, or set it aside and register again",
                   ac_store_folder(store), folder, item, why.detail);
}

static enum ac_code check_document(const struct ac_json *document,
                                   const char *directory_url, struct ac_error *err)
{
    const char *directory;
    const char *url;

    AC_TRY(ac_json_get_text(document, "url", &url, err));
    if (!directory_url)
        return AC_OK;
    AC_TRY(ac_json_get_text(document, "directory", &directory, err));
    if (strcmp(directory, directory_url) == 0)
        return AC_OK;
    return ac_fail(err, AC_E_INVALID, "it is an account of %s, not of %s", directory,
                   directory_url);
}

enum ac_code ac_account_file_load(const struct ac_store *store, const char *folder,
                                  const char *directory_url,
                                  struct ac_json **ret_document, struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;

    AC_TRY(ac_store_load(store, AC_STORE_ACCOUNTS, folder, AC_ACCOUNT_DOCUMENT,
                         &document, err));
    enum ac_code code = check_document(document, directory_url, err);
    if (code == AC_E_INVALID)
        return fail_damaged(store, folder, AC_ACCOUNT_DOCUMENT, err);
    AC_TRY(code);
    *ret_document = AC_TAKE(document);
    return AC_OK;
}

enum ac_code ac_account_file_check(const struct ac_json *document, struct ac_error *err)
{
    const char *status = ac_json_text_or(document, "status", "valid");
    const char *url = ac_json_text_or(document, "url", "?");

    if (strcmp(status, "deactivating") == 0) {
        return ac_fail(err, AC_E_USAGE,
                       "a run began to deactivate the account %s and could not see "
                       "whether the CA did it: acmecore account deactivate finishes "
                       "that",
                       url);
    }
    if (strcmp(status, "deactivated") == 0) {
        return ac_fail(err, AC_E_USAGE,
                       "the account %s was deactivated and is not set aside yet: "
                       "acmecore account deactivate does that, and acmecore account "
                       "register makes a new one",
                       url);
    }
    return AC_OK;
}

enum ac_code ac_account_file_save(struct ac_store *store, const char *folder,
                                  struct ac_json *document, struct ac_error *err)
{
    return ac_store_save(store, AC_STORE_ACCOUNTS, folder, AC_ACCOUNT_DOCUMENT,
                         document, err);
}

enum ac_code ac_account_file_record(struct ac_store *store, const char *folder,
                                    const struct ac_account_record *record,
                                    struct ac_error *err)
{
    const struct ac_account *account = record->account;
    AC_AUTO(ac_json) *document = NULL;
    char now[AC_CLOCK_TEXT_SIZE];

    AC_TRY(ac_json_new(&document, err, "{s:i, s:s, s:s, s:s, s:s?, s:s, s:s}", "schema",
                       AC_STORE_SCHEMA, "directory", record->directory_url, "url",
                       account->url, "status", account->status, "terms_of_service",
                       record->terms, "key_type",
                       ac_key_type_name(ac_key_type_of(record->key)), "created",
                       ac_clock_format(ac_clock_utc(), now)));
    AC_TRY(ac_json_set_words(document, "contact", &account->contacts, err));
    if (record->name && strcmp(record->name, AC_ACCOUNT_DEFAULT) != 0)
        AC_TRY(ac_json_set_text(document, "name", record->name, err));
    return ac_account_file_save(store, folder, document, err);
}

/* ---- keys */

static enum ac_code load_pem(const struct ac_store *store, const char *folder,
                             const char *item, struct ac_key **ret_key,
                             struct ac_error *err)
{
    AC_AUTO(ac_secret) pem = { 0 };

    AC_TRY(ac_store_load_key(store, AC_STORE_ACCOUNTS, folder, item, &pem, err));
    enum ac_code code = ac_key_parse(&pem, ret_key, err);
    return code == AC_E_INVALID ? fail_damaged(store, folder, item, err) : code;
}

static enum ac_code load_note(const struct ac_store *store, const char *folder,
                              struct ac_json **ret_note, const char **ret_url,
                              struct ac_error *err)
{
    AC_TRY(ac_store_load(store, AC_STORE_ACCOUNTS, folder, AC_ACCOUNT_KEY_URL, ret_note,
                         err));
    enum ac_code code = ac_json_get_text(*ret_note, "url", ret_url, err);
    if (code == AC_E_INVALID)
        return fail_damaged(store, folder, AC_ACCOUNT_KEY_URL, err);
    return code;
}

enum ac_code ac_account_file_load_key(struct ac_store *store, const char *folder,
                                      const char *item, struct ac_key **ret_key,
                                      struct ac_error *err)
{
    AC_AUTO(ac_json) *note = NULL;
    const char *url;

    enum ac_code code = load_pem(store, folder, item, ret_key, err);
    if (code != AC_E_NOTFOUND || strcmp(item, AC_ACCOUNT_KEY) != 0)
        return code;
    AC_TRY(load_note(store, folder, &note, &url, err));
    return ac_token_key_load(store, url, ac_json_text_or(note, "pin_file", NULL),
                             "the account's key", ret_key, err);
}

static enum ac_code parse_public(const struct ac_json *note, struct ac_key **ret_key,
                                 struct ac_error *err)
{
    AC_AUTO(ac_text) der = { 0 };
    const char *text;

    AC_TRY(ac_json_get_text(note, "public_key", &text, err));
    AC_TRY(ac_base64url_decode(text, strlen(text), &der, err));
    return ac_key_parse_public(&der, ret_key, err);
}

enum ac_code ac_account_file_load_public(const struct ac_store *store,
                                         const char *folder, const char *item,
                                         struct ac_key **ret_key, struct ac_error *err)
{
    AC_AUTO(ac_json) *note = NULL;
    const char *url;

    enum ac_code code = load_pem(store, folder, item, ret_key, err);
    if (code != AC_E_NOTFOUND || strcmp(item, AC_ACCOUNT_KEY) != 0)
        return code;
    AC_TRY(load_note(store, folder, &note, &url, err));
    code = parse_public(note, ret_key, err);
    return code == AC_E_INVALID ? fail_damaged(store, folder, AC_ACCOUNT_KEY_URL, err)
                                : code;
}

enum ac_code ac_account_file_key_url(const struct ac_store *store, const char *folder,
                                     char **ret_url, struct ac_error *err)
{
    AC_AUTO(ac_json) *note = NULL;
    const char *url;

    *ret_url = NULL;
    if (ac_account_file_has(store, folder, AC_ACCOUNT_KEY))
        return AC_OK;
    enum ac_code code = load_note(store, folder, &note, &url, err);
    if (code == AC_E_NOTFOUND)
        return AC_OK;
    AC_TRY(code);
    return ac_memory_copy_text(url, ret_url, err);
}

enum ac_code ac_account_file_note_url(struct ac_store *store, const char *folder,
                                      const char *url, const char *pin_file,
                                      const struct ac_key *key, struct ac_error *err)
{
    AC_AUTO(ac_text) der = { 0 };
    AC_AUTO_TEXT char *text = NULL;
    AC_AUTO(ac_json) *note = NULL;

    AC_TRY(ac_key_public_der(key, &der, err));
    AC_TRY(ac_base64url_encode(der.bytes, der.size, &text, err));
    AC_TRY(ac_json_new(&note, err, "{s:s, s:s?, s:s}", "url", url, "pin_file", pin_file,
                       "public_key", text));
    return ac_store_save(store, AC_STORE_ACCOUNTS, folder, AC_ACCOUNT_KEY_URL, note,
                         err);
}

enum ac_code ac_account_file_create_key(struct ac_store *store, const char *folder,
                                        const char *item, const struct ac_key *key,
                                        struct ac_error *err)
{
    AC_AUTO(ac_secret) pem = { 0 };

    AC_TRY(ac_key_export(key, &pem, err));
    return ac_store_create_key(store, AC_STORE_ACCOUNTS, folder, item, &pem, err);
}

enum ac_code ac_account_file_describe(const struct ac_store *store, const char *folder,
                                      const char **ret_key_type, char **ret_thumbprint,
                                      struct ac_error *err)
{
    AC_AUTO(ac_key) *key = NULL;

    AC_TRY(ac_account_file_load_public(store, folder, AC_ACCOUNT_KEY, &key, err));
    AC_TRY(ac_key_thumbprint(key, ret_thumbprint, err));
    *ret_key_type = ac_key_type_name(ac_key_type_of(key));
    return AC_OK;
}

/* Whatever the document says of its status. */
static enum ac_code lend(struct ac_store *store, const char *folder,
                         const struct ac_json *document, struct ac_client *client,
                         struct ac_error *err)
{
    AC_AUTO(ac_key) *key = NULL;

    AC_TRY(ac_account_file_load_key(store, folder, AC_ACCOUNT_KEY, &key, err));
    ac_client_set_key(client, &key);
    enum ac_code code =
        ac_client_set_kid(client, ac_json_text_or(document, "url", ""), err);
    return code == AC_E_INVALID ? fail_damaged(store, folder, AC_ACCOUNT_DOCUMENT, err)
                                : code;
}

enum ac_code ac_account_file_open(struct ac_store *store, const char *folder,
                                  const char *directory_url, struct ac_client *client,
                                  struct ac_json **ret_document, struct ac_error *err)
{
    AC_AUTO(ac_json) *document = NULL;

    AC_TRY(ac_account_file_load(store, folder, directory_url, &document, err));
    AC_TRY(lend(store, folder, document, client, err));
    *ret_document = AC_TAKE(document);
    return AC_OK;
}

bool ac_account_file_has(const struct ac_store *store, const char *folder,
                         const char *item)
{
    AC_AUTO_TEXT char *path = NULL;
    struct ac_error ignored;

    return ac_store_path(store, AC_STORE_ACCOUNTS, folder, item, &path, &ignored)
               == AC_OK
           && ac_file_exists(path);
}

/* ---- set aside */

/* Is `name` what `folder` was set aside as? *ret_number says as which. */
static bool is_retired_of(const char *name, const char *folder, long *ret_number)
{
    size_t size = strlen(folder);

    if (strncmp(name, folder, size) != 0
        || strncmp(name + size, RETIRED, strlen(RETIRED)) != 0
        || !ac_account_file_is_retired(name))
        return false;
    *ret_number = strtol(name + size + strlen(RETIRED), NULL, 10);
    return true;
}

/* The highest number; 0: none was. */
static enum ac_code last_retired(const struct ac_store *store, const char *folder,
                                 long *ret_number, struct ac_error *err)
{
    AC_AUTO(ac_words) names = { 0 };
    long number;

    *ret_number = 0;
    AC_TRY(ac_store_list(store, AC_STORE_ACCOUNTS, &names, err));
    for (size_t i = 0; i < names.count; i++) {
        if (is_retired_of(names.items[i], folder, &number) && number > *ret_number)
            *ret_number = number;
    }
    return AC_OK;
}

enum ac_code ac_account_file_retire(struct ac_store *store, const char *folder,
                                    char **ret_folder, struct ac_error *err)
{
    AC_AUTO_TEXT char *name = NULL;
    long number;

    AC_TRY(last_retired(store, folder, &number, err));
    if (number >= RETIRED_MAX) {
        return ac_fail(err, AC_E_STORE,
                       "%d accounts were set aside as %s" RETIRED "… already; remove "
                       "some",
                       RETIRED_MAX, folder);
    }
    AC_TRY(ac_memory_format(&name, err, "%s" RETIRED "%ld", folder, number + 1));
    AC_TRY(ac_store_set_aside(store, AC_STORE_ACCOUNTS, folder, name, err));
    *ret_folder = AC_TAKE(name);
    return AC_OK;
}

enum ac_code ac_account_file_find_retired(const struct ac_store *store,
                                          const char *folder, char **ret_folder,
                                          struct ac_error *err)
{
    long number;

    AC_TRY(last_retired(store, folder, &number, err));
    if (number == 0)
        return ac_fail(err, AC_E_NOTFOUND, "no account was set aside");
    return ac_memory_format(ret_folder, err, "%s" RETIRED "%ld", folder, number);
}
