/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/run/run_account.h"

#include "engine/accounts/account_file.h"
#include "engine/accounts/account_keys.h"
#include "engine/run/run_parts.h"

#include <stdlib.h>
#include <string.h>

/* An import under way. */
struct import {
    struct ac_run *run;
    char *folder;
    struct ac_lock *lock, *claim;
    struct ac_text public_der;
    bool was_held;
};

static void release(struct import *import)
{
    ac_lock_free(AC_TAKE(import->claim));
    ac_lock_free(AC_TAKE(import->lock));
}

static void import_drop(struct import *import)
{
    release(import);
    ac_text_done(&import->public_der);
    free(import->folder);
}

void ac_import_outcome_done(struct ac_import_outcome *outcome)
{
    ac_account_done(&outcome->account);
}

/* 11.1: a key has one purpose. */
static enum ac_code check_purpose(const struct import *import, struct ac_error *err)
{
    AC_AUTO_TEXT char *name = NULL;

    AC_TRY(ac_certificate_keys_contain(import->run->settings.store, &import->public_der,
                                       &name, err));
    if (!name)
        return AC_OK;
    return ac_fail(err, AC_E_USAGE,
                   "this is the key of the certificate \"%s\": a key must not be both "
                   "a certificate's and an account's (RFC 8555 11.1)",
                   name);
}

/* Is it there already, or in the way of another one? */
static enum ac_code check_place(struct import *import, struct ac_error *err)
{
    struct ac_store *store = import->run->settings.store;
    const char *directory_url = import->run->settings.place.directory_url;
    AC_AUTO(ac_key) *held = NULL;
    AC_AUTO(ac_text) der = { 0 };

    enum ac_code code =
        ac_account_file_load_key(store, import->folder, AC_ACCOUNT_KEY, &held, err);
    if (code == AC_E_NOTFOUND)
        return AC_OK;
    AC_TRY(code);
    AC_TRY(ac_key_public_der(held, &der, err));
    import->was_held = der.size == import->public_der.size
                       && memcmp(der.bytes, import->public_der.bytes, der.size) == 0;
    if (import->was_held)
        return AC_OK;
    return ac_fail(err, AC_E_USAGE,
                   "there is an account for %s already, with another key; --account "
                   "NAME puts this one beside it",
                   directory_url);
}

static enum ac_code begin(struct import *import, const struct ac_key *key,
                          struct ac_error *err)
{
    const struct ac_authority_place *place = &import->run->settings.place;
    struct ac_store *store = import->run->settings.store;

    AC_TRY(ac_account_file_folder(place->directory_url, place->account, &import->folder,
                                  err));
    AC_TRY(ac_key_public_der(key, &import->public_der, err));
    AC_TRY(check_purpose(import, err));
    AC_TRY(ac_store_lock(store, AC_STORE_ACCOUNTS, import->folder, &import->lock, err));
    AC_TRY(
        ac_store_claim(store, AC_STORE_ACCOUNTS, import->folder, &import->claim, err));
    return check_place(import, err);
}

/* "https://host:port": a signed request goes to no other server than the CA's. */
static bool is_of_server(const char *url, const char *directory_url)
{
    const char *host = strstr(directory_url, "://");
    size_t size = host ? (size_t)(host + 3 - directory_url) : 0;

    size += host ? strcspn(host + 3, "/?#") : 0;
    return size > 0 && strncmp(url, directory_url, size) == 0 && url[size] == '/';
}

/* The account as a file beside the key says it, for a CA that finds none by key. */
static enum ac_code read_by_url(struct import *import, const char *url,
                                struct ac_account *ret_account, struct ac_error *err)
{
    struct ac_client *client = ac_authority_client(import->run->authority);
    AC_AUTO(ac_post) *post = NULL;

    AC_TRY(ac_client_set_kid(client, url, err));
    AC_TRY(ac_account_read(client, &post, err));
    AC_TRY(ac_run_finish_post(import->run, post, err));
    return ac_account_finish(client, post, ret_account, err);
}

/* AC_E_NOTFOUND: the CA says that it has none. */
static enum ac_code find_account(struct import *import, const char *url,
                                 struct ac_account *ret_account, struct ac_error *err)
{
    const struct ac_account_request request = { .only_existing = true };
    struct ac_client *client = ac_authority_client(import->run->authority);
    const char *directory_url = import->run->settings.place.directory_url;
    AC_AUTO(ac_post) *post = NULL;
    struct ac_error ignored = { 0 };

    AC_TRY(ac_account_begin(client, &request, &post, err));
    AC_TRY(ac_run_finish_post(import->run, post, err));
    enum ac_code code = ac_account_finish(client, post, ret_account, err);
    if (code != AC_E_PROBLEM)
        return code;
    if (url && is_of_server(url, directory_url)
        && read_by_url(import, url, ret_account, &ignored) == AC_OK)
        return AC_OK;
    if (!ac_problem_is(ac_post_problem(post), "accountDoesNotExist"))
        return code;
    return ac_fail(err, AC_E_NOTFOUND,
                   "the CA knows no account of this key%s%s (it may be another CA's, "
                   "or one of the retired v1 API): --agree-tos registers a new "
                   "account with it",
                   url ? ", which its own files call " : "", url ? url : "");
}

static enum ac_code keep(struct import *import, const struct ac_account *account,
                         struct ac_error *err)
{
    const struct ac_authority_place *place = &import->run->settings.place;
    struct ac_store *store = import->run->settings.store;
    struct ac_account_record record = {
        .directory_url = place->directory_url,
        .name = place->account,
        .account = account,
        .key = ac_client_key(ac_authority_client(import->run->authority)),
    };

    if (!import->was_held) {
        AC_TRY(ac_account_file_create_key(store, import->folder, AC_ACCOUNT_KEY,
                                          record.key, err));
    }
    return ac_account_file_record(store, import->folder, &record, err);
}

/* A new account: the key is put where registering looks for one that has none yet. */
static enum ac_code enrol(struct import *import, struct ac_account *ret_account,
                          struct ac_error *err)
{
    struct ac_run *run = import->run;
    const struct ac_key *key = ac_client_key(ac_authority_client(run->authority));
    const struct ac_account *made = NULL;

    if (!import->was_held) {
        AC_TRY(ac_account_file_create_key(run->settings.store, import->folder,
                                          AC_ACCOUNT_KEY, key, err));
    }
    release(import);
    enum ac_code code = ac_run_register(run, &made, err);
    if (code == AC_E_USAGE && !import->was_held) { /* nobody agreed after all */
        struct ac_error why = *err;
        AC_TRY(ac_store_remove(run->settings.store, AC_STORE_ACCOUNTS, import->folder,
                               AC_ACCOUNT_KEY, err));
        *err = why;
    }
    AC_TRY(code);
    if (!made) /* another run was quicker, with the same key */
        return ac_run_read_account(run, ret_account, err);
    AC_TRY(ac_memory_copy_text(made->url, &ret_account->url, err));
    AC_TRY(ac_memory_copy_text(made->status, &ret_account->status, err));
    ret_account->is_new = made->is_new;
    return ac_words_copy(&made->contacts, &ret_account->contacts, err);
}

static bool is_document_there(const struct import *import)
{
    return ac_account_file_has(import->run->settings.store, import->folder,
                               AC_ACCOUNT_DOCUMENT);
}

/* The CA's account of the key, in the store; a new one where that is agreed to. */
static enum ac_code take_account(struct import *import,
                                 struct ac_imported_key *imported,
                                 struct ac_account *ret_account, struct ac_error *err)
{
    const struct ac_registration_settings *consent =
        &import->run->settings.registration;
    const struct ac_directory *ignored;

    AC_TRY(ac_run_directory(import->run, &ignored, err));
    ac_client_set_key(ac_authority_client(import->run->authority), &imported->key);
    enum ac_code code = find_account(import, imported->url, ret_account, err);
    if (code == AC_OK)
        return keep(import, ret_account, err);
    if (code == AC_E_NOTFOUND && (consent->agrees_to_terms || consent->ask_terms))
        return enrol(import, ret_account, err);
    return code;
}

enum ac_code ac_run_import_account(struct ac_run *run, struct ac_imported_key *imported,
                                   struct ac_import_outcome *ret_outcome,
                                   struct ac_error *err)
{
    __attribute__((cleanup(import_drop))) struct import import = { .run = run };
    AC_AUTO(ac_import_outcome) outcome = { 0 };

    AC_TRY(begin(&import, imported->key, err));
    outcome.was_held = import.was_held && is_document_there(&import);
    if (!outcome.was_held)
        AC_TRY(take_account(&import, imported, &outcome.account, err));
    *ret_outcome = outcome;
    outcome = (struct ac_import_outcome){ 0 };
    return AC_OK;
}
