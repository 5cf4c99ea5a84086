/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/run/run_parts.h"

#include "base/clock.h"
#include "crypto/digest.h"
#include "engine/accounts/account_file.h"
#include "engine/held/state.h"

#include <string.h>

/* ---- who asks */

static enum ac_code check_key(const struct ac_chain *chain, const struct ac_key *key,
                              struct ac_error *err)
{
    AC_AUTO(ac_text) theirs = { 0 };
    AC_AUTO(ac_text) ours = { 0 };

    AC_TRY(ac_chain_public_der(chain, &theirs, err));
    AC_TRY(ac_key_public_der(key, &ours, err));
    if (theirs.size == ours.size && memcmp(theirs.bytes, ours.bytes, ours.size) == 0)
        return AC_OK;
    return ac_fail(err, AC_E_USAGE, "this key is not that of the certificate");
}

/* A new account has nothing to revoke: none is made for it. */
static enum ac_code check_account(const struct ac_run *run, struct ac_error *err)
{
    const struct ac_authority_place *place = &run->settings.place;
    AC_AUTO_TEXT char *folder = NULL;

    AC_TRY(ac_account_file_folder(place->directory_url, place->account, &folder, err));
    if (ac_account_file_has(run->settings.store, folder, AC_ACCOUNT_DOCUMENT))
        return AC_OK;
    return ac_fail(err, AC_E_USAGE,
                   "no account with the CA %s is held; --key FILE revokes with the "
                   "certificate's own key, which needs none",
                   place->directory_url);
}

static enum ac_code prepare(struct ac_run *run, const struct ac_revocation *revocation,
                            struct ac_client **ret_client, struct ac_error *err)
{
    const struct ac_directory *directory;
    const struct ac_account *account;

    if (revocation->key) {
        AC_TRY(check_key(revocation->chain, *revocation->key, err));
    } else {
        AC_TRY(check_account(run, err));
    }
    AC_TRY(ac_run_directory(run, &directory, err));
    *ret_client = ac_authority_client(run->authority);
    if (!revocation->key)
        return ac_run_register(run, &account, err);
    ac_client_set_key(*ret_client, revocation->key);
    return AC_OK;
}

/* ---- at the CA */

static enum ac_code ask(struct ac_run *run, struct ac_client *client,
                        const struct ac_revocation *revocation, bool is_keyed,
                        bool *ret_was_before, struct ac_error *err)
{
    AC_AUTO(ac_text) der = { 0 };
    AC_AUTO(ac_post) *post = NULL;

    AC_TRY(ac_chain_leaf_der(revocation->chain, &der, err));
    const struct ac_revocation_request request = {
        .der = der.bytes,
        .der_size = der.size,
        .reason = revocation->reason,
        .is_keyed = is_keyed,
    };
    AC_TRY(ac_revocation_begin(client, &request, &post, err));
    while (!ac_post_is_done(post)) {
        AC_TRY(ac_run_check_time(run->settings.deadline_ms, err));
        AC_TRY(ac_run_turn(run, run->settings.deadline_ms, err));
    }
    return ac_revocation_finish(post, ret_was_before, err);
}

/* ---- in the store */

static enum ac_code fill(const struct ac_revocation *revocation, bool is_keyed,
                         struct ac_state_revoked *revoked, struct ac_error *err)
{
    AC_AUTO(ac_text) key = { 0 };
    char digits[AC_SHA256_HEX_SIZE];

    AC_TRY(ac_chain_public_der(revocation->chain, &key, err));
    AC_TRY(ac_memory_copy_text(ac_chain_fingerprint(revocation->chain),
                               &revoked->fingerprint, err));
    AC_TRY(ac_memory_copy_text(ac_sha256_hex(key.bytes, key.size, digits),
                               &revoked->key_fingerprint, err));
    AC_TRY(ac_memory_copy_text(ac_revocation_reason_name(revocation->reason),
                               &revoked->reason, err));
    if (revocation->then)
        AC_TRY(ac_memory_copy_text(revocation->then, &revoked->then, err));
    revoked->revoked_at = ac_clock_utc();
    /* A.10: who revokes with the certificate's key says that it is known to others;
     * Boulder never takes it again. */
    revoked->is_key_compromised =
        is_keyed || revocation->reason == AC_REVOCATION_KEY_COMPROMISE;
    return AC_OK;
}

static enum ac_code note(struct ac_run *run, const struct ac_revocation *revocation,
                         bool is_keyed, struct ac_error *err)
{
    struct ac_store *store = run->settings.store;
    AC_AUTO(ac_state) state = { 0 };
    AC_AUTO(ac_state_revoked) revoked = { 0 };
    struct ac_error ignored = { 0 };

    enum ac_code code = ac_state_load(store, revocation->name, &state, &ignored);
    if (code == AC_E_NOMEM)
        return ac_fail(err, code, "%s", ignored.detail);
    AC_TRY(fill(revocation, is_keyed, &revoked, err));
    if (revocation->is_current)
        revoked.version = state.origin.version;
    AC_TRY(ac_state_add_revoked(&state, &revoked, err));
    return ac_state_save(&state, store, revocation->name, err);
}

enum ac_code ac_run_revoke(struct ac_run *run, const struct ac_revocation *revocation,
                           bool *ret_was_before, struct ac_error *err)
{
    bool is_keyed = revocation->key != NULL;
    AC_AUTO(ac_lock) *lock = NULL;
    struct ac_client *client;
    struct ac_error why = { 0 };

    if (revocation->name) {
        AC_TRY(ac_store_lock(run->settings.store, AC_STORE_CERTIFICATES,
                             revocation->name, &lock, err));
    }
    AC_TRY(prepare(run, revocation, &client, err));
    AC_TRY(ask(run, client, revocation, is_keyed, ret_was_before, err));
    if (!revocation->name)
        return AC_OK;
    enum ac_code code = note(run, revocation, is_keyed, &why);
    if (code == AC_OK)
        return AC_OK;
    return ac_fail(err, code,
                   "the certificate is revoked, but that could not be noted: %s; run "
                   "the same command again",
                   why.detail);
}
