/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/held/revocable.h"

#include "base/clock.h"
#include "base/file.h"
#include "crypto/pem.h"
#include "engine/accounts/account_keys.h"
#include "engine/held/held.h"
#include "engine/held/version_files.h"
#include "engine/wanted/wanted_keys.h"

#include <stdlib.h>
#include <string.h>

#define DER_SEQUENCE                                                                   \
    0x30 /* a certificate in DER begins with it, one in PEM does not                   \
          */

void ac_revocable_done(struct ac_revocable *revocable)
{
    for (size_t i = 0; i < revocable->count; i++)
        ac_chain_free(revocable->chains[i]);
    free(revocable->name);
    ac_wanted_done(&revocable->wanted);
    free(revocable->issuer_url);
    *revocable = (struct ac_revocable){ 0 };
}

/* ---- one that is held */

/* Its name, its wish and its CA; a wish that is damaged is none. */
static enum ac_code recall(const struct ac_store *store, const struct ac_held *held,
                           struct ac_revocable *revocable, struct ac_error *err)
{
    const struct ac_state_origin *origin = &held->state.origin;
    struct ac_error why = { 0 };
    const char *url = NULL;

    enum ac_code code = ac_wanted_load(store, held->name, &revocable->wanted, &why);
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    if (code == AC_OK)
        url = revocable->wanted.directory_url;
    if (ac_state_is_of(&held->state, held->serial) && origin->directory_url)
        url = origin->directory_url;
    return url ? ac_memory_copy_text(url, &revocable->issuer_url, err) : AC_OK;
}

/* All of a set; without a wish there is one. */
static enum ac_code load_chains(const struct ac_store *store,
                                struct ac_revocable *revocable, struct ac_error *err)
{
    const struct ac_wanted *wanted = &revocable->wanted;
    size_t count = wanted->name ? ac_wanted_key_count(wanted) : 1;

    for (size_t i = 0; i < count; i++) {
        AC_AUTO(ac_text) pem = { 0 };
        char file[AC_VERSION_FILE_SIZE];

        ac_version_file_name(wanted, i, "fullchain", "pem", file);
        AC_TRY(ac_version_load(store, revocable->name, file, &pem, err));
        AC_TRY(ac_chain_parse(ac_text_get(&pem), pem.size, &revocable->chains[i], err));
        revocable->count++;
    }
    return AC_OK;
}

enum ac_code ac_revocable_find(const struct ac_store *store, const char *name,
                               struct ac_revocable *ret_revocable, struct ac_error *err)
{
    AC_AUTO(ac_revocable) revocable = { .is_current = true };
    AC_AUTO(ac_held) held = { 0 };

    AC_TRY(ac_store_check_name(name, err));
    AC_TRY(ac_held_load(store, name, &held, err));
    AC_TRY(ac_memory_copy_text(name, &revocable.name, err));
    AC_TRY(recall(store, &held, &revocable, err));
    AC_TRY(load_chains(store, &revocable, err));
    *ret_revocable = revocable;
    revocable = (struct ac_revocable){ 0 };
    return AC_OK;
}

/* ---- one from a file */

static enum ac_code parse(const struct ac_text *bytes, struct ac_chain **ret_chain,
                          struct ac_error *err)
{
    AC_AUTO(ac_text) pem = { .limit = 2 * AC_CHAIN_BYTES_MAX };

    if (bytes->size == 0 || bytes->bytes[0] != DER_SEQUENCE)
        return ac_chain_parse(ac_text_get(bytes), bytes->size, ret_chain, err);
    AC_TRY(ac_pem_add(&pem, bytes->bytes, bytes->size, err));
    return ac_chain_parse(ac_text_get(&pem), pem.size, ret_chain, err);
}

static enum ac_code read_file(const char *path, struct ac_chain **ret_chain,
                              struct ac_error *err)
{
    AC_AUTO(ac_text) bytes = { 0 };
    struct ac_error why = { 0 };

    enum ac_code code = ac_file_read(path, AC_CHAIN_BYTES_MAX, &bytes, &why);
    if (code == AC_OK)
        code = parse(&bytes, ret_chain, &why);
    if (code == AC_OK || code == AC_E_NOMEM)
        return code == AC_OK ? AC_OK : ac_fail(err, code, "%s", why.detail);
    return ac_fail(err, AC_E_USAGE, "%s is no certificate: %s", path, why.detail);
}

/* By its key, which no other certificate has: it may be an old version. */
static enum ac_code find_name(const struct ac_store *store,
                              struct ac_revocable *revocable, struct ac_error *err)
{
    AC_AUTO(ac_text) key = { 0 };

    AC_TRY(ac_chain_public_der(revocable->chains[0], &key, err));
    return ac_certificate_keys_contain(store, &key, &revocable->name, err);
}

static bool has_chain(const struct ac_revocable *revocable, const char *fingerprint)
{
    for (size_t i = 0; i < revocable->count; i++) {
        if (strcmp(ac_chain_fingerprint(revocable->chains[i]), fingerprint) == 0)
            return true;
    }
    return false;
}

/* Where it is held, and whether it is what is in use there. */
static enum ac_code place(const struct ac_store *store, struct ac_revocable *revocable,
                          struct ac_error *err)
{
    AC_AUTO(ac_revocable) current = { 0 };
    struct ac_error why = { 0 };

    AC_TRY(find_name(store, revocable, err));
    if (!revocable->name)
        return AC_OK;
    enum ac_code code = ac_revocable_find(store, revocable->name, &current, &why);
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", why.detail);
    if (code != AC_OK)
        return AC_OK; /* an order in flight has its key, or it is damaged */
    revocable->is_current =
        has_chain(&current, ac_chain_fingerprint(revocable->chains[0]));
    revocable->issuer_url = AC_TAKE(current.issuer_url);
    revocable->wanted = current.wanted;
    current.wanted = (struct ac_wanted){ 0 };
    return AC_OK;
}

enum ac_code ac_revocable_read(const struct ac_store *store, const char *path,
                               struct ac_revocable *ret_revocable, struct ac_error *err)
{
    AC_AUTO(ac_revocable) revocable = { 0 };

    AC_TRY(read_file(path, &revocable.chains[0], err));
    revocable.count = 1;
    AC_TRY(place(store, &revocable, err));
    *ret_revocable = revocable;
    revocable = (struct ac_revocable){ 0 };
    return AC_OK;
}

/* *ret_has_key: has the certificate this public key? */
static enum ac_code has_key(const struct ac_chain *chain, const struct ac_text *ours,
                            bool *ret_has_key, struct ac_error *err)
{
    AC_AUTO(ac_text) theirs = { 0 };

    AC_TRY(ac_chain_public_der(chain, &theirs, err));
    *ret_has_key =
        theirs.size == ours->size && memcmp(theirs.bytes, ours->bytes, ours->size) == 0;
    return AC_OK;
}

enum ac_code ac_revocable_keep_key(struct ac_revocable *revocable,
                                   const struct ac_key *key, struct ac_error *err)
{
    AC_AUTO(ac_text) ours = { 0 };

    AC_TRY(ac_key_public_der(key, &ours, err));
    for (size_t i = revocable->count; i > 0; i--) {
        struct ac_chain **chain = &revocable->chains[i - 1];
        bool is_kept;

        AC_TRY(has_key(*chain, &ours, &is_kept, err));
        if (is_kept)
            continue;
        ac_chain_free(*chain);
        *chain = revocable->chains[--revocable->count];
    }
    if (revocable->count > 0)
        return AC_OK;
    return ac_fail(err, AC_E_USAGE, "this key is not that of the certificate");
}

static enum ac_code to_json(const struct ac_chain *chain, struct ac_json **ret_json,
                            struct ac_error *err)
{
    AC_AUTO(ac_identifiers) identifiers = { 0 };
    AC_AUTO(ac_json) *json = NULL;
    AC_AUTO(ac_words) names = { 0 };

    AC_TRY(ac_json_new(&json, err, "{}"));
    /* One of a file may have names of other kinds, which we do not show. */
    if (ac_chain_identifiers(chain, &identifiers, err) == AC_OK)
        AC_TRY(ac_identifiers_words(&identifiers, &names, err));
    AC_TRY(ac_json_set_words(json, "identifiers", &names, err));
    AC_TRY(ac_json_set_text(json, "serial", ac_chain_serial(chain), err));
    AC_TRY(ac_json_set_text(json, "issuer", ac_chain_issuer(chain), err));
    AC_TRY(ac_json_set_time(json, "not_after", ac_chain_not_after(chain), err));
    AC_TRY(ac_json_set_text(json, "sha256", ac_chain_fingerprint(chain), err));
    *ret_json = AC_TAKE(json);
    return AC_OK;
}

static enum ac_code add_further(struct ac_json *json,
                                const struct ac_revocable *revocable,
                                struct ac_error *err)
{
    AC_AUTO(ac_json) *list = NULL;

    AC_TRY(ac_json_new(&list, err, "[]"));
    for (size_t i = 1; i < revocable->count; i++) {
        AC_AUTO(ac_json) *one = NULL;

        AC_TRY(to_json(revocable->chains[i], &one, err));
        AC_TRY(ac_json_append(list, &one, err));
    }
    return ac_json_set(json, "further", &list, err);
}

enum ac_code ac_revocable_to_json(const struct ac_revocable *revocable,
                                  struct ac_json **ret_json, struct ac_error *err)
{
    AC_AUTO(ac_json) *json = NULL;

    AC_TRY(to_json(revocable->chains[0], &json, err));
    if (revocable->name)
        AC_TRY(ac_json_set_text(json, "name", revocable->name, err));
    if (revocable->count > 1)
        AC_TRY(add_further(json, revocable, err));
    *ret_json = AC_TAKE(json);
    return AC_OK;
}
