/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/held/held.h"

#include "base/clock.h"
#include "base/file.h"
#include "crypto/chain.h"
#include "engine/held/held_files.h"
#include "engine/held/held_parts.h"
#include "store/version.h"

#include <stdlib.h>
#include <string.h>

#define ISSUER_SIZE 512 /* of the issuer's name, made fit to show */
#define FULL        "fullchain.pem"
#define ORDER       "order.json"
#define ORDER_KEY   "order-key.pem"

/* Without an authority key identifier there is none. */
static enum ac_code read_renewal_id(const struct ac_chain *chain, char **ret_id,
                                    struct ac_error *err)
{
    struct ac_error why = { 0 };
    enum ac_code code = ac_chain_renewal_id(chain, ret_id, &why);

    return code == AC_E_NOMEM ? ac_fail(err, code, "%s", why.detail) : AC_OK;
}

static enum ac_code read_chain(struct ac_held *held, const struct ac_chain *chain,
                               struct ac_error *err)
{
    char issuer[ISSUER_SIZE];

    held->not_before = ac_chain_not_before(chain);
    held->not_after = ac_chain_not_after(chain);
    AC_TRY(ac_memory_copy_text(ac_chain_serial(chain), &held->serial, err));
    AC_TRY(
        ac_memory_copy_text(ac_text_clean(issuer, sizeof issuer, ac_chain_issuer(chain),
                                          strlen(ac_chain_issuer(chain))),
                            &held->issuer, err));
    AC_TRY(ac_memory_copy_text(ac_chain_key_type(chain), &held->key_type, err));
    AC_TRY(ac_memory_copy_text(ac_chain_fingerprint(chain), &held->fingerprint, err));
    AC_TRY(read_renewal_id(chain, &held->renewal_id, err));
    return ac_chain_identifiers(chain, &held->identifiers, err);
}

/* A link that is gone is not the same as a certificate that never was. */
static enum ac_code find_current(const struct ac_store *store, const char *name,
                                 unsigned *ret_number, struct ac_error *err)
{
    unsigned *numbers = NULL;
    size_t count = 0;
    unsigned last = 0;

    enum ac_code code = ac_version_current(store, name, ret_number, err);
    if (code != AC_E_NOTFOUND)
        return code;
    AC_TRY(ac_version_list(store, name, &numbers, &count, err));
    if (count > 0)
        last = numbers[count - 1];
    free(numbers);
    if (last == 0)
        return code;
    return ac_fail(err, AC_E_STORE,
                   "%s/" AC_STORE_CERTIFICATES "/%s/current is missing although there "
                   "are versions; link it to versions/%04u again, or issue the "
                   "certificate again",
                   ac_store_folder(store), name, last);
}

enum ac_code ac_held_load(const struct ac_store *store, const char *name,
                          struct ac_held *ret_held, struct ac_error *err)
{
    AC_AUTO(ac_held) held = { 0 };
    AC_AUTO(ac_text) pem = { 0 };
    AC_AUTO(ac_chain) *chain = NULL;
    struct ac_error why = { 0 };

    AC_TRY(find_current(store, name, &held.version, err));
    AC_TRY(ac_version_load(store, name, FULL, &pem, err));
    AC_TRY(ac_memory_copy_text(name, &held.name, err));
    AC_TRY(ac_store_path(store, AC_STORE_CERTIFICATES, name, "current", &held.folder,
                         err));
    AC_TRY(ac_file_list(held.folder, &held.files, err));
    enum ac_code code = ac_chain_parse(ac_text_get(&pem), pem.size, &chain, &why);
    if (code == AC_OK)
        code = read_chain(&held, chain, &why);
    if (code == AC_E_INVALID) {
        return ac_fail(
            err, AC_E_STORE,
            "%s/fullchain.pem is damaged: %s; issue the certificate again with "
            "--force",
            held.folder, why.detail);
    }
    if (code != AC_OK)
        return ac_fail(err, code, "%s", why.detail);
    AC_TRY(ac_held_read_others(store, &held, err));
    AC_TRY(ac_held_read_state(store, &held, err));
    *ret_held = held;
    held = (struct ac_held){ 0 };
    return AC_OK;
}

void ac_held_done(struct ac_held *held)
{
    free(held->name);
    ac_identifiers_done(&held->identifiers);
    free(held->serial);
    free(held->issuer);
    free(held->key_type);
    free(held->fingerprint);
    free(held->folder);
    free(held->renewal_id);
    ac_state_done(&held->state);
    ac_words_done(&held->files);
    *held = (struct ac_held){ 0 };
}

enum ac_code ac_held_to_json(const struct ac_held *held, struct ac_json **ret_json,
                             struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(ac_words) names = { 0 };

    AC_TRY(ac_json_new(&json, err, "{s:s}", "name", held->name));
    AC_TRY(ac_identifiers_words(&held->identifiers, &names, err));
    AC_TRY(ac_json_set_words(json, "identifiers", &names, err));
    AC_TRY(ac_json_set_number(json, "version", held->version, err));
    AC_TRY(ac_json_set_time(json, "not_before", held->not_before, err));
    AC_TRY(ac_json_set_time(json, "not_after", held->not_after, err));
    AC_TRY(ac_json_set_time(json, "renew_at", held->renew_at, err));
    AC_TRY(ac_json_set_text(json, "serial", held->serial, err));
    AC_TRY(ac_json_set_text(json, "issuer", held->issuer, err));
    AC_TRY(ac_json_set_text(json, "key_type", held->key_type, err));
    AC_TRY(ac_json_set_text(json, "sha256", held->fingerprint, err));
    AC_TRY(ac_held_add_known(json, held, err));
    AC_TRY(ac_held_files_to_json(held, json, err));
    *ret_json = AC_TAKE(json);
    return AC_OK;
}

static bool has_key(const struct ac_store *store, const char *name)
{
    AC_AUTO_TEXT char *path = NULL;
    struct ac_error ignored;

    return ac_store_path(store, AC_STORE_CERTIFICATES, name, ORDER_KEY, &path, &ignored)
               == AC_OK
           && ac_file_exists(path);
}

bool ac_held_has_journal(const struct ac_store *store, const char *name)
{
    AC_AUTO(ac_json) *document = NULL;
    struct ac_error ignored;

    /* A damaged one counts: the run that meets it says so. */
    return ac_store_load(store, AC_STORE_CERTIFICATES, name, ORDER, &document, &ignored)
               != AC_E_NOTFOUND
           || has_key(store, name);
}

bool ac_held_is_in_flight(const struct ac_store *store, const char *name, int64_t utc)
{
    int64_t expires = 0;

    return ac_held_has_order(store, name, &expires) && (expires == 0 || expires > utc);
}

bool ac_held_has_order(const struct ac_store *store, const char *name,
                       int64_t *ret_expires)
{
    AC_AUTO(ac_json) *document = NULL;
    struct ac_error ignored;

    if (ac_store_load(store, AC_STORE_CERTIFICATES, name, ORDER, &document, &ignored)
        != AC_OK)
        return false;
    const struct ac_json *order = ac_json_get(document, "order");
    *ret_expires = ac_json_number_or(order, "expires", 0);
    return order != NULL;
}

enum ac_code ac_held_find(const struct ac_store *store,
                          const struct ac_identifiers *identifiers, char **ret_name,
                          struct ac_error *err)
{
    AC_AUTO(ac_words) names = { 0 };

    AC_TRY(ac_store_list(store, AC_STORE_CERTIFICATES, &names, err));
    for (size_t i = 0; i < names.count; i++) {
        AC_AUTO(ac_wanted) wanted = { 0 };
        struct ac_error why = { 0 };
        enum ac_code code = ac_wanted_load(store, names.items[i], &wanted, &why);

        if (code == AC_E_NOMEM)
            return ac_fail(err, code, "%s", why.detail);
        /* A damaged one is told by whoever asks for it by name. */
        if (code == AC_OK
            && ac_identifiers_is_same_set(&wanted.identifiers, identifiers))
            return ac_memory_copy_text(names.items[i], ret_name, err);
    }
    return ac_fail(err, AC_E_NOTFOUND, "no certificate has these names");
}
